//! What other nodes may say to us before and about a peering: who they are, a proposal, an
//! acceptance, an end.

use cairn_proto::{identity::Identity, ids::NodeId, limits, pb::exchange as pb};
use sha2::{Digest as _, Sha256};

use super::{
    App, AppError,
    actor::{Caller, Operator, VerifiedPeer},
    peering::peering,
};
use crate::{
    domain::{
        audit::Event,
        peer::{Contract, Peering, Side, Standing},
        quota::Allowance,
        text::{Line, Prose},
    },
    store::{PeeringRow, Tx},
    wire::{
        self,
        contract::{self, contract_hash},
    },
};

/// Most proposals that wait for an answer: a flood of strangers fills no disk.
const WAITING_MOST: usize = 100;

impl App {
    /// Works out who a caller is: by the identity chain it presents, or by the chain we hold.
    /// A chain that we hold already may grow, never change.
    ///
    /// # Errors
    /// [`AppError::NotAPeer`] when the chain and the TLS key do not belong together.
    pub async fn caller(&self, tls_key: &[u8; 32], presented: &[pb::Envelope]) -> Result<Caller, AppError> {
        let refused = |reason: String| AppError::NotAPeer { standing: None, reason };
        let mut tx = self.store.read().await?;
        let identity = if presented.is_empty() {
            let node = tx.node_with_key(tls_key).await?;
            let node = node.ok_or_else(|| refused("this node does not know the caller".into()))?;
            tx.identity(&node).await?
        } else {
            if presented.len() > limits::IDENTITY_EVENTS {
                return Err(refused("the identity chain is too long".into()));
            }
            Some(
                Identity::verify(presented)
                    .map_err(|e| refused(format!("the identity does not verify: {e}")))?,
            )
        };
        let identity = identity.ok_or_else(|| refused("this node does not know the caller".into()))?;
        let known = tx.identity(&identity.node_id()).await?;
        drop(tx);
        let caller = Caller::proven(identity, tls_key)
            .ok_or_else(|| refused("the TLS key is not the current signing key of that identity".into()))?;
        self.remember_identity(&caller, known).await?;
        Ok(caller)
    }

    /// Keeps the newer chain of a node we know.
    async fn remember_identity(&self, caller: &Caller, known: Option<Identity>) -> Result<(), AppError> {
        let Some(known) = known else { return Ok(()) };
        let identity = caller.identity();
        if !identity.extends(&known) {
            let reason = "the identity chain is not a continuation of the one known here".into();
            return Err(AppError::NotAPeer { standing: None, reason });
        }
        if identity.seq() > known.seq() {
            let tx = self.store.write().await?;
            self.keep_longer(tx, identity, &known).await?;
        }
        Ok(())
    }

    /// Keeps a longer chain of a node that we know. Whoever has a recovery key can take an identity over, rightly or not:
    /// a person here confirms that first.
    async fn keep_longer(&self, mut tx: Tx, longer: &Identity, known: &Identity) -> Result<(), AppError> {
        if longer.recoveries() == known.recoveries() {
            tx.save_identity(longer).await?;
            tx.commit().await?;
            self.tell_succession(longer, Some(known));
            self.signals.log_followed(longer.node_id());
            return Ok(());
        }
        let node = longer.node_id();
        if tx.recovery(&node).await?.is_none_or(|waits| waits.seq() < longer.seq()) {
            tx.save_recovery(longer).await?;
            tx.commit().await?;
        }
        Err(AppError::Recovered(node))
    }

    /// A person here confirms that a node was recovered: its new keys count from now on. Gives whether there was anything to
    /// confirm.
    pub(crate) async fn confirm_recovery(
        &self,
        tx: &mut Tx,
        who: &Operator,
        node: &NodeId,
    ) -> Result<bool, AppError> {
        let Some(recovered) = tx.recovery(node).await? else { return Ok(false) };
        self.tell_succession(&recovered, tx.identity(node).await?.as_ref());
        tx.save_identity(&recovered).await?;
        tx.forget_recovery(node).await?;
        if !self.is_forked(tx, node).await? {
            // What a stolen key signed beyond the trusted size proves nothing any more.
            tx.forget_fork(node).await?;
        }
        let words = format!("confirmed that {} was recovered", self.name_of(tx, node).await?);
        self.audit(tx, who.by(), Event::Keys, None, words).await?;
        Ok(true)
    }

    /// Remembers who answered our call and how far its clock is ahead of ours.
    ///
    /// # Errors
    /// [`AppError::NotAPeer`] when its chain is not a continuation of the one known here.
    pub async fn met(&self, identity: &Identity, hello: &pb::HelloResponse) -> Result<(), AppError> {
        let node = identity.node_id();
        let now = self.clock.now();
        let theirs = hello.now.as_ref().map(|at| wire::time("now", at)).transpose()?;
        self.signals.glimpsed(node, |glimpse| glimpse.ahead = theirs.map(|at| at.duration_since(now)));
        let mut tx = self.store.write().await?;
        if let Some(known) = tx.identity(&node).await? {
            if !identity.extends(&known) {
                let reason = "its identity chain is not a continuation of the one known here".into();
                return Err(AppError::NotAPeer { standing: None, reason });
            }
            if identity.seq() == known.seq() {
                return Ok(());
            }
            return self.keep_longer(tx, identity, &known).await;
        }
        tx.save_identity(identity).await?;
        tx.commit().await?;
        self.tell_succession(identity, None);
        Ok(())
    }

    /// Our side of a peering that is being agreed: the contract as far as it is signed, the
    /// secret of the invitation, and our name.
    ///
    /// # Errors
    /// [`AppError::NotAPeer`] when there is none.
    pub async fn proposal(&self, node: &NodeId) -> Result<(pb::Envelope, Vec<u8>, String), AppError> {
        let mut tx = self.store.read().await?;
        let row = tx.peering(node).await?;
        let row =
            row.ok_or_else(|| AppError::NotAPeer { standing: None, reason: "no peering exists".into() })?;
        let name = self.own_name(&mut tx).await?.unwrap_or_else(|| self.keys.node_id().short());
        Ok((row.contract, row.invitation.unwrap_or_default(), name))
    }

    /// Every node with which there is, was or may be a peering.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn all_nodes(&self) -> Result<Vec<NodeId>, AppError> {
        Ok(self.store.read().await?.peerings().await?.into_iter().map(|row| row.node).collect())
    }

    /// How we see the peering with a node; `None` for strangers.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn relationship(&self, node: &NodeId) -> Result<Option<Peering>, AppError> {
        self.store.read().await?.peering(node).await?.as_ref().map(peering).transpose()
    }

    /// How we see the peering with a caller that says `Hello`; it knows that from now on. What it says about its own side is
    /// taken note of.
    ///
    /// # Errors
    /// [`AppError::Record`] when what it says cannot be read.
    pub async fn greeted(
        &self,
        caller: &Caller,
        theirs: Option<pb::Relationship>,
    ) -> Result<Option<Peering>, AppError> {
        let node = caller.node();
        if theirs.is_some() {
            self.hear_standing(&node, &contract::seen(theirs)?).await?;
        }
        let peering = self.relationship(&node).await?;
        let told = peering.as_ref().and_then(|peering| peering.by_us.as_ref()).map(|ours| ours.degree);
        self.signals.glimpsed(node, |glimpse| glimpse.told = told);
        Ok(peering)
    }

    fn knows_our_word(&self, peering: &Peering) -> bool {
        self.signals.glimpse(&peering.node).told == peering.by_us.as_ref().map(|ours| ours.degree)
    }

    /// The caller as an active peer, looked up at this very call.
    ///
    /// # Errors
    /// [`AppError::NotAPeer`] with the standing and the reason, [`AppError::Suspended`], [`AppError::Blocked`].
    pub async fn active_peer(&self, caller: &Caller) -> Result<VerifiedPeer, AppError> {
        let mut tx = self.store.read().await?;
        self.not_blocked(&mut tx, &caller.node()).await?;
        let peering = tx.peering(&caller.node()).await?.as_ref().map(peering).transpose()?;
        let reader = match &peering {
            Some(peering) => self.reader(&mut tx, peering).await?,
            None => None,
        };
        match (&peering, reader) {
            // Whoever does not know that we hold back would take what is missing for settled.
            (Some(peering), Some(_)) if !self.knows_our_word(peering) => {
                let reason = "how we stand to each other has changed; say Hello again".to_owned();
                Err(AppError::NotAPeer { standing: Some(peering.standing), reason })
            }
            (Some(peering), Some(reader)) => Ok(VerifiedPeer::active(
                reader,
                peering.contract_hash,
                peering.relays(),
                peering.terms.daily_bytes,
            )),
            (Some(peering), None) if peering.standing == Standing::Active => {
                Err(AppError::Suspended { reason: peering.held_back() })
            }
            (other, _) => Err(AppError::NotAPeer {
                standing: other.as_ref().map(|peering| peering.standing),
                reason: other.as_ref().map_or("no peering exists".to_owned(), Peering::words),
            }),
        }
    }

    /// Takes a proposal. A person decides about it later.
    ///
    /// # Errors
    /// [`AppError`] when it cannot be accepted by anyone; nothing is kept then.
    pub async fn receive_proposal(
        &self,
        caller: &Caller,
        proposal: pb::PeeringProposal,
    ) -> Result<Peering, AppError> {
        let pb::PeeringProposal { contract: envelope, identity: _, name, endpoint, invitation } = proposal;
        let envelope = envelope.unwrap_or_default();
        let agreed = contract::open(&envelope, &[caller.identity()])?;
        let (node, us) = (caller.node(), self.keys.node_id());
        if agreed.proposer != node || agreed.accepter != us {
            return Err(AppError::NotParty(node));
        }
        let (name, endpoint) = (Line::new("name", &name)?, Line::new("endpoint", &endpoint)?);
        let mut tx = self.store.write().await?;
        let before = tx.peering(&node).await?;
        if let Some(row) =
            before.as_ref().filter(|row| contract_hash(&row.contract) == contract_hash(&envelope))
        {
            return peering(row); // told twice
        }
        self.may_propose(&mut tx, &node, before.as_ref(), !invitation.is_empty()).await?;
        if !invitation.is_empty() {
            self.redeem(&mut tx, &invitation, &node, &agreed).await?;
        }
        let name = match before {
            Some(row) => row.name,
            None => self.free_name(&mut tx, name.as_str(), &node).await?,
        };
        let row = PeeringRow {
            node,
            name,
            endpoint: endpoint.to_string(),
            standing: Standing::Proposed(Side::Them),
            reason: String::new(),
            since: self.clock.now(),
            contract: envelope,
            invitation: None,
            last_contact: None,
            last_error: String::new(),
            software: String::new(),
            by_us: None,
            by_them: None,
        };
        tx.save_identity(caller.identity()).await?;
        tx.save_peering(&row).await?;
        tx.commit().await?;
        self.signals.peers_changed(&row.node);
        peering(&row)
    }

    async fn may_propose(
        &self,
        tx: &mut Tx,
        node: &NodeId,
        before: Option<&PeeringRow>,
        invited: bool,
    ) -> Result<(), AppError> {
        let refuse = |row: &PeeringRow, hint| {
            Err(AppError::Standing { name: row.name.clone(), standing: row.standing, hint })
        };
        match before.map(|row| (row, row.standing)) {
            Some((row, Standing::Active)) => refuse(row, "end it first to agree on other terms"),
            Some((row, Standing::Ended(Side::Us))) if !invited => refuse(row, "a new invitation is needed"),
            // Both proposed at once: the proposal of the smaller NodeId stands on both sides.
            Some((row, Standing::Proposed(Side::Us))) if *node > self.keys.node_id() => {
                refuse(row, "our proposal is open; accept that one")
            }
            Some(_) => Ok(()),
            None => {
                let waiting = tx.peerings().await?;
                let waiting = waiting.iter().filter(|p| p.standing == Standing::Proposed(Side::Them)).count();
                if waiting < WAITING_MOST { Ok(()) } else { Err(AppError::ProposalsFull) }
            }
        }
    }

    async fn redeem(
        &self,
        tx: &mut Tx,
        secret: &[u8],
        node: &NodeId,
        agreed: &Contract,
    ) -> Result<(), AppError> {
        let hash = Sha256::digest(secret).into();
        let row = tx.invitation(&hash).await?.ok_or(AppError::Invitation)?;
        let void = row.expires_at <= self.clock.now() || row.used_by.is_some_and(|by| by != *node);
        let offered = <pb::PeeringContract as prost::Message>::decode(&row.terms[..]);
        let offered = offered.map_err(crate::store::StoreError::corrupt)?;
        let terms = crate::wire::policy::purposes_to_pb(&agreed.terms.purposes);
        let bytes = |agreed| Allowance::new(agreed, 0).allowed;
        let same = terms == offered.purposes
            && agreed.terms.relay == offered.relay
            && bytes(agreed.terms.daily_bytes) == bytes(offered.daily_bytes);
        if void || !same {
            return Err(AppError::Invitation);
        }
        tx.use_invitation(&hash, node).await?;
        Ok(())
    }

    /// Takes the other side's acceptance of our proposal.
    ///
    /// # Errors
    /// [`AppError`] when it is not our proposal, signed by both.
    pub async fn receive_acceptance(
        &self,
        caller: &Caller,
        acceptance: pb::PeeringAcceptance,
    ) -> Result<Peering, AppError> {
        let pb::PeeringAcceptance { contract: envelope, identity: _ } = acceptance;
        let envelope = envelope.unwrap_or_default();
        let mut tx = self.store.write().await?;
        let node = caller.node();
        let Some(mut row) = tx.peering(&node).await? else {
            return Err(AppError::NotAPeer { standing: None, reason: "no proposal of ours is open".into() });
        };
        let same = contract_hash(&row.contract) == contract_hash(&envelope);
        if row.standing == Standing::Active && same {
            return peering(&row); // told twice
        }
        if row.standing != Standing::Proposed(Side::Us) || !same {
            let hint = "no proposal of ours with that contract is open";
            return Err(AppError::Standing { name: row.name, standing: row.standing, hint });
        }
        contract::open(&envelope, &[&self.keys.identity(), caller.identity()])?;
        row.contract = envelope;
        row.standing = Standing::Active;
        row.since = self.clock.now();
        row.invitation = None;
        tx.save_identity(caller.identity()).await?;
        tx.save_peering(&row).await?;
        tx.commit().await?;
        self.signals.peers_changed(&row.node);
        peering(&row)
    }

    /// Takes note that the other side ended the peering.
    ///
    /// # Errors
    /// [`AppError::NotAPeer`] when there was none.
    pub async fn receive_end(&self, node: &NodeId, reason: &str) -> Result<Peering, AppError> {
        let reason = Prose::optional("reason", reason)?.map_or("no reason given".into(), |r| r.to_string());
        let mut tx = self.store.write().await?;
        let Some(mut row) = tx.peering(node).await? else {
            return Err(AppError::NotAPeer { standing: None, reason: "no peering exists".into() });
        };
        if !matches!(row.standing, Standing::Ended(_)) {
            self.end(&mut tx, &mut row, Side::Them, reason).await?;
            tx.commit().await?;
            self.signals.peers_changed(node);
        }
        peering(&row)
    }
}
