//! Witnessing: what we follow we cosign, what others cosign of ours stands beside our head, and how a log stands with those
//! whose cosignatures this place asks for.

use cairn_proto::{
    checkpoint::{self, Checkpoint},
    identity::Identity,
    ids::NodeId,
    note::SignedNote,
    pb::exchange as pb,
};
use jiff::Timestamp;

use super::{App, AppError};
use crate::{
    domain::witness::{COSIGN_AGAIN, Cosigned, Witnessed},
    store::{CosignatureRow, LogRow, StoreError, Tx},
};

/// Who has cosigned a log, and what that is worth here.
#[derive(Clone, Debug, Default)]
pub struct Witnesses {
    /// By the newest cosignature first.
    pub by: Vec<Witness>,
    /// How the newest head stands with those who were named here.
    pub witnessed: Witnessed,
    /// The same in words.
    pub words: String,
}

/// One who has cosigned.
#[derive(Clone, Debug)]
pub struct Witness {
    /// Our name for it.
    pub name: String,
    /// Which head, and when.
    pub cosigned: Cosigned,
}

impl App {
    /// The newest head of a log with the cosignatures that are held for it; first those of witnesses who were named here.
    pub(crate) async fn dressed(&self, tx: &mut Tx, log: &LogRow) -> Result<String, AppError> {
        let mut rows = tx.cosignatures(log.id).await?;
        rows.retain(|row| row.size == log.head_size);
        if rows.is_empty() {
            return Ok(log.checkpoint.clone());
        }
        rows.sort_by_key(|row| !self.witnesses.named.contains(&row.witness));
        let lines = rows.into_iter().map(|row| row.line);
        let note = checkpoint::with_cosignatures(&log.checkpoint, lines);
        Ok(note.map_err(StoreError::corrupt)?)
    }

    /// The identity chains of those whose cosignatures [`App::dressed`] shows.
    pub(super) async fn witness_identities(
        &self,
        tx: &mut Tx,
        log: &LogRow,
    ) -> Result<Vec<pb::WitnessIdentity>, AppError> {
        let note = self.dressed(tx, log).await?;
        let mut witnesses = Vec::new();
        for row in tx.cosignatures(log.id).await?.into_iter().filter(|row| row.size == log.head_size) {
            let Some(identity) = tx.identity(&row.witness).await? else { continue };
            // Not one for whom there was no room, nor one whose key was recovered since.
            if checkpoint::verify_cosignature(&note, &identity).is_ok() {
                witnesses.push(pb::WitnessIdentity { identity: identity.events().to_vec() });
            }
        }
        Ok(witnesses)
    }

    /// Keeps the cosignatures of a note whose head is the newest one held of a log, as far as their witnesses are known here.
    /// Gives whether one of them is new.
    pub(super) async fn keep_cosignatures(
        &self,
        tx: &mut Tx,
        log: &LogRow,
        size: u64,
        note: &str,
    ) -> Result<bool, AppError> {
        let Ok(signed) = SignedNote::parse(note) else { return Ok(false) };
        let held = tx.cosignatures(log.id).await?;
        let mut kept = false;
        for name in signed.signatures.into_iter().map(|line| line.name) {
            let Some(witness) = name.strip_prefix("cairn/").and_then(|id| id.parse::<NodeId>().ok()) else {
                continue;
            };
            // Nobody is a witness of its own log, and what we cosigned ourselves we know.
            if witness == log.origin || witness == self.keys.node_id() {
                continue;
            }
            let Some(identity) = tx.identity(&witness).await? else { continue };
            let Ok((seconds, line)) = checkpoint::cosignature(note, &identity) else { continue };
            let Some(at) = i64::try_from(seconds).ok().and_then(|at| Timestamp::from_second(at).ok()) else {
                continue;
            };
            let known = held.iter().find(|row| row.witness == witness);
            if known.is_none_or(|row| (row.size, row.at) < (size, at)) {
                tx.save_cosignature(log.id, &CosignatureRow { witness, size, at, line }).await?;
                kept = true;
            }
        }
        Ok(kept)
    }

    /// Cosigns a head that was verified to continue what we hold, in the transaction that keeps it. Not while we cannot know
    /// what we cosigned before, and not for an author of two logs.
    pub(super) async fn cosign(&self, tx: &mut Tx, log: &LogRow, note: &str) -> Result<bool, AppError> {
        let own = self.keys.node_id();
        if note.is_empty() || tx.gate().await?.is_some() || tx.fork(&log.origin).await?.is_some() {
            return Ok(false);
        }
        let now = self.clock.now();
        let before = tx.cosignatures(log.id).await?.into_iter().find(|row| row.witness == own);
        let done = before.is_some_and(|row| {
            row.size > log.head_size
                || (row.size == log.head_size && now.duration_since(row.at) < COSIGN_AGAIN)
        });
        if done {
            return Ok(false);
        }
        let keys = self.keys.in_force();
        let seconds = u64::try_from(now.as_second()).unwrap_or_default();
        let cosigned = checkpoint::cosign(note, &own, keys.witness(), seconds);
        let (_, line) = cosigned
            .and_then(|note| checkpoint::cosignature(&note, keys.identity()))
            .map_err(StoreError::corrupt)?;
        let row = CosignatureRow { witness: own, size: log.head_size, at: now, line };
        tx.save_cosignature(log.id, &row).await?;
        Ok(true)
    }

    /// Keeps what others have cosigned of a head that is held already.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn take_cosignatures(
        &self,
        author: &Identity,
        head: &Checkpoint,
        note: &str,
    ) -> Result<(), AppError> {
        if note.lines().count() <= HEAD_LINES {
            return Ok(());
        }
        let mut tx = self.store.write().await?;
        let Some(log) = tx.log(&author.node_id()).await? else { return Ok(()) };
        let same = log.head_size == head.size
            && log.frontier.size() == head.size
            && log.frontier.root() == head.root;
        if same && self.keep_cosignatures(&mut tx, &log, head.size, note).await? {
            tx.commit().await?;
        }
        Ok(())
    }

    /// Who has cosigned a log.
    pub(crate) async fn witnesses(&self, tx: &mut Tx, log: &LogRow) -> Result<Witnesses, AppError> {
        let rows = tx.cosignatures(log.id).await?;
        let cosigned: Vec<_> =
            rows.iter().map(|row| Cosigned { witness: row.witness, size: row.size, at: row.at }).collect();
        let witnessed = self.witnesses.judge(log.head_size, &cosigned, self.clock.now());
        let mut by = Vec::new();
        for cosigned in cosigned {
            by.push(Witness { name: self.name_of(tx, &cosigned.witness).await?, cosigned });
        }
        Ok(Witnesses { by, witnessed, words: self.witnesses.words(witnessed) })
    }
}

/// A head of three lines, an empty one, and the signature of its author: nobody has cosigned it.
const HEAD_LINES: usize = 5;
