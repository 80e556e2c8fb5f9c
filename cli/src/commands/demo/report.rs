//! The result of the demo: for programs one JSON object, for people the last lines.

use std::path::PathBuf;

use serde::Serialize;

use crate::{error::Error, output::Output};

/// The result. The names of its fields are a promise to programs.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    ok: bool,
    nodes: Vec<NodeLine>,
    published: Vec<PublishedLine>,
    held: Vec<HeldLine>,
    withheld: Vec<WithheldLine>,
    cycles: Vec<CycleLine>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    problems: Vec<String>,
    #[serde(skip)]
    evidence: Option<PathBuf>,
}

/// A node.
#[derive(Debug, Serialize)]
pub(crate) struct NodeLine {
    /// Name of its place.
    pub(crate) name: &'static str,
    /// Its NodeId.
    pub(crate) node_id: String,
    /// Its data directory.
    pub(crate) data_dir: String,
    /// Where its admin interface is.
    pub(crate) admin: String,
}

/// A record that was released.
#[derive(Debug, Serialize)]
pub(crate) struct PublishedLine {
    /// Its id.
    pub(crate) record: String,
    /// Name of the author's place.
    pub(crate) author: &'static str,
    /// Who may hold it, in words.
    pub(crate) audience: String,
}

/// A record that is held by another than its author.
#[derive(Debug, Serialize)]
pub(crate) struct HeldLine {
    /// Its id.
    pub(crate) record: String,
    /// Name of the holder's place.
    pub(crate) node: &'static str,
}

/// A record that a peer did not get.
#[derive(Debug, Serialize)]
pub(crate) struct WithheldLine {
    /// Its id.
    pub(crate) record: String,
    /// Name of the peer's place.
    pub(crate) node: String,
    /// Why not, in the node's words.
    pub(crate) reason: String,
}

/// A learning cycle that is kept at home.
#[derive(Debug, Serialize)]
pub(crate) struct CycleLine {
    /// Name of its place.
    pub(crate) node: &'static str,
    /// Its id there.
    pub(crate) id: String,
    /// Its title.
    pub(crate) title: String,
}

impl Report {
    /// Adds a learning cycle.
    pub(crate) fn cycle(&mut self, line: CycleLine) {
        self.cycles.push(line);
    }

    /// Adds a node.
    pub(crate) fn node(&mut self, node: NodeLine) {
        self.nodes.push(node);
    }

    /// Adds a released record.
    pub(crate) fn published(&mut self, line: PublishedLine) {
        self.published.push(line);
    }

    /// Adds a record that is held.
    pub(crate) fn held(&mut self, line: HeldLine) {
        self.held.push(line);
    }

    /// Adds a record that somebody did not get.
    pub(crate) fn withheld(&mut self, line: WithheldLine) {
        self.withheld.push(line);
    }

    /// Something is not as it should be.
    pub(crate) fn problem(&mut self, what: String) {
        self.ok = false;
        self.problems.push(what);
    }

    /// The evidence pack that was verified: the last thing, after which all is well if there are no problems.
    pub(crate) fn complete(&mut self, evidence: PathBuf) {
        self.evidence = Some(evidence);
        self.ok = self.problems.is_empty();
    }

    /// Whether everything was as it should be.
    pub(crate) fn is_ok(&self) -> bool {
        self.ok
    }

    /// The data directories, in the order of the cast.
    pub(crate) fn data_dirs(&self) -> impl Iterator<Item = &str> {
        self.nodes.iter().map(|node| node.data_dir.as_str())
    }

    /// The evidence pack.
    pub(crate) fn evidence(&self) -> Option<&PathBuf> {
        self.evidence.as_ref()
    }

    /// Tells the result.
    pub(crate) fn tell(&self, out: &mut Output) -> Result<(), Error> {
        if out.wants_json() {
            return out.value(self);
        }
        out.page(|page| {
            if self.ok {
                page.say("Everything is as it should be.");
            } else {
                page.break_line();
                page.list("Not everything is as it should be", &self.problems);
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{CycleLine, HeldLine, NodeLine, PublishedLine, Report, WithheldLine};

    fn report() -> Report {
        let mut report = Report::default();
        let text = str::to_owned;
        report.node(NodeLine {
            name: "A",
            node_id: text("cairn1a"),
            data_dir: text("/d"),
            admin: text("unix:/s"),
        });
        report.published(PublishedLine { record: text("cairn1a/0"), author: "A", audience: text("network") });
        report.held(HeldLine { record: text("cairn1a/0"), node: "B" });
        report.withheld(WithheldLine {
            record: text("cairn1a/0"),
            node: text("C"),
            reason: text("not named"),
        });
        report.cycle(CycleLine { node: "A", id: text("c"), title: text("C") });
        report
    }

    #[test]
    fn the_object_has_the_promised_shape() {
        let mut report = report();
        report.complete(PathBuf::from("/e"));
        let expected = concat!(
            r#"{"ok":true,"nodes":[{"name":"A","node_id":"cairn1a","data_dir":"/d","admin":"unix:/s"}],"#,
            r#""published":[{"record":"cairn1a/0","author":"A","audience":"network"}],"#,
            r#""held":[{"record":"cairn1a/0","node":"B"}],"#,
            r#""withheld":[{"record":"cairn1a/0","node":"C","reason":"not named"}],"#,
            r#""cycles":[{"node":"A","id":"c","title":"C"}]}"#,
        );
        assert_eq!(serde_json::to_string(&report).unwrap(), expected);
    }

    #[test]
    fn it_is_not_ok_before_the_end_nor_with_a_problem() {
        assert!(!report().is_ok());
        let mut wrong = report();
        wrong.problem("B lacks cairn1a/0".to_owned());
        wrong.complete(PathBuf::from("/e"));
        assert!(!wrong.is_ok());
        let json = serde_json::to_string(&wrong).unwrap();
        assert!(json.starts_with(r#"{"ok":false"#) && json.contains(r#""problems":["B lacks cairn1a/0"]"#));
    }
}
