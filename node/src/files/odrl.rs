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
    let target = about.record.map_or_else(
        || format!("urn:cairn:record:{}/not-released", about.author),
        |id| format!("urn:cairn:record:{id}"),
    );
    let author = format!("urn:cairn:node:{}", about.author);
    let assignee = assignee(&policy.audience, about.author);
    let mut constraints = vec![purposes(policy)];
    constraints.extend(policy.expires_at.map(|at| {
        json!({
            "leftOperand": "odrl:dateTime", "operator": "odrl:lt",
            "rightOperand": { "@value": at.to_string(), "@type": "xsd:dateTime" },
        })
    }));
    let rule = |action: Value| json!({ "target": target, "assignee": assignee, "action": action });
    let permissions: Vec<_> =
        actions(policy).map(|action| with(rule(action), "constraint", constraints.clone().into())).collect();
    let mut prohibitions: Vec<_> =
        Prohibited::ALL.into_iter().map(|purpose| never(rule("odrl:use".into()), purpose)).collect();
    if !policy.relay {
        prohibitions.push(rule("odrl:distribute".into()));
    }
    if !policy.name_place {
        prohibitions.push(rule(name_place()));
    }
    let mut asset = json!({ "@type": "odrl:Asset", "uid": target });
    if !policy.licence.is_empty() {
        asset = with(asset, "dct:license", policy.licence.clone().into());
    }
    json!({
        "@context": context(),
        "@type": if about.record.is_some() { "odrl:Offer" } else { "odrl:Set" },
        "uid": format!("{target}#policy"),
        "profile": PROFILE,
        "conflict": "odrl:prohibit",
        "assigner": author,
        "target": asset,
        "cairn:backFill": policy.back_fill,
        "permission": permissions,
        "prohibition": prohibitions,
        "obligation": obligations(rule, &author),
    })
}

fn actions(policy: &Policy) -> impl Iterator<Item = Value> {
    let relay = policy.relay.then(|| "odrl:distribute".into());
    let name = policy.name_place.then(name_place);
    ["odrl:use".into(), "odrl:derive".into()].into_iter().chain(relay).chain(name)
}

/// An action of ours. Every action has to say which one of ODRL's it is a kind of.
fn name_place() -> Value {
    json!({ "@id": "cairn:namePlace", "odrl:includedIn": { "@id": "odrl:use" } })
}

/// A node of the document with a part more.
fn with(mut node: Value, name: &str, part: Value) -> Value {
    if let Value::Object(parts) = &mut node {
        parts.insert(name.to_owned(), part);
    }
    node
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

fn never(rule: Value, purpose: Prohibited) -> Value {
    let (id, broader) = prohibited(purpose);
    let operand = match broader {
        Some(broader) => json!({ "@id": id, "skos:broader": { "@id": broader } }),
        None => json!({ "@id": id }),
    };
    let constraint =
        json!([{ "leftOperand": "odrl:purpose", "operator": "odrl:isA", "rightOperand": operand }]);
    with(rule, "constraint", constraint)
}

/// What every holder owes: to purge it after it is withdrawn, and to tell the author so and what it did with it. These are
/// no duties of a permission: those would have to be done before the record could be used at all.
fn obligations(rule: impl Fn(Value) -> Value, author: &str) -> Value {
    let after = |action: &str, event: &str| {
        let constraint = json!([
            { "leftOperand": "odrl:event", "operator": "odrl:gt", "rightOperand": { "@id": event } }
        ]);
        with(rule(action.into()), "constraint", constraint)
    };
    let tell = |event| with(after("odrl:inform", event), "informedParty", author.into());
    json!([after("odrl:delete", "cairn:Withdrawal"), tell("cairn:Withdrawal"), tell("cairn:Use")])
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
        "obligation": { "@id": "odrl:obligation", "@container": "@set" },
        "informedParty": { "@id": "odrl:informedParty", "@type": "@id" },
        "constraint": { "@id": "odrl:constraint", "@container": "@set" },
        "leftOperand": { "@id": "odrl:leftOperand", "@type": "@id" },
        "operator": { "@id": "odrl:operator", "@type": "@id" },
        "rightOperand": { "@id": "odrl:rightOperand" },
    })
}

#[cfg(test)]
mod tests;
