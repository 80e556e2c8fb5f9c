//! Evidence of a fork: two heads that one log cannot have, in every form, and nothing that is none.

use cairn_proto::{
    checkpoint,
    fork::{self, ForkError},
    log::{ProofError, consistency_plan, root_plan},
    pb::exchange::ForkEvidence,
};
use proptest::prelude::*;

use crate::place::{Log, Place};

/// The same place after `count` records, of which those from `from` on are others than usual.
fn restored(count: u8, from: u8) -> Place {
    let mut place = Place::new(1);
    for n in 0..count {
        let salt = if n < from { n } else { n + 100 };
        place.log.append([salt; 32]);
    }
    place
}

fn root(log: &Log, size: u64) -> Vec<u8> {
    let plan = root_plan(size).unwrap();
    plan.assemble(|subtree| log.subtrees.get(&subtree).copied()).unwrap().concat()
}

fn evidence(smaller: &Place, larger: &Place) -> ForkEvidence {
    let (size1, size2) = (smaller.checkpoint().size, larger.checkpoint().size);
    let mut evidence = ForkEvidence {
        identity: smaller.identity.events().to_vec(),
        smaller: smaller.head(),
        larger: larger.head(),
        ..Default::default()
    };
    if size1 < size2 {
        let plan = consistency_plan(size1, size2).unwrap();
        let proof = plan.assemble(|subtree| larger.log.subtrees.get(&subtree).copied()).unwrap();
        evidence.root = root(&larger.log, size1);
        evidence.consistency_proof = proof.iter().map(|hash| hash.to_vec()).collect();
    }
    evidence
}

proptest! {
    #[test]
    fn every_fork_is_proven(from in 0_u8..40, more in 1_u8..40, other in 1_u8..40) {
        let (one, two) = (restored(from + more, 99), restored(from + other, from));
        let (smaller, larger) = if more <= other { (&one, &two) } else { (&two, &one) };
        let file = fork::encode(&evidence(smaller, larger));
        let found = fork::verify(&file).unwrap();
        prop_assert_eq!(found.author.node_id(), one.id());
        prop_assert_eq!((found.smaller, found.larger), (smaller.checkpoint(), larger.checkpoint()));
    }

    #[test]
    fn no_log_contradicts_itself(size in 1_u8..60, more in 0_u8..60) {
        let (smaller, larger) = (restored(size, 99), restored(size + more, 99));
        prop_assert_eq!(fork::check(&evidence(&smaller, &larger)), Err(ForkError::NoFork));
    }

    #[test]
    fn nobody_makes_a_fork_out_of_one_log(size in 1_u8..40, more in 1_u8..40, byte in 0_usize..32, at in any::<prop::sample::Index>()) {
        let (smaller, larger) = (restored(size, 99), restored(size + more, 99));
        let mut changed = evidence(&smaller, &larger);
        let mut hashes: Vec<&mut Vec<u8>> = changed.consistency_proof.iter_mut().collect();
        hashes.push(&mut changed.root);
        let which = at.index(hashes.len());
        hashes[which][byte] ^= 1;
        prop_assert!(matches!(fork::check(&changed), Err(ForkError::Proof(_) | ForkError::NoFork)));
    }
}

#[test]
fn a_size_that_is_a_power_of_two_is_no_hiding_place() {
    for size in [1, 2, 4, 8, 16, 32] {
        let (one, two) = (restored(size, 0), restored(size + 5, 99));
        assert!(fork::check(&evidence(&one, &two)).is_ok(), "{size}");
    }
}

#[test]
fn the_frozen_evidence_is_good() {
    let found = fork::check(&crate::place::fork()).unwrap();
    assert_eq!((found.smaller.size, found.larger.size), (4, 7));
}

#[test]
fn what_proves_nothing_says_why() {
    let (one, two) = (restored(5, 99), restored(9, 3));
    let good = evidence(&one, &two);
    let refused = |change: fn(&mut ForkEvidence)| {
        let mut evidence = good.clone();
        change(&mut evidence);
        fork::check(&evidence).unwrap_err()
    };
    assert_eq!(refused(|e| std::mem::swap(&mut e.smaller, &mut e.larger)), ForkError::Order);
    assert_eq!(refused(|e| e.root.clear()), ForkError::HashLength);
    assert_eq!(refused(|e| e.consistency_proof.clear()), ForkError::Proof(ProofError::Length(0)));
    assert!(matches!(refused(|e| e.consistency_proof = vec![vec![0; 32]; 64]), ForkError::Proof(_)));
    assert!(matches!(refused(|e| e.identity.clear()), ForkError::Author(_)));
    let stranger = evidence(&Place::new(50), &Place::new(50));
    assert!(matches!(fork::check(&stranger), Err(ForkError::NoFork)));
    let mut others = good.clone();
    others.identity = Place::new(50).identity.events().to_vec();
    assert!(matches!(fork::check(&others), Err(ForkError::Head(_))));
    assert_eq!(fork::verify(b"cairn-evidence/v1\n"), Err(ForkError::NotFork));
    assert_eq!(fork::verify(&vec![0; 2 << 20]), Err(ForkError::TooLarge(2 << 20)));
}

#[test]
fn a_recovery_voids_what_was_signed_beyond_it() {
    let (one, two) = (restored(5, 99), restored(9, 3));
    let fork = evidence(&one, &two);
    let recovered = one.identity.extended(&one.recovery(3)).unwrap();
    assert!(matches!(fork::check_for(&recovered, &fork), Err(ForkError::Head(_))));
    let later = one.identity.extended(&one.recovery(9)).unwrap();
    assert!(fork::check_for(&later, &fork).is_ok());
}

#[test]
fn a_head_is_kept_bare_and_dressed_again() {
    let (author, witness) = (restored(3, 99), Place::new(50));
    let cosigned =
        checkpoint::cosign(&author.head(), &witness.id(), &witness.witness(), 1_800_000_000).unwrap();
    assert_eq!(checkpoint::bare(&cosigned, &author.identity), Ok(author.head()));
    let (at, line) = checkpoint::cosignature(&cosigned, &witness.identity).unwrap();
    assert_eq!(at, 1_800_000_000);
    assert_eq!(checkpoint::with_cosignatures(&author.head(), [line.clone()]), Ok(cosigned));
    let many = checkpoint::with_cosignatures(&author.head(), vec![line; 40]).unwrap();
    assert_eq!(many.lines().count(), 4 + 16);
}
