//! The databases a contract runs on, each new and empty, and gone afterwards; and [`contracts!`],
//! which makes a test for either of a contract.

use std::{
    hash::{BuildHasher as _, RandomState},
    panic::{AssertUnwindSafe, resume_unwind},
    path::{Path, PathBuf},
    str::FromStr as _,
};

use cairn_node::store::{Store, Tx};
use futures::FutureExt as _;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, postgres::PgConnectOptions};
use tokio::sync::Semaphore;

/// Contracts on PostgreSQL at a time: each may take eight connections, and a server has a hundred.
static TURNS: Semaphore = Semaphore::const_new(6);

/// An open store on an empty database.
#[derive(Clone)]
pub(crate) struct Db {
    pub(crate) store: Store,
    pub(crate) url: String,
}

impl Db {
    async fn open(url: String) -> Self {
        Self { store: Store::open(&url).await.unwrap(), url }
    }

    /// The same database, opened again.
    pub(crate) async fn again(&self) -> Self {
        Self::open(self.url.clone()).await
    }

    pub(crate) async fn write(&self) -> Tx {
        self.store.write().await.unwrap()
    }

    pub(crate) async fn read(&self) -> Tx {
        self.store.read().await.unwrap()
    }
}

/// A directory with a database file in it, as in production.
pub(crate) struct Sqlite {
    dir: tempfile::TempDir,
}

impl Sqlite {
    pub(crate) fn new() -> Self {
        Self { dir: tempfile::tempdir().unwrap() }
    }

    pub(crate) fn dir(&self) -> &Path {
        self.dir.path()
    }

    pub(crate) fn file(&self) -> PathBuf {
        self.dir().join("node.db")
    }

    pub(crate) fn url(&self) -> String {
        format!("sqlite://{}", self.file().display())
    }

    pub(crate) async fn open(&self) -> Db {
        Db::open(self.url()).await
    }
}

/// Runs a contract on SQLite.
pub(crate) async fn on_sqlite<F: Future<Output = ()>>(contract: impl FnOnce(Db) -> F) {
    let files = Sqlite::new();
    let db = files.open().await;
    contract(db.clone()).await;
    db.store.close().await;
}

/// Runs a contract on PostgreSQL, if there is one. Its database goes even if the contract is broken.
pub(crate) async fn on_postgresql<F: Future<Output = ()>>(contract: impl FnOnce(Db) -> F) {
    let Some(server) = server() else { return };
    let _turn = TURNS.acquire().await.unwrap();
    let name = format!("cairn_test_{:016x}", RandomState::new().hash_one(0));
    // A natural-language collation, so that an order that depends on it shows.
    let create = format!(
        "CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' \
         LOCALE_PROVIDER icu ICU_LOCALE 'en-US'"
    );
    administer(&server, create).await;
    let url = server.clone().database(&name).to_url_lossy().to_string();
    let run = async {
        let db = Db::open(url).await;
        contract(db.clone()).await;
        db.store.close().await;
    };
    let outcome = AssertUnwindSafe(run).catch_unwind().await;
    administer(&server, format!("DROP DATABASE {name} WITH (FORCE)")).await;
    outcome.unwrap_or_else(|panic| resume_unwind(panic));
}

async fn administer(server: &PgConnectOptions, sql: String) {
    let mut connection = PgConnection::connect_with(server).await.unwrap();
    sqlx::query(AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
    connection.close().await.unwrap();
}

/// The PostgreSQL to test on; `None` where it may be left out.
fn server() -> Option<PgConnectOptions> {
    let Some(url) = environment("CAIRN_TEST_POSTGRES_URL") else {
        let required = environment("CAIRN_TEST_REQUIRE_POSTGRES").is_some_and(|value| value == "1");
        assert!(!required, "CAIRN_TEST_REQUIRE_POSTGRES=1, but CAIRN_TEST_POSTGRES_URL is not set");
        println!("skipped: set CAIRN_TEST_POSTGRES_URL to run this contract on PostgreSQL");
        return None;
    };
    Some(PgConnectOptions::from_str(&url).unwrap())
}

#[expect(clippy::disallowed_methods, reason = "the one place where the tests read the environment")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// Makes a test on SQLite and one on PostgreSQL of each `async fn(Db)` named.
macro_rules! contracts {
    ($($contract:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $contract() {
                crate::databases::on_sqlite(super::$contract).await;
            })+
        }
        mod postgresql {
            $(#[tokio::test]
            async fn $contract() {
                crate::databases::on_postgresql(super::$contract).await;
            })+
        }
    };
}
