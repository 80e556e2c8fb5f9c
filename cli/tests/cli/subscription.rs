//! What a place follows, against a node that the test plays.

use crate::{fake::FakeNode, program::run};

#[test]
fn every_command_prints_exactly_one_json_value() {
    let node = FakeNode::on_socket();
    for args in [
        "follow show",
        "follow show x",
        "follow set x --theme a --theme b --kind c --scale d --factor e --depth 5",
        "follow set x --all",
        "follow set x --depth none",
        "follow pause x",
        "follow resume x",
        "catalogue show x",
        "catalogue show x --theme a --from 7",
        "catalogue fetch x 3 4",
        "peer accept x --depth 20",
    ] {
        let args: Vec<_> = args.split(' ').chain(["--json"]).collect();
        let run = run(node.dir(), &args);
        assert!(run.json().is_object(), "{args:?}");
        assert_eq!((run.code, run.err.as_str()), (Some(0), ""), "{args:?}");
    }
    let set = node.asked("SetSubscriptionRequest");
    assert!(set[0].contains(r#"themes: ["a", "b"]"#) && set[0].contains(r#"depth: "5""#), "{}", set[0]);
    assert!(set[1].contains("labels: Some") && set[2].contains("labels: None"), "{set:?}");
    assert!(node.asked("FetchRecordsRequest")[0].contains("indices: [3, 4]"));
    assert!(node.asked("AcceptPeerRequest")[0].contains(r#"depth: "20""#));
}

#[test]
fn what_is_not_said_is_not_guessed() {
    let node = FakeNode::on_socket();
    for args in [
        &["follow", "set", "x"][..],
        &["follow", "set", "x", "--all", "--theme", "a"],
        &["follow", "set", "x", "--depth", "some"],
        &["catalogue", "fetch", "x"],
        &["peer", "accept", "x", "--depth", "-3"],
    ] {
        assert_eq!(run(node.dir(), args).code, Some(2), "{args:?}");
    }
    assert!(node.asked("SetSubscriptionRequest").is_empty());
}
