//! Names of people: after a title or a family word, or by a frequent given name. Roles, organisations, streets and
//! buildings named after people are told apart by the words around. A name nobody has put in the list, without a title
//! or a word about a person, is missed.

use std::{collections::HashMap, sync::LazyLock};

use super::{
    Class, Span,
    name_words::{DOES, KIN, MAKERS, PARTICLES, PEOPLE, ROLES, THINGS, TITLES},
    piece::{Piece, Pieces},
};

/// Given names, and whether each is sure: not also a word, a month or a place.
static GIVEN: LazyLock<HashMap<&'static str, bool>> = LazyLock::new(|| {
    let mut names = HashMap::new();
    for line in include_str!("given_names.txt").lines().filter(|line| !line.starts_with('#')) {
        let (sure, line) = line.strip_prefix('?').map_or((true, line), |rest| (false, rest));
        for name in line.split_whitespace() {
            names.entry(name).and_modify(|s| *s = *s && sure).or_insert(sure);
        }
    }
    names
});

/// The most words of one name: more is a heading in capitals.
const WORDS: usize = 4;

/// Names, in order; no two overlap.
pub(super) fn all(pieces: &Pieces<'_>) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    let mut index = 0;
    let mut named: Option<usize> = None;
    while index < pieces.len() {
        let beside = named.is_some_and(|last| listed(pieces, last, index));
        if let Some((first, last)) = titled(pieces, index)
            .or_else(|| introduced(pieces, index))
            .or_else(|| given(pieces, index, beside))
            .or_else(|| initials(pieces, index))
        {
            spans.push((Class::Name, pieces.span(first, last)));
            named = Some(last);
            index = last;
        }
        index = index.saturating_add(1);
    }
    spans
}

/// Whether the piece at `index` is joined by "and" to the name that ends at `last`.
fn listed(pieces: &Pieces<'_>, last: usize, index: usize) -> bool {
    let apart = index.saturating_sub(last);
    (apart == 2 && pieces.before(index, 1).is_some_and(|p| matches!(p.text, "and" | "ja" | "or")))
        || (apart == 1 && pieces.get(index).is_some_and(|p| matches!(p.gap, ", " | " & ")))
}

/// The last piece of the capitalised words that begin at `index`.
fn chain(pieces: &Pieces<'_>, index: usize) -> usize {
    let mut last = index;
    let mut next = index.saturating_add(1);
    while let Some(piece) = pieces.get(next) {
        let joined = piece.follows() || matches!(piece.gap, "-" | "'" | "’");
        let initial = piece.text.len() == 1 && piece.capitals();
        if joined && (piece.capitalised() || initial) && next.saturating_sub(index) < WORDS {
            last = next;
        } else if !(piece.follows() && PARTICLES.contains(&piece.lower().as_str())) {
            break;
        }
        next = next.saturating_add(1);
    }
    last
}

fn is(words: &[&str], piece: Option<&Piece<'_>>) -> bool {
    piece.is_some_and(|p| words.contains(&p.lower().as_str()))
}

/// Whether the words from `first` to `last`, or the one after, are of an organisation, a building, a day.
fn thing(pieces: &Pieces<'_>, first: usize, last: usize) -> bool {
    let after = pieces.get(last.saturating_add(1)).filter(|p| p.follows());
    (first..=last).any(|n| is(THINGS, pieces.get(n)))
        || (first < last && is(THINGS, after) && !is(&["way", "home", "day"], after))
}

/// Mrs Seacole, Dr Elsie Inglis
fn titled(pieces: &Pieces<'_>, index: usize) -> Option<(usize, usize)> {
    let title = pieces.get(index)?;
    (is(TITLES, Some(title)) && (title.small() || title.capitalised() || title.text == "PC")).then_some(())?;
    let first = index.checked_add(1)?;
    let name = pieces.get(first)?;
    let initial = name.text.len() == 1 && name.capitals() && name.text != "I";
    let joined = name.follows() || (name.gap == ". " && title.text.len() <= 4);
    let person =
        joined && (name.capitalised() || initial) && !is(ROLES, Some(name)) && !is(THINGS, Some(name));
    let last = chain(pieces, first);
    // "Mill Dr" is a street, and no title begins in the middle of a chain.
    let street = title.text == "Dr"
        && title.follows()
        && pieces.before(index, 1).is_some_and(Piece::capitalised)
        && !title.opens();
    let building = is(THINGS, pieces.get(last)) && last > first;
    (person && !street && !building).then_some((index, last))
}

/// her daughter Xanthe; a man called Silas; my name is Silas
fn introduced(pieces: &Pieces<'_>, index: usize) -> Option<(usize, usize)> {
    let name = pieces.get(index)?;
    let plain = name.capitalised() && !is(ROLES, Some(name)) && (name.follows() || name.gap == ", ");
    let last = chain(pieces, index);
    // "The neighbour, Heathcliff Earnshaw, ...": a name between commas.
    let between = name.gap == ", " && pieces.gap_after(last).starts_with(',');
    let kin = is(KIN, pieces.before(index, 1)) && (name.follows() || between) && !is(MAKERS, Some(name));
    let called = is(&["called", "named", "nimeltään"], pieces.before(index, 1))
        && name.follows()
        && pieces.cue(index, 5, PEOPLE);
    let own = is(&["is", "was", "on"], pieces.before(index, 1))
        && is(&["name", "nimi", "nimeni"], pieces.before(index, 2));
    (plain && (kin || called || own) && !thing(pieces, index, last)).then_some((index, last))
}

/// A frequent given name, with what follows it.
fn given(pieces: &Pieces<'_>, index: usize, beside: bool) -> Option<(usize, usize)> {
    let name = pieces.get(index)?;
    let sure = *GIVEN.get(name.text)?;
    let last = chain(pieces, index);
    let before = pieces.before(index, 1).filter(|_| name.follows() || matches!(name.gap, ". " | "-"));
    let within =
        before.is_some_and(|p| p.capitalised() && !p.opens() && !is(TITLES, Some(p)) && !name.opens());
    let after = pieces.get(last.saturating_add(1)).filter(|p| p.follows());
    let theirs = matches!(pieces.gap_after(last), "'" | "’");
    let does = is(DOES, after) || (theirs && is(KIN, pieces.get(last.saturating_add(2))));
    // Some surnames are things too: Emily Hall told us, but we met at Emily Hall.
    let family = sure
        && does
        && last == index.saturating_add(1)
        && is(&["hall", "day", "ward", "lane", "park", "church"], pieces.get(last));
    if (thing(pieces, index, last) && !family) || (is(MAKERS, before) && !(name.opens() && name.gap != ". "))
    {
        return None;
    }
    let surname = last > index;
    let opening = !name.opens() || does || surname || theirs || after.is_some_and(Piece::small);
    let person =
        if sure { opening && !(within && !surname && !does) } else { does || surname && !within || beside };
    (person || (beside && sure)).then_some((index, last))
}

/// B. S. Rowntree: two initials, for one may end a sentence.
fn initials(pieces: &Pieces<'_>, index: usize) -> Option<(usize, usize)> {
    let letter = |p: &Piece<'_>| p.text.len() == 1 && p.capitals();
    let second = index.checked_add(1)?;
    let name = index.checked_add(2)?;
    let dotted = |n: usize| pieces.get(n).is_some_and(|p| matches!(p.gap, ". " | "."));
    let real = pieces.get(index).is_some_and(letter)
        && pieces.get(second).is_some_and(letter)
        && pieces.get(name)?.capitalised();
    (real && dotted(second) && dotted(name)).then(|| (index, chain(pieces, name)))
}
