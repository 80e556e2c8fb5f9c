//! Learning at home, seen from the desk of one place: documents taken in, linked, found, traced, moved and erased. No
//! other place is there; nothing could leave.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what cannot be done fails the test"
)]

mod backup;
mod bundles;
mod consent;
mod declared;
mod documents;
mod drafts;
mod finding;
mod life;
mod prompts;
mod round_trip;
mod table;
mod trace;
