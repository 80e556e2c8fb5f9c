//! The generated messages and services. The only place that includes generated code.

pub use cairn::{admin::v1 as admin, exchange::v1 as exchange};

/// Modules nested as the protobuf packages are, because generated code refers to them so.
#[allow(missing_docs, unreachable_pub, clippy::all, clippy::allow_attributes, reason = "generated code")]
mod cairn {
    pub mod exchange {
        /// Place to place: records, identity events, evidence and the exchange service.
        pub mod v1 {
            include!(concat!(env!("OUT_DIR"), "/cairn.exchange.v1.rs"));
        }
    }
    pub mod admin {
        /// A place to its own node.
        pub mod v1 {
            include!(concat!(env!("OUT_DIR"), "/cairn.admin.v1.rs"));
        }
    }
}

/// The compiled schemas as an encoded `FileDescriptorSet`, for reflection and for JSON.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/descriptors.bin"));

/// The JSON Schema of the documents of a learning cycle, as they stand in files. They never travel between places;
/// the schema is here for programs that read or write such files.
pub const LEARNING_SCHEMA: &str = include_str!("../schema/cairn/learning/v1/learning.schema.json");
