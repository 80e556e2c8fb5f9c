//! A usage policy for other software: ODRL 2.2 with terms of DPV, as JSON-LD. The context is static and written out, so
//! that nobody has to fetch anything to read it.

use serde_json::{Value, json};

use crate::domain::policy::{Audience, Policy, Prohibited, Purpose};

/// Our profile of ODRL and our own terms.
const PROFILE: &str = "urn:cairn:policy:1";

/// What a policy is about.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The record; none for one that is only thought of.
    pub record: Option<&'a str>,
    /// The NodeId of its author.
    pub author: &'a str,
}

/// A policy as ODRL.
#[must_use]
pub fn policy(policy: &Policy, about: About<'_>) -> Value {
    let target = about
        .record
        .map_or_else(|| "urn:cairn:record:not-released".to_owned(), |id| format!("urn:cairn:record:{id}"));
    let assignee = assignee(&policy.audience, about.author);
    let mut constraints = vec![purposes(policy)];
    constraints.extend(policy.expires_at.map(|at| {
        json!({
            "leftOperand": "odrl:dateTime", "operator": "odrl:lt",
            "rightOperand": { "@value": at.to_string(), "@type": "xsd:dateTime" },
        })
    }));
    let rule = |action: &str| json!({ "target": target, "assignee": assignee, "action": action });
    let mut permissions = Vec::new();
    for action in actions(policy) {
        let mut permission = rule(action);
        if let Value::Object(parts) = &mut permission {
            parts.insert("constraint".to_owned(), constraints.clone().into());
            parts.insert("duty".to_owned(), duties());
        }
        permissions.push(permission);
    }
    let mut prohibitions: Vec<_> =
        Prohibited::ALL.into_iter().map(|purpose| never(rule("odrl:use"), purpose)).collect();
    if !policy.relay {
        prohibitions.push(rule("odrl:distribute"));
    }
    if !policy.name_place {
        prohibitions.push(rule("cairn:namePlace"));
    }
    json!({
        "@context": context(),
        "@type": if about.record.is_some() { "odrl:Offer" } else { "odrl:Set" },
        "uid": format!("{target}#policy"),
        "profile": PROFILE,
        "conflict": "odrl:prohibit",
        "assigner": format!("urn:cairn:node:{}", about.author),
        "dct:license": policy.licence,
        "cairn:backFill": policy.back_fill,
        "permission": permissions,
        "prohibition": prohibitions,
    })
}

fn actions(policy: &Policy) -> impl Iterator<Item = &'static str> {
    let relay = policy.relay.then_some("odrl:distribute");
    let name = policy.name_place.then_some("cairn:namePlace");
    ["odrl:use", "odrl:derive"].into_iter().chain(relay).chain(name)
}

fn assignee(audience: &Audience, author: &str) -> Value {
    match audience {
        Audience::NamedPeers(nodes) => nodes.iter().map(|node| format!("urn:cairn:node:{node}")).collect(),
        Audience::Group(id) => {
            json!({ "@type": "odrl:PartyCollection", "uid": format!("urn:cairn:group:{author}:{id}") })
        }
        Audience::AllPeers => {
            json!({ "@type": "odrl:PartyCollection", "uid": format!("urn:cairn:peers:{author}") })
        }
        Audience::Public => json!({ "@type": "odrl:PartyCollection", "uid": "cairn:Anyone" }),
    }
}

fn purposes(policy: &Policy) -> Value {
    let terms: Vec<_> = policy
        .purposes
        .iter()
        .map(|purpose| {
            let (id, broader) = term(*purpose);
            json!({ "@id": id, "skos:broader": { "@id": broader } })
        })
        .collect();
    json!({ "leftOperand": "odrl:purpose", "operator": "odrl:isAnyOf", "rightOperand": terms })
}

fn never(mut rule: Value, purpose: Prohibited) -> Value {
    if let Value::Object(parts) = &mut rule {
        let (id, broader) = prohibited(purpose);
        let operand = match broader {
            Some(broader) => json!({ "@id": id, "skos:broader": { "@id": broader } }),
            None => json!({ "@id": id }),
        };
        let constraint =
            json!([{ "leftOperand": "odrl:purpose", "operator": "odrl:isA", "rightOperand": operand }]);
        parts.insert("constraint".to_owned(), constraint);
    }
    rule
}

/// What every holder owes: to purge it when it is withdrawn, and to say so and what it did with it.
fn duties() -> Value {
    let on = |event: &str| json!([{ "leftOperand": "odrl:event", "operator": "odrl:eq", "rightOperand": { "@id": event } }]);
    json!([
        { "action": "odrl:delete", "constraint": on("cairn:Withdrawal") },
        { "action": "odrl:inform", "constraint": on("cairn:Withdrawal") },
        { "action": "odrl:inform", "constraint": on("cairn:Use") },
    ])
}

/// Our term for a purpose, and what it is under in DPV.
fn term(purpose: Purpose) -> (&'static str, &'static str) {
    match purpose {
        Purpose::PeerLearning => ("cairn:PeerLearning", "dpv:ImprovePublicServices"),
        Purpose::PatternFinding => ("cairn:PatternFinding", "dpv:ImprovePublicServices"),
        Purpose::PolicyDesign => ("cairn:PolicyDesign", "dpv:PublicPolicyMaking"),
        Purpose::Research => ("cairn:Research", "dpv:ScientificResearch"),
        Purpose::OfficialStatistics => ("cairn:OfficialStatistics", "dpv:ProvideOfficialStatistics"),
        Purpose::PublicNarrative => ("cairn:PublicAccountabilityNarrative", "dpv:PublicBenefit"),
    }
}

/// Our term for a prohibited purpose, and what it is under in DPV, where DPV has anything.
fn prohibited(purpose: Prohibited) -> (&'static str, Option<&'static str>) {
    match purpose {
        Prohibited::Ranking => ("cairn:RankingOrBenchmarking", None),
        Prohibited::PerformanceManagement => ("cairn:PerformanceManagementOfPlaces", None),
        Prohibited::Inspection => ("cairn:InspectionOrEnforcement", None),
        Prohibited::FundingDecision => ("cairn:FundingOrContractDecision", None),
        Prohibited::StaffAssessment => ("cairn:StaffAssessment", Some("dpv:PersonnelPerformanceManagement")),
        Prohibited::CommercialUse => ("cairn:CommercialUse", Some("dpv:CommercialPurpose")),
        Prohibited::ModelTraining => ("cairn:ModelTraining", None),
    }
}

/// What the words mean.
fn context() -> Value {
    json!({
        "odrl": "http://www.w3.org/ns/odrl/2/",
        "dpv": "https://w3id.org/dpv#",
        "dct": "http://purl.org/dc/terms/",
        "skos": "http://www.w3.org/2004/02/skos/core#",
        "xsd": "http://www.w3.org/2001/XMLSchema#",
        "cairn": format!("{PROFILE}:"),
        "uid": "@id",
        "profile": { "@id": "odrl:profile", "@type": "@id" },
        "conflict": { "@id": "odrl:conflict", "@type": "@id" },
        "assigner": { "@id": "odrl:assigner", "@type": "@id" },
        "assignee": { "@id": "odrl:assignee", "@type": "@id" },
        "target": { "@id": "odrl:target", "@type": "@id" },
        "action": { "@id": "odrl:action", "@type": "@id" },
        "permission": { "@id": "odrl:permission", "@container": "@set" },
        "prohibition": { "@id": "odrl:prohibition", "@container": "@set" },
        "duty": { "@id": "odrl:duty", "@container": "@set" },
        "constraint": { "@id": "odrl:constraint", "@container": "@set" },
        "leftOperand": { "@id": "odrl:leftOperand", "@type": "@id" },
        "operator": { "@id": "odrl:operator", "@type": "@id" },
        "rightOperand": { "@id": "odrl:rightOperand" },
    })
}

#[cfg(test)]
mod tests;
