//! One place follows another, message by message: who calls, what is told and sent, what is taken, and what must be true of all
//! that an honest place sends.

use std::collections::BTreeSet;

use cairn_node::{domain::peer::Standing, exchange::status::status, worker};
use cairn_proto::{
    ids::NodeId,
    pb::exchange::{PullResponse, pull_response::Part},
};

use crate::{
    truth::Violation,
    wire::{Asks, Flow, Progress},
    world::World,
};

/// Steps of a connection without an end are a defect.
const STEPS_OF_A_CONNECTION: usize = 2_000;

/// What a step of a connection came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Moved {
    /// Something moved.
    Yes,
    /// There is nothing to tell.
    Quiet,
    /// It broke off.
    Over,
    /// One does not reach the other.
    No,
}

impl World {
    /// A connection is lost; the follower notices.
    pub(crate) async fn lose(&mut self, follower: usize, server: usize) -> Result<(), Violation> {
        let Some(mut flow) = self.flows.remove(&(follower, server)) else { return Ok(()) };
        self.note(format!("{follower} loses {server}"));
        flow.break_off();
        // What is on its way still arrives before it is noticed.
        while let Progress::Waits = flow.advance().await {}
        drop(flow);
        self.left(follower, server).await;
        self.after(follower).await
    }

    async fn left(&mut self, follower: usize, server: usize) {
        if let Some(app) = self.places[follower].app() {
            worker::follow::left(app, &self.places[server].who.id).await;
        }
    }

    /// One step of one place following another: the server tells or sends something, or the follower takes it.
    pub(crate) async fn step(&mut self, follower: usize, server: usize) -> Result<Moved, Violation> {
        if !self.reaches(follower, server) {
            return Ok(Moved::No);
        }
        if !self.flows.contains_key(&(follower, server)) && !self.connect(follower, server).await? {
            return Ok(Moved::No);
        }
        let Some(mut flow) = self.flows.remove(&(follower, server)) else { return Ok(Moved::Over) };
        if !flow.on_its_way() {
            let told = self.serve(&mut flow, follower, server).await?;
            self.flows.insert((follower, server), flow);
            if told {
                self.after(server).await?;
            }
            return Ok(if told { Moved::Yes } else { Moved::Quiet });
        }
        let progress = flow.advance().await;
        let over = match progress {
            Progress::Waits => {
                self.flows.insert((follower, server), flow);
                false
            }
            Progress::Over(how) => {
                let how = how.map_or_else(|error| error.to_string(), |outcome| format!("{outcome:?}"));
                self.note(format!("{follower} stops following {server}: {how}"));
                drop(flow);
                self.left(follower, server).await;
                true
            }
        };
        self.note(format!("{follower} takes from {server}"));
        self.after(follower).await?;
        Ok(if over { Moved::Over } else { Moved::Yes })
    }

    async fn connect(&mut self, follower: usize, server: usize) -> Result<bool, Violation> {
        let (this, that) = (&self.places[follower], &self.places[server]);
        let (Some(app), Some(theirs)) = (this.app(), that.app()) else { return Ok(false) };
        let peering = app.relationship(&that.who.id).await;
        let caller = theirs.caller(&self.proven(follower).key, &[]).await;
        let (Ok(Some(peering)), Ok(caller)) = (peering, caller) else {
            self.after(follower).await?;
            self.after(server).await?;
            return Ok(false);
        };
        if peering.standing != Standing::Active {
            return Ok(false);
        }
        let flow = Flow::begin(app.clone(), peering, that.who.identity.clone(), caller).await;
        self.note(format!("{follower} calls {server}"));
        self.flows.insert((follower, server), flow);
        Ok(true)
    }

    /// The server tells a head or sends the next part; gives whether it did.
    async fn serve(&mut self, flow: &mut Flow, follower: usize, server: usize) -> Result<bool, Violation> {
        let app = self.places[server].app().expect("it is reached").clone();
        if flow.asks == Asks::Head {
            let heads = match flow.look(&app).await {
                Ok(heads) => heads,
                Err(error) => {
                    flow.send_head(Err(status(&error)));
                    return Ok(true);
                }
            };
            let news = !heads.is_empty();
            for mut head in heads {
                self.head_seen(&head.origin, head.size, &head.checkpoint, server)?;
                self.note(format!(
                    "{server} tells {follower} {} of {}",
                    head.size,
                    self.numbered(&head.origin)
                ));
                if !self.places[server].honest {
                    self.lie_about_a_head(server, follower, &mut head);
                }
                flow.send_head(Ok(head));
            }
            return Ok(news);
        }
        if let Some(request) = flow.request() {
            flow.answer(app, request);
        }
        self.send(flow, follower, server).await?;
        Ok(true)
    }

    /// Sends the next part of an answer; openings all at once, because the follower checks several together.
    async fn send(&mut self, flow: &mut Flow, follower: usize, server: usize) -> Result<(), Violation> {
        let mut parts = Vec::new();
        let origin = flow.asked.origin.parse().unwrap_or(self.places[server].who.id);
        loop {
            let part = flow.next_part().await;
            let openings = matches!(&part, Some(Ok(PullResponse { part: Some(Part::Openings(_)) })));
            match part {
                Some(Ok(part)) => {
                    self.part_seen(&part, &origin, follower, server).await?;
                    parts.push(Some(Ok(part)));
                }
                Some(Err(error)) => {
                    parts.push(Some(Err(status(&error))));
                    parts.push(None);
                }
                None => parts.push(None),
            }
            if !openings {
                break;
            }
        }
        if !self.places[server].honest {
            self.lie(server, follower, &flow.asked, &mut parts);
        }
        for part in parts {
            let words = match &part {
                Some(Ok(PullResponse { part: Some(Part::Head(head)) })) => format!("a head of {}", head.size),
                Some(Ok(PullResponse { part: Some(Part::Leaves(batch)) })) => {
                    format!("leaves from {}", batch.from)
                }
                Some(Ok(PullResponse { part: Some(Part::Openings(batch)) })) => {
                    let which: Vec<_> = batch.openings.iter().map(|opening| opening.index).collect();
                    format!("openings {which:?} up to {}", batch.settled_to)
                }
                Some(Ok(PullResponse { part: None })) => "nothing".to_owned(),
                Some(Err(status)) => status.message().to_owned(),
                None => "the end".to_owned(),
            };
            self.note(format!("{server} sends {follower} {words}"));
            flow.send_part(part);
        }
        Ok(())
    }

    fn numbered(&self, origin: &str) -> String {
        let node = origin.parse().ok().and_then(|node| self.number(&node));
        node.map_or_else(|| "itself".to_owned(), |number| number.to_string())
    }

    /// A head that a place tells: of an honest author, there is only one of each size.
    fn head_seen(&self, origin: &str, size: u64, note: &str, server: usize) -> Result<(), Violation> {
        let author = origin.parse().unwrap_or(self.places[server].who.id);
        let Some(number) = self.number(&author) else { return Ok(()) };
        self.truth.head(&author, size, note, &self.places[number].who.identity)
    }

    /// What an honest place hands over: to an active peer, for whom it is, and not before it is in the ledger.
    pub(crate) async fn part_seen(
        &mut self,
        part: &PullResponse,
        origin: &NodeId,
        reader: usize,
        server: usize,
    ) -> Result<(), Violation> {
        let Some(Part::Openings(batch)) = &part.part else { return Ok(()) };
        let node = self.places[reader].who.id;
        for liar in [reader, server].into_iter().filter(|at| !self.places[*at].honest) {
            self.liars.learns(liar, origin, &batch.openings);
        }
        if !self.places[server].honest || batch.openings.is_empty() {
            return Ok(());
        }
        for opening in &batch.openings {
            self.truth.handed(origin, opening, &node)?;
        }
        let app = self.places[server].app().expect("it answers");
        // Cut off in the middle: what it sent stands in its files, which are looked at when it is back.
        let Ok(mut tx) = app.store.read().await else { return Ok(()) };
        let peering = tx.peering(&node).await.expect("a peering");
        if peering.is_none_or(|peering| peering.standing != Standing::Active) {
            return Violation::new(format!("{server} handed records to {reader}, which is no peer of it"));
        }
        let log = tx.log(origin).await.expect("a log").expect("it is served");
        let ledger = tx.ledger(log.id, None, Some(&node)).await.expect("the ledger");
        let noted: BTreeSet<_> = ledger.iter().map(|row| row.record.index).collect();
        match batch.openings.iter().find(|opening| !noted.contains(&opening.index)) {
            None => Ok(()),
            // What goes back to its author is no disclosure.
            Some(_) if *origin == node => Ok(()),
            Some(opening) => {
                let words = format!("{server} handed record {} to {reader} and its ledger", opening.index);
                Violation::new(format!("{words} does not say so"))
            }
        }
    }

    /// Follows until there is nothing more to tell.
    pub(crate) async fn settle(&mut self, follower: usize, server: usize) -> Result<Moved, Violation> {
        for _ in 0..STEPS_OF_A_CONNECTION {
            match self.step(follower, server).await? {
                Moved::Yes => {}
                other => return Ok(other),
            }
        }
        Violation::new(format!("{follower} never comes to an end with {server}"))
    }
}
