//! Place to place: gRPC over mutual TLS 1.3, pinned to identities. Parses, calls a use case,
//! renders; decides nothing.

pub mod client;
pub mod incoming;
pub mod server;
pub mod status;
pub mod tls;
pub mod watch;
