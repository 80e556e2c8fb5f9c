//! The learning service: one use case a method.

pub mod parse;
pub mod render;

use cairn_proto::pb::admin::{self as pb, learning_service_server::LearningService};
use tonic::{Request, Response};

use super::{
    auth::operator,
    status::{Reply, told},
};
use crate::app::{App, learning::consents::EventWish};

/// The service.
#[derive(Clone, Debug)]
pub struct Learning {
    app: App,
}

impl Learning {
    /// Serves `app` to the people of this place.
    #[must_use]
    pub const fn new(app: App) -> Self {
        Self { app }
    }
}

#[tonic::async_trait]
impl LearningService for Learning {
    async fn save_document(
        &self,
        request: Request<pb::SaveDocumentRequest>,
    ) -> Reply<pb::SaveDocumentResponse> {
        let who = operator(&request)?;
        let wish = told(parse::save(request.into_inner()))?;
        let saved = told(self.app.save_document(&who, wish).await)?;
        Ok(Response::new(pb::SaveDocumentResponse {
            document: Some(render::entry(&saved.entry)),
            created: saved.created,
            unchanged: saved.unchanged,
            remarks: saved.remarks,
            consents: saved.consents.iter().map(render::entry).collect(),
        }))
    }

    async fn get_document(&self, request: Request<pb::GetDocumentRequest>) -> Reply<pb::GetDocumentResponse> {
        let who = operator(&request)?;
        let pb::GetDocumentRequest { kind, id, version } = request.into_inner();
        let of = told(parse::reference(&kind, &id))?;
        Ok(Response::new(render::shown(told(self.app.document(&who, &of, version).await)?)))
    }

    async fn list_documents(
        &self,
        request: Request<pb::ListDocumentsRequest>,
    ) -> Reply<pb::ListDocumentsResponse> {
        let who = operator(&request)?;
        let search = told(parse::search(request.into_inner()))?;
        Ok(Response::new(render::found(told(self.app.find(&who, search).await)?)))
    }

    async fn get_history(&self, request: Request<pb::GetHistoryRequest>) -> Reply<pb::GetHistoryResponse> {
        let who = operator(&request)?;
        let pb::GetHistoryRequest { kind, id } = request.into_inner();
        let of = told(parse::reference(&kind, &id))?;
        let (versions, erasure) = told(self.app.history(&who, &of).await)?;
        Ok(Response::new(pb::GetHistoryResponse {
            versions: versions.iter().map(render::version).collect(),
            erasure: erasure.unwrap_or_default(),
        }))
    }

    async fn get_template(&self, request: Request<pb::GetTemplateRequest>) -> Reply<pb::GetTemplateResponse> {
        let who = operator(&request)?;
        let pb::GetTemplateRequest { kind, known } = request.into_inner();
        let kind = told(parse::kind(&kind))?;
        Ok(Response::new(pb::GetTemplateResponse { file: told(self.app.template(&who, kind, &known))? }))
    }

    async fn trace_document(
        &self,
        request: Request<pb::TraceDocumentRequest>,
    ) -> Reply<pb::TraceDocumentResponse> {
        let who = operator(&request)?;
        let pb::TraceDocumentRequest { kind, id } = request.into_inner();
        let of = told(parse::reference(&kind, &id))?;
        let trace = told(self.app.trace(&who, &of).await)?;
        Ok(Response::new(pb::TraceDocumentResponse {
            document: Some(render::entry(&trace.entry)),
            came_from: trace.came_from.iter().map(render::step).collect(),
            led_to: trace.led_to.iter().map(render::step).collect(),
        }))
    }

    async fn declare_experiment(
        &self,
        request: Request<pb::DeclareExperimentRequest>,
    ) -> Reply<pb::DeclareExperimentResponse> {
        let who = operator(&request)?;
        let of = told(parse::reference("experiment", &request.into_inner().id))?;
        let declared = told(self.app.declare(&who, &of.id).await)?;
        Ok(Response::new(pb::DeclareExperimentResponse {
            document: Some(render::entry(&declared.entry)),
            words: declared.words,
            envelope: declared.envelope,
            remarks: declared.remarks,
        }))
    }

    async fn record_consent_event(
        &self,
        request: Request<pb::RecordConsentEventRequest>,
    ) -> Reply<pb::RecordConsentEventResponse> {
        let who = operator(&request)?;
        let pb::RecordConsentEventRequest { id, event, on, how, recorded_by, until, note, dry_run } =
            request.into_inner();
        let of = told(parse::reference("consent", &id))?;
        let wish = EventWish { event, on, how, recorded_by, until, note };
        let recorded = told(self.app.consent_event(&who, &of.id, &wish, dry_run).await)?;
        Ok(Response::new(pb::RecordConsentEventResponse {
            document: Some(render::entry(&recorded.entry)),
            standing: recorded.standing,
            erased: recorded.erased.iter().map(render::entry).collect(),
            released: recorded.released,
            done: recorded.done,
        }))
    }

    async fn erase_document(
        &self,
        request: Request<pb::EraseDocumentRequest>,
    ) -> Reply<pb::EraseDocumentResponse> {
        let who = operator(&request)?;
        let pb::EraseDocumentRequest { kind, id, reason, dry_run } = request.into_inner();
        let of = told(parse::reference(&kind, &id))?;
        let erased = told(self.app.erase_document(&who, &of, &reason, dry_run).await)?;
        Ok(Response::new(pb::EraseDocumentResponse {
            document: Some(render::entry(&erased.entry)),
            versions: erased.versions,
            done: erased.done,
        }))
    }

    async fn keep_draft(&self, request: Request<pb::KeepDraftRequest>) -> Reply<pb::KeepDraftResponse> {
        let who = operator(&request)?;
        let draft = parse::draft(request.into_inner().draft.unwrap_or_default(), self.app.clock.now());
        let kept = told(self.app.keep_draft(&who, draft).await)?;
        Ok(Response::new(pb::KeepDraftResponse { draft: Some(render::draft(kept)) }))
    }

    async fn list_drafts(&self, request: Request<pb::ListDraftsRequest>) -> Reply<pb::ListDraftsResponse> {
        let drafts = told(self.app.drafts(&operator(&request)?).await)?;
        let without_text = |draft| pb::Draft { text: String::new(), ..render::draft(draft) };
        Ok(Response::new(pb::ListDraftsResponse { drafts: drafts.into_iter().map(without_text).collect() }))
    }

    async fn get_draft(&self, request: Request<pb::GetDraftRequest>) -> Reply<pb::GetDraftResponse> {
        let who = operator(&request)?;
        let draft = told(self.app.kept_draft(&who, request.into_inner().id).await)?;
        Ok(Response::new(pb::GetDraftResponse { draft: Some(render::draft(draft)) }))
    }

    async fn discard_draft(
        &self,
        request: Request<pb::DiscardDraftRequest>,
    ) -> Reply<pb::DiscardDraftResponse> {
        let who = operator(&request)?;
        told(self.app.discard_draft(&who, request.into_inner().id).await)?;
        Ok(Response::new(pb::DiscardDraftResponse {}))
    }

    async fn load_prompts(&self, request: Request<pb::LoadPromptsRequest>) -> Reply<pb::LoadPromptsResponse> {
        let who = operator(&request)?;
        let pb::LoadPromptsRequest { content, file_name } = request.into_inner();
        let loaded = told(self.app.load_prompts(&who, &content, &file_name).await)?;
        Ok(Response::new(pb::LoadPromptsResponse {
            title: loaded.title,
            attribution: loaded.attribution,
            added: loaded.added,
            changed: loaded.changed,
            kept: loaded.kept,
        }))
    }

    async fn export_cycle(&self, request: Request<pb::ExportCycleRequest>) -> Reply<pb::ExportCycleResponse> {
        let who = operator(&request)?;
        let request = request.into_inner();
        let (of, format) = (told(parse::reference("cycle", &request.id))?, parse::format(request.format())?);
        let file = told(self.app.export_cycle(&who, &of.id, format, request.private).await)?;
        Ok(Response::new(pb::ExportCycleResponse {
            content: file.content,
            file_name: file.file_name,
            documents: render::count(file.documents),
            left_out: render::count(file.left_out),
        }))
    }

    async fn import_cycle(&self, request: Request<pb::ImportCycleRequest>) -> Reply<pb::ImportCycleResponse> {
        let who = operator(&request)?;
        let pb::ImportCycleRequest { content, file_name, replace } = request.into_inner();
        let taken = told(self.app.import_cycle(&who, &content, &file_name, replace).await)?;
        Ok(Response::new(pb::ImportCycleResponse {
            added: taken.added.iter().map(render::entry).collect(),
            changed: taken.changed.iter().map(render::entry).collect(),
            unchanged: taken.unchanged,
            remarks: taken.remarks,
        }))
    }

    async fn export_table(&self, request: Request<pb::ExportTableRequest>) -> Reply<pb::ExportTableResponse> {
        let who = operator(&request)?;
        let (wish, format) = parse::table(request.into_inner())?;
        let file = told(self.app.export_table(&who, &wish, format).await)?;
        Ok(Response::new(pb::ExportTableResponse {
            content: file.content,
            file_name: file.file_name,
            rows: render::count(file.rows),
            left_out: render::count(file.left_out),
        }))
    }

    async fn export_map(&self, request: Request<pb::ExportMapRequest>) -> Reply<pb::ExportMapResponse> {
        let who = operator(&request)?;
        let of = told(parse::reference("map", &request.into_inner().id))?;
        let (content, file_name) = told(self.app.export_map(&who, &of.id).await)?;
        Ok(Response::new(pb::ExportMapResponse { content, file_name }))
    }

    async fn import_map(&self, request: Request<pb::ImportMapRequest>) -> Reply<pb::ImportMapResponse> {
        let who = operator(&request)?;
        let wish = told(parse::map(request.into_inner()))?;
        let (saved, remarks) = told(self.app.import_map(&who, wish).await)?;
        Ok(Response::new(pb::ImportMapResponse {
            document: Some(render::entry(&saved.entry)),
            created: saved.created,
            remarks,
        }))
    }
}
