//! Places that do not keep to the rules: they run the node's own code, and change what it sends. They sign other logs than their
//! own, hide retractions, send what they got in confidence or what was withdrawn, and ask for what is none of their business.

use std::collections::BTreeMap;

use cairn_node::entropy::Entropy;
use cairn_proto::{
    envelope::{self, PayloadType},
    ids::NodeId,
    limits,
    pb::exchange::{
        Envelope, Opening, OpeningBatch, PullRequest, PullResponse, Record, RetractRequest, Retraction,
        RetractionReason, WatchResponse, pull_response::Part, record::Body,
    },
};
use cairn_tests::forge::{ForgedLog, small_record};
use prost::Message as _;
use tonic::Status;

use crate::{truth::Violation, wire::Serving, world::World};

/// A liar lies about records once in so many times.
const TRUTHS: usize = 2;
/// Records of a log that was signed beside the true one.
const FORGED: usize = 6;
/// As much as a liar remembers.
const REMEMBERED: usize = 200;

/// A part of an answer, or its end.
type Sent = Option<Result<PullResponse, Status>>;

/// What liars know.
#[derive(Debug, Default)]
pub(crate) struct Liars {
    openings: BTreeMap<usize, Vec<(NodeId, Opening)>>,
    parts: BTreeMap<usize, Vec<PullResponse>>,
    retractions: Vec<RetractRequest>,
    logs: BTreeMap<usize, ForgedLog>,
}

#[derive(Clone, Copy, Debug)]
enum Lie {
    FlipAByte,
    LeaveOut,
    SayTwice,
    SayAgain,
    Shuffle,
    Betray,
    Withhold,
    ClaimMore,
    EndEarly,
    AnotherLog,
    AnotherRecord,
}

/// Lies about heads and leaves.
const EARLY: [(usize, Lie); 6] = [
    (4, Lie::FlipAByte),
    (1, Lie::LeaveOut),
    (1, Lie::SayTwice),
    (2, Lie::SayAgain),
    (1, Lie::EndEarly),
    (3, Lie::AnotherLog),
];

/// Lies about records.
const LATE: [(usize, Lie); 8] = [
    (2, Lie::FlipAByte),
    (2, Lie::SayAgain),
    (1, Lie::Shuffle),
    (6, Lie::Betray),
    (1, Lie::Withhold),
    (1, Lie::ClaimMore),
    (1, Lie::EndEarly),
    (4, Lie::AnotherRecord),
];

impl Liars {
    /// What a liar sends or gets, it keeps.
    pub(crate) fn learns(&mut self, liar: usize, origin: &NodeId, openings: &[Opening]) {
        let known = self.openings.entry(liar).or_default();
        known.extend(openings.iter().map(|opening| (*origin, opening.clone())));
        known.truncate(REMEMBERED);
    }

    /// Retractions can be said again, and to others.
    pub(crate) fn overhears(&mut self, request: &RetractRequest) {
        self.retractions.push(request.clone());
        self.retractions.truncate(REMEMBERED);
    }
}

impl World {
    /// Perhaps changes the next parts of an answer.
    pub(crate) fn lie(&mut self, liar: usize, to: usize, asked: &PullRequest, parts: &mut Vec<Sent>) {
        let true_parts: Vec<_> = parts.iter().filter_map(|part| part.clone()?.ok()).collect();
        let late = batches(parts).next().is_some();
        // Whoever always lies early is never heard late.
        if self.chance.one_in(if late { TRUTHS } else { 3 * TRUTHS }) {
            let lie = if late { self.chance.weighed(&LATE) } else { self.chance.weighed(&EARLY) };
            self.note(format!("{liar} lies to {to}: {lie:?}"));
            self.tell(lie, liar, asked, parts);
        }
        let remembered = self.liars.parts.entry(liar).or_default();
        remembered.extend(true_parts);
        remembered.truncate(REMEMBERED);
    }

    fn tell(&mut self, lie: Lie, liar: usize, asked: &PullRequest, parts: &mut Vec<Sent>) {
        let origin = asked.origin.parse().unwrap_or(self.places[liar].who.id);
        match lie {
            Lie::FlipAByte => {
                if let Some(part) = parts.iter_mut().find_map(|part| part.as_mut()?.as_mut().ok()) {
                    self.flip(part);
                }
            }
            Lie::LeaveOut => parts.retain(Option::is_none),
            Lie::SayTwice => parts.extend(parts.first().cloned()),
            Lie::SayAgain => {
                let said = self.liars.parts.get(&liar).map(Vec::as_slice).unwrap_or_default();
                if let Some(part) = self.chance.pick(said) {
                    parts.insert(0, Some(Ok(part.clone())));
                }
            }
            Lie::Shuffle => batches(parts).for_each(|batch| batch.openings.reverse()),
            Lie::Betray => self.betray(liar, &origin, asked, parts),
            Lie::Withhold => batches(parts).for_each(|batch| batch.openings.truncate(1)),
            Lie::ClaimMore => batches(parts).for_each(|batch| batch.settled_to += 1),
            Lie::EndEarly => *parts = vec![None],
            Lie::AnotherLog if asked.origin.is_empty() => {
                let log = self.other_log(liar);
                if log.size() >= asked.from_size {
                    let part = |part| Some(Ok(PullResponse { part: Some(part) }));
                    *parts = log.answer(asked).into_iter().map(part).chain([None]).collect();
                }
            }
            Lie::AnotherRecord if asked.origin.is_empty() => {
                let who = self.places[liar].who.clone();
                for opening in batches(parts).flat_map(|batch| &mut batch.openings) {
                    let record = small_record(&who.id, opening.index, "It was never so");
                    let key = who.keys.signing();
                    let signed = envelope::sign(PayloadType::Record, record.encode_to_vec(), &[&key]);
                    opening.envelope = signed.encode_to_vec().into();
                }
            }
            Lie::AnotherLog | Lie::AnotherRecord => {}
        }
    }

    /// Any byte of a part.
    fn flip(&mut self, part: &mut PullResponse) {
        let mut bytes = part.encode_to_vec();
        let at = self.chance.below(bytes.len());
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1 << self.chance.below(8);
        }
        // What cannot even be read any more does not arrive.
        *part = PullResponse::decode(&*bytes).unwrap_or_default();
    }

    /// Sends on what it got in confidence, or what was withdrawn meanwhile.
    fn betray(&mut self, liar: usize, origin: &NodeId, asked: &PullRequest, parts: &mut Vec<Sent>) {
        let known = self.liars.openings.get(&liar).map(Vec::as_slice).unwrap_or_default();
        let mut openings: Vec<Opening> =
            known.iter().filter(|(author, _)| author == origin).map(|(_, opening)| opening.clone()).collect();
        openings.sort_by_key(|opening| opening.index);
        openings.dedup_by_key(|opening| opening.index);
        let Some(last) = openings.last() else { return };
        let settled_to = (last.index + 1).max(asked.openings_from + 1);
        let batch = OpeningBatch { openings, settled_to };
        parts.insert(0, Some(Ok(PullResponse { part: Some(Part::Openings(batch)) })));
    }

    /// A log that it signs beside its true one.
    fn other_log(&mut self, liar: usize) -> ForgedLog {
        let who = self.places[liar].who.clone();
        let seed = self.chance.bytes();
        let (size, retracts) = (2 + self.chance.below(FORGED), self.chance.one_in(2));
        let log = self.liars.logs.entry(liar).or_insert_with(|| {
            let mut log = ForgedLog::new(who.id, &who.keys.signing()).salted_by(Entropy::seeded(seed));
            (0..size).for_each(|number| _ = log.add(&format!("Another story, part {number}")));
            if retracts {
                log.retract(0);
            }
            log
        });
        let author = self.truth.authors.entry(who.id).or_default();
        author.signed_beside = (0..=log.size()).map(|size| log.root(size)).collect();
        log.clone()
    }

    /// Announces another head than its own, or one that was true once.
    pub(crate) fn lie_about_a_head(&mut self, liar: usize, to: usize, head: &mut WatchResponse) {
        if !self.chance.one_in(TRUTHS * 4) || head.origin.parse().ok() != Some(self.places[liar].who.id) {
            return;
        }
        let other = self.other_log(liar).head();
        (head.size, head.checkpoint) = (other.size, other.checkpoint);
        self.note(format!("{liar} announces another log to {to}"));
    }

    /// A liar asks for a log from the beginning, whether it may or not.
    pub(crate) async fn pry(&mut self, liar: usize, server: usize, origin: usize) -> Result<(), Violation> {
        let node = self.places[origin].who.id;
        let Some(app) = self.places[server].app().cloned().filter(|_| self.reaches(liar, server)) else {
            return Ok(());
        };
        let Ok(caller) = app.caller(&self.proven(liar).key, &[]).await else { return Ok(()) };
        let openings_from = self.chance.below(3) as u64;
        let request = PullRequest { origin: node.to_string(), openings_from, ..Default::default() };
        let mut serving = Serving::begin(app, caller, request);
        let mut got = 0;
        while let Some(Ok(part)) = serving.next().await {
            got += 1;
            self.part_seen(&part, &node, liar, server).await?;
        }
        drop(serving);
        self.note(format!("{liar} asks {server} for all of {origin}, and gets {got} parts"));
        self.after(server).await
    }

    /// A liar brings a retraction that is forged, or was said before to another.
    pub(crate) async fn retract_falsely(
        &mut self,
        liar: usize,
        holder: usize,
        of: usize,
    ) -> Result<(), Violation> {
        let heard = self.chance.pick(&self.liars.retractions).cloned();
        let request = match heard.filter(|_| self.chance.one_in(2)) {
            Some(heard) => heard,
            None => {
                let held = self.truth.seen.get(&self.places[holder].who.id).map(|seen| &seen.held);
                let held: Vec<_> = held.into_iter().flatten().copied().collect();
                let of_another = held.iter().filter(|(author, _)| *author != self.places[holder].who.id);
                let of_another: Vec<_> = of_another.copied().collect();
                let drawn = self.chance.pick(&of_another).copied();
                let (author, target) = drawn.unwrap_or((self.places[of].who.id, 0));
                let author = &self.places[self.number(&author).unwrap_or(of)].who;
                let said = Retraction {
                    withdrawn_index: target,
                    reason: RetractionReason::Mistake.into(),
                    ..Default::default()
                };
                let index = target + 1 + self.chance.below(3) as u64;
                let record = Record {
                    author: author.id.to_string(),
                    index,
                    body: Some(Body::Retraction(said)),
                    ..small_record(&author.id, index, "")
                };
                let key = self.places[liar].who.keys.signing();
                let signed: Envelope = envelope::sign(PayloadType::Record, record.encode_to_vec(), &[&key]);
                let envelope = signed.encode_to_vec();
                assert!(envelope.len() < limits::ENVELOPE_BYTES, "a small lie");
                let retraction = Opening { index, salt: vec![0; 32], envelope: envelope.into() };
                RetractRequest { identity: author.identity.events().to_vec(), retraction: Some(retraction) }
            }
        };
        self.note(format!("{liar} brings {holder} a retraction of {of}, perhaps forged"));
        self.retract(liar, holder, request).await.map(|_| ())
    }
}

/// The batches of openings among parts.
fn batches(parts: &mut [Sent]) -> impl Iterator<Item = &mut OpeningBatch> {
    parts.iter_mut().flatten().flatten().filter_map(|part| match &mut part.part {
        Some(Part::Openings(batch)) => Some(batch),
        _ => None,
    })
}
