//! What tables there are, by the database's own catalogue, and all their rows, in an order that does not depend on the database.
//! A table that a migration adds is in it without anybody's doing.
//!
//! Deliberately not here: the list of migrations, and the text indexes, which are made again from documents and records.

use std::collections::BTreeMap;

use futures::StreamExt as _;
use sqlx::{
    AssertSqlSafe, ColumnIndex, Database, Decode, Encode, Postgres, QueryBuilder, Row as _, Sqlite, Type,
};
use tokio::sync::mpsc;

use super::{
    super::copy::{Column, Kind, Row, Table, Value},
    Conn, StoreError,
};

/// Rows that travel together have at most about so many bytes, or are one...
const BATCH_BYTES: usize = 128 * 1024;
/// ...and are at most so many.
const BATCH_ROWS: usize = 500;
/// Values bound to one statement; SQLite takes 32766.
const BOUND: usize = 16_000;

const SQLITE: &str = "SELECT t.name, c.name, c.type, CAST(c.pk AS BIGINT) \
    FROM sqlite_master t JOIN pragma_table_info(t.name) c \
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND t.name <> '_sqlx_migrations' \
    AND t.name NOT LIKE 'text\\_index%' ESCAPE '\\' AND t.name NOT LIKE 'record\\_index%' ESCAPE '\\' \
    ORDER BY t.name, c.cid";
const POSTGRES: &str = "SELECT CAST(c.table_name AS TEXT), CAST(c.column_name AS TEXT), CAST(c.data_type AS TEXT), \
    CAST(COALESCE(k.ordinal_position, 0) AS BIGINT) \
    FROM information_schema.tables t \
    JOIN information_schema.columns c ON c.table_schema = t.table_schema AND c.table_name = t.table_name \
    LEFT JOIN information_schema.table_constraints p ON p.table_schema = t.table_schema \
    AND p.table_name = t.table_name AND p.constraint_type = 'PRIMARY KEY' \
    LEFT JOIN information_schema.key_column_usage k ON k.constraint_schema = p.constraint_schema \
    AND k.constraint_name = p.constraint_name AND k.table_name = t.table_name AND k.column_name = c.column_name \
    WHERE t.table_schema = current_schema() AND t.table_type = 'BASE TABLE' \
    AND t.table_name NOT IN ('_sqlx_migrations', 'text_index', 'record_index', 'record_index_rows') \
    ORDER BY 1, c.ordinal_position";

/// A column as a catalogue tells of it: its table, its name, its type, and its place in the primary key or 0.
type Told = (String, String, String, i64);

fn kind(table: &str, column: &str, told: &str) -> Result<Kind, StoreError> {
    match told.to_ascii_uppercase().as_str() {
        "BIGINT" => Ok(Kind::Int),
        "TEXT" => Ok(Kind::Text),
        "BYTEA" => Ok(Kind::Bytes),
        other => Err(StoreError::corrupt(format!("column {column} of table {table}, of type {other}"))),
    }
}

fn tables(told: Vec<Told>) -> Result<Vec<Table>, StoreError> {
    let mut tables: BTreeMap<String, Table> = BTreeMap::new();
    for (name, column, told, place) in told {
        let kind = kind(&name, &column, &told)?;
        let table = tables.entry(name.clone()).or_insert(Table { name, columns: Vec::new() });
        table.columns.push(Column { name: column, kind, key: super::super::uint(place)? });
    }
    let tables: Vec<Table> = tables.into_values().collect();
    match tables.iter().find(|table| table.key().next().is_none()) {
        Some(table) => Err(StoreError::corrupt(format!("table {}, without a primary key", table.name))),
        None => Ok(tables),
    }
}

/// A name of ours in a statement.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn names(columns: &[Column]) -> String {
    columns.iter().map(|column| quoted(&column.name)).collect::<Vec<_>>().join(", ")
}

/// All rows of a table in the order of its key; texts by their bytes, whatever the language of the database.
fn select(table: &Table, by_bytes: &str) -> String {
    let key = table.key().map(|column| match column.kind {
        Kind::Text => format!("{}{by_bytes}", quoted(&column.name)),
        Kind::Int | Kind::Bytes => quoted(&column.name),
    });
    let key = key.collect::<Vec<_>>().join(", ");
    format!("SELECT {} FROM {} ORDER BY {key}", names(&table.columns), quoted(&table.name))
}

fn read<'r, D: Database>(table: &Table, row: &'r D::Row) -> Result<Row, StoreError>
where
    usize: ColumnIndex<D::Row>,
    i64: Decode<'r, D>,
    String: Decode<'r, D>,
    Vec<u8>: Decode<'r, D>,
{
    let cell = |(column, at): (&Column, usize)| {
        // Unchecked, because an empty value of bytes was once written as an empty text.
        let value = match column.kind {
            Kind::Int => row.try_get_unchecked::<Option<i64>, _>(at)?.map(Value::Int),
            Kind::Text => row.try_get_unchecked::<Option<String>, _>(at)?.map(Value::Text),
            Kind::Bytes => row.try_get_unchecked::<Option<Vec<u8>>, _>(at)?.map(Value::Bytes),
        };
        Ok(value.unwrap_or(Value::Null))
    };
    table.columns.iter().zip(0..).map(cell).collect()
}

fn insert<'a, D>(table: &'a Table, rows: &'a [Row]) -> QueryBuilder<D>
where
    D: Database,
    Option<i64>: Encode<'a, D> + Type<D>,
    Option<&'a str>: Encode<'a, D> + Type<D>,
    Option<&'a [u8]>: Encode<'a, D> + Type<D>,
{
    let mut query = QueryBuilder::<D>::new("INSERT INTO ");
    query.push(quoted(&table.name)).push(" (").push(names(&table.columns)).push(") ");
    query.push_values(rows, |mut values, row| {
        for (column, value) in table.columns.iter().zip(row) {
            match (value, column.kind) {
                (Value::Int(value), _) => values.push_bind(Some(*value)),
                (Value::Text(value), _) => values.push_bind(Some(value.as_str())),
                (Value::Bytes(value), _) => values.push_bind(Some(value.as_slice())),
                (Value::Null, Kind::Int) => values.push_bind(None::<i64>),
                (Value::Null, Kind::Text) => values.push_bind(None::<&str>),
                (Value::Null, Kind::Bytes) => values.push_bind(None::<&[u8]>),
            };
        }
    });
    query
}

/// Rows on their way out.
struct Batch<'a> {
    rows: Vec<Row>,
    bytes: usize,
    out: &'a mpsc::Sender<Vec<Row>>,
}

impl Batch<'_> {
    /// Takes a row in; false once nobody wants any more.
    async fn add(&mut self, row: Row) -> bool {
        self.bytes += row.iter().map(Value::size).sum::<usize>();
        self.rows.push(row);
        if self.bytes < BATCH_BYTES && self.rows.len() < BATCH_ROWS {
            return true;
        }
        self.bytes = 0;
        self.send().await
    }

    async fn send(&mut self) -> bool {
        let rows = std::mem::take(&mut self.rows);
        rows.is_empty() || self.out.send(rows).await.is_ok()
    }
}

impl Conn {
    /// All tables but what is made again by itself, by name.
    pub(in crate::store) async fn tables(&mut self) -> Result<Vec<Table>, StoreError> {
        tables(match self {
            Self::Sqlite(tx) => sqlx::query_as(SQLITE).fetch_all(&mut **tx).await?,
            Self::Postgres(tx) => sqlx::query_as(POSTGRES).fetch_all(&mut **tx).await?,
        })
    }

    /// Sends all rows of a table, in batches, as fast as they are taken.
    pub(in crate::store) async fn copy_out(
        &mut self,
        table: &Table,
        out: &mpsc::Sender<Vec<Row>>,
    ) -> Result<(), StoreError> {
        let mut batch = Batch { rows: Vec::new(), bytes: 0, out };
        macro_rules! send_all {
            ($tx:ident, $database:ty, $by_bytes:expr) => {{
                let sql = AssertSqlSafe(select(table, $by_bytes));
                let mut rows = sqlx::query(sql).persistent(false).fetch(&mut **$tx);
                while let Some(row) = rows.next().await {
                    if !batch.add(read::<$database>(table, &row?)?).await {
                        return Ok(());
                    }
                }
            }};
        }
        match self {
            Self::Sqlite(tx) => send_all!(tx, Sqlite, ""),
            Self::Postgres(tx) => send_all!(tx, Postgres, " COLLATE \"C\""),
        }
        batch.send().await;
        Ok(())
    }

    /// Writes rows as they are.
    pub(in crate::store) async fn copy_in(&mut self, table: &Table, rows: &[Row]) -> Result<(), StoreError> {
        let at_once = (BOUND / table.columns.len().max(1)).max(1);
        for rows in rows.chunks(at_once) {
            match self {
                Self::Sqlite(tx) => {
                    insert::<Sqlite>(table, rows).build().persistent(false).execute(&mut **tx).await?;
                }
                Self::Postgres(tx) => {
                    insert::<Postgres>(table, rows).build().persistent(false).execute(&mut **tx).await?;
                }
            }
        }
        Ok(())
    }

    /// How many rows a table has.
    pub(in crate::store) async fn count_rows(&mut self, table: &Table) -> Result<i64, StoreError> {
        let sql = AssertSqlSafe(format!("SELECT COUNT(*) FROM {}", quoted(&table.name)));
        Ok(match self {
            Self::Sqlite(tx) => sqlx::query_scalar(sql).fetch_one(&mut **tx).await?,
            Self::Postgres(tx) => sqlx::query_scalar(sql).fetch_one(&mut **tx).await?,
        })
    }

    /// Deletes all rows of a table.
    pub(in crate::store) async fn clear_table(&mut self, table: &Table) -> Result<(), StoreError> {
        let sql = AssertSqlSafe(format!("DELETE FROM {}", quoted(&table.name)));
        match self {
            Self::Sqlite(tx) => sqlx::query(sql).execute(&mut **tx).await.map(|_| ())?,
            Self::Postgres(tx) => sqlx::query(sql).execute(&mut **tx).await.map(|_| ())?,
        }
        Ok(())
    }
}
