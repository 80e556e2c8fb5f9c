//! Peering: invited by a ticket, proposed, accepted by a person on each side, ended by either.

use std::collections::BTreeSet;

use cairn_proto::{
    envelope::{self, PayloadType},
    ids::NodeId,
    pb::exchange as pb,
    ticket::Ticket,
};
use jiff::{SignedDuration, Timestamp, civil::Date};
use prost::Message as _;
use sha2::{Digest as _, Sha256};

use super::{App, AppError, actor::Operator};
use crate::{
    domain::{
        audit::Event,
        learning::Id,
        peer::{Contract, Peering, Side, Standing, Terms},
        policy::{Membership, Purpose, Reader},
        subscription::Depth,
        text::{Line, Prose},
    },
    store::{InvitationRow, MemberRow, PeeringRow, StoreError, Tx},
    wire::{
        self,
        contract::{self, contract_hash},
    },
};

/// How long a ticket is good for, unless said otherwise.
const TICKET_DAYS: u32 = 14;
/// Longest life of a ticket.
const TICKET_DAYS_MOST: u32 = 90;
/// Both sides look at a contract again after a year.
const REVIEW: SignedDuration = SignedDuration::from_hours(24 * 365);

/// Bytes of a MiB.
const MIB: u64 = 1024 * 1024;

/// What a ticket is to offer.
#[derive(Clone, Debug)]
pub struct Offered {
    /// Purposes of the peering.
    pub purposes: BTreeSet<Purpose>,
    /// May each side relay the other's records where their policies allow it?
    pub relay: bool,
    /// MiB of openings each side may fetch in a day; 0: as the protocol has it.
    pub daily_mib: u32,
    /// Days until the ticket is void; 0: fourteen.
    pub valid_days: u32,
}

/// A ticket, ready to be handed over.
#[derive(Clone, Debug)]
pub struct Invitation {
    /// The text.
    pub ticket: String,
    /// When it becomes void.
    pub expires_at: Timestamp,
}

impl App {
    /// Makes a ticket that offers a peering.
    ///
    /// # Errors
    /// [`AppError::Argument`] for a ticket that would be good for too long.
    pub async fn invite(&self, _: &Operator, offer: &Offered) -> Result<Invitation, AppError> {
        let Offered { purposes, relay, daily_mib, valid_days } = offer;
        let days = if *valid_days == 0 { TICKET_DAYS } else { *valid_days };
        if days > TICKET_DAYS_MOST {
            return Err(AppError::Argument(format!("a ticket is good for at most {TICKET_DAYS_MOST} days")));
        }
        let now = self.clock.now();
        let expires_at = now + SignedDuration::from_hours(24 * i64::from(days));
        let secret: [u8; 16] = self.entropy.bytes()?;
        let mut tx = self.store.write().await?;
        let ticket = Ticket {
            node_id: self.keys.node_id(),
            endpoint: self.endpoint.to_string(),
            name: self.own_name(&mut tx).await?.ok_or(AppError::Unnamed)?,
            secret,
            expires_at: expires_at.as_second(),
            purposes: wire::policy::purposes_to_pb(purposes),
            relay: *relay,
            review_on: review_day(now).to_string(),
            daily_bytes: u64::from(*daily_mib) * MIB,
        };
        ticket.check()?;
        let Ticket { purposes, relay, daily_bytes, .. } = ticket.clone();
        let terms = pb::PeeringContract { purposes, relay, daily_bytes, ..Default::default() };
        tx.add_invitation(&InvitationRow {
            secret_hash: Sha256::digest(secret).into(),
            terms: terms.encode_to_vec(),
            expires_at,
            used_by: None,
        })
        .await?;
        tx.commit().await?;
        Ok(Invitation { ticket: ticket.to_string(), expires_at })
    }

    /// Accepts a ticket (our proposal is sent as soon as the other node is reached), a proposal that waits here, or that a
    /// peer was recovered. `depth`: how far back it is followed.
    ///
    /// # Errors
    /// [`AppError`] when the ticket is no good or nothing waits.
    pub async fn accept(
        &self,
        who: &Operator,
        what: &str,
        name: &str,
        depth: Option<Depth>,
    ) -> Result<Peering, AppError> {
        let name = Line::optional("name", name)?;
        let mut tx = self.store.write().await?;
        let mut row = match looks_like_ticket(what) {
            true => self.accept_ticket(&mut tx, &what.parse()?, name.as_ref()).await?,
            false => self.peer_called(&mut tx, what).await?,
        };
        if row.standing == Standing::Proposed(Side::Them) {
            envelope::countersign(&mut row.contract, &self.keys.signing());
            row.standing = Standing::Active;
            row.since = self.clock.now();
            row.name = name.map_or(row.name, |name| name.to_string());
        } else if self.confirm_recovery(&mut tx, who, &row.node).await? {
            tx.commit().await?;
            self.signals.keys_changed(); // so that it is called again at once
            self.signals.peers_changed(&row.node);
            return peering(&row);
        } else if !looks_like_ticket(what) {
            let hint = "only a proposal from the other side, or its recovery, can be accepted";
            return Err(AppError::Standing { name: row.name, standing: row.standing, hint });
        }
        self.save_renamed(&mut tx, &row).await?;
        if let Some(depth) = depth {
            self.follow_from(&mut tx, &row.node, depth).await?;
        }
        tx.commit().await?;
        self.signals.follow_changed();
        self.signals.peers_changed(&row.node);
        peering(&row)
    }

    async fn accept_ticket(
        &self,
        tx: &mut Tx,
        ticket: &Ticket,
        name: Option<&Line>,
    ) -> Result<PeeringRow, AppError> {
        let now = self.clock.now();
        if ticket.node_id == self.keys.node_id() {
            return Err(AppError::OwnTicket);
        }
        if ticket.expires_at <= now.as_second() {
            return Err(AppError::TicketExpired(Timestamp::from_second(ticket.expires_at).unwrap_or(now)));
        }
        self.not_blocked(tx, &ticket.node_id).await?;
        if let Some(row) = tx.peering(&ticket.node_id).await? {
            match row.standing {
                Standing::Proposed(Side::Them) => return Ok(row),
                Standing::Ended(_) => {}
                standing => {
                    let hint = "there is nothing more to accept; `cairn peer show` tells more";
                    return Err(AppError::Standing { name: row.name, standing, hint });
                }
            }
        }
        let terms = Terms::new(
            wire::policy::purposes_from_pb(&ticket.purposes)?,
            ticket.relay,
            ticket.daily_bytes,
            Some(review_day(now)),
        );
        let given = name.map_or(ticket.name.as_str(), Line::as_str);
        let name = match name {
            Some(name) => name.to_string(),
            None => self.free_name(tx, given, &ticket.node_id).await?,
        };
        let contract =
            Contract { proposer: self.keys.node_id(), accepter: ticket.node_id, terms, proposed_at: now };
        let payload = contract::encode(&contract, self.entropy.bytes()?);
        Ok(PeeringRow {
            node: ticket.node_id,
            name,
            endpoint: ticket.endpoint.clone(),
            standing: Standing::Proposed(Side::Us),
            reason: String::new(),
            since: now,
            contract: envelope::sign(PayloadType::PeeringContract, payload, &[&self.keys.signing()]),
            invitation: Some(ticket.secret.to_vec()),
            last_contact: None,
            last_error: String::new(),
            software: String::new(),
            by_us: None,
            by_them: None,
        })
    }

    /// Ends a peering at once; the other side is told as soon as it is reached.
    ///
    /// # Errors
    /// [`AppError::NotFound`], or [`AppError::Standing`] when it has ended already.
    pub async fn remove(&self, who: &Operator, name: &str, reason: &str) -> Result<Peering, AppError> {
        let reason = Prose::new("reason", reason)?;
        let mut tx = self.store.write().await?;
        let mut row = self.peer_called(&mut tx, name).await?;
        if matches!(row.standing, Standing::Ended(_)) {
            let hint = "nothing flows any more";
            return Err(AppError::Standing { name: row.name, standing: row.standing, hint });
        }
        self.end(&mut tx, &mut row, Side::Us, reason.to_string()).await?;
        let words = format!("{}: ended by us: {reason}", row.name);
        self.audit(&mut tx, who.by(), Event::Standing, None, words).await?;
        tx.commit().await?;
        self.signals.peers_changed(&row.node);
        peering(&row)
    }

    /// All peerings, by name.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn peerings(&self, _: &Operator) -> Result<Vec<Peering>, AppError> {
        let mut tx = self.store.read().await?;
        let mut all = self.all_peerings(&mut tx).await?;
        for peering in &mut all {
            peering.recovered = tx.recovery(&peering.node).await?.is_some();
            peering.succeeded = self.succeeded(&mut tx, &peering.node).await?;
        }
        Ok(all)
    }

    /// One peering.
    ///
    /// # Errors
    /// [`AppError::NotFound`].
    pub async fn peering(&self, _: &Operator, name: &str) -> Result<Peering, AppError> {
        let mut tx = self.store.read().await?;
        let peering = peering(&self.peer_called(&mut tx, name).await?)?;
        let recovered = tx.recovery(&peering.node).await?.is_some();
        Ok(Peering { recovered, succeeded: self.succeeded(&mut tx, &peering.node).await?, ..peering })
    }

    /// A peer as a reader of our records, with the groups it belongs to; `None` if it is no active peer, or suspended.
    pub(crate) async fn reader(&self, tx: &mut Tx, peering: &Peering) -> Result<Option<Reader>, AppError> {
        let Some(mut reader) = peering.reader() else { return Ok(None) };
        for MemberRow { group, since, earlier, .. } in tx.memberships_of(&peering.node).await? {
            let group = Id::new(&group).map_err(StoreError::corrupt)?;
            reader.groups.insert(group, Membership { since, earlier });
        }
        Ok(Some(reader))
    }

    pub(crate) async fn all_peerings(&self, tx: &mut Tx) -> Result<Vec<Peering>, AppError> {
        tx.peerings().await?.iter().map(peering).collect()
    }

    /// Saves a peering whose name a person chose.
    async fn save_renamed(&self, tx: &mut Tx, row: &PeeringRow) -> Result<(), AppError> {
        match tx.save_peering(row).await {
            Err(StoreError::Conflict(_)) => Err(AppError::NameTaken(row.name.clone())),
            done => Ok(done?),
        }
    }

    /// A name that no other peer has: the given one, or that with the beginning of the NodeId.
    pub(super) async fn free_name(&self, tx: &mut Tx, name: &str, node: &NodeId) -> Result<String, AppError> {
        let taken = tx.peerings().await?;
        let taken = taken.iter().any(|p| p.node != *node && p.name.eq_ignore_ascii_case(name));
        Ok(if taken { format!("{name} ({})", node.short()) } else { name.to_owned() })
    }
}

impl Standing {
    /// In a word or two.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::Proposed(Side::Us) => "proposed by us",
            Self::Proposed(Side::Them) => "proposed by them",
            Self::Active => "active",
            Self::Ended(_) => "ended",
        }
    }
}

/// Reads the terms of a stored peering from its contract.
pub(crate) fn peering(row: &PeeringRow) -> Result<Peering, AppError> {
    let contract = pb::PeeringContract::decode(&row.contract.payload[..]).map_err(StoreError::corrupt)?;
    let contract = Contract::try_from(contract).map_err(StoreError::corrupt)?;
    Ok(Peering {
        node: row.node,
        name: row.name.clone(),
        endpoint: row.endpoint.clone(),
        standing: row.standing,
        reason: row.reason.clone(),
        since: row.since,
        terms: contract.terms,
        contract_hash: contract_hash(&row.contract),
        last_contact: row.last_contact,
        last_error: row.last_error.clone(),
        software: row.software.clone(),
        recovered: false,
        succeeded: None,
        by_us: row.by_us.clone(),
        by_them: row.by_them.clone(),
    })
}

fn looks_like_ticket(text: &str) -> bool {
    text.trim_start().to_ascii_lowercase().starts_with("cairninvite")
}

fn review_day(now: Timestamp) -> Date {
    (now + REVIEW).to_zoned(jiff::tz::TimeZone::UTC).date()
}
