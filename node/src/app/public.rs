//! What anyone may read of us without being a peer: our own records whose audience is public, for as long as they are out.

use cairn_proto::ids::RecordId;

use super::{App, AppError, receive::ReceiveError};
use crate::{
    domain::{
        policy::{Audience, Card},
        record::{Body, Record},
    },
    store::{OpeningRow, Tx},
};

/// Records on one page.
pub const PAGE: u32 = 50;

/// Some public records, newest first.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The records.
    pub records: Vec<Record>,
    /// There may be more below this index.
    pub below: Option<u64>,
}

/// What became of a record that somebody asks for.
#[derive(Clone, Debug)]
pub enum Found {
    /// It is public.
    Public(Box<Record>),
    /// It was public once, and was withdrawn or has expired.
    Gone,
    /// There is none for the public.
    Nothing,
}

impl App {
    /// Our public records below an index, newest first.
    ///
    /// # Errors
    /// [`AppError::Paused`] while sharing is paused, [`AppError::Store`].
    pub async fn public_records(&self, below: u64) -> Result<Page, AppError> {
        let mut tx = self.read_to_give().await?;
        let Some(log) = tx.log(&self.keys.node_id()).await? else { return Ok(Page::default()) };
        let rows = tx.out_under(log.id, Card::Public.name(), below.min(log.head_size), PAGE).await?;
        let below = rows.last().filter(|_| rows.len() as u64 == u64::from(PAGE)).map(|row| row.index);
        let mut records = Vec::new();
        for row in &rows {
            records.extend(self.if_public(row)?);
        }
        Ok(Page { records, below })
    }

    /// One of our records, if it is public.
    ///
    /// # Errors
    /// [`AppError::Paused`] while sharing is paused, [`AppError::Store`].
    pub async fn public_record(&self, index: u64) -> Result<Found, AppError> {
        let mut tx = self.read_to_give().await?;
        self.public_in(&mut tx, index).await
    }

    /// The evidence pack of a public record, and a file name for it.
    ///
    /// # Errors
    /// As [`Self::public_record`]; [`AppError::NotFound`] for one that is not public.
    pub async fn public_evidence(&self, index: u64) -> Result<(Vec<u8>, String), AppError> {
        let mut tx = self.read_to_give().await?;
        let id = RecordId { author: self.keys.node_id(), index };
        if !matches!(self.public_in(&mut tx, index).await?, Found::Public(_)) {
            let hint = "it is not public";
            return Err(AppError::NotFound { what: "a record", name: id.to_string(), hint });
        }
        self.pack(&mut tx, &id).await
    }

    /// How we call ourselves towards anyone: the newest profile of ours that is public.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn public_profile(&self) -> Result<Option<Record>, AppError> {
        let mut below = u64::MAX >> 1;
        loop {
            let page = self.public_records(below).await?;
            let profile = page.records.into_iter().find(|record| matches!(record.body, Body::Profile(_)));
            match (profile, page.below) {
                (None, Some(further)) => below = further,
                (found, _) => return Ok(found),
            }
        }
    }

    async fn public_in(&self, tx: &mut Tx, index: u64) -> Result<Found, AppError> {
        let own = self.keys.node_id();
        let Some(log) = tx.log(&own).await? else { return Ok(Found::Nothing) };
        let row = tx.openings(log.id, index, index.saturating_add(1), 1).await?.into_iter().next();
        if let Some(row) = row {
            let record = self.if_public(&row)?;
            return Ok(record.map_or(Found::Nothing, |record| Found::Public(Box::new(record))));
        }
        // Whoever had its address may know that it is gone; of others nobody learns that they ever were.
        let releases = tx.releases().await?;
        let was_public = releases.iter().any(|row| row.index == index && row.card == Card::Public.name());
        Ok(if was_public && tx.is_gone(&own, index).await? { Found::Gone } else { Found::Nothing })
    }

    fn if_public(&self, row: &OpeningRow) -> Result<Option<Record>, AppError> {
        let record = match self.read_record(&self.keys.identity(), row) {
            // It counts for nothing any more.
            Err(AppError::Received(ReceiveError::Record { .. })) => return Ok(None),
            read => read?.0,
        };
        let public = matches!(record.policy.audience, Audience::Public) && record.body.is_learning();
        Ok((public && !record.policy.expired(self.clock.now())).then_some(record))
    }
}
