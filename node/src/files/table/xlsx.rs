//! A table as an Excel workbook that people can read by eye and by screen reader: one sheet with one real table, a
//! header row that stays in sight and is repeated in print, wrapped text, nothing merged, no colour that means anything.
//! Texts are written as texts, so that none can become a formula. The same table makes the same bytes.

use std::num::TryFromIntError;

use jiff::civil::Date;
use rust_xlsxwriter::{
    DocProperties, ExcelDateTime, Format, FormatAlign, Table as ExcelTable, TableColumn, TableStyle,
    Workbook, Worksheet, XlsxError,
};

use super::Table;

/// Rows of a sheet below the header.
const ROWS: usize = 1_048_575;
/// Columns of a sheet.
const COLUMNS: usize = 16_384;
/// What a cell holds, in units of UTF-16 as Excel counts.
const CELL: usize = 32_767;
/// What the name of a sheet holds, in the same units.
const SHEET_NAME: usize = 31;
/// What stands in a cell after a text that does not fit.
const CUT: &str =
    "\n[Cut short: a cell of a workbook holds 32,767 characters. The CSV table has the whole text.]";
/// Columns are at least so wide, in characters: a heading of one word.
const NARROW: usize = 12;
/// And at most so wide: a line that can be read comfortably.
const WIDE: usize = 60;
/// Width that the button for filtering takes beside a heading.
const BUTTON: usize = 4;
/// A4.
const PAPER: u8 = 9;

/// Why a table does not become a workbook.
#[derive(Debug, thiserror::Error)]
pub enum NoWorkbook {
    /// More rows than fit on a sheet.
    #[error(
        "the table has {0} rows; a sheet of a workbook holds {ROWS}. Write it as CSV, or ask for one cycle"
    )]
    Rows(usize),
    /// More columns than fit on a sheet.
    #[error("the table has {0} columns; a sheet of a workbook holds {COLUMNS}. Write it as CSV")]
    Columns(usize),
    /// The library could not write it.
    #[error("the workbook cannot be written: {0}")]
    Writer(#[from] XlsxError),
}

impl From<TryFromIntError> for NoWorkbook {
    fn from(_: TryFromIntError) -> Self {
        Self::Writer(XlsxError::RowColumnLimitError)
    }
}

/// What a workbook says about itself.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The place it is from.
    pub place: Option<&'a str>,
    /// The day it was made on.
    pub on: Date,
}

impl Table {
    /// Writes it as an Excel workbook; see [`self`](super::xlsx).
    ///
    /// # Errors
    /// [`NoWorkbook`] when it is larger than a sheet.
    pub fn to_xlsx(&self, about: About<'_>) -> Result<Vec<u8>, NoWorkbook> {
        if self.rows.len() > ROWS {
            return Err(NoWorkbook::Rows(self.rows.len()));
        }
        if self.columns.len() > COLUMNS {
            return Err(NoWorkbook::Columns(self.columns.len()));
        }
        let mut workbook = Workbook::new();
        workbook.set_properties(&properties(self, about)?);
        let sheet = workbook.add_worksheet();
        sheet.set_name(sheet_name(&self.title))?;
        fill(sheet, self)?;
        lay_out(sheet, self)?;
        set_up_print(sheet, self, about)?;
        Ok(workbook.save_to_buffer()?)
    }
}

fn properties(table: &Table, about: About<'_>) -> Result<DocProperties, NoWorkbook> {
    let on = ExcelDateTime::from_ymd(
        about.on.year().try_into()?,
        about.on.month().try_into()?,
        about.on.day().try_into()?,
    )?;
    Ok(DocProperties::new()
        .set_title(&table.title)
        .set_author(about.place.unwrap_or_default())
        .set_creation_datetime(&on)
        .set_custom_property("Language", "en-GB"))
}

fn fill(sheet: &mut Worksheet, table: &Table) -> Result<(), NoWorkbook> {
    let wrapped = Format::new().set_text_wrap().set_align(FormatAlign::Top);
    let header = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top);
    for (row, n) in table.rows.iter().zip(1..) {
        for (cell, at) in row.iter().zip(0..) {
            sheet.write_string_with_format(n, at, cut(cell), &wrapped)?;
        }
    }
    let columns: Vec<_> = table
        .columns
        .iter()
        .map(|column| TableColumn::new().set_header(&column.heading).set_header_format(&header))
        .collect();
    let object = ExcelTable::new()
        .set_name(object_name(&table.title))
        .set_style(TableStyle::Light1)
        .set_banded_rows(false)
        .set_alt_text_title(&table.title)
        .set_alt_text(format!("{}: {} rows, {} columns", table.title, table.rows.len(), table.columns.len()))
        .set_columns(&columns);
    // A table without rows is no table to Excel, so there is an empty one then.
    let last_row = u32::try_from(table.rows.len().max(1))?;
    let last_column = u16::try_from(table.columns.len().saturating_sub(1))?;
    sheet.add_table(0, 0, last_row, last_column, &object)?;
    Ok(())
}

fn lay_out(sheet: &mut Worksheet, table: &Table) -> Result<(), NoWorkbook> {
    sheet.set_freeze_panes(1, 0)?;
    for (column, at) in table.columns.iter().zip(0_u16..) {
        let cells = table.rows.iter().filter_map(|row| row.get(usize::from(at)));
        let longest = cells.flat_map(|cell| cell.lines()).map(|line| line.chars().count()).max().unwrap_or(0);
        let heading = column.heading.chars().count() + BUTTON;
        let width = u16::try_from(longest.max(heading).clamp(NARROW, WIDE))?;
        sheet.set_column_width(at, f64::from(width))?;
    }
    Ok(())
}

fn set_up_print(sheet: &mut Worksheet, table: &Table, about: About<'_>) -> Result<(), NoWorkbook> {
    // The ampersand begins a code in headers.
    let title = table.title.replace('&', "&&");
    let place = about.place.unwrap_or_default().replace('&', "&&");
    sheet
        .set_landscape()
        .set_paper_size(PAPER)
        .set_print_fit_to_pages(1, 0)
        .set_header(header_text(&title, &place))
        .set_footer(format!("&L{}&RPage &P of &N", about.on))
        .set_repeat_rows(0, 0)?;
    Ok(())
}

/// What stands above every printed page, as far as it fits: Excel allows 255 characters.
fn header_text(title: &str, place: &str) -> String {
    const FITS: usize = 100;
    let short = |text: &str| text.chars().take(FITS).collect::<String>().trim_end_matches('&').to_owned();
    format!("&L{}&R{}", short(title), short(place))
}

/// A text as far as it fits into a cell, with a word about what is missing.
fn cut(text: &str) -> String {
    let units = |text: &str| text.encode_utf16().count();
    if units(text) <= CELL {
        return text.to_owned();
    }
    let room = CELL - units(CUT);
    let mut used = 0;
    let fits = text.chars().take_while(|c| {
        used += c.len_utf16();
        used <= room
    });
    fits.chain(CUT.chars()).collect()
}

/// A title as the name of a sheet, in which some signs may not stand.
fn sheet_name(title: &str) -> String {
    let allowed = title.chars().map(|c| if r"[]:*?/\".contains(c) || c.is_control() { ' ' } else { c });
    let mut used = 0;
    let short = allowed.take_while(|c| {
        used += c.len_utf16();
        used <= SHEET_NAME
    });
    let name = short.collect::<String>();
    let name = name.trim_matches(|c: char| c == '\'' || c.is_whitespace());
    if name.is_empty() { "Table".to_owned() } else { name.to_owned() }
}

/// A title as the name of a table: plain letters, and nothing that looks like a cell, such as "AB12".
fn object_name(title: &str) -> String {
    let plain: String =
        title.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '_' }).take(60).collect();
    format!("Table_{plain}")
}
