//! Any bytes as evidence of a fork, bare and after the first line: judged without a crash, never believed.
#![no_main]

use cairn_proto::fork;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = fork::verify(bytes);
    let whole = [b"cairn-fork/v1\n".as_slice(), bytes].concat();
    let _ = fork::verify(&whole);
});
