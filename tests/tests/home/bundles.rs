//! A whole cycle as a file, and back: at another node it is the same cycle.

use cairn_proto::pb::admin::{CycleFormat, ExportCycleRequest, ImportCycleRequest, ImportCycleResponse};
use cairn_tests::desk::Desk;
use tonic::{Code, Status};

use super::table::{a_place, change, save, show};

const CYCLES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../node/cases/cycles");

async fn export(desk: &Desk, id: &str, format: CycleFormat) -> Vec<u8> {
    let request = ExportCycleRequest { id: id.to_owned(), format: format.into(), private: true };
    desk.learning().export_cycle(request).await.expect("a file").into_inner().content
}

async fn import(desk: &Desk, content: &[u8], replace: bool) -> Result<ImportCycleResponse, Status> {
    let request = ImportCycleRequest { content: content.to_vec(), file_name: "cycle".to_owned(), replace };
    Ok(desk.learning().import_cycle(request).await?.into_inner())
}

/// The cycles of the pack, by file name.
fn pack() -> Vec<(String, Vec<u8>)> {
    let entries = std::fs::read_dir(CYCLES).expect("the pack").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = entries
        .filter(|path| path.extension().is_some_and(|extension| extension == "yaml"))
        .map(|path| (path.display().to_string(), std::fs::read(path).expect("a file")))
        .collect();
    files.sort();
    files
}

#[tokio::test(flavor = "multi_thread")]
async fn every_cycle_of_the_pack_is_the_same_at_another_node() {
    let (story, here) = a_place().await;
    let there = story.place("Another place").await;
    let files = pack();
    assert!(files.len() >= 6, "the pack holds at least six cycles");
    for (name, content) in files {
        let taken = import(&here, &content, false)
            .await
            .unwrap_or_else(|error| panic!("{name}: {}", error.message()));
        let cycles = taken.added.iter().filter(|entry| entry.kind == "cycle");
        for cycle in cycles {
            let json = export(&here, &cycle.id, CycleFormat::Json).await;
            let markdown = export(&here, &cycle.id, CycleFormat::Markdown).await;
            import(&there, &json, false).await.unwrap_or_else(|error| panic!("{name}: {}", error.message()));
            assert_eq!(export(&there, &cycle.id, CycleFormat::Json).await, json, "{name}");
            let again = import(&there, &markdown, false).await.expect("the same as Markdown");
            assert_eq!((again.added.len(), again.changed.len()), (0, 0), "{name}: both say the same");
        }
        let again = import(&here, &content, false).await.expect("the same");
        assert_eq!((again.added.len(), again.changed.len()), (0, 0), "{name}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_differs_is_not_overwritten_by_the_way() {
    let (_story, place) = a_place().await;
    save(&place, "cycle", "id: c\ntitle: C\nscale: place\n").await;
    let file = export(&place, "c", CycleFormat::Json).await;
    change(&place, "cycle", "c", "title: Ours\n").await.expect("a change");
    save(&place, "session", "id: s\ntitle: S\n").await;
    let refused = import(&place, &file, false).await.expect_err("it differs");
    assert_eq!(refused.code(), Code::AlreadyExists);
    assert!(refused.message().contains("cycle/c"), "{}", refused.message());
    assert!(show(&place, "cycle", "c").await.json.contains("Ours"));
    let taken = import(&place, &file, true).await.expect("a new version");
    assert_eq!(taken.changed.len(), 1);
    assert_eq!(show(&place, "cycle", "c").await.document.expect("an entry").version, 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cycle_with_a_fault_is_not_read_in_half() {
    let (_story, place) = a_place().await;
    let yaml = "cairn: bundle/1\ndocuments:\n- cairn: cycle/1\n  id: c\n  title: C\n  scale: place\n\
                - cairn: entry/1\n  cycle: c\n  text: Fine.\n- cairn: entry/1\n  cycle: other\n  text: Lost.\n";
    let refused = import(&place, yaml.as_bytes(), false).await.expect_err("it points at nothing");
    assert!(refused.message().contains("line 11: `cycle` refers to"), "{}", refused.message());
    let request = cairn_proto::pb::admin::ListDocumentsRequest::default();
    let all = place.learning().list_documents(request).await.expect("a list").into_inner().documents;
    assert!(all.is_empty(), "{all:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn cycles_that_are_tied_come_along_by_name() {
    let (story, here) = a_place().await;
    save(
        &here,
        "cycle",
        "id: national\ntitle: National\nscale: country\nties: [{direction: below, elsewhere: All}]\n",
    )
    .await;
    save(&here, "cycle", "id: first\ntitle: First\nscale: place\n").await;
    let second = "id: second\ntitle: Second\nscale: place\nfollows: first\nties: [{direction: above, cycle: national}]\n";
    save(&here, "cycle", second).await;
    save(&here, "entry", "id: inner\ncycle: first\ntext: Belongs to the first.\n").await;
    let file = export(&here, "second", CycleFormat::Json).await;
    assert!(!String::from_utf8_lossy(&file).contains("Belongs to the first"));
    let there = story.place("There").await;
    import(&there, &file, false).await.expect("a cycle");
    assert_eq!(export(&there, "second", CycleFormat::Json).await, file);
    assert_eq!(show(&there, "cycle", "second").await.iteration, 2);
    let back = import(&here, &file, false).await.expect("at home again");
    assert_eq!((back.added.len(), back.changed.len()), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_text_that_ends_with_a_line_end() {
    let (_story, place) = a_place().await;
    save(&place, "cycle", "id: c\ntitle: C\nscale: place\n").await;
    for format in [CycleFormat::Json, CycleFormat::Markdown] {
        let file = export(&place, "c", format).await;
        assert_eq!(file.last(), Some(&b'\n'));
        assert!(std::str::from_utf8(&file).is_ok());
    }
}
