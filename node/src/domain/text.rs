//! Bounded text: whatever a person or a peer wrote, within limits and free of control characters.

use std::fmt;

use cairn_proto::limits;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use unicode_normalization::{UnicodeNormalization as _, char::is_combining_mark};

/// Why a text was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Longer than the limit.
    #[error("`{field}` {}", self.what())]
    TooLong {
        /// The field's name.
        field: &'static str,
        /// Its length.
        bytes: usize,
        /// The limit.
        limit: usize,
    },
    /// Empty where something must stand.
    #[error("`{name}` {}", self.what(), name = .0)]
    Empty(&'static str),
    /// A control character, for example a terminal escape.
    #[error("`{name}` {}", self.what(), name = .0)]
    Control(&'static str),
    /// Too many items in a list.
    #[error("`{field}` {}", self.what())]
    TooMany {
        /// The field's name.
        field: &'static str,
        /// How many there are.
        items: usize,
        /// The limit.
        limit: usize,
    },
}

impl InvalidText {
    /// What is wrong, without the field: for readers of files, who know the path to it themselves.
    #[must_use]
    pub fn what(&self) -> String {
        match self {
            Self::TooLong { bytes, limit, .. } => format!("is {bytes} bytes long; at most {limit} fit"),
            Self::Empty(_) => "is empty; it must say something".to_owned(),
            Self::Control(_) => {
                "holds a control character, which cannot be shown safely; remove it".to_owned()
            }
            Self::TooMany { items, limit, .. } => format!("has {items} items; at most {limit} fit"),
        }
    }
}

/// One line of at most [`limits::LINE_BYTES`] bytes, trimmed, not empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[schemars(inline, description = "A line of text.", extend("x-form" = "line", "maxLength" = limits::LINE_BYTES))]
pub struct Line(String);

/// Text of at most [`limits::TEXT_BYTES`] bytes, trimmed, not empty; may have line breaks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline, description = "Text, possibly of several paragraphs.", extend("x-form" = "prose", "maxLength" = limits::TEXT_BYTES))]
pub struct Prose(String);

impl<'de> Deserialize<'de> for Line {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new("text", &String::deserialize(deserializer)?).map_err(|e| D::Error::custom(e.what()))
    }
}

impl<'de> Deserialize<'de> for Prose {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new("text", &String::deserialize(deserializer)?).map_err(|e| D::Error::custom(e.what()))
    }
}

impl Line {
    /// Checks `text`; `field` names it in errors.
    ///
    /// # Errors
    /// [`InvalidText`] when empty, too long or with control characters.
    pub fn new(field: &'static str, text: &str) -> Result<Self, InvalidText> {
        let text = check(field, text, limits::LINE_BYTES, |c| c.is_control())?;
        text.map(Self).ok_or(InvalidText::Empty(field))
    }

    /// As [`Line::new`], but an empty text is no line.
    ///
    /// # Errors
    /// [`InvalidText`] when too long or with control characters.
    pub fn optional(field: &'static str, text: &str) -> Result<Option<Self>, InvalidText> {
        Ok(check(field, text, limits::LINE_BYTES, |c| c.is_control())?.map(Self))
    }

    /// A list of lines, at most [`limits::LIST_ITEMS`].
    ///
    /// # Errors
    /// [`InvalidText`] when there are too many, or one is not a line.
    pub fn list<S: AsRef<str>>(field: &'static str, items: &[S]) -> Result<Vec<Self>, InvalidText> {
        bounded(field, items)?.iter().map(|item| Self::new(field, item.as_ref())).collect()
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Prose {
    /// Checks `text`; `field` names it in errors.
    ///
    /// # Errors
    /// [`InvalidText`] when empty, too long or with control characters.
    pub fn new(field: &'static str, text: &str) -> Result<Self, InvalidText> {
        Self::optional(field, text)?.ok_or(InvalidText::Empty(field))
    }

    /// As [`Prose::new`], but an empty text is no prose.
    ///
    /// # Errors
    /// [`InvalidText`] when too long or with control characters.
    pub fn optional(field: &'static str, text: &str) -> Result<Option<Self>, InvalidText> {
        let control = |c: char| c.is_control() && c != '\n' && c != '\t';
        Ok(check(field, text, limits::TEXT_BYTES, control)?.map(Self))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Refuses lists of more than [`limits::LIST_ITEMS`] items.
///
/// # Errors
/// [`InvalidText::TooMany`].
pub fn bounded<'a, T>(field: &'static str, items: &'a [T]) -> Result<&'a [T], InvalidText> {
    if items.len() > limits::LIST_ITEMS {
        return Err(InvalidText::TooMany { field, items: items.len(), limit: limits::LIST_ITEMS });
    }
    Ok(items)
}

/// Text as it is searched for: small letters without accents, on both databases alike.
#[must_use]
pub fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    for c in text.chars() {
        // Most are plain, and decided without tables: whole back-fills go through here.
        match c.is_ascii() {
            true => folded.push(c.to_ascii_lowercase()),
            false => folded.extend(c.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase)),
        }
    }
    folded
}

fn check(
    field: &'static str,
    text: &str,
    limit: usize,
    forbidden: impl Fn(char) -> bool,
) -> Result<Option<String>, InvalidText> {
    let text = text.trim();
    if text.len() > limit {
        return Err(InvalidText::TooLong { field, bytes: text.len(), limit });
    }
    if text.chars().any(|c| forbidden(c) || reorders(c)) {
        return Err(InvalidText::Control(field));
    }
    Ok((!text.is_empty()).then(|| text.to_owned()))
}

/// Characters that make text read differently from what it says ("trojan source").
fn reorders(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for Prose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn lines_are_trimmed_bounded_and_clean() {
        assert_eq!(Line::new("t", "  a place ").unwrap().as_str(), "a place");
        assert_eq!(Line::new("t", " \n"), Err(InvalidText::Empty("t")));
        assert_eq!(Line::new("t", "a\u{1b}[31m"), Err(InvalidText::Control("t")));
        assert_eq!(Line::new("t", "a\nb"), Err(InvalidText::Control("t")));
        assert_eq!(Line::new("t", "evil \u{202e}txt"), Err(InvalidText::Control("t")));
        let long = "x".repeat(limits::LINE_BYTES + 1);
        assert!(matches!(Line::new("t", &long), Err(InvalidText::TooLong { .. })));
    }

    #[test]
    fn prose_keeps_line_breaks() {
        assert_eq!(Prose::new("p", "a\nb").unwrap().as_str(), "a\nb");
        assert_eq!(Prose::optional("p", "").unwrap(), None);
        assert!(bounded("l", &[0; 65]).is_err());
    }

    proptest! {
        /// Character by character is the same as the whole: what normalization would reorder is left out.
        #[test]
        fn folding_is_nfkd_without_marks_in_small_letters(text in any::<String>(), more in "[a-zA-Z\u{300}-\u{345}\u{ac00}-\u{ad00}İſßﬁé’]*") {
            for text in [text, more] {
                let whole: String =
                    text.nfkd().filter(|c| !is_combining_mark(*c)).flat_map(char::to_lowercase).collect();
                prop_assert_eq!(fold(&text), whole);
            }
        }
    }
}
