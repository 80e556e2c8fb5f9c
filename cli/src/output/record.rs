//! One record, in full: everything that was, or would be, signed and sent.
//!
//! A test fills every field of the schema and looks for it on the page, so that a field
//! added to the schema cannot leave a place unseen.

use cairn_proto::pb::exchange::{
    ConsentStatement, DisclosureStatement, Policy, Record, Reference, record::Body,
};

use super::{Page, dialogue, experiment, notice, place, text, words};

/// Everything in a record: the body first, then the terms it travels under.
pub(crate) fn in_full(record: &Record, page: &mut Page) {
    let Record { author, index, identity_seq, created_at, policy, consent, disclosure, references, body } =
        record;
    match body {
        Some(Body::Profile(profile)) => place::profile(profile, page),
        Some(Body::ExperimentSummary(summary)) => experiment::account(summary, page),
        Some(Body::Retraction(retraction)) => notice::retraction(author, retraction, page),
        Some(Body::PurgeReceipt(receipt)) => notice::purge_receipt(receipt, page),
        Some(Body::UseReceipt(receipt)) => notice::use_receipt(receipt, page),
        Some(Body::Group(group)) => notice::group(group, page),
        Some(Body::Response(response)) => dialogue::response(response, page),
        Some(Body::Message(message)) => dialogue::message(message, page),
        None => page.say("A record of a kind that this version does not know. A newer one can show it."),
    }
    page.blank();
    page.say("Who signed it");
    page.fields(
        2,
        &[
            ("Author", author.clone()),
            ("Place in its log", index.to_string()),
            ("Signing key", format!("of identity event {identity_seq}")),
            ("Signed", text::moment_or(created_at.as_ref(), "no time is given")),
        ],
    );
    if let Some(policy) = policy {
        terms(policy, page);
    }
    if let Some(ConsentStatement { state, commitment }) = consent {
        page.blank();
        page.say("Consent");
        page.fields(2, &[("State", words::consent_state(*state)), ("Commitment", text::hex(commitment))]);
    }
    if let Some(statement) = disclosure {
        protection(statement, page);
    }
    page.list("Other records it refers to", references.iter().map(reference));
}

/// What recipients may do with it.
fn terms(policy: &Policy, page: &mut Page) {
    let Policy { audience, purposes, prohibited, relay, back_fill, name_place, expires_at, licence } = policy;
    page.blank();
    page.say("Terms");
    page.fields(
        2,
        &[
            ("Who may hold it", words::audience(audience.as_ref())),
            ("May be used for", words::purposes(purposes)),
            ("May never be used for", words::purposes(prohibited)),
            ("Holders may pass it on", words::yes_no(*relay)),
            ("Later peers receive it", words::yes_no(*back_fill)),
            ("The place may be named", words::yes_no(*name_place)),
            ("Every holder purges it", text::moment_or(expires_at.as_ref(), "no date is set")),
            ("Licence of the text", licence.clone()),
        ],
    );
}

/// What was done to protect people.
fn protection(statement: &DisclosureStatement, page: &mut Page) {
    let DisclosureStatement { statement, rule_set, checked_by, checked_on } = statement;
    page.blank();
    page.say("What was done to protect people");
    page.fields(
        2,
        &[
            ("Statement", statement.clone()),
            ("Rules", rule_set.clone()),
            ("Checked by", checked_by.clone()),
            ("Checked on", checked_on.clone()),
        ],
    );
}

/// A link to another record, with what was changed and why.
fn reference(reference: &Reference) -> String {
    let Reference { kind, author, index, what_changed, why_changed, context_difference } = reference;
    let mut line = format!("{} {author}/{index}", words::reference_kind(*kind));
    for (label, value) in [
        ("what changed", what_changed),
        ("why", why_changed),
        ("how our context differs", context_difference),
    ] {
        if !value.is_empty() {
            line.push_str(&format!("; {label}: {value}"));
        }
    }
    line
}

#[cfg(test)]
pub(crate) mod tests {
    use cairn_proto::pb::exchange::{
        Audience, ConsentState, ConsentStatement, DisclosureStatement, ExperimentSummary, NamedPeers, Policy,
        Purpose, Record, Reference, ReferenceKind, audience, record::Body,
    };
    use prost::Message as _;
    use prost_reflect::{DescriptorPool, DynamicMessage, Kind, ReflectMessage as _, Value};
    use prost_types::Timestamp;

    use super::in_full;
    use crate::output::page::tests::rendered;

    /// A record with every part.
    pub(crate) fn record() -> Record {
        let to = NamedPeers { node_ids: vec!["cairn1tyneside".to_owned(), "cairn1scotland".to_owned()] };
        Record {
            author: "cairn1plymouth".to_owned(),
            index: 3,
            identity_seq: 0,
            created_at: Some(Timestamp { seconds: 1_795_404_000, nanos: 0 }),
            policy: Some(Policy {
                audience: Some(Audience { kind: Some(audience::Kind::NamedPeers(to)) }),
                purposes: vec![Purpose::PeerLearning.into()],
                prohibited: vec![Purpose::Ranking.into(), Purpose::ModelTraining.into()],
                name_place: true,
                licence: "CC BY-NC 4.0".to_owned(),
                ..Default::default()
            }),
            consent: Some(ConsentStatement {
                state: ConsentState::Given.into(),
                commitment: vec![0xab, 0x01],
            }),
            disclosure: Some(DisclosureStatement {
                statement: "No person is named.".to_owned(),
                ..Default::default()
            }),
            references: vec![Reference {
                kind: ReferenceKind::DerivedFrom.into(),
                author: "cairn1dorset".to_owned(),
                index: 7,
                what_changed: "the team".to_owned(),
                ..Default::default()
            }],
            body: Some(Body::ExperimentSummary(ExperimentSummary {
                title: "A title".to_owned(),
                context: "A city.".to_owned(),
                ..Default::default()
            })),
        }
    }

    #[test]
    fn nothing_of_a_record_is_left_out() {
        let expected = "\
A title

Context
  A city.

Who signed it
  Author            cairn1plymouth
  Place in its log  3
  Signing key       of identity event 0
  Signed            2026-11-23 03:20 UTC

Terms
  Who may hold it         named peers, only these:
                          cairn1tyneside
                          cairn1scotland
  May be used for         peer learning
  May never be used for   ranking or benchmarking places,
                          training models
  Holders may pass it on  no
  Later peers receive it  no
  The place may be named  yes
  Every holder purges it  no date is set
  Licence of the text     CC BY-NC 4.0

Consent
  State       given: everyone whose words or data are in it
              agreed to this audience and these purposes
  Commitment  ab01

What was done to protect people
  Statement  No person is named.

Other records it refers to
  - started from cairn1dorset/7; what changed: the team
";
        assert_eq!(rendered(|page| in_full(&record(), page)), expected);
    }

    /// Fills every field with something that can be found again, and notes what. Of a oneof the field called
    /// `choice` is filled, or else the first.
    fn fill(message: &mut DynamicMessage, choice: &str, found_by: &mut Vec<String>) {
        let descriptor = message.descriptor();
        for field in descriptor.fields() {
            let chosen = field.containing_oneof().is_none_or(|one| {
                one.fields().find(|other| other.name() == choice).or_else(|| one.fields().next())
                    == Some(field.clone())
            });
            if !chosen {
                continue;
            }
            let mark = format!("{}{}", field.name(), found_by.len());
            let value = match field.kind() {
                Kind::String => Value::String(mark.clone()),
                Kind::Bytes => Value::Bytes(mark.clone().into()),
                Kind::Bool => Value::Bool(true),
                Kind::Enum(_) => Value::EnumNumber(1),
                Kind::Uint32 => Value::U32(4_000_000_007),
                Kind::Uint64 => Value::U64(9_000_000_000_000_000_007),
                Kind::Message(inner) if inner.full_name() == "google.protobuf.Timestamp" => {
                    let at = Timestamp { seconds: 1_795_404_000, nanos: 0 };
                    Value::Message(DynamicMessage::decode(inner, at.encode_to_vec().as_slice()).unwrap())
                }
                Kind::Message(inner) => {
                    let mut inner = DynamicMessage::new(inner);
                    fill(&mut inner, choice, found_by);
                    Value::Message(inner)
                }
                other => panic!("teach this test about {other:?}"),
            };
            found_by.extend(match &value {
                Value::String(text) => Some(text.clone()),
                Value::Bytes(bytes) => Some(crate::output::text::hex(bytes)),
                Value::U32(number) => Some(number.to_string()),
                Value::U64(number) => Some(number.to_string()),
                _ => None,
            });
            message.set_field(&field, if field.is_list() { Value::List(vec![value]) } else { value });
        }
    }

    #[test]
    fn every_field_of_the_schema_is_on_the_page() {
        let pool = DescriptorPool::decode(cairn_proto::pb::DESCRIPTORS).unwrap();
        for body in [
            "profile",
            "experiment_summary",
            "retraction",
            "purge_receipt",
            "use_receipt",
            "group",
            "response",
            "message",
        ] {
            let mut whole =
                DynamicMessage::new(pool.get_message_by_name("cairn.exchange.v1.Record").unwrap());
            let mut found_by = Vec::new();
            fill(&mut whole, body, &mut found_by);
            let record = Record::decode(whole.encode_to_vec().as_slice()).unwrap();
            let text = rendered(|page| in_full(&record, page));
            assert!(found_by.len() > 15, "{found_by:?}");
            for mark in found_by {
                assert!(text.contains(&mark), "{mark} of {body} is not on the page:\n{text}");
            }
        }
    }

    #[test]
    fn a_hostile_record_cannot_steer_the_terminal() {
        let mut hostile = record();
        hostile.body = Some(Body::ExperimentSummary(ExperimentSummary {
            title: "\u{1b}]0;owned\u{7}Innocent\u{1b}[1A\u{1b}[2K".to_owned(),
            context: "\u{9b}31m\u{202e}txet\u{202c}\r\u{8}".to_owned(),
            whose: "x\nAuthor  cairn1someone-else".to_owned(),
            ..Default::default()
        }));
        let text = rendered(|page| in_full(&hostile, page));
        assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
        assert!(!text.contains('\u{202e}'));
        assert!(!text.contains("\nAuthor  cairn1someone-else"), "{text}");
    }
}
