//! Invitation tickets: one pasteable text from which a peering can begin.
//!
//! Deliberately not here: whether the secret is still good (only the inviting node knows) and any clock.

use std::{fmt, str::FromStr};

use bech32::{Bech32m, ByteIterExt as _, Fe32IterExt as _, Hrp, primitives::decode::CheckedHrpstring};
use prost::Message as _;
use thiserror::Error;

use crate::{
    ids::NodeId,
    limits::{LINE_BYTES, LIST_ITEMS, TICKET_CHARS},
    pb::exchange::{Purpose, Ticket as Message},
};

const HRP: Hrp = Hrp::parse_unchecked("cairninvite");

/// What every ticket begins with: prefix and separator.
const BEGINNING: &str = "cairninvite1";

/// Shape of a day, YYYY-MM-DD; `0` stands for any digit.
const DAY_SHAPE: &str = "0000-00-00";

/// An invitation to become peers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// The inviting node.
    pub node_id: NodeId,
    /// Where it can be reached, `host:port`; 1 to 300 bytes.
    pub endpoint: String,
    /// How it calls itself; at most 300 bytes.
    pub name: String,
    /// Proves that the bearer was invited.
    pub secret: [u8; 16],
    /// Unix seconds after which the ticket is void.
    pub expires_at: i64,
    /// Numbers of [`Purpose`]: those of the peering it offers, none of the prohibited ones; at most 64.
    pub purposes: Vec<i32>,
    /// Whether the peering it offers allows relay.
    pub relay: bool,
    /// Day on which both look at the contract again, YYYY-MM-DD, or empty.
    pub review_on: String,
    /// Bytes of openings each side may fetch in a day under the peering it offers; 0: [`DAILY_BYTES_UNSAID`](crate::limits::DAILY_BYTES_UNSAID).
    pub daily_bytes: u64,
}

/// Why a text is not a usable ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum InvalidTicket {
    /// It does not begin like one.
    #[error("this is not an invitation: an invitation begins with \"cairninvite1\"")]
    NotATicket,
    /// The checksum does not fit.
    #[error(
        "the invitation is damaged: some of its characters are wrong or missing; copy it again as a whole"
    )]
    Damaged,
    /// More than [`TICKET_CHARS`].
    #[error("the invitation has {0} characters and at most {TICKET_CHARS} are accepted")]
    TooLong(usize),
    /// Undamaged, but not the content of a ticket: made by a faulty or newer program.
    #[error("the invitation is undamaged but its {0} cannot be used")]
    Content(&'static str),
}

impl Ticket {
    /// Checks every field and the length of the text; to be called before a ticket is given out.
    pub fn check(&self) -> Result<(), InvalidTicket> {
        let Self { endpoint, name, purposes, review_on, .. } = self;
        let one_line = |text: &str| text.len() <= LINE_BYTES && !text.chars().any(char::is_control);
        if endpoint.is_empty() || !one_line(endpoint) {
            return Err(InvalidTicket::Content("endpoint"));
        }
        if !one_line(name) {
            return Err(InvalidTicket::Content("name"));
        }
        if purposes.len() > LIST_ITEMS || !purposes.iter().all(|number| is_offered(*number)) {
            return Err(InvalidTicket::Content("list of purposes"));
        }
        if !review_on.is_empty() && !is_day(review_on) {
            return Err(InvalidTicket::Content("review date"));
        }
        match self.to_string().len() {
            length if length > TICKET_CHARS => Err(InvalidTicket::TooLong(length)),
            _ => Ok(()),
        }
    }

    fn to_message(&self) -> Message {
        let Self { node_id, endpoint, name, secret, expires_at, purposes, relay, review_on, daily_bytes } =
            self;
        Message {
            node_id: node_id.as_bytes().to_vec(),
            endpoint: endpoint.clone(),
            name: name.clone(),
            secret: secret.to_vec(),
            expires_at: *expires_at,
            purposes: purposes.clone(),
            relay: *relay,
            review_on: review_on.clone(),
            daily_bytes: *daily_bytes,
        }
    }
}

/// Is it the number of a purpose that may be offered? Prohibited ones begin at 100.
fn is_offered(number: i32) -> bool {
    Purpose::try_from(number).is_ok() && (1..100).contains(&number)
}

fn is_day(text: &str) -> bool {
    let shape: String = text.chars().map(|one| if one.is_ascii_digit() { '0' } else { one }).collect();
    shape == DAY_SHAPE
}

impl TryFrom<Message> for Ticket {
    type Error = InvalidTicket;

    fn try_from(message: Message) -> Result<Self, InvalidTicket> {
        let Message { node_id, endpoint, name, secret, expires_at, purposes, relay, review_on, daily_bytes } =
            message;
        let node_id = node_id.try_into().map_err(|_| InvalidTicket::Content("node id"))?;
        let secret = secret.try_into().map_err(|_| InvalidTicket::Content("secret"))?;
        let node_id = NodeId::from_bytes(node_id);
        let ticket =
            Self { node_id, endpoint, name, secret, expires_at, purposes, relay, review_on, daily_bytes };
        ticket.check()?;
        Ok(ticket)
    }
}

impl fmt::Display for Ticket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = self.to_message().encode_to_vec();
        let mut chars = bytes.into_iter().bytes_to_fes().with_checksum::<Bech32m>(&HRP).chars();
        chars.try_for_each(|one| fmt::Write::write_char(f, one))
    }
}

impl FromStr for Ticket {
    type Err = InvalidTicket;

    /// White space anywhere in the text is ignored: mail programs break long lines.
    fn from_str(text: &str) -> Result<Self, InvalidTicket> {
        let text: String = text.chars().filter(|one| !one.is_whitespace()).collect();
        if !text.to_ascii_lowercase().starts_with(BEGINNING) {
            return Err(InvalidTicket::NotATicket);
        }
        if text.len() > TICKET_CHARS {
            return Err(InvalidTicket::TooLong(text.len()));
        }
        let checked = CheckedHrpstring::new::<Bech32m>(&text).map_err(|_| InvalidTicket::Damaged)?;
        if checked.hrp() != HRP {
            return Err(InvalidTicket::NotATicket);
        }
        let bytes: Vec<u8> = checked.byte_iter().collect();
        let message = Message::decode(bytes.as_slice()).map_err(|_| InvalidTicket::Content("message"))?;
        message.try_into()
    }
}
