//! Who goes on in the place of a node, in words. What may be signed and what counts is judged by the identity chain itself.

use cairn_proto::{identity::Kind, ids::NodeId};

/// Who goes on in the place of a node, as people here are told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Succeeded {
    /// The node that is succeeded.
    pub node: NodeId,
    /// Our name for it.
    pub name: String,
    /// Whether it is this node.
    pub ours: bool,
    /// What became of the place.
    pub kind: Kind,
    /// Where its log is frozen.
    pub log_size: u64,
    /// Who goes on.
    pub by: Vec<Heir>,
}

/// A node that goes on in the place of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heir {
    /// Which.
    pub node: NodeId,
    /// Our name for it.
    pub name: String,
    /// How it stands to us, in words.
    pub standing: String,
    /// Whether it is an active peer.
    pub peer: bool,
    /// Whether it is this node.
    pub ours: bool,
    /// Whether it has agreed.
    pub agreed: bool,
}

/// What became of a place, in a word.
#[must_use]
pub fn word(kind: Kind) -> &'static str {
    match kind {
        Kind::Renamed => "renamed",
        Kind::Merged => "merged",
        Kind::Split => "split",
        Kind::Unspecified => "not said",
    }
}

impl Succeeded {
    /// The names of those who go on.
    #[must_use]
    pub fn names(&self) -> String {
        let names: Vec<_> = self.by.iter().map(|heir| heir.name.as_str()).collect();
        match names.split_last() {
            Some((last, before)) if !before.is_empty() => format!("{} and {last}", before.join(", ")),
            _ => names.concat(),
        }
    }

    /// By whom, how and where, in a few words.
    #[must_use]
    pub fn words(&self) -> String {
        format!("succeeded by {} ({}) at size {}", self.names(), word(self.kind), self.log_size)
    }

    /// Whether anybody who goes on is a peer here, or is this node.
    #[must_use]
    pub fn goes_on_here(&self) -> bool {
        self.by.iter().any(|heir| heir.peer || heir.ours)
    }

    /// The same, and how those who go on stand to us.
    #[must_use]
    pub fn in_full(&self) -> String {
        let each = |heir: &Heir| format!("{}: {}", heir.name, heir.standing);
        let heirs: Vec<_> = self.by.iter().map(each).collect();
        format!("{}. {}", self.words(), heirs.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_said_who_goes_on_and_how_that_one_stands_to_us() {
        let heir = |name: &str, peer| Heir {
            node: NodeId::from_bytes([1; 32]),
            name: name.into(),
            standing: if peer { "a peer here".into() } else { "no peer here".into() },
            peer,
            ours: false,
            agreed: true,
        };
        let mut split = Succeeded {
            node: NodeId::from_bytes([2; 32]),
            name: "Dorset".into(),
            ours: false,
            kind: Kind::Split,
            log_size: 7,
            by: vec![heir("EDUFI", false), heir("Mayday Trust", false), heir("Plymouth", true)],
        };
        assert_eq!(split.words(), "succeeded by EDUFI, Mayday Trust and Plymouth (split) at size 7");
        assert!(split.in_full().ends_with("Plymouth: a peer here") && split.goes_on_here());
        split.by.truncate(1);
        split.kind = Kind::Renamed;
        assert_eq!(split.words(), "succeeded by EDUFI (renamed) at size 7");
        assert!(!split.goes_on_here());
    }
}
