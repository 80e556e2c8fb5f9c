//! Copying a whole database out and in, row by row and table by table, without knowing what is in it: for backups. What comes
//! out is the same on both databases.

use tokio::sync::mpsc;

use super::{StoreError, Tx, backend::fetch, uint};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Whole numbers.
    Int,
    /// Text.
    Text,
    /// Bytes.
    Bytes,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds.
    pub kind: Kind,
    /// Its place in the primary key from 1 on; 0: it is not in it.
    pub key: u64,
}

/// A table, by the database's own catalogue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<Column>,
}

/// One value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// None.
    Null,
    /// A number.
    Int(i64),
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
}

/// The values of a row, one a column.
pub type Row = Vec<Value>;

impl Value {
    /// About how many bytes it takes.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Null | Self::Int(_) => size_of::<i64>(),
            Self::Text(text) => text.len(),
            Self::Bytes(bytes) => bytes.len(),
        }
    }

    /// Whether it can stand in a column.
    fn fits(&self, kind: Kind) -> bool {
        match self {
            Self::Null => true,
            Self::Int(_) => kind == Kind::Int,
            Self::Text(_) => kind == Kind::Text,
            Self::Bytes(_) => kind == Kind::Bytes,
        }
    }
}

impl Table {
    /// The columns of its primary key, in the key's order.
    pub(super) fn key(&self) -> impl Iterator<Item = &Column> {
        let mut key: Vec<_> = self.columns.iter().filter(|column| column.key > 0).collect();
        key.sort_by_key(|column| column.key);
        key.into_iter()
    }
}

impl Tx {
    /// All tables by name, but those that are made again by themselves: the text index and the list of migrations.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for a table of which nothing is known here.
    pub async fn tables(&mut self) -> Result<Vec<Table>, StoreError> {
        self.conn.tables().await
    }

    /// The version of the schema: the number of the newest migration.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn schema(&mut self) -> Result<u64, StoreError> {
        let sql = "SELECT MAX(version) FROM _sqlx_migrations";
        uint(fetch!(fetch_one, (Option<i64>,), self, sql)?.0.unwrap_or_default())
    }

    /// Sends all rows of a table in the order of its key, in batches of bounded size; stops when nobody takes them.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn copy_out(&mut self, table: &Table, out: &mpsc::Sender<Vec<Row>>) -> Result<(), StoreError> {
        self.conn.copy_out(table, out).await
    }

    /// Writes rows into a table as they are.
    ///
    /// # Errors
    /// [`StoreError::Corrupt`] for a row that has not one fitting value for each column.
    pub async fn copy_in(&mut self, table: &Table, rows: &[Row]) -> Result<(), StoreError> {
        let fits = |row: &Row| {
            let values = row.iter().zip(&table.columns);
            row.len() == table.columns.len() && values.into_iter().all(|(v, column)| v.fits(column.kind))
        };
        if !rows.iter().all(fits) {
            return Err(StoreError::corrupt(format!("a row that does not fit table {}", table.name)));
        }
        self.conn.copy_in(table, rows).await
    }

    /// How many rows a table has.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn count_rows(&mut self, table: &Table) -> Result<u64, StoreError> {
        uint(self.conn.count_rows(table).await?)
    }

    /// Deletes all rows of a table.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn clear_table(&mut self, table: &Table) -> Result<(), StoreError> {
        self.conn.clear_table(table).await
    }
}
