//! What a place and its people do: release, withdraw, end a peering, tend to what is due, ask for receipts, stop, start, be
//! copied and come back from a copy.

use cairn_node::{app::withdrawals::Open, worker};
use cairn_proto::pb::{
    admin::{
        PublishRequest, RemovePeerRequest, WithdrawRequest, admin_service_server::AdminService as _,
        release_service_server::ReleaseService as _,
    },
    exchange::{
        Opening, PeeringEnd, PeeringRequest, RetractRequest, exchange_service_server::ExchangeService as _,
        peering_request::Step,
    },
};
use jiff::SignedDuration;
use tonic::Status;

use crate::{
    truth::{Author, Violation},
    world::World,
};

impl World {
    /// A place releases something.
    pub(crate) async fn publish(&mut self, by: usize, wish: PublishRequest) -> Result<(), Violation> {
        let place = &self.places[by];
        let Some(running) = &place.running else { return Ok(()) };
        let answer = running.admin.publish(place.asks(wish)).await;
        let released = answer.map(|answer| answer.into_inner().record_id);
        let words = released.as_ref().map_or_else(
            |refused| format!("nothing: {}", refused.message()),
            |id| id.rsplit('/').next().unwrap_or_default().to_owned(),
        );
        self.note(format!("{by} publishes {words}"));
        self.after(by).await?;
        // Whatever was acknowledged is there, or comes back with the node.
        self.acknowledged(by, released.ok().as_deref())
    }

    fn acknowledged(&mut self, by: usize, record: Option<&str>) -> Result<(), Violation> {
        let index = record.and_then(|id| id.rsplit('/').next()?.parse::<u64>().ok());
        let Some(index) = index.filter(|_| self.places[by].up()) else { return Ok(()) };
        let id = self.places[by].who.id;
        match self.truth.authors.get(&id).is_some_and(|author| author.records.contains_key(&index)) {
            true => Ok(()),
            false => Violation::new(format!("{by} said that it published {index}, and it is not there")),
        }
    }

    /// A place takes a record back.
    pub(crate) async fn withdraw(&mut self, by: usize, index: u64) -> Result<(), Violation> {
        let place = &self.places[by];
        let Some(running) = &place.running else { return Ok(()) };
        let wish =
            WithdrawRequest { record: index.to_string(), reason: "mistake".into(), ..Default::default() };
        let answer = running.releases.withdraw(place.asks(wish)).await;
        let words = answer.as_ref().map_or_else(Status::message, |_| "done");
        let words = format!("{by} withdraws {index}: {words}");
        self.note(words);
        self.after(by).await
    }

    /// One side ends a peering; the other hears of it if it is reached.
    pub(crate) async fn end_peering(&mut self, by: usize, with: usize) -> Result<(), Violation> {
        let place = &self.places[by];
        let Some(running) = &place.running else { return Ok(()) };
        let wish =
            RemovePeerRequest { peer: self.places[with].who.id.to_string(), reason: "it is over".into() };
        let done = running.admin.remove_peer(place.asks(wish)).await.is_ok();
        self.note(format!("{by} ends the peering with {with}: {done}"));
        self.after(by).await?;
        // Its node sees that the peering has changed, and follows no more.
        self.lose(by, with).await?;
        if let Some(tie) = self.ties.iter_mut().find(|t| t.sides == (by, with) || t.sides == (with, by)) {
            tie.ended = true;
        }
        match self.chance.one_in(2) {
            true => self.tell_the_end(by, with).await,
            false => Ok(()),
        }
    }

    /// Tells the other side that it is over, if it is reached.
    pub(crate) async fn tell_the_end(&mut self, by: usize, with: usize) -> Result<(), Violation> {
        if !self.reaches(by, with) {
            return Ok(());
        }
        let end = Step::End(PeeringEnd { reason: "it is over".into() });
        let request = self.called_by(by, PeeringRequest { step: Some(end) });
        if let Some(running) = &self.places[with].running {
            let told = running.exchange.peering(request).await.is_ok();
            self.note(format!("{by} tells {with} that it is over: {told}"));
            self.after(with).await?;
            self.lose(with, by).await?;
        }
        Ok(())
    }

    /// What a node does by itself as time passes: purges what has expired, clears its files, signs receipts, tells of uses.
    pub(crate) async fn tend(&mut self, at: usize) -> Result<(), Violation> {
        let Some(running) = &mut self.places[at].running else { return Ok(()) };
        let app = running.app.clone();
        let now = app.clock.now();
        let due = app.next_expiry().await.ok().flatten().is_some_and(|next| next <= now);
        if due {
            app.purge_expired().await.ok();
        }
        running.to_clear |= running.purged.has_changed().unwrap_or(false);
        running.purged.borrow_and_update();
        let cleared = running.to_clear && worker::purge::clear(&app).await.is_ok();
        running.to_clear &= !cleared;
        let told = app.tell_uses().await.unwrap_or_default();
        self.note(format!("{at} tends to its own: expired {due}, cleared {cleared}, told {told}"));
        self.after(at).await
    }

    /// A node asks for the receipts that are still to come.
    pub(crate) async fn chase(&mut self, by: usize) -> Result<usize, Violation> {
        let Some(app) = self.places[by].app().cloned() else { return Ok(0) };
        let mut asked = 0;
        for open in app.open_withdrawals().await.unwrap_or_default() {
            let Some(holder) = self.number(&open.node).filter(|holder| self.reaches(by, *holder)) else {
                continue;
            };
            if !self.places[holder].honest {
                continue;
            }
            asked += 1;
            self.ask(by, holder, &open).await?;
        }
        Ok(asked)
    }

    /// As `worker::chase` asks one holder.
    async fn ask(&mut self, by: usize, holder: usize, open: &Open) -> Result<(), Violation> {
        let Some(app) = self.places[by].app().cloned() else { return Ok(()) };
        let request = app.retraction_of(open).await.ok().flatten();
        let mut answered = false;
        if let Some(request) = request {
            answered = true;
            if let Some(receipt) = self.retract(by, holder, request).await? {
                app.receive_receipt(&self.places[holder].who.identity, &receipt).await.ok();
            }
        }
        app.note_asked(open, answered).await.ok();
        self.after(by).await
    }

    /// A retraction is brought to a place; gives the receipt, if there is one.
    pub(crate) async fn retract(
        &mut self,
        by: usize,
        holder: usize,
        request: RetractRequest,
    ) -> Result<Option<Opening>, Violation> {
        if !self.reaches(by, holder) {
            return Ok(None);
        }
        let index = request.retraction.as_ref().map_or(0, |retraction| retraction.index);
        self.liars.overhears(&request);
        let request = self.called_by(by, request);
        let Some(running) = &self.places[holder].running else { return Ok(None) };
        let answer = running.exchange.retract(request).await.map(tonic::Response::into_inner);
        let words = match &answer {
            Ok(answer) => format!("receipt {}", answer.receipt.is_some()),
            Err(status) => status.message().to_owned(),
        };
        self.note(format!("{by} brings {holder} retraction {index}: {words}"));
        self.after(holder).await?;
        Ok(answer.ok().and_then(|answer| answer.receipt))
    }

    /// Stops a node, or starts one that had stopped.
    pub(crate) async fn stop(&mut self, at: usize) -> Result<(), Violation> {
        self.note(format!("{at} stops"));
        self.gone(at).await;
        self.places[at].stop().await;
        self.lose_connections(at).await
    }

    /// Starts a node, and looks whether everything is there.
    pub(crate) async fn start(&mut self, at: usize) -> Result<(), Violation> {
        self.places[at].start().await;
        self.note(format!("{at} starts"));
        self.after(at).await
    }

    /// Copies the database of a node as it is.
    pub(crate) fn back_up(&mut self, at: usize) {
        let id = self.places[at].who.id;
        let size = self.truth.authors.get(&id).map_or(0, Author::size);
        let seen = self.truth.seen.get(&id).cloned().unwrap_or_default();
        self.places[at].back_up(size, seen);
        self.note(format!("{at} is copied"));
    }

    /// Puts the `nth` copy of a node in the place of what it has.
    pub(crate) async fn restore(&mut self, at: usize, nth: usize) -> Result<(), Violation> {
        if self.places[at].up() {
            self.stop(at).await?;
        }
        let id = self.places[at].who.id;
        let Some(copy) = self.places[at].copies.get(nth).cloned() else { return Ok(()) };
        let size = self.truth.authors.get(&id).map_or(0, Author::size);
        self.places[at].set_back |= copy.own_size < size;
        self.places[at].restore(&copy);
        self.truth.seen.insert(id, copy.seen);
        self.note(format!("{at} is restored from an older copy"));
        self.start(at).await
    }

    /// Time passes for everybody.
    pub(crate) fn pass(&mut self, by: SignedDuration) {
        for place in &self.places {
            place.clock.advance(by);
        }
        self.note(format!("{} h pass", by.as_hours()));
    }
}
