//! The rules of the house: pure functions over values. Nothing here reads a clock, a file, the
//! network, a database or the environment; time and randomness come in as arguments.

pub mod audit;
pub mod consent;
pub mod date;
pub mod dialogue;
pub mod disclosure;
pub mod experiment;
pub mod fork;
pub mod learning;
pub mod pattern;
pub mod peer;
pub mod place;
pub mod policy;
pub mod preflight;
pub mod quota;
pub mod record;
pub mod release;
pub mod restriction;
pub mod subscription;
pub mod succession;
pub mod sync;
pub mod text;
pub mod throttle;
pub mod trust;
pub mod uses;
pub mod version;
pub mod withdrawal;
pub mod witness;
