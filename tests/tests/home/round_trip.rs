//! Whatever a cycle holds: exported and read in at another node, it is the same cycle, and exported from there it is
//! the same file.

use cairn_proto::pb::admin::{CycleFormat, ExportCycleRequest, ImportCycleRequest, SaveDocumentRequest};
use cairn_tests::desk::Desk;
use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use serde_json::{Value, json};

use super::table::a_place;

/// Cycles that are made up and moved.
const CYCLES: u32 = 24;

/// A document of a made-up cycle: its kind, its words, what it refers to among those before, and whether it is private.
#[derive(Clone, Debug)]
struct Made {
    kind: usize,
    words: String,
    refers_to: Vec<prop::sample::Index>,
    sensitive: bool,
}

fn made() -> impl Strategy<Value = Vec<Made>> {
    let words = "[a-zäöA-Z0-9:#\"'\\[\\]{}|>*&!%@` \\n-]{0,60}[a-z]";
    let one = (0..7_usize, words, prop::collection::vec(any::<prop::sample::Index>(), 0..4), any::<bool>());
    let one = one.prop_map(|(kind, words, refers_to, sensitive)| Made { kind, words, refers_to, sensitive });
    prop::collection::vec(one, 1..14)
}

const KINDS: [&str; 7] = ["entry", "observation", "exhibit", "session", "reflection", "change", "experiment"];

/// The document as JSON, after those before it.
fn document(made: &Made, n: usize, cycle: &str, before: &[(String, String)]) -> (String, Value) {
    let kind = KINDS[made.kind];
    let line = made.words.split_whitespace().collect::<Vec<_>>().join(" ");
    let picked: Vec<_> = match before {
        [] => Vec::new(),
        before => made.refers_to.iter().map(|index| index.get(before)).collect(),
    };
    let any: Vec<_> = picked.iter().map(|(kind, id)| format!("{kind}/{id}")).collect();
    let of = |kind: &str| picked.iter().filter(|(k, _)| k == kind).map(|(_, id)| id).collect::<Vec<_>>();
    let mut value = match kind {
        "entry" => json!({ "text": made.words, "about": any }),
        "observation" => json!({ "kind": "note", "text": made.words, "experiments": of("experiment") }),
        "exhibit" => json!({ "title": line, "shows": made.words, "from": any }),
        "session" => json!({
            "title": line, "observations": of("observation"), "exhibits": of("exhibit"),
            "readings": [{ "by": line, "reading": made.words }, { "by": "others", "reading": "Otherwise." }],
        }),
        "reflection" => json!({ "title": line, "what_we_learnt": made.words, "from": any }),
        "change" => json!({ "title": line, "kind": "altered", "what": made.words, "from": any }),
        _ => json!({
            "title": line, "kind": "experiment", "state": "ended early", "scale": "place", "tried": made.words,
            "from": any, "headwinds": [{ "what": made.words, "scale": "country" }],
        }),
    };
    value["id"] = json!(format!("{cycle}-{n}"));
    value["cycle"] = json!(cycle);
    if made.sensitive {
        value["sensitive"] = json!("yes");
    }
    (kind.to_owned(), value)
}

async fn save(desk: &Desk, kind: &str, value: &Value) {
    let content = value.to_string().into_bytes();
    let request = SaveDocumentRequest { kind: kind.to_owned(), content, ..Default::default() };
    desk.learning().save_document(request).await.unwrap_or_else(|e| panic!("{}\n{value:#}", e.message()));
}

async fn export(desk: &Desk, id: &str, format: CycleFormat, private: bool) -> Vec<u8> {
    let request = ExportCycleRequest { id: id.to_owned(), format: format.into(), private };
    desk.learning().export_cycle(request).await.expect("a file").into_inner().content
}

async fn import(desk: &Desk, content: Vec<u8>) -> (usize, usize) {
    let request = ImportCycleRequest { content, file_name: "cycle".to_owned(), replace: false };
    let taken = desk.learning().import_cycle(request).await.unwrap_or_else(|e| panic!("{}", e.message()));
    let taken = taken.into_inner();
    (taken.added.len(), taken.changed.len())
}

#[tokio::test(flavor = "multi_thread")]
async fn any_cycle_is_the_same_at_another_node() {
    let (story, here) = a_place().await;
    let there = story.place("Another place").await;
    let elsewhere = story.place("A third place").await;
    let mut runner = TestRunner::deterministic();
    for n in 0..CYCLES {
        let made = made().new_tree(&mut runner).expect("a cycle").current();
        let cycle = format!("c{n}");
        save(&here, "cycle", &json!({ "id": cycle, "title": cycle, "scale": "place" })).await;
        let mut before = Vec::new();
        for (one, n) in made.iter().zip(0..) {
            let (kind, value) = document(one, n, &cycle, &before);
            save(&here, &kind, &value).await;
            before.push((kind, format!("{cycle}-{n}")));
        }
        for private in [true, false] {
            let place = if private { &there } else { &elsewhere };
            let json = export(&here, &cycle, CycleFormat::Json, private).await;
            let (added, _) = import(place, json.clone()).await;
            let expected = 1 + made.iter().filter(|one| private || !one.sensitive).count();
            assert_eq!(added, expected, "{made:#?}");
            assert_eq!(export(place, &cycle, CycleFormat::Json, private).await, json);
            let markdown = export(&here, &cycle, CycleFormat::Markdown, private).await;
            assert_eq!(
                import(place, markdown.clone()).await,
                (0, 0),
                "{}",
                String::from_utf8_lossy(&markdown)
            );
        }
    }
}
