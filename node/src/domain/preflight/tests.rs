//! What pre-flight finds, and what it takes to let it go.

use cairn_proto::ids::{NodeId, RecordId};
use serde_json::json;

use super::*;
use crate::domain::{
    disclosure::RuleSet,
    experiment::{Declaration, Figure, StartingPoint},
    learning::{experiment::Experiment, shape::pruned},
};

fn summary(noticed: &str, value: &str) -> Summary {
    let figure = json!({
        "value": value, "question": "How many people stayed?", "context": "Ten homes.", "interpretation": "Unclear.",
        "caveat": "One winter only.",
    });
    let whole = json!({
        "title": "Offers without stages", "kind": "experiment", "state": "running", "scale": "place",
        "whose": "Dorset Council", "tried": "Homes first.", "noticed": noticed, "figures": [figure],
        "sources": [{ "title": "The Dorset Council report" }],
    });
    let experiment: Experiment = serde_json::from_value(pruned(whole)).unwrap();
    experiment.summary(Declaration::InRetrospect).unwrap().unwrap()
}

fn look(
    summary: Summary,
    earlier: &[Earlier<'_>],
    unnamed: &[String],
) -> (Summary, Vec<Change>, Vec<Finding>) {
    check(summary, &Against { settings: &Settings::default(), earlier, unnamed, beside: &[] })
}

fn keys_of(findings: &[Finding]) -> Vec<&str> {
    findings.iter().map(|finding| finding.key.as_str()).collect()
}

#[test]
fn several_matches_in_one_part_are_one_finding_and_what_blocks_comes_first() {
    let text = "Ring 01305 251010 or 07700 900123. Three people did, near DT1 1XJ.";
    let (_, _, findings) = look(summary(text, "40 homes"), &[], &[]);
    assert_eq!(findings[0].key, "phone@noticed");
    assert!(findings[0].stops() && findings[0].text.contains("; "), "{findings:?}");
    assert!(findings.iter().skip(1).all(|finding| finding.weight == Weight::Warns), "{findings:?}");
    assert!(keys_of(&findings).contains(&"small-count@noticed"), "{findings:?}");
}

#[test]
fn a_reason_lets_a_finding_go_and_nothing_else_does() {
    let (_, _, mut findings) = look(summary("Ring 01305 251010.", "40 homes"), &[], &[]);
    let by = |key: &str, reason: &str| vec![Override { key: key.into(), reason: reason.into() }];
    let refused = decide(&mut findings, &by("phone@tried", "It is public anyway")).unwrap_err();
    assert!(refused.to_string().contains("phone@noticed"), "{refused}");
    assert!(matches!(decide(&mut findings, &by("phone@noticed", "ok")), Err(InvalidOverride::NoReason(_))));
    assert!(findings[0].stops());
    decide(&mut findings, &by("phone@noticed", "It is the public number of a council")).unwrap();
    assert!(!findings[0].stops());
    let words = statement(None, &findings, &Settings::default()).unwrap();
    assert!(words.as_str().contains("One finding") && !words.as_str().contains("251010"), "{words}");
}

#[test]
fn small_numbers_leave_hidden() {
    let (summary, changes, _) = look(summary("Much.", "3 people"), &[], &[]);
    assert_eq!(changes.len(), 1);
    assert!(summary.figures[0].value.as_str().starts_with("fewer than 8"), "{:?}", summary.figures);
}

#[test]
fn a_difference_to_what_left_before_blocks() {
    let figures: Vec<Figure> = summary("Much.", "23 people").figures;
    let earlier = [Earlier { record: "cairn1x/0".into(), figures: &figures }];
    let settings = Settings::new(&[], RuleSet::Ons10, &[], false).unwrap();
    let against = Against { settings: &settings, earlier: &earlier, unnamed: &[], beside: &[] };
    let (_, _, findings) = check(summary("Much.", "21 people"), &against);
    assert_eq!(keys_of(&findings), ["difference@figures[0]"]);
    assert!(findings[0].stops() && findings[0].mend.contains("cairn1x/0"), "{findings:?}");
}

#[test]
fn a_place_that_is_not_to_be_named_is_found_as_whole_words() {
    let unnamed = ["Dorset Council".to_owned()];
    let mut plain = summary("In dorset  COUNCIL we saw it.", "40 homes");
    plain.whose = None;
    let (_, _, findings) = look(plain, &[], &unnamed);
    let named = findings.iter().filter(|finding| finding.sort == Sort::PlaceName);
    let parts: Vec<_> = named.map(|finding| finding.part.as_str()).collect();
    assert_eq!(parts, ["noticed", "sources[0].title"]);
    assert!(!names("Dorset Councillors", "Dorset Council"));
}

#[test]
fn what_leaves_beside_the_summary_is_looked_at_too() {
    let prose = |text: &str| Prose::new("text", text).unwrap();
    let start = StartingPoint {
        record: RecordId { author: NodeId::from_bytes([1; 32]), index: 3 },
        what_changed: prose("Ring 01305 251010."),
        why_changed: prose("We at Dorset Council have no such street."),
        context_difference: prose("Three people live there."),
    };
    let own = Disclosure {
        statement: prose("Checked near DT1 1XJ."),
        rule_set: None,
        checked_by: None,
        checked_on: None,
    };
    let (starts, unnamed) = ([start], ["Dorset Council".to_owned()]);
    let beside = parts::beside(&starts, Some(&own));
    let settings = Settings::default();
    let against = Against { settings: &settings, earlier: &[], unnamed: &unnamed, beside: &beside };
    let mut plain = summary("Much.", "40 homes");
    (plain.whose, plain.sources) = (None, Vec::new());
    let (_, _, findings) = check(plain, &against);
    assert_eq!(
        keys_of(&findings),
        [
            "phone@derived_from[0].what_changed",
            "place-name@derived_from[0].why_changed",
            "postcode@disclosure.statement",
            "small-count@derived_from[0].context_difference",
        ]
    );
}

#[test]
fn every_part_that_may_be_left_out_can_be() {
    let parts = parts::PARTS.iter().map(|&part| part.to_owned()).collect();
    let bare = parts::without(summary("Much.", "40 homes"), &parts);
    assert_eq!(parts::texts(&bare).len(), 2, "title and kind stay");
    assert!(parts::values(&bare).is_empty() && parts::sources(&bare).is_empty());
}
