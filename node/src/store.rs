//! The store: what a node remembers, on SQLite or PostgreSQL. [`Store`] and [`Tx`] are concrete;
//! which database it is shows in `backend` only. A transaction that is not committed leaves no trace.

mod audit;
mod backend;
mod copy;
mod declarations;
mod derived;
mod documents;
mod drafts;
mod erasure;
mod faults;
mod find;
mod groups;
mod holds;
mod identities;
mod integrity;
mod ledger;
mod links;
mod log;
mod peers;
mod place;
mod records;
mod relay;
mod requests;
mod sharing;
mod standing;
mod subscriptions;
mod trust;
mod uses;
mod withdrawals;
mod words;

pub use audit::AuditRow;
pub use copy::{Column, Kind, Row, Table, Value};
pub use declarations::DeclarationRow;
pub use derived::{Indexed, LinkRow};
pub use documents::{DocumentRow, VersionRow};
pub use drafts::DraftRow;
pub use erasure::ErasureRow;
#[cfg(feature = "simulation")]
pub use faults::Faults;
#[cfg(not(feature = "simulation"))]
use faults::Faults;
pub use find::{Filter, HeadRow};
pub use groups::{GroupRow, MemberRow};
pub use holds::HoldRow;
pub use integrity::{CosignatureRow, ForkRow, GateRow};
pub use ledger::LedgerRow;
pub use links::LinkToRow;
pub use log::LogRow;
pub use peers::{InvitationRow, PeeringRow};
pub use records::{HeldRow, OpeningRow, ReleaseRow};
pub use relay::CarrierRow;
pub use requests::RequestRow;
pub use sharing::PauseRow;
pub use standing::BlockRow;
pub use trust::{TrustEntryRow, TrustListRow};
pub use uses::UseSaidRow;
pub use withdrawals::{AskedRow, PurgeRow, ReceiptRow, WithdrawalRow};
pub use words::{FoundRow, SpanRow, WordsRow};

use backend::{Conn, Pool};
use jiff::Timestamp;

/// Why the store could not do it. Nothing of the transaction was kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// An address of no database that this node knows.
    #[error("the database url must begin with \"postgres://\" or \"sqlite://\"")]
    Url,
    /// The disk is full, or a quota or file size limit was hit.
    #[error("the disk is full: nothing was changed; make room and try again ({0})")]
    Full(#[source] sqlx::Error),
    /// The file or directory cannot be written.
    #[error(
        "the database cannot be written: check the owner and the permissions of the data directory ({0})"
    )]
    ReadOnly(#[source] sqlx::Error),
    /// Something with this key exists already.
    #[error("it exists already ({0})")]
    Conflict(#[source] sqlx::Error),
    /// A document whose words were erased.
    #[error("{kind} {id} was erased: what was erased does not come back; use another id")]
    Erased {
        /// Its kind.
        kind: String,
        /// Its id.
        id: String,
    },
    /// What the database holds is not what this node wrote.
    #[error("the database holds something that this node did not write: {0}; restore it from a backup")]
    Corrupt(String),
    /// The schema is of another version.
    #[error("the database's schema does not fit this version of cairn-node: {0}")]
    Schema(#[from] sqlx::migrate::MigrateError),
    /// The schema is older than this version's, which was only to look.
    #[error(
        "the database's schema is older than this version of cairn-node, so nothing was read: start the node once with this version, \
         or use the version that serves it"
    )]
    Behind,
    /// The schema is newer than this version's.
    #[error(
        "it has schema {0}, which this version of cairn-node does not know: use the version that wrote it, or a later one"
    )]
    Ahead(i64),
    /// Anything else the database said.
    #[error("the database failed: {0}")]
    Database(#[source] sqlx::Error),
}

impl StoreError {
    /// A row that cannot be what this node wrote.
    pub(crate) fn corrupt(what: impl std::fmt::Display) -> Self {
        Self::Corrupt(what.to_string())
    }
}

/// SQLite's primary result codes for "full" and "read-only", and its extended I/O error on write.
const SQLITE_FULL: i64 = 13;
const SQLITE_READONLY: i64 = 8;
const SQLITE_CANTOPEN: i64 = 14;
const SQLITE_IOERR_WRITE: i64 = 778;

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        let Some(db) = error.as_database_error() else {
            return Self::Database(error);
        };
        if db.is_unique_violation() {
            return Self::Conflict(error);
        }
        let code = db.code().map(|c| c.into_owned()).unwrap_or_default();
        if code == "53100" {
            return Self::Full(error); // PostgreSQL: disk_full
        }
        match code.parse::<i64>() {
            Ok(SQLITE_IOERR_WRITE) => Self::Full(error),
            Ok(code) if code.rem_euclid(256) == SQLITE_FULL => Self::Full(error),
            Ok(code) if matches!(code.rem_euclid(256), SQLITE_READONLY | SQLITE_CANTOPEN) => {
                Self::ReadOnly(error)
            }
            _ => Self::Database(error),
        }
    }
}

/// A place to keep things. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pool: Pool,
    faults: Faults,
}

/// A transaction. Dropped without [`Tx::commit`], it leaves no trace.
#[derive(Debug)]
pub struct Tx {
    conn: Conn,
    faults: Faults,
}

impl Store {
    /// Opens the database at `url` ("sqlite:///path" or "postgres://...") and brings its schema up to date.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be opened or its schema is newer than this version.
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Ok(Self { pool: Pool::open(url).await?, faults: Faults::none() })
    }

    /// Opens the database at `url` beside the node that serves it: to read only, and nothing is brought up to date.
    ///
    /// # Errors
    /// [`StoreError`] when it cannot be opened; [`StoreError::Behind`] when a node of this version has not served it yet.
    pub async fn open_beside(url: &str) -> Result<Self, StoreError> {
        Ok(Self { pool: Pool::open_beside(url).await?, faults: Faults::none() })
    }

    /// Opens a new database at `url` for what comes out of a backup: its schema is that of the backup, and
    /// [`Store::open`] brings it up to date later.
    ///
    /// # Errors
    /// [`StoreError::Ahead`] when this version does not know that schema.
    pub async fn open_for_copy(url: &str, schema: u64) -> Result<Self, StoreError> {
        Ok(Self { pool: Pool::open_for_copy(url, int(schema)?).await?, faults: Faults::none() })
    }

    /// Begins to write. Others may go on reading.
    ///
    /// # Errors
    /// [`StoreError`] when no connection is to be had.
    pub async fn write(&self) -> Result<Tx, StoreError> {
        self.faults.alive()?;
        Ok(Tx { conn: self.pool.write().await?, faults: self.faults.clone() })
    }

    /// Begins to read one consistent state.
    ///
    /// # Errors
    /// [`StoreError`] when no connection is to be had.
    pub async fn read(&self) -> Result<Tx, StoreError> {
        self.faults.alive()?;
        Ok(Tx { conn: self.pool.read().await?, faults: self.faults.clone() })
    }

    /// "sqlite" or "postgresql".
    #[must_use]
    pub fn database(&self) -> &'static str {
        self.pool.name()
    }

    /// After a purge: leaves nothing of it in the database's side files.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget(&self) -> Result<(), StoreError> {
        self.faults.alive()?;
        self.pool.forget().await
    }

    /// Closes all connections, waiting for those in use.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

impl Tx {
    /// Keeps what was written.
    ///
    /// # Errors
    /// [`StoreError`]; nothing was kept then.
    pub async fn commit(self) -> Result<(), StoreError> {
        self.faults.point()?;
        self.conn.commit().await?;
        self.faults.point()
    }
}

/// A time as the store keeps it.
fn micros(at: Timestamp) -> i64 {
    at.as_microsecond()
}

/// A time from the store.
fn time(micros: i64) -> Result<Timestamp, StoreError> {
    Timestamp::from_microsecond(micros).map_err(StoreError::corrupt)
}

/// A count or index as the store keeps it: they stay far below 2^63.
fn int(value: u64) -> Result<i64, StoreError> {
    i64::try_from(value).map_err(StoreError::corrupt)
}

/// A count or index from the store.
fn uint(value: i64) -> Result<u64, StoreError> {
    u64::try_from(value).map_err(StoreError::corrupt)
}

/// Fixed-size bytes from the store.
fn array<const N: usize>(what: &str, bytes: &[u8]) -> Result<[u8; N], StoreError> {
    bytes.try_into().map_err(|_| StoreError::corrupt(format!("{what} of {} bytes", bytes.len())))
}
