//! Release: may this leave, under this policy, now? And to whom would it go?

use jiff::Timestamp;

use super::{
    consent::{self, Consent, Coverage, Gap, OfParts},
    experiment::Summary,
    peer::{Peering, Standing},
    policy::{Card, Policy, Reader, Withheld},
    preflight::parts,
    restriction::Sort,
};

/// What stands in the way of a release.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// One person's life.
    #[error(
        "it is about one person's life, which stays at home: no form exists in which it could leave. Record \
         the learning without the person as an experiment of its own"
    )]
    Life,
    /// Marked as sensitive.
    #[error(
        "it is marked as sensitive, or its cycle is, or was erased; such stays at home. Record what may be told as an \
         experiment of its own"
    )]
    Sensitive,
    /// Parts a reader needs are missing.
    #[error("a reader elsewhere needs more: fill in {} (\"not known\" is an answer)", .0.join(", "))]
    Incomplete(Vec<&'static str>),
    /// Parts a reader needs are left out for want of consent.
    #[error("a reader elsewhere needs {}, which cannot leave: {}", .parts.join(", "), .because.join("; "))]
    LeftOut {
        /// The parts.
        parts: Vec<&'static str>,
        /// Why they are left out.
        because: Vec<String>,
    },
    /// Consent does not cover it.
    #[error("{gap}{}", .covered.map_or(String::new(), |card| format!("; it is covered as far as the card \"{}\"", card.name())))]
    Consent {
        /// What is missing.
        gap: Gap,
        /// The widest card that is covered.
        covered: Option<Card>,
    },
    /// The same left already.
    #[error(
        "this version went out with the same card and audience as {0}; change the experiment or the audience first"
    )]
    Released(String),
    /// A profile under a card that leaves the place unnamed.
    #[error("a profile says who we are, and this card leaves the place unnamed; choose another card")]
    ProfileUnnamed,
    /// What is said about a record would go to one that may not hold that record, or would not receive it.
    #[error("it cannot go to {who}: {why}; leave {who} out")]
    NotForThem {
        /// Our name for it.
        who: String,
        /// Why.
        why: &'static str,
    },
    /// It would expire before it left.
    #[error("its last day is already over")]
    AlreadyExpired,
}

/// A summary as far as consent covers it, and what stands in the way.
#[derive(Clone, Debug)]
pub struct Fitted {
    /// The summary without what is left out.
    pub summary: Summary,
    /// Which consent covers what.
    pub coverage: Vec<Coverage>,
    /// Everything that stands in the way, so that it can be mended in one go.
    pub obstacles: Vec<Obstacle>,
}

/// What a summary rests on.
#[derive(Clone, Copy, Debug)]
pub struct Rests<'a> {
    /// The consents for the whole.
    pub whole: &'a Consent,
    /// The consents for some parts.
    pub parts: &'a [OfParts],
}

/// Makes `summary` as narrow as the consents it rests on: parts whose consent does not cover a release under `policy` at
/// `now` are left out. Tells all that stands in its way then.
#[must_use]
pub fn fit(summary: Summary, rests: Rests<'_>, policy: &Policy, now: Timestamp) -> Fitted {
    let coverage = consent::coverage(rests.whole, rests.parts, policy, now);
    let (left_out, of_all): (Vec<_>, Vec<_>) = coverage.iter().partition(|line| !line.parts.is_empty());
    let left_out: Vec<_> = left_out.into_iter().filter(|line| line.left_out()).collect();
    let missing = summary.missing();
    let gone = left_out.iter().flat_map(|line| line.parts.iter().cloned()).collect();
    let summary = parts::without(summary, &gone);
    let lost: Vec<_> = summary.missing().into_iter().filter(|part| !missing.contains(part)).collect();
    let mut obstacles = Vec::new();
    if !missing.is_empty() {
        obstacles.push(Obstacle::Incomplete(missing));
    }
    if !lost.is_empty() {
        let because = left_out.iter().flat_map(|line| line.gaps.iter().map(ToString::to_string)).collect();
        obstacles.push(Obstacle::LeftOut { parts: lost, because });
    }
    if policy.expired(now) {
        obstacles.push(Obstacle::AlreadyExpired);
    }
    let covered = rests.whole.covers_card(policy.expires_at, now);
    let gaps = of_all.iter().flat_map(|line| line.gaps.iter().cloned());
    obstacles.extend(gaps.map(|gap| Obstacle::Consent { gap, covered }));
    Fitted { summary, coverage, obstacles }
}

/// Who receives a release today, and who does not and why.
#[must_use]
pub fn reach<'a>(
    policy: &Policy,
    sort: Sort,
    peers: &'a [(Peering, Option<Reader>)],
    now: Timestamp,
) -> (Vec<&'a Peering>, Vec<(&'a Peering, Withheld)>) {
    let mut recipients = Vec::new();
    let mut withheld = Vec::new();
    for (peer, reader) in peers {
        let Some(reader) = reader else {
            let active = peer.standing == Standing::Active;
            withheld.push((peer, if active { Withheld::Suspended } else { Withheld::NotActive }));
            continue;
        };
        match policy.gives(sort, reader, now, now) {
            Ok(()) => recipients.push(peer),
            Err(reason) => withheld.push((peer, reason)),
        }
    }
    (recipients, withheld)
}
