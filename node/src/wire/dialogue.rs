//! What places say to each other about records.

use cairn_proto::pb::exchange as pb;

use super::InvalidRecord;
use crate::domain::{
    dialogue::{Message, MessageKind, Response, ResponseKind},
    text::Prose,
};

/// How a place stands to a record, from its number.
///
/// # Errors
/// [`InvalidRecord::Unknown`].
pub fn response_kind(kind: i32) -> Result<ResponseKind, InvalidRecord> {
    match pb::ResponseKind::try_from(kind) {
        Ok(pb::ResponseKind::SeeThisToo) => Ok(ResponseKind::SeeThisToo),
        Ok(pb::ResponseKind::SeeItDifferently) => Ok(ResponseKind::SeeItDifferently),
        Ok(pb::ResponseKind::NotHere) => Ok(ResponseKind::NotHere),
        Ok(pb::ResponseKind::Held) => Ok(ResponseKind::Held),
        Ok(pb::ResponseKind::HeldWithChanges) => Ok(ResponseKind::HeldWithChanges),
        Ok(pb::ResponseKind::DidNotHold) => Ok(ResponseKind::DidNotHold),
        Ok(pb::ResponseKind::Stopped) => Ok(ResponseKind::Stopped),
        Ok(pb::ResponseKind::Unspecified) | Err(_) => Err(InvalidRecord::Unknown("response kind")),
    }
}

/// What a message is, from its number.
///
/// # Errors
/// [`InvalidRecord::Unknown`].
pub fn message_kind(kind: i32) -> Result<MessageKind, InvalidRecord> {
    match pb::MessageKind::try_from(kind) {
        Ok(pb::MessageKind::Question) => Ok(MessageKind::Question),
        Ok(pb::MessageKind::Reply) => Ok(MessageKind::Reply),
        Ok(pb::MessageKind::Account) => Ok(MessageKind::Account),
        Ok(pb::MessageKind::Unspecified) | Err(_) => Err(InvalidRecord::Unknown("message kind")),
    }
}

impl From<&Response> for pb::Response {
    fn from(response: &Response) -> Self {
        let kind = match response.kind() {
            ResponseKind::SeeThisToo => pb::ResponseKind::SeeThisToo,
            ResponseKind::SeeItDifferently => pb::ResponseKind::SeeItDifferently,
            ResponseKind::NotHere => pb::ResponseKind::NotHere,
            ResponseKind::Held => pb::ResponseKind::Held,
            ResponseKind::HeldWithChanges => pb::ResponseKind::HeldWithChanges,
            ResponseKind::DidNotHold => pb::ResponseKind::DidNotHold,
            ResponseKind::Stopped => pb::ResponseKind::Stopped,
        };
        let said = |text: Option<&Prose>| text.map(ToString::to_string).unwrap_or_default();
        Self {
            kind: kind.into(),
            context: response.context().to_string(),
            account: said(response.account()),
            why: said(response.why()),
        }
    }
}

impl TryFrom<pb::Response> for Response {
    type Error = InvalidRecord;

    fn try_from(response: pb::Response) -> Result<Self, InvalidRecord> {
        let pb::Response { kind, context, account, why } = response;
        let (context, account) = (Prose::new("context", &context)?, Prose::optional("account", &account)?);
        Ok(Self::new(response_kind(kind)?, context, account, Prose::optional("why", &why)?)?)
    }
}

impl From<&Message> for pb::Message {
    fn from(message: &Message) -> Self {
        let Message { kind, text } = message;
        let kind = match kind {
            MessageKind::Question => pb::MessageKind::Question,
            MessageKind::Reply => pb::MessageKind::Reply,
            MessageKind::Account => pb::MessageKind::Account,
        };
        Self { kind: kind.into(), text: text.to_string() }
    }
}

impl TryFrom<pb::Message> for Message {
    type Error = InvalidRecord;

    fn try_from(message: pb::Message) -> Result<Self, InvalidRecord> {
        let pb::Message { kind, text } = message;
        Ok(Self { kind: message_kind(kind)?, text: Prose::new("text", &text)? })
    }
}

#[cfg(test)]
mod tests {
    use cairn_proto::ids::{NodeId, RecordId};

    use super::*;
    use crate::domain::record::Reference;

    #[test]
    fn responses_come_back_as_they_went_and_half_ones_are_refused() {
        for kind in ResponseKind::ALL {
            let prose = |text| Prose::new("t", text).unwrap();
            let (account, why) = (Some(prose("Nobody came.")), Some(prose("The money ended.")));
            let response = Response::new(kind, prose("A town."), account, why).unwrap();
            let message = pb::Response::from(&response);
            assert_eq!(Response::try_from(message.clone()).unwrap(), response);
            let without = |part: fn(&mut pb::Response)| {
                let mut message = message.clone();
                part(&mut message);
                Response::try_from(message)
            };
            assert!(without(|m| m.context.clear()).is_err());
            assert_eq!(without(|m| m.account.clear()).is_err(), kind.needs_account());
            assert_eq!(without(|m| m.why.clear()).is_err(), kind == ResponseKind::Stopped);
            assert!(without(|m| m.kind = 0).is_err() && without(|m| m.kind = 8).is_err());
            assert!(without(|m| m.why = "\u{1b}[2J".to_owned()).is_err());
        }
    }

    #[test]
    fn an_answer_names_what_it_answers_and_unknown_references_are_refused() {
        let record = RecordId { author: NodeId::from_bytes([1; 32]), index: 7 };
        let message = pb::Reference::from(&Reference::InReplyTo(record));
        assert_eq!(Reference::try_from(message.clone()).unwrap(), Reference::InReplyTo(record));
        let kind = |kind| Reference::try_from(pb::Reference { kind, ..message.clone() });
        assert!(kind(0).is_err() && kind(6).is_err());
        assert!(Reference::try_from(pb::Reference { index: 1 << 63, ..message.clone() }).is_err());
        assert!(Reference::try_from(pb::Reference { author: "cairn1".to_owned(), ..message }).is_err());
    }

    #[test]
    fn messages_come_back_as_they_went_and_empty_or_unknown_ones_are_refused() {
        for kind in MessageKind::ALL {
            let message = Message { kind, text: Prose::new("text", "Who paid?\nAnd how long?").unwrap() };
            assert_eq!(Message::try_from(pb::Message::from(&message)).unwrap(), message);
        }
        let refused =
            |kind, text: &str| Message::try_from(pb::Message { kind, text: text.to_owned() }).is_err();
        assert!(refused(1, " ") && refused(0, "Who?") && refused(4, "Who?"));
        assert!(refused(1, &"x".repeat(cairn_proto::limits::TEXT_BYTES + 1)));
    }
}
