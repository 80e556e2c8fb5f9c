//! The log: structured, to standard error. No call in this crate puts contents of records, names
//! of people or keys into it; ids of nodes are shortened.

use std::io;

use tracing_subscriber::{EnvFilter, fmt};

use crate::config::LogFormat;

/// Libraries that write statements, headers or frames into a log that tells everything. What people
/// said stands in those, so they stay quiet whatever the filter asks for.
const QUIET: [&str; 7] =
    ["sqlx=warn", "h2=info", "hyper=info", "hyper_util=info", "tonic=info", "tower=info", "rustls=info"];

/// Begins to log. A filter that cannot be read becomes "info", and that is told.
pub fn start(format: LogFormat, filter: &str) {
    let (filter, bad) = match EnvFilter::try_new(filter) {
        Ok(filter) => (filter, false),
        Err(_) => (EnvFilter::new("info"), true),
    };
    let filter = QUIET.iter().filter_map(|quiet| quiet.parse().ok()).fold(filter, EnvFilter::add_directive);
    let builder = fmt().with_env_filter(filter).with_writer(io::stderr);
    // Fails only if a log was begun before, which then goes on.
    let _ = match format {
        LogFormat::Text => builder.with_ansi(false).try_init(),
        LogFormat::Json => builder.json().try_init(),
    };
    if bad {
        tracing::warn!("the log filter cannot be read; \"info\" is used");
    }
}
