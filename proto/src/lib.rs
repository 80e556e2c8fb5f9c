//! The contract between places.
pub mod pb;
