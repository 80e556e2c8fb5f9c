//! A text cut into pieces: runs of letters and digits, each with the gap before it. Everything else works on these.

use std::ops::Range;

use unicode_normalization::char::is_combining_mark;

/// The most bytes of blank that still join two words: two blanks, or a line break and an indent.
const BLANK_BYTES: usize = 8;

/// A run of letters and digits.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'a> {
    /// The run. An apostrophe before a capital belongs to it (O'Brien).
    pub(super) text: &'a str,
    /// What stands between the piece before (or the beginning) and this one.
    pub(super) gap: &'a str,
    /// Where it begins, in bytes.
    pub(super) start: usize,
}

impl Piece<'_> {
    /// Where it ends, in bytes.
    pub(super) fn end(&self) -> usize {
        self.start.saturating_add(self.text.len())
    }

    /// Only ASCII digits.
    pub(super) fn digits(&self) -> bool {
        self.text.bytes().all(|b| b.is_ascii_digit())
    }

    /// A capital and then at least one small letter: Anna, McKay, O'Brien; not NHS, not A.
    pub(super) fn capitalised(&self) -> bool {
        let mut letters = self.text.chars();
        letters.next().is_some_and(char::is_uppercase)
            && letters.any(char::is_lowercase)
            && !self.text.bytes().any(|b| b.is_ascii_digit())
    }

    /// Begins with a small letter.
    pub(super) fn small(&self) -> bool {
        self.text.chars().next().is_some_and(char::is_lowercase)
    }

    /// In small letters.
    pub(super) fn lower(&self) -> String {
        self.text.to_lowercase()
    }

    /// Only ASCII capitals.
    pub(super) fn capitals(&self) -> bool {
        self.text.bytes().all(|b| b.is_ascii_uppercase())
    }

    /// A blank before it, or a few or a line break, so that it continues what stands before; not a new paragraph.
    pub(super) fn follows(&self) -> bool {
        !self.gap.is_empty()
            && self.gap.len() <= BLANK_BYTES
            && self.gap.chars().all(char::is_whitespace)
            && !self.gap.contains("\n\n")
    }

    /// Begins a sentence, a line or a quotation, so that a capital says nothing.
    pub(super) fn opens(&self) -> bool {
        self.start == self.gap.len()
            || self.gap.contains(['.', '!', '?', ':', '"', '“', '”', '•', '\u{2018}'])
            || self.gap.contains("\n\n")
            || self.gap.contains("\n-")
    }
}

/// A text and its pieces.
#[derive(Debug)]
pub(super) struct Pieces<'a> {
    /// The whole text.
    pub(super) text: &'a str,
    list: Vec<Piece<'a>>,
}

impl<'a> Pieces<'a> {
    /// Cuts `text`. Time and room grow with its length.
    pub(super) fn of(text: &'a str) -> Self {
        let mut list: Vec<Piece<'a>> = Vec::new();
        let (mut begun, mut ended) = (None, 0);
        let mut letters = text.char_indices().peekable();
        while let Some((at, letter)) = letters.next() {
            let belongs = letter.is_alphanumeric()
                || (begun.is_some() && is_combining_mark(letter))
                || (begun.is_some()
                    && matches!(letter, '\'' | '’')
                    && letters.peek().is_some_and(|(_, next)| next.is_uppercase()));
            if belongs {
                begun.get_or_insert(at);
            } else if let Some(start) = begun.take() {
                push(&mut list, text, ended, start..at);
                ended = at;
            }
        }
        if let Some(start) = begun {
            push(&mut list, text, ended, start..text.len());
        }
        Self { text, list }
    }

    /// How many.
    pub(super) fn len(&self) -> usize {
        self.list.len()
    }

    /// The piece at `index`.
    pub(super) fn get(&self, index: usize) -> Option<&Piece<'a>> {
        self.list.get(index)
    }

    /// The piece `back` before `index`.
    pub(super) fn before(&self, index: usize, back: usize) -> Option<&Piece<'a>> {
        self.list.get(index.checked_sub(back)?)
    }

    /// What stands between the piece at `index` and the next one, or the end.
    pub(super) fn gap_after(&self, index: usize) -> &'a str {
        match (self.get(index.saturating_add(1)), self.get(index)) {
            (Some(next), _) => next.gap,
            (None, Some(last)) => self.text.get(last.end()..).unwrap_or_default(),
            (None, None) => "",
        }
    }

    /// The bytes from the piece `first` to the piece `last`.
    pub(super) fn span(&self, first: usize, last: usize) -> Range<usize> {
        let start = self.get(first).map_or(0, |piece| piece.start);
        start..self.get(last).map_or(start, Piece::end)
    }

    /// Whether one of `words` (small letters) stands among the `back` pieces before `index`.
    pub(super) fn cue(&self, index: usize, back: usize, words: &[&str]) -> bool {
        (1..=back).filter_map(|n| self.before(index, n)).any(|p| words.contains(&p.lower().as_str()))
    }

    /// Whether one of `words` stands among the `on` pieces after `index`.
    pub(super) fn cue_after(&self, index: usize, on: usize, words: &[&str]) -> bool {
        (1..=on)
            .filter_map(|n| self.get(index.saturating_add(n)))
            .any(|p| words.contains(&p.lower().as_str()))
    }

    /// Groups of digits from `index` on whose lengths are exactly `shape`, each after a blank or a hyphen. A figure
    /// with a sign, a currency or more digits glued to either end is no such group.
    pub(super) fn groups(&self, index: usize, shape: &[usize]) -> Option<String> {
        let mut digits = String::new();
        for (n, length) in shape.iter().enumerate() {
            let piece = self.get(index.checked_add(n)?)?;
            let joined = n == 0 || piece.follows() || piece.gap == "-";
            if !joined || piece.text.len() != *length || !piece.digits() {
                return None;
            }
            digits.push_str(piece.text);
        }
        let last = index.checked_add(shape.len())?.checked_sub(1)?;
        let loose = !self.get(index)?.gap.ends_with(['+', '£', '€', '$', '/', '-', '_', '#']);
        let ends = self
            .get(last.saturating_add(1))
            .is_none_or(|next| !matches!(next.gap, "." | "," | "/" | "-" | "_"));
        (loose && ends).then_some(digits)
    }
}

fn push<'a>(list: &mut Vec<Piece<'a>>, text: &'a str, ended: usize, at: Range<usize>) {
    if let (Some(gap), Some(run)) = (text.get(ended..at.start), text.get(at.clone())) {
        list.push(Piece { text: run, gap, start: at.start });
    }
}
