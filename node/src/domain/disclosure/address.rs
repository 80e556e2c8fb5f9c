//! Street addresses and postcodes. A street, a district or an outward code alone is a place, not a person.

use super::{Class, Span, piece::Pieces};

/// What a street's name ends with.
const STREETS: &[&str] = &[
    "street",
    "road",
    "lane",
    "avenue",
    "close",
    "drive",
    "way",
    "crescent",
    "court",
    "place",
    "terrace",
    "gardens",
    "grove",
    "hill",
    "square",
    "row",
    "mews",
    "walk",
    "view",
    "park",
    "rise",
    "wynd",
    "brae",
    "loan",
    "quay",
    "parade",
    "rd",
    "st",
    "ave",
    "cres",
    "dr",
    "tce",
    "heights",
    "green",
    "manor",
    "vale",
    "gate",
    "bank",
    "esplanade",
    "boulevard",
    "villas",
    "cottages",
    "gait",
    "pend",
    "vennel",
    "boreen",
    "embankment",
    "common",
    "wharf",
    "fold",
    "croft",
    "garth",
    "estate",
];
/// What a house's name ends with.
const HOUSES: &[&str] = &[
    "house",
    "cottage",
    "lodge",
    "farm",
    "farmhouse",
    "bungalow",
    "tower",
    "towers",
    "court",
    "heights",
    "point",
    "buildings",
    "mansions",
    "villa",
    "croft",
    "apartments",
    "croft",
];
/// What stands before the number of a dwelling within a house.
const DWELLINGS: &[&str] = &["flat", "apartment", "apt", "maisonette", "bedsit"];
/// Endings of Finnish and Finland-Swedish street names.
const FINNISH: &[&str] = &[
    "katu",
    "tie",
    "kuja",
    "polku",
    "kaari",
    "raitti",
    "ranta",
    "rinne",
    "penger",
    "bulevardi",
    "gatan",
    "vägen",
    "gränden",
];
/// Finnish roads that carry a number as their name.
const HIGHWAYS: &[&str] =
    &["valtatie", "kantatie", "seututie", "yhdystie", "maantie", "rautatie", "kehätie", "moottoritie"];
/// The areas of UK postcodes (Royal Mail).
const AREAS: &str = " AB AL B BA BB BD BF BH BL BN BR BS BT BX CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT DY E EC EH EN EX \
    FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW \
    OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN \
    WR WS WV YO ZE ";
/// The most words a street's or a house's name has before its ending.
const NAME_WORDS: usize = 3;

/// Addresses and postcodes.
pub(super) fn all(pieces: &Pieces<'_>) -> Vec<Span> {
    let mut spans = Vec::new();
    let mut address_ends: Option<usize> = None;
    for index in 0..pieces.len() {
        let found = dwelling(pieces, index)
            .or_else(|| numbered(pieces, index))
            .or_else(|| number_in(pieces, index))
            .or_else(|| named_house(pieces, index))
            .or_else(|| finnish(pieces, index));
        if let Some(last) = found {
            spans.push((Class::Address, pieces.span(index, last)));
            address_ends = Some(last);
        } else if let Some((class, last)) = postcode(pieces, index) {
            spans.push((class, pieces.span(index, last)));
        } else if finnish_postcode(pieces, index)
            && address_ends.is_some_and(|end| index == end.saturating_add(1))
        {
            spans.push((Class::Postcode, pieces.span(index, index)));
        }
    }
    spans
}

/// A house number: up to four digits and a letter; years are none.
fn house_number(text: &str) -> bool {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let rest = text.get(digits..).unwrap_or_default();
    let year = digits == 4 && (text.starts_with("19") || text.starts_with("20"));
    (1..=4).contains(&digits) && rest.len() <= 1 && rest.bytes().all(|b| b.is_ascii_alphabetic()) && !year
}

/// The last piece of capitalised words from `index` on that end with one of `endings`.
fn ends_with(pieces: &Pieces<'_>, index: usize, endings: &[&str]) -> Option<usize> {
    for last in index..=index.saturating_add(NAME_WORDS) {
        let piece = pieces.get(last)?;
        let joined = last == index || piece.follows() || matches!(piece.gap, "'" | "’" | "-" | ". ");
        let part = piece.capitalised() || (last > index && matches!(piece.text, "s" | "of" | "the" | "y"));
        if !joined || !part {
            return None;
        }
        if last > index && endings.contains(&piece.lower().as_str()) {
            // Square after Market, Hill after Primrose: the ending that is followed by another is not yet the end.
            let next = last.saturating_add(1);
            let goes_on =
                pieces.get(next).is_some_and(|p| p.follows() && endings.contains(&p.lower().as_str()));
            return Some(if goes_on { next } else { last });
        }
    }
    None
}

/// 12 Mill Lane; 12-14 Mill Lane; but not "12 High Street shops".
fn numbered(pieces: &Pieces<'_>, index: usize) -> Option<usize> {
    let piece = pieces.get(index)?;
    let glued = piece.gap.ends_with(['£', '€', '$', '.', '/', '#']);
    (house_number(piece.text) && !glued).then_some(())?;
    let named = index.checked_add(1)?;
    let name = pieces.get(named)?;
    let last = (name.follows() || name.gap == ", ").then(|| ends_with(pieces, named, STREETS))??;
    let things = pieces
        .get(last.saturating_add(1))
        .is_some_and(|p| p.follows() && p.small() && p.text.len() > 3 && p.text.ends_with('s'));
    (!things).then_some(last)
}

/// number 12 in Mill Lane
fn number_in(pieces: &Pieces<'_>, index: usize) -> Option<usize> {
    let said = matches!(pieces.before(index, 1)?.lower().as_str(), "number" | "no");
    let preposition = pieces.get(index.checked_add(1)?)?.text;
    let on = matches!(preposition, "in" | "on" | "of");
    (said && on && house_number(pieces.get(index)?.text))
        .then(|| ends_with(pieces, index.saturating_add(2), STREETS))?
}

/// Flat 3, 12 Mill Lane; Flat 3, Toynbee House
fn dwelling(pieces: &Pieces<'_>, index: usize) -> Option<usize> {
    DWELLINGS.contains(&pieces.get(index)?.lower().as_str()).then_some(())?;
    let number = index.checked_add(1)?;
    let piece = pieces.get(number)?;
    let lettered = house_number(piece.text) || (piece.text.len() == 1 && piece.capitals());
    (piece.follows() && lettered).then_some(())?;
    let next = number.checked_add(1)?;
    let named = if matches!(pieces.get(next)?.text, "at" | "in") { next.checked_add(1)? } else { next };
    numbered(pieces, named)
        .or_else(|| ends_with(pieces, named, STREETS))
        .or_else(|| ends_with(pieces, named, HOUSES))
}

/// Rose Cottage, Mill Lane
fn named_house(pieces: &Pieces<'_>, index: usize) -> Option<usize> {
    let house = ends_with(pieces, index, HOUSES)?;
    let street = house.checked_add(1)?;
    (pieces.get(street)?.gap == ", ").then(|| ends_with(pieces, street, STREETS))?
}

/// Mannerheimintie 5 B 12
fn finnish(pieces: &Pieces<'_>, index: usize) -> Option<usize> {
    let piece = pieces.get(index)?;
    let name = piece.lower();
    let street = piece.capitalised() && name.len() > 5 && FINNISH.iter().any(|end| name.ends_with(end));
    (street && !HIGHWAYS.contains(&name.as_str())).then_some(())?;
    let number = index.checked_add(1)?;
    let digits = pieces.get(number)?;
    (digits.follows() && house_number(digits.text) && digits.text.len() <= 4).then_some(())?;
    let stair = number.saturating_add(1);
    let staircase = pieces.get(stair).is_some_and(|p| p.follows() && p.text.len() == 1 && p.capitals());
    let flat = stair.saturating_add(1);
    let door = pieces.get(flat).is_some_and(|p| p.follows() && p.digits() && p.text.len() <= 3);
    Some(if staircase && door {
        flat
    } else if staircase {
        stair
    } else {
        number
    })
}

/// A full UK postcode or an Eircode: in one piece, or in two with a blank between.
fn postcode(pieces: &Pieces<'_>, index: usize) -> Option<(Class, usize)> {
    let piece = pieces.get(index)?;
    if !matches!(piece.text.len(), 2..=7) || !piece.text.is_ascii() || piece.gap.ends_with(['-', '_', '/']) {
        return None;
    }
    if piece.text.len() >= 5 {
        let (outward, inward) = piece.text.split_at(piece.text.len().checked_sub(3)?);
        if uk(outward, inward) {
            return Some((Class::Postcode, index));
        }
        let (routing, door) = piece.text.split_at(3);
        return eircode(routing, door).then_some((Class::Eircode, index));
    }
    let next = index.checked_add(1)?;
    let second = pieces.get(next)?;
    if !second.follows() {
        return None;
    }
    if uk(piece.text, second.text) {
        return Some((Class::Postcode, next));
    }
    eircode(piece.text, second.text).then_some((Class::Eircode, next))
}

/// Royal Mail: area, district, then a digit and two letters other than C I K M O V.
fn uk(outward: &str, inward: &str) -> bool {
    let area = outward.bytes().take_while(u8::is_ascii_uppercase).count();
    let (Some(letters), Some(district)) = (outward.get(..area), outward.get(area..)) else { return false };
    let district = match district.as_bytes() {
        [d] => d.is_ascii_digit(),
        [d, e] => d.is_ascii_digit() && (e.is_ascii_digit() || e.is_ascii_uppercase()),
        _ => false,
    };
    let last = match inward.as_bytes() {
        [d, a, b] => {
            d.is_ascii_digit() && [a, b].iter().all(|c| c.is_ascii_uppercase() && !b"CIKMOV".contains(c))
        }
        _ => false,
    };
    district && last && (1..=2).contains(&area) && AREAS.contains(&format!(" {letters} "))
}

/// An Eircode: a routing key (D6W or a letter and two digits), and four characters that name the door.
fn eircode(routing: &str, door: &str) -> bool {
    let key = match routing.as_bytes() {
        b"D6W" => true,
        [letter, a, b] => b"ACDEFHKNPRTVWXY".contains(letter) && a.is_ascii_digit() && b.is_ascii_digit(),
        _ => false,
    };
    let allowed = |b: u8| b.is_ascii_digit() || b"ACDEFHKNPRTVWXY".contains(&b);
    let mixed = door.bytes().any(|b| b.is_ascii_digit()) && door.bytes().any(|b| b.is_ascii_uppercase());
    key && door.len() == 4 && mixed && door.bytes().all(allowed)
}

/// 00100 Helsinki; it counts only right after an address, for five digits alone are many things.
fn finnish_postcode(pieces: &Pieces<'_>, index: usize) -> bool {
    let town = pieces.get(index.saturating_add(1)).is_some_and(|p| p.follows() && p.capitalised());
    town && pieces.get(index).is_some_and(|p| p.text.len() == 5 && p.digits() && p.gap.len() <= 2)
}
