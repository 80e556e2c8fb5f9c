//! What the node does by itself: follow its peers, and purge what has expired. Every unit of work
//! is a transaction, so a worker can be stopped at any moment.

pub mod follow;
mod pull;
pub mod purge;
