//! What stays at home unless its own people ask for it: by itself, or because its cycle or system is sensitive or about
//! one person's life (R036, R076, P12).

use std::collections::BTreeMap;

use serde_json::Value;

use super::{AppError, Kept, parse};
use crate::{
    domain::learning::{Id, Kind, Ref},
    store::Tx,
};

/// What was found out already, so that a cycle is looked at once for all that belongs to it.
#[derive(Debug, Default)]
pub(crate) struct Privacy(BTreeMap<Ref, bool>);

impl Privacy {
    /// Whether a document is private.
    pub(crate) async fn of(&mut self, tx: &mut Tx, kept: &Kept) -> Result<bool, AppError> {
        if kept.document.private() {
            return Ok(true);
        }
        for around in around(&kept.value) {
            if self.about(tx, around).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether what belongs to a cycle or a system is private.
    async fn about(&mut self, tx: &mut Tx, of: Ref) -> Result<bool, AppError> {
        if let Some(known) = self.0.get(&of) {
            return Ok(*known);
        }
        let row = tx.document(of.kind.word(), of.id.as_str()).await?.filter(|row| !row.document.is_empty());
        let Some(row) = row else { return Ok(false) };
        let kept = parse(row)?;
        let mut private = kept.document.private();
        // A cycle belongs to a system; a system belongs to nothing.
        for system in around(&kept.value).filter(|of| of.kind == Kind::System) {
            let row = tx.document(Kind::System.word(), system.id.as_str()).await?;
            if let Some(row) = row.filter(|row| !row.document.is_empty()) {
                private |= parse(row)?.document.private();
            }
        }
        self.0.insert(of, private);
        Ok(private)
    }
}

/// The cycle and the system that a document says it belongs to.
fn around(value: &Value) -> impl Iterator<Item = Ref> {
    let of = |kind: Kind| {
        let id = value.get(kind.word())?.as_str()?;
        Some(Ref { kind, id: Id::new(id).ok()? })
    };
    of(Kind::Cycle).into_iter().chain(of(Kind::System))
}
