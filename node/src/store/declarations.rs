//! Signed declarations on experiments kept at home.

use jiff::Timestamp;

use super::{
    StoreError, Tx,
    backend::{execute, fetch},
    int, micros, time, uint,
};

/// A declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeclarationRow {
    /// The experiment.
    pub experiment_id: String,
    /// The version of it that was declared.
    pub version: u64,
    /// When.
    pub at: Timestamp,
    /// The exact bytes of the signed envelope.
    pub envelope: Vec<u8>,
}

impl Tx {
    /// Keeps a declaration.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when there is one of the same experiment at the same moment.
    pub async fn add_declaration(&mut self, row: &DeclarationRow) -> Result<(), StoreError> {
        let sql = "INSERT INTO declarations (experiment_id, version, at, envelope) VALUES ($1, $2, $3, $4)";
        execute!(self, sql, &row.experiment_id[..], int(row.version)?, micros(row.at), &row.envelope[..])?;
        Ok(())
    }

    /// The declarations of an experiment, oldest first.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn declarations(&mut self, experiment_id: &str) -> Result<Vec<DeclarationRow>, StoreError> {
        let sql = "SELECT version, at, envelope FROM declarations WHERE experiment_id = $1 ORDER BY at";
        let rows = fetch!(fetch_all, (i64, i64, Vec<u8>), self, sql, experiment_id)?;
        let row = |(version, at, envelope): (i64, i64, Vec<u8>)| {
            let (version, at) = (uint(version)?, time(at)?);
            Ok(DeclarationRow { experiment_id: experiment_id.to_owned(), version, at, envelope })
        };
        rows.into_iter().map(row).collect()
    }
}
