//! The log: structured, to standard error. No call in this crate puts contents of records, names
//! of people or keys into it; ids of nodes are shortened.

use std::io;

use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    Layer as _,
    filter::{FilterExt as _, Targets},
    fmt,
    layer::SubscriberExt as _,
    util::SubscriberInitExt as _,
};

use crate::config::LogFormat;

/// Libraries that write statements, headers or frames into a log that tells everything. What people
/// said stands in those, so they stay quiet whatever the filter asks for.
const QUIET: [(&str, LevelFilter); 7] = [
    ("sqlx", LevelFilter::WARN),
    ("h2", LevelFilter::INFO),
    ("hyper", LevelFilter::INFO),
    ("hyper_util", LevelFilter::INFO),
    ("tonic", LevelFilter::INFO),
    ("tower", LevelFilter::INFO),
    ("rustls", LevelFilter::INFO),
];

/// Begins to log. A filter ("info", or "info,cairn_node=debug") that cannot be read becomes "info", and that is told.
pub fn start(format: LogFormat, filter: &str) {
    let asked = filter.parse::<Targets>();
    let bad = asked.is_err();
    let asked = asked.unwrap_or_else(|_| Targets::new().with_default(LevelFilter::INFO));
    let quiet = Targets::new().with_default(LevelFilter::TRACE).with_targets(QUIET);
    let layer = fmt::layer().with_writer(io::stderr);
    let layer = match format {
        LogFormat::Text => layer.with_ansi(false).boxed(),
        LogFormat::Json => layer.json().boxed(),
    };
    // Fails only if a log was begun before, which then goes on.
    let _ = tracing_subscriber::registry().with(layer.with_filter(asked.and(quiet))).try_init();
    if bad {
        tracing::warn!("the log filter cannot be read; \"info\" is used");
    }
}
