//! Words are erased: in every version, in the index, in drafts, and in the database's files. What was erased does
//! not come back; that it was erased, when, by whom and why, stays.

use super::{App, AppError, Entry, Operator, Ref, unknown};
use crate::{
    domain::{learning::Kind, text::Prose},
    store::{ErasureRow, Tx},
};

/// What came of it.
#[derive(Clone, Debug)]
pub struct Erased {
    /// The document.
    pub entry: Entry,
    /// How many versions.
    pub versions: u32,
    /// Whether it was done, not only shown.
    pub done: bool,
}

/// An erasure in words.
pub(super) fn words(row: &ErasureRow) -> String {
    let day = row.at.to_string();
    let day = day.get(..10).unwrap_or(&day);
    format!("its words were erased on {day} by {}: {}", row.by, row.reason)
}

impl App {
    /// Erases the words of a document in all its versions.
    ///
    /// # Errors
    /// [`AppError::Unknown`], or no reason.
    pub async fn erase_document(
        &self,
        who: &Operator,
        of: &Ref,
        reason: &str,
        dry_run: bool,
    ) -> Result<Erased, AppError> {
        let reason = Prose::new("reason", reason)?;
        if of.kind == Kind::Consent {
            return Err(AppError::Argument(format!(
                "a consent is the proof of what was agreed and names nobody, so it is not erased. To end it and to \
                 erase the words that rest on it, use `cairn consent withdraw {}`",
                of.id
            )));
        }
        let mut tx = if dry_run { self.store.read().await? } else { self.saving().await? };
        let entry = self.entry_of(&mut tx, of).await?;
        let history = tx.document_history(of.kind.word(), of.id.as_str()).await?;
        let versions = u32::try_from(history.iter().filter(|row| !row.erased).count()).unwrap_or(u32::MAX);
        if history.is_empty() {
            return Err(unknown(of));
        }
        if dry_run || entry.erased {
            return Ok(Erased { entry, versions, done: false });
        }
        self.erase(&mut tx, of, who.by(), reason.as_str()).await?;
        let entry = self.entry_of(&mut tx, of).await?;
        tx.commit().await?;
        self.signals.documents_erased();
        Ok(Erased { entry, versions, done: true })
    }

    pub(super) async fn erase(&self, tx: &mut Tx, of: &Ref, by: &str, reason: &str) -> Result<(), AppError> {
        let row = ErasureRow { at: self.clock.now(), by: by.to_owned(), reason: reason.to_owned() };
        Ok(tx.erase_document(of.kind.word(), of.id.as_str(), &row).await?)
    }
}
