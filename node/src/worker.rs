//! What the node does by itself: follow its peers, purge what is over, ask for receipts, tell authors what was done with
//! their records, and call a peer that somebody wants to try, note what was signed. Every unit of work is a transaction, so a worker can be stopped at any moment.

pub mod chase;
mod compare;
pub mod follow;
pub mod mark;
pub mod probe;
mod pull;
pub mod purge;
pub mod tell;
