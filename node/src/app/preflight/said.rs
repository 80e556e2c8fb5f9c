//! The page before a response or a message. It leaves as everything else does; what is looked at besides is the record that it is
//! about, and whether those to whom it goes may hold that.

use cairn_proto::ids::{NodeId, RecordId};

use super::Prepared;
use crate::{
    app::{App, AppError, append::Draft, publish::Wish},
    domain::{
        consent::Coverage,
        dialogue::{InThread, InvalidSaying, texts},
        peer::Standing,
        policy::{Audience, Policy},
        preflight,
        record::{Body, ConsentState, Record},
        release::Obstacle,
    },
    store::Tx,
};

/// Why it needs nobody's consent.
const OWN_WORDS: &str = "these are the place's own words";

/// Something to be said about a record.
#[derive(Clone, Debug)]
pub struct Saying {
    /// A response or a message.
    pub body: Body,
    /// Where it belongs.
    pub thread: InThread,
}

impl App {
    pub(super) async fn prepare_said(
        &self,
        tx: &mut Tx,
        policy: Policy,
        wish: &Wish,
        saying: &Saying,
    ) -> Result<Prepared, AppError> {
        let root = self.root(tx, saying).await?;
        let title = format!("{}, about \"{}\"", saying.body.kind(), root.body.title());
        let mut page = self.page(tx, wish, &policy, title).await?;
        page.obstacles.extend(policy.expired(self.clock.now()).then_some(Obstacle::AlreadyExpired));
        let mut not_known = Vec::new();
        let Audience::NamedPeers(nodes) = &policy.audience else { return Err(named_only()) };
        for node in nodes {
            match self.may_hold(tx, &root, &saying.thread, node).await? {
                MayHold::Yes => {}
                MayHold::NotKnown => not_known.push(self.name_of(tx, node).await?),
                MayHold::No(why) => {
                    let who = self.name_of(tx, node).await?;
                    page.obstacles.push(Obstacle::NotForThem { who, why });
                }
            }
        }
        page.coverage = vec![Coverage {
            consent: String::new(),
            parts: Vec::new(),
            words: format!("not needed: {OWN_WORDS}"),
            gaps: Vec::new(),
        }];
        let findings = preflight::check_said(&texts(&saying.body), &not_known, &self.settings);
        let disclosure = self.judge(&mut page, findings, wish, None)?;
        let draft = Draft {
            body: saying.body.clone(),
            policy,
            consent: ConsentState::NotNeeded,
            consent_records: serde_json::json!({ "not_needed": OWN_WORDS }).to_string(),
            disclosure: Some(disclosure),
            references: saying.thread.references(),
        };
        Ok(Prepared { page, draft: Some(draft), experiment: None })
    }

    /// The record that is spoken of. It is held here and can be shown, and so is what is answered.
    async fn root(&self, tx: &mut Tx, saying: &Saying) -> Result<Record, AppError> {
        let InThread { root, answers } = saying.thread;
        if let Some(answered) = answers {
            let said = self.readable(tx, &answered).await?;
            let there = InThread::of(&said.body, &said.references).ok().flatten();
            if there.is_none_or(|there| there.root != root) {
                return Err(AppError::Argument(format!("{answered} was not said about {root}")));
            }
        }
        let record = self.readable(tx, &root).await?;
        may_be_root(&record, &saying.body)?;
        Ok(record)
    }

    /// A record that is held here and can be shown.
    pub(crate) async fn readable(&self, tx: &mut Tx, id: &RecordId) -> Result<Record, AppError> {
        let row = self.held(tx, id).await?;
        Ok(self.shown(tx, &row).await?.record)
    }

    /// Whether a node may hold the record that is spoken of, as far as it is known here.
    async fn may_hold(
        &self,
        tx: &mut Tx,
        root: &Record,
        thread: &InThread,
        node: &NodeId,
    ) -> Result<MayHold, AppError> {
        let standing = tx.peering(node).await?.as_ref().map(crate::app::peering::peering).transpose()?;
        if standing.is_none_or(|peering| peering.standing != Standing::Active) {
            return Ok(MayHold::No("it is no active peer of yours, so that it would not receive it"));
        }
        if *node == root.author {
            return Ok(MayHold::Yes);
        }
        if root.policy.includes(node).is_err() {
            return Ok(MayHold::No("the record it is about is not for it"));
        }
        if root.author == self.keys.node_id() {
            // Who said something about it holds it, whoever gave it the record.
            let given = match tx.log(&root.author).await? {
                Some(log) => tx.ledger(log.id, Some(root.index), Some(node)).await?,
                None => Vec::new(),
            };
            let given = given.iter().any(|row| !row.title_only);
            let said = thread.answers.is_some_and(|answered| answered.author == *node);
            return Ok(match given || said {
                true => MayHold::Yes,
                false => MayHold::No("it was not given the record that this is about"),
            });
        }
        Ok(match root.policy.audience {
            Audience::NamedPeers(_) | Audience::Public => MayHold::Yes,
            Audience::Group(_) | Audience::AllPeers => MayHold::NotKnown,
        })
    }
}

/// Whether a node may hold a record.
enum MayHold {
    Yes,
    No(&'static str),
    /// Only the record's author knows who its peers are, and who belongs to its groups.
    NotKnown,
}

fn named_only() -> AppError {
    AppError::Argument("what is said about a record goes to named peers; name them with --to".to_owned())
}

/// Refuses what nobody can speak of, or respond to.
fn may_be_root(root: &Record, said: &Body) -> Result<(), AppError> {
    if !root.body.is_learning() || root.body.is_said() {
        return Err(AppError::Argument(format!(
            "{} is a {}, and nothing can be said about it in a thread; choose a record that tells of learning",
            root.id(),
            root.body.kind()
        )));
    }
    if matches!((said, &root.body), (Body::Response(_), Body::Profile(_))) {
        return Err(AppError::Argument(format!(
            "{} is a profile: it says who a place is, and is nothing that could be recognised or tried. Ask the place \
             something instead",
            root.id()
        )));
    }
    Ok(())
}

impl From<InvalidSaying> for AppError {
    fn from(error: InvalidSaying) -> Self {
        Self::Argument(error.to_string())
    }
}
