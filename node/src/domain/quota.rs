//! Bytes of openings that a peer may fetch in a day, by its contract. Heads, leaves and handed-over retractions are not
//! counted: no quota keeps a withdrawal from anybody.

use cairn_proto::limits;
use jiff::{Timestamp, civil::Date, tz::TimeZone};

/// What a contract allows in a day, and what of it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Allowance {
    /// Bytes allowed.
    pub allowed: u64,
    /// Bytes used today.
    pub used: u64,
}

impl Allowance {
    /// By what a contract says; 0 means that it does not.
    #[must_use]
    pub fn new(agreed: u64, used: u64) -> Self {
        Self { allowed: if agreed == 0 { limits::DAILY_BYTES_UNSAID } else { agreed }, used }
    }

    /// How many bytes are left. An opening is sent as long as there are any, so that the last one may go beyond and the
    /// largest one still gets through.
    #[must_use]
    pub fn left(self) -> u64 {
        self.allowed.saturating_sub(self.used)
    }
}

/// The day that counts.
#[must_use]
pub fn day(now: Timestamp) -> Date {
    now.to_zoned(TimeZone::UTC).date()
}

/// Seconds until the next day begins; never 0.
#[must_use]
pub fn seconds_to_tomorrow(now: Timestamp) -> u32 {
    const DAY: i64 = 24 * 60 * 60;
    u32::try_from(DAY - now.as_second().rem_euclid(DAY)).unwrap_or(1).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_never_less_than_nothing() {
        assert_eq!(Allowance::new(100, 40).left(), 60);
        assert_eq!(Allowance::new(100, 100).left(), 0);
        assert_eq!(Allowance::new(100, 400).left(), 0);
        assert_eq!(Allowance::new(0, 1).allowed, limits::DAILY_BYTES_UNSAID);
    }

    #[test]
    fn tomorrow_begins_at_midnight_utc() {
        let wait = |at: &str| seconds_to_tomorrow(at.parse().unwrap());
        assert_eq!(wait("2026-11-23T00:00:00Z"), 86_400);
        assert_eq!(wait("2026-11-23T12:00:00Z"), 43_200);
        assert_eq!(wait("2026-11-23T23:59:59.999Z"), 1);
        assert_eq!(day("2026-11-23T23:59:59.999Z".parse().unwrap()).to_string(), "2026-11-23");
    }
}
