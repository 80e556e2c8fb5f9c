//! Tables of documents, and maps from and to other programs.

use super::{App, AppError, Operator, save::Saved};
use crate::domain::learning::Id;

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TableFormat {
    /// Comma-separated values.
    Csv,
    /// An Excel workbook.
    Xlsx,
}

/// A table that is asked for.
#[derive(Clone, Debug, Default)]
pub struct TableWish {
    /// What stands in its rows: a kind, or "factors", "links", "actors", "conditions".
    pub rows: String,
    /// Only of this cycle.
    pub cycle: Option<Id>,
    /// Also what is private.
    pub private: bool,
}

/// A table as a file.
#[derive(Clone, Debug)]
pub struct TableFile {
    /// The file.
    pub content: Vec<u8>,
    /// A name for it.
    pub file_name: String,
    /// How many rows are in it.
    pub rows: usize,
    /// How many were left out.
    pub left_out: usize,
}

/// A map that is to be read in.
#[derive(Clone, Debug, Default)]
pub struct MapWish {
    /// JSON as Kumu writes it.
    pub content: Vec<u8>,
    /// What it is called in errors.
    pub file: String,
    /// The map's id.
    pub id: Option<Id>,
    /// The system it is a map of.
    pub system: String,
    /// Who sees it so.
    pub seen_by: String,
    /// What it shows.
    pub title: String,
}

impl App {
    /// A table as a file.
    ///
    /// # Errors
    /// [`AppError::Argument`] for rows that are none.
    pub async fn export_table(
        &self,
        _: &Operator,
        wish: &TableWish,
        _: TableFormat,
    ) -> Result<TableFile, AppError> {
        Err(AppError::Argument(wish.rows.clone()))
    }

    /// A map for Kumu, and a name for the file.
    ///
    /// # Errors
    /// [`AppError::Unknown`].
    pub async fn export_map(&self, _: &Operator, id: &Id) -> Result<(Vec<u8>, String), AppError> {
        Err(AppError::Argument(id.to_string()))
    }

    /// Reads in a map from Kumu.
    ///
    /// # Errors
    /// [`AppError::File`].
    pub async fn import_map(&self, _: &Operator, wish: MapWish) -> Result<(Saved, Vec<String>), AppError> {
        Err(AppError::Argument(wish.file))
    }
}
