//! Our groups: made, joined with a choice about what was released before, left. Each change is told to the members.

use std::collections::BTreeSet;

use cairn_proto::ids::NodeId;

use super::{App, AppError, actor::Operator, withdraw::Wish};
use crate::{
    domain::{
        audit::Event,
        learning::{Id, Kind},
        peer::Standing,
        policy::{Audience, Card, Policy},
        record::{Body, Reference},
        text::{Line, Prose},
        withdrawal::{Group, Reason},
    },
    store::{GroupRow, MemberRow, PeeringRow, StoreError, Tx},
};

/// A member, by our name for it.
#[derive(Clone, Debug)]
pub struct Member {
    /// Our name for it.
    pub name: String,
    /// The member.
    pub row: MemberRow,
}

/// A group, its members and what is out to it.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The group.
    pub group: GroupRow,
    /// Its members.
    pub members: Vec<Member>,
    /// Indices of our own records that were released to it and are still out, with when.
    pub records: Vec<(u64, jiff::Timestamp)>,
}

impl App {
    /// Makes a group.
    ///
    /// # Errors
    /// [`AppError`] for a name or id that cannot be, one that is taken, or members that are no active peers.
    pub async fn new_group(
        &self,
        who: &Operator,
        name: &str,
        id: &str,
        about: &str,
        members: &[String],
    ) -> Result<Listed, AppError> {
        let name = Line::new("name", name)?;
        let id = match id.trim() {
            "" => Id::from_title(name.as_str(), Kind::Entry),
            id => Id::new(id).map_err(|error| AppError::Argument(error.to_string()))?,
        };
        let about = Prose::optional("about", about)?.map_or(String::new(), |about| about.to_string());
        let mut tx = self.change_groups().await?;
        if tx.groups().await?.iter().any(|group| group.id == id.as_str()) {
            return Err(AppError::Exists { what: format!("group {id}") });
        }
        let mut group = GroupRow { id: id.to_string(), name: name.to_string(), about, record: None };
        tx.save_group(&group).await?;
        for member in members {
            let peer = self.active(&mut tx, member).await?;
            // Nothing was released to it before.
            self.join(&mut tx, &group, peer.node, false).await?;
        }
        let words = format!("group {id} was made, with {} members", members.len());
        self.tell_members(&mut tx, who, &mut group, words).await?;
        self.finish(tx, &id).await
    }

    /// Takes a peer into a group; gives the indices of records that it will get of what was released before, too.
    ///
    /// # Errors
    /// [`AppError::Argument`] when it is not said whether it gets those, or it belongs to it already.
    pub async fn add_member(
        &self,
        who: &Operator,
        group: &str,
        peer: &str,
        earlier: Option<bool>,
    ) -> Result<(Listed, Vec<u64>), AppError> {
        let mut tx = self.change_groups().await?;
        let mut group = self.group_called(&mut tx, group).await?;
        let peer = self.active(&mut tx, peer).await?;
        let earlier = earlier.ok_or_else(|| undecided(&peer.name, &group.id))?;
        if !self.join(&mut tx, &group, peer.node, earlier).await? {
            return Err(AppError::Argument(format!(
                "{} belongs to the group {} already",
                peer.name, group.id
            )));
        }
        let before = if earlier { "with" } else { "without" };
        let words =
            format!("{} joined the group {}, {before} what was released to it before", peer.name, group.id);
        let id = group.id.clone();
        self.tell_members(&mut tx, who, &mut group, words).await?;
        let listed = self.finish(tx, &id).await?;
        let gets = listed.records.iter().filter(|_| earlier).map(|(index, _)| *index).collect();
        Ok((listed, gets))
    }

    /// A member leaves a group; gives the indices of the group's records that it may hold.
    ///
    /// # Errors
    /// [`AppError::Argument`] when it is no member.
    pub async fn remove_member(
        &self,
        who: &Operator,
        group: &str,
        peer: &str,
    ) -> Result<(Listed, Vec<u64>), AppError> {
        let mut tx = self.change_groups().await?;
        let mut group = self.group_called(&mut tx, group).await?;
        let peer = self.peer_called(&mut tx, peer).await?;
        if !tx.remove_member(&group.id, &peer.node).await? {
            return Err(AppError::Argument(format!(
                "{} does not belong to the group {}",
                peer.name, group.id
            )));
        }
        let words = format!("{} left the group {}", peer.name, group.id);
        let id = group.id.clone();
        self.tell_members(&mut tx, who, &mut group, words).await?;
        let listed = self.finish(tx, &id).await?;
        let mut tx = self.store.read().await?;
        let mut holds = Vec::new();
        if let Some(log) = tx.log(&self.keys.node_id()).await? {
            let given = tx.ledger(log.id, None, Some(&peer.node)).await?;
            let given: BTreeSet<_> =
                given.iter().filter(|row| !row.title_only).map(|row| row.record.index).collect();
            holds
                .extend(listed.records.iter().map(|(index, _)| *index).filter(|index| given.contains(index)));
        }
        Ok((listed, holds))
    }

    /// All groups, or one of them.
    ///
    /// # Errors
    /// [`AppError::NotFound`].
    pub async fn groups(&self, _: &Operator, id: &str) -> Result<Vec<Listed>, AppError> {
        let mut tx = self.store.read().await?;
        let groups = match id.trim() {
            "" => tx.groups().await?,
            id => vec![self.group_called(&mut tx, id).await?],
        };
        let mut listed = Vec::new();
        for group in groups {
            listed.push(self.listed_group(&mut tx, group).await?);
        }
        Ok(listed)
    }

    /// The group with this id.
    pub(crate) async fn group_called(&self, tx: &mut Tx, id: &str) -> Result<GroupRow, AppError> {
        let id = id.trim().to_lowercase();
        let found = tx.groups().await?.into_iter().find(|group| group.id == id);
        found.ok_or_else(|| AppError::NotFound {
            what: "a group",
            name: id.chars().take(100).collect(),
            hint: "`cairn group list` shows our groups",
        })
    }

    /// A transaction that changes groups. Whoever else changes one now waits for its lock, so that each change is told of
    /// once and takes back what was told before it.
    async fn change_groups(&self) -> Result<Tx, AppError> {
        let mut tx = self.write_signed().await?;
        tx.log_for_update(&self.keys.node_id()).await?;
        Ok(tx)
    }

    async fn active(&self, tx: &mut Tx, name: &str) -> Result<PeeringRow, AppError> {
        let peer = self.peer_called(tx, name).await?;
        if peer.standing == Standing::Active {
            return Ok(peer);
        }
        let hint = "only active peers can belong to a group";
        Err(AppError::Standing { name: peer.name, standing: peer.standing, hint })
    }

    async fn join(
        &self,
        tx: &mut Tx,
        group: &GroupRow,
        node: NodeId,
        earlier: bool,
    ) -> Result<bool, AppError> {
        let row = MemberRow { group: group.id.clone(), node, since: self.clock.now(), earlier };
        Ok(tx.add_member(&row).await?)
    }

    /// Releases a record that tells the members that they are some, and takes the one before back: who left holds nothing
    /// that says it belongs. Nobody is told of a group without members.
    async fn tell_members(
        &self,
        tx: &mut Tx,
        who: &Operator,
        group: &mut GroupRow,
        words: String,
    ) -> Result<(), AppError> {
        let members = tx.members().await?.into_iter().filter(|member| member.group == group.id);
        let members: BTreeSet<_> = members.map(|member| member.node).collect();
        let told = Group {
            id: Id::new(&group.id).map_err(StoreError::corrupt)?,
            name: Line::new("name", &group.name)?,
            about: Prose::optional("about", &group.about)?,
        };
        let (before, mut record) = (group.record.take(), None);
        if !members.is_empty() {
            let policy = for_members(members);
            let revised = before.map(|index| Reference::RevisionOf(self.own_record(index)));
            let index =
                self.append_record(tx, Body::Group(told), policy, revised.into_iter().collect()).await?;
            group.record = Some(index);
            record = Some(self.own_record(index));
        }
        if let Some(before) = before {
            self.take_back(tx, who, before, group).await?;
        }
        tx.save_group(group).await?;
        self.audit(tx, who.by(), Event::Group, record, words).await
    }

    /// Takes back what the members of a group were told before. It is withdrawn as any record is: the protocol has every
    /// holder answer with a receipt, and so the place sees that who left has purged it.
    async fn take_back(
        &self,
        tx: &mut Tx,
        who: &Operator,
        before: u64,
        group: &GroupRow,
    ) -> Result<(), AppError> {
        let row = self.stored(tx, &self.own_record(before)).await?;
        let (record, _) = self.read_record(&self.keys.identity(), &row.opening)?;
        let wish = Wish {
            record: record.id().to_string(),
            reason: Reason::Superseded,
            note: Prose::optional("note", &format!("the members of the group {} changed", group.id))?,
            parts: Vec::new(),
            dry_run: false,
        };
        self.retract(tx, who, &row, &record, &wish, group.record).await?;
        Ok(())
    }

    async fn finish(&self, mut tx: Tx, id: impl ToString) -> Result<Listed, AppError> {
        let group = self.group_called(&mut tx, &id.to_string()).await?;
        let listed = self.listed_group(&mut tx, group).await?;
        tx.commit().await?;
        self.released();
        self.signals.records_purged();
        Ok(listed)
    }

    async fn listed_group(&self, tx: &mut Tx, group: GroupRow) -> Result<Listed, AppError> {
        let peers = tx.peerings().await?;
        let named = |row: MemberRow| {
            let peer = peers.iter().find(|peer| peer.node == row.node);
            Member { name: peer.map_or_else(|| row.node.short(), |peer| peer.name.clone()), row }
        };
        let members =
            tx.members().await?.into_iter().filter(|row| row.group == group.id).map(named).collect();
        let records = self.out_to(tx, &group).await?;
        Ok(Listed { group, members, records })
    }

    /// Our records that were released to a group and are still out.
    async fn out_to(&self, tx: &mut Tx, group: &GroupRow) -> Result<Vec<(u64, jiff::Timestamp)>, AppError> {
        let Some(log) = tx.log(&self.keys.node_id()).await? else { return Ok(Vec::new()) };
        let mut out = Vec::new();
        for release in tx.releases().await?.into_iter().filter(|row| row.card == Card::Group.name()) {
            let opening = tx.openings(log.id, release.index, release.index + 1, 1).await?.into_iter().next();
            let Some(opening) = opening else { continue };
            let (record, _) = self.read_record(&self.keys.identity(), &opening)?;
            if matches!(&record.policy.audience, Audience::Group(id) if id.as_str() == group.id) {
                out.push((release.index, release.at));
            }
        }
        Ok(out)
    }
}

fn for_members(members: BTreeSet<NodeId>) -> Policy {
    Policy {
        audience: Audience::NamedPeers(members),
        purposes: Card::Group.purposes(),
        relay: false,
        back_fill: false,
        name_place: false,
        expires_at: None,
        licence: String::new(),
    }
}

fn undecided(peer: &str, group: &str) -> AppError {
    AppError::Argument(format!(
        "say whether {peer} also gets what was released to the group {group} before it joined: with --earlier it does, with \
         --no-earlier it only gets what is released from now on. Those who spoke for the group as it was may not have \
         expected it"
    ))
}
