//! The one place that names a database: two pools and two kinds of connection behind two enums,
//! and macros that run one SQL text on either.

mod catalogue;
mod forgetting;
mod text_index;

use std::{cmp::Ordering, io, str::FromStr as _, time::Duration};

use sqlx::{
    PgPool, Postgres, Sqlite, SqlitePool, Transaction,
    migrate::{MigrateError, Migrator},
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::StoreError;
pub(super) use text_index::{Index, entry};

static MIGRATIONS: Migrator = sqlx::migrate!("./migrations");

/// A summary of 2 KiB and its salt fit several times into a page of 16 KiB; with the default of
/// 4 KiB half the file would be air.
const PAGE_BYTES: u32 = 16 * 1024;
/// How long a writer waits for another before it gives up.
const BUSY: Duration = Duration::from_secs(20);
/// Takes the right to write at once: a reader that becomes a writer half-way could be refused.
const BEGIN: &str = "BEGIN IMMEDIATE";
/// Readers beside the one writer.
const READERS: u32 = 4;

/// Where the data is.
#[derive(Clone, Debug)]
pub(super) enum Pool {
    /// One writer and several readers on one file.
    Sqlite { writer: SqlitePool, readers: SqlitePool },
    /// A server.
    Postgres(PgPool),
}

/// An open transaction.
#[derive(Debug)]
pub(super) enum Conn {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

impl Pool {
    /// Opens the database at `url` and brings its schema up to date.
    pub(super) async fn open(url: &str) -> Result<Self, StoreError> {
        if url.starts_with("sqlite:") {
            return Self::open_sqlite(url).await;
        }
        let pool = postgres_pool(url).await?;
        MIGRATIONS.run(&pool).await.map_err(not_migrated)?;
        text_index::open_postgres(&pool).await?;
        Ok(Self::Postgres(pool))
    }

    async fn open_sqlite(url: &str) -> Result<Self, StoreError> {
        let options = sqlite_options(url)?;
        let writer = sqlite_pool(1, options.clone()).await?;
        MIGRATIONS.run(&writer).await.map_err(not_migrated)?;
        text_index::open_sqlite(&writer).await?;
        // The power may have gone between a purge and `forget`. Readers of another process only delay it.
        forgetting::forget(&writer).await?;
        let readers = sqlite_pool(READERS, options.read_only(true).create_if_missing(false)).await?;
        Ok(Self::Sqlite { writer, readers })
    }

    /// Opens the database at `url` to read only, beside the node that serves it.
    pub(super) async fn open_beside(url: &str) -> Result<Self, StoreError> {
        let sql = "SELECT MAX(version) FROM _sqlx_migrations";
        let (pool, schema): (_, Option<i64>) = if url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(url)?.busy_timeout(BUSY);
            let readers = sqlite_pool(1, options.read_only(true).create_if_missing(false)).await?;
            let schema = sqlx::query_scalar(sql).fetch_one(&readers).await?;
            (Self::Sqlite { writer: readers.clone(), readers }, schema)
        } else {
            let pool = postgres_pool(url).await?;
            let schema = sqlx::query_scalar(sql).fetch_one(&pool).await?;
            (Self::Postgres(pool), schema)
        };
        match schema.cmp(&newest()) {
            Ordering::Equal => Ok(pool),
            Ordering::Less => Err(StoreError::Behind),
            Ordering::Greater => Err(StoreError::Ahead(schema.unwrap_or_default())),
        }
    }

    /// Opens the database at `url` with the schema that was in force at migration `schema`.
    pub(super) async fn open_for_copy(url: &str, schema: i64) -> Result<Self, StoreError> {
        if !MIGRATIONS.version_exists(schema) {
            return Err(StoreError::Ahead(schema));
        }
        if url.starts_with("sqlite:") {
            let writer = sqlite_pool(1, sqlite_options(url)?).await?;
            MIGRATIONS.run_to(schema, &writer).await.map_err(not_migrated)?;
            return Ok(Self::Sqlite { readers: writer.clone(), writer });
        }
        let pool = postgres_pool(url).await?;
        MIGRATIONS.run_to(schema, &pool).await.map_err(not_migrated)?;
        Ok(Self::Postgres(pool))
    }

    pub(super) async fn write(&self) -> Result<Conn, StoreError> {
        Ok(match self {
            Self::Sqlite { writer, .. } => Conn::Sqlite(begin(writer).await?),
            Self::Postgres(pool) => Conn::Postgres(pool.begin().await?),
        })
    }

    pub(super) async fn read(&self) -> Result<Conn, StoreError> {
        Ok(match self {
            Self::Sqlite { readers, .. } => Conn::Sqlite(readers.begin().await?),
            Self::Postgres(pool) => {
                Conn::Postgres(pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await?)
            }
        })
    }

    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Sqlite { .. } => "sqlite",
            Self::Postgres(_) => "postgresql",
        }
    }

    /// Sees to it that what was purged is in none of SQLite's files any more, or fails.
    pub(super) async fn forget(&self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite { writer, .. } if !forgetting::forget(writer).await? => {
                let reason = "a reader still sees what was purged; try again";
                Err(sqlx::Error::Io(io::Error::new(io::ErrorKind::ResourceBusy, reason)).into())
            }
            _ => Ok(()),
        }
    }

    pub(super) async fn close(&self) {
        match self {
            Self::Sqlite { writer, readers } => {
                readers.close().await;
                writer.close().await;
            }
            Self::Postgres(pool) => pool.close().await,
        }
    }
}

/// The number of the newest migration.
fn newest() -> Option<i64> {
    MIGRATIONS.iter().map(|migration| migration.version).max()
}

async fn postgres_pool(url: &str) -> Result<PgPool, StoreError> {
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(StoreError::Url);
    }
    let options = PgConnectOptions::from_str(url)?;
    Ok(PgPoolOptions::new().max_connections(8).acquire_timeout(BUSY).connect_with(options).await?)
}

async fn sqlite_pool(connections: u32, options: SqliteConnectOptions) -> Result<SqlitePool, StoreError> {
    let pool = SqlitePoolOptions::new().max_connections(connections).acquire_timeout(BUSY);
    Ok(pool.connect_with(options).await?)
}

fn sqlite_options(url: &str) -> Result<SqliteConnectOptions, StoreError> {
    // secure_delete overwrites what is purged; FULL keeps what was acknowledged through a power cut.
    let options = SqliteConnectOptions::from_str(url)?.create_if_missing(true).page_size(PAGE_BYTES);
    let options = options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full);
    Ok(options.pragma("secure_delete", "ON").busy_timeout(BUSY))
}

/// A full disk or missing permissions are nothing that another schema would help with.
fn not_migrated(error: MigrateError) -> StoreError {
    let (MigrateError::Execute(cause) | MigrateError::ExecuteMigration(cause, _)) = error else {
        return error.into();
    };
    match StoreError::from(cause) {
        StoreError::Conflict(cause) | StoreError::Database(cause) => MigrateError::Execute(cause).into(),
        known => known,
    }
}

/// Begins to write on the one connection that writes. After an error on commit, such as a full disk,
/// SQLite has rolled back by itself; the library then counts a transaction that is no more and would
/// refuse every later one, so that connection is given up for a new one.
async fn begin(writer: &SqlitePool) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
    match writer.begin_with(BEGIN).await {
        Err(sqlx::Error::InvalidSavePointStatement) => {
            writer.acquire().await?.close().await?;
            writer.begin_with(BEGIN).await
        }
        begun => begun,
    }
}

impl Conn {
    pub(super) async fn commit(self) -> Result<(), StoreError> {
        match self {
            Self::Sqlite(tx) => tx.commit().await?,
            Self::Postgres(tx) => tx.commit().await?,
        }
        Ok(())
    }

    /// Whether rows that will be changed have to be locked first. SQLite has one writer anyway.
    pub(super) fn locks_rows(&self) -> bool {
        matches!(self, Self::Postgres(_))
    }
}

/// Runs a statement; gives the number of rows it changed.
macro_rules! execute {
    ($tx:expr, $sql:expr $(, $arg:expr)* $(,)?) => {
        match ($tx.faults.point(), &mut $tx.conn) {
            (Err(struck), _) => Err(struck),
            (Ok(()), crate::store::backend::Conn::Sqlite(c)) => {
                let done = sqlx::query($sql)$(.bind($arg))*.execute(&mut **c).await;
                done.map(|done| done.rows_affected()).map_err(crate::store::StoreError::from)
            }
            (Ok(()), crate::store::backend::Conn::Postgres(c)) => {
                let done = sqlx::query($sql)$(.bind($arg))*.execute(&mut **c).await;
                done.map(|done| done.rows_affected()).map_err(crate::store::StoreError::from)
            }
        }
    };
}

/// Runs a query; gives its rows with `fetch_all`, or at most one with `fetch_optional`.
macro_rules! fetch {
    ($how:ident, $row:ty, $tx:expr, $sql:expr $(, $arg:expr)* $(,)?) => {
        match &mut $tx.conn {
            crate::store::backend::Conn::Sqlite(c) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($arg))*.$how(&mut **c).await
            }
            crate::store::backend::Conn::Postgres(c) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($arg))*.$how(&mut **c).await
            }
        }
        .map_err(crate::store::StoreError::from)
    };
}

/// Inserts many rows with one statement: `insert_many!(tx, "INSERT INTO t (a, b)", rows, |row| [row.a, row.b], "")`.
macro_rules! insert_many {
    ($tx:expr, $sql:expr, $rows:expr, |$row:ident| [$($value:expr),+ $(,)?], $suffix:expr) => {
        match ($tx.faults.point(), &mut $tx.conn) {
            (Err(struck), _) => Err(struck),
            (Ok(()), crate::store::backend::Conn::Sqlite(c)) => {
                let mut query = sqlx::QueryBuilder::<sqlx::Sqlite>::new($sql);
                query.push_values($rows, |mut values, $row| { $(values.push_bind($value);)+ });
                query.push($suffix);
                query.build().execute(&mut **c).await.map(|_| ()).map_err(crate::store::StoreError::from)
            }
            (Ok(()), crate::store::backend::Conn::Postgres(c)) => {
                let mut query = sqlx::QueryBuilder::<sqlx::Postgres>::new($sql);
                query.push_values($rows, |mut values, $row| { $(values.push_bind($value);)+ });
                query.push($suffix);
                query.build().execute(&mut **c).await.map(|_| ()).map_err(crate::store::StoreError::from)
            }
        }
    };
}

/// Runs a query that is put together piece by piece; gives its rows. Not prepared once for all, because
/// PostgreSQL's best plan depends on how common the words are that are asked for:
/// `select!(tx, Row, |query| query.push("SELECT a FROM t WHERE b = ").push_bind(b))`.
macro_rules! select {
    ($tx:expr, $row:ty, |$query:ident| $build:expr) => {
        match &mut $tx.conn {
            crate::store::backend::Conn::Sqlite(c) => {
                let mut $query = sqlx::QueryBuilder::<sqlx::Sqlite>::new("");
                $build;
                $query.build_query_as::<$row>().persistent(false).fetch_all(&mut **c).await
            }
            crate::store::backend::Conn::Postgres(c) => {
                let mut $query = sqlx::QueryBuilder::<sqlx::Postgres>::new("");
                $build;
                $query.build_query_as::<$row>().persistent(false).fetch_all(&mut **c).await
            }
        }
        .map_err(crate::store::StoreError::from)
    };
}

pub(super) use {execute, fetch, insert_many, select};
