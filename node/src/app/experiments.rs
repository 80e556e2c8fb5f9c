//! Experiments kept at home, as far as releases go: what rests on which consent, what is out, what stands in the way.

use super::{
    App, AppError,
    actor::Operator,
    learning::{Prepared, parse, privacy::Privacy, save},
};
use crate::{
    domain::{
        consent::{self, Consent, OfParts},
        experiment::Summary,
        learning::{
            Document, Id, Kind, Ref,
            consent::Consent as Given,
            experiment::{Experiment, PartRestsOn, RestsOn},
        },
        place::LocalScale,
        policy::{Card, For},
        release::{self, Obstacle, Rests},
    },
    files::{InvalidFile, document},
    store::{DocumentRow, ReleaseRow, StoreError, Tx},
};

/// An experiment at home, with what was released from it.
#[derive(Clone, Debug)]
pub struct AtHome {
    /// The experiment, its version, and releases made from it.
    pub listed: Listed,
    /// What a summary would say, or why there is none.
    pub summary: Result<Summary, Obstacle>,
    /// What the whole of it rests on.
    pub consent: Consent,
    /// What some parts of it rest on besides.
    pub parts: Vec<OfParts>,
}

/// An experiment in a list.
#[derive(Clone, Debug)]
pub struct Listed {
    /// The experiment.
    pub experiment: Experiment,
    /// The stored version.
    pub row: DocumentRow,
    /// Releases made from it, oldest first.
    pub releases: Vec<ReleaseRow>,
}

/// What came of reading a file.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The experiment.
    pub at_home: AtHome,
    /// Whether it was new.
    pub created: bool,
    /// Whether it was the same as the newest version.
    pub unchanged: bool,
    /// Gentle remarks.
    pub remarks: Vec<String>,
}

impl App {
    /// Reads an experiment file. A known id gets a new version; the old ones stay.
    ///
    /// # Errors
    /// [`AppError::File`] naming the file and what is wrong in it.
    pub async fn import_experiment(
        &self,
        who: &Operator,
        file: &str,
        bytes: &[u8],
    ) -> Result<Imported, AppError> {
        let wish = save::Wish {
            kind: Some(Kind::Experiment),
            content: bytes.to_vec(),
            file: file.to_owned(),
            ..save::Wish::default()
        };
        let saved = self.save_document(who, wish).await?;
        let mut tx = self.store.read().await?;
        let at_home = self.at_home(&mut tx, saved.entry.of.id.as_str()).await?;
        let save::Saved { created, unchanged, remarks, .. } = saved;
        Ok(Imported { at_home, created, unchanged, remarks })
    }

    /// All experiments at home, by id.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn experiments(&self, _: &Operator) -> Result<Vec<Listed>, AppError> {
        let mut tx = self.store.read().await?;
        let mut rows = tx.documents_of_kind(Kind::Experiment.word()).await?;
        rows.sort_unstable_by(|a, b| a.id.cmp(&b.id));
        let releases = tx.releases().await?;
        let listed = |row: DocumentRow| {
            let mine = releases.iter().filter(|r| r.experiment_id.as_deref() == Some(&row.id)).cloned();
            Ok(Listed { releases: mine.collect(), experiment: experiment_in(&row)?, row })
        };
        rows.into_iter().map(listed).collect()
    }

    /// One experiment at home, and what stands in the way of a release to the network.
    ///
    /// # Errors
    /// [`AppError::NotFound`].
    pub async fn experiment(&self, _: &Operator, id: &str) -> Result<(AtHome, Vec<String>), AppError> {
        let mut tx = self.store.read().await?;
        let at_home = self.at_home(&mut tx, id).await?;
        let mut policy = Card::Network.policy(For::default())?;
        let AtHome { consent: whole, parts, .. } = &at_home;
        policy.expires_at = consent::ends_at(whole, parts, &policy, self.clock.now());
        let obstacles = match &at_home.summary {
            Ok(summary) => {
                release::fit(summary.clone(), Rests { whole, parts }, &policy, self.clock.now()).obstacles
            }
            Err(obstacle) => vec![obstacle.clone()],
        };
        let words = obstacles.iter().map(ToString::to_string).collect();
        Ok((at_home, words))
    }

    /// One experiment at home.
    pub(crate) async fn at_home(&self, tx: &mut Tx, id: &str) -> Result<AtHome, AppError> {
        let unknown = || AppError::NotFound {
            what: "an experiment",
            name: id.chars().take(100).collect(),
            hint: "`cairn experiment list` shows all experiments at home",
        };
        let of = Ref { kind: Kind::Experiment, id: Id::new(id).map_err(|_| unknown())? };
        let kept = match self.kept(tx, &of).await {
            Err(AppError::Unknown { .. }) => return Err(unknown()),
            kept => kept?,
        };
        let all = tx.releases().await?;
        let mine = all.into_iter().filter(|r| r.experiment_id.as_deref() == Some(of.id.as_str())).collect();
        self.with_releases(tx, kept.row, mine).await
    }

    async fn with_releases(
        &self,
        tx: &mut Tx,
        row: DocumentRow,
        releases: Vec<ReleaseRow>,
    ) -> Result<AtHome, AppError> {
        let experiment = experiment_in(&row)?;
        let declared = self.declaration(tx, &experiment).await?;
        // An experiment of a cycle that is about one person's life is about that life, whatever it says of itself.
        let summary = match experiment.summary(declared)? {
            None => Err(Obstacle::Life),
            Some(_) if self.is_of_a_life(tx, &experiment).await? => Err(Obstacle::Life),
            Some(_) if Privacy::default().of(tx, &parse(row.clone())?).await? => Err(Obstacle::Sensitive),
            Some(summary) => Ok(summary),
        };
        let consent = self.consent_of(tx, &experiment).await?;
        let parts = self.consents_of_parts(tx, &experiment).await?;
        Ok(AtHome { listed: Listed { experiment, row, releases }, summary, consent, parts })
    }

    /// An experiment in a file that is not kept.
    pub(crate) async fn in_file(&self, tx: &mut Tx, file: &str, bytes: &[u8]) -> Result<AtHome, AppError> {
        let written =
            document::read(bytes, Some(Kind::Experiment)).map_err(|error| AppError::file(file, error))?;
        let Document::Experiment(experiment) = &written.document else {
            return Err(AppError::Argument(format!(
                "{file} holds {}, not an experiment",
                written.document.kind().one()
            )));
        };
        let wrong = written.document.wrong(self.today());
        if !wrong.is_empty() {
            let faults = wrong.into_iter().map(|wrong| written.fault(wrong)).collect();
            return Err(AppError::file(file, InvalidFile::Faults(faults)));
        }
        let row = DocumentRow {
            kind: Kind::Experiment.word().to_owned(),
            id: experiment.id.as_ref().map_or_else(|| "unnamed".to_owned(), ToString::to_string),
            version: 0,
            document: Prepared::of(&written.document)?.json,
            at: self.clock.now(),
            by: String::new(),
        };
        self.with_releases(tx, row, Vec::new()).await
    }

    async fn consents_of_parts(
        &self,
        tx: &mut Tx,
        experiment: &Experiment,
    ) -> Result<Vec<OfParts>, AppError> {
        let mut all = Vec::new();
        for PartRestsOn { parts, consent } in &experiment.rests_on {
            let whole = experiment.consent.iter().find_map(|rests_on| match rests_on {
                RestsOn::Whole(whole) if whole.id.as_ref() == Some(consent.id()) => {
                    Some(whole.as_ref().clone())
                }
                _ => None,
            });
            let consent = match whole {
                Some(whole) => whole,
                None => self.kept_consent(tx, consent.id()).await?,
            };
            all.push(OfParts { parts: parts.iter().map(ToString::to_string).collect(), consent });
        }
        Ok(all)
    }

    async fn kept_consent(&self, tx: &mut Tx, id: &Id) -> Result<Given, AppError> {
        let of = Ref { kind: Kind::Consent, id: id.clone() };
        match self.kept(tx, &of).await?.document {
            Document::Consent(consent) => Ok(*consent),
            _ => Err(StoreError::corrupt(&of).into()),
        }
    }

    async fn is_of_a_life(&self, tx: &mut Tx, experiment: &Experiment) -> Result<bool, AppError> {
        let Some(to) = &experiment.cycle else { return Ok(false) };
        let row = tx.document(Kind::Cycle.word(), to.id().as_str()).await?;
        let Some(row) = row.filter(|row| !row.document.is_empty()) else { return Ok(false) };
        Ok(matches!(parse(row)?.document, Document::Cycle(cycle) if cycle.scale == LocalScale::Life))
    }

    /// What an experiment rests on. Consents are kept as documents; an experiment read in by an earlier version still
    /// has them whole.
    async fn consent_of(&self, tx: &mut Tx, experiment: &Experiment) -> Result<Consent, AppError> {
        if let Some(reason) = experiment.consent_not_needed.clone()
            && experiment.consent.is_empty()
        {
            return Ok(Consent::NotNeeded(reason));
        }
        let mut given = Vec::new();
        for rests_on in &experiment.consent {
            given.push(match rests_on {
                RestsOn::Whole(consent) => consent.as_ref().clone(),
                RestsOn::Kept(to) => self.kept_consent(tx, to.id()).await?,
            });
        }
        Ok(Consent::Given(given))
    }
}

/// The title of an experiment at home.
pub(crate) fn title_in(row: &DocumentRow) -> Result<String, AppError> {
    Ok(experiment_in(row)?.title.to_string())
}

fn experiment_in(row: &DocumentRow) -> Result<Experiment, AppError> {
    match parse(row.clone())?.document {
        Document::Experiment(experiment) => Ok(*experiment),
        _ => Err(StoreError::corrupt(format!("{}/{}", row.kind, row.id)).into()),
    }
}
