//! What ended at home while a backup lay in its place ends again when the node is restored from it.

use cairn_node::backup::Key;
use cairn_tests::wait::until;
use jiff::SignedDuration;

use super::table::{a_place, found, save};

/// A word that stands nowhere else.
const WORD: &str = "xylophonic";

#[tokio::test(flavor = "multi_thread")]
async fn words_whose_consent_ran_out_meanwhile_are_erased_when_the_restored_node_starts() {
    let (story, mut place) = a_place().await;
    let consent = "id: teller-1\nwhose: a resident\ncovers: one story\naudience: named peers\n\
                   purposes: [peer learning]\ngiven_on: 2026-11\nuntil: 2026-11-30\n";
    save(&place, "consent", consent).await;
    let text = format!(
        "id: a-story\nkind: story\nconsent: [teller-1]\ntold_by: a resident\ntext: The {WORD} door.\n"
    );
    save(&place, "observation", &text).await;
    save(&place, "session", "title: Something else that stays\n").await;
    let (shelf, key) = (tempfile::tempdir().expect("a directory"), Key::generate());
    let made = place.back_up(shelf.path(), &key).await;
    place.stop().await;
    story.pass(SignedDuration::from_hours(24 * 9));
    place.restore_from(&made.file, &key).await;
    assert!(place.database_contains(WORD.as_bytes()), "the backup brought it back");
    place.start().await;
    until("the words are gone", async || found(&place, WORD, &[]).await.is_empty().then_some(())).await;
    place.forgets(WORD.as_bytes()).await;
    assert_eq!(found(&place, "stays", &[]).await.len(), 1, "all else is there, and found by its words");
}
