//! Figures as they may leave: small counts hidden in words, others rounded, averages of few not shown.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Class, Found, Passage, Rules,
    number::{self, Count},
    piece::Pieces,
    secondary::{self, Cell, State},
};
use crate::domain::{
    experiment::Figure,
    text::{Line, fold},
};

/// How a hidden number is explained.
pub(super) const HIDDEN: &str = "hidden to protect people";
/// How a number hidden besides is explained.
const BESIDES: &str = "hidden so that a small number cannot be worked out";
/// Words of an average.
const AVERAGES: &[&str] = &["average", "mean", "median", "averaged", "keskimäärin", "keskiarvo", "mediaani"];
/// Words of a total.
const TOTALS: &[&str] = &["total", "all", "altogether", "overall", "yhteensä", "kaikkiaan", "kaikki"];

/// Why a figure leaves otherwise than it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// It counts few people.
    Small,
    /// From it and others a small count could be worked out.
    SoNothingCanBeDerived,
    /// Counts are rounded.
    Rounded,
    /// It is an average or a percentage of few people.
    AverageOfFew,
    /// It is zero, and the rules treat zero like a small count.
    Zero,
}

/// A change to a figure's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The figure's place, from 0.
    pub figure: usize,
    /// The value as written.
    pub before: String,
    /// The value as it leaves.
    pub after: String,
    /// The strongest reason.
    pub why: Why,
}

/// Figures as they may leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Protected {
    /// All figures, in order; only values differ from what was written.
    pub figures: Vec<Figure>,
    /// What was changed.
    pub changes: Vec<Change>,
    /// What a person should look at: averages and percentages of an unknown number of people.
    pub look: Vec<Found>,
}

/// What is known of one figure while its table is worked on.
struct Working<'a> {
    figure: &'a Figure,
    counts: Vec<Count>,
    cells: Vec<Cell>,
    share: Share,
}

/// Whether a value is an average or a percentage, and of how many people.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Share {
    No,
    OfUnknown,
    Of(u64),
}

/// `figures` as they may leave under `rules`. Only counts of people, families and the like are hidden or rounded, and
/// only in the value: what stands in a figure's other texts is for [`super::small_counts`]. Figures with the same
/// question are one table. Doing it twice changes nothing more.
#[must_use]
pub fn protect(figures: &[Figure], rules: &Rules) -> Protected {
    let mut working: Vec<_> = figures.iter().map(|figure| Working::new(figure, rules)).collect();
    let mut tables: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (index, figure) in figures.iter().enumerate() {
        tables.entry(plain(figure.question.as_str())).or_default().push(index);
    }
    for members in tables.values() {
        table(&mut working, members, rules);
    }
    let mut protected = Protected { figures: Vec::new(), changes: Vec::new(), look: Vec::new() };
    for (index, one) in working.iter().enumerate() {
        let before = one.figure.value.as_str();
        let mut figure = one.figure.clone();
        if let Some((after, why)) = one.value(rules).filter(|(after, _)| after != before) {
            // Too long with its explanation: then the explanation alone.
            let value = Line::new("value", &after).or_else(|_| Line::new("value", HIDDEN));
            figure.value = value.unwrap_or_else(|_| one.figure.value.clone());
            let after = figure.value.as_str().to_owned();
            protected.changes.push(Change { figure: index, before: before.to_owned(), after, why });
        } else if one.share == Share::OfUnknown {
            let part = format!("figures[{index}].value");
            protected.look.extend(Found::new(
                Class::Average,
                &Passage { part: &part, text: before },
                0..before.len(),
            ));
        }
        protected.figures.push(figure);
    }
    protected
}

/// A text for comparing: small letters, no accents, no punctuation, single blanks.
pub(super) fn plain(text: &str) -> String {
    let folded = fold(text);
    folded.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

impl<'a> Working<'a> {
    fn new(figure: &'a Figure, rules: &Rules) -> Self {
        let value = Pieces::of(figure.value.as_str());
        let mut counts = number::counts(&value);
        counts.extend(number::bare(&value, figure.question.as_str()).filter(|_| counts.is_empty()));
        let cells = counts.iter().map(|count| Cell::new(count.count, rules)).collect();
        let share = share(figure, &value, &counts);
        Self { figure, counts, cells, share }
    }

    /// The value as it leaves, and the strongest reason; nothing if it stays.
    fn value(&self, rules: &Rules) -> Option<(String, Why)> {
        let below = rules.averages_from.max(2);
        if let Share::Of(base) = self.share {
            if base < u64::from(rules.averages_from) {
                return Some((format!("not shown: fewer than {below} people"), Why::AverageOfFew));
            }
            if small_part(self.figure.value.as_str(), base, rules) {
                return Some((
                    "not shown, so that a small number cannot be worked out".to_owned(),
                    Why::SoNothingCanBeDerived,
                ));
            }
        }
        let small = self.cells.iter().any(|cell| cell.state == State::Small);
        let zero =
            self.counts.iter().zip(&self.cells).any(|(c, cell)| c.count == 0 && cell.state == State::Small);
        if small && self.share != Share::No {
            // A percentage next to a hidden count would give it away.
            return Some((
                format!("not shown: fewer than {} people", rules.hide_to.saturating_add(1)),
                Why::Small,
            ));
        }
        let text = self.rewritten(rules)?;
        let besides = self.cells.iter().any(|cell| cell.state == State::Besides);
        let why = match (small, zero, besides) {
            (true, true, _) => Why::Zero,
            (true, false, _) => Why::Small,
            (false, _, true) => Why::SoNothingCanBeDerived,
            (false, _, false) => Why::Rounded,
        };
        Some((text, why))
    }

    /// The value with each count as it leaves, and one note at its end.
    fn rewritten(&self, rules: &Rules) -> Option<String> {
        let before = self.figure.value.as_str();
        let (mut text, mut from, mut notes) = (String::new(), 0, Vec::new());
        for (count, cell) in self.counts.iter().zip(&self.cells) {
            let (shown, note) = match cell.state {
                State::Shown if count.about || rules.round_to <= 1 || count.count == 0 => continue,
                State::Shown => {
                    (rules.rounded(count.count).to_string(), format!("rounded to {}", rules.round_to))
                }
                State::Small => {
                    (format!("fewer than {}", rules.hide_to.saturating_add(1)), HIDDEN.to_owned())
                }
                State::Besides => {
                    let directly = count.of.is_none()
                        && !count.noun.is_empty()
                        && !before.get(count.at.end..)?.starts_with(" of");
                    (if directly { "a number of" } else { "a number" }.to_owned(), BESIDES.to_owned())
                }
            };
            text.push_str(before.get(from..count.at.start)?);
            text.push_str(&shown);
            from = count.at.end;
            if !notes.contains(&note) && !before.contains(&note) {
                notes.push(note);
            }
        }
        text.push_str(before.get(from..)?);
        if !notes.is_empty() {
            text = format!("{text} ({})", notes.join("; "));
        }
        Some(text)
    }
}

/// Whether the percentages of a value, taken of `base` people, give away a small count or a small remainder.
fn small_part(value: &str, base: u64, rules: &Rules) -> bool {
    let percents = value.match_indices(['%']).chain(value.match_indices("per cent"));
    percents.filter_map(|(at, _)| tenths(value.get(..at)?)).any(|tenths| {
        let part = base.saturating_mul(tenths).saturating_add(500) / 1000;
        let rest = base.saturating_sub(part);
        (part > 0 && rules.hides(part)) || (rest > 0 && rules.hides(rest))
    })
}

/// The number at the end of a text, in tenths: "half (12.5" is 125.
fn tenths(text: &str) -> Option<u64> {
    let text = text.trim_end();
    let from = text
        .rfind(|c: char| !c.is_ascii_digit() && c != '.')
        .map_or(0, |at| text.len().min(at.saturating_add(1)));
    let number = text.get(from..).or_else(|| text.rsplit(' ').next())?;
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let tenth = part.chars().next().and_then(|c| c.to_digit(10)).map_or(0, u64::from);
    whole.parse::<u64>().ok()?.checked_mul(10)?.checked_add(tenth)
}

/// Whether a value is an average or a percentage of people, and of how many.
fn share(figure: &Figure, value: &Pieces<'_>, counts: &[Count]) -> Share {
    let words = (0..value.len()).filter_map(|n| value.get(n)).map(|p| p.lower());
    let mut words = words.collect::<Vec<_>>().into_iter();
    let percent =
        value.text.contains('%') || value.text.contains("per cent") || value.text.contains("prosenttia");
    let average = words.any(|w| AVERAGES.contains(&w.as_str()));
    let texts = [value.text, figure.question.as_str(), figure.context.as_str()];
    if !(percent || average) || !texts.iter().any(|text| number::about_people(text)) {
        return Share::No;
    }
    if value.text.starts_with("not shown") {
        return Share::No;
    }
    let said = texts.iter().find_map(|text| sample(text));
    let counted = counts.iter().rev().find(|c| !c.about).map(|c| c.count);
    let context = || number::counts(&Pieces::of(figure.context.as_str())).iter().map(|c| c.count).min();
    said.or(counted).or_else(context).map_or(Share::OfUnknown, Share::Of)
}

/// "n = 6"
fn sample(text: &str) -> Option<u64> {
    let pieces = Pieces::of(text);
    let equals =
        |n: usize| pieces.get(n).is_some_and(|p| p.gap.trim() == "=") && pieces.cue(n, 1, &["n", "base"]);
    (0..pieces.len()).find(|n| equals(*n)).and_then(|n| pieces.get(n)?.text.parse().ok())
}

/// A count's place in a table.
#[derive(Clone, Copy)]
struct Row {
    figure: usize,
    cell: usize,
    count: u64,
    /// The number it is said to be a part of ("4 of 23").
    of: Option<u64>,
    total: bool,
}

/// The counts of the figures of one table.
fn rows(working: &[Working<'_>], members: &[usize]) -> Vec<Row> {
    let mut rows = Vec::new();
    for (figure, one) in members.iter().filter_map(|member| Some((*member, working.get(*member)?))) {
        let words = Pieces::of(one.figure.value.as_str());
        let said =
            (0..words.len()).filter_map(|n| words.get(n)).any(|p| TOTALS.contains(&p.lower().as_str()));
        let wholes: Vec<_> = one.counts.iter().filter_map(|c| c.of).collect();
        for (cell, count) in one.counts.iter().enumerate().filter(|(_, c)| !c.about) {
            let of = count.of.and_then(|n| one.counts.get(n)).map(|whole| whole.count);
            let total = wholes.contains(&cell) || (said && of.is_none());
            rows.push(Row { figure, cell, count: count.count, of, total });
        }
    }
    rows
}

/// Hides what must be hidden besides among the figures of one table.
fn table(working: &mut [Working<'_>], members: &[usize], rules: &Rules) {
    let (mut totals, mut parts): (Vec<_>, Vec<_>) =
        rows(working, members).into_iter().partition(|row| row.total);
    if totals.is_empty() && parts.len() > 2 {
        // No word says which is the total, but one is the sum of the others.
        let sum = added(&parts);
        let greatest = parts.iter().position(|row| row.count.checked_mul(2) == Some(sum) && sum > 0);
        totals.extend(greatest.map(|at| parts.remove(at)));
    }
    let values: BTreeSet<u64> = totals.iter().map(|row| row.count).collect();
    for value in values {
        let same: Vec<_> = totals.iter().filter(|row| row.count == value).copied().collect();
        let said: Vec<_> = parts.iter().filter(|row| row.of == Some(value)).copied().collect();
        let may: Vec<_> = parts.iter().filter(|row| row.of.is_none_or(|of| of == value)).copied().collect();
        for set in [said, may] {
            if added(&set) <= value {
                equation(working, &set, &same, rules);
            } else {
                // They overlap, so that each alone is a part of the total, and leaves a remainder.
                set.iter().for_each(|row| equation(working, &[*row], &same, rules));
            }
        }
    }
}

fn added(rows: &[Row]) -> u64 {
    rows.iter().fold(0, |sum, row| sum.saturating_add(row.count))
}

/// Hides besides within one sum: `parts` and every place where their total stands.
fn equation(working: &mut [Working<'_>], parts: &[Row], totals: &[Row], rules: &Rules) {
    let cell = |row: &Row| working.get(row.figure).and_then(|one| one.cells.get(row.cell)).copied();
    let mut cells: Vec<_> = parts.iter().filter_map(cell).collect();
    let Some(mut total) = totals.first().and_then(cell) else { return };
    secondary::hide(&mut cells, &mut total, rules);
    let states: Vec<_> = cells.iter().map(|c| c.state).chain(totals.iter().map(|_| total.state)).collect();
    for (row, state) in parts.iter().chain(totals).zip(states) {
        if let Some(cell) = working.get_mut(row.figure).and_then(|one| one.cells.get_mut(row.cell)) {
            cell.state = state;
        }
    }
}
