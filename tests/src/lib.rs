//! The outside view: what federation stories are told with. Real nodes with real keys, databases and TLS, on
//! loopback; people at their desks who speak to them as the command line does; strangers and liars who
//! speak to them as a bad neighbour would.
//!
//! | Module | What is in it |
//! |---|---|
//! | [`story`] | the clock that the places of a story share, and bringing places together |
//! | [`place`] | a place with its node in this process |
//! | [`process`] | a place with its node in a process of its own, which can be killed |
//! | [`desk`] | what the people of a place ask of their node |
//! | [`cable`] | what lies between two nodes: it can be cut and mended |
//! | [`caller`] | calls from anyone with any key |
//! | [`forge`] | identities, records and logs made by hand, honest or not |
//! | [`liar`] | a node that peers properly and then answers as a test wants it to |
//! | [`network`] | real links between processes: cut, slow, lossy |
//! | [`wait`] | the one way to wait |
//!
//! Deliberately not here: a second implementation of any rule. What is checked is checked by the node.

#![expect(clippy::expect_used, clippy::panic, reason = "test support: what cannot be done fails the test")]

pub mod cable;
pub mod caller;
pub mod desk;
pub mod forge;
pub mod liar;
pub mod network;
pub mod place;
pub mod process;
pub mod story;
pub mod wait;
