//! A Cairn node: keeps one place's learning at home and exchanges what it releases.
pub mod app;
pub mod clock;
pub mod domain;
pub mod entropy;
pub mod keys;
pub mod store;
pub mod wire;
