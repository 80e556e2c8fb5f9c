//! An experiment is declared before it begins: its design is signed with the time, so that nobody need take the
//! place's word for it afterwards (R063, N18).

use cairn_proto::{
    envelope::{self, PayloadType},
    pb::exchange as pb,
};
use jiff::{Timestamp, tz::TimeZone};
use prost::Message as _;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::{App, AppError, Entry, Kept, Operator, save::How};
use crate::{
    domain::{
        experiment::Declaration,
        learning::{Document, Id, Kind, Ref, experiment::Experiment},
    },
    files::document::Written,
    store::{DeclarationRow, StoreError, Tx},
    wire,
};

/// The parts of an experiment that say what is to be tried, why, and how one will tell: what is signed.
const DESIGN: [&str; 17] = [
    "id",
    "title",
    "kind",
    "scale",
    "reach",
    "idea",
    "questions",
    "why",
    "unknowns",
    "how_small",
    "before",
    "permission",
    "how_we_will_tell",
    "designed_by",
    "care",
    "began",
    "ended",
];

/// A declaration.
#[derive(Clone, Debug)]
pub struct Declared {
    /// The experiment.
    pub entry: Entry,
    /// What a summary will say, in words.
    pub words: String,
    /// The signed declaration.
    pub envelope: Vec<u8>,
    /// Gentle remarks.
    pub remarks: Vec<String>,
}

impl App {
    /// Declares an experiment. Once it has begun it is too late for that.
    ///
    /// # Errors
    /// [`AppError::Argument`] when it has begun or was declared already.
    pub async fn declare(&self, who: &Operator, id: &Id) -> Result<Declared, AppError> {
        let now = self.clock.now();
        let today = self.today();
        let mut tx = self.saving().await?;
        let of = Ref { kind: Kind::Experiment, id: id.clone() };
        let mut experiment = self.home_experiment(&mut tx, &of).await?;
        if !tx.declarations(id.as_str()).await?.is_empty() {
            let text = format!("{of} was declared already; `cairn experiment show {id}` says when");
            return Err(AppError::Argument(text));
        }
        if let Some(began) = experiment.began.filter(|began| began.first_day() <= today) {
            return Err(AppError::Argument(format!(
                "{of} began on {began}, so it cannot be declared before any more; a summary will say that it is \
                 described in retrospect, which is nothing bad"
            )));
        }
        experiment.declared = Some(Declaration::Before(today));
        let remarks = Document::Experiment(Box::new(experiment.clone())).remarks(today);
        let written = Written::plain(Document::Experiment(Box::new(experiment)));
        self.keep(&mut tx, who, written, How::default()).await?;
        let kept = self.kept(&mut tx, &of).await?;
        let statement = pb::ExperimentDeclaration {
            node_id: self.keys.node_id().to_string(),
            experiment: id.to_string(),
            design_hash: design_hash(&kept.value).to_vec(),
            declared_at: Some(wire::timestamp(now)),
        };
        let payload = statement.encode_to_vec();
        let signed = envelope::sign(PayloadType::ExperimentDeclaration, payload, &[&self.keys.signing()]);
        let envelope = signed.encode_to_vec();
        let row = DeclarationRow {
            experiment_id: id.to_string(),
            version: kept.row.version,
            at: now,
            envelope: envelope.clone(),
        };
        tx.add_declaration(&row).await?;
        let entry = self.entry_of(&mut tx, &of).await?;
        tx.commit().await?;
        self.signals.documents_changed();
        let words = format!("declared before it began, on {today}");
        Ok(Declared { entry, words, envelope, remarks })
    }

    pub(crate) async fn home_experiment(&self, tx: &mut Tx, of: &Ref) -> Result<Experiment, AppError> {
        match self.kept(tx, of).await?.document {
            Document::Experiment(experiment) => Ok(*experiment),
            other => Err(StoreError::corrupt(format!("{of} is a {}", other.kind().word())).into()),
        }
    }

    /// How a summary may say the experiment was declared: before it began only if this node signed so at the time.
    pub(crate) async fn declaration(
        &self,
        tx: &mut Tx,
        experiment: &Experiment,
    ) -> Result<Declaration, AppError> {
        let id = experiment.id.as_ref().map(Id::to_string).unwrap_or_default();
        let signed = tx.declarations(&id).await?.into_iter().next();
        let day = signed.map(|row| row.at.to_zoned(TimeZone::UTC).date());
        Ok(match day {
            Some(day) if experiment.began.is_none_or(|began| began.last_day() >= day) => {
                Declaration::Before(day)
            }
            _ => Declaration::InRetrospect,
        })
    }

    /// The declarations of an experiment, in words: when, and whether the design is still the one that was signed.
    pub(super) async fn declarations_of(&self, tx: &mut Tx, kept: &Kept) -> Result<Vec<String>, AppError> {
        let Document::Experiment(experiment) = &kept.document else { return Ok(Vec::new()) };
        let id = experiment.id.as_ref().map(Id::to_string).unwrap_or_default();
        let mut words = Vec::new();
        for row in tx.declarations(&id).await? {
            words.push(self.told(&row, &kept.value));
        }
        if words.is_empty()
            && let Some(Declaration::Before(day)) = experiment.declared
        {
            words.push(format!(
                "The file says it was declared on {day}. This node signed nothing then, so a summary will say that it \
                 is described in retrospect."
            ));
        }
        Ok(words)
    }

    fn told(&self, row: &DeclarationRow, design: &Value) -> String {
        let when = Timestamp::from_second(row.at.as_second()).unwrap_or(row.at);
        let verified = envelope::decode(&row.envelope).ok().and_then(|signed| {
            let keys = [self.keys.identity().current().signing_key];
            let payload = envelope::verify(&signed, PayloadType::ExperimentDeclaration, &keys, 1).ok()?;
            pb::ExperimentDeclaration::decode(payload).ok()
        });
        let Some(statement) = verified else {
            return format!("Version {} was declared on {when}, signed with an earlier key.", row.version);
        };
        let same = statement.design_hash == design_hash(design);
        let since = if same {
            "The design is the same since."
        } else {
            "The design was changed since; `cairn experiment history` shows how."
        };
        format!("Version {} was declared and signed on {when}. {since}", row.version)
    }
}

/// SHA-256 of the design as JSON, its parts in the order of the list.
fn design_hash(value: &Value) -> [u8; 32] {
    let part = |name: &&str| value.get(name).map(|part| ((*name).to_owned(), part.clone()));
    let design: Map<String, Value> = DESIGN.iter().filter_map(part).collect();
    Sha256::digest(Value::Object(design).to_string()).into()
}
