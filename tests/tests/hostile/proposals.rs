//! Proposals and acceptances that are not what they should be.

use cairn_node::domain::policy::Card;
use cairn_proto::{
    envelope::{self, PayloadType},
    pb::{
        admin::InvitePeerRequest,
        exchange::{
            Envelope, PeeringAcceptance, PeeringContract, PeeringEnd, PeeringProposal, PeeringRequest,
            Standing, peering_request::Step, refusal::Kind,
        },
    },
    ticket::Ticket,
};
use cairn_tests::{
    caller::{Caller, refusal},
    forge::Persona,
    liar::Liar,
    place::TestPlace,
    story::Story,
    wait::until,
};
use jiff::SignedDuration;
use prost::Message as _;
use tonic::{Code, Status};

async fn say(place: &TestPlace, who: &Persona, step: Step) -> Result<Standing, Status> {
    let mut caller = Caller::with_key(place.address, &who.signing).await;
    let answer = caller.service.peering(PeeringRequest { step: Some(step) }).await?.into_inner();
    Ok(answer.relationship.expect("a relationship").standing())
}

/// ```text
///   Plymouth Alliance <- someone who proposes what cannot be accepted
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn proposals_that_nobody_can_accept_are_refused_and_not_kept() {
    let story = Story::begin();
    let plymouth = story.place("Plymouth Alliance").await;
    let liar = Liar::spawn().await;
    let other = Liar::spawn().await;
    let good = liar.proposal_to(plymouth.id);
    let signed_by_another = {
        let mut contract = good.contract.clone().expect("a contract");
        contract.signatures = other.contract_with(plymouth.id).signatures;
        contract
    };
    let with = |contract: Envelope| PeeringProposal { contract: Some(contract), ..good.clone() };
    let bad = [
        (with(liar.contract_with(other.id())), "is not between"),
        (with(other.contract_with(plymouth.id)), "not signed as it must be"),
        (with(signed_by_another), "not signed as it must be"),
        (with(Envelope::default()), "not signed as it must be"),
        (PeeringProposal { name: String::new(), ..good.clone() }, "name"),
        (PeeringProposal { endpoint: "a\nb".into(), ..good.clone() }, "endpoint"),
        (PeeringProposal { invitation: vec![7; 16], ..good.clone() }, "unknown, used or void"),
    ];
    for (proposal, words) in bad {
        story.pass(SignedDuration::from_hours(1)); // so that none of them is one too many
        let refused = say(&plymouth, &liar.persona, Step::Proposal(proposal)).await.expect_err(words);
        assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
        assert!(refused.message().contains(words), "{words:?} is not in {:?}", refused.message());
    }
    let stolen = PeeringProposal { identity: other.persona.identity.events().to_vec(), ..good.clone() };
    let refused =
        say(&plymouth, &liar.persona, Step::Proposal(stolen)).await.expect_err("another's identity");
    assert!(matches!(refusal(&refused), Kind::NotAPeer(_)), "{refused:?}");
    assert!(plymouth.peerings().await.is_empty());

    story.pass(SignedDuration::from_hours(1));
    let taken = say(&plymouth, &liar.persona, Step::Proposal(good)).await.expect("a good one");
    assert_eq!(taken, Standing::Proposed);
}

/// ```text
///   Plymouth Alliance <- someone with a very long name
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_proposal_beyond_8_kib_is_refused() {
    let plymouth = Story::begin().place("Plymouth Alliance").await;
    let liar = Liar::spawn().await;
    let large = PeeringProposal { name: "x".repeat(8 * 1024), ..liar.proposal_to(plymouth.id) };
    let refused = say(&plymouth, &liar.persona, Step::Proposal(large)).await.expect_err("too large");
    match refusal(&refused) {
        Kind::Quota(quota) => {
            assert_eq!((quota.limit.as_str(), quota.allowed), ("proposal", 8 * 1024));
            assert!(quota.used > quota.allowed && quota.retry_after_seconds == 0);
        }
        other => panic!("another refusal: {other:?}"),
    }
    assert!(plymouth.peerings().await.is_empty());
}

/// ```text
///   Plymouth Alliance <- someone with a ticket who would like to fetch more than it says
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn who_answers_a_ticket_takes_its_daily_bytes_too() {
    let plymouth = Story::begin().place("Plymouth Alliance").await;
    let liar = Liar::spawn().await;
    let purposes = cairn_node::wire::policy::purposes_to_pb(&Card::Public.purposes());
    let offer = InvitePeerRequest { purposes, relay: true, daily_mib: 10, ..Default::default() };
    let ticket: Ticket = plymouth.ticket_for(offer).await.parse().expect("a ticket");
    assert_eq!(ticket.daily_bytes, 10 << 20);
    let proposal = |daily_bytes: u64| {
        let said = liar.contract_with(plymouth.id);
        let said = PeeringContract::decode(&said.payload[..]).expect("a contract");
        let payload = PeeringContract { daily_bytes, ..said }.encode_to_vec();
        let contract = envelope::sign(PayloadType::PeeringContract, payload, &[&liar.persona.signing]);
        let invitation = ticket.secret.to_vec();
        Step::Proposal(PeeringProposal {
            contract: Some(contract),
            invitation,
            ..liar.proposal_to(plymouth.id)
        })
    };
    for more in [0, (10 << 20) + 1, u64::MAX] {
        say(&plymouth, &liar.persona, proposal(more)).await.expect_err("more than the ticket says");
        assert!(plymouth.peerings().await.is_empty());
    }
    let taken = say(&plymouth, &liar.persona, proposal(10 << 20)).await.expect("as the ticket says");
    assert_eq!(taken, Standing::Proposed);
    assert_eq!(plymouth.peerings().await[0].daily_bytes, 10 << 20);
}

/// ```text
///   Plymouth Alliance <- six strangers from one address
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn the_sixth_proposal_from_one_address_has_to_wait() {
    let story = Story::begin();
    let plymouth = story.place("Plymouth Alliance").await;
    let mut strangers = Vec::new();
    for _ in 0..6 {
        strangers.push(Liar::spawn().await);
    }
    let (last, first) = strangers.split_last().expect("six");
    for stranger in first {
        say(&plymouth, &stranger.persona, Step::Proposal(stranger.proposal_to(plymouth.id)))
            .await
            .expect("taken");
    }
    let proposal = Step::Proposal(last.proposal_to(plymouth.id));
    let refused = say(&plymouth, &last.persona, proposal.clone()).await.expect_err("too many");
    let Kind::Quota(quota) = refusal(&refused) else { panic!("another refusal: {refused:?}") };
    assert!((1..=600).contains(&quota.retry_after_seconds), "{quota:?}");
    assert_eq!(plymouth.peerings().await.len(), 5);

    story.pass(SignedDuration::from_secs(i64::from(quota.retry_after_seconds)));
    say(&plymouth, &last.persona, proposal).await.expect("after waiting");
}

/// ```text
///   Plymouth Alliance <- someone who was never asked
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn an_acceptance_that_nobody_asked_for_is_refused() {
    let plymouth = Story::begin().place("Plymouth Alliance").await;
    let liar = Liar::spawn().await;
    let identity = liar.persona.identity.events().to_vec();
    let contract = Some(liar.contract_with(plymouth.id));
    let acceptance = Step::Acceptance(PeeringAcceptance { contract, identity });
    let refused = say(&plymouth, &liar.persona, acceptance.clone()).await.expect_err("never asked");
    assert!(matches!(refusal(&refused), Kind::NotAPeer(_)), "{refused:?}");
    let end = Step::End(PeeringEnd { reason: "for fun".into() });
    let refused = say(&plymouth, &liar.persona, end).await.expect_err("a stranger");
    assert!(matches!(refusal(&refused), Kind::NotAPeer(_)), "{refused:?}");
    assert!(plymouth.peerings().await.is_empty());

    // Nor does one who proposed accept for us.
    let proposal = Step::Proposal(liar.proposal_to(plymouth.id));
    say(&plymouth, &liar.persona, proposal).await.expect("a good proposal");
    let refused = say(&plymouth, &liar.persona, acceptance).await.expect_err("our people decide");
    assert!(matches!(refusal(&refused), Kind::NotAPeer(_)), "{refused:?}");
    assert_eq!(plymouth.status().await.active_peers, 0);
}

/// ```text
///   Plymouth Alliance ··· a neighbour whose ticket it accepted
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn only_the_proposed_contract_signed_by_both_is_an_acceptance() {
    let story = Story::begin();
    let plymouth = story.place("Plymouth Alliance").await;
    let liar = Liar::spawn().await;
    let ticket = Ticket {
        node_id: liar.id(),
        endpoint: liar.address.to_string(),
        name: "A new neighbour".into(),
        secret: [5; 16],
        expires_at: (story.clock.now() + SignedDuration::from_hours(24)).as_second(),
        purposes: cairn_node::wire::policy::purposes_to_pb(&Card::Network.purposes()),
        relay: false,
        review_on: "2027-11-23".into(),
        daily_bytes: 0,
    };
    plymouth.accept(&ticket.to_string()).await.expect("a good ticket");
    let proposed = until("the proposal arrives", async || {
        liar.steps().into_iter().find_map(|step| if let Step::Proposal(p) = step { p.contract } else { None })
    })
    .await;
    let accept = async |contract: Envelope| {
        let identity = liar.persona.identity.events().to_vec();
        let acceptance = PeeringAcceptance { contract: Some(contract), identity };
        say(&plymouth, &liar.persona, Step::Acceptance(acceptance)).await
    };

    accept(proposed.clone()).await.expect_err("not signed by the neighbour");
    let mut other = liar.contract_with(plymouth.id);
    envelope::countersign(&mut other, &liar.persona.signing);
    accept(other).await.expect_err("other terms");
    let mut only_theirs = proposed.clone();
    only_theirs.signatures.clear();
    envelope::countersign(&mut only_theirs, &liar.persona.signing);
    accept(only_theirs).await.expect_err("without our signature");
    assert_eq!(plymouth.status().await.active_peers, 0);

    let mut right = proposed;
    envelope::countersign(&mut right, &liar.persona.signing);
    assert_eq!(accept(right).await.expect("what was agreed"), Standing::Active);
}
