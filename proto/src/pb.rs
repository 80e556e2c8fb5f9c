//! The generated messages and services. The only place that includes generated code.

/// Place to place: records, identity events, evidence and the exchange service.
#[allow(missing_docs, clippy::all, clippy::allow_attributes, reason = "generated code")]
pub mod exchange {
    tonic::include_proto!("cairn.exchange.v1");
}

/// A place to its own node.
#[allow(missing_docs, clippy::all, clippy::allow_attributes, reason = "generated code")]
pub mod admin {
    tonic::include_proto!("cairn.admin.v1");
}

/// The compiled schemas as an encoded `FileDescriptorSet`, for reflection and for JSON.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));
