//! What the phases of the demo share: the nodes, the result so far, and the telling.

use std::time::Duration;

use cairn_proto::pb::admin::SetPlaceRequest;

use super::{
    cast::Place,
    pack::Pack,
    process::Ready,
    report::{NodeLine, Report},
};
use crate::{
    client::{Node, answer},
    error::Error,
    output::{Output, Page},
};

/// A place with its running node.
pub(crate) struct Actor {
    /// Which place.
    pub(crate) place: &'static Place,
    /// The connection to its node.
    pub(crate) node: Node,
    /// Its NodeId.
    pub(crate) node_id: String,
    /// Its words.
    pub(crate) words: String,
}

/// What the phases work with.
pub(crate) struct Stage<'a> {
    /// In the order of the cast.
    pub(crate) actors: Vec<Actor>,
    /// The result so far.
    pub(crate) report: &'a mut Report,
    out: &'a mut Output,
}

impl<'a> Stage<'a> {
    /// An empty stage.
    pub(crate) fn new(out: &'a mut Output, report: &'a mut Report) -> Self {
        Self { actors: Vec::new(), report, out }
    }

    /// Tells what happens.
    pub(crate) fn tell(&mut self, write: impl FnOnce(&mut Page)) -> Result<(), Error> {
        self.out.progress(write)
    }

    /// A heading above what happens next.
    pub(crate) fn chapter(&mut self, heading: &str) -> Result<(), Error> {
        self.tell(|page| {
            // Chapters are apart by an empty line.
            page.break_line();
            page.say(heading);
        })
    }

    /// The name of the place with this NodeId.
    pub(crate) fn name_of(&self, node_id: &str) -> String {
        let found = self.actors.iter().find(|actor| actor.node_id == node_id);
        found.map_or_else(|| node_id.to_owned(), |actor| actor.place.name.to_owned())
    }

    /// What the demo is.
    pub(crate) fn open(&mut self, pack: &Pack) -> Result<(), Error> {
        self.tell(|page| {
            page.say(
                "Cairn demo: three places learn from each other, each with its own node on this machine. The places \
                 and cases are real and are retold from a published report; these nodes speak for them only here.",
            );
            page.verbatim(0, &format!("Cases from {}", pack.dir.display()));
        })?;
        self.chapter("Starting three nodes")
    }

    /// A node answers: it is told what its place says about itself.
    pub(crate) async fn enter(&mut self, place: &'static Place, ready: Ready) -> Result<(), Error> {
        let Ready { dir, mut node, status } = ready;
        let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let request = SetPlaceRequest {
            name: Some(place.name.to_owned()),
            scale: Some(place.scale.to_owned()),
            geography: Some(place.geography.to_owned()),
            about: Some(place.about.to_owned()),
            themes: list(place.themes),
            contacts: Vec::new(),
        };
        answer(node.admin.set_place(request)).await.map_err(|error| error.at(place.name))?;
        self.tell(|page| {
            page.indented(2, &format!("{} ({}), at {}", place.name, place.geography, status.endpoint));
            page.indented(4, &format!("its words: {}", status.words));
        })?;
        self.report.node(NodeLine {
            name: place.name,
            node_id: status.node_id.clone(),
            data_dir: dir.path().display().to_string(),
            admin: dir.endpoint()?.to_string(),
        });
        self.actors.push(Actor { place, node, node_id: status.node_id, words: status.words });
        Ok(())
    }

    /// How long it all took.
    pub(crate) fn close(&mut self, took: Duration) -> Result<(), Error> {
        let text = format!("All of this took {:.1} seconds.", took.as_secs_f64());
        self.chapter(&text)
    }
}
