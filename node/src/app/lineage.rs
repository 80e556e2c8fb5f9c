//! What a record came from and what came from it, as far as it is held here: principles that travel, and what became of them
//! elsewhere (R130). In the order of time; never by how it went, and nothing is counted.

use std::collections::BTreeSet;

use cairn_proto::ids::RecordId;
use jiff::Timestamp;

use super::{App, AppError, actor::Operator, dialogue::Found};
use crate::{
    domain::{
        dialogue::How,
        experiment::StartingPoint,
        record::{Body, Record, Reference},
    },
    store::Tx,
};

/// Most records in each direction: a page that a person can read, whatever others sign.
const MOST: usize = 200;

/// A record of a lineage.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its id.
    pub record: RecordId,
    /// How many steps it is away.
    pub steps: u32,
    /// Our name for its author.
    pub who: String,
    /// Its title; empty if it is not here.
    pub title: String,
    /// Its context.
    pub context: String,
    /// Where it stands, in words.
    pub state: String,
    /// What was changed between it and the record a step before.
    pub change: Option<StartingPoint>,
    /// Why its words are not here; empty if they are.
    pub gone: String,
    created_at: Option<Timestamp>,
    started_from: Vec<StartingPoint>,
}

/// A lineage.
#[derive(Clone, Debug)]
pub struct Lineage {
    /// The record that was asked for.
    pub record: Step,
    /// What it came from; each is followed by what that came from.
    pub came_from: Vec<Step>,
    /// What came from it; each is followed by what came from that.
    pub led_to: Vec<Step>,
    /// What is left out, in words.
    pub not_shown: Vec<String>,
}

impl App {
    /// What a record came from and what came from it.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for a record that is not held here.
    pub async fn lineage(&self, _: &Operator, record: &str) -> Result<Lineage, AppError> {
        let mut tx = self.store.read().await?;
        let id = self.record_called(&mut tx, record).await?;
        self.held(&mut tx, &id).await?;
        let record = self.step(&mut tx, id, 0, None).await?;
        let mut not_shown = BTreeSet::new();
        let came_from = self.descend(&mut tx, &record, Direction::Up, &mut not_shown).await?;
        let led_to = self.descend(&mut tx, &record, Direction::Down, &mut not_shown).await?;
        Ok(Lineage { record, came_from, led_to, not_shown: not_shown.into_iter().collect() })
    }

    /// Goes from step to step, each followed by those that lie behind it. Whatever was seen is not gone through again: others may
    /// sign circles.
    async fn descend(
        &self,
        tx: &mut Tx,
        from: &Step,
        direction: Direction,
        not_shown: &mut BTreeSet<String>,
    ) -> Result<Vec<Step>, AppError> {
        let (mut walked, mut seen) = (Vec::new(), BTreeSet::from([from.record]));
        let mut ahead = self.next(tx, from, direction, not_shown).await?;
        while let Some(step) = ahead.pop() {
            if !seen.insert(step.record) {
                continue;
            }
            if walked.len() == MOST {
                not_shown.insert(format!("there is more than fits on a page; go on from {}", step.record));
                break;
            }
            ahead.extend(self.next(tx, &step, direction, not_shown).await?);
            walked.push(step);
        }
        Ok(walked)
    }

    /// The steps right behind one, the latest first.
    async fn next(
        &self,
        tx: &mut Tx,
        from: &Step,
        direction: Direction,
        not_shown: &mut BTreeSet<String>,
    ) -> Result<Vec<Step>, AppError> {
        let steps = from.steps.saturating_add(1);
        let mut next = Vec::new();
        match direction {
            Direction::Up => {
                for start in &from.started_from {
                    next.push(self.step(tx, start.record, steps, Some(start.clone())).await?);
                }
            }
            Direction::Down => {
                let most = u32::try_from(MOST + 1).unwrap_or(u32::MAX);
                for id in tx.records_linked_to(&from.record, How::DerivedFrom, most).await? {
                    let step = self.step(tx, id, steps, None).await?;
                    let change = step.started_from.iter().find(|start| start.record == from.record).cloned();
                    match change {
                        Some(_) => next.push(Step { change, ..step }),
                        // Held and hidden: of whom, not which.
                        None => {
                            not_shown.insert(format!("something of {}: {}", step.who, step.gone));
                        }
                    }
                }
            }
        }
        next.sort_by_key(|step| std::cmp::Reverse((step.created_at, step.record)));
        Ok(next)
    }

    async fn step(
        &self,
        tx: &mut Tx,
        id: RecordId,
        steps: u32,
        change: Option<StartingPoint>,
    ) -> Result<Step, AppError> {
        let who = self.name_of(tx, &id.author).await?;
        Ok(match self.seen_here(tx, &id).await? {
            Found::Here(shown) => Step { record: id, steps, who, change, ..told(&shown.record) },
            Found::Hidden(gone) | Found::Gone(gone) => {
                Step { record: id, steps, who, change, gone, ..Step::nothing(id) }
            }
        })
    }
}

/// Which way to go.
#[derive(Clone, Copy)]
enum Direction {
    /// To what it came from.
    Up,
    /// To what came from it.
    Down,
}

impl Step {
    fn nothing(record: RecordId) -> Self {
        Self {
            record,
            steps: 0,
            who: String::new(),
            title: String::new(),
            context: String::new(),
            state: String::new(),
            change: None,
            gone: String::new(),
            created_at: None,
            started_from: Vec::new(),
        }
    }
}

/// What a record tells on a lineage.
fn told(record: &Record) -> Step {
    let starts = record.references.iter().filter_map(|reference| match reference {
        Reference::DerivedFrom(start) => Some(start.clone()),
        _ => None,
    });
    let (context, state) = match &record.body {
        Body::Summary(summary) => {
            (summary.context.as_ref().map(ToString::to_string), summary.state.words().to_owned())
        }
        _ => (None, String::new()),
    };
    Step {
        title: record.body.title().into_owned(),
        context: context.unwrap_or_default(),
        state,
        created_at: Some(record.created_at),
        started_from: starts.collect(),
        ..Step::nothing(record.id())
    }
}
