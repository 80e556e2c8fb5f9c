//! Differences between figures that are about to leave and those that left before: who came or went must not show.

use std::collections::BTreeMap;

use super::{
    Rules,
    number::{self, Count},
    piece::Pieces,
    protect::{HIDDEN, plain},
};
use crate::domain::experiment::Figure;

/// The figures of a record that left before.
#[derive(Clone, Debug)]
pub struct Earlier<'a> {
    /// The record, as people name it.
    pub record: String,
    /// Its figures as they left.
    pub figures: &'a [Figure],
}

/// What two figures together show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Differs {
    /// How many came or went: that many.
    ByFew(u64),
    /// A number that left before and is hidden now.
    HiddenNow,
    /// A number that was hidden before and is to leave now.
    HiddenBefore,
}

/// A figure that together with an earlier one shows a small number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The figure's place among the new ones, from 0.
    pub figure: usize,
    /// The earlier record.
    pub record: String,
    /// The value that is about to leave.
    pub now: String,
    /// The value that left before.
    pub then: String,
    /// What they show together.
    pub what: Differs,
}

impl Difference {
    /// What is wrong and what to do, in plain words.
    #[must_use]
    pub fn words(&self) -> String {
        let Self { record, now, then, what, .. } = self;
        match what {
            Differs::ByFew(count) => format!(
                "This figure says \"{now}\"; record {record} said \"{then}\". Together they show that {count} came or went. Round \
                 both, leave this figure out, or withdraw the earlier record."
            ),
            Differs::HiddenNow => format!(
                "This figure says \"{now}\", but record {record} showed \"{then}\". Hiding it now does not hide what left before. \
                 Withdraw the earlier record, or leave this figure out."
            ),
            Differs::HiddenBefore => format!(
                "This figure says \"{now}\"; record {record} said \"{then}\". Together they may tell what was hidden. Make sure \
                 that more people are counted now, or leave this figure out."
            ),
        }
    }
}

/// What one figure says of one group of people.
struct Said<'a> {
    figure: usize,
    value: &'a str,
    /// The least and the greatest it may be; nothing if it is hidden.
    range: Option<(u64, u64)>,
}

/// A question, a unit and what else the value says, all made plain.
type Key = (String, String);

/// Figures of `new`, as they would leave (after [`super::protect`]), that together with one of `earlier` show few
/// people. Only figures with the same question and the same words around the number are compared. Rounded values are
/// taken as the span they stand for.
#[must_use]
pub fn differences(new: &[Figure], earlier: &[Earlier<'_>], rules: &Rules) -> Vec<Difference> {
    let now = said(new, rules);
    let mut found = Vec::new();
    for record in earlier {
        let then = said(record.figures, rules);
        for (key, ours) in &now {
            let theirs = then.get(key).map(Vec::as_slice).unwrap_or_default();
            for (our, their) in ours.iter().zip(theirs) {
                let what = compare(our.range, their.range, rules);
                found.extend(what.map(|what| Difference {
                    figure: our.figure,
                    record: record.record.clone(),
                    now: our.value.to_owned(),
                    then: their.value.to_owned(),
                    what,
                }));
            }
        }
    }
    found.sort_by_key(|difference| difference.figure);
    found
}

fn compare(now: Option<(u64, u64)>, then: Option<(u64, u64)>, rules: &Rules) -> Option<Differs> {
    match (now, then) {
        (Some((least, most)), Some((before_least, before_most))) => {
            // The smallest and the greatest difference that the two spans allow, whichever is the greater number.
            let nearest = least.saturating_sub(before_most).max(before_least.saturating_sub(most));
            let farthest = most.saturating_sub(before_least).max(before_most.saturating_sub(least));
            (nearest >= 1 && farthest <= u64::from(rules.hide_to)).then_some(Differs::ByFew(farthest))
        }
        (None, Some(_)) => Some(Differs::HiddenNow),
        (Some(_), None) => Some(Differs::HiddenBefore),
        (None, None) => None,
    }
}

/// What figures say, by question and words around the number, in order.
fn said<'a>(figures: &'a [Figure], rules: &Rules) -> BTreeMap<Key, Vec<Said<'a>>> {
    let mut map: BTreeMap<Key, Vec<Said<'a>>> = BTreeMap::new();
    for (index, figure) in figures.iter().enumerate() {
        let value = figure.value.as_str();
        let pieces = Pieces::of(value);
        let count = number::counts(&pieces)
            .into_iter()
            .next()
            .or_else(|| number::bare(&pieces, figure.question.as_str()));
        let hidden = value.contains(HIDDEN);
        if count.is_none() && !hidden {
            continue;
        }
        let range = count.as_ref().filter(|_| !hidden).map(|count| range(count, value, rules));
        let key = (plain(figure.question.as_str()), label(value));
        map.entry(key).or_default().push(Said { figure: index, value, range });
    }
    map
}

/// The span a number stands for: itself, or what was rounded to it.
fn range(count: &Count, value: &str, rules: &Rules) -> (u64, u64) {
    let base = value
        .split_once("(rounded to ")
        .and_then(|(_, rest)| rest.split(|c: char| !c.is_ascii_digit()).next());
    match base.and_then(|base| base.parse::<u64>().ok()) {
        Some(base) => {
            let least = count
                .count
                .saturating_sub(base / 2)
                .max(u64::from(rules.hide_to).saturating_add(1).min(count.count));
            (least, count.count.saturating_add(base.saturating_sub(1) / 2))
        }
        None => (count.count, count.count),
    }
}

/// A value without its numbers and its note: "fewer than 8 families (hidden ...)" and "12 families" are both "families".
fn label(value: &str) -> String {
    let bare = value.split(" (").next().unwrap_or(value);
    let pieces = Pieces::of(bare);
    let words =
        (0..pieces.len()).filter(|n| number::number(&pieces, *n).is_none()).filter_map(|n| pieces.get(n));
    let words = words
        .map(|p| plain(p.text))
        .filter(|w| !matches!(w.as_str(), "fewer" | "than" | "a" | "number" | "of"));
    let one = words.map(|w| match w.as_str() {
        "family" => "families".to_owned(),
        "person" => "people".to_owned(),
        "child" => "children".to_owned(),
        _ => w,
    });
    one.collect::<Vec<_>>().join(" ")
}
