//! Compiles the schemas with protox: no system protoc is needed.

use std::{env, error::Error, fs, path::PathBuf};

use prost::Message as _;

const FILES: [&str; 14] = [
    "cairn/exchange/v1/record.proto",
    "cairn/exchange/v1/identity.proto",
    "cairn/exchange/v1/evidence.proto",
    "cairn/exchange/v1/exchange.proto",
    "cairn/exchange/v1/trust.proto",
    "cairn/admin/v1/admin.proto",
    "cairn/admin/v1/dialogue.proto",
    "cairn/admin/v1/integrity.proto",
    "cairn/admin/v1/learning.proto",
    "cairn/admin/v1/preflight.proto",
    "cairn/admin/v1/release.proto",
    "cairn/admin/v1/standing.proto",
    "cairn/admin/v1/subscription.proto",
    "cairn/admin/v1/succession.proto",
];

#[expect(clippy::disallowed_methods, reason = "a build script is told by its environment where to write")]
fn main() -> Result<(), Box<dyn Error>> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let grpc = env::var_os("CARGO_FEATURE_GRPC").is_some();
    println!("cargo:rerun-if-changed=schema");
    let descriptors = protox::compile(FILES, ["schema"])?;
    fs::write(out.join("descriptors.bin"), descriptors.encode_to_vec())?;
    tonic_prost_build::configure()
        .build_client(grpc)
        .build_server(grpc)
        // Connecting is the business of the edges, not of the contract.
        .build_transport(false)
        .bytes(".cairn.exchange.v1.Opening.envelope")
        .compile_fds(descriptors)?;
    Ok(())
}
