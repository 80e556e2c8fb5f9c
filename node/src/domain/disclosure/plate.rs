//! Number plates of vehicles. The current British and Irish forms are told by their shape; older, Northern Irish and
//! Finnish ones look like other references and need a word about a vehicle nearby.

use super::{Class, Span, piece::Pieces};

/// Words about a vehicle.
const CUES: &[&str] = &[
    "car",
    "van",
    "registration",
    "reg",
    "plate",
    "plates",
    "vehicle",
    "motorbike",
    "taxi",
    "minibus",
    "auto",
    "auton",
    "autoa",
    "rekisteri",
    "rekisterinumero",
    "rekisteritunnus",
    "pakettiauto",
    "numberplate",
    "parked",
    "drives",
];
/// Index marks of Irish counties, with those before 2014.
const COUNTIES: &[&str] = &[
    "C", "CE", "CN", "CW", "D", "DL", "G", "KE", "KK", "KY", "L", "LD", "LH", "LK", "LM", "LS", "MH", "MN",
    "MO", "OY", "RN", "SO", "T", "TN", "TS", "W", "WD", "WH", "WX", "WW",
];

/// A plate that begins at the piece `index`.
pub(super) fn at(pieces: &Pieces<'_>, index: usize) -> Option<Span> {
    let last = current(pieces, index).or_else(|| irish(pieces, index)).or_else(|| cued(pieces, index))?;
    Some((Class::VehiclePlate, pieces.span(index, last)))
}

/// AB12 CDE, or in one piece. The age is 02 to 29 or 51 to 79.
fn current(pieces: &Pieces<'_>, index: usize) -> Option<usize> {
    let first = pieces.get(index)?;
    let (text, last) = match first.text.len() {
        7 => (first.text.to_owned(), index),
        4 => {
            let next = index.checked_add(1)?;
            let second = pieces.get(next)?;
            second.follows().then_some(())?;
            (format!("{}{}", first.text, second.text), next)
        }
        _ => return None,
    };
    let [a, b, c, d, end @ ..] = text.as_bytes() else { return None };
    let letter = |l: &u8| l.is_ascii_uppercase() && !b"IQ".contains(l);
    let age = text.get(2..4).and_then(|age| age.parse::<u32>().ok())?;
    let real = letter(a)
        && letter(b)
        && c.is_ascii_digit()
        && d.is_ascii_digit()
        && end.len() == 3
        && end.iter().all(letter);
    // "NE12 THE" and the like: a postcode's district before a word in capitals.
    let word = matches!(end, b"THE" | b"AND" | b"FOR" | b"NHS" | b"ALL" | b"BUT" | b"GPS");
    (real && !word && matches!(age, 2..=29 | 51..=79)).then_some(last)
}

/// 141-D-12345
fn irish(pieces: &Pieces<'_>, index: usize) -> Option<usize> {
    let [year, county, serial] = [0, 1, 2].map(|n| index.checked_add(n).and_then(|n| pieces.get(n)));
    let (year, county, serial) = (year?, county?, serial?);
    let joined = county.gap == serial.gap && (county.gap == "-" || county.follows());
    let dated =
        year.digits() && (year.text.len() == 2 || (year.text.len() == 3 && year.text.ends_with(['1', '2'])));
    let real =
        dated && COUNTIES.contains(&county.text) && serial.digits() && (1..=6).contains(&serial.text.len());
    let sure = county.gap == "-" || pieces.cue(index, 6, CUES);
    (joined && real && sure).then(|| index.saturating_add(2))
}

/// A123 BCD, ABC 123D, AIG 1234, ABC-123
fn cued(pieces: &Pieces<'_>, index: usize) -> Option<usize> {
    let next = index.checked_add(1)?;
    let (first, second) = (pieces.get(index)?, pieces.get(next)?);
    let joined = second.follows() || second.gap == "-";
    if !joined || !(pieces.cue(index, 6, CUES) || pieces.cue_after(next, 3, CUES)) {
        return None;
    }
    let prefix = lettered(first.text) && second.text.len() == 3 && second.capitals();
    let three = matches!(first.text.len(), 2..=3) && first.capitals();
    let suffix = three && lettered(&second.text.chars().rev().collect::<String>());
    let northern =
        three && first.text.contains(['I', 'Z']) && second.digits() && (1..=4).contains(&second.text.len());
    let finnish = three && second.gap == "-" && second.digits() && (1..=3).contains(&second.text.len());
    (prefix || suffix || northern || finnish).then_some(next)
}

/// A capital and one to three digits.
fn lettered(text: &str) -> bool {
    let [letter, digits @ ..] = text.as_bytes() else { return false };
    letter.is_ascii_uppercase() && (1..=3).contains(&digits.len()) && digits.iter().all(u8::is_ascii_digit)
}
