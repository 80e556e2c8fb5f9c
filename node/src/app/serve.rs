//! Serving a log to a peer: leaves with proofs, then the openings it may read. Every record that goes out is in the
//! disclosure ledger before it goes.

mod giving;
mod offers;

use std::collections::BTreeSet;

use cairn_proto::{
    ids::NodeId,
    limits,
    log::consistency_plan,
    pb::exchange::{self as pb, record::Body as PbBody},
};
use jiff::Timestamp;
use prost::Message as _;

use self::giving::Giving;
use super::{App, AppError, actor::VerifiedPeer};
use crate::{
    domain::{
        policy::{Policy, Reader},
        quota::{self, Allowance},
        restriction::Sort,
        subscription::Filter,
    },
    store::{OpeningRow, StoreError, Tx},
    wire,
};

/// Rows looked at for one batch of openings.
const OPENING_ROWS: u32 = 256;
/// A batch is sent once it is this large: a quarter of the largest message, so that one more
/// envelope always fits.
const OPENING_BYTES: usize = limits::MESSAGE_BYTES / 4;

/// A signed head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Size of the log.
    pub size: u64,
    /// The signed checkpoint; empty at size 0.
    pub checkpoint: String,
}

/// A log as a peer may follow it here: our own, or another's from which we may pass on records to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServedLog {
    pub(super) id: i64,
    /// Its author.
    pub origin: NodeId,
    /// Its newest head.
    pub head: Head,
    /// Openings may be asked for below this index: of another's log, as far as they arrived here, and none while its
    /// author was not heard.
    pub openings_to: u64,
    pub(super) whose: Whose,
}

/// Whose log is served to a peer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Whose {
    /// Our own.
    Own,
    /// Another's, passed on.
    Another,
    /// That of the peer itself, which lost some of it: it gets back what it had given.
    Theirs,
}

/// Which records of a log a peer asks for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Which summaries, if not single ones.
    pub filter: Filter,
    /// Single records, by index, ascending. If there are any, the filter does not count.
    pub only: Vec<u64>,
}

impl Selection {
    /// What a request asks for.
    ///
    /// # Errors
    /// [`AppError::Argument`] or [`AppError::Text`] for lists that are too long, out of order or malformed.
    pub fn read(request: &pb::PullRequest) -> Result<Self, AppError> {
        let only = request.only.clone();
        if only.len() > limits::ONLY || !only.is_sorted_by(|a, b| a < b) {
            let most = limits::ONLY;
            return Err(AppError::Argument(format!("only: at most {most} indices, ascending")));
        }
        let filter = request.filter.as_ref().map(Filter::try_from).transpose()?.unwrap_or_default();
        Ok(Self { filter, only })
    }

    fn wants(&self, index: u64, body: Option<PbBody>) -> bool {
        // What cannot be read here is for the reader to judge.
        !self.only.is_empty()
            || self.filter.is_all()
            || wire::record::summary(body).is_none_or(|summary| self.filter.lets(index, &summary))
    }
}

/// Who may read what of a log at one moment. The one place that decides: for records, and for what is told of them.
struct Admission<'a> {
    reader: &'a Reader,
    own: bool,
    now: Timestamp,
}

impl Admission<'_> {
    /// The terms of a record that the reader may read.
    fn terms(&self, row: &OpeningRow) -> Result<Option<Terms>, AppError> {
        let terms = terms_of(row)?;
        let Terms { policy, released_at, sort, .. } = &terms;
        let ours_to_give = self.own || policy.onward().includes(&self.reader.node);
        let given = ours_to_give && policy.gives(*sort, self.reader, *released_at, self.now).is_ok();
        Ok(given.then_some(terms))
    }
}

impl App {
    /// The log of `origin` as this peer may follow it here at this moment. Empty means our own.
    ///
    /// # Errors
    /// [`AppError::NotServed`].
    pub async fn served(&self, peer: &VerifiedPeer, origin: &str) -> Result<ServedLog, AppError> {
        let own = self.keys.node_id();
        let id = match origin {
            "" => own,
            text => text.parse().map_err(|e| AppError::Argument(format!("origin: {e}")))?,
        };
        if id == peer.reader().node {
            return self.returned(id).await;
        }
        if id != own {
            let passed_on = self.passed_on_to(peer, Some(&BTreeSet::from([id]))).await?;
            return passed_on.into_iter().next().ok_or(AppError::NotServed(id));
        }
        let mut tx = self.store.read().await?;
        let (id, head) = match tx.log(&own).await? {
            Some(log) => {
                (log.id, Head { size: log.head_size, checkpoint: self.dressed(&mut tx, &log).await? })
            }
            None => (0, Head { size: 0, checkpoint: String::new() }),
        };
        Ok(ServedLog { id, origin: own, openings_to: head.size, head, whose: Whose::Own })
    }

    /// A peer's own log, as far as it is held here: its author may always have it back.
    async fn returned(&self, author: NodeId) -> Result<ServedLog, AppError> {
        let mut tx = self.store.read().await?;
        let log = tx.log(&author).await?.ok_or(AppError::NotServed(author))?;
        let head = Head { size: log.head_size, checkpoint: self.dressed(&mut tx, &log).await? };
        Ok(ServedLog { id: log.id, origin: author, openings_to: head.size, head, whose: Whose::Theirs })
    }

    /// Up to 256 leaves of a log from index `from` on, proven against the head of size `head`.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn leaves_for(
        &self,
        _: &VerifiedPeer,
        log: &ServedLog,
        from: u64,
        head: u64,
    ) -> Result<pb::LeafBatch, AppError> {
        let to = head.min(from.saturating_add(limits::LEAF_BATCH as u64));
        let mut tx = self.store.read().await?;
        let leaves = tx.leaves(log.id, from, to).await?;
        let plan = consistency_plan(to, head).map_err(StoreError::corrupt)?;
        let proof = tx.proof(log.id, &plan).await?;
        Ok(pb::LeafBatch {
            from,
            leaves: leaves.iter().flat_map(|leaf| leaf.to_bytes()).collect(),
            consistency_proof: proof.iter().map(|hash| hash.to_vec()).collect(),
        })
    }

    /// Rows of a log from index `from` on, below `to`, among which there may be some for a peer; all of them, or those chosen.
    async fn rows_for(
        &self,
        tx: &mut Tx,
        peer: &VerifiedPeer,
        log: &ServedLog,
        only: &[u64],
        (from, to): (u64, u64),
    ) -> Result<Vec<OpeningRow>, AppError> {
        let chosen = only.iter().filter(|&&index| index >= from && index < to);
        let ranges: Vec<_> = match only.is_empty() {
            true => vec![(from, to)],
            false => chosen.map(|&index| (index, index.saturating_add(1))).collect(),
        };
        let mut rows = Vec::new();
        for (from, to) in ranges {
            rows.extend(match log.whose {
                Whose::Own => tx.openings(log.id, from, to, OPENING_ROWS).await?,
                _ => tx.passable(log.id, &peer.reader().node, from, to, OPENING_ROWS).await?,
            });
        }
        Ok(rows)
    }

    /// The next openings of a log from index `from` on, below `to`, that the peer asks for and may read. They are in the
    /// disclosure ledger when this returns.
    ///
    /// # Errors
    /// [`AppError::Paused`], or [`AppError::DailyBytes`] when the next one has to wait for tomorrow.
    pub async fn openings_for(
        &self,
        peer: &VerifiedPeer,
        log: &ServedLog,
        selection: &Selection,
        (from, to): (u64, u64),
    ) -> Result<pb::OpeningBatch, AppError> {
        let (now, reader) = (self.clock.now(), peer.reader());
        if log.whose == Whose::Theirs {
            // No disclosure: they had written it.
            let rows = self.store.read().await?.openings(log.id, from, to, OPENING_ROWS).await?;
            return batch(rows, from, to, u64::MAX, |_| Ok(true));
        }
        let mut tx = self.read_to_give().await?;
        let rows = self.rows_for(&mut tx, peer, log, &selection.only, (from, to)).await?;
        let allowance = self.allowance_today(&mut tx, peer, now).await?;
        let own = log.whose == Whose::Own;
        drop(tx);
        let admission = Admission { reader, own, now };
        let batch = batch(rows, from, to, allowance.left(), |row| {
            let terms = admission.terms(row)?;
            Ok(terms.is_some_and(|terms| selection.wants(row.index, terms.body)))
        })?;
        if batch.settled_to <= from {
            return Err(used_up(allowance, now)); // what comes next has to wait for tomorrow
        }
        let indices = batch.openings.iter().map(|opening| opening.index).collect();
        let bytes = batch.openings.iter().map(counted).sum();
        self.note_given((peer, log), allowance, &Giving { indices, bytes, titles: false }, now).await?;
        Ok(batch)
    }
}

/// The bytes of an opening that count against the quota of a day.
fn counted(opening: &pb::Opening) -> u64 {
    (opening.salt.len() + opening.envelope.len()) as u64
}

fn used_up(Allowance { allowed, used }: Allowance, now: Timestamp) -> AppError {
    AppError::DailyBytes { allowed, used, retry_after: quota::seconds_to_tomorrow(now) }
}

/// The openings among `rows` that are `admitted`, as many as one batch may hold, and as long as fewer than `left` bytes are
/// in it. If not even the first may be sent, nothing is settled.
fn batch(
    rows: Vec<OpeningRow>,
    from: u64,
    head: u64,
    left: u64,
    admitted: impl Fn(&OpeningRow) -> Result<bool, AppError>,
) -> Result<pb::OpeningBatch, AppError> {
    let begin = rows.first().map_or(from, |row| row.index);
    let full = rows.len() as u64 == u64::from(OPENING_ROWS);
    let mut settled_to = rows.last().filter(|_| full).map_or(head, |row| row.index + 1);
    let mut openings = Vec::new();
    let (mut bytes, mut spent) = (0, 0);
    for row in rows {
        let index = row.index;
        // Purged records leave gaps; a batch spans no more indices than a receiver takes.
        if bytes >= OPENING_BYTES || index - begin >= limits::OPENING_SPAN {
            settled_to = index;
            break;
        }
        if admitted(&row)? {
            if spent >= left {
                settled_to = index;
                break;
            }
            bytes += row.envelope.len();
            let opening = pb::Opening { index, salt: row.salt.to_vec(), envelope: row.envelope.into() };
            spent += counted(&opening);
            openings.push(opening);
        }
    }
    Ok(pb::OpeningBatch { openings, settled_to })
}

/// On which terms a record was released.
pub(super) struct Terms {
    /// Its policy.
    pub(super) policy: Policy,
    /// When.
    pub(super) released_at: Timestamp,
    /// What it is.
    pub(super) sort: Sort,
    /// What it says.
    pub(super) body: Option<PbBody>,
}

/// On which terms a record was released. Its signature was checked when it came to be held.
pub(super) fn terms_of(row: &OpeningRow) -> Result<Terms, AppError> {
    let envelope = pb::Envelope::decode(&row.envelope[..]).map_err(StoreError::corrupt)?;
    let record = pb::Record::decode(&envelope.payload[..]).map_err(StoreError::corrupt)?;
    let created_at = record.created_at.ok_or_else(|| StoreError::corrupt("a record without a time"))?;
    let policy = record.policy.ok_or_else(|| StoreError::corrupt("a record without a policy"))?;
    let sort = wire::record::sort(record.body.as_ref());
    let released_at = wire::time("created_at", &created_at)?;
    Ok(Terms { policy: policy.try_into()?, released_at, sort, body: record.body })
}
