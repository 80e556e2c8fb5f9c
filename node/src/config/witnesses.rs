//! What the configuration says of witnesses.

use std::collections::BTreeSet;

use cairn_proto::ids::NodeId;
use jiff::SignedDuration;
use serde::Deserialize;

use crate::domain::witness::{FRESH, Policy};

/// Cosignatures older than a year say nothing about today.
const FRESH_HOURS_MOST: u32 = 24 * 365;

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub(super) struct WitnessesSection {
    named: Vec<String>,
    need: usize,
    fresh_hours: u32,
    compare_heads: bool,
}

impl Default for WitnessesSection {
    fn default() -> Self {
        let fresh_hours = u32::try_from(FRESH.as_hours()).unwrap_or(FRESH_HOURS_MOST);
        Self { named: Vec::new(), need: 1, fresh_hours, compare_heads: true }
    }
}

impl WitnessesSection {
    /// What the place asks for, checked.
    pub(super) fn policy(self) -> Result<Policy, String> {
        let node = |text: &String| {
            let id = text.parse::<NodeId>();
            id.map_err(|error| format!("[witnesses] named: {text} is no node id: {error}"))
        };
        let named = self.named.iter().map(node).collect::<Result<BTreeSet<_>, _>>()?;
        if self.need == 0 || (!named.is_empty() && self.need > named.len()) {
            return Err(
                "[witnesses] need must be at least 1 and at most the number of nodes in named".to_owned()
            );
        }
        if self.fresh_hours == 0 || self.fresh_hours > FRESH_HOURS_MOST {
            return Err(format!("[witnesses] fresh_hours must be from 1 to {FRESH_HOURS_MOST}"));
        }
        let fresh = SignedDuration::from_hours(self.fresh_hours.into());
        Ok(Policy { named, need: self.need, fresh, compare: self.compare_heads })
    }
}
