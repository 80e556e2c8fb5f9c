//! What a reader did with records of others.

use cairn_proto::{limits, pb::exchange as pb};

use super::{InvalidRecord, node_id};
use crate::domain::{
    text::InvalidText,
    uses::{Use, Uses},
};

impl From<&Uses> for pb::UseReceipt {
    fn from(uses: &Uses) -> Self {
        let Uses { author, uses } = uses;
        let one = |&(index, way): &(u64, Use)| {
            let kind = match way {
                Use::Held => pb::UseKind::Held,
                Use::StartingPoint => pb::UseKind::StartingPoint,
                Use::Cited => pb::UseKind::Cited,
            };
            pb::Use { index, kind: kind.into() }
        };
        Self { author: author.to_string(), uses: uses.iter().map(one).collect() }
    }
}

impl TryFrom<pb::UseReceipt> for Uses {
    type Error = InvalidRecord;

    fn try_from(receipt: pb::UseReceipt) -> Result<Self, InvalidRecord> {
        let pb::UseReceipt { author, uses } = receipt;
        if uses.len() > limits::USES {
            let (items, limit) = (uses.len(), limits::USES);
            return Err(InvalidText::TooMany { field: "uses", items, limit }.into());
        }
        let one = |pb::Use { index, kind }: pb::Use| {
            let way = match pb::UseKind::try_from(kind) {
                Ok(pb::UseKind::Held) => Use::Held,
                Ok(pb::UseKind::StartingPoint) => Use::StartingPoint,
                Ok(pb::UseKind::Cited) => Use::Cited,
                Ok(pb::UseKind::Unspecified) | Err(_) => return Err(InvalidRecord::Unknown("use")),
            };
            Ok((index, way))
        };
        let uses = uses.into_iter().map(one).collect::<Result<_, _>>()?;
        Ok(Self { author: node_id("author", &author)?, uses })
    }
}

#[cfg(test)]
mod tests {
    use cairn_proto::ids::NodeId;

    use super::*;

    #[test]
    fn uses_come_back_as_they_went_and_unknown_or_too_many_are_refused() {
        let author = NodeId::from_bytes([1; 32]);
        let uses = Uses { author, uses: Use::ALL.into_iter().map(|way| (7, way)).collect() };
        let message = pb::UseReceipt::from(&uses);
        assert_eq!(Uses::try_from(message.clone()).unwrap(), uses);
        let with = |uses| Uses::try_from(pb::UseReceipt { uses, ..message.clone() });
        assert!(with(vec![pb::Use { index: 1, kind: 9 }]).is_err());
        assert!(with(vec![pb::Use { index: 1, kind: 1 }; limits::USES + 1]).is_err());
    }
}
