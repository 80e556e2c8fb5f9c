//! Token buckets: how much a caller may ask for, with memory that stays bounded whoever calls.

use std::collections::HashMap;
use std::hash::Hash;

use jiff::Timestamp;

/// Rate and burst of a bucket.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// Tokens that come back in a second.
    pub per_second: f64,
    /// Most tokens at once.
    pub burst: f64,
}

/// One bucket for each caller, at most `capacity` of them.
#[derive(Debug)]
pub struct Throttle<K> {
    rate: Rate,
    capacity: usize,
    buckets: HashMap<K, Bucket>,
}

#[derive(Debug)]
struct Bucket {
    tokens: f64,
    filled_at: Timestamp,
}

impl<K: Hash + Eq> Throttle<K> {
    /// Buckets that start full.
    #[must_use]
    pub fn new(rate: Rate, capacity: usize) -> Self {
        Self { rate, capacity, buckets: HashMap::new() }
    }

    /// Takes one token of `caller`.
    ///
    /// # Errors
    /// Whole seconds after which a token will be there.
    pub fn take(&mut self, caller: K, now: Timestamp) -> Result<(), u32> {
        if self.buckets.len() >= self.capacity && !self.buckets.contains_key(&caller) {
            self.forget_full(now);
            if self.buckets.len() >= self.capacity {
                return Err(self.seconds_for(1.0));
            }
        }
        let rate = self.rate;
        let bucket = self.buckets.entry(caller).or_insert(Bucket { tokens: rate.burst, filled_at: now });
        bucket.fill(rate, now);
        if bucket.tokens >= 1.0 {
            bucket.tokens -= 1.0;
            return Ok(());
        }
        let missing = 1.0 - bucket.tokens;
        Err(self.seconds_for(missing))
    }

    /// A full bucket is as good as none.
    fn forget_full(&mut self, now: Timestamp) {
        let rate = self.rate;
        self.buckets.retain(|_, bucket| {
            bucket.fill(rate, now);
            bucket.tokens < rate.burst
        });
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to a day before")]
    fn seconds_for(&self, tokens: f64) -> u32 {
        (tokens / self.rate.per_second).ceil().clamp(1.0, 86_400.0) as u32
    }
}

impl Bucket {
    fn fill(&mut self, rate: Rate, now: Timestamp) {
        let seconds = now.duration_since(self.filled_at).as_secs_f64().max(0.0);
        self.tokens = (self.tokens + seconds * rate.per_second).min(rate.burst);
        self.filled_at = self.filled_at.max(now);
    }
}

#[cfg(test)]
mod tests {
    use jiff::ToSpan as _;

    use super::*;

    #[test]
    fn bursts_then_waits_then_fills_again() {
        let mut throttle = Throttle::new(Rate { per_second: 0.5, burst: 2.0 }, 8);
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(throttle.take("a", now), Ok(()));
        assert_eq!(throttle.take("a", now), Ok(()));
        assert_eq!(throttle.take("a", now), Err(2));
        assert_eq!(throttle.take("b", now), Ok(()), "callers do not share a bucket");
        assert_eq!(throttle.take("a", now + 2.seconds()), Ok(()));
        assert_eq!(throttle.take("a", now - 1.hour()), Err(2), "a clock that steps back gives nothing");
    }

    #[test]
    fn memory_is_bounded_and_idle_callers_are_forgotten() {
        let mut throttle = Throttle::new(Rate { per_second: 1.0, burst: 1.0 }, 2);
        let now = Timestamp::UNIX_EPOCH;
        assert!(throttle.take(1, now).is_ok() && throttle.take(2, now).is_ok());
        assert!(throttle.take(3, now).is_err());
        assert!(throttle.take(3, now + 1.second()).is_ok());
        assert!(throttle.buckets.len() <= 2);
    }
}
