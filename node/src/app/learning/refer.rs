//! References between documents: to something that is here, and in no ring of cycles.

use super::{App, AppError, parse};
use crate::{
    domain::learning::{Document, Id, Kind, Ref, Wrong, shape},
    store::{StoreError, Tx},
};

/// How far a chain of cycles is walked: one a month for forty years.
pub(super) const CHAIN: u32 = 500;

impl App {
    /// References to what is not here, and cycles that go on from themselves. What is `known` may stay as it is.
    pub(super) async fn dangling(
        &self,
        tx: &mut Tx,
        document: &Document,
        known: &[Ref],
    ) -> Result<Vec<(Option<Ref>, Wrong)>, AppError> {
        let value = document.to_value().map_err(StoreError::corrupt)?;
        let mut wrong = Vec::new();
        for reference in shape::traits(document.kind(), &shape::pruned(value)).references {
            let Ref { kind, id } = &reference.to;
            let own = document.kind() == *kind && document.id() == Some(id);
            if own || known.contains(&reference.to) || tx.head(kind.word(), id.as_str()).await?.is_some() {
                continue;
            }
            let kind = kind.word();
            let what = format!(
                "refers to the {kind} \"{id}\", which is not known here; `cairn {kind} list` shows those that are"
            );
            wrong.push((Some(reference.to.clone()), Wrong::new(reference.field, what)));
        }
        if let Document::Cycle(cycle) = document
            && let (Some(own), Some(before)) = (&cycle.id, &cycle.follows)
            && self.goes_back_to(tx, before.id(), own).await?
        {
            let what = format!(
                "is {}, which itself goes on from {own}; a chain of cycles has a first one",
                before.id()
            );
            wrong.push((None, Wrong::new("follows", what)));
        }
        Ok(wrong)
    }

    /// What the newest version refers to, also if that never came here.
    pub(super) async fn referred_to(&self, tx: &mut Tx, document: &Document) -> Result<Vec<Ref>, AppError> {
        let Some(id) = document.id() else { return Ok(Vec::new()) };
        let links = tx.links_from(document.kind().word(), id.as_str()).await?;
        let to = links.iter().filter_map(|link| {
            Some(Ref { kind: Kind::from_word(&link.to_kind)?, id: Id::new(&link.to_id).ok()? })
        });
        Ok(to.collect())
    }

    async fn goes_back_to(&self, tx: &mut Tx, from: &Id, to: &Id) -> Result<bool, AppError> {
        let mut at = from.clone();
        for _ in 0..CHAIN {
            if &at == to {
                return Ok(true);
            }
            let Some(row) = tx.document(Kind::Cycle.word(), at.as_str()).await? else { return Ok(false) };
            if row.document.is_empty() {
                return Ok(false);
            }
            let Document::Cycle(cycle) = parse(row)?.document else { return Ok(false) };
            match cycle.follows {
                Some(before) => at = before.id().clone(),
                None => return Ok(false),
            }
        }
        Ok(true)
    }
}
