//! Making text from elsewhere safe and fit to show.
//!
//! Records come from other places. Nothing in them may move the cursor, colour the
//! screen, reverse the reading direction or hide itself.

use std::borrow::Cow;

use jiff::{Timestamp as Moment, tz::TimeZone};
use prost_types::Timestamp;

/// Characters of an id that lists show.
const SHORT_ID: usize = 14;

/// Whether a character could do anything but be read. Line breaks and tabs are for the callers to treat.
fn is_unsafe(c: char) -> bool {
    c.is_control()
        || matches!(c,
            // Arabic letter mark, and the marks, embeddings, overrides and isolates of the bidirectional algorithm.
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
            // Line and paragraph separators, which some terminals obey.
            | '\u{2028}' | '\u{2029}'
            // Invisible: zero-width space, word joiner and operators, byte order mark, annotations, tags.
            | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e007f}')
}

/// The last gate for text: our own line breaks pass, other unsafe characters are dropped.
pub(crate) fn gate(text: &str) -> Cow<'_, str> {
    let stopped = |c: char| c != '\n' && is_unsafe(c);
    if text.contains(stopped) { Cow::Owned(text.replace(stopped, "")) } else { Cow::Borrowed(text) }
}

/// The last gate for JSON in one line: unsafe characters can only stand inside strings and are escaped there.
pub(crate) fn gate_json(text: &str) -> Cow<'_, str> {
    if !text.contains(is_unsafe) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if is_unsafe(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                safe.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            safe.push(c);
        }
    }
    Cow::Owned(safe)
}

/// One line: line breaks and runs of spaces become one space.
pub(crate) fn line(text: &str) -> String {
    let safe: String = text.chars().filter(|c| c.is_whitespace() || !is_unsafe(*c)).collect();
    safe.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The paragraphs of a text, each in one line, without empty ones.
pub(crate) fn paragraphs(text: &str) -> Vec<String> {
    let broken = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}', '\u{85}'], "\n");
    broken.split('\n').map(line).filter(|line| !line.is_empty()).collect()
}

/// A moment in UTC, to the minute.
pub(crate) fn moment(at: &Timestamp) -> String {
    Moment::new(at.seconds, at.nanos).map_or_else(
        |_| "a time that is not one".to_owned(),
        |at| at.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M UTC").to_string(),
    )
}

/// A moment, or that there was none.
pub(crate) fn moment_or(at: Option<&Timestamp>, none: &str) -> String {
    at.map_or_else(|| none.to_owned(), moment)
}

/// The beginning of an id, enough to recognise it. An index after a slash stays.
pub(crate) fn short_id(id: &str) -> String {
    let id = line(id);
    let (node, index) = match id.split_once('/') {
        Some((node, index)) => (node, Some(index)),
        None => (id.as_str(), None),
    };
    let mut short: String = node.chars().take(SHORT_ID).collect();
    if node.chars().count() > SHORT_ID {
        short.push('…');
    }
    if let Some(index) = index {
        short.push('/');
        short.push_str(index);
    }
    short
}

/// "1 record", "2 records".
pub(crate) fn count(number: impl Into<u64>, one: &str, many: &str) -> String {
    match number.into() {
        0 => format!("no {many}"),
        1 => format!("1 {one}"),
        number => format!("{number} {many}"),
    }
}

/// "a, b and c".
pub(crate) fn and(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [one] => one.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use prost_types::Timestamp;

    use super::{and, count, gate, gate_json, line, moment, paragraphs, short_id};

    /// Escape, bell, C1 control sequence introducer, delete, right-to-left override, isolate, tag, zero-width space.
    const NASTY: &str =
        "a\u{1b}[31mb\u{7}c\u{9b}2Jd\u{7f}e\u{202e}f\u{2067}g\u{e0041}h\u{200b}i\u{feff}j\u{8}k\u{0}l";

    #[test]
    fn nothing_unsafe_passes() {
        assert_eq!(gate(NASTY), "a[31mbc2Jdefghijkl");
        assert_eq!(line(NASTY), "a[31mbc2Jdefghijkl");
        assert_eq!(paragraphs(NASTY), ["a[31mbc2Jdefghijkl"]);
        assert_eq!(gate("one\ntwo"), "one\ntwo");
    }

    #[test]
    fn letters_of_all_scripts_pass() {
        for text in ["Ålesund – 25 %", "העיר תל אביב", "नमस्ते", "می‌خواهم", "東京都"]
        {
            assert_eq!(line(text), text);
        }
    }

    #[test]
    fn json_keeps_every_character_escaped() {
        let json = serde_json::to_string(NASTY).unwrap();
        let safe = gate_json(&json);
        assert!(safe.chars().all(|c| !super::is_unsafe(c)), "{safe}");
        assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), NASTY);
    }

    #[test]
    fn a_line_is_one_line_and_paragraphs_stay() {
        assert_eq!(line(" one\n\ttwo   three\u{2028}four "), "one two three four");
        assert_eq!(paragraphs("one\r\n\ntwo\u{2029}three\rfour"), ["one", "two", "three", "four"]);
    }

    #[test]
    fn times_are_utc() {
        assert_eq!(moment(&Timestamp { seconds: 1_795_404_000, nanos: 5 }), "2026-11-23 03:20 UTC");
        assert_eq!(moment(&Timestamp { seconds: i64::MAX, nanos: 0 }), "a time that is not one");
    }

    #[test]
    fn ids_are_short_and_keep_their_index() {
        assert_eq!(short_id("cairn1qpzry9x8gf2tvdw0/12"), "cairn1qpzry9x8…/12");
        assert_eq!(short_id("dorset"), "dorset");
    }

    #[test]
    fn words_for_numbers_and_lists() {
        assert_eq!(count(0_u64, "record", "records"), "no records");
        assert_eq!(count(1_u64, "record", "records"), "1 record");
        assert_eq!(count(2_u32, "record", "records"), "2 records");
        let names = ["a", "b", "c"].map(str::to_owned);
        assert_eq!(and(&names), "a, b and c");
    }
}
