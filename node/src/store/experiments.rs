//! Experiments kept at home, in every version.

use jiff::Timestamp;

use super::{
    StoreError, Tx,
    backend::{execute, fetch},
    int, micros, time, uint,
};

/// A version of an experiment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExperimentRow {
    /// Its local id.
    pub id: String,
    /// The version, from 1.
    pub version: u64,
    /// The JSON document.
    pub document: String,
    /// When this version was made.
    pub at: Timestamp,
}

type Row = (String, i64, String, i64);

fn experiment((id, version, document, at): Row) -> Result<ExperimentRow, StoreError> {
    Ok(ExperimentRow { id, version: uint(version)?, document, at: time(at)? })
}

impl Tx {
    /// The newest version of an experiment.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn experiment(&mut self, id: &str) -> Result<Option<ExperimentRow>, StoreError> {
        let row = fetch!(
            fetch_optional,
            Row,
            self,
            "SELECT id, version, document, at FROM experiment_versions WHERE id = $1 ORDER BY version DESC LIMIT 1",
            id
        )?;
        row.map(experiment).transpose()
    }

    /// The newest version of every experiment, by id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn experiments(&mut self) -> Result<Vec<ExperimentRow>, StoreError> {
        let mut rows = fetch!(
            fetch_all,
            Row,
            self,
            "SELECT e.id, e.version, e.document, e.at FROM experiment_versions e \
             WHERE e.version = (SELECT MAX(v.version) FROM experiment_versions v WHERE v.id = e.id)"
        )?;
        // Not ORDER BY: PostgreSQL would order by the rules of whatever language it was set up for.
        rows.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        rows.into_iter().map(experiment).collect()
    }

    /// Adds a version of an experiment.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when the version exists.
    pub async fn add_experiment_version(&mut self, row: &ExperimentRow) -> Result<(), StoreError> {
        execute!(
            self,
            "INSERT INTO experiment_versions (id, version, document, at) VALUES ($1, $2, $3, $4)",
            &row.id[..],
            int(row.version)?,
            &row.document[..],
            micros(row.at)
        )?;
        Ok(())
    }

    /// How many experiments are kept.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn experiment_count(&mut self) -> Result<u64, StoreError> {
        let sql = "SELECT COUNT(DISTINCT id) FROM experiment_versions";
        uint(fetch!(fetch_one, (i64,), self, sql)?.0)
    }
}
