//! YAML as people write it by hand: every scalar is taken as the text that stands there, so that "yes", "2021-06" and
//! "1.50" stay what they are; and each part remembers its line.

use std::collections::BTreeMap;

use serde_json::{Map, Value};
use serde_saphyr::granit_parser::{Event, Parser, ScalarStyle, Span, StrInput};

use super::InvalidFile;

/// Deeper than any document goes.
const DEPTH: usize = 24;

/// Where parts stand: from a path such as `readings[2].by` to its line.
pub type Lines = BTreeMap<String, usize>;

/// The line of a part, or of the nearest part around it.
#[must_use]
pub fn line_of(lines: &Lines, field: &str) -> Option<usize> {
    let mut path = field;
    loop {
        if let Some(line) = lines.get(path) {
            return Some(*line);
        }
        let end = path.rfind(['.', '['])?;
        path = path.get(..end)?;
    }
}

/// Reads one YAML document; `first_line` is the line in the file at which it begins.
///
/// # Errors
/// [`InvalidFile`] with the line.
pub fn read(text: &str, first_line: usize) -> Result<(Value, Lines), InvalidFile> {
    let mut reader = Reader {
        part: String::new(),
        events: Parser::new_from_str(text),
        lines: Lines::new(),
        before: first_line.saturating_sub(1),
    };
    let mut value = Value::Null;
    loop {
        let (event, span) = reader.next()?;
        match event {
            Event::StreamEnd => return Ok((value, reader.lines)),
            Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd => {}
            _ if !value.is_null() => {
                return Err(reader.fault(&span, "", "a second document begins; keep one in a file"));
            }
            event => value = reader.node(event, &span, "", 0)?,
        }
    }
}

struct Reader<'a> {
    /// The part that was begun last: where a slip is found, it is most likely there.
    part: String,
    events: Parser<'a, StrInput<'a>>,
    lines: Lines,
    before: usize,
}

impl<'a> Reader<'a> {
    fn fault(&self, span: &Span, field: &str, what: impl Into<String>) -> InvalidFile {
        InvalidFile::fault(Some(self.before + span.start.line()), field, what)
    }

    fn next(&mut self) -> Result<(Event<'a>, Span), InvalidFile> {
        match self.events.next() {
            Some(Ok(found)) => Ok(found),
            Some(Err(error)) => {
                let line = self.before + error.marker().line();
                Err(InvalidFile::fault(Some(line), self.part.clone(), told(&self.part, &error.info())))
            }
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn node(
        &mut self,
        event: Event<'a>,
        span: &Span,
        path: &str,
        depth: usize,
    ) -> Result<Value, InvalidFile> {
        if depth > DEPTH {
            return Err(self.fault(span, path, "is nested too deeply"));
        }
        self.lines.entry(path.to_owned()).or_insert(self.before + span.start.line());
        match event {
            Event::Scalar(text, style, ..) => Ok(scalar(&text, style)),
            Event::SequenceStart(..) => self.sequence(path, depth),
            Event::MappingStart(..) => self.mapping(path, depth),
            _ => Err(self.fault(span, path, "uses `*` to repeat another part; write it out")),
        }
    }

    fn sequence(&mut self, path: &str, depth: usize) -> Result<Value, InvalidFile> {
        let mut items = Vec::new();
        loop {
            let (event, span) = self.next()?;
            if matches!(event, Event::SequenceEnd | Event::StreamEnd) {
                return Ok(Value::Array(items));
            }
            let item = self.node(event, &span, &format!("{path}[{}]", items.len()), depth + 1)?;
            items.push(item);
        }
    }

    fn mapping(&mut self, path: &str, depth: usize) -> Result<Value, InvalidFile> {
        let mut parts = Map::new();
        loop {
            let (event, span) = self.next()?;
            let name = match event {
                Event::MappingEnd | Event::StreamEnd => return Ok(Value::Object(parts)),
                Event::Scalar(name, ..) => name.into_owned(),
                _ => return Err(self.fault(&span, path, "has a part whose name is no text")),
            };
            let field = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
            if parts.contains_key(&name) {
                return Err(self.fault(&span, &field, "stands there twice; keep one"));
            }
            self.lines.insert(field.clone(), self.before + span.start.line());
            self.part.clone_from(&field);
            let (event, span) = self.next()?;
            let value = self.node(event, &span, &field, depth + 1)?;
            parts.insert(name, value);
        }
    }
}

/// The parser's words, with a hint where the usual slip is behind them.
fn told(part: &str, info: &str) -> String {
    let this = if part.is_empty() { "this " } else { "" };
    let hint = if info.contains("mapping values are not allowed") {
        "; text with a colon in it needs quotes around it"
    } else if info.contains("simple key") {
        "; a part is written as `name: text`, with a space after the colon"
    } else {
        ""
    };
    format!("{this}cannot be read: {info}{hint}")
}

fn scalar(text: &str, style: ScalarStyle) -> Value {
    let nothing = style == ScalarStyle::Plain && matches!(text, "" | "~" | "null");
    if nothing { Value::Null } else { Value::String(text.to_owned()) }
}

/// A document as YAML, its parts in their order.
///
/// # Errors
/// Never for documents of ours; the writer's own words otherwise.
pub fn write(value: &Value) -> Result<String, String> {
    serde_saphyr::to_string(value).map_err(|error| error.to_string())
}
