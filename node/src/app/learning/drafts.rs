//! Texts that could not be taken in yet are kept as they are, so that nothing that somebody wrote is lost.

use super::{App, AppError, Operator, kind_called, reference};
pub use crate::store::DraftRow as Draft;
use crate::{files::DOCUMENT_BYTES, store::DraftRow};

/// Characters of what was wrong that are kept.
const PROBLEM: usize = 4000;

/// Drafts that are kept at most; whoever has more open has lost sight of them.
const DRAFTS: usize = 500;

impl App {
    /// Keeps a text; with the number of a kept one, in its place.
    ///
    /// # Errors
    /// [`AppError::Argument`] when it is too long or too many are kept.
    pub async fn keep_draft(&self, who: &Operator, mut draft: DraftRow) -> Result<DraftRow, AppError> {
        kind_called(&draft.kind)?;
        if draft.text.len() > DOCUMENT_BYTES {
            let bytes = draft.text.len();
            return Err(AppError::Argument(format!(
                "the text is {bytes} bytes long; a draft holds at most {DOCUMENT_BYTES}. Keep it in a file of your own"
            )));
        }
        if !draft.document_id.is_empty() {
            draft.document_id = reference(&draft.kind, &draft.document_id)?.id.to_string();
        }
        // No database keeps the character 0 within text; everything else stays as it was written.
        draft.text = draft.text.replace('\0', "\u{2400}");
        draft.problem = draft.problem.replace('\0', "\u{2400}").chars().take(PROBLEM).collect();
        draft.at = self.clock.now();
        who.by().clone_into(&mut draft.by);
        let mut tx = self.store.write().await?;
        if draft.id == 0 {
            if tx.drafts().await?.len() >= DRAFTS {
                let text = "too many drafts are kept already; look through them with `cairn draft list`";
                return Err(AppError::Argument(text.into()));
            }
            draft.id = tx.add_draft(&draft).await?;
        } else {
            self.known_draft(tx.draft(draft.id).await?, draft.id)?;
            tx.replace_draft(draft.id, &draft.text, &draft.problem, draft.at).await?;
        }
        tx.commit().await?;
        Ok(draft)
    }

    /// The kept texts, newest first.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn drafts(&self, _: &Operator) -> Result<Vec<DraftRow>, AppError> {
        let mut drafts = self.store.read().await?.drafts().await?;
        drafts.sort_by_key(|draft| std::cmp::Reverse((draft.at, draft.id)));
        Ok(drafts)
    }

    /// One of them.
    ///
    /// # Errors
    /// [`AppError::NotFound`].
    pub async fn kept_draft(&self, _: &Operator, id: u64) -> Result<DraftRow, AppError> {
        self.known_draft(self.store.read().await?.draft(id).await?, id)
    }

    /// Throws one of them away.
    ///
    /// # Errors
    /// [`AppError::NotFound`].
    pub async fn discard_draft(&self, _: &Operator, id: u64) -> Result<(), AppError> {
        let mut tx = self.store.write().await?;
        self.known_draft(tx.draft(id).await?, id)?;
        tx.remove_draft(id).await?;
        tx.commit().await?;
        self.signals.documents_erased();
        Ok(())
    }

    fn known_draft(&self, draft: Option<DraftRow>, id: u64) -> Result<DraftRow, AppError> {
        draft.ok_or_else(|| AppError::NotFound {
            what: "a draft",
            name: id.to_string(),
            hint: "`cairn draft list` shows those that are kept",
        })
    }
}
