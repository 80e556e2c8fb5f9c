//! A Cairn node: keeps one place's learning at home and exchanges what it releases.
pub mod admin;
pub mod app;
pub mod clock;
pub mod config;
pub mod domain;
pub mod entropy;
pub mod exchange;
pub mod files;
pub mod init;
pub mod keys;
pub mod node;
pub mod public;
pub mod recover;
pub mod store;
pub mod telemetry;
pub mod wire;
pub mod worker;
