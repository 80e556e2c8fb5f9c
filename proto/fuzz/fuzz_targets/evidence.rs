//! Any bytes as an evidence file, bare and after the first line: judged without a crash, never believed.
#![no_main]

use cairn_proto::evidence;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = evidence::verify(bytes);
    let whole = [b"cairn-evidence/v1\n".as_slice(), bytes].concat();
    let _ = evidence::verify(&whole);
});
