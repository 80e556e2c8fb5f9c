//! Trust lists: a sound one says who made it, and no part of it can be changed.

use cairn_proto::{
    envelope::{self, PayloadType},
    limits::{TRUST_BYTES, TRUST_ENTRIES},
    pb::exchange::{TrustEntry, TrustFile, TrustList},
    trust::{self, TrustError},
};
use prost::Message as _;

use crate::place::{self, Place};

fn signed(list: &TrustList) -> TrustFile {
    let author = Place::new(1);
    let sealed = envelope::sign(PayloadType::TrustList, list.encode_to_vec(), &[&author.signing()]);
    TrustFile { identity: author.identity.events().to_vec(), list: Some(sealed) }
}

fn refused(change: impl FnOnce(&mut TrustList)) -> TrustError {
    let mut list = place::trust_list();
    change(&mut list);
    trust::verify(&trust::encode(&signed(&list))).unwrap_err()
}

#[test]
fn a_sound_list_says_who_made_it_and_what_it_proposes() {
    let list = place::trust_list();
    let found = trust::verify(&trust::encode(&signed(&list))).unwrap();
    assert_eq!(found.author.node_id(), Place::new(1).id());
    assert_eq!(found.list, list);
    assert_eq!(found.nodes, [Place::new(50).id(), Place::new(80).id()]);
    let empty = TrustList { entries: Vec::new(), ..list };
    assert!(trust::verify(&trust::encode(&signed(&empty))).unwrap().nodes.is_empty());
}

#[test]
fn what_is_no_list_is_told() {
    assert_eq!(trust::verify(b"cairn-evidence/v1\n"), Err(TrustError::NotATrustList));
    let large = vec![0; TRUST_BYTES + 1];
    assert_eq!(trust::verify(&large), Err(TrustError::TooLarge(TRUST_BYTES + 1)));
    assert!(matches!(trust::verify(b"cairn-trust/v1\n\x0a\xff"), Err(TrustError::Malformed(_))));
    assert!(matches!(trust::verify(b"cairn-trust/v1\n"), Err(TrustError::Author(_))));
    let file = TrustFile { list: None, ..signed(&place::trust_list()) };
    assert_eq!(trust::verify(&trust::encode(&file)), Err(TrustError::Empty));
}

#[test]
fn a_changed_list_is_refused_wherever_it_was_changed() {
    let whole = trust::encode(&signed(&place::trust_list()));
    let keyids = |bytes: &[u8]| trust::verify(bytes).is_ok();
    let mut still_good = 0;
    for at in 0..whole.len() {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        still_good += usize::from(keyids(&changed));
    }
    // Only key ids, which are hints: two signatures of 64 hexadecimal digits each, and their tags.
    assert!(still_good <= 2 * 68, "{still_good} changes went unnoticed");
}

#[test]
fn another_author_another_type_and_another_key_are_refused() {
    let other = Place::new(80);
    assert_eq!(
        refused(|list| list.author = other.id().to_string()),
        TrustError::OtherAuthor(Place::new(1).id())
    );
    let list = place::trust_list();
    let mut file = signed(&list);
    file.list = Some(envelope::sign(PayloadType::Record, list.encode_to_vec(), &[&Place::new(1).signing()]));
    assert!(matches!(trust::verify(&trust::encode(&file)), Err(TrustError::Signature(_))));
    file.list = Some(envelope::sign(PayloadType::TrustList, list.encode_to_vec(), &[&other.signing()]));
    assert!(matches!(trust::verify(&trust::encode(&file)), Err(TrustError::Signature(_))));
}

#[test]
fn one_thing_is_said_of_each_node_and_not_too_much() {
    let twice = Place::new(50).id();
    assert_eq!(
        refused(|list| list.entries.push(TrustEntry { node_id: twice.to_string(), ..Default::default() })),
        TrustError::Twice(twice)
    );
    assert_eq!(refused(|list| list.entries.push(TrustEntry::default())), TrustError::NoNode(3));
    assert_eq!(
        refused(|list| list.entries = vec![TrustEntry::default(); TRUST_ENTRIES + 1]),
        TrustError::TooMany(TRUST_ENTRIES + 1)
    );
}
