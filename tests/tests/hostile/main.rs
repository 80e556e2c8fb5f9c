//! Strangers and attackers: whatever they say, nothing wrong is stored, the reason can be seen, and the
//! honest part of the neighbourhood works on.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what cannot be done fails the test"
)]

mod broken_answers;
mod flood;
mod groups;
mod heads;
mod integrity;
mod leaves;
mod openings;
mod proposals;
mod relay;
mod scene;
mod standing;
mod strangers;
mod subscriptions;
mod succession;
mod uses;
mod withdrawal;
