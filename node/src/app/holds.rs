//! Legal holds: a record of another that a law obliges us to keep, should its author withdraw it. Once it is withdrawn, it is
//! shown and given to nobody; its author reads the legal basis and the day of the review. When the hold ends, it is purged.

use cairn_proto::ids::RecordId;
use jiff::civil::Date;

use super::{App, AppError, actor::Operator};
use crate::{
    domain::{audit::Event, text::Prose, withdrawal::Outcome},
    store::{HoldRow, PurgeRow, Tx},
};

/// A legal hold.
#[derive(Clone, Debug)]
pub struct Hold {
    /// The hold.
    pub row: HoldRow,
    /// Whether the day on which it is looked at again has come.
    pub review_due: bool,
}

impl App {
    /// Holds a record of another that is held here, or looks at its hold again: then the new basis and day count, and its author is
    /// told if it was withdrawn meanwhile.
    ///
    /// # Errors
    /// [`AppError::Argument`] without a basis, for a day that is not in the future and for a record of our own,
    /// or [`AppError::NotFound`].
    pub async fn hold(
        &self,
        who: &Operator,
        record: &str,
        basis: &str,
        review_on: Date,
    ) -> Result<Hold, AppError> {
        let basis = Prose::optional("basis", basis)?.ok_or_else(no_basis)?;
        let today = self.today();
        if review_on <= today {
            return Err(not_in_the_future(review_on, today));
        }
        let mut tx = self.store.write().await?;
        let id = self.record_called(&mut tx, record).await?;
        if id.author == self.keys.node_id() {
            return Err(our_own(&id));
        }
        // A withdrawal that is just coming in waits for us, or we for it.
        let log_id = tx.log_for_update(&id.author).await?.id;
        let before = tx.hold(log_id, id.index).await?;
        if before.is_none() {
            self.stored(&mut tx, &id).await?;
        }
        let what =
            if before.is_some() { "looked at its legal hold again" } else { "put it under a legal hold" };
        let words = format!("{what}, to be looked at again on {review_on}: {basis}");
        let kept_back = before.as_ref().is_some_and(|before| before.kept_back);
        let row = HoldRow {
            log_id,
            record: id,
            basis: basis.to_string(),
            review_on,
            at: before.map_or(self.clock.now(), |before| before.at),
            by: who.by().to_owned(),
            kept_back,
        };
        tx.save_hold(&row).await?;
        if kept_back {
            tx.owe_again(log_id, id.index, self.clock.now()).await?;
        }
        self.audit(&mut tx, who.by(), Event::Hold, Some(id), words).await?;
        tx.commit().await?;
        if kept_back {
            self.signals.records_purged(); // so that the author is told
        }
        Ok(Hold { row, review_due: false })
    }

    /// Ends a hold. What was withdrawn meanwhile is purged, and its author gets another receipt. Gives the hold as it was.
    ///
    /// # Errors
    /// [`AppError::NotFound`] when there is none.
    pub async fn end_hold(&self, who: &Operator, record: &str) -> Result<Hold, AppError> {
        let mut tx = self.store.write().await?;
        let id = self.record_called(&mut tx, record).await?;
        // A receipt that is just being signed waits for us, or we for it; and so does a withdrawal that is coming in.
        tx.log_for_update(&self.keys.node_id()).await?;
        let log_id = tx.log_for_update(&id.author).await?.id;
        let row = tx.hold(log_id, id.index).await?.ok_or_else(|| not_there(&id))?;
        let kept_back = tx.end_hold(log_id, id.index).await?;
        let words = if kept_back {
            // The newer receipt replaces the exception at the author.
            tx.owe_again(log_id, id.index, self.clock.now()).await?;
            "ended its legal hold; it was withdrawn meanwhile and is purged"
        } else {
            "ended its legal hold; it was not withdrawn"
        };
        self.audit(&mut tx, who.by(), Event::Hold, Some(id), words.to_owned()).await?;
        tx.commit().await?;
        if kept_back {
            self.signals.records_purged();
        }
        Ok(self.listed_hold(row))
    }

    /// All holds, the one that is looked at again first at the top.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn holds(&self, _: &Operator) -> Result<Vec<Hold>, AppError> {
        let rows = self.store.read().await?.holds().await?;
        Ok(rows.into_iter().map(|row| self.listed_hold(row)).collect())
    }

    /// What became of a withdrawn record here, as its author is told.
    pub(crate) async fn outcome_of(&self, tx: &mut Tx, purge: &PurgeRow) -> Result<Outcome, AppError> {
        let hold = tx.hold(purge.log_id, purge.index).await?.filter(|row| row.kept_back);
        Ok(match hold {
            Some(row) => {
                Outcome::Exception { basis: Prose::new("basis", &row.basis)?, review_on: row.review_on }
            }
            None if purge.held => Outcome::Purged,
            None => Outcome::NeverHeld,
        })
    }

    fn listed_hold(&self, row: HoldRow) -> Hold {
        Hold { review_due: row.review_on <= self.today(), row }
    }
}

fn no_basis() -> AppError {
    let what = "a legal hold needs a legal basis: say with --basis which law obliges you to keep the record. Without a legal \
                reason there is no hold";
    AppError::Argument(what.to_owned())
}

fn not_in_the_future(day: Date, today: Date) -> AppError {
    AppError::Argument(format!(
        "{day} is not in the future (today is {today}, UTC); name with --review a later day on which you look at the hold again"
    ))
}

fn our_own(id: &RecordId) -> AppError {
    AppError::Argument(format!(
        "record {} is our own: a legal hold is for records of others. Ours stays here until we take it back with \
         `cairn withdraw`",
        id.index
    ))
}

fn not_there(id: &RecordId) -> AppError {
    let hint = "`cairn hold list` shows all of them";
    AppError::NotFound { what: "a legal hold of record", name: id.to_string(), hint }
}
