//! Documents of learning at home, in words. Nothing here is sorted or coloured by how it went.

pub(crate) mod blocks;
pub(crate) mod document;
pub(crate) mod drafts;
pub(crate) mod events;
pub(crate) mod files;
pub(crate) mod list;
pub(crate) mod trace;

use cairn_proto::pb::admin::DocumentEntry;

use super::text;

/// A document as it is named in text: its kind and id.
pub(crate) fn name(entry: &DocumentEntry) -> String {
    format!("{}/{}", entry.kind, entry.id)
}

/// A document in a line: its title and its name.
fn titled(entry: &DocumentEntry) -> String {
    format!("{} ({})", entry.title, name(entry))
}

/// Which version, when and by whom.
fn version(entry: &DocumentEntry) -> String {
    let when = text::moment_or(entry.changed_at.as_ref(), "unknown date");
    let by = if entry.changed_by.is_empty() { String::new() } else { format!(" by {}", entry.changed_by) };
    format!("version {}, {when}{by}", entry.version)
}
