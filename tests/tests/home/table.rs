//! What the stories say at the desk, in a word each.

use cairn_proto::pb::admin::{
    DocumentEntry, GetDocumentRequest, GetDocumentResponse, ListDocumentsRequest, SaveDocumentRequest,
    SaveDocumentResponse, Trait,
};
use cairn_tests::{desk::Desk, place::TestPlace, story::Story};
use tonic::{Request, Status, metadata::MetadataValue};

/// A place on a Monday at noon, 2026-11-23.
pub(crate) async fn a_place() -> (Story, TestPlace) {
    let story = Story::begin();
    let place = story.place("Plymouth Alliance").await;
    (story, place)
}

/// Takes in a document of a kind, as YAML.
pub(crate) async fn try_save(desk: &Desk, kind: &str, yaml: &str) -> Result<SaveDocumentResponse, Status> {
    let request = SaveDocumentRequest {
        kind: kind.to_owned(),
        content: yaml.as_bytes().to_vec(),
        file_name: format!("{kind}.yaml"),
        ..Default::default()
    };
    Ok(desk.learning().save_document(request).await?.into_inner())
}

/// As [`try_save`], which must do; gives the id.
pub(crate) async fn save(desk: &Desk, kind: &str, yaml: &str) -> String {
    let saved = try_save(desk, kind, yaml).await.expect("a good document");
    saved.document.expect("an entry").id
}

/// What saving is refused with.
pub(crate) async fn refusal(desk: &Desk, kind: &str, yaml: &str) -> Status {
    try_save(desk, kind, yaml).await.expect_err("a refusal")
}

/// Changes parts of a document.
pub(crate) async fn change(
    desk: &Desk,
    kind: &str,
    id: &str,
    parts: &str,
) -> Result<SaveDocumentResponse, Status> {
    let request = SaveDocumentRequest {
        kind: kind.to_owned(),
        content: parts.as_bytes().to_vec(),
        change_id: id.to_owned(),
        ..Default::default()
    };
    Ok(desk.learning().save_document(request).await?.into_inner())
}

/// One document.
pub(crate) async fn show(desk: &Desk, kind: &str, id: &str) -> GetDocumentResponse {
    try_show(desk, kind, id).await.expect("a document")
}

/// One document, if it is there.
pub(crate) async fn try_show(desk: &Desk, kind: &str, id: &str) -> Result<GetDocumentResponse, Status> {
    let request = GetDocumentRequest { kind: kind.to_owned(), id: id.to_owned(), version: 0 };
    Ok(desk.learning().get_document(request).await?.into_inner())
}

/// Documents with these words and traits ("theme=homelessness").
pub(crate) async fn find(desk: &Desk, words: &str, traits: &[&str]) -> Vec<DocumentEntry> {
    let of = |text: &&str| {
        let (name, value) = text.split_once('=').expect("a trait");
        Trait { name: name.to_owned(), value: value.to_owned() }
    };
    let request = ListDocumentsRequest {
        words: words.to_owned(),
        traits: traits.iter().map(of).collect(),
        ..Default::default()
    };
    desk.learning().list_documents(request).await.expect("a list").into_inner().documents
}

/// Their ids, as KIND/ID, in the order of the alphabet.
pub(crate) async fn found(desk: &Desk, words: &str, traits: &[&str]) -> Vec<String> {
    let mut ids: Vec<_> =
        find(desk, words, traits).await.iter().map(|entry| format!("{}/{}", entry.kind, entry.id)).collect();
    ids.sort();
    ids
}

/// A request by somebody who says what they are.
pub(crate) fn by<T>(role: &str, message: T) -> Request<T> {
    let mut request = Request::new(message);
    request.metadata_mut().insert_bin("cairn-role-bin", MetadataValue::from_bytes(role.as_bytes()));
    request
}
