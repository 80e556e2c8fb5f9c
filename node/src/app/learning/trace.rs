//! A trace: what led to a document and what it led to, from observation to learning to changed practice to new
//! structure, and back (R098).

use std::collections::{BTreeSet, VecDeque};

use super::{App, AppError, Entry, Operator};
use crate::{
    domain::learning::{Id, Kind, Ref, shape},
    store::Tx,
};

/// Steps away that are still followed.
const FAR: u32 = 12;
/// Documents in a trace at most; beyond, nobody sees anything in it.
const MANY: usize = 500;

/// A document on the way.
#[derive(Clone, Debug)]
pub struct Step {
    /// How far from the one asked about, from 1.
    pub distance: u32,
    /// The document.
    pub entry: Entry,
    /// The part in which the later of the two refers to the earlier.
    pub relation: String,
    /// The document one step nearer to the one asked about.
    pub next: Ref,
}

/// A trace both ways.
#[derive(Clone, Debug)]
pub struct Trace {
    /// The document asked about.
    pub entry: Entry,
    /// What it came from, nearest first.
    pub came_from: Vec<Step>,
    /// What it led to, nearest first.
    pub led_to: Vec<Step>,
}

/// What a kind stands for in a trace. Others, such as cycles and systems, hold things together but do not lead anywhere.
const STAGES: [Kind; 9] = [
    Kind::Observation,
    Kind::Exhibit,
    Kind::Entry,
    Kind::Experiment,
    Kind::Session,
    Kind::Reflection,
    Kind::Change,
    Kind::Request,
    Kind::Principles,
];

/// Parts in which a document says what it came from; an observation, for instance, from the experiments it tells about.
const COMES_FROM: [&str; 7] =
    ["from", "observations", "exhibits", "experiments", "about", "principles", "follows"];

impl App {
    /// What led to a document and what it led to.
    ///
    /// # Errors
    /// [`AppError::Unknown`].
    pub async fn trace(&self, _: &Operator, of: &Ref) -> Result<Trace, AppError> {
        let mut tx = self.store.read().await?;
        let entry = self.entry_of(&mut tx, of).await?;
        let came_from = self.walk(&mut tx, of, false).await?;
        let led_to = self.walk(&mut tx, of, true).await?;
        Ok(Trace { entry, came_from, led_to })
    }

    /// Breadth first, so that the nearest stand first and loops end.
    async fn walk(&self, tx: &mut Tx, of: &Ref, onward: bool) -> Result<Vec<Step>, AppError> {
        let mut seen = BTreeSet::from([of.clone()]);
        let mut open = VecDeque::from([(of.clone(), 0)]);
        let mut steps = Vec::new();
        while let Some((at, distance)) = open.pop_front().filter(|(_, far)| *far < FAR && steps.len() < MANY)
        {
            for (relation, next) in neighbours(tx, &at, onward).await? {
                if !seen.insert(next.clone()) {
                    continue;
                }
                steps.push(Step {
                    distance: distance + 1,
                    entry: self.entry_of(tx, &next).await?,
                    relation: shape::heading(&relation),
                    next: at.clone(),
                });
                open.push_back((next, distance + 1));
            }
        }
        Ok(steps)
    }
}

async fn neighbours(tx: &mut Tx, at: &Ref, onward: bool) -> Result<Vec<(String, Ref)>, AppError> {
    let (kind, id) = (at.kind.word(), at.id.as_str());
    let links = if onward { tx.links_to(kind, id).await? } else { tx.links_from(kind, id).await? };
    let found =
        links.into_iter().filter(|link| COMES_FROM.contains(&link.relation.as_str())).filter_map(|link| {
            let (kind, id) = if onward { (link.from_kind, link.from_id) } else { (link.to_kind, link.to_id) };
            let to = Ref { kind: Kind::from_word(&kind)?, id: Id::new(&id).ok()? };
            let leads = STAGES.contains(&to.kind) || (to.kind == Kind::Cycle && link.relation == "follows");
            leads.then_some((link.relation, to))
        });
    Ok(found.collect())
}
