//! What the node does by itself: follow its peers, make records findable, purge what is over, ask for receipts, tell authors what was done with
//! their records, back everything up, note what was signed, and call a peer that somebody wants to try or to ask. Every unit of work is a transaction, so a worker can be stopped at any moment.

pub mod backup;
mod catalogue;
pub mod chase;
mod compare;
pub mod compared;
pub mod follow;
pub mod heads;
pub mod index;
pub mod mark;
pub mod probe;
mod pull;
pub mod purge;
pub mod tell;
mod tomorrow;
