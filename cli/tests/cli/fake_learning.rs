//! The learning service of the node that the test plays.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use cairn_proto::pb::admin::{
    Block, DeclareExperimentRequest, DeclareExperimentResponse, DiscardDraftRequest, DiscardDraftResponse,
    DocumentEntry, Draft, EraseDocumentRequest, EraseDocumentResponse, ExportCycleRequest,
    ExportCycleResponse, ExportMapRequest, ExportMapResponse, ExportTableRequest, ExportTableResponse,
    GetDocumentRequest, GetDocumentResponse, GetDraftRequest, GetDraftResponse, GetHistoryRequest,
    GetHistoryResponse, GetTemplateRequest, GetTemplateResponse, ImportCycleRequest, ImportCycleResponse,
    ImportMapRequest, ImportMapResponse, KeepDraftRequest, KeepDraftResponse, ListDocumentsRequest,
    ListDocumentsResponse, ListDraftsRequest, ListDraftsResponse, LoadPromptsRequest, LoadPromptsResponse,
    RecordConsentEventRequest, RecordConsentEventResponse, SaveDocumentRequest, SaveDocumentResponse,
    TraceDocumentRequest, TraceDocumentResponse,
    learning_service_server::{LearningService, LearningServiceServer},
};
use tonic::{Request, Response, Status};

use crate::fake::{Asked, note, refusal};

/// The service, with the drafts that were kept.
pub(crate) struct Learning {
    asked: Asked,
    drafts: Mutex<BTreeMap<u64, Draft>>,
}

/// The service, remembering what it was asked.
pub(crate) fn service(asked: &Asked) -> LearningServiceServer<Learning> {
    LearningServiceServer::new(Learning { asked: Arc::clone(asked), drafts: Mutex::default() })
}

/// A document that the fake node knows.
fn entry(kind: &str, id: &str) -> DocumentEntry {
    DocumentEntry {
        kind: kind.to_owned(),
        id: id.to_owned(),
        title: "\u{1b}]0;owned\u{7}A title\u{202e}\u{9b}31m".to_owned(),
        version: 3,
        scale: "place".to_owned(),
        ..DocumentEntry::default()
    }
}

/// What it keeps of a document.
pub(crate) const FILE: &str = "---\ncairn: entry/1\nbased_on: \"2\"\nid: x\n---\n\n## Text\n\nOld.\n";

/// What it offers for a new one.
pub(crate) const TEMPLATE: &str = "---\ncairn: entry/1\n---\n\n## Text\n\n";

/// The content of a request, as text.
pub(crate) fn content(asked: &str) -> String {
    let numbers = asked.split("content: [").nth(1).and_then(|rest| rest.split(']').next()).unwrap();
    String::from_utf8(numbers.split(", ").map(|number| number.parse().unwrap()).collect()).unwrap()
}

/// Writes the whole service.
macro_rules! service {
    ($($name:ident($request:ident) -> $response:ident |$this:ident, $asked:ident| $reply:expr;)+) => {
        #[tonic::async_trait]
        impl LearningService for Learning {
            $(async fn $name(&self, request: Request<$request>) -> Result<Response<$response>, Status> {
                note(&self.asked, &request);
                let ($this, $asked) = (self, request.into_inner());
                let reply: Result<$response, Status> = $reply;
                reply.map(Response::new)
            })+
        }
    };
}

service! {
    save_document(SaveDocumentRequest) -> SaveDocumentResponse |_this, asked| {
        let text = String::from_utf8(asked.content).unwrap();
        if text.contains("TAKE THIS NOT") {
            Err(Status::invalid_argument("Line 1: `text` is not taken."))
        } else if text.contains("SOMEBODY ELSE") {
            Err(Status::aborted("It was changed meanwhile."))
        } else {
            let id = if asked.change_id.is_empty() { "x" } else { &asked.change_id };
            let document = Some(entry(&asked.kind, id));
            Ok(SaveDocumentResponse { document, created: asked.only_new, ..Default::default() })
        }
    };
    get_document(GetDocumentRequest) -> GetDocumentResponse |_this, asked| match refusal(&asked.id) {
        Some(status) => Err(status),
        None => Ok(GetDocumentResponse {
            document: Some(entry(&asked.kind, &asked.id)),
            blocks: vec![Block { heading: "Text".to_owned(), text: "Old.".to_owned(), ..Block::default() }],
            file: FILE.to_owned(),
            ..Default::default()
        }),
    };
    list_documents(ListDocumentsRequest) -> ListDocumentsResponse |_this, asked| Ok(match asked.kind.as_str() {
        "session" => ListDocumentsResponse::default(),
        kind => ListDocumentsResponse { documents: vec![entry(kind, "x")], ..Default::default() },
    });
    get_history(GetHistoryRequest) -> GetHistoryResponse |_this, _asked| Ok(GetHistoryResponse::default());
    get_template(GetTemplateRequest) -> GetTemplateResponse |_this, asked| {
        Ok(GetTemplateResponse { file: format!("{TEMPLATE}{}", asked.known) })
    };
    trace_document(TraceDocumentRequest) -> TraceDocumentResponse |_this, asked| {
        Ok(TraceDocumentResponse { document: Some(entry(&asked.kind, &asked.id)), ..Default::default() })
    };
    declare_experiment(DeclareExperimentRequest) -> DeclareExperimentResponse |_this, _asked| {
        Ok(DeclareExperimentResponse::default())
    };
    record_consent_event(RecordConsentEventRequest) -> RecordConsentEventResponse |_this, asked| {
        Ok(RecordConsentEventResponse { done: !asked.dry_run, ..Default::default() })
    };
    erase_document(EraseDocumentRequest) -> EraseDocumentResponse |_this, asked| {
        let document = Some(entry(&asked.kind, &asked.id));
        Ok(EraseDocumentResponse { document, versions: 2, done: !asked.dry_run })
    };
    keep_draft(KeepDraftRequest) -> KeepDraftResponse |this, asked| {
        let mut draft = asked.draft.unwrap();
        if draft.text.contains("KEEP THIS NOT") {
            Err(Status::internal("Something broke."))
        } else {
            let mut drafts = this.drafts.lock().unwrap();
            draft.id = if draft.id > 0 { draft.id } else { 7 + u64::try_from(drafts.len()).unwrap() };
            drafts.insert(draft.id, draft.clone());
            Ok(KeepDraftResponse { draft: Some(draft) })
        }
    };
    list_drafts(ListDraftsRequest) -> ListDraftsResponse |this, _asked| {
        Ok(ListDraftsResponse { drafts: this.drafts.lock().unwrap().values().cloned().collect() })
    };
    get_draft(GetDraftRequest) -> GetDraftResponse |this, asked| {
        let draft = this.drafts.lock().unwrap().get(&asked.id).cloned();
        draft.map(|draft| GetDraftResponse { draft: Some(draft) }).ok_or_else(|| Status::not_found("No draft."))
    };
    discard_draft(DiscardDraftRequest) -> DiscardDraftResponse |this, asked| {
        this.drafts.lock().unwrap().remove(&asked.id);
        Ok(DiscardDraftResponse {})
    };
    load_prompts(LoadPromptsRequest) -> LoadPromptsResponse |_this, _asked| Ok(LoadPromptsResponse::default());
    export_cycle(ExportCycleRequest) -> ExportCycleResponse |_this, asked| {
        let file_name = format!("../{}.json", asked.id);
        Ok(ExportCycleResponse { content: b"{}\n".to_vec(), file_name, documents: 4, left_out: 1 })
    };
    import_cycle(ImportCycleRequest) -> ImportCycleResponse |_this, _asked| Ok(ImportCycleResponse::default());
    export_table(ExportTableRequest) -> ExportTableResponse |_this, _asked| {
        let content = b"\xff\x00a table".to_vec();
        Ok(ExportTableResponse { content, file_name: "table.xlsx".to_owned(), rows: 2, left_out: 0 })
    };
    export_map(ExportMapRequest) -> ExportMapResponse |_this, _asked| {
        Ok(ExportMapResponse { content: b"{}".to_vec(), file_name: "map.json".to_owned() })
    };
    import_map(ImportMapRequest) -> ImportMapResponse |_this, _asked| Ok(ImportMapResponse::default());
}
