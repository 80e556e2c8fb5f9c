//! Ids of documents, and references from one document to another.

use std::{borrow::Cow, cmp::Ordering, fmt, marker::PhantomData, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::{Kind, Learning};

/// Longest id, in characters.
const ID_CHARS: usize = 64;

/// Not an id.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not an id; use 1 to 64 lower-case letters, digits, hyphens and dots, beginning with a letter"
)]
pub struct InvalidId(String);

/// The local id of a document, for example "plymouth-alliance". Unique within its kind.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id(String);

impl Id {
    /// Checks an id. Capitals are taken as small letters.
    ///
    /// # Errors
    /// [`InvalidId`].
    pub fn new(text: &str) -> Result<Self, InvalidId> {
        let id = text.trim().to_ascii_lowercase();
        let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
        let starts = id.starts_with(|c: char| c.is_ascii_lowercase());
        if starts && id.len() <= ID_CHARS && id.chars().all(known) {
            return Ok(Self(id));
        }
        Err(InvalidId(text.chars().take(ID_CHARS).collect()))
    }

    /// An id made from a title: its words with hyphens, as far as they fit; `fallback` where the
    /// title has no Latin letter to begin with.
    #[must_use]
    pub fn from_title(title: &str, fallback: Kind) -> Self {
        // Room is left for "-2" and so on, where the id is taken.
        const FROM_TITLE: usize = 48;
        let folded = crate::domain::text::fold(title);
        let mut id = String::new();
        for word in folded.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty()) {
            let starts = id.is_empty() && !word.starts_with(|c: char| c.is_ascii_lowercase());
            if starts || id.len() + word.len() >= FROM_TITLE {
                if id.is_empty() && starts {
                    continue;
                }
                break;
            }
            if !id.is_empty() {
                id.push('-');
            }
            id.push_str(word);
        }
        if id.is_empty() { Self(fallback.word().to_owned()) } else { Self(id) }
    }

    /// An id made from a day: of what holds somebody's words, which an id would keep after they were erased.
    #[must_use]
    pub fn from_day(kind: Kind, day: jiff::civil::Date) -> Self {
        Self(format!("{}-{day}", kind.word()))
    }

    /// The same id with a number, for when it is taken.
    #[must_use]
    pub fn numbered(&self, n: u32) -> Self {
        Self(format!("{}-{n}", self.0))
    }

    /// The id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Id {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::new(&String::deserialize(deserializer)?).map_err(D::Error::custom)
    }
}

/// The pattern of an id, for the JSON Schema.
const ID_PATTERN: &str = "^[a-z][a-z0-9.-]{0,63}$";

impl JsonSchema for Id {
    fn schema_name() -> Cow<'static, str> {
        "Id".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": ID_PATTERN, "x-form": "id" })
    }
}

/// A reference to a document of the kind `K`, by its id.
pub struct To<K>(Id, PhantomData<fn() -> K>);

impl<K> To<K> {
    /// A reference.
    #[must_use]
    pub const fn new(id: Id) -> Self {
        Self(id, PhantomData)
    }

    /// The id it refers to.
    #[must_use]
    pub const fn id(&self) -> &Id {
        &self.0
    }
}

impl<K> Clone for To<K> {
    fn clone(&self) -> Self {
        Self::new(self.0.clone())
    }
}

impl<K> fmt::Debug for To<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl<K> PartialEq for To<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<K> Eq for To<K> {}

impl<K> Serialize for To<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

impl<'de, K> Deserialize<'de> for To<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Id::deserialize(deserializer).map(Self::new)
    }
}

impl<K: Learning> JsonSchema for To<K> {
    fn schema_name() -> Cow<'static, str> {
        format!("To{}", K::KIND.word()).into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": ID_PATTERN, "x-form": "ref", "x-ref": K::KIND.word() })
    }
}

/// A reference to any document: "kind/id".
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ref {
    /// Its kind.
    pub kind: Kind,
    /// Its id.
    pub id: Id,
}

impl PartialOrd for Ref {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Ref {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.kind, &self.id).cmp(&(other.kind, &other.id))
    }
}

impl FromStr for Ref {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            let found: String = text.chars().take(80).collect();
            format!("is \"{found}\"; write KIND/ID, for example reflection/what-we-learnt")
        };
        let (kind, id) = text.trim().split_once('/').ok_or_else(wrong)?;
        let kind = Kind::from_word(kind).ok_or_else(wrong)?;
        Ok(Self { kind, id: Id::new(id).map_err(|error| error.to_string())? })
    }
}

impl fmt::Display for Ref {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind.word(), self.id)
    }
}

impl Serialize for Ref {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Ref {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl JsonSchema for Ref {
    fn schema_name() -> Cow<'static, str> {
        "Ref".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "x-form": "ref", "x-ref": "any" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_plain() {
        for text in ["plymouth-alliance-2", "q.p.un.1", " Q.P.UN.1 "] {
            assert!(Id::new(text).is_ok(), "{text}");
        }
        for text in ["", "2nd", "a b", "../x", "a/b", "é", &"a".repeat(65)] {
            assert!(Id::new(text).is_err(), "{text}");
        }
    }

    #[test]
    fn titles_make_ids() {
        let id = |title| Id::from_title(title, Kind::Session).to_string();
        assert_eq!(
            id("Learning meetings, not contract meetings!"),
            "learning-meetings-not-contract-meetings"
        );
        assert_eq!(id("  400 interviews "), "interviews");
        assert_eq!(id("Ääni ja Århus"), "aani-ja-arhus");
        assert_eq!(id("קהילה"), "session");
        assert!(Id::new(&id(&"long ".repeat(99))).is_ok());
    }

    #[test]
    fn references_read_as_they_are_written() {
        let to: Ref = "reflection/what-we-learnt".parse().unwrap();
        assert_eq!(to.kind, Kind::Reflection);
        assert_eq!(to.to_string(), "reflection/what-we-learnt");
        for text in ["", "reflection", "poem/x", "reflection/", "reflection/A b"] {
            assert!(text.parse::<Ref>().is_err(), "{text}");
        }
    }
}
