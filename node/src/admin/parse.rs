//! From admin requests to what use cases take.

use cairn_proto::pb::admin as pb;
use jiff::Timestamp;
use tonic::Status;

use super::status::status;
use crate::{
    app::{
        AppError,
        place::PlaceChange,
        publish::{What, Wish},
        records::{Cursor, Listing, Source},
    },
    domain::{date, policy::Card, preflight::Override, subscription::Depth, text::Line},
    wire,
};

/// Records in a listing, unless said otherwise.
const LISTED: u32 = 50;
/// Who authorises a release, unless said otherwise.
const AUTHORISER: &str = "systems steward";

fn invalid(message: impl Into<String>) -> Status {
    Status::invalid_argument(message)
}

fn told<T, E: Into<AppError>>(result: Result<T, E>) -> Result<T, Status> {
    result.map_err(|error| status(&error.into()))
}

/// What to change about the place. Empty lists leave lists as they are.
#[must_use]
pub fn place_change(request: pb::SetPlaceRequest) -> PlaceChange {
    let pb::SetPlaceRequest { name, scale, geography, about, themes, contacts } = request;
    let contacts: Vec<_> = contacts.into_iter().map(|c| (c.role, c.reach)).collect();
    PlaceChange {
        name,
        scale,
        geography,
        about,
        themes: (!themes.is_empty()).then_some(themes),
        contacts: (!contacts.is_empty()).then_some(contacts),
    }
}

/// How far back to follow; nothing said: as it is.
///
/// # Errors
/// Invalid argument.
pub fn depth(text: &str) -> Result<Option<Depth>, Status> {
    (!text.trim().is_empty()).then(|| Depth::read(text)).transpose().map_err(invalid)
}

/// A wish to release.
///
/// # Errors
/// Invalid argument, or the refusal of a prohibited purpose.
pub fn wish(request: pb::PublishRequest) -> Result<Wish, Status> {
    let pb::PublishRequest {
        what,
        card,
        to,
        purposes,
        relay,
        back_fill,
        expires_on,
        authorised_by,
        dry_run,
        group,
        overrides,
    } = request;
    let what = match what {
        Some(pb::publish_request::What::ExperimentId(id)) => What::Experiment(id),
        Some(pb::publish_request::What::Profile(true)) => What::Profile,
        _ => return Err(invalid("say what to publish: the id of an experiment, or the profile")),
    };
    let shown: String = card.chars().take(40).collect();
    let card = Card::from_words(&card).ok_or_else(|| {
        invalid(format!(
            "\"{shown}\" is not a policy card; choose \"named peers\", \"group\", \"network\", \"national pattern-finding\" or \
             \"public\""
        ))
    })?;
    let purposes = match purposes[..] {
        [] => None,
        _ => Some(told(wire::policy::purposes_from_pb(&purposes))?),
    };
    let authorised_by = if authorised_by.trim().is_empty() { AUTHORISER } else { &authorised_by };
    let until = match expires_on.trim() {
        "" => None,
        day => Some(told(date::day(day))?),
    };
    let authorised_by = told(Line::new("authorised_by", authorised_by))?;
    let group = Some(group).filter(|group| !group.trim().is_empty());
    let overrides =
        overrides.into_iter().map(|pb::Override { key, reason }| Override { key, reason }).collect();
    Ok(Wish { what, card, to, group, purposes, relay, back_fill, until, authorised_by, overrides, dry_run })
}

/// A wish that needs not say what is to leave: that is in a file, or only the policy matters.
///
/// # Errors
/// As for [`wish`].
pub fn wish_for_file(mut request: pb::PublishRequest) -> Result<Wish, Status> {
    request.what = request.what.or(Some(pb::publish_request::What::ExperimentId(String::new())));
    wish(request)
}

/// To whom something is said, and on whose decision. What is said, and about what, is not in it.
///
/// # Errors
/// As for [`wish`].
pub fn wish_to_say(terms: pb::SayingTerms) -> Result<Wish, Status> {
    let pb::SayingTerms { to, expires_on, authorised_by, dry_run, overrides } = terms;
    let card = Card::NamedPeers.name().to_owned();
    wish_for_file(pb::PublishRequest {
        card,
        to,
        expires_on,
        authorised_by,
        dry_run,
        overrides,
        ..pb::PublishRequest::default()
    })
}

/// Purposes of an invitation; none means those of the card "public", which include all others'.
///
/// # Errors
/// The refusal of an unknown or prohibited purpose.
pub fn purposes(
    values: &[i32],
) -> Result<std::collections::BTreeSet<crate::domain::policy::Purpose>, Status> {
    if values.is_empty() {
        return Ok(Card::Public.purposes());
    }
    told(wire::policy::purposes_from_pb(values))
}

/// What to list.
///
/// # Errors
/// Invalid argument for a cursor that this node did not give out.
pub fn listing(request: pb::ListRecordsRequest) -> Result<Listing, Status> {
    let pb::ListRecordsRequest { source, peer, limit, cursor, words } = request;
    let source = match pb::RecordSource::try_from(source) {
        _ if !peer.is_empty() => Source::Peer(peer),
        Ok(pb::RecordSource::Unspecified) => Source::All,
        Ok(pb::RecordSource::Own) => Source::Own,
        Ok(pb::RecordSource::Peers) => Source::Peers,
        Err(_) => return Err(invalid("records of an unknown source were asked for")),
    };
    let below = match &*cursor {
        "" => None,
        text => {
            Some(cursor_from(text).ok_or_else(|| invalid("the cursor is not one that this node gave out"))?)
        }
    };
    Ok(Listing { source, words, below, limit: if limit == 0 { LISTED } else { limit } })
}

fn cursor_from(text: &str) -> Option<Cursor> {
    let Some((micros, place)) = text.split_once('.') else {
        return Some(Cursor::Found(text.parse().ok()?));
    };
    let (log, index) = place.split_once('.')?;
    let since = Timestamp::from_microsecond(micros.parse().ok()?).ok()?;
    Some(Cursor::Held(since, log.parse().ok()?, index.parse().ok()?))
}

/// A cursor as text.
#[must_use]
pub fn cursor_text(cursor: Cursor) -> String {
    match cursor {
        Cursor::Held(since, log, index) => format!("{}.{log}.{index}", since.as_microsecond()),
        Cursor::Found(num) => num.to_string(),
    }
}
