//! Finding what is in common across places (R110-R120): traits that recur together at several places, and
//! how likely chance alone would be. Signals only, never answers (R114).
//!
//! Everything counted here is counted about sets of traits; no number belongs to a place (N01-N04). What is
//! deliberately absent: a rank, a score, an order of signals by strength (they stand in the order of the names of
//! their traits), a comparison of places, and any way on from a signal but back to the places it was seen at (R115).
//!
//! A place has a trait when one of its consented summaries says so. Support is the number of distinct places: a place
//! that writes much counts once.

mod chance;
mod closed;
mod contribution;
mod likeness;
mod signal;
mod slots;
#[cfg(test)]
mod tests;
mod vocabulary;
mod workspace;

pub use contribution::{Contribution, Direction, Outcome, Trait};
pub use likeness::{Likeness, Suggestion, lexical, suggest};
pub use signal::{Chance, Context, CounterExample, Cut, Differs, Over, Signal, Signals};
pub use vocabulary::{Mapping, Relation, Term, Vocabulary};
pub use workspace::Workspace;

/// How many places must share something before it is shown, unless somebody asks for more.
pub const PLACES: u32 = 5;

/// Fewer places are never enough: with two, each would know the other's part.
pub const FLOOR: u32 = 3;

/// The most traits of one signal: more at once are no question one could go back with. Larger sets are told of, not shown.
pub const MAX_TRAITS: usize = 8;

/// The most sets that are kept while searching: memory and time stay bounded whatever is contributed.
pub const MAX_SETS: usize = 100_000;

/// The most signals of one answer: more than anybody can take back to places.
pub const MAX_SIGNALS: usize = 500;

/// The share of false ones among the signals shown that is accepted, on average.
pub const FALSE_SHARE: f64 = 0.05;
