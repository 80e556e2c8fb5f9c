//! Use receipts about records that their sender was never given.

use cairn_node::domain::policy::Card;
use cairn_proto::pb::exchange::{Use, UseKind, UseReceipt, record::Body};
use cairn_tests::{
    caller::Caller,
    desk::profile,
    forge::policy,
    liar::Liar,
    place::TestPlace,
    story::{Story, peer},
    wait::until,
};

/// The liar says what it did with records of `author`, and the victim has heard it.
async fn say(liar: &Liar, victim: &TestPlace, author: String, uses: &[(u64, UseKind)]) {
    let uses = uses.iter().map(|&(index, kind)| Use { index, kind: kind.into() }).collect();
    let size = liar.write(|log| {
        log.add_changed("", |record| {
            record.body = Some(Body::UseReceipt(UseReceipt { author, uses }));
            record.policy = Some(policy(Card::NamedPeers, &[victim.id]));
        }) + 1
    });
    liar.announce();
    until("it was heard", async || {
        let sync = victim.sync(&liar.id_text()).await;
        (sync.settled_to == size && sync.last_error.is_empty()).then_some(())
    })
    .await;
}

/// What the victim's ledger says of the liar: which record, through whom, and how much was done with it.
async fn ledger(victim: &TestPlace, liar: &Liar) -> Vec<(String, String, usize)> {
    let entries = victim.ledger("").await.into_iter().filter(|entry| entry.node_id == liar.id_text());
    entries.map(|entry| (entry.record_id, entry.via, entry.uses.len())).collect()
}

/// ```text
///   Plymouth Alliance --- South Tyneside Alliance --- a neighbour that says what it likes
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn uses_of_what_was_never_given_count_for_nothing() {
    let story = Story::begin();
    let honest = story.place("Plymouth Alliance").await;
    let victim = story.place("South Tyneside Alliance").await;
    let liar = Liar::spawn().await;
    liar.become_peer_of(&victim).await;
    let first = victim.publish(profile(Card::Network)).await;
    let mut caller = Caller::with_key(victim.address, &liar.persona.signing).await;
    assert_eq!(caller.pull_all().await.expect("a peer").openings.len(), 1);
    let second = victim.publish(profile(Card::Network)).await;
    let given = |uses| (first.clone(), String::new(), uses);

    let never = [(1, UseKind::Held), (2, UseKind::Cited), (u64::MAX, UseKind::StartingPoint)];
    say(&liar, &victim, victim.id_text(), &never).await;
    say(&liar, &victim, liar.id_text(), &[(0, UseKind::Held)]).await;
    assert_eq!(ledger(&victim, &liar).await, [given(0)]);

    // What it was given counts, also beside what it was not.
    let both = [(0, UseKind::Held), (1, UseKind::Held), (0, UseKind::Cited)];
    say(&liar, &victim, victim.id_text(), &both).await;
    say(&liar, &victim, victim.id_text(), &both).await;
    assert_eq!(ledger(&victim, &liar).await, [given(2)]);

    // Once another passes its log on, it may have been given more by that one; but not what does not exist.
    peer(&honest, &victim).await;
    let mut tx = victim.app().store.write().await.expect("a writable database");
    let log = tx.log_for_update(&liar.id()).await.expect("its log");
    tx.save_carrier(log.id, &honest.id, "EDUFI").await.expect("a carrier");
    tx.commit().await.expect("a commit");
    say(&liar, &victim, victim.id_text(), &never).await;
    let passed_on = (second, honest.name.clone(), 1);
    assert_eq!(ledger(&victim, &liar).await, [passed_on, given(2)]);
}
