//! A check-up: what is wrong, and how to mend it, in plain words.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::{net::TcpStream, time::timeout};

use super::{App, AppError, actor::Operator, forks::Forked, holds::Hold};
use crate::{
    domain::{
        peer::{Side, Standing},
        succession::Succeeded,
        withdrawal::Standing as Told,
    },
    keys,
    store::HoldRow,
};

/// A clock this far off makes times of records misleading (protocol, Limits: 60 minutes).
const CLOCK_OFF: SignedDuration = SignedDuration::from_mins(60);
/// How long we try to reach ourselves.
const REACH: Duration = Duration::from_secs(2);

/// How one thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Well.
    Well,
    /// Worth a look.
    Look,
    /// Needs mending.
    Mend,
}

/// One thing that was looked at.
#[derive(Clone, Debug)]
pub struct Finding {
    /// What.
    pub check: &'static str,
    /// How it is.
    pub state: State,
    /// What was found.
    pub found: String,
    /// How to mend it.
    pub mend: String,
}

/// Something that was found.
pub(crate) fn finding(
    check: &'static str,
    state: State,
    found: impl Into<String>,
    mend: impl Into<String>,
) -> Finding {
    Finding { check, state, found: found.into(), mend: mend.into() }
}

impl App {
    /// Looks at everything that can be looked at from here.
    ///
    /// # Errors
    /// Never for what it finds: that is in the findings. [`AppError::Store`] only when nothing can
    /// be read at all.
    pub async fn doctor(&self, who: &Operator) -> Result<Vec<Finding>, AppError> {
        let mut findings = vec![self.database().await, self.own_log().await?, self.recovery_key()];
        findings.push(self.may_sign_words(who).await?);
        findings.extend(self.two_logs(who).await?);
        findings.extend(self.successions_found(who).await?);
        findings.push(match self.place(who).await? {
            Some(place) => finding("place", State::Well, format!("this node speaks for {}", place.name), ""),
            None => finding("place", State::Mend, "the place has no name", "cairn place set --name NAME"),
        });
        findings.push(self.reachable().await);
        findings.extend(self.peers(who).await?);
        findings.extend(self.overdue(who).await?);
        findings.extend(self.silent().await?);
        findings.extend(self.reviews(who).await?);
        findings.push(self.backups());
        findings.extend(self.standing_reviews(who).await?);
        Ok(findings)
    }

    async fn database(&self) -> Finding {
        let name = self.store.database();
        match self.purge_expired().await {
            Ok(_) => finding("database", State::Well, format!("{name} can be read and written"), ""),
            Err(error) => finding(
                "database",
                State::Mend,
                error.to_string(),
                "make room on the disk and check that the node's user owns the data directory",
            ),
        }
    }

    async fn own_log(&self) -> Result<Finding, AppError> {
        let log = self.store.read().await?.log(&self.keys.node_id()).await?;
        let Some(log) = log.filter(|log| log.head_size > 0) else {
            return Ok(finding("own log", State::Well, "nothing has been published yet", ""));
        };
        let head = self.check_head(&self.keys.identity(), log.head_size, &log.checkpoint);
        Ok(match head {
            Ok(head) if head.root == log.frontier.root() => {
                let found = format!("entries so far: {}; the signed head fits the leaves", log.head_size);
                finding("own log", State::Well, found, "")
            }
            _ => finding(
                "own log",
                State::Mend,
                "the signed head does not fit the leaves held here",
                "stop the node, publish nothing, and restore the newest backup",
            ),
        })
    }

    /// Whether this node is an older copy of itself, or forked.
    async fn may_sign_words(&self, who: &Operator) -> Result<Finding, AppError> {
        let Some(closed) = self.gate(who).await? else {
            return Ok(finding("older copy", State::Well, "nobody holds more of our log than is here", ""));
        };
        let silent: Vec<_> = closed.answers.iter().filter(|(_, said)| said.is_none()).collect();
        let mend = match (closed.answers.is_empty(), silent.is_empty()) {
            (true, _) => "no peer can tell whether something newer was signed; read `cairn gate open --help`"
                .to_owned(),
            (false, true) => {
                "what is missing comes back by itself; `cairn gate show` tells how far that is".to_owned()
            }
            (false, false) => {
                let names: Vec<_> = silent.iter().map(|(name, _)| name.as_str()).collect();
                format!("it goes on by itself once these have answered: {}", names.join(", "))
            }
        };
        let found = format!("nothing is signed, released or withdrawn here: {}", closed.row.reason);
        Ok(finding("older copy", State::Mend, found, mend))
    }

    /// Authors who signed two logs, and this node if it is one of them.
    async fn two_logs(&self, who: &Operator) -> Result<Vec<Finding>, AppError> {
        let own = self.keys.node_id();
        let words = |fork: Forked| match fork.node == own {
            true => finding(
                "two logs",
                State::Mend,
                "two different logs were signed with this node's key; it signs nothing any more",
                "stop every other copy of this node; `cairn fork list` says what to do",
            ),
            false => finding(
                "two logs",
                State::Look,
                format!("{} signed two different logs; no new records of it are taken", fork.name),
                "telephone its people; `cairn fork list` says what to do",
            ),
        };
        Ok(self.forks(who).await?.into_iter().map(words).collect())
    }

    /// Places that were given up, and this one if it is among them.
    async fn successions_found(&self, who: &Operator) -> Result<Vec<Finding>, AppError> {
        let words = |one: Succeeded| {
            let (found, here) = (format!("{}: {}", one.name, one.in_full()), one.goes_on_here());
            match (one.ours, here) {
                (true, _) => finding(
                    "succession",
                    State::Look,
                    format!("this place was given up, {}; nothing is released here any more", one.words()),
                    "keep the node running for withdrawals as long as others are to see its records; 7 days after it is switched off \
                     they are shown nowhere",
                ),
                (false, true) => finding("succession", State::Well, found, ""),
                (false, false) => finding(
                    "succession",
                    State::Look,
                    found,
                    "nobody who goes on is a peer here. Telephone its people at a number you know; if it is so, make a ticket for \
                     the other place (cairn peer invite) or accept one of theirs, and agree anew what may flow",
                ),
            }
        };
        Ok(self.successions(who, "").await?.into_iter().map(words).collect())
    }

    fn recovery_key(&self) -> Finding {
        let file = self.data_dir.join(keys::RECOVERY);
        if !file.exists() {
            return finding("recovery key", State::Well, "it is not on this machine, as it should be", "");
        }
        finding(
            "recovery key",
            State::Look,
            "the recovery key still lies on this machine",
            format!("print it or copy it to an offline medium, then delete {}", file.display()),
        )
    }

    async fn reachable(&self) -> Finding {
        let endpoint = &*self.endpoint;
        match timeout(REACH, TcpStream::connect(endpoint)).await {
            Ok(Ok(_)) => finding("address", State::Well, format!("{endpoint} answers"), ""),
            Ok(Err(error)) => finding("address", State::Look, format!("{endpoint}: {error}"), ADDRESS_MEND),
            Err(_) => {
                finding("address", State::Look, format!("{endpoint} does not answer from here"), ADDRESS_MEND)
            }
        }
    }

    async fn peers(&self, who: &Operator) -> Result<Vec<Finding>, AppError> {
        let mut findings = Vec::new();
        for peer in self.peerings(who).await? {
            let found = format!("{}: {}", peer.name, peer.words());
            if peer.standing == Standing::Proposed(Side::Them) || peer.recovered {
                let mend = format!("cairn peer accept \"{}\"", peer.name);
                findings.push(finding("peer", State::Look, found, mend));
                continue;
            }
            if peer.standing != Standing::Active && peer.standing != Standing::Proposed(Side::Us) {
                continue;
            }
            let off = self.clock_ahead(&peer.node).filter(|ahead| ahead.abs() > CLOCK_OFF);
            findings.push(if !peer.last_error.is_empty() {
                let found = format!("{}: {}", peer.name, peer.last_error);
                finding(
                    "peer",
                    State::Look,
                    found,
                    "it is tried again by itself; if it lasts, call the other place",
                )
            } else if let Some(ahead) = off {
                let minutes = ahead.as_mins();
                let found = format!("{}: its clock is {minutes} minutes ahead of ours", peer.name);
                finding(
                    "peer",
                    State::Mend,
                    found,
                    "set both clocks by NTP; times in records mislead otherwise",
                )
            } else {
                finding("peer", State::Well, found, "")
            });
        }
        Ok(findings)
    }

    /// Withdrawals of ours that a holder should have followed by now.
    async fn overdue(&self, who: &Operator) -> Result<Vec<Finding>, AppError> {
        let now = self.clock.now();
        let mut findings = Vec::new();
        for withdrawal in self.withdrawals(who, "").await? {
            let late = withdrawal
                .holders
                .iter()
                .filter(|holder| matches!(holder.told.standing(now), Told::Overdue | Told::Unreachable));
            for holder in late {
                let found =
                    format!("record {}: {}: {}", withdrawal.record, holder.name, holder.told.words(now));
                let mend = "call the other place by telephone; `cairn withdraw status` tells more";
                findings.push(finding("withdrawal", State::Look, found, mend));
            }
        }
        Ok(findings)
    }

    /// Authors who were not heard for too long, so that their records are not shown.
    async fn silent(&self) -> Result<Vec<Finding>, AppError> {
        let mend = "it is tried again by itself; if it lasts, call the other place";
        let hidden = self.not_shown().await?;
        Ok(hidden.into_iter().map(|words| finding("silent author", State::Look, words, mend)).collect())
    }

    /// What is held back or blocked by us and was to be looked at again.
    async fn standing_reviews(&self, who: &Operator) -> Result<Vec<Finding>, AppError> {
        let today = self.today();
        let mut findings = Vec::new();
        for peer in self.peerings(who).await? {
            let Some(ours) = peer.by_us.filter(|ours| ours.review_due(today)) else { continue };
            let name = peer.name;
            let found = format!("{name}: {}: that day has come", ours.words("by us"));
            let mend = format!(
                "open it again: cairn peer restore \"{name}\"; or say anew why and until when, with cairn peer limit or \
                 cairn peer suspend"
            );
            findings.push(finding("standing", State::Look, found, mend));
        }
        for block in self.blocks(who).await?.into_iter().filter(|block| block.review_due) {
            let (name, node) = (block.name, block.row.node);
            let found =
                format!("{name} is blocked: {}: the day has come to look at it again", block.row.reason);
            let mend =
                format!("cairn block remove {node}; or say anew why and until when, with cairn block add");
            findings.push(finding("block", State::Look, found, mend));
        }
        Ok(findings)
    }

    /// Legal holds that are to be looked at again.
    async fn reviews(&self, who: &Operator) -> Result<Vec<Finding>, AppError> {
        let due = self.holds(who).await?.into_iter().filter(|hold| hold.review_due);
        let look = |Hold { row, .. }: Hold| {
            let HoldRow { record, review_on, basis, .. } = row;
            let found =
                format!("record {record}: its legal hold ({basis}) was to be looked at again on {review_on}");
            let mend = format!(
                "if no law obliges you to keep it any more: cairn hold end {record}; otherwise hold it until another day: \
                 cairn hold {record} --basis TEXT --review YYYY-MM-DD"
            );
            finding("legal hold", State::Look, found, mend)
        };
        Ok(due.map(look).collect())
    }
}

const ADDRESS_MEND: &str =
    "check `advertise` in cairn.toml and the firewall; other nodes connect to this address";
