//! A place: who a node speaks for, and the scale it works at.

use std::{borrow::Cow, fmt};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

use super::text::{InvalidText, Line, Prose};

/// A scale that can travel. A label, never a rank. One person's life is not among them: there
/// is no such form on the wire (R036, N11).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scale {
    /// A team or an organisation.
    Organisation,
    /// A place, from a neighbourhood to a region.
    Place,
    /// A country.
    Country,
    /// An own word.
    Own(Line),
}

/// A scale at home: one that can travel, or one person's life, which cannot.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LocalScale {
    /// One person's life as a system. Stays at home.
    Life,
    /// Any other.
    Shared(Scale),
}

/// Words by which people may mean one person's life.
const LIFE_WORDS: [&str; 6] = ["life", "person", "individual", "life as system", "a life", "a person"];

impl LocalScale {
    /// Reads a scale in words.
    ///
    /// # Errors
    /// [`InvalidText`] if it is not a line.
    pub fn from_words(text: &str) -> Result<Self, InvalidText> {
        let line = Line::new("scale", text)?;
        let word = line.as_str().to_lowercase().replace('-', " ");
        Ok(match word.as_str() {
            w if LIFE_WORDS.contains(&w) => Self::Life,
            "organisation" | "organization" | "team" | "team or organisation" => {
                Self::Shared(Scale::Organisation)
            }
            "place" => Self::Shared(Scale::Place),
            "country" => Self::Shared(Scale::Country),
            _ => Self::Shared(Scale::Own(line)),
        })
    }
}

impl Serialize for LocalScale {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for LocalScale {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::from_words(&String::deserialize(deserializer)?).map_err(|e| D::Error::custom(e.what()))
    }
}

impl JsonSchema for LocalScale {
    fn schema_name() -> Cow<'static, str> {
        "LocalScale".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string", "x-form": "line",
            "examples": ["life", "organisation", "place", "country"],
        })
    }
}

impl fmt::Display for Scale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Organisation => "organisation",
            Self::Place => "place",
            Self::Country => "country",
            Self::Own(word) => word.as_str(),
        })
    }
}

impl fmt::Display for LocalScale {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Life => f.write_str("life"),
            Self::Shared(scale) => scale.fmt(f),
        }
    }
}

/// How to reach a role.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// The role.
    pub role: Line,
    /// E-mail address, telephone number or web page of the role.
    pub reach: Line,
}

/// Who a node speaks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Name of the place or organisation.
    pub name: Line,
    /// Its scale.
    pub scale: Scale,
    /// Its geography, in words.
    pub geography: Option<Prose>,
    /// What it works on.
    pub themes: Vec<Line>,
    /// How to reach it.
    pub contacts: Vec<Contact>,
    /// A few words about it.
    pub about: Option<Prose>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_is_told_apart_from_scales_that_travel() {
        for word in ["life", "Life", "person", "life-as-system"] {
            assert_eq!(LocalScale::from_words(word).unwrap(), LocalScale::Life, "{word}");
        }
        assert_eq!(LocalScale::from_words("Place").unwrap(), LocalScale::Shared(Scale::Place));
        assert_eq!(LocalScale::from_words("city region").unwrap().to_string(), "city region");
    }
}
