//! What a place follows of an author: which summaries, how far back, and whether it takes any for now. It is the reader's own choice and
//! says nothing about the author.

use std::{collections::BTreeSet, fmt};

use jiff::Timestamp;

use super::{
    experiment::Summary,
    record::Body,
    text::{InvalidText, Line, Prose, fold},
};

/// Labels that a summary has to have: of each list that is not empty, at least one entry has to fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Labels {
    /// Kinds of experiment.
    pub kinds: Vec<Line>,
    /// Themes.
    pub themes: Vec<Line>,
    /// Scales.
    pub scales: Vec<Line>,
    /// Practice areas, or what headwinds and tailwinds are.
    pub factors: Vec<Line>,
}

/// Which summaries a reader wants. All other records always come.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// The labels they have to have.
    pub labels: Labels,
    /// Those below this index are not wanted.
    pub from: u64,
}

/// How far back in a log summaries are wanted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Depth {
    /// All of it.
    #[default]
    All,
    /// Only the newest entries of the log, counted when that was chosen. None: nothing from before.
    Newest(u64),
}

/// What is followed of an author.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subscription {
    /// No records are asked for: leaves are followed, for what is withdrawn.
    pub paused: bool,
    /// Which summaries.
    pub labels: Labels,
    /// How far back.
    pub depth: Depth,
    /// The first index that the depth reaches; not known before the log was seen.
    pub from: Option<u64>,
}

/// Which records a pull is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// All of them.
    All,
    /// What is followed.
    Followed(Subscription),
    /// Those that somebody chose, by index.
    Chosen(BTreeSet<u64>),
}

/// A summary that another offers us, as it says: shown to a person and kept nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// Its index.
    pub index: u64,
    /// Kind of experiment.
    pub kind: Line,
    /// Its title.
    pub title: Line,
    /// Its themes.
    pub themes: Vec<Line>,
    /// Its scale.
    pub scale: Line,
    /// When its author signed it.
    pub created_at: Timestamp,
    /// When it expires.
    pub expires_at: Option<Timestamp>,
    /// How many bytes fetching it takes.
    pub bytes: u64,
}

/// The words of a label, as they are compared: small letters without accents, in order.
fn words(text: &str) -> Vec<String> {
    let folded = fold(text);
    let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_owned).collect()
}

/// Whether an entry of a filter fits a label: its words stand in the label as whole words, one after the other. An entry without
/// letters and digits fits nothing.
#[must_use]
pub fn fits(entry: &str, label: &str) -> bool {
    let (entry, label) = (words(entry), words(label));
    !entry.is_empty() && label.windows(entry.len()).any(|part| part == entry)
}

fn any_fits<'a>(entries: &[Line], labels: impl IntoIterator<Item = &'a str>) -> bool {
    if entries.is_empty() {
        return true;
    }
    let entries: Vec<_> = entries.iter().map(|entry| words(entry.as_str())).collect();
    labels.into_iter().map(words).any(|label| {
        entries
            .iter()
            .any(|entry| !entry.is_empty() && label.windows(entry.len()).any(|part| part == &entry[..]))
    })
}

impl Labels {
    /// Reads the four lists.
    ///
    /// # Errors
    /// [`InvalidText`] when one is too long, or an entry is no line.
    pub fn new<S: AsRef<str>>(
        kinds: &[S],
        themes: &[S],
        scales: &[S],
        factors: &[S],
    ) -> Result<Self, InvalidText> {
        Ok(Self {
            kinds: Line::list("kinds", kinds)?,
            themes: Line::list("themes", themes)?,
            scales: Line::list("scales", scales)?,
            factors: Line::list("factors", factors)?,
        })
    }

    /// The lists with what they are of, in the order in which they are shown and kept.
    #[must_use]
    pub fn lists(&self) -> [(&'static str, &[Line]); 4] {
        [("kind", &self.kinds), ("theme", &self.themes), ("scale", &self.scales), ("factor", &self.factors)]
    }

    /// Whether every summary fits.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.lists().iter().all(|(_, list)| list.is_empty())
    }

    /// Whether a summary fits.
    #[must_use]
    pub fn fit(&self, summary: &Summary) -> bool {
        let forces = summary.headwinds.iter().chain(&summary.tailwinds).map(|force| &force.what);
        let factors = summary.practice_areas.iter().map(Line::as_str).chain(forces.map(Prose::as_str));
        any_fits(&self.kinds, [summary.kind.as_str()])
            && any_fits(&self.themes, summary.themes.iter().map(Line::as_str))
            && any_fits(&self.scales, [&*summary.scale.to_string()])
            && any_fits(&self.factors, factors)
    }

    /// Whether nothing fits that did not fit `before`, as far as the lists alone show.
    #[must_use]
    pub fn within(&self, before: &Self) -> bool {
        let narrower = |(now, before): (&[Line], &[Line])| {
            before.is_empty() || (!now.is_empty() && now.iter().all(|entry| before.contains(entry)))
        };
        let pairs = self.lists().into_iter().zip(before.lists());
        pairs.map(|((_, now), (_, before))| (now, before)).all(narrower)
    }
}

impl Filter {
    /// Whether it lets everything through.
    #[must_use]
    pub fn is_all(&self) -> bool {
        self.from == 0 && self.labels.is_all()
    }

    /// Whether it lets the summary at this index through.
    #[must_use]
    pub fn lets(&self, index: u64, summary: &Summary) -> bool {
        index >= self.from && self.labels.fit(summary)
    }
}

impl Depth {
    /// Reads a depth: "all", "none", or a number of entries.
    ///
    /// # Errors
    /// In words.
    pub fn read(text: &str) -> Result<Self, String> {
        match text.trim() {
            "all" => Ok(Self::All),
            "none" => Ok(Self::Newest(0)),
            number => number.parse().map(Self::Newest).map_err(|_| {
                format!(
                    "\"{number}\" is no depth; say all, none (nothing from before now), or how many of the newest entries"
                )
            }),
        }
    }

    /// The first index it reaches in a log of this size.
    #[must_use]
    pub const fn begin(self, size: u64) -> u64 {
        match self {
            Self::All => 0,
            Self::Newest(entries) => size.saturating_sub(entries),
        }
    }
}

impl fmt::Display for Depth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Newest(0) => f.write_str("none"),
            Self::Newest(entries) => write!(f, "{entries}"),
        }
    }
}

impl Subscription {
    /// The filter it asks with.
    #[must_use]
    pub fn filter(&self) -> Filter {
        Filter { labels: self.labels.clone(), from: self.from.unwrap_or_default() }
    }

    /// Whether summaries are passed over that are for us.
    #[must_use]
    pub fn is_narrow(&self) -> bool {
        !self.filter().is_all()
    }

    /// The index from which openings have to be asked for again, once this stands where `before` stood: what was passed over before may
    /// be wanted now. `None`: nothing new can be wanted.
    #[must_use]
    pub fn asks_again_from(&self, before: &Self) -> Option<u64> {
        let (now, then) = (self.from.unwrap_or_default(), before.from.unwrap_or_default());
        (!self.labels.within(&before.labels) || now < then).then_some(now)
    }

    /// Which summaries, in words.
    #[must_use]
    pub fn what(&self) -> String {
        let list = |(name, list): (&str, &[Line])| {
            let entries: Vec<_> = list.iter().map(Line::as_str).collect();
            (!list.is_empty()).then(|| format!("{name} {}", entries.join(" or ")))
        };
        let mut parts: Vec<_> = self.labels.lists().into_iter().filter_map(list).collect();
        if parts.is_empty() {
            parts.push("all summaries".to_owned());
        }
        match (self.depth, self.from) {
            (Depth::All, _) => {}
            (_, Some(from)) => parts.push(format!("from entry {from} on")),
            (Depth::Newest(0), None) => parts.push("nothing from before".to_owned()),
            (Depth::Newest(entries), None) => {
                parts.push(format!("the newest {entries} entries and what follows"))
            }
        }
        parts.join("; ")
    }
}

impl fmt::Display for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let paused = if self.paused { "paused by your choice; when you resume: " } else { "" };
        write!(f, "{paused}{}", self.what())
    }
}

impl Asked {
    /// Whether nothing but leaves is asked for.
    #[must_use]
    pub const fn leaves_only(&self) -> bool {
        matches!(self, Self::Followed(Subscription { paused: true, .. }))
    }

    /// Whether a record is among what was asked for. A filter is a courtesy of who serves; this is where it is kept to.
    #[must_use]
    pub fn wants(&self, index: u64, body: &Body) -> bool {
        match (self, body) {
            (Self::All, _) => true,
            (Self::Chosen(indices), _) => indices.contains(&index),
            (Self::Followed(followed), Body::Summary(summary)) => followed.filter().lets(index, summary),
            (Self::Followed(_), _) => true,
        }
    }

    /// Whether what comes settles a part of the log.
    #[must_use]
    pub const fn settles(&self) -> bool {
        !matches!(self, Self::Chosen(_))
    }
}

#[cfg(test)]
mod tests;
