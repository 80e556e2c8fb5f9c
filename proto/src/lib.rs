//! The contract between places: everything a second implementation of Cairn would have to agree with.
//!
//! Pure: no I/O, no async runtime, no clock and no randomness; those are arguments. The specification in words
//! is `PROTOCOL.md` beside this crate.
//!
//! | Module | What is in it |
//! |---|---|
//! | [`ids`] | names of nodes and records |
//! | [`envelope`] | signed envelopes (DSSE v1, Ed25519) |
//! | [`identity`] | the chain of events that makes a node who it is |
//! | [`log`] | leaves, frontier and proofs (RFC 6962) |
//! | [`note`] | signed notes (C2SP signed-note) |
//! | [`checkpoint`] | signed heads and cosignatures (C2SP tlog-checkpoint, tlog-cosignature) |
//! | [`record`] | opening an envelope into a record |
//! | [`evidence`] | one file that proves one record offline |
//! | [`fork`] | one file that proves two logs of one node |
//! | [`succession`] | one file in which a succession is handed round until every successor has signed |
//! | [`ticket`] | invitations as text |
//! | [`trust`] | lists of what one place proposes about others |
//! | [`limits`] | what is accepted from others |
//! | [`pb`] | the generated messages and services |
//!
//! Deliberately not here: who may see what, quotas, storage and any decision that needs to know more than
//! the bytes at hand.

pub mod checkpoint;
mod decimal;
pub mod envelope;
pub mod evidence;
pub mod fork;
pub mod identity;
pub mod ids;
pub mod limits;
pub mod log;
pub mod note;
pub mod pb;
pub mod record;
pub mod succession;
pub mod ticket;
pub mod trust;
