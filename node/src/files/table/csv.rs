//! A table as comma-separated values after RFC 4180: UTF-8 with a byte-order mark, without which Excel takes accents
//! for something else; commas, quotes where they are needed, lines that end with CR LF.
//!
//! The first row has the columns' names, for programs. A cell that a spreadsheet would take for a formula gets an
//! apostrophe before it, which spreadsheets take for "this is text": a cell that begins with `=`, `+`, `-`, `@`, a tab
//! or a carriage return, or with the wide form of one of the signs. A program that needs the text itself takes one
//! apostrophe away where one of these comes after it.

use ::csv::{Terminator, WriterBuilder};

use super::Table;

/// What Excel knows UTF-8 by.
const MARK: &str = "\u{feff}";

/// Signs that begin a formula, or what a spreadsheet skips before one.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'];

impl Table {
    /// Writes it as comma-separated values; see [`self`](super::csv).
    ///
    /// # Errors
    /// Never for a table whose rows are as long as it has columns; the writer's own words otherwise.
    pub fn to_csv(&self) -> Result<Vec<u8>, String> {
        let mut writer =
            WriterBuilder::new().terminator(Terminator::CRLF).from_writer(MARK.as_bytes().to_vec());
        let header = self.columns.iter().map(|column| guarded(&column.name));
        writer.write_record(header).map_err(|error| error.to_string())?;
        for row in &self.rows {
            writer.write_record(row.iter().map(|cell| guarded(cell))).map_err(|error| error.to_string())?;
        }
        writer.into_inner().map_err(|error| error.to_string())
    }
}

fn guarded(cell: &str) -> String {
    if cell.starts_with(FORMULA) { format!("'{cell}") } else { cell.to_owned() }
}
