//! How the place stands to others, against a node that the test plays.

use std::fs;

use crate::{fake::FakeNode, program::run};

#[test]
fn every_command_prints_exactly_one_json_value() {
    let node = FakeNode::on_socket();
    let dir = tempfile::tempdir().unwrap();
    let (written, read) = (dir.path().join("out"), dir.path().join("in"));
    fs::write(&read, b"cairn-trust/v1\n").unwrap();
    let (written, read) = (written.display().to_string(), read.display().to_string());
    for args in [
        "peer limit x --reason y --review-on 2027-12-01",
        "peer suspend x --reason y --review-on 2027-12-01",
        "peer restore x",
        "block add x --reason y --yes",
        "block add x --reason y --review-on 2027-12-01 --purge --yes",
        "block list",
        "block remove x",
        &format!("trust export {written} --reasons --known"),
        &format!("trust import {read}"),
        "trust list",
        "trust show 1",
        "trust accept 1 2 3 --yes",
        "trust accept 1 --all --yes",
        "trust drop 1",
    ] {
        let args: Vec<_> = args.split(' ').chain(["--json"]).collect();
        let run = run(node.dir(), &args);
        assert!(run.json().is_object(), "{args:?}");
        assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{args:?}");
    }
    assert_eq!(fs::read(dir.path().join("out")).unwrap(), b"cairn-trust/v1\n");
    let restricted = node.asked("RestrictPeerRequest");
    assert!(restricted[0].contains("standing: Limited") && restricted[1].contains("standing: Suspended"));
    assert!(node.asked("AcceptTrustRequest")[0].contains("entries: [2, 3], all: false"));
    assert!(node.asked("AddBlockRequest")[1].contains(r#"review_on: "2027-12-01", purge: true"#));
}

#[test]
fn what_ends_a_peering_is_not_done_where_nobody_can_be_asked() {
    let node = FakeNode::on_socket();
    for args in [&["block", "add", "x", "--reason", "y"][..], &["trust", "accept", "1", "2"]] {
        let run = run(node.dir(), args);
        assert_eq!(run.code, Some(2), "{}", run.out);
        assert!(run.err.contains("--yes"), "{}", run.err);
    }
    assert!(node.asked("AddBlockRequest").is_empty() && node.asked("AcceptTrustRequest").is_empty());
    for args in [
        &["peer", "limit", "x", "--reason", "y"][..],
        &["peer", "suspend", "x", "--review-on", "2027-12-01"],
        &["trust", "accept", "1"],
    ] {
        assert_eq!(run(node.dir(), args).code, Some(2), "{args:?}");
    }
}
