//! A policy as ODRL: one whole, and what holds for all.

use std::collections::BTreeSet;

use cairn_proto::ids::NodeId;

use super::*;
use crate::domain::{
    learning::Id,
    policy::{Card, For},
};

fn of(card: Card) -> Policy {
    let peers =
        if card.names_peers() { BTreeSet::from([NodeId::from_bytes([1; 32])]) } else { BTreeSet::new() };
    card.policy(For { peers, group: Some(Id::new("north").unwrap()) }).unwrap()
}

fn cards() -> impl Iterator<Item = Card> {
    Card::ALL.into_iter().filter(|card| *card != Card::KeepHere)
}

#[test]
fn every_card_prohibits_all_that_is_never_allowed_and_prohibitions_win() {
    for card in cards() {
        let value = policy(&of(card), About { record: None, author: "cairn1a" });
        assert_eq!(value["conflict"], "odrl:prohibit");
        let text = value["prohibition"].to_string();
        for purpose in Prohibited::ALL {
            assert!(text.contains(prohibited(purpose).0), "{card:?} {purpose:?}");
        }
        assert_eq!(text.contains("odrl:distribute"), card != Card::Public);
        for permission in value["permission"].as_array().unwrap() {
            assert!(permission["duty"].to_string().contains("odrl:delete"), "{card:?}");
            let allowed = permission["constraint"][0]["rightOperand"].as_array().unwrap();
            assert_eq!(allowed.len(), card.purposes().len());
        }
    }
}

#[test]
fn the_whole_of_a_group_s_policy() {
    let mut group = of(Card::Group);
    group.expires_at = Some("2027-01-01T00:00:00Z".parse().unwrap());
    group.licence = "CC BY 4.0".into();
    let mut value = policy(&group, About { record: Some("cairn1a/7"), author: "cairn1a" });
    let whole = value.as_object_mut().unwrap();
    assert_eq!(whole.remove("@context"), Some(context()));
    let assignee = json!({ "@type": "odrl:PartyCollection", "uid": "urn:cairn:group:cairn1a:north" });
    let target = "urn:cairn:record:cairn1a/7";
    let on = |event: &str| json!([{ "leftOperand": "odrl:event", "operator": "odrl:eq", "rightOperand": { "@id": event } }]);
    let learning =
        json!([{ "@id": "cairn:PeerLearning", "skos:broader": { "@id": "dpv:ImprovePublicServices" } }]);
    let permission = |action: &str| {
        json!({
            "target": target, "assignee": assignee, "action": action,
            "constraint": [
                { "leftOperand": "odrl:purpose", "operator": "odrl:isAnyOf", "rightOperand": learning },
                { "leftOperand": "odrl:dateTime", "operator": "odrl:lt",
                  "rightOperand": { "@value": "2027-01-01T00:00:00Z", "@type": "xsd:dateTime" } },
            ],
            "duty": [
                { "action": "odrl:delete", "constraint": on("cairn:Withdrawal") },
                { "action": "odrl:inform", "constraint": on("cairn:Withdrawal") },
                { "action": "odrl:inform", "constraint": on("cairn:Use") },
            ],
        })
    };
    let under = |operand: Value| {
        json!({
            "target": target, "assignee": assignee, "action": "odrl:use",
            "constraint": [{ "leftOperand": "odrl:purpose", "operator": "odrl:isA", "rightOperand": operand }],
        })
    };
    let never = |purpose: &str| under(json!({ "@id": purpose }));
    let below = |purpose: &str, dpv: &str| under(json!({ "@id": purpose, "skos:broader": { "@id": dpv } }));
    let expected = json!({
        "@type": "odrl:Offer", "uid": "urn:cairn:record:cairn1a/7#policy", "profile": "urn:cairn:policy:1",
        "conflict": "odrl:prohibit", "assigner": "urn:cairn:node:cairn1a", "dct:license": "CC BY 4.0",
        "cairn:backFill": true,
        "permission": [permission("odrl:use"), permission("odrl:derive")],
        "prohibition": [
            never("cairn:RankingOrBenchmarking"), never("cairn:PerformanceManagementOfPlaces"),
            never("cairn:InspectionOrEnforcement"), never("cairn:FundingOrContractDecision"),
            below("cairn:StaffAssessment", "dpv:PersonnelPerformanceManagement"),
            below("cairn:CommercialUse", "dpv:CommercialPurpose"), never("cairn:ModelTraining"),
            { "target": target, "assignee": assignee, "action": "odrl:distribute" },
            { "target": target, "assignee": assignee, "action": "cairn:namePlace" },
        ],
    });
    assert_eq!(value, expected);
}
