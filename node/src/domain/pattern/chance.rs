//! How likely chance alone would be, and how many of the found are false when many are looked for.
//!
//! The question for a set: does one of its traits occur with the others no more often than it would for itself? Each
//! trait is asked in turn, and the largest chance counts: a set is told of only if each of its traits belongs to it.
//! Two models answer, and again the larger chance counts: the trait is spread over all places alike ([`at_least`], the
//! hypergeometric distribution), or more over places that say more ([`at_least_of`], binomial with the mean chance of the
//! places, which no mixture of chances exceeds that far up, after Hoeffding 1956). Without the second, any two traits
//! would seem to belong together merely because some places write more than others.
//!
//! Tested are all sets that could be formed of the traits that reach k places, also those that the search passes by
//! without looking. Sets of one size are one layer, each layer has an equal part of the accepted share (Webb's layered
//! critical values), and within a layer the rule is that of Benjamini and Yekutieli: sets share traits and places, so
//! that the tests depend on each other in ways for which Benjamini and Hochberg's rule promises nothing.

use super::MAX_TRAITS;

/// From here on Stirling's series is exact to the last digits of an f64.
const STIRLING: u32 = 20;

/// Terms this much smaller than the sum no longer change it.
const NO_MORE: f64 = 1e-17;

/// Euler's constant: the sum of 1/i for i up to m is about ln m plus this.
const EULER: f64 = 0.577_215_664_901_532_9;

/// The natural logarithm of n!.
fn ln_factorial(n: u32) -> f64 {
    if n < STIRLING {
        return (2..=n).map(f64::from).product::<f64>().ln();
    }
    let x = f64::from(n);
    let series = 1.0 / (12.0 * x) - 1.0 / (360.0 * x.powi(3)) + 1.0 / (1260.0 * x.powi(5));
    x * x.ln() - x + 0.5 * (std::f64::consts::TAU * x).ln() + series
}

fn ln_choose(n: u32, k: u32) -> f64 {
    ln_factorial(n) - ln_factorial(k) - ln_factorial(n - k)
}

/// How likely at least `both` of `all` places have two things of which `one` and `other` places have each, when these
/// are spread at random. `both` is at most `one` and `other`, these at most `all`.
pub(super) fn at_least(all: u32, one: u32, other: u32, both: u32) -> f64 {
    let least = (one + other).saturating_sub(all);
    if both <= least {
        return 1.0;
    }
    let first = ln_choose(one, both) + ln_choose(all - one, other - both) - ln_choose(all, other);
    let (mut term, mut sum) = (first.exp(), 0.0);
    for x in both..=one.min(other) {
        sum += term;
        let next = f64::from(one - x) * f64::from(other - x);
        term *= next / (f64::from(x + 1) * f64::from((all + x + 1) - (one + other)));
        if term < sum * NO_MORE {
            break;
        }
    }
    sum.min(1.0)
}

/// How likely at least `both` of `places` places are, each with this `chance`.
pub(super) fn at_least_of(places: u32, chance: f64, both: u32) -> f64 {
    if chance >= 1.0 || f64::from(both) <= f64::from(places) * chance {
        return 1.0;
    }
    let first = ln_choose(places, both) + f64::from(both) * chance.ln();
    let (mut term, mut sum) = ((first + f64::from(places - both) * (-chance).ln_1p()).exp(), 0.0);
    for x in both..=places {
        sum += term;
        term *= f64::from(places - x) / f64::from(x + 1) * chance / (1.0 - chance);
        if term < sum * NO_MORE {
            break;
        }
    }
    sum.min(1.0)
}

/// How many sets of `size` can be formed of `n` traits.
pub(super) fn sets(n: u32, size: usize) -> f64 {
    (0..size as u32).map(|i| f64::from(n.saturating_sub(i)) / f64::from(i + 1)).product()
}

/// The share of false ones when all sets of this layer up to each are told of: for `chances` of sets of one size, in
/// any order, out of `tested`. Sets that are not among `chances` count as if their chance were 1.
pub(super) fn false_shares(chances: &[f64], tested: f64) -> Vec<f64> {
    let mut order: Vec<_> = chances.iter().copied().zip(0_usize..).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Whatever is given was tested.
    let tested = tested.max(chances.len() as f64);
    let harmonic = (tested.ln() + EULER + 1.0 / (2.0 * tested)).max(1.0);
    let layers = (MAX_TRAITS - 1) as f64;
    let mut shares = vec![1.0; chances.len()];
    let mut least: f64 = 1.0;
    for (before, (chance, at)) in order.iter().enumerate().rev() {
        least = least.min(chance * tested * harmonic * layers / (before + 1) as f64);
        if let Some(share) = shares.get_mut(*at) {
            *share = least;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn tails_are_those_of_tables() {
        // Fisher's tea: 8 cups, 4 and 4.
        assert!((at_least(8, 4, 4, 4) - 1.0 / 70.0).abs() < 1e-12);
        assert!((at_least(8, 4, 4, 3) - 17.0 / 70.0).abs() < 1e-12);
        assert_eq!(at_least(10, 8, 7, 5), 1.0);
        // 100 of 10,000 places each, all the same: 1 in C(10000, 100).
        let ln = at_least(10_000, 100, 100, 100).ln();
        assert!((ln + ln_choose(10_000, 100)).abs() < 1e-6);
    }

    #[test]
    fn tosses_of_a_coin() {
        assert!((at_least_of(10, 0.5, 9) - 11.0 / 1024.0).abs() < 1e-12);
        assert!((at_least_of(3, 0.1, 1) - 0.271).abs() < 1e-12);
        assert_eq!(at_least_of(10, 1.0, 10), 1.0);
    }

    #[test]
    fn factorials_meet_where_the_ways_part() {
        let exact: f64 = (2..=40).map(|n| f64::from(n).ln()).sum();
        assert!((ln_factorial(40) - exact).abs() < 1e-11);
        assert!((ln_factorial(20) - ln_factorial(19) - 20_f64.ln()).abs() < 1e-11);
    }

    #[test]
    fn more_tested_is_less_sure() {
        let (few, many) = (false_shares(&[1e-9, 0.5], 10.0), false_shares(&[1e-9, 0.5], 1e6));
        assert!(few[0] < many[0] && many[0] < 1.0 && many[1] == 1.0);
        assert_eq!(sets(5, 2), 10.0);
        assert_eq!(sets(3, 4), 0.0);
    }

    proptest! {
        #[test]
        fn tails_fall_from_one(all in 1..60_u32, a in 0..60_u32, b in 0..60_u32) {
            let (a, b) = (a.min(all), b.min(all));
            let mut before: f64 = 1.0;
            for both in 0..=a.min(b) {
                let tail = at_least(all, a, b, both);
                prop_assert!(tail > 0.0 && tail <= before + 1e-9, "{tail} after {before}");
                before = tail;
            }
        }
    }
}
