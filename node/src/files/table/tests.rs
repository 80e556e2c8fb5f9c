//! Tests of tables, as values and as files.

use std::io::{Cursor, Read as _};

use calamine::{Data, Reader as _, Xlsx};
use jiff::civil::date;
use serde_json::json;

use super::{
    xlsx::{About, NoWorkbook},
    *,
};

fn table(rows: &[&[&str]]) -> Table {
    let columns = ["first", "second"].map(|name| column(&heading(name), name)).to_vec();
    let rows = rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect();
    Table { title: "Things: all".to_owned(), columns, rows }
}

const ABOUT: About<'static> = About { place: Some("Town & <Hall>"), on: date(2026, 3, 4) };

fn read_csv(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut reader = ::csv::ReaderBuilder::new().has_headers(false).from_reader(bytes);
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn workbook(bytes: &[u8]) -> Xlsx<Cursor<Vec<u8>>> {
    Xlsx::new(Cursor::new(bytes.to_vec())).unwrap()
}

fn cells(bytes: &[u8], sheet: &str) -> Vec<Vec<Data>> {
    workbook(bytes).worksheet_range(sheet).unwrap().rows().map(<[Data]>::to_vec).collect()
}

fn entry(bytes: &[u8], name: &str) -> String {
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut text = String::new();
    archive.by_name(name).unwrap().read_to_string(&mut text).unwrap();
    text
}

#[test]
fn documents_become_rows_and_their_parts_columns() {
    let value = json!({
        "id": "s", "title": "Meeting", "took_part": ["nurses", "families"], "experiments": ["a", "b"],
        "readings": [{ "by": "nurses", "reading": "One.\nTwo." }, { "by": "families", "reading": "Three." }],
        "what_next": ["Ask.", "Listen."],
    });
    let table = Rows::Documents(Kind::Session).table([&value, &json!({ "id": "t", "title": "T" })]);
    assert_eq!(table.title, "Sessions");
    let cell = |row: usize, name: &str| {
        let at = table.columns.iter().position(|column| column.name == name).unwrap();
        table.rows[row][at].as_str()
    };
    assert_eq!(cell(0, "took_part"), "nurses; families");
    assert_eq!(cell(0, "experiments"), "a; b");
    assert_eq!(cell(0, "readings"), "By: nurses; Reading: One.\nTwo.\n\nBy: families; Reading: Three.");
    assert_eq!(cell(0, "what_next"), "Ask.\n\nListen.");
    assert_eq!((cell(1, "id"), cell(1, "readings")), ("t", ""));
    assert!(table.rows.iter().all(|row| row.len() == table.columns.len()));
}

#[test]
fn every_kind_of_rows_has_columns_of_its_own() {
    for word in Rows::words().split(", ") {
        let rows = Rows::from_word(word).unwrap();
        assert_eq!(rows.word(), word);
        let table = rows.table([]);
        let names: std::collections::BTreeSet<_> = table.columns.iter().map(|column| &column.name).collect();
        let headings: std::collections::BTreeSet<_> =
            table.columns.iter().map(|column| column.heading.to_lowercase()).collect();
        assert_eq!((names.len(), headings.len()), (table.columns.len(), table.columns.len()), "{word}");
        assert!(table.columns.len() > 2 && table.to_xlsx(ABOUT).is_ok(), "{word}");
    }
    assert_eq!(Rows::from_word(" Session "), Some(Rows::Documents(Kind::Session)));
    assert_eq!(Rows::from_word("factor"), None);
}

#[test]
fn links_say_of_which_map_and_whose_it_is() {
    let map = json!({ "id": "m", "title": "M", "system": "s", "seen_by": "nurses",
        "links": [{ "from": "A", "to": "B", "effect": "less", "delay": "years" }] });
    let table = Rows::Links.table([&map]);
    let names: Vec<_> = table.columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "map",
            "map_title",
            "system",
            "seen_by",
            "from",
            "to",
            "effect",
            "how_sure",
            "scale",
            "why",
            "delay"
        ]
    );
    assert_eq!(
        table.rows,
        [["m", "M", "s", "nurses", "A", "B", "less", "", "", "", "years"].map(str::to_owned)]
    );
    assert_eq!(table.title, "Links");
}

#[test]
fn csv_reads_back_as_it_was_written() {
    let table = table(&[
        &["a \"quoted\", text", "two\nlines"],
        &["\u{5d0}\u{5d1} \u{e4}\u{308}", ""],
        &["; 'x", " = 1"],
    ]);
    let bytes = table.to_csv().unwrap();
    assert!(
        bytes.starts_with("\u{feff}first,second\r\n".as_bytes()),
        "{:?}",
        String::from_utf8_lossy(&bytes)
    );
    let read = read_csv(&bytes["\u{feff}".len()..]);
    assert_eq!(read[0], ["first", "second"]);
    assert_eq!(read[1..], table.rows[..]);
}

#[test]
fn no_cell_of_a_csv_is_a_formula() {
    for start in ["=", "+", "-", "@", "\t", "\r", "\u{ff1d}", "\u{ff0b}", "\u{ff0d}", "\u{ff20}"] {
        let cell = format!("{start}HYPERLINK(\"http://x\")");
        let read = read_csv(&table(&[&[&cell, "- a list"]]).to_csv().unwrap());
        assert_eq!(read[1], [format!("'{cell}"), "'- a list".to_owned()]);
    }
}

#[test]
fn a_workbook_reads_back_as_text_only() {
    let table = table(&[&["=1+1", "two\nlines"], &["\u{5d0}\u{5d1} <&> \u{e4}", "007"], &["_x000D_", "-"]]);
    let bytes = table.to_xlsx(ABOUT).unwrap();
    let mut expected = vec![vec!["First".to_owned(), "Second".to_owned()]];
    expected.extend(table.rows.clone());
    let expected: Vec<Vec<_>> =
        expected.into_iter().map(|row| row.into_iter().map(Data::String).collect()).collect();
    assert_eq!(cells(&bytes, "Things  all"), expected);
    assert!(!entry(&bytes, "xl/worksheets/sheet1.xml").contains("<f>"));
}

#[test]
fn a_workbook_is_laid_out_for_reading_and_print() {
    let bytes = table(&[&["a", "b"]]).to_xlsx(ABOUT).unwrap();
    let object = entry(&bytes, "xl/tables/table1.xml");
    for part in ["displayName=\"Table_Things__all\"", "ref=\"A1:B2\"", "name=\"First\"", "<autoFilter"] {
        assert!(object.contains(part), "{part}: {object}");
    }
    let sheet = entry(&bytes, "xl/worksheets/sheet1.xml");
    for part in [
        "ySplit=\"1\"",
        "state=\"frozen\"",
        "orientation=\"landscape\"",
        "paperSize=\"9\"",
        "fitToHeight=\"0\"",
        "&amp;LThings: all&amp;RTown &amp;&amp; &lt;Hall&gt;",
    ] {
        assert!(sheet.contains(part), "{part}: {sheet}");
    }
    assert!(!sheet.contains("mergeCell"));
    assert!(entry(&bytes, "xl/styles.xml").contains("wrapText=\"1\""));
    assert!(entry(&bytes, "xl/workbook.xml").contains("_xlnm.Print_Titles"));
    let core = entry(&bytes, "docProps/core.xml");
    for part in ["<dc:title>Things: all", "<dc:creator>Town &amp; &lt;Hall&gt;", "2026-03-04T00:00:00Z"] {
        assert!(core.contains(part), "{part}: {core}");
    }
    assert!(entry(&bytes, "docProps/custom.xml").contains("en-GB"));
}

#[test]
fn the_same_table_makes_the_same_bytes() {
    let table = table(&[&["a", "b"], &["c", "a"]]);
    assert_eq!(table.to_xlsx(ABOUT).unwrap(), table.to_xlsx(ABOUT).unwrap());
}

#[test]
fn a_text_too_long_for_a_cell_is_cut_and_says_so() {
    // Each of these is two units of UTF-16 to Excel.
    let (fits, long) = ("\u{1f33f}".repeat(16_383), "\u{1f33f}".repeat(16_384));
    let bytes = table(&[&[&fits, &long]]).to_xlsx(ABOUT).unwrap();
    let row = cells(&bytes, "Things  all").remove(1);
    assert_eq!(row[0], Data::String(fits));
    let Data::String(cut) = &row[1] else { panic!("{row:?}") };
    assert!(cut.ends_with("The CSV table has the whole text.]") && cut.starts_with("\u{1f33f}"), "{cut}");
    assert!(cut.encode_utf16().count() <= 32_767);
}

#[test]
fn an_empty_table_is_a_workbook_too() {
    let bytes = table(&[]).to_xlsx(ABOUT).unwrap();
    assert_eq!(cells(&bytes, "Things  all")[0][0], Data::String("First".to_owned()));
    assert!(entry(&bytes, "xl/tables/table1.xml").contains("ref=\"A1:B2\""));
}

#[test]
fn a_table_larger_than_a_sheet_is_refused_in_words() {
    let mut large = table(&[]);
    large.rows = vec![Vec::new(); 1_048_576];
    let error = large.to_xlsx(ABOUT).unwrap_err();
    assert!(matches!(error, NoWorkbook::Rows(1_048_576)));
    assert!(error.to_string().contains("Write it as CSV"), "{error}");
}

#[test]
fn titles_that_excel_would_refuse_are_made_to_fit() {
    for title in ["", "'", "a/b\\c[d]:*?", &"\u{1f33f}".repeat(40), "History & more"] {
        let table = Table { title: title.to_owned(), ..table(&[&["a", "b"]]) };
        assert!(table.to_xlsx(ABOUT).is_ok(), "{title}");
    }
}
