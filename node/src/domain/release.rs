//! Release: may this leave, under this policy, now? And to whom would it go?

use jiff::Timestamp;

use super::{
    consent::{Consent, Gap},
    experiment::Summary,
    peer::Peering,
    policy::{Policy, Withheld},
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
    /// Consent does not cover it.
    #[error("{0}")]
    Consent(#[from] Gap),
    /// It would expire before it left.
    #[error("its last day is already over")]
    AlreadyExpired,
}

/// Everything that keeps `summary`, resting on `consent`, from being released under `policy` at `now`; the
/// summary if nothing does. Of what stays at home there is no summary, but the reason why.
///
/// # Errors
/// All [`Obstacle`]s at once, so that they can be mended in one go.
pub fn authorise<'a>(
    summary: Result<&'a Summary, &Obstacle>,
    consent: &Consent,
    policy: &Policy,
    now: Timestamp,
) -> Result<&'a Summary, Vec<Obstacle>> {
    let summary = summary.map_err(|obstacle| vec![obstacle.clone()])?;
    let mut obstacles = Vec::new();
    let missing = summary.missing();
    if !missing.is_empty() {
        obstacles.push(Obstacle::Incomplete(missing));
    }
    if policy.expired(now) {
        obstacles.push(Obstacle::AlreadyExpired);
    }
    obstacles.extend(consent.gaps(policy, now).into_iter().map(Obstacle::from));
    if obstacles.is_empty() { Ok(summary) } else { Err(obstacles) }
}

/// Who receives a release today, and who does not and why.
#[must_use]
pub fn reach<'a>(
    policy: &Policy,
    peers: &'a [Peering],
    now: Timestamp,
) -> (Vec<&'a Peering>, Vec<(&'a Peering, Withheld)>) {
    let mut recipients = Vec::new();
    let mut withheld = Vec::new();
    for peer in peers {
        let Some(reader) = peer.reader() else {
            withheld.push((peer, Withheld::NotActive));
            continue;
        };
        match policy.admits(&reader, now, now) {
            Ok(()) => recipients.push(peer),
            Err(reason) => withheld.push((peer, reason)),
        }
    }
    (recipients, withheld)
}
