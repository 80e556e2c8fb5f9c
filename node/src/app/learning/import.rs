//! A whole cycle is read in from a file: all of it or nothing.

use super::{
    App, AppError, Entry, Operator, Ref,
    order::{in_order, referred_to},
    save::{How, referring, whole_consents},
};
use crate::{
    domain::learning::{Id, Kind, shape},
    files::{
        InvalidFile,
        document::{self, Bundle, Written},
    },
    store::Tx,
};

/// What came of reading one in.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// Documents that are new here.
    pub added: Vec<Entry>,
    /// Documents with a new version.
    pub changed: Vec<Entry>,
    /// How many are the same.
    pub unchanged: u32,
    /// Gentle remarks.
    pub remarks: Vec<String>,
}

impl App {
    /// Whether everything that is referred to is here by now. A file about one cycle was written by a node, where the
    /// rest is, or was before it was erased; that is said, and the reference stays.
    async fn all_refer_to_something(
        &self,
        tx: &mut Tx,
        kept: &[Written],
        about_one_cycle: bool,
        file: &str,
    ) -> Result<Vec<String>, AppError> {
        let (mut faults, mut elsewhere) = (Vec::new(), Vec::new());
        for written in kept {
            for (to, wrong) in self.dangling(tx, &written.document, &[]).await? {
                match to {
                    Some(to) if about_one_cycle => {
                        elsewhere
                            .push(format!("{}: refers to {to}, which is not here", written.document.title()));
                    }
                    _ => faults.push(written.fault(wrong)),
                }
            }
        }
        if faults.is_empty() { Ok(elsewhere) } else { Err(AppError::file(file, InvalidFile::Faults(faults))) }
    }

    async fn is_here(&self, tx: &mut Tx, written: &Written) -> Result<bool, AppError> {
        let Some(id) = written.document.id() else { return Ok(false) };
        Ok(tx.head(written.document.kind().word(), id.as_str()).await?.is_some())
    }

    /// Reads in a whole cycle. All of it or nothing.
    ///
    /// # Errors
    /// [`AppError::File`], or [`AppError::Differ`] when documents are here already and differ.
    pub async fn import_cycle(
        &self,
        who: &Operator,
        content: &[u8],
        file: &str,
        replace: bool,
    ) -> Result<Taken, AppError> {
        let Bundle { cycle, documents: all } =
            document::read_bundle(content).map_err(|error| AppError::file(file, error))?;
        let mut taken = Taken::default();
        let (mut outcomes, mut differ, mut kept) = (Vec::new(), Vec::new(), Vec::new());
        let mut tx = self.saving().await?;
        for written in sorted(all).into_iter().flat_map(save_order) {
            if named_along(&written, cycle.as_ref()) && self.is_here(&mut tx, &written).await? {
                taken.unchanged += 1;
                continue;
            }
            for remark in written.document.remarks(self.today()) {
                taken.remarks.push(format!("{}: {remark}", written.document.title()));
            }
            // Documents of one file may refer to each other in a ring.
            let how = How { refers_ahead: true, ..How::of(file) };
            let outcome = self.keep(&mut tx, who, written.clone(), how).await?;
            if !outcome.created && !outcome.unchanged {
                differ.push(outcome.of.to_string());
            }
            outcomes.push(outcome);
            kept.push(written);
        }
        taken.remarks.extend(self.all_refer_to_something(&mut tx, &kept, cycle.is_some(), file).await?);
        if !replace && !differ.is_empty() {
            return Err(AppError::Differ { what: differ });
        }
        for outcome in outcomes {
            match (outcome.created, outcome.unchanged) {
                (true, _) => taken.added.push(self.entry_of(&mut tx, &outcome.of).await?),
                (false, true) => taken.unchanged += 1,
                (false, false) => taken.changed.push(self.entry_of(&mut tx, &outcome.of).await?),
            }
        }
        tx.commit().await?;
        self.signals.documents_changed();
        Ok(taken)
    }
}

/// Whether a document of a bundle only accompanies the cycle: another cycle, or a prompt, which may have been worded
/// anew here. Where it is here already, it stays as it is.
fn named_along(written: &Written, cycle: Option<&Id>) -> bool {
    match written.document.kind() {
        Kind::Prompt => true,
        Kind::Cycle => cycle.is_some() && written.document.id() != cycle,
        _ => false,
    }
}

/// An experiment's whole consents before the experiment, which then refers to them.
fn save_order(written: Written) -> Vec<Written> {
    let consents = whole_consents(&written);
    consents.into_iter().chain([referring(written)]).collect()
}

/// What is referred to before what refers to it.
fn sorted(all: Vec<Written>) -> Vec<Written> {
    let with_references = all.into_iter().map(|written| {
        let kind = written.document.kind();
        let value = written.document.to_value().map(shape::pruned).unwrap_or_default();
        let own = written.document.id().map(|id| Ref { kind, id: id.clone() });
        (own, referred_to(kind, &value), written)
    });
    in_order(with_references.collect())
}
