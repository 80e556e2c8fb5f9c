//! How the node is, and how far it has followed each peer.

use cairn_proto::ids::NodeId;
use jiff::Timestamp;

use super::{
    App, AppError,
    actor::Operator,
    peering::peering,
    witness::{Witness, Witnesses},
};
use crate::{
    domain::{
        learning::Kind,
        peer::{Peering, Side, Standing},
        subscription::{Depth, Subscription},
        sync::Plan,
    },
    store::Tx,
};

/// How the following of an author stands that signed two logs.
const FORKED: &str = "stopped: its author signed two different logs; what it withdraws is followed";

/// How the node is.
#[derive(Clone, Debug)]
pub struct Status {
    /// Name of the place, if set.
    pub name: Option<String>,
    /// Our NodeId.
    pub node: NodeId,
    /// Records in our own log.
    pub log_size: u64,
    /// Active peers.
    pub active_peers: u32,
    /// Proposals that wait for our answer.
    pub waiting_peers: u32,
    /// Experiments at home.
    pub experiments: u64,
    /// Records held from peers.
    pub held_records: u64,
    /// Since when sharing is paused.
    pub paused_since: Option<Timestamp>,
    /// Withdrawals of ours of which some holder has not said that it purged.
    pub open_withdrawals: usize,
    /// Who has cosigned our log.
    pub cosigned_by: Vec<Witness>,
    /// Why nothing is signed here for now.
    pub gate_closed: Option<String>,
    /// Who goes on in our place, in words.
    pub succeeded: Option<String>,
}

/// How far we have followed the log of a peer, or one that a peer passes on.
#[derive(Clone, Debug)]
pub struct Following {
    /// Our name for its author.
    pub name: String,
    /// Its author.
    pub node: NodeId,
    /// Our names for those who pass it on; empty for a peer.
    pub via: String,
    /// Last successful contact with the author, by us or by who passes it on.
    pub last_contact: Option<Timestamp>,
    /// What went wrong last.
    pub last_error: String,
    /// In words.
    pub state: String,
    /// Leaves held and verified.
    pub leaves: u64,
    /// Openings settled below this index.
    pub settled_to: u64,
    /// Records held.
    pub held: u64,
    /// Who has cosigned it, and what that is worth here.
    pub witnesses: Witnesses,
}

/// How far a log is followed, with what the people of this place chose to leave out.
fn chosen(state: &str, followed: &Subscription) -> String {
    match (followed.paused, followed.is_narrow() || followed.depth != Depth::All) {
        (true, _) => "paused by your choice; what is withdrawn is followed".to_owned(),
        (false, true) => format!("{state} with what you chose to follow: {}", followed.what()),
        (false, false) => state.to_owned(),
    }
}

impl App {
    /// How the node is.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn status(&self, who: &Operator) -> Result<Status, AppError> {
        let node = self.keys.node_id();
        let now = self.clock.now();
        let open_withdrawals = self.withdrawals(who, "").await?.iter().filter(|w| w.is_open(now)).count();
        let mut tx = self.store.read().await?;
        let peers = tx.peerings().await?;
        let count = |standing| peers.iter().filter(|p| p.standing == standing).count();
        let mut held_records = 0;
        for log in tx.logs().await? {
            if log.origin != node {
                held_records += tx.held_count(log.id).await?;
            }
        }
        let cosigned_by = match tx.log(&node).await? {
            Some(log) => self.witnesses(&mut tx, &log).await?.by,
            None => Vec::new(),
        };
        Ok(Status {
            cosigned_by,
            succeeded: self.own_succession(&mut tx).await?.map(|succeeded| succeeded.words()),
            gate_closed: tx.gate().await?.map(|gate| gate.reason),
            name: self.own_name(&mut tx).await?,
            node,
            log_size: tx.log(&node).await?.map_or(0, |log| log.head_size),
            active_peers: u32::try_from(count(Standing::Active)).unwrap_or(u32::MAX),
            waiting_peers: u32::try_from(count(Standing::Proposed(Side::Them))).unwrap_or(u32::MAX),
            experiments: tx.count_documents(Kind::Experiment.word()).await?,
            held_records,
            paused_since: tx.paused().await?.map(|pause| pause.at),
            open_withdrawals,
        })
    }

    /// How far we have followed each peer.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn sync_status(&self, _: &Operator) -> Result<Vec<Following>, AppError> {
        let mut tx = self.store.read().await?;
        let mut all = Vec::new();
        for row in tx.peerings().await? {
            let peering = peering(&row)?;
            let log = tx.log(&row.node).await?;
            let (leaves, settled_to, held, witnesses) = match &log {
                Some(log) => {
                    let held = tx.held_count(log.id).await?;
                    (log.frontier.size(), log.settled_to, held, self.witnesses(&mut tx, log).await?)
                }
                None => Default::default(),
            };
            let state = match self.is_forked(&mut tx, &row.node).await? {
                true => FORKED.to_owned(),
                false => {
                    let followed = tx.subscription(&row.node).await?;
                    self.following_words(&peering, leaves, settled_to, &followed)
                }
            };
            let state = self.with_succession(&mut tx, &row.node, state).await?;
            let Peering { node, name, last_contact, last_error, .. } = peering;
            let via = String::new();
            all.push(Following {
                name,
                node,
                via,
                last_contact,
                last_error,
                state,
                leaves,
                settled_to,
                held,
                witnesses,
            });
        }
        all.extend(self.carried_logs(&mut tx).await?);
        Ok(all)
    }

    /// How far we have followed logs that peers pass on.
    async fn carried_logs(&self, tx: &mut Tx) -> Result<Vec<Following>, AppError> {
        let mut all = Vec::new();
        for log in tx.logs().await? {
            let via = self.via(tx, log.id, &log.origin).await?;
            if via.is_empty() {
                continue;
            }
            let settled = tx.carriers(log.id).await?.into_iter().map(|carrier| carrier.settled_to).max();
            let state = match self.is_forked(tx, &log.origin).await? {
                true => FORKED.to_owned(),
                false => chosen("followed through others", &tx.subscription(&log.origin).await?),
            };
            let state = self.with_succession(tx, &log.origin, state).await?;
            all.push(Following {
                name: self.name_of(tx, &log.origin).await?,
                node: log.origin,
                via,
                last_contact: (log.heard_at > Timestamp::UNIX_EPOCH).then_some(log.heard_at),
                last_error: String::new(),
                state,
                witnesses: self.witnesses(tx, &log).await?,
                leaves: log.frontier.size(),
                settled_to: settled.unwrap_or_default(),
                held: tx.held_count(log.id).await?,
            });
        }
        Ok(all)
    }

    /// How following stands, and who goes on in the place of an author, if that was said.
    async fn with_succession(&self, tx: &mut Tx, node: &NodeId, state: String) -> Result<String, AppError> {
        let succeeded = self.succeeded(tx, node).await?;
        Ok(succeeded
            .map_or(state.clone(), |by| format!("{state}; {}; what it withdraws is followed", by.words())))
    }

    fn following_words(
        &self,
        peering: &Peering,
        leaves: u64,
        settled_to: u64,
        followed: &Subscription,
    ) -> String {
        if peering.standing != Standing::Active {
            return peering.words();
        }
        if !peering.last_error.is_empty() {
            return format!("not reachable or refused: {}", peering.last_error);
        }
        match (peering.last_contact, self.signals.glimpse(&peering.node).plan) {
            (None, _) => "not reached yet".to_owned(),
            (Some(_), Some(Plan::Behind { .. })) => {
                "stopped: the author offers less than is held here".to_owned()
            }
            _ if settled_to < leaves => chosen("catching up", followed),
            _ => chosen("up to date", followed),
        }
    }

    /// How far a peer's clock was ahead of ours at the last contact.
    pub(crate) fn clock_ahead(&self, node: &NodeId) -> Option<jiff::SignedDuration> {
        self.signals.glimpse(node).ahead
    }

    /// Notes a successful contact with a peer, or why there was none.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn note_contact(
        &self,
        node: &NodeId,
        at: Option<Timestamp>,
        error: &str,
    ) -> Result<(), AppError> {
        let mut tx = self.store.write().await?;
        tx.note_contact(node, at, error).await?;
        tx.commit().await?;
        Ok(())
    }
}
