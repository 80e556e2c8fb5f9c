//! The people of this place: a local gRPC service behind a Unix socket or a loopback token.
//! Parses, calls a use case, renders; decides nothing.

pub mod auth;
pub mod dialogue;
mod holds;
pub mod integrity;
pub mod learning;
pub mod parse;
pub mod preflight;
pub mod release;
pub mod render;
pub mod service;
pub mod standing;
pub mod status;
pub mod subscription;
pub mod succession;
mod withdrawal;
