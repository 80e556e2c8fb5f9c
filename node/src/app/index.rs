//! Records held here are made findable by their words. Not when they come in, which would hold up those that follow, but soon
//! after, some at a time.

use cairn_proto::{envelope, pb::exchange as pb};
use prost::Message as _;

use super::{App, AppError};
use crate::{
    domain::{
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

fn read(log_id: i64, openings: &[OpeningRow]) -> Vec<WordsRow> {
    openings.iter().map(|row| WordsRow::new(log_id, row.index, &fold(&words(&row.envelope)))).collect()
}

/// The words of a record that was checked when it came; none of one that cannot be read any more.
fn words(signed: &[u8]) -> String {
    let message =
        envelope::decode(signed).ok().and_then(|signed| pb::Record::decode(&signed.payload[..]).ok());
    let record = message.and_then(|message| Record::try_from(message).ok());
    record.map(|record| said(&record)).unwrap_or_default()
}

/// What people wrote in a record: what a profile, a summary and a group say, and how a summary departs from what it started from.
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
        Body::Retraction(_) | Body::Receipt(_) | Body::Uses(_) => return String::new(),
    };
    for reference in &record.references {
        if let Reference::DerivedFrom(start) = reference {
            texts.extend(parts::beside(std::slice::from_ref(start), None));
        }
    }
    texts.into_iter().map(|(_, text)| text).collect::<Vec<_>>().join(" ")
}
