//! What a reader asks for of a log, and what is offered to it.

use cairn_proto::pb::{admin, exchange as pb};

use super::{InvalidRecord, profile::words, time, timestamp};
use crate::domain::{
    subscription::{Filter, Labels, Offer},
    text::{InvalidText, Line},
};

impl From<&Filter> for pb::Filter {
    fn from(filter: &Filter) -> Self {
        let Filter { labels: Labels { kinds, themes, scales, factors }, from } = filter;
        Self {
            kinds: words(kinds),
            themes: words(themes),
            scales: words(scales),
            factors: words(factors),
            summaries_from: *from,
        }
    }
}

impl TryFrom<&pb::Filter> for Filter {
    type Error = InvalidText;

    fn try_from(filter: &pb::Filter) -> Result<Self, InvalidText> {
        let pb::Filter { kinds, themes, scales, factors, summaries_from } = filter;
        Ok(Self { labels: Labels::new(kinds, themes, scales, factors)?, from: *summaries_from })
    }
}

impl From<&Labels> for admin::Labels {
    fn from(Labels { kinds, themes, scales, factors }: &Labels) -> Self {
        Self { kinds: words(kinds), themes: words(themes), scales: words(scales), factors: words(factors) }
    }
}

impl TryFrom<&admin::Labels> for Labels {
    type Error = InvalidText;

    fn try_from(labels: &admin::Labels) -> Result<Self, InvalidText> {
        let admin::Labels { kinds, themes, scales, factors } = labels;
        Self::new(kinds, themes, scales, factors)
    }
}

impl From<&Offer> for pb::Offer {
    fn from(offer: &Offer) -> Self {
        let Offer { index, kind, title, themes, scale, created_at, expires_at, bytes } = offer;
        Self {
            index: *index,
            kind: kind.to_string(),
            title: title.to_string(),
            themes: words(themes),
            scale: scale.to_string(),
            created_at: Some(timestamp(*created_at)),
            expires_at: expires_at.map(timestamp),
            bytes: *bytes,
        }
    }
}

impl TryFrom<pb::Offer> for Offer {
    type Error = InvalidRecord;

    fn try_from(offer: pb::Offer) -> Result<Self, InvalidRecord> {
        let pb::Offer { index, kind, title, themes, scale, created_at, expires_at, bytes } = offer;
        Ok(Self {
            index,
            kind: Line::new("kind", &kind)?,
            title: Line::new("title", &title)?,
            themes: Line::list("themes", &themes)?,
            scale: Line::new("scale", &scale)?,
            created_at: time("created_at", &created_at.ok_or(InvalidRecord::Missing("created_at"))?)?,
            expires_at: expires_at.map(|at| time("expires_at", &at)).transpose()?,
            bytes,
        })
    }
}
