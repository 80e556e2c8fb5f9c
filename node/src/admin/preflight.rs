//! The page before a release, cards, groups and requests, as admin replies.

use cairn_proto::{
    ids::{NodeId, RecordId},
    pb::admin as pb,
};

use crate::{
    app::{
        groups::{self, Member},
        preflight::Page,
        requests::Request,
    },
    domain::{
        consent::Coverage,
        disclosure::{Change, Weight, Why},
        peer::Peering,
        policy::{Audience, Card, Policy, Withheld},
        preflight::Finding,
    },
    wire,
};

/// The page.
#[must_use]
pub fn page(page: &Page) -> pb::Preflight {
    pb::Preflight {
        title: page.title.clone(),
        obstacles: page.obstacles.iter().map(ToString::to_string).collect(),
        findings: page.findings.iter().map(finding).collect(),
        numbers: page.changes.iter().map(change).collect(),
        number_rules: page.number_rules.clone(),
        coverage: page.coverage.iter().map(coverage).collect(),
        card: page.card.name().to_owned(),
        card_words: card_words(page),
        policy_words: policy_words(&page.policy),
        recipients: page.recipients.iter().map(recipient).collect(),
        withheld: page.withheld.iter().map(withheld).collect(),
        later: later(page),
        expires_at: page.policy.expires_at.map(wire::timestamp),
        disclosure_statement: page.statement.clone(),
        needs_second_yes: page.second_person.is_some(),
        second_yes_because: page.second_person.clone().unwrap_or_default(),
        clear: page.clear(),
    }
}

fn finding(finding: &Finding) -> pb::PreflightFinding {
    pb::PreflightFinding {
        key: finding.key.clone(),
        what: finding.sort.words().to_owned(),
        part: finding.part.clone(),
        text: finding.text.clone(),
        blocks: finding.weight == Weight::Blocks,
        mend: finding.mend.clone(),
        override_reason: finding.overridden.clone().unwrap_or_default(),
    }
}

fn change(change: &Change) -> pb::NumberChange {
    let why = match change.why {
        Why::Small => "it counts few people",
        Why::SoNothingCanBeDerived => "a small number could be worked out from it",
        Why::Rounded => "counts of people are rounded",
        Why::AverageOfFew => "it is an average or a percentage of few people",
        Why::Zero => "zero is hidden like a small number",
    };
    pb::NumberChange {
        part: format!("figures[{}].value", change.figure),
        before: change.before.clone(),
        after: change.after.clone(),
        why: why.to_owned(),
    }
}

fn coverage(line: &Coverage) -> pb::Coverage {
    pb::Coverage {
        consent: line.consent.clone(),
        parts: line.parts.clone(),
        words: line.words.clone(),
        gaps: line.gaps.iter().map(ToString::to_string).collect(),
        left_out: line.left_out(),
    }
}

fn recipient(peer: &Peering) -> pb::Recipient {
    pb::Recipient { name: peer.name.clone(), node_id: peer.node.to_string() }
}

fn withheld((peer, why): &(Peering, Withheld)) -> pb::Withheld {
    pb::Withheld { name: peer.name.clone(), node_id: peer.node.to_string(), reason: why.to_string() }
}

/// The rules of a policy, one a line.
#[must_use]
pub fn policy_words(policy: &Policy) -> Vec<String> {
    let mut lines = vec![format!("For: {}.", policy.audience)];
    lines.extend(rules(policy.relay, policy.back_fill, policy.name_place));
    let purposes: Vec<_> = policy.purposes.iter().map(|purpose| purpose.words()).collect();
    lines.push(format!("It may serve {}.", purposes.join(", ")));
    lines.push(never());
    lines.push(policy.expires_at.map_or_else(
        || "It does not end by itself; it can be withdrawn.".to_owned(),
        |at| format!("Every holder purges it at {at}, or when it is withdrawn."),
    ));
    lines
}

fn rules(relay: bool, back_fill: bool, name_place: bool) -> [String; 3] {
    let say = |yes, text: &str, no: &str| if yes { text.to_owned() } else { no.to_owned() };
    [
        say(relay, "Holders may pass it on within the audience.", "Holders do not pass it on."),
        say(
            back_fill,
            "Those who join later may receive it, too.",
            "Those who join later do not receive it.",
        ),
        say(name_place, "The place may be named in public.", "The place may not be named in public."),
    ]
}

fn never() -> String {
    let never: Vec<_> =
        crate::domain::policy::Prohibited::ALL.iter().map(|purpose| purpose.words()).collect();
    format!("It may never serve {}.", never.join(", "))
}

/// What the card says, and where the release says otherwise.
fn card_words(page: &Page) -> String {
    let words = page.card.words();
    match (page.policy.relay, page.card.relays()) {
        (true, false) => {
            format!("{words} But you chose that holders may pass it on to others for whom it is.")
        }
        (false, true) => format!("{words} But you chose that holders do not pass it on."),
        _ => words.to_owned(),
    }
}

/// Who could receive it later, in words.
fn later(page: &Page) -> String {
    let Policy { audience, back_fill, relay, .. } = &page.policy;
    let text = match (audience, back_fill) {
        (Audience::NamedPeers(_), _) if *relay => {
            "Nobody but those you named. One who is no peer of ours gets it from a peer of ours who passes it on."
        }
        (Audience::NamedPeers(_), _) => "Nobody but the peers you named.",
        (Audience::Group(_), true) => {
            "Peers that join the group later, if you say so when they join; nobody else. You can look at its members with \
             `cairn group show`."
        }
        (Audience::Group(_), false) => "Nobody who joins the group later.",
        (Audience::AllPeers, true) => "Every place with which you agree on a peering later.",
        (Audience::AllPeers, false) => "No place with which you agree on a peering later.",
        (Audience::Public, _) => "Anyone: it is public, and peers may pass it on.",
    };
    // Whether its contract fits is asked of a member only.
    let member = page.withheld.iter().any(|(_, why)| matches!(why, Withheld::NoCommonPurpose));
    let empty = match audience {
        Audience::Group(_) if page.recipients.is_empty() && !member => {
            "No active peer belongs to this group today, so nobody receives it now. "
        }
        _ if page.recipients.is_empty() => "Nobody receives it today. ",
        _ => "",
    };
    format!("{empty}{text}")
}

/// A card.
#[must_use]
pub fn card(card: Card, two_persons: bool) -> pb::Card {
    let mut lines = Vec::new();
    if card != Card::KeepHere {
        let public = card == Card::Public;
        lines.extend(rules(public, !card.names_peers(), public));
        let purposes: Vec<_> = card.purposes().iter().map(|purpose| purpose.words()).collect();
        lines.push(format!("It may serve {}.", purposes.join(", ")));
        lines.push(never());
    }
    pb::Card { name: card.name().to_owned(), words: card.words().to_owned(), rules: lines, two_persons }
}

/// A group.
#[must_use]
pub fn group(own: &NodeId, listed: &groups::Listed) -> pb::GroupEntry {
    let member = |Member { name, row }: &Member| pb::Member {
        name: name.clone(),
        node_id: row.node.to_string(),
        since: Some(wire::timestamp(row.since)),
        earlier: row.earlier,
    };
    let groups::Listed { group, members, records } = listed;
    pb::GroupEntry {
        id: group.id.clone(),
        name: group.name.clone(),
        about: group.about.clone(),
        members: members.iter().map(member).collect(),
        record_ids: records.iter().map(|(index, _)| record_id(own, *index)).collect(),
    }
}

/// The id of one of our own records.
#[must_use]
pub fn record_id(own: &NodeId, index: u64) -> String {
    RecordId { author: *own, index }.to_string()
}

/// A release that called for two persons.
#[must_use]
pub fn request(own: &NodeId, request: &Request) -> pb::ReleaseEntry {
    let Request { row, title, card } = request;
    pb::ReleaseEntry {
        id: row.id,
        title: title.clone(),
        experiment_id: row.experiment.clone().unwrap_or_default(),
        version: u32::try_from(row.version).unwrap_or(u32::MAX),
        card: card.clone(),
        asked_by: row.asked_by.clone(),
        asked_at: Some(wire::timestamp(row.asked_at)),
        state: row.state.clone(),
        decided_by: row.decided_by.clone(),
        decided_at: row.decided_at.map(wire::timestamp),
        reason: row.reason.clone(),
        record_id: row.record.map(|index| record_id(own, index)).unwrap_or_default(),
    }
}
