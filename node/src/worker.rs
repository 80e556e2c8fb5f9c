//! What the node does by itself: follow its peers, purge what is over, and ask for receipts. Every unit of work
//! is a transaction, so a worker can be stopped at any moment.

pub mod chase;
pub mod follow;
mod pull;
pub mod purge;
