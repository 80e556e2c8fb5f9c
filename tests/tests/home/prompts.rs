//! Prompts come as packs of data, are worded anew where a place likes, and stay so when a newer pack comes.

use cairn_proto::pb::admin::{LoadPromptsRequest, LoadPromptsResponse};
use cairn_tests::desk::Desk;
use tonic::Status;

use super::table::{a_place, change, found, show};

const PACK: &str = include_str!("../../../node/prompts/human-learning-systems.yaml");

async fn load(desk: &Desk, pack: &str) -> Result<LoadPromptsResponse, Status> {
    let request = LoadPromptsRequest { content: pack.as_bytes().to_vec(), file_name: "pack.yaml".to_owned() };
    Ok(desk.learning().load_prompts(request).await?.into_inner())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pack_of_the_report_is_read_in_with_its_attribution() {
    let (_story, place) = a_place().await;
    let loaded = load(&place, PACK).await.expect("the pack");
    assert_eq!(loaded.added, 169);
    assert!(loaded.attribution.contains("CC BY-NC 4.0"), "{}", loaded.attribution);
    let asked = found(&place, "", &["scale=place", "stage=purpose"]).await;
    assert_eq!(asked, ["prompt/q.p.pu.1"]);
    let again = load(&place, PACK).await.expect("the same");
    assert_eq!((again.added, again.changed, again.kept.len()), (0, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_place_worded_itself_stays() {
    let (_story, place) = a_place().await;
    load(&place, PACK).await.expect("the pack");
    let ours = "text: What do people here want their lives to be like?\n";
    change(&place, "prompt", "q.p.pu.1", ours).await.expect("our words");
    change(&place, "prompt", "q.p.un.1", "offered: no\n").await.expect("not offered");
    let newer = PACK.replace("?\n", " now?\n");
    let loaded = load(&place, &newer).await.expect("a newer pack");
    assert_eq!(loaded.kept, ["q.p.pu.1", "q.p.un.1"]);
    assert_eq!(loaded.changed, 167);
    let here = show(&place, "prompt", "q.p.pu.1").await.json;
    assert!(here.contains("What do people here want") && here.contains("as_in_pack"), "{here}");
    assert!(here.contains(" now?"), "the pack's newer words are kept beside ours: {here}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_pack_is_refused_with_the_line() {
    let (_story, place) = a_place().await;
    let broken = PACK.replacen("certainty: clear", "certainty: sure", 1);
    let refused = load(&place, &broken).await.expect_err("no such word");
    assert!(refused.message().contains("In pack.yaml: line "), "{}", refused.message());
    assert!(refused.message().contains("prompts[0].certainty"), "{}", refused.message());
    assert!(found(&place, "", &["stage=purpose"]).await.is_empty(), "all or nothing");
}
