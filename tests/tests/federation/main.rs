//! Federation stories: real nodes of real places exchange over real TLS, and each holds what it should
//! and nothing else.
//!
//! Each story is drawn above it: `A --- B` is an active peering, `A ··· B` one that is not.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what cannot be done fails the test"
)]

mod audience;
mod backup;
mod blocks;
mod catalogue;
mod continuity;
mod crash;
mod diagnosis;
mod dialogue;
mod evidence;
mod forks;
mod groups;
mod histories;
mod holds;
mod hub;
mod keys;
mod operation;
mod peering;
mod preflight;
mod public;
mod quota;
mod relay;
mod release;
mod release_decisions;
mod removal;
mod restore;
mod scene;
mod standing;
mod subscriptions;
mod succession;
mod time;
mod trust;
mod uses;
mod versions;
mod withdrawal;
mod witness;
mod words;
