//! Releases that need two persons: one asks, another approves or says no.

use cairn_proto::ids::RecordId;
use serde::{Deserialize, Serialize};

use super::{
    App, AppError,
    actor::Operator,
    preflight::{Prepared, Saying},
    publish::{Release, What, Wish},
};
use crate::{
    domain::{
        audit::Event,
        date,
        dialogue::{InThread, Message, MessageKind, Response, ResponseKind},
        learning::Kind,
        policy::{Card, Purpose},
        preflight::Override,
        record::Body,
        text::{Line, Prose},
    },
    store::{RequestRow, StoreError, Tx},
};

/// A wish as it is kept.
#[derive(Debug, Serialize, Deserialize)]
struct Kept {
    title: String,
    card: String,
    to: Vec<String>,
    group: Option<String>,
    purposes: Option<Vec<String>>,
    relay: Option<bool>,
    back_fill: Option<bool>,
    until: Option<String>,
    authorised_by: String,
    overrides: Vec<Override>,
    /// What is to be said about a record; gone once it is decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    said: Option<KeptSaying>,
}

/// Something to be said about a record, as it is kept.
#[derive(Debug, Serialize, Deserialize)]
struct KeptSaying {
    kind: String,
    text: String,
    account: Option<String>,
    why: Option<String>,
    about: String,
    answers: Option<String>,
}

/// A release that was asked for.
#[derive(Clone, Debug)]
pub struct Request {
    /// The request.
    pub row: RequestRow,
    /// What is to leave.
    pub title: String,
    /// The card's name.
    pub card: String,
}

impl App {
    /// Keeps a release until a second person decides; gives its number.
    pub(crate) async fn ask_second_person(
        &self,
        mut tx: Tx,
        who: &Operator,
        wish: &Wish,
        prepared: &Prepared,
    ) -> Result<u64, AppError> {
        let (experiment, version) = prepared.experiment.clone().unzip();
        let row = RequestRow {
            id: 0,
            wish: serde_json::to_string(&kept(wish, &prepared.page.title)).map_err(StoreError::corrupt)?,
            experiment,
            version: version.unwrap_or(0),
            asked_by: who.by().to_owned(),
            asked_at: self.clock.now(),
            state: "waits".to_owned(),
            decided_by: String::new(),
            decided_at: None,
            reason: String::new(),
            record: None,
        };
        // Whoever else asks now waits for this lock, so that no number is given twice.
        tx.log_for_update(&self.keys.node_id()).await?;
        let id = tx.add_request(&row).await?;
        let words = format!("release {id} under the card \"{}\" waits for a second person", wish.card.name());
        self.audit(&mut tx, who.by(), Event::Request, None, words).await?;
        tx.commit().await?;
        Ok(id)
    }

    /// Releases that were asked for, newest first.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn requests(&self, _: &Operator, waiting_only: bool) -> Result<Vec<Request>, AppError> {
        let rows = self.store.read().await?.requests().await?;
        rows.into_iter().filter(|row| !waiting_only || row.state == "waits").map(request).collect()
    }

    /// A second person approves: pre-flight is done again, and it leaves now.
    ///
    /// # Errors
    /// [`AppError::Argument`] when the same role asked for it, it was decided already, or its experiment has changed
    /// since; it is void then. Whatever stands in the way of a release.
    pub async fn approve(&self, who: &Operator, id: u64, by: &str) -> Result<(Release, Request), AppError> {
        let by = if by.trim().is_empty() { who.by() } else { by };
        let by = Line::new("approved_by", by)?.to_string();
        let mut tx = self.write_signed().await?;
        // Whoever else decides now waits for this lock, and finds it decided.
        tx.log_for_update(&self.keys.node_id()).await?;
        self.refuse_while_paused(&mut tx).await?;
        let mut row = waiting(&mut tx, id).await?;
        let wish = wished(&row)?;
        let same = |asked: &str| asked.trim().to_lowercase() == by.to_lowercase();
        if same(&row.asked_by) || same(wish.authorised_by.as_str()) {
            return Err(AppError::Argument(format!(
                "release {id} was asked for by {} and authorised by {}; a second person, in another role, has to approve it",
                row.asked_by, wish.authorised_by
            )));
        }
        if let Some(why) = self.outdated(&mut tx, &row).await? {
            (row.state, row.reason) = ("void".to_owned(), why.clone());
            self.decided(&mut tx, &mut row, &by, Event::Refusal).await?;
            tx.commit().await?;
            return Err(AppError::Argument(format!("nothing has left: release {id} is void, because {why}")));
        }
        let prepared = self.prepare(&mut tx, &wish).await?;
        let composed = self.release(&mut tx, who, &wish, &prepared, &by).await?;
        (row.state, row.record) = ("released".to_owned(), Some(composed.record.index));
        self.decided(&mut tx, &mut row, &by, Event::Request).await?;
        tx.commit().await?;
        self.released();
        Ok((self.release_of(composed, prepared.page), request(row)?))
    }

    /// A second person says no.
    ///
    /// # Errors
    /// [`AppError`] without a reason, or when it was decided already.
    pub async fn refuse_release(&self, who: &Operator, id: u64, reason: &str) -> Result<Request, AppError> {
        let reason = Prose::new("reason", reason)?;
        let mut tx = self.store.write().await?;
        let mut row = waiting(&mut tx, id).await?;
        (row.state, row.reason) = ("refused".to_owned(), reason.to_string());
        self.decided(&mut tx, &mut row, who.by(), Event::Refusal).await?;
        tx.commit().await?;
        request(row)
    }

    /// Writes a decision down, if nobody was faster.
    async fn decided(
        &self,
        tx: &mut Tx,
        row: &mut RequestRow,
        by: &str,
        event: Event,
    ) -> Result<(), AppError> {
        row.decided_by = by.to_owned();
        row.decided_at = Some(self.clock.now());
        row.wish = without_words(row)?;
        if !tx.decide_request(row).await? {
            return Err(decided_already(row.id));
        }
        let record = row.record.map(|index| self.own_record(index));
        let reason = if row.reason.is_empty() { String::new() } else { format!(": {}", row.reason) };
        self.audit(tx, by, event, record, format!("release {} is {}{reason}", row.id, row.state)).await
    }

    /// Why what was asked for is no longer what would leave.
    async fn outdated(&self, tx: &mut Tx, row: &RequestRow) -> Result<Option<String>, AppError> {
        let Some(id) = &row.experiment else { return Ok(None) };
        let newest = tx.document(Kind::Experiment.word(), id).await?.map_or(0, |document| document.version);
        Ok((newest != row.version).then(|| {
            format!(
                "the experiment was changed after it was asked for (version {}, now {newest}); ask again",
                row.version
            )
        }))
    }
}

async fn waiting(tx: &mut Tx, id: u64) -> Result<RequestRow, AppError> {
    let row = tx.requests().await?.into_iter().find(|row| row.id == id);
    let row = row.ok_or_else(|| AppError::NotFound {
        what: "a release",
        name: id.to_string(),
        hint: "`cairn release list` shows those that wait",
    })?;
    if row.state == "waits" { Ok(row) } else { Err(decided_already(id)) }
}

fn decided_already(id: u64) -> AppError {
    AppError::Argument(format!("release {id} was decided already; `cairn release list` shows how"))
}

fn kept(wish: &Wish, title: &str) -> Kept {
    let purposes = wish.purposes.as_ref();
    Kept {
        title: title.to_owned(),
        card: wish.card.name().to_owned(),
        to: wish.to.clone(),
        group: wish.group.clone(),
        purposes: purposes.map(|all| all.iter().map(|purpose| purpose.words().to_owned()).collect()),
        relay: wish.relay,
        back_fill: wish.back_fill,
        until: wish.until.map(|day| day.to_string()),
        authorised_by: wish.authorised_by.to_string(),
        overrides: wish.overrides.clone(),
        said: match &wish.what {
            What::Said(saying) => kept_saying(saying),
            What::Experiment(_) | What::Profile => None,
        },
    }
}

fn kept_saying(saying: &Saying) -> Option<KeptSaying> {
    let words = |text: Option<&Prose>| text.map(ToString::to_string);
    let (kind, text, account, why) = match &saying.body {
        Body::Response(response) => {
            let (account, why) = (words(response.account()), words(response.why()));
            (response.kind().words(), response.context(), account, why)
        }
        Body::Message(message) => (message.kind.words(), &message.text, None, None),
        _ => return None,
    };
    let answers = saying.thread.answers.map(|record| record.to_string());
    let (kind, text, about) = (kind.to_owned(), text.to_string(), saying.thread.root.to_string());
    Some(KeptSaying { kind, text, account, why, about, answers })
}

fn saying(kept: KeptSaying) -> Result<Saying, AppError> {
    let KeptSaying { kind, text, account, why, about, answers } = kept;
    let record = |text: &str| text.parse::<RecordId>().map_err(StoreError::corrupt);
    let thread = InThread { root: record(&about)?, answers: answers.as_deref().map(record).transpose()? };
    let prose = |text: Option<String>| text.map(|text| Prose::new("text", &text)).transpose();
    let text = Prose::new("text", &text)?;
    let body = match (ResponseKind::from_words(&kind), MessageKind::from_words(&kind)) {
        (Some(kind), _) => Body::Response(Response::new(kind, text, prose(account)?, prose(why)?)?),
        (None, Some(kind)) => Body::Message(Message { kind, text }),
        (None, None) => return Err(StoreError::corrupt(kind).into()),
    };
    Ok(Saying { body, thread })
}

/// The wish without what is to be said: once it is decided, the words are in the record or nowhere.
fn without_words(row: &RequestRow) -> Result<String, AppError> {
    let kept = Kept { said: None, ..read(row)? };
    Ok(serde_json::to_string(&kept).map_err(StoreError::corrupt)?)
}

fn read(row: &RequestRow) -> Result<Kept, AppError> {
    Ok(serde_json::from_str(&row.wish).map_err(StoreError::corrupt)?)
}

fn request(row: RequestRow) -> Result<Request, AppError> {
    let Kept { title, card, .. } = read(&row)?;
    Ok(Request { row, title, card })
}

fn wished(row: &RequestRow) -> Result<Wish, AppError> {
    let kept = read(row)?;
    let purposes = kept.purposes.map(|all| all.iter().map(|word| Purpose::from_words(word)).collect());
    Ok(Wish {
        what: match kept.said {
            Some(said) => What::Said(Box::new(saying(said)?)),
            None => row.experiment.clone().map_or(What::Profile, What::Experiment),
        },
        card: Card::from_words(&kept.card).ok_or_else(|| StoreError::corrupt(&kept.card))?,
        to: kept.to,
        group: kept.group,
        purposes: purposes.transpose()?,
        relay: kept.relay,
        back_fill: kept.back_fill,
        until: kept.until.as_deref().map(date::day).transpose()?,
        authorised_by: Line::new("authorised_by", &kept.authorised_by)?,
        overrides: kept.overrides,
        dry_run: false,
    })
}

#[cfg(test)]
mod tests {
    use cairn_proto::ids::NodeId;

    use super::*;

    #[test]
    fn what_waits_to_be_said_comes_back_as_it_was() {
        let prose = |text| Prose::new("text", text).unwrap();
        let record = |index| RecordId { author: NodeId::from_bytes([1; 32]), index };
        let thread = InThread { root: record(0), answers: None };
        let mut all: Vec<_> = ResponseKind::ALL
            .into_iter()
            .map(|kind| Response::new(kind, prose("A town."), Some(prose("Few came.")), Some(prose("Cost."))))
            .map(|response| Saying { body: Body::Response(response.unwrap()), thread })
            .collect();
        let thread = InThread { answers: Some(record(3)), ..thread };
        all.extend(MessageKind::ALL.into_iter().map(|kind| {
            let text = prose("Who paid?");
            Saying { body: Body::Message(Message { kind, text }), thread }
        }));
        for one in all {
            let kept = serde_json::to_string(&kept_saying(&one).unwrap()).unwrap();
            let back = saying(serde_json::from_str(&kept).unwrap()).unwrap();
            assert_eq!((back.body, back.thread), (one.body, one.thread));
        }
    }
}
