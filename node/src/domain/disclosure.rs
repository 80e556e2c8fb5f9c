//! Pre-flight, the pure part: what a person should look at before a text or a number leaves. Personal data in free
//! text ([`personal_data`]), small numbers ([`protect`], [`small_counts`]) and differences from what left before
//! ([`differences`]).
//!
//! It assists the person who checks and never replaces them: no tool finds everything (field anchors 1.6). Not here:
//! who may override a finding, and how that is recorded. No regular expressions and no model: a text is cut into
//! pieces once, and each recogniser looks at a bounded number of pieces around each, so the time grows with the
//! length of the text only.

mod address;
mod birth;
mod contact;
mod differences;
mod identifier;
mod name;
mod name_words;
mod number;
mod number_words;
mod piece;
mod plate;
mod prose;
mod protect;
mod rules;
mod secondary;

use std::ops::Range;

pub use differences::{Difference, Differs, Earlier, differences};
pub use prose::small_counts;
pub use protect::{Change, Protected, Why, protect};
pub use rules::{HIDE_TO_FLOOR, InvalidRules, RuleSet, Rules, Zero};

use piece::Pieces;

/// The longest matched text a [`Found`] carries, in bytes: enough to recognise it on a page.
const FOUND_BYTES: usize = 120;

/// A text that is about to leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Passage<'a> {
    /// The name of the part it stands in, for example `noticed` or `figures[0].context`.
    pub part: &'a str,
    /// The text.
    pub text: &'a str,
}

/// What a finding does. Ordered: warning is less than blocking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// It is shown, and the release may go on.
    Warns,
    /// The release waits until it is taken out, or somebody says why it may stay.
    Blocks,
}

/// Declares the classes once: variant, key, plain words, least weight.
macro_rules! classes {
    ($($(#[doc = $doc:literal])+ $variant:ident, $word:literal, $words:literal, $weight:ident;)+) => {
        /// What was found.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Class { $($(#[doc = $doc])+ $variant,)+ }

        impl Class {
            /// All classes.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$variant),+];

            /// The key by which people name it, for example `nhs-number`.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }

            /// Plain words, for example "an NHS number".
            #[must_use]
            pub fn words(self) -> &'static str {
                match self { $(Self::$variant => $words,)+ }
            }

            /// What it does unless a place decides otherwise. What leads to one person, one door or one account
            /// blocks: the harm is done at once and an override costs a sentence. What is often harmless warns: a name
            /// may be an author's, a postcode covers some fifteen homes, a handle is mostly an organisation's, and a
            /// small number in a story is often the story. A page that blocks for those is soon no longer read.
            #[must_use]
            pub fn floor(self) -> Weight {
                match self { $(Self::$variant => Weight::$weight,)+ }
            }
        }
    };
}

classes! {
    /// NHS number (England, Wales, Isle of Man), with its check digit (mod 11).
    NhsNumber, "nhs-number", "an NHS number", Blocks;
    /// Scottish Community Health Index number: the day of birth and a check digit.
    ChiNumber, "chi-number", "a CHI number", Blocks;
    /// Northern Ireland health and care number.
    HealthAndCareNumber, "health-and-care-number", "a health and care number", Blocks;
    /// UK National Insurance number.
    NationalInsurance, "national-insurance", "a National Insurance number", Blocks;
    /// Irish personal public service number.
    Ppsn, "ppsn", "a PPS number", Blocks;
    /// Irish individual health identifier (18 digits, GS1).
    IrishHealthIdentifier, "irish-health-identifier", "an Irish health identifier", Blocks;
    /// Finnish personal identity code (henkilötunnus).
    FinnishPersonalId, "finnish-personal-id", "a Finnish personal identity code", Blocks;
    /// A bank account (IBAN, or a sort code with an account number).
    BankAccount, "bank-account", "a bank account", Blocks;
    /// An e-mail address.
    Email, "email", "an e-mail address", Blocks;
    /// A phone number.
    Phone, "phone", "a phone number", Blocks;
    /// A street address with a house number, or a named house with its street.
    Address, "address", "a street address", Blocks;
    /// An Irish Eircode, which names one door.
    Eircode, "eircode", "an Eircode", Blocks;
    /// A date of birth.
    DateOfBirth, "date-of-birth", "a date of birth", Blocks;
    /// A vehicle's number plate.
    VehiclePlate, "vehicle-plate", "a number plate", Blocks;
    /// A person's name.
    Name, "name", "what may be a person's name", Warns;
    /// A full UK postcode, or a Finnish one after an address.
    Postcode, "postcode", "a full postcode", Warns;
    /// An account on social media.
    SocialHandle, "social-handle", "a social media account", Warns;
    /// A small number of people.
    SmallCount, "small-count", "a small number of people", Warns;
    /// An average or a percentage of people, without saying of how many.
    Average, "average", "an average or percentage of an unknown number of people", Warns;
}

impl Class {
    /// Reads a key as people write it.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.word() == word)
    }
}

/// Something to look at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it seems to be.
    pub class: Class,
    /// The part it stands in.
    pub part: String,
    /// Where in that part's text, in bytes, on character boundaries.
    pub at: Range<usize>,
    /// The matched words, cut at some hundred bytes.
    pub text: String,
}

impl Found {
    /// A finding at `at` within `passage`; nothing if `at` is not within it.
    fn new(class: Class, passage: &Passage<'_>, at: Range<usize>) -> Option<Self> {
        let whole = passage.text.get(at.clone())?;
        let end = (0..=whole.len().min(FOUND_BYTES)).rev().find(|end| whole.is_char_boundary(*end))?;
        let text = whole.get(..end)?.to_owned();
        Some(Self { class, part: passage.part.to_owned(), at, text })
    }
}

/// A span of a text and what it seems to be.
type Span = (Class, Range<usize>);

/// Personal data in `passages`, in the order it stands there. Findings do not overlap: where two do, the class that
/// stands first in [`Class::ALL`] stays, because a check digit says more than a shape.
#[must_use]
pub fn personal_data(passages: &[Passage<'_>]) -> Vec<Found> {
    passages.iter().flat_map(in_passage).collect()
}

fn in_passage(passage: &Passage<'_>) -> Vec<Found> {
    let pieces = Pieces::of(passage.text);
    let mut spans = Vec::new();
    for index in 0..pieces.len() {
        spans.extend(identifier::at(&pieces, index));
        spans.extend(contact::at(&pieces, index));
        spans.extend(birth::at(&pieces, index));
        spans.extend(plate::at(&pieces, index));
    }
    spans.extend(address::all(&pieces));
    spans.extend(name::all(&pieces));
    apart(spans).into_iter().filter_map(|(class, at)| Found::new(class, passage, at)).collect()
}

/// Without overlaps, sorted by place.
fn apart(mut spans: Vec<Span>) -> Vec<Span> {
    use std::collections::BTreeMap;
    spans.sort_by_key(|(class, at)| (*class, at.start, std::cmp::Reverse(at.end)));
    let mut kept: BTreeMap<usize, (usize, Class)> = BTreeMap::new();
    for (class, at) in spans {
        let before = kept.range(..at.end).next_back();
        if before.is_none_or(|(_, (end, _))| *end <= at.start) {
            kept.insert(at.start, (at.end, class));
        }
    }
    kept.into_iter().map(|(start, (end, class))| (class, start..end)).collect()
}

#[cfg(test)]
mod figure_tests;
#[cfg(test)]
mod tests;
