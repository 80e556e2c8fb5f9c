//! Any bytes as a trust list, bare and after the first line: judged without a crash, never believed.
#![no_main]

use cairn_proto::trust;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let _ = trust::verify(bytes);
    let whole = [b"cairn-trust/v1\n".as_slice(), bytes].concat();
    let _ = trust::verify(&whole);
});
