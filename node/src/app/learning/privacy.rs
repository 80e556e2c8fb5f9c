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
        let (mut private, around_it) = itself(tx, &of).await?;
        // A cycle belongs to a system; a system belongs to nothing.
        for system in around_it.iter().filter(|of| of.kind == Kind::System) {
            private |= itself(tx, system).await?.0;
        }
        self.0.insert(of, private);
        Ok(private)
    }
}

/// Whether a cycle or system is private by itself, and what it belongs to. Of one whose words were erased nobody knows any
/// more what it was about, so what belongs to it stays.
async fn itself(tx: &mut Tx, of: &Ref) -> Result<(bool, Vec<Ref>), AppError> {
    match tx.document(of.kind.word(), of.id.as_str()).await? {
        None => Ok((false, Vec::new())),
        Some(row) if row.document.is_empty() => Ok((true, Vec::new())),
        Some(row) => {
            let kept = parse(row)?;
            Ok((kept.document.private(), around(&kept.value).collect()))
        }
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
