//! Our own profile, in every version.

use jiff::Timestamp;

use super::{
    StoreError, Tx,
    backend::{execute, fetch},
    micros,
};

impl Tx {
    /// The newest version of our profile, as a JSON document.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn place(&mut self) -> Result<Option<String>, StoreError> {
        let sql = "SELECT document FROM place_versions ORDER BY version DESC LIMIT 1";
        Ok(fetch!(fetch_optional, (String,), self, sql)?.map(|(document,)| document))
    }

    /// Adds a version of our profile.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn add_place_version(&mut self, document: &str, at: Timestamp) -> Result<(), StoreError> {
        execute!(
            self,
            "INSERT INTO place_versions (version, document, at) \
             SELECT COALESCE(MAX(version), 0) + 1, $1, $2 FROM place_versions",
            document,
            micros(at)
        )?;
        Ok(())
    }
}
