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
            // A duty of a permission has to be done before: nobody could use a record that was not withdrawn.
            assert!(permission.get("duty").is_none(), "{card:?}");
            let allowed = permission["constraint"][0]["rightOperand"].as_array().unwrap();
            assert_eq!(allowed.len(), card.purposes().len());
        }
    }
}

/// What ODRL 2.2 asks of every policy and every rule, and the terms that it knows; the others are of our profile.
#[test]
fn every_card_is_odrl() {
    const ACTIONS: [&str; 5] = ["odrl:use", "odrl:derive", "odrl:distribute", "odrl:delete", "odrl:inform"];
    const LEFT: [&str; 3] = ["odrl:purpose", "odrl:dateTime", "odrl:event"];
    const OPERATORS: [&str; 4] = ["odrl:isAnyOf", "odrl:isA", "odrl:lt", "odrl:gt"];
    for (card, record) in cards().flat_map(|card| [(card, None), (card, Some("cairn1a/7"))]) {
        let mut policy_of_card = of(card);
        policy_of_card.expires_at = Some("2027-01-01T00:00:00Z".parse().unwrap());
        let value = policy(&policy_of_card, About { record, author: "cairn1a" });
        for part in ["uid", "profile", "assigner"] {
            assert!(value[part].as_str().unwrap().starts_with("urn:cairn:"), "{card:?} {part}");
        }
        assert!(
            value["uid"].as_str().unwrap().contains("cairn1a"),
            "no two places have a policy of one name"
        );
        assert_eq!(
            value["target"],
            json!({ "@type": "odrl:Asset", "uid": value["permission"][0]["target"] })
        );
        let informed: Vec<_> = value["obligation"].as_array().unwrap().iter().collect();
        assert_eq!(informed.len(), 3);
        for owed in informed.iter().filter(|owed| owed["action"] == "odrl:inform") {
            assert_eq!(owed["informedParty"], value["assigner"], "{card:?}");
        }
        let rules = ["permission", "prohibition", "obligation"].map(|kind| value[kind].as_array().unwrap());
        for rule in rules.into_iter().flatten() {
            assert_eq!(rule["target"], value["target"]["uid"], "{card:?}");
            assert!(!rule["assignee"].is_null());
            let known = rule["action"].as_str().is_some_and(|action| ACTIONS.contains(&action));
            assert!(known || rule["action"]["odrl:includedIn"]["@id"] == "odrl:use", "{rule}");
            for constraint in rule["constraint"].as_array().into_iter().flatten() {
                assert!(LEFT.contains(&constraint["leftOperand"].as_str().unwrap()), "{constraint}");
                assert!(OPERATORS.contains(&constraint["operator"].as_str().unwrap()), "{constraint}");
                assert!(!constraint["rightOperand"].is_null());
            }
        }
        // Every word is ODRL's, or stands in the context.
        let context = &value["@context"];
        for word in value.as_object().unwrap().keys().filter(|word| !word.starts_with('@')) {
            let prefix = word.split_once(':').map_or(word.as_str(), |(prefix, _)| prefix);
            assert!(!context[prefix].is_null(), "{word}");
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
    let after = |action: &str, event: &str| {
        json!({
            "target": target, "assignee": assignee, "action": action,
            "constraint": [
                { "leftOperand": "odrl:event", "operator": "odrl:gt", "rightOperand": { "@id": event } },
            ],
        })
    };
    let tell = |event: &str| {
        let mut told = after("odrl:inform", event);
        told["informedParty"] = "urn:cairn:node:cairn1a".into();
        told
    };
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
        "conflict": "odrl:prohibit", "assigner": "urn:cairn:node:cairn1a",
        "target": { "@type": "odrl:Asset", "uid": target, "dct:license": "CC BY 4.0" },
        "cairn:backFill": true,
        "permission": [permission("odrl:use"), permission("odrl:derive")],
        "prohibition": [
            never("cairn:RankingOrBenchmarking"), never("cairn:PerformanceManagementOfPlaces"),
            never("cairn:InspectionOrEnforcement"), never("cairn:FundingOrContractDecision"),
            below("cairn:StaffAssessment", "dpv:PersonnelPerformanceManagement"),
            below("cairn:CommercialUse", "dpv:CommercialPurpose"), never("cairn:ModelTraining"),
            { "target": target, "assignee": assignee, "action": "odrl:distribute" },
            { "target": target, "assignee": assignee, "action":
                { "@id": "cairn:namePlace", "odrl:includedIn": { "@id": "odrl:use" } } },
        ],
        "obligation": [after("odrl:delete", "cairn:Withdrawal"), tell("cairn:Withdrawal"), tell("cairn:Use")],
    });
    assert_eq!(value, expected);
}
