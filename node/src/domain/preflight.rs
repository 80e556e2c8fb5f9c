//! The page that stands before a release, the pure part: what is found in what is about to leave, what it does, and
//! which of it somebody decided to release all the same.

pub mod parts;
mod settings;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

pub use settings::{InvalidSettings, Settings};

use super::{
    disclosure::{
        Change, Class, Earlier, Passage, Weight, differences, personal_data, protect, small_counts,
    },
    experiment::Summary,
    place::Profile,
    record::Disclosure,
    text::{InvalidText, Prose, fold},
};
use parts::Text;

/// The fewest words of a reason.
const REASON_WORDS: usize = 3;

/// What can be found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sort {
    /// Personal data or small numbers.
    Data(Class),
    /// A figure that together with an earlier one tells of few people.
    Difference,
    /// The name of a place that is not to be named.
    PlaceName,
    /// Somebody of whom it is not known whether the record that is spoken of is for it.
    Audience,
}

impl Sort {
    /// All of them.
    pub fn all() -> impl Iterator<Item = Self> {
        Class::ALL.into_iter().map(Self::Data).chain([Self::Difference, Self::PlaceName, Self::Audience])
    }

    /// The word in keys and in the configuration.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Data(class) => class.word(),
            Self::Difference => "difference",
            Self::PlaceName => "place-name",
            Self::Audience => "audience",
        }
    }

    /// What it is, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Data(class) => class.words(),
            Self::Difference => "a number that together with an earlier one may tell of few people",
            Self::PlaceName => "a name of the place, which this card leaves unnamed",
            Self::Audience => "somebody of whom only the record's author knows whether the record is for it",
        }
    }

    /// What it does at least.
    #[must_use]
    pub fn floor(self) -> Weight {
        match self {
            Self::Data(class) => class.floor(),
            Self::Difference | Self::PlaceName => Weight::Blocks,
            Self::Audience => Weight::Warns,
        }
    }

    fn mend(self) -> &'static str {
        match self {
            Self::Data(Class::Name) => {
                "Write a role in its place, or leave it if it is no person or one who agreed to be named"
            }
            Self::Data(Class::SmallCount) => {
                "Say \"a few\" instead, or make sure that nobody can be told by it"
            }
            Self::Data(Class::Average) => "Say of how many people, or leave the figure out",
            Self::Data(Class::Postcode) => "Write the district only, or leave it out",
            Self::Data(_) => "Take it out at home",
            Self::Difference => "Leave the figure out, or withdraw the earlier record",
            Self::PlaceName => "Write \"the place\" or \"the council\" in its place",
            Self::Audience => "Leave it out, or ask the author first whether it has the record",
        }
    }
}

/// One thing that was found in one part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// How to name it in an override: "phone@noticed".
    pub key: String,
    /// What it is.
    pub sort: Sort,
    /// In which part.
    pub part: String,
    /// The words themselves; several in one part stand after each other.
    pub text: String,
    /// What it does.
    pub weight: Weight,
    /// What to do about it.
    pub mend: String,
    /// Why it may leave all the same, if somebody decided so.
    pub overridden: Option<String>,
}

impl Finding {
    /// Whether it stops the release.
    #[must_use]
    pub fn stops(&self) -> bool {
        self.weight == Weight::Blocks && self.overridden.is_none()
    }
}

/// The decision that a finding does not stop a release.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Override {
    /// The finding's key.
    pub key: String,
    /// Why.
    pub reason: String,
}

/// Why an override does not count.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidOverride {
    /// Nothing of that key was found.
    #[error("there is no finding \"{key}\" to override; {}", keys(.there))]
    Unknown {
        /// The key.
        key: String,
        /// The keys there are.
        there: Vec<String>,
    },
    /// Without a reason.
    #[error(
        "the override of \"{0}\" gives no reason; say in a few words why it may leave all the same. The reason is kept in the \
         audit log"
    )]
    NoReason(String),
}

fn keys(there: &[String]) -> String {
    if there.is_empty() { "nothing was found".to_owned() } else { format!("there are {}", there.join(", ")) }
}

/// What a summary is looked at with.
#[derive(Clone, Copy, Debug)]
pub struct Against<'a> {
    /// What the place decided.
    pub settings: &'a Settings,
    /// Figures that left before.
    pub earlier: &'a [Earlier<'a>],
    /// Names that must not stand in it, where the card leaves the place unnamed.
    pub unnamed: &'a [String],
    /// Texts that leave beside the summary, as [`parts::beside`] gives them.
    pub beside: &'a [Text<'a>],
}

/// Findings by sort and part, in the order of the parts.
#[derive(Debug, Default)]
struct Heap(BTreeMap<(Sort, String), (Vec<String>, Option<String>)>);

impl Heap {
    fn add(&mut self, sort: Sort, part: &str, text: &str, mend: Option<String>) {
        let (texts, first) = self.0.entry((sort, part.to_owned())).or_default();
        if !texts.iter().any(|known| known == text) {
            texts.push(text.to_owned());
        }
        *first = first.take().or(mend);
    }

    fn findings(self, settings: &Settings) -> Vec<Finding> {
        let finding =
            |((sort, part), (texts, mend)): ((Sort, String), (Vec<String>, Option<String>))| Finding {
                key: format!("{}@{part}", sort.word()),
                text: texts.join("; "),
                weight: settings.weight(sort),
                mend: mend.unwrap_or_else(|| sort.mend().to_owned()),
                overridden: None,
                sort,
                part,
            };
        let mut findings: Vec<_> = self.0.into_iter().map(finding).collect();
        findings.sort_by_key(|finding| std::cmp::Reverse(finding.weight));
        findings
    }
}

/// A summary with its numbers as they may leave, how they were changed, and what is found in it, first what blocks.
#[must_use]
pub fn check(mut summary: Summary, against: &Against<'_>) -> (Summary, Vec<Change>, Vec<Finding>) {
    let rules = against.settings.rules();
    let protected = protect(&summary.figures, rules);
    summary.figures = protected.figures;
    let mut heap = Heap::default();
    let texts = [parts::texts(&summary).as_slice(), against.beside].concat();
    let values = parts::values(&summary);
    let data = [texts.as_slice(), &values].concat();
    for found in personal_data(&passages(&data)) {
        heap.add(Sort::Data(found.class), &found.part, &found.text, None);
    }
    for found in small_counts(&passages(&texts), rules).into_iter().chain(protected.look) {
        heap.add(Sort::Data(found.class), &found.part, &found.text, None);
    }
    for difference in differences(&summary.figures, against.earlier, rules) {
        let part = format!("figures[{}]", difference.figure);
        heap.add(Sort::Difference, &part, &difference.now, Some(difference.words()));
    }
    let named = [data, parts::sources(&summary)].concat();
    for (part, text) in &named {
        for name in against.unnamed.iter().filter(|name| names(text, name)) {
            heap.add(Sort::PlaceName, part, name, None);
        }
    }
    let findings = heap.findings(against.settings);
    (summary, protected.changes, findings)
}

/// What is found in a profile. How to reach its roles stands there on purpose.
#[must_use]
pub fn check_profile(profile: &Profile, settings: &Settings) -> Vec<Finding> {
    let mut heap = Heap::default();
    for found in personal_data(&passages(&parts::profile(profile))) {
        heap.add(Sort::Data(found.class), &found.part, &found.text, None);
    }
    heap.findings(settings)
}

/// What is found in something that is said about a record: in its texts, and in to whom it goes.
#[must_use]
pub fn check_said(texts: &[Text<'_>], not_known: &[String], settings: &Settings) -> Vec<Finding> {
    let mut heap = Heap::default();
    let passages = passages(texts);
    for found in personal_data(&passages).into_iter().chain(small_counts(&passages, settings.rules())) {
        heap.add(Sort::Data(found.class), &found.part, &found.text, None);
    }
    for who in not_known {
        heap.add(Sort::Audience, "to", who, None);
    }
    heap.findings(settings)
}

fn passages<'a>(texts: &'a [Text<'a>]) -> Vec<Passage<'a>> {
    texts.iter().map(|(part, text)| Passage { part, text }).collect()
}

/// Whether a name stands in a text, word by word.
fn names(text: &str, name: &str) -> bool {
    let words = |text: &str| {
        let folded = fold(text);
        let words = folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
        words.map(str::to_owned).collect::<Vec<_>>()
    };
    let (text, name) = (words(text), words(name));
    !name.is_empty() && text.windows(name.len()).any(|window| window == name)
}

/// Turns findings into overridden ones.
///
/// # Errors
/// [`InvalidOverride`] naming the keys that there are.
pub fn decide(findings: &mut [Finding], overrides: &[Override]) -> Result<(), InvalidOverride> {
    for Override { key, reason } in overrides {
        if reason.split_whitespace().count() < REASON_WORDS {
            return Err(InvalidOverride::NoReason(key.chars().take(100).collect()));
        }
        match findings.iter_mut().find(|finding| finding.key == key.trim()) {
            Some(finding) => finding.overridden = Some(reason.trim().to_owned()),
            None => {
                let there = findings.iter().map(|finding| finding.key.clone()).collect();
                return Err(InvalidOverride::Unknown { key: key.chars().take(100).collect(), there });
            }
        }
    }
    Ok(())
}

/// What the record says was done to protect people: the place's own words first, then what pre-flight did. What was
/// found stays at home.
///
/// # Errors
/// [`InvalidText`] when the place's own words leave no room.
pub fn statement(
    own: Option<&Disclosure>,
    findings: &[Finding],
    settings: &Settings,
) -> Result<Prose, InvalidText> {
    let own = own.map_or_else(String::new, |own| format!("{}\n", own.statement));
    let overridden = findings.iter().filter(|finding| finding.overridden.is_some()).count();
    let reasons = match overridden {
        0 => String::new(),
        1 => " One finding was released with a reason that is kept at home.".to_owned(),
        n => format!(" {n} findings were released with reasons that are kept at home."),
    };
    let rules = settings.rules().words();
    let text = format!(
        "{own}Before the release its texts were searched for names, addresses, identifiers and small numbers, and what was \
         found was shown to whoever released it. {rules}{reasons}"
    );
    Prose::new("disclosure.statement", &text)
}
