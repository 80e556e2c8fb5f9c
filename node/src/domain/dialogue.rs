//! What places say to each other about records: responses, and messages in threads (product.md, "The shared side"; R132, R149,
//! R174). A response is a stance in words and never a score (N01): no kind is better than another, none has an order, and
//! nothing here adds them up.

use cairn_proto::ids::RecordId;

use super::{
    record::{Body, Reference},
    text::Prose,
};

/// How a place stands to a record of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseKind {
    /// Recognised.
    SeeThisToo,
    /// Recognised, and seen differently.
    SeeItDifferently,
    /// Not seen here.
    NotHere,
    /// Tried here: it held.
    Held,
    /// Tried here: it held with changes.
    HeldWithChanges,
    /// Tried here: it did not hold.
    DidNotHold,
    /// Tried here, and stopped.
    Stopped,
}

impl ResponseKind {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::SeeThisToo,
        Self::SeeItDifferently,
        Self::NotHere,
        Self::Held,
        Self::HeldWithChanges,
        Self::DidNotHold,
        Self::Stopped,
    ];

    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::SeeThisToo => "we see this, too",
            Self::SeeItDifferently => "we see it differently",
            Self::NotHere => "not here",
            Self::Held => "tried here: it held",
            Self::HeldWithChanges => "tried here: it held with changes",
            Self::DidNotHold => "tried here: it did not hold",
            Self::Stopped => "tried here, and stopped",
        }
    }

    /// Reads a kind in the words of [`Self::words`].
    #[must_use]
    pub fn from_words(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.words() == text)
    }

    /// Whether a reader elsewhere needs to know what was seen.
    #[must_use]
    pub fn needs_account(self) -> bool {
        !matches!(self, Self::SeeThisToo | Self::NotHere)
    }
}

/// Why a text is no response or no message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSaying {
    /// Without what was seen.
    #[error("a response \"{}\" needs an account: say what you saw, so that others can learn from it", .0.words())]
    NoAccount(ResponseKind),
    /// Stopped without the reason.
    #[error("a response \"{}\" needs the reason: say why it was stopped", ResponseKind::Stopped.words())]
    NoReason,
    /// Not about exactly one record, or an answer where none can be.
    #[error(
        "a response is about exactly one record and answers none; a message is about exactly one record and answers at most \
         one, and a reply exactly one"
    )]
    References,
}

/// A response. It says what its kind needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    kind: ResponseKind,
    context: Prose,
    account: Option<Prose>,
    why: Option<Prose>,
}

impl Response {
    /// A response with everything that its kind needs.
    ///
    /// # Errors
    /// [`InvalidSaying::NoAccount`] or [`InvalidSaying::NoReason`].
    pub fn new(
        kind: ResponseKind,
        context: Prose,
        account: Option<Prose>,
        why: Option<Prose>,
    ) -> Result<Self, InvalidSaying> {
        if kind.needs_account() && account.is_none() {
            return Err(InvalidSaying::NoAccount(kind));
        }
        if kind == ResponseKind::Stopped && why.is_none() {
            return Err(InvalidSaying::NoReason);
        }
        Ok(Self { kind, context, account, why })
    }

    /// How the place stands to the record.
    #[must_use]
    pub fn kind(&self) -> ResponseKind {
        self.kind
    }

    /// The place's context.
    #[must_use]
    pub fn context(&self) -> &Prose {
        &self.context
    }

    /// What was seen.
    #[must_use]
    pub fn account(&self) -> Option<&Prose> {
        self.account.as_ref()
    }

    /// The reason.
    #[must_use]
    pub fn why(&self) -> Option<&Prose> {
        self.why.as_ref()
    }
}

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageKind {
    /// A question.
    Question,
    /// A reply to something that was said.
    Reply,
    /// One side's account.
    Account,
}

impl MessageKind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Question, Self::Reply, Self::Account];

    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Question => "question",
            Self::Reply => "reply",
            Self::Account => "account of one side",
        }
    }

    /// Reads a kind in the words of [`Self::words`].
    #[must_use]
    pub fn from_words(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.words() == text)
    }
}

/// A word in a thread.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it is.
    pub kind: MessageKind,
    /// What is said.
    pub text: Prose,
}

/// Where something that was said belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InThread {
    /// The record at the root.
    pub root: RecordId,
    /// What it answers.
    pub answers: Option<RecordId>,
}

impl InThread {
    /// Where a body with these references belongs; nothing for one that is not said in a thread.
    ///
    /// # Errors
    /// [`InvalidSaying::References`].
    pub fn of(body: &Body, references: &[Reference]) -> Result<Option<Self>, InvalidSaying> {
        let kind = match body {
            Body::Response(_) => None,
            Body::Message(message) => Some(message.kind),
            _ => return Ok(None),
        };
        let mut about = references.iter().filter_map(|reference| match reference {
            Reference::About(record) => Some(*record),
            _ => None,
        });
        let mut answers = references.iter().filter_map(|reference| match reference {
            Reference::InReplyTo(record) => Some(*record),
            _ => None,
        });
        let (root, answered) = (about.next().ok_or(InvalidSaying::References)?, answers.next());
        let too_many = about.next().is_some() || answers.next().is_some();
        let fits = match kind {
            None => answered.is_none(),
            Some(MessageKind::Reply) => answered.is_some(),
            Some(MessageKind::Question | MessageKind::Account) => true,
        };
        if too_many || !fits {
            return Err(InvalidSaying::References);
        }
        Ok(Some(Self { root, answers: answered }))
    }

    /// The references of what is said there.
    #[must_use]
    pub fn references(&self) -> Vec<Reference> {
        let answers = self.answers.map(Reference::InReplyTo);
        [Reference::About(self.root)].into_iter().chain(answers).collect()
    }
}

/// How a record speaks of another, as far as threads and lineages are found by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// It started from the other.
    DerivedFrom,
    /// It is about the other.
    About,
    /// It answers the other.
    InReplyTo,
}

impl How {
    /// As it is stored.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::DerivedFrom => "derived from",
            Self::About => "about",
            Self::InReplyTo => "in reply to",
        }
    }

    /// How a reference leads to its record; nothing for one by which nothing is found.
    #[must_use]
    pub fn of(reference: &Reference) -> Option<Self> {
        match reference {
            Reference::DerivedFrom(_) => Some(Self::DerivedFrom),
            Reference::About(_) => Some(Self::About),
            Reference::InReplyTo(_) => Some(Self::InReplyTo),
            Reference::RevisionOf(_) | Reference::Cites(_) => None,
        }
    }
}

/// The texts of something that was said, by the names of their parts; nothing for any other record.
#[must_use]
pub fn texts(body: &Body) -> Vec<(String, &str)> {
    match body {
        Body::Response(response) => {
            let beside = [("account", response.account()), ("why", response.why())];
            let beside =
                beside.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text?.as_str())));
            [("context".to_owned(), response.context().as_str())].into_iter().chain(beside).collect()
        }
        Body::Message(message) => vec![("text".to_owned(), message.text.as_str())],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use cairn_proto::ids::NodeId;

    use super::*;

    fn prose(text: &str) -> Prose {
        Prose::new("text", text).unwrap()
    }

    fn record(index: u64) -> RecordId {
        RecordId { author: NodeId::from_bytes([1; 32]), index }
    }

    #[test]
    fn a_response_says_what_its_kind_needs() {
        for kind in ResponseKind::ALL {
            assert_eq!(ResponseKind::from_words(kind.words()), Some(kind));
            let bare = Response::new(kind, prose("a town"), None, None);
            assert_eq!(bare.is_err(), kind.needs_account());
            let told = Response::new(kind, prose("a town"), Some(prose("nobody came")), None);
            assert_eq!(told.is_err(), kind == ResponseKind::Stopped);
            let whole = Response::new(kind, prose("a town"), Some(prose("nobody came")), Some(prose("cost")));
            assert_eq!(whole.unwrap().kind(), kind);
        }
    }

    #[test]
    fn what_is_said_is_about_one_record_and_a_reply_answers_one() {
        let response =
            Body::Response(Response::new(ResponseKind::NotHere, prose("a town"), None, None).unwrap());
        let message = |kind| Body::Message(Message { kind, text: prose("Who paid?") });
        let (about, answer) = (Reference::About(record(1)), Reference::InReplyTo(record(2)));
        let of = |body: &Body, references: &[Reference]| InThread::of(body, references);
        let thread = InThread { root: record(1), answers: Some(record(2)) };
        let reply = message(MessageKind::Reply);
        assert_eq!(of(&reply, &[about.clone(), answer.clone()]), Ok(Some(thread)));
        assert_eq!(thread.references(), [about.clone(), answer.clone()]);
        assert!(of(&reply, std::slice::from_ref(&about)).is_err());
        assert!(of(&message(MessageKind::Question), std::slice::from_ref(&about)).is_ok());
        assert!(of(&message(MessageKind::Question), &[about.clone(), about.clone()]).is_err());
        assert!(of(&response, &[]).is_err());
        assert!(of(&response, std::slice::from_ref(&about)).is_ok());
        assert!(of(&response, &[about, answer]).is_err());
    }
}
