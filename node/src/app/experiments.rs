//! Experiments kept at home: read in from files, listed, shown. Nothing leaves here.

use super::{
    App, AppError,
    actor::Operator,
    document::{Document, InvalidDocument},
};
use crate::{
    domain::{experiment::Experiment, policy::Card, release},
    store::{ExperimentRow, ReleaseRow, StoreError, Tx},
};

/// An experiment at home, with what was released from it.
#[derive(Clone, Debug)]
pub struct AtHome {
    /// The experiment.
    pub experiment: Experiment,
    /// The stored version.
    pub row: ExperimentRow,
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
    pub remarks: Vec<&'static str>,
}

impl App {
    /// Reads an experiment file. A known id gets a new version; the old ones stay.
    ///
    /// # Errors
    /// [`AppError::File`] naming the file and what is wrong in it.
    pub async fn import_experiment(
        &self,
        _: &Operator,
        file: &str,
        bytes: &[u8],
    ) -> Result<Imported, AppError> {
        let parse = || {
            let document = Document::parse(bytes)?;
            let experiment = document.experiment()?;
            Ok::<_, InvalidDocument>((document, experiment))
        };
        let named = |error| AppError::File { file: file.chars().take(200).collect(), error };
        let (document, experiment) = parse().map_err(named)?;
        let json = serde_json::to_string(&document).map_err(StoreError::corrupt)?;
        let mut tx = self.store.write().await?;
        let before = tx.experiment(experiment.id.as_str()).await?;
        let created = before.is_none();
        let remarks = experiment.summary.as_ref().map(|s| s.remarks()).unwrap_or_default();
        let version = before.as_ref().map_or(0, |row| row.version) + 1;
        let unchanged = before.as_ref().is_some_and(|row| row.document == json);
        let row = match before {
            Some(row) if unchanged => row,
            _ => {
                let id = experiment.id.to_string();
                let row = ExperimentRow { id, version, document: json, at: self.clock.now() };
                tx.add_experiment_version(&row).await?;
                row
            }
        };
        let releases = releases_of(&mut tx, &row.id).await?;
        tx.commit().await?;
        Ok(Imported { at_home: AtHome { experiment, row, releases }, created, unchanged, remarks })
    }

    /// All experiments at home, by id.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn experiments(&self, _: &Operator) -> Result<Vec<AtHome>, AppError> {
        let mut tx = self.store.read().await?;
        let releases = tx.releases().await?;
        let mut all = Vec::new();
        for row in tx.experiments().await? {
            let mine = releases.iter().filter(|r| r.experiment_id.as_deref() == Some(&row.id)).cloned();
            all.push(AtHome { experiment: parse_row(&row)?, releases: mine.collect(), row });
        }
        Ok(all)
    }

    /// One experiment at home, and what stands in the way of a release to the network.
    ///
    /// # Errors
    /// [`AppError::NotFound`].
    pub async fn experiment(&self, _: &Operator, id: &str) -> Result<(AtHome, Vec<String>), AppError> {
        let mut tx = self.store.read().await?;
        let (experiment, row) = self.experiment_called(&mut tx, id).await?;
        let releases = releases_of(&mut tx, &row.id).await?;
        let mut policy = Card::Network.policy(Default::default())?;
        policy.expires_at = experiment.consent.ends_at();
        let obstacles = release::authorise(&experiment, &policy, self.clock.now()).err().unwrap_or_default();
        let words = obstacles.iter().map(ToString::to_string).collect();
        Ok((AtHome { experiment, row, releases }, words))
    }

    pub(crate) async fn experiment_called(
        &self,
        tx: &mut Tx,
        id: &str,
    ) -> Result<(Experiment, ExperimentRow), AppError> {
        let row = tx.experiment(id.trim()).await?.ok_or_else(|| AppError::NotFound {
            what: "an experiment",
            name: id.chars().take(100).collect(),
            hint: "`cairn experiment list` shows all experiments at home",
        })?;
        Ok((parse_row(&row)?, row))
    }
}

fn parse_row(row: &ExperimentRow) -> Result<Experiment, AppError> {
    let document: Document = serde_json::from_str(&row.document).map_err(StoreError::corrupt)?;
    Ok(document.experiment().map_err(StoreError::corrupt)?)
}

async fn releases_of(tx: &mut Tx, id: &str) -> Result<Vec<ReleaseRow>, AppError> {
    let all = tx.releases().await?;
    Ok(all.into_iter().filter(|r| r.experiment_id.as_deref() == Some(id)).collect())
}
