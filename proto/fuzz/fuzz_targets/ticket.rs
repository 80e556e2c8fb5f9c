//! Any text as a ticket, and any message in a ticket with a sound checksum.
#![no_main]

use cairn_proto::{pb::exchange::Ticket as Message, ticket::Ticket};
use libfuzzer_sys::fuzz_target;
use prost::Message as _;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(text) = str::from_utf8(bytes)
        && let Ok(ticket) = text.parse::<Ticket>()
    {
        assert_eq!(ticket.to_string().parse(), Ok(ticket));
    }
    if let Ok(message) = Message::decode(bytes)
        && let Ok(ticket) = Ticket::try_from(message)
    {
        assert_eq!(ticket.to_string().parse(), Ok(ticket));
    }
});
