//! Dates as people know them: a year, a month or a day.

use std::{borrow::Cow, fmt, str::FromStr};

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Not a date.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a date; write YYYY, YYYY-MM or YYYY-MM-DD")]
pub struct InvalidDate(pub String);

/// A year, a month or a day, as precise as it is known (after EDTF level 0).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PartialDate {
    /// "2021"
    Year(i16),
    /// "2021-06"
    Month(i16, i8),
    /// "2021-06-30"
    Day(Date),
}

impl PartialDate {
    /// The first day it may mean.
    #[must_use]
    pub fn first_day(self) -> Date {
        match self {
            Self::Year(year) => Date::new(year, 1, 1).unwrap_or(Date::ZERO),
            Self::Month(year, month) => Date::new(year, month, 1).unwrap_or(Date::ZERO),
            Self::Day(day) => day,
        }
    }
}

impl PartialDate {
    /// The last day it may mean.
    #[must_use]
    pub fn last_day(self) -> Date {
        match self {
            Self::Year(year) => Date::new(year, 12, 31).unwrap_or(Date::MAX),
            Self::Month(..) => self.first_day().last_of_month(),
            Self::Day(day) => day,
        }
    }
}

impl Serialize for PartialDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for PartialDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.trim().parse().map_err(|e: InvalidDate| {
            D::Error::custom(format!("is \"{}\", which is no date; write YYYY, YYYY-MM or YYYY-MM-DD", e.0))
        })
    }
}

impl JsonSchema for PartialDate {
    fn schema_name() -> Cow<'static, str> {
        "PartialDate".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^\\d{4}(-\\d{2}(-\\d{2})?)?$", "x-form": "date" })
    }
}

/// A full day in a document: "2021-06-30".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub Date);

impl From<Day> for PartialDate {
    fn from(day: Day) -> Self {
        Self::Day(day.0)
    }
}

impl Serialize for Day {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Day {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        day(String::deserialize(deserializer)?.trim())
            .map(Self)
            .map_err(|e| D::Error::custom(format!("is \"{}\", which is no day; write YYYY-MM-DD", e.0)))
    }
}

impl JsonSchema for Day {
    fn schema_name() -> Cow<'static, str> {
        "Day".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}$", "x-form": "day" })
    }
}

impl FromStr for PartialDate {
    type Err = InvalidDate;

    fn from_str(text: &str) -> Result<Self, InvalidDate> {
        let invalid = || InvalidDate(text.chars().take(40).collect());
        if text.len() > 10 || !text.chars().all(|c| c.is_ascii_digit() || c == '-') {
            return Err(invalid());
        }
        let mut parts = text.split('-');
        let year: i16 = digits(parts.next(), 4).ok_or_else(invalid)?;
        let month: Option<i8> = parts.next().map(|p| digits(Some(p), 2).ok_or_else(invalid)).transpose()?;
        let day: Option<i8> = parts.next().map(|p| digits(Some(p), 2).ok_or_else(invalid)).transpose()?;
        let check = |month, day| Date::new(year, month, day).map_err(|_| invalid());
        match (month, day, parts.next()) {
            (None, None, None) => check(1, 1).map(|_| Self::Year(year)),
            (Some(month), None, None) => check(month, 1).map(|_| Self::Month(year, month)),
            (Some(month), Some(day), None) => check(month, day).map(Self::Day),
            _ => Err(invalid()),
        }
    }
}

fn digits<N: FromStr>(part: Option<&str>, len: usize) -> Option<N> {
    part.filter(|p| p.len() == len)?.parse().ok()
}

impl fmt::Display for PartialDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Year(year) => write!(f, "{year:04}"),
            Self::Month(year, month) => write!(f, "{year:04}-{month:02}"),
            Self::Day(day) => write!(f, "{day}"),
        }
    }
}

/// A full day "YYYY-MM-DD".
///
/// # Errors
/// [`InvalidDate`] for anything else.
pub fn day(text: &str) -> Result<Date, InvalidDate> {
    match text.parse()? {
        PartialDate::Day(day) => Ok(day),
        _ => Err(InvalidDate(text.to_owned())),
    }
}

/// The last moment of `day`, UTC: what "until that day" means.
#[must_use]
pub fn end_of(day: Date) -> Timestamp {
    let next = day.tomorrow().unwrap_or(day).to_zoned(TimeZone::UTC);
    next.map_or(Timestamp::MAX, |start| start.timestamp())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_read_and_write_the_same() {
        for text in ["2021", "2021-06", "2021-06-30"] {
            assert_eq!(text.parse::<PartialDate>().unwrap().to_string(), text);
        }
        for text in ["", "21", "2021-6", "2021-13", "2021-02-30", "2021-06-30-01", "+2021", "june", "2021-"] {
            assert!(text.parse::<PartialDate>().is_err(), "{text}");
        }
    }

    #[test]
    fn until_a_day_means_its_last_moment() {
        let end = end_of(day("2026-11-23").unwrap());
        assert_eq!(end.to_string(), "2026-11-24T00:00:00Z");
    }
}
