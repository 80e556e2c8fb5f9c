//! What is inside a sealed backup: a line with the version of the format, and then parts, each with its length before it and of
//! bounded size. The first part is the header, the last says how much there was. What is read here comes from outside.
//!
//! ```text
//! "cairn backup 1\n"   { length (4 bytes, big-endian)  part (protobuf) } ...
//! part: header | file ... | { table  rows ... } ... | end
//! ```

use std::io::{self, Read, Write};

use prost::{Message, Oneof};

use super::BackupError;
use crate::store;

/// The first line.
const MAGIC: &[u8; 15] = b"cairn backup 1\n";
/// The longest part. Rows come in batches of 128 KiB, and the longest thing a node keeps is some hundred KiB.
pub(super) const PART_BYTES: usize = 4 * 1024 * 1024;

/// A part.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Part {
    #[prost(oneof = "Is", tags = "1, 2, 3, 4, 5")]
    pub(super) is: Option<Is>,
}

/// What a part is.
#[derive(Clone, PartialEq, Oneof)]
pub(super) enum Is {
    #[prost(message, tag = "1")]
    Header(Header),
    #[prost(message, tag = "2")]
    File(File),
    #[prost(message, tag = "3")]
    Table(Table),
    #[prost(message, tag = "4")]
    Rows(Rows),
    #[prost(message, tag = "5")]
    End(End),
}

/// Whose backup it is.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Header {
    /// The number of the newest migration.
    #[prost(uint64, tag = "1")]
    pub(super) schema: u64,
    /// The NodeId.
    #[prost(string, tag = "2")]
    pub(super) node: String,
    /// Microseconds since the Unix epoch.
    #[prost(int64, tag = "3")]
    pub(super) made_at: i64,
    /// For people.
    #[prost(string, tag = "4")]
    pub(super) software: String,
}

/// A file of the data directory.
#[derive(Clone, PartialEq, Message)]
pub(super) struct File {
    /// Its path in the data directory.
    #[prost(string, tag = "1")]
    pub(super) name: String,
    #[prost(bytes = "vec", tag = "2")]
    pub(super) bytes: Vec<u8>,
}

/// Begins a table.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Table {
    #[prost(string, tag = "1")]
    pub(super) name: String,
    /// Names of its columns, in the order of the cells.
    #[prost(string, repeated, tag = "2")]
    pub(super) columns: Vec<String>,
}

/// Rows of the table that was begun.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Rows {
    #[prost(message, repeated, tag = "1")]
    pub(super) rows: Vec<Cells>,
}

/// A row.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Cells {
    #[prost(message, repeated, tag = "1")]
    pub(super) cells: Vec<Cell>,
}

/// A value; without one: none.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Cell {
    #[prost(oneof = "Value", tags = "1, 2, 3")]
    pub(super) value: Option<Value>,
}

/// A value.
#[derive(Clone, PartialEq, Oneof)]
pub(super) enum Value {
    #[prost(sint64, tag = "1")]
    Int(i64),
    #[prost(string, tag = "2")]
    Text(String),
    #[prost(bytes, tag = "3")]
    Bytes(Vec<u8>),
}

/// How much there was.
#[derive(Clone, PartialEq, Message)]
pub(super) struct End {
    #[prost(message, repeated, tag = "1")]
    pub(super) tables: Vec<Count>,
    #[prost(uint32, tag = "2")]
    pub(super) files: u32,
}

/// How many rows a table has.
#[derive(Clone, PartialEq, Message)]
pub(super) struct Count {
    #[prost(string, tag = "1")]
    pub(super) table: String,
    #[prost(uint64, tag = "2")]
    pub(super) rows: u64,
}

impl From<Vec<store::Row>> for Rows {
    fn from(rows: Vec<store::Row>) -> Self {
        let cell = |value| Cell {
            value: match value {
                store::Value::Null => None,
                store::Value::Int(value) => Some(Value::Int(value)),
                store::Value::Text(value) => Some(Value::Text(value)),
                store::Value::Bytes(value) => Some(Value::Bytes(value)),
            },
        };
        let cells = |row: store::Row| Cells { cells: row.into_iter().map(cell).collect() };
        Self { rows: rows.into_iter().map(cells).collect() }
    }
}

impl From<Rows> for Vec<store::Row> {
    fn from(rows: Rows) -> Self {
        let value = |cell: Cell| match cell.value {
            None => store::Value::Null,
            Some(Value::Int(value)) => store::Value::Int(value),
            Some(Value::Text(value)) => store::Value::Text(value),
            Some(Value::Bytes(value)) => store::Value::Bytes(value),
        };
        rows.rows.into_iter().map(|row| row.cells.into_iter().map(value).collect()).collect()
    }
}

/// Writes the first line.
pub(super) fn write_magic(out: &mut impl Write) -> io::Result<()> {
    out.write_all(MAGIC)
}

/// Writes a part.
pub(super) fn write_part(out: &mut impl Write, is: Is) -> io::Result<()> {
    let bytes = Part { is: Some(is) }.encode_to_vec();
    if bytes.len() > PART_BYTES {
        return Err(io::Error::other("a row of the database is larger than a part of a backup may be"));
    }
    let length = u32::try_from(bytes.len()).map_err(io::Error::other)?;
    out.write_all(&length.to_be_bytes())?;
    out.write_all(&bytes)
}

/// Why parts could not be read.
pub(super) enum Unread {
    /// The file ends too early, or does not decrypt.
    Cut(io::Error),
    /// What is in it is no backup.
    Malformed(&'static str),
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        Self::Cut(error)
    }
}

impl Unread {
    /// As an error about a file.
    pub(super) fn of(self, path: &std::path::Path) -> BackupError {
        match self {
            Self::Cut(error) => BackupError::Damaged { path: path.to_owned(), error },
            Self::Malformed(what) => BackupError::Malformed(what.to_owned()),
        }
    }
}

/// Reads all parts up to the end, which has to be the end; gives each to `take`, which may say that it wants no more.
pub(super) fn read_parts(mut from: impl Read, mut take: impl FnMut(Is) -> bool) -> Result<(), Unread> {
    let mut magic = [0; MAGIC.len()];
    from.read_exact(&mut magic)?;
    if magic != *MAGIC {
        return Err(Unread::Malformed(
            "its format is not known here; a later version of cairn-node may know it",
        ));
    }
    let mut bytes = Vec::new();
    loop {
        let mut length = [0; 4];
        from.read_exact(&mut length)?;
        let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
        if length > PART_BYTES {
            return Err(Unread::Malformed("a part is longer than any may be"));
        }
        bytes.resize(length, 0);
        from.read_exact(&mut bytes)?;
        let part = Part::decode(bytes.as_slice()).map_err(|_| Unread::Malformed("a part cannot be read"))?;
        let is = part.is.ok_or(Unread::Malformed("a part is of a kind that is not known here"))?;
        let last = matches!(is, Is::End(_));
        if !take(is) {
            return Ok(());
        }
        if last {
            break;
        }
    }
    match from.read(&mut [0])? {
        0 => Ok(()),
        _ => Err(Unread::Malformed("it goes on after its end")),
    }
}
