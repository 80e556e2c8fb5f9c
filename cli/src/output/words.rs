//! The closed lists of the protocol, in words.
//!
//! A number that is not in a list comes from newer software and is shown as such.

use cairn_proto::pb::exchange::{
    Audience, BuiltInScale, ConsentState, Declaration, DeclarationKind, ExperimentState, MessageKind,
    PurgeOutcome, Purpose, ReferenceKind, ResponseKind, RetractionReason, Scale, Standing, UseKind, audience,
    scale,
};

/// For a number this version does not know.
fn unknown(number: i32) -> String {
    format!("something this version does not know ({number})")
}

/// A purpose, permitted or prohibited.
pub(crate) fn purpose(number: i32) -> String {
    let Ok(purpose) = Purpose::try_from(number) else { return unknown(number) };
    let words = match purpose {
        Purpose::Unspecified => "no purpose",
        Purpose::PeerLearning => "peer learning",
        Purpose::PatternFinding => "pattern finding",
        Purpose::PolicyDesign => "policy design",
        Purpose::Research => "research",
        Purpose::OfficialStatistics => "official statistics",
        Purpose::PublicNarrative => "public narrative",
        Purpose::Ranking => "ranking or benchmarking places",
        Purpose::PerformanceManagement => "managing the performance of places",
        Purpose::Inspection => "inspection or enforcement",
        Purpose::FundingDecision => "deciding about funding or contracts",
        Purpose::StaffAssessment => "assessing staff",
        Purpose::CommercialUse => "commercial use",
        Purpose::ModelTraining => "training models",
    };
    words.to_owned()
}

/// Purposes, joined by commas.
pub(crate) fn purposes(numbers: &[i32]) -> String {
    numbers.iter().map(|number| purpose(*number)).collect::<Vec<_>>().join(", ")
}

/// A scale: a label and never a rank.
pub(crate) fn scale(scale: Option<&Scale>) -> String {
    match scale.and_then(|scale| scale.label.as_ref()) {
        None => String::new(),
        Some(scale::Label::Own(word)) => word.clone(),
        Some(scale::Label::BuiltIn(number)) => match BuiltInScale::try_from(*number) {
            Ok(BuiltInScale::Unspecified) => String::new(),
            Ok(BuiltInScale::Organisation) => "organisation".to_owned(),
            Ok(BuiltInScale::Place) => "place".to_owned(),
            Ok(BuiltInScale::Country) => "country".to_owned(),
            Err(_) => unknown(*number),
        },
    }
}

/// Where an experiment stands. No state is good or bad.
pub(crate) fn experiment_state(number: i32) -> String {
    let Ok(state) = ExperimentState::try_from(number) else { return unknown(number) };
    let words = match state {
        ExperimentState::Unspecified => "",
        ExperimentState::Designing => "being designed",
        ExperimentState::Running => "running",
        ExperimentState::Paused => "paused",
        ExperimentState::EndedAsPlanned => "ended as planned",
        ExperimentState::EndedEarly => "ended early",
        ExperimentState::BecamePractice => "became practice",
    };
    words.to_owned()
}

/// Declared before, or described in retrospect.
pub(crate) fn declaration(declaration: Option<&Declaration>) -> String {
    let Some(Declaration { kind, declared_on }) = declaration else { return String::new() };
    match DeclarationKind::try_from(*kind) {
        Ok(DeclarationKind::Unspecified) => String::new(),
        Ok(DeclarationKind::Before) if declared_on.is_empty() => "declared before it started".to_owned(),
        Ok(DeclarationKind::Before) => format!("declared before it started, on {declared_on}"),
        Ok(DeclarationKind::InRetrospect) => "described in retrospect".to_owned(),
        Err(_) => unknown(*kind),
    }
}

/// What an author states about consent.
pub(crate) fn consent_state(number: i32) -> String {
    let Ok(state) = ConsentState::try_from(number) else { return unknown(number) };
    let words = match state {
        ConsentState::Unspecified => "nothing is stated",
        ConsentState::Given => {
            "given: everyone whose words or data are in it agreed to this audience and these purposes"
        }
        ConsentState::NotNeeded => "not needed: it holds nobody's words or data",
    };
    words.to_owned()
}

/// How one record relates to another.
pub(crate) fn reference_kind(number: i32) -> String {
    let Ok(kind) = ReferenceKind::try_from(number) else { return unknown(number) };
    let words = match kind {
        ReferenceKind::Unspecified => "refers to",
        ReferenceKind::DerivedFrom => "started from",
        ReferenceKind::RevisionOf => "replaces",
        ReferenceKind::About => "speaks about",
        ReferenceKind::Cites => "mentions",
        ReferenceKind::InReplyTo => "answers",
    };
    words.to_owned()
}

/// How a place stands to a record.
pub(crate) fn response_kind(number: i32) -> String {
    let Ok(kind) = ResponseKind::try_from(number) else { return unknown(number) };
    let words = match kind {
        ResponseKind::Unspecified => "it is not said",
        ResponseKind::SeeThisToo => "we see this, too",
        ResponseKind::SeeItDifferently => "we see it differently",
        ResponseKind::NotHere => "not here",
        ResponseKind::Held => "tried here: it held",
        ResponseKind::HeldWithChanges => "tried here: it held with changes",
        ResponseKind::DidNotHold => "tried here: it did not hold",
        ResponseKind::Stopped => "tried here, and stopped",
    };
    words.to_owned()
}

/// What a message is.
pub(crate) fn message_kind(number: i32) -> String {
    let Ok(kind) = MessageKind::try_from(number) else { return unknown(number) };
    let words = match kind {
        MessageKind::Unspecified => "it is not said",
        MessageKind::Question => "question",
        MessageKind::Reply => "reply",
        MessageKind::Account => "account of one side",
    };
    words.to_owned()
}

/// Why a record was withdrawn.
pub(crate) fn retraction_reason(number: i32) -> String {
    let Ok(reason) = RetractionReason::try_from(number) else { return unknown(number) };
    let words = match reason {
        RetractionReason::Unspecified => "no reason is given",
        RetractionReason::ConsentWithdrawn => "somebody took back their consent, or it ended",
        RetractionReason::Mistake => "it was released by mistake, or holds one",
        RetractionReason::Superseded => "a later record says it better",
        RetractionReason::Other => "another reason",
    };
    words.to_owned()
}

/// What became of a withdrawn record at a holder.
pub(crate) fn purge_outcome(number: i32) -> String {
    let Ok(outcome) = PurgeOutcome::try_from(number) else { return unknown(number) };
    let words = match outcome {
        PurgeOutcome::Unspecified => "it is not said",
        PurgeOutcome::Purged => "it is gone from store, search and caches",
        PurgeOutcome::NeverHeld => "it was never held there",
        PurgeOutcome::Exception => "it is shown and given to nobody, but kept for a legal reason",
    };
    words.to_owned()
}

/// What was done with a record.
pub(crate) fn use_kind(number: i32) -> String {
    let Ok(kind) = UseKind::try_from(number) else { return unknown(number) };
    let words = match kind {
        UseKind::Unspecified => "it is not said",
        UseKind::Held => "it is held and can be read there",
        UseKind::StartingPoint => "an experiment there started from it",
        UseKind::Cited => "a record there cites it",
    };
    words.to_owned()
}

/// Where a peering stands.
pub(crate) fn standing(number: i32) -> String {
    let Ok(standing) = Standing::try_from(number) else { return unknown(number) };
    let words = match standing {
        Standing::Unspecified => "strangers",
        Standing::Proposed => "proposed",
        Standing::Active => "active",
        Standing::Limited => "limited",
        Standing::Suspended => "suspended",
        Standing::Ended => "ended",
    };
    words.to_owned()
}

/// Who may hold a record, with every node named.
pub(crate) fn audience(audience: Option<&Audience>) -> String {
    match audience.and_then(|audience| audience.kind.as_ref()) {
        None => "nobody".to_owned(),
        Some(audience::Kind::Public(_)) => "public: anyone".to_owned(),
        Some(audience::Kind::AllPeers(_)) => "network: every active peer of the author".to_owned(),
        Some(audience::Kind::Group(group)) => {
            format!("group: whoever belongs to the author's group {}", group.group_id)
        }
        Some(audience::Kind::NamedPeers(named)) => {
            format!("named peers, only these:\n{}", named.node_ids.join("\n"))
        }
    }
}

/// Yes or no.
pub(crate) fn yes_no(yes: bool) -> String {
    if yes { "yes" } else { "no" }.to_owned()
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::exchange::{Audience, ExperimentState, GroupMembers, Purpose, audience::Kind};

    use super::{audience, experiment_state, purpose};

    #[test]
    fn numbers_from_newer_software_are_shown_as_such() {
        assert_eq!(purpose(Purpose::PolicyDesign as i32), "policy design");
        assert_eq!(purpose(77), "something this version does not know (77)");
    }

    #[test]
    fn a_group_is_named_by_its_id() {
        let kind = Kind::Group(GroupMembers { group_id: "coast".to_owned() });
        let words = audience(Some(&Audience { kind: Some(kind) }));
        assert_eq!(words, "group: whoever belongs to the author's group coast");
    }

    #[test]
    fn ending_early_is_said_like_any_other_state() {
        assert_eq!(experiment_state(ExperimentState::EndedEarly as i32), "ended early");
        assert_eq!(experiment_state(ExperimentState::EndedAsPlanned as i32), "ended as planned");
    }
}
