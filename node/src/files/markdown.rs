//! Markdown with front matter: short parts on top between two lines of `---`, long texts below, each under a heading
//! with its part's name. Several documents may follow each other in one file.

use serde_json::{Map, Value};

use super::{InvalidFile, yaml, yaml::Lines};
use crate::domain::learning::{
    Kind,
    shape::{Form, Part, Shape},
};

/// One document of a Markdown file, before it is known to be one.
pub struct Piece<'a> {
    /// The line at which it begins.
    pub first_line: usize,
    /// The text between the two lines of `---`.
    pub front: &'a str,
    /// The text after them.
    pub body: String,
    /// The line at which the body begins.
    pub body_line: usize,
}

/// Whether a text is Markdown with front matter.
#[must_use]
pub fn is_markdown(text: &str) -> bool {
    text.trim_start().starts_with("---\n")
}

/// Takes a file apart into its documents. A new one begins at `---` followed by `cairn:`.
///
/// # Errors
/// [`InvalidFile`] when front matter has no end.
pub fn pieces(text: &str) -> Result<Vec<Piece<'_>>, InvalidFile> {
    let mut pieces: Vec<Piece<'_>> = Vec::new();
    let mut lines = offsets(text).peekable();
    while let Some((number, start, line)) = lines.next() {
        let next_is_header = lines.peek().is_some_and(|(_, _, next)| begins_document(next));
        if line == "---" && next_is_header {
            let front_start = start + line.len() + 1;
            let end = lines.by_ref().find(|(_, _, line)| *line == "---");
            let Some((end_number, end, _)) = end else {
                let what = "begins front matter that has no end: close it with a line of `---`";
                return Err(InvalidFile::fault(Some(number), "---", what));
            };
            let front = text.get(front_start..end).unwrap_or_default();
            let body_line = end_number + 1;
            pieces.push(Piece { first_line: number + 1, front, body: String::new(), body_line });
        } else if let Some(piece) = pieces.last_mut() {
            piece.body.push_str(line);
            piece.body.push('\n');
        } else if !line.trim().is_empty() {
            let what = "a document begins with a line of `---` and then `cairn: KIND/1`";
            return Err(InvalidFile::fault(Some(number), "", what));
        }
    }
    Ok(pieces)
}

fn begins_document(line: &str) -> bool {
    line.starts_with("cairn:") || line.starts_with('#')
}

fn offsets(text: &str) -> impl Iterator<Item = (usize, usize, &str)> {
    let mut start = 0;
    text.split('\n').zip(1..).map(move |(line, number)| {
        let at = start;
        start += line.len() + 1;
        (number, at, line)
    })
}

/// The parts of one piece.
///
/// # Errors
/// [`InvalidFile`] with the line.
pub fn read(
    piece: &Piece<'_>,
    kind_of: impl Fn(&Value) -> Option<Kind>,
) -> Result<(Value, Lines), InvalidFile> {
    let (mut value, mut lines) = yaml::read(piece.front, piece.first_line)?;
    let Some(kind) = kind_of(&value) else {
        return Ok((value, lines));
    };
    if let Value::Object(parts) = &mut value {
        sections(piece, kind, parts, &mut lines)?;
    }
    Ok((value, lines))
}

/// Whether a part stands below the front matter.
fn long(part: &Part) -> bool {
    part.form == Form::Prose
}

fn sections(
    piece: &Piece<'_>,
    kind: Kind,
    parts: &mut Map<String, Value>,
    lines: &mut Lines,
) -> Result<(), InvalidFile> {
    let long_parts: Vec<_> = Shape::of(kind).parts.iter().filter(|part| long(part)).collect();
    let mut open: Option<(&str, String)> = None;
    let mut in_hint = false;
    for (line, number) in piece.body.lines().zip(piece.body_line..) {
        if let Some(heading) = line.strip_prefix("## ") {
            close(open.take(), parts);
            let part =
                long_parts.iter().find(|part| part.heading().to_lowercase() == heading.trim().to_lowercase());
            let Some(part) = part else {
                let known: Vec<_> = long_parts.iter().map(|part| part.heading()).collect();
                let what = format!(
                    "\"{heading}\" is no part of {} that stands below the front matter; those are: {}. Use ### for \
                     headings of your own",
                    kind.one(),
                    known.join(", ")
                );
                return Err(InvalidFile::fault(Some(number), "", what));
            };
            if parts.contains_key(&part.name) {
                return Err(InvalidFile::fault(Some(number), &part.name, "stands there twice; keep one"));
            }
            lines.insert(part.name.clone(), number);
            open = Some((&part.name, String::new()));
            continue;
        }
        in_hint |= line.starts_with("<!--");
        if in_hint {
            in_hint = !line.contains("-->");
            continue;
        }
        match &mut open {
            Some((_, text)) => {
                text.push_str(&unescaped(line));
                text.push('\n');
            }
            None if line.trim().is_empty() || line.starts_with("# ") => {}
            None => {
                let what = "this text stands under no heading; put it under one, such as `## Text`";
                return Err(InvalidFile::fault(Some(number), "", what));
            }
        }
    }
    close(open, parts);
    Ok(())
}

fn close(open: Option<(&str, String)>, parts: &mut Map<String, Value>) {
    if let Some((name, text)) = open {
        parts.insert(name.to_owned(), Value::String(text.trim().to_owned()));
    }
}

/// Lines that would be taken for a heading, a hint or the next document get a backslash before them.
fn needs_escape(line: &str) -> bool {
    let bare = line.trim_start_matches('\\');
    bare.starts_with("## ") || bare.starts_with("<!--") || bare == "---"
}

fn escaped(line: &str) -> String {
    if needs_escape(line) { format!("\\{line}") } else { line.to_owned() }
}

fn unescaped(line: &str) -> String {
    line.strip_prefix('\\').filter(|rest| needs_escape(rest)).unwrap_or(line).to_owned()
}

/// A document as Markdown. With `help`, every part of its kind is offered with a word about it.
///
/// # Errors
/// Never for documents of ours; the YAML writer's own words otherwise.
pub fn write(kind: Kind, header: &[(&str, String)], value: &Value, help: bool) -> Result<String, String> {
    let shape = Shape::of(kind);
    let empty = Map::new();
    let parts = value.as_object().unwrap_or(&empty);
    let mut text = format!("---\ncairn: {}/1\n", kind.word());
    if help {
        text.push_str(&comment(&shape.help));
    }
    for (name, value) in header {
        text.push_str(&yaml::write(&serde_json::json!({ *name: value }))?);
    }
    for part in shape.parts.iter().filter(|part| !long(part)) {
        let value = parts.get(&part.name);
        if help {
            text.push_str(&hint(part));
        }
        match value {
            Some(value) => text.push_str(&yaml::write(&serde_json::json!({ &part.name: value }))?),
            None if help => text.push_str(&format!("{}:\n", part.name)),
            None => {}
        }
    }
    text.push_str("---\n");
    for part in shape.parts.iter().filter(|part| long(part)) {
        let value = parts.get(&part.name).and_then(Value::as_str);
        if value.is_none() && !help {
            continue;
        }
        text.push_str(&format!("\n## {}\n", part.heading()));
        if help {
            let needed = if part.needed { " (needed)" } else { "" };
            text.push_str(&format!("<!-- {}{needed} -->\n", part.help.replace("-->", "")));
        }
        let lines: Vec<_> = value.unwrap_or_default().split('\n').map(escaped).collect();
        text.push_str(&format!("\n{}\n", lines.join("\n")));
    }
    Ok(text)
}

fn hint(part: &Part) -> String {
    let needed = if part.needed { " (needed)" } else { "" };
    let mut text = comment(&format!("{}{needed}", part.help));
    if let Form::List(item) = &part.form {
        match item.as_ref() {
            Form::Group(parts) | Form::RefOrGroup(_, parts) => {
                text.push_str("#   a list; of each:\n");
                for (inner, n) in parts.iter().zip(0..) {
                    let bullet = if n == 0 { "- " } else { "  " };
                    let needed = if inner.needed { " (needed)" } else { "" };
                    text.push_str(&format!("#   {bullet}{}:  {}{needed}\n", inner.name, inner.help));
                }
            }
            _ => text.push_str("#   a list; each on its own line after \"- \"\n"),
        }
    }
    if let Form::Group(parts) = &part.form {
        for inner in parts {
            text.push_str(&format!("#   {}:  {}\n", inner.name, inner.help));
        }
    }
    text
}

fn comment(text: &str) -> String {
    text.lines().map(|line| format!("# {line}\n")).collect()
}
