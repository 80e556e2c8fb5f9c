//! Holding an active peering back and opening it again: each side by itself, with a reason and a day that the other side
//! reads in the next `Hello`. What they decide is not in the audit log: whoever likes could fill it.

use cairn_proto::{identity::Identity, ids::NodeId};
use jiff::civil::Date;

use super::{App, AppError, actor::Operator, peering::peering, relay::Route};
use crate::{
    domain::{
        audit::Event,
        peer::{Peering, Seen, Side, Standing},
        restriction::{Degree, Restriction},
        subscription::Asked,
        text::Prose,
    },
    store::{PeeringRow, Tx},
};

impl App {
    /// Limits or suspends an active peering, or says anew why and until when.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::Standing`] when it is not active, [`AppError::Argument`] for a day that is not in the
    /// future.
    pub async fn restrict(
        &self,
        who: &Operator,
        name: &str,
        degree: Degree,
        reason: &str,
        review_on: Date,
    ) -> Result<Peering, AppError> {
        let mut tx = self.store.write().await?;
        let row = self.peer_called(&mut tx, name).await?;
        let row = self.hold_back(&mut tx, who, row, degree, reason, review_on).await?;
        tx.commit().await?;
        self.signals.peers_changed(&row.node);
        peering(&row)
    }

    /// As [`App::restrict`], within a transaction. The caller rings the bell.
    pub(super) async fn hold_back(
        &self,
        tx: &mut Tx,
        who: &Operator,
        mut row: PeeringRow,
        degree: Degree,
        reason: &str,
        review_on: Date,
    ) -> Result<PeeringRow, AppError> {
        let reason = Prose::new("reason", reason)?.to_string();
        self.in_the_future(review_on)?;
        if row.standing != Standing::Active {
            let hint = "only an active peering can be limited or suspended";
            return Err(AppError::Standing { name: row.name, standing: row.standing, hint });
        }
        let restriction = Restriction { degree, reason, review_on: Some(review_on), since: self.clock.now() };
        self.keep_restriction(tx, &row.node, Side::Us, &restriction).await?;
        let words = format!("{}: {}", row.name, restriction.words("by us"));
        self.audit(tx, who.by(), Event::Standing, None, words).await?;
        row.by_us = Some(restriction);
        Ok(row)
    }

    /// Lifts our own limit or suspension. What the other side decided stays.
    ///
    /// # Errors
    /// [`AppError::NotFound`], or [`AppError::Argument`] when there is nothing of ours to lift.
    pub async fn restore(&self, who: &Operator, name: &str) -> Result<Peering, AppError> {
        let mut tx = self.store.write().await?;
        let mut row = self.peer_called(&mut tx, name).await?;
        if row.by_us.take().is_none() {
            return Err(nothing_to_lift(&row));
        }
        self.lift(&mut tx, &row.node, Side::Us, row.by_them.as_ref()).await?;
        let words = format!("{}: what we held back is open again", row.name);
        self.audit(&mut tx, who.by(), Event::Standing, None, words).await?;
        tx.commit().await?;
        self.signals.peers_changed(&row.node);
        peering(&row)
    }

    /// Takes note of how the other side holds an active peering back, if it says so.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn hear_standing(&self, node: &NodeId, seen: &Seen) -> Result<(), AppError> {
        if self.news(&mut self.store.read().await?, node, seen).await?.is_none() {
            return Ok(());
        }
        let mut tx = self.store.write().await?;
        let Some((row, said)) = self.news(&mut tx, node, seen).await? else { return Ok(()) };
        match said {
            Some(restriction) => self.keep_restriction(&mut tx, node, Side::Them, &restriction).await?,
            None => self.lift(&mut tx, node, Side::Them, row.by_us.as_ref()).await?,
        }
        tx.commit().await?;
        self.signals.peers_changed(node);
        Ok(())
    }

    /// The way from an author itself to us, as it stands now.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn direct_route(&self, author: Identity) -> Result<Route, AppError> {
        let peering = self.relationship(&author.node_id()).await?;
        let asked = Asked::Followed(self.store.read().await?.subscription(&author.node_id()).await?);
        let limited = peering.is_some_and(|peering| peering.degree().is_some());
        Ok(Route { asked, ..Route::direct(author, limited) })
    }

    /// The peering and what the other side says about holding it back, if that is news.
    async fn news(
        &self,
        tx: &mut Tx,
        node: &NodeId,
        seen: &Seen,
    ) -> Result<Option<(PeeringRow, Option<Restriction>)>, AppError> {
        let Some(row) = tx.peering(node).await? else { return Ok(None) };
        let said = seen.restriction(&peering(&row)?, self.clock.now());
        Ok(said.and_then(|said| {
            let same = match (&row.by_them, &said) {
                (Some(before), Some(now)) => before.says(now),
                (before, now) => before.is_none() && now.is_none(),
            };
            (!same).then_some((row, said))
        }))
    }

    async fn keep_restriction(
        &self,
        tx: &mut Tx,
        node: &NodeId,
        side: Side,
        restriction: &Restriction,
    ) -> Result<(), AppError> {
        let settled_to = tx.log(node).await?.map_or(0, |log| log.settled_to);
        Ok(tx.save_restriction(node, side, restriction, settled_to).await?)
    }

    /// Lifts what one side held back. What did not flow meanwhile is asked for once both have.
    async fn lift(
        &self,
        tx: &mut Tx,
        node: &NodeId,
        side: Side,
        remains: Option<&Restriction>,
    ) -> Result<(), AppError> {
        let Some(since) = tx.lift_restriction(node, side).await? else { return Ok(()) };
        if let Some(log) = tx.log(node).await? {
            let settled_to = log.settled_to.min(since);
            tx.set_settled(log.id, settled_to).await?;
            let other = match side {
                Side::Us => Side::Them,
                Side::Them => Side::Us,
            };
            if let Some(remains) = remains {
                tx.save_restriction(node, other, remains, settled_to).await?;
            }
        }
        Ok(())
    }

    /// Ends a peering of any standing, by one side. The caller commits and rings the bell.
    pub(super) async fn end(
        &self,
        tx: &mut Tx,
        row: &mut PeeringRow,
        side: Side,
        reason: String,
    ) -> Result<(), AppError> {
        for side in [Side::Us, Side::Them] {
            self.lift(tx, &row.node, side, None).await?;
        }
        row.by_us = None;
        row.by_them = None;
        row.standing = Standing::Ended(side);
        row.reason = reason;
        row.since = self.clock.now();
        row.invitation = None;
        Ok(tx.save_peering(row).await?)
    }

    /// Refuses a day that is not in the future.
    pub(super) fn in_the_future(&self, day: Date) -> Result<(), AppError> {
        let today = self.today();
        if day > today {
            return Ok(());
        }
        Err(AppError::Argument(format!(
            "{day} is not in the future (today is {today}, UTC); name with --review-on a later day on which you look at it again"
        )))
    }
}

fn nothing_to_lift(row: &PeeringRow) -> AppError {
    let name = &row.name;
    AppError::Argument(match (row.standing, &row.by_them) {
        (Standing::Active, Some(theirs)) => format!(
            "you hold nothing back from {name}; it is {}. Only they can lift that: talk to each other",
            theirs.words("by them")
        ),
        (Standing::Active, None) => {
            format!("the peering with {name} is neither limited nor suspended by you")
        }
        _ => format!("the peering with {name} is {}; what has ended needs a new ticket", row.standing.word()),
    })
}
