//! A page of text: titles, paragraphs, lists and aligned fields, wrapped to a width.
//!
//! Everything put on a page is made safe first (see `text`). Lines break at spaces
//! only, so that ids, addresses and commands can be copied.

use std::iter::repeat;

use textwrap::{Options, WordSeparator, WordSplitter, WrapAlgorithm, core::display_width};

use super::text;

/// Columns that labels of fields may take before the value goes to the next line.
const WIDEST_LABEL: usize = 34;

/// A page that is being written.
pub(crate) struct Page {
    text: String,
    width: usize,
}

impl Page {
    /// An empty page.
    pub(crate) fn new(width: usize) -> Self {
        Self { text: String::new(), width }
    }

    /// What was written.
    pub(crate) fn into_text(self) -> String {
        self.text
    }

    /// An empty line, unless there is one already or nothing stands above.
    pub(crate) fn blank(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with("\n\n") {
            self.text.push('\n');
        }
    }

    /// An empty line in any case: what stands above may be on an earlier page.
    pub(crate) fn break_line(&mut self) {
        self.text.push('\n');
    }

    /// A text without indentation.
    pub(crate) fn say(&mut self, text: &str) {
        self.indented(0, text);
    }

    /// A text, each paragraph wrapped and indented.
    pub(crate) fn indented(&mut self, indent: usize, text: &str) {
        let margin = " ".repeat(indent);
        for paragraph in text::paragraphs(text) {
            self.wrap(&margin, &margin, &paragraph);
        }
    }

    /// A heading and the text under it. Nothing if the text is empty.
    pub(crate) fn section(&mut self, heading: &str, text: &str) {
        if !text::line(text).is_empty() {
            self.blank();
            self.say(heading);
            self.indented(2, text);
        }
    }

    /// A heading and a list under it. Nothing if the list is empty.
    pub(crate) fn list<T: AsRef<str>>(&mut self, heading: &str, items: impl IntoIterator<Item = T>) {
        let mut items = items.into_iter().peekable();
        if items.peek().is_some() {
            self.blank();
            self.say(heading);
            items.for_each(|item| self.bullet(2, item.as_ref()));
        }
    }

    /// One item of a list.
    pub(crate) fn bullet(&mut self, indent: usize, text: &str) {
        let first = format!("{}- ", " ".repeat(indent));
        let rest = " ".repeat(indent + 2);
        self.wrap(&first, &rest, &text::line(text));
    }

    /// Fields with their values in one column. Fields without a value are left out.
    pub(crate) fn fields(&mut self, indent: usize, fields: &[(&str, String)]) {
        self.marked_fields(&" ".repeat(indent), indent, fields);
    }

    /// Fields that are one item of a list.
    pub(crate) fn item(&mut self, indent: usize, fields: &[(&str, String)]) {
        self.marked_fields(&format!("{}- ", " ".repeat(indent)), indent + 2, fields);
    }

    /// Fields with a mark before the first of them.
    fn marked_fields(&mut self, mark: &str, indent: usize, fields: &[(&str, String)]) {
        let shown: Vec<_> = fields
            .iter()
            .map(|(label, value)| (text::line(label), text::paragraphs(value)))
            .filter(|(_, value)| !value.is_empty())
            .collect();
        let widths = shown.iter().map(|(label, _)| display_width(label));
        let column = widths.max().unwrap_or_default().min(WIDEST_LABEL) + 2;
        let rest = " ".repeat(indent + column);
        let margin = " ".repeat(indent);
        for ((label, value), margin) in
            shown.into_iter().zip([mark].into_iter().chain(repeat(margin.as_str())))
        {
            let gap = column.saturating_sub(display_width(&label)).max(2);
            let mut first = format!("{margin}{label}{}", " ".repeat(gap));
            for paragraph in value {
                self.wrap(&first, &rest, &paragraph);
                first.clone_from(&rest);
            }
        }
    }

    /// Rows in aligned columns; the last column wraps.
    pub(crate) fn columns(&mut self, indent: usize, rows: &[Vec<String>]) {
        let cells: Vec<Vec<String>> =
            rows.iter().map(|row| row.iter().map(|cell| text::line(cell)).collect()).collect();
        let columns = cells.iter().map(Vec::len).max().unwrap_or_default();
        let width = |column: usize| {
            cells.iter().filter_map(|row| row.get(column)).map(|cell| display_width(cell)).max()
        };
        let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or_default()).collect();
        for row in &cells {
            let Some((last, others)) = row.split_last() else { continue };
            let mut first = " ".repeat(indent);
            for (cell, width) in others.iter().zip(&widths) {
                first.push_str(cell);
                first.push_str(&" ".repeat(width.saturating_sub(display_width(cell)) + 2));
            }
            let rest = " ".repeat(display_width(&first));
            self.wrap(&first, &rest, last);
        }
    }

    /// Something to copy: never broken into lines.
    pub(crate) fn verbatim(&mut self, indent: usize, text: &str) {
        self.text.push_str(&" ".repeat(indent));
        self.text.push_str(&text::line(text));
        self.text.push('\n');
    }

    /// Wraps one paragraph.
    fn wrap(&mut self, first: &str, rest: &str, paragraph: &str) {
        let options = Options::new(self.width)
            .initial_indent(first)
            .subsequent_indent(rest)
            .break_words(false)
            .word_separator(WordSeparator::AsciiSpace)
            .word_splitter(WordSplitter::NoHyphenation)
            .wrap_algorithm(WrapAlgorithm::FirstFit);
        for line in textwrap::wrap(paragraph, options) {
            self.text.push_str(line.trim_end());
            self.text.push('\n');
        }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::Page;

    /// What a rendering makes of something at a width of 60 columns.
    pub(crate) fn rendered(write: impl FnOnce(&mut Page)) -> String {
        let mut page = Page::new(60);
        write(&mut page);
        page.into_text()
    }

    #[test]
    fn fields_align_and_wrap_under_their_value() {
        let text = rendered(|page| {
            page.fields(
                2,
                &[
                    ("Name", "Plymouth Alliance".to_owned()),
                    ("Geography", String::new()),
                    (
                        "About",
                        "seven organisations under one alliance contract that share eight principles"
                            .to_owned(),
                    ),
                ],
            );
        });
        assert_eq!(
            text,
            "  Name   Plymouth Alliance\n  About  seven organisations under one alliance contract\n         that \
             share eight principles\n"
        );
    }

    #[test]
    fn fields_can_be_items_of_a_list() {
        let text = rendered(|page| {
            page.item(2, &[("By", "families".to_owned()), ("Reading", "It is too late.".to_owned())]);
        });
        assert_eq!(text, "  - By       families\n    Reading  It is too late.\n");
    }

    #[test]
    fn columns_align_by_what_is_seen() {
        let rows =
            [["Ålesund", "a", "first"], ["x", "bbb", "second"]].map(|row| row.map(str::to_owned).to_vec());
        let text = rendered(|page| page.columns(0, &rows));
        assert_eq!(text, "Ålesund  a    first\nx        bbb  second\n");
    }

    #[test]
    fn what_is_to_be_copied_stays_in_one_piece() {
        let ticket = format!("cairninvite1{}", "q".repeat(200));
        assert_eq!(rendered(|page| page.verbatim(2, &ticket)), format!("  {ticket}\n"));
        let text =
            rendered(|page| page.say(&format!("See https://place.example/{} for more.", "long/".repeat(20))));
        assert_eq!(text.lines().count(), 3);
    }

    #[test]
    fn sections_without_text_are_left_out() {
        let text = rendered(|page| {
            page.section("Context", "A city.\n\nBy the sea.");
            page.section("Figures", " ");
            page.list("Voices", Vec::<String>::new());
            page.list("Voices missing", ["families"]);
        });
        assert_eq!(text, "Context\n  A city.\n  By the sea.\n\nVoices missing\n  - families\n");
    }

    #[test]
    fn escapes_and_line_breaks_from_records_do_not_shape_the_page() {
        let text = rendered(|page| {
            page.fields(0, &[("Title", "one\u{1b}[2J\u{202e}two".to_owned())]);
            page.columns(0, &[vec!["a\nb".to_owned(), "c\u{9b}d".to_owned()]]);
            page.bullet(0, "x\ny");
        });
        assert_eq!(text, "Title  one[2Jtwo\na b  cd\n- x y\n");
    }
}
