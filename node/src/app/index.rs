//! Records held here are made findable by their words: those that come in together with them, what is left and our own soon after,
//! some at a time.

use cairn_proto::{envelope, pb::exchange as pb};
use prost::Message as _;

use super::{App, AppError};
use crate::{
    domain::{
        dialogue,
        preflight::parts,
        record::{Body, Record, Reference},
        text::fold,
    },
    store::{OpeningRow, WordsRow},
};

/// Records in one transaction, at most.
const BATCH: u32 = 1024;
/// Bytes of records in one transaction: it ends once there are so many.
const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// Records whose words are read by one thread: several read at once.
const READ_BY_ONE: usize = 256;

impl App {
    /// Indexes some records that are not; gives whether there may be more.
    ///
    /// # Errors
    /// [`AppError::Store`], or [`AppError::CutOff`] when the node stops in the middle.
    pub async fn index_records(&self) -> Result<bool, AppError> {
        // Whoever brings records does not find it taken while there is nothing to do.
        if self.store.read().await?.unindexed_records(1).await?.is_none() {
            return Ok(false);
        }
        let _alone = self.signals.index_alone().await;
        let Some((span, openings)) = self.store.read().await?.unindexed_records(BATCH).await? else {
            return Ok(false);
        };
        let mut bytes = 0;
        let openings = openings.into_iter().take_while(|opening| {
            let room = bytes < BATCH_BYTES;
            bytes += opening.envelope.len();
            room
        });
        let (mut openings, mut reading) = (openings.collect::<Vec<_>>(), Vec::new());
        while !openings.is_empty() {
            let rest = openings.split_off(READ_BY_ONE.min(openings.len()));
            let some = std::mem::replace(&mut openings, rest);
            reading.push(tokio::task::spawn_blocking(move || read(span.log_id, &some)));
        }
        let words = futures::future::try_join_all(reading).await?.concat();
        // What was purged meanwhile, the store sees when it enters the words.
        let mut tx = self.store.write().await?;
        tx.index_records(&span, &words).await?;
        tx.commit().await?;
        Ok(true)
    }
}

/// What a record is found by.
pub(super) fn words(log_id: i64, index: u64, record: &Record) -> WordsRow {
    WordsRow::new(log_id, index, &fold(&said(record)))
}

/// What records are found by that were checked when they came; nothing for one that cannot be read any more.
fn read(log_id: i64, openings: &[OpeningRow]) -> Vec<WordsRow> {
    let read_one = |row: &OpeningRow| match opened(&row.envelope) {
        Some(record) => words(log_id, row.index, &record),
        None => WordsRow::new(log_id, row.index, ""),
    };
    openings.iter().map(read_one).collect()
}

fn opened(signed: &[u8]) -> Option<Record> {
    let message = pb::Record::decode(&envelope::decode(signed).ok()?.payload[..]).ok()?;
    Record::try_from(message).ok()
}

/// What people wrote in a record: what a profile, a summary, a group, a response and a message say, and how a summary departs from what it started from.
fn said(record: &Record) -> String {
    let mut texts = match &record.body {
        Body::Profile(profile) => parts::profile(profile),
        Body::Summary(summary) => {
            [parts::texts(summary), parts::values(summary), parts::sources(summary)].concat()
        }
        Body::Group(group) => {
            let about = group.about.iter().map(|about| ("about".to_owned(), about.as_str()));
            [("name".to_owned(), group.name.as_str())].into_iter().chain(about).collect()
        }
        Body::Response(_) | Body::Message(_) => dialogue::texts(&record.body),
        Body::Retraction(_) | Body::Receipt(_) | Body::Uses(_) => return String::new(),
    };
    for reference in &record.references {
        if let Reference::DerivedFrom(start) = reference {
            texts.extend(parts::beside(std::slice::from_ref(start), None));
        }
    }
    texts.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(" ")
}
