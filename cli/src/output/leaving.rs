//! What leaves and what is taken back, in words. Nothing here is counted, compared or coloured.

pub(crate) mod audit;
pub(crate) mod group;
pub(crate) mod hold;
pub(crate) mod ledger;
pub(crate) mod pause;
pub(crate) mod policy;
pub(crate) mod release;
pub(crate) mod withdrawal;

use super::text;

/// A title with the record's id; where the title is not known any more, the id alone.
fn titled(title: &str, record_id: &str) -> String {
    if title.is_empty() { record_id.to_owned() } else { format!("{title} ({record_id})") }
}

/// A name with the beginning of the NodeId; where there is no name, the NodeId in full.
fn named(name: &str, node_id: &str) -> String {
    if name.is_empty() { node_id.to_owned() } else { format!("{name} ({})", text::short_id(node_id)) }
}
