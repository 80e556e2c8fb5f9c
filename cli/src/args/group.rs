//! A part with parts of its own, written in one word of the command line:
//! `by: outreach workers, reading: They come when there is tea, not before`.
//!
//! Only the names of its parts, with a colon or an equals sign after them, begin a new one;
//! so text with commas and colons needs no quotes. With quotes, anything goes. YAML's braces and
//! JSON are understood as well.

use serde_json::{Map, Value};

use crate::shape::{Form, Part};

/// Where a part begins.
struct Mark<'a> {
    part: &'a Part,
    /// Where its name begins.
    from: usize,
    /// Where its value begins.
    value: usize,
}

/// The parts that were written, or what is wrong with them.
pub(crate) fn group(parts: &[Part], text: &str) -> Result<Map<String, Value>, String> {
    let text = text.trim();
    if let Ok(Value::Object(object)) = serde_json::from_str(text) {
        return Ok(object);
    }
    let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}')).unwrap_or(text).trim();
    let marks = marks(parts, inner);
    if marks.first().is_none_or(|mark| mark.from > 0) {
        return Err(how(parts, inner));
    }
    let ends = marks.iter().skip(1).map(|mark| mark.from).chain([inner.len()]);
    let mut object = Map::new();
    for (mark, end) in marks.iter().zip(ends) {
        let value = inner.get(mark.value..end).unwrap_or_default();
        let value = value.trim().trim_end_matches([',', ';']).trim();
        if object.insert(mark.part.name.clone(), read(&mark.part.form, value)).is_some() {
            return Err(format!("`{}` stands there twice; keep one", mark.part.name));
        }
    }
    Ok(object)
}

/// Whether a text begins with one of the parts, so that it is meant as a group.
pub(crate) fn begins(parts: &[Part], text: &str) -> bool {
    let inner = text.trim().trim_start_matches('{').trim_start();
    mark(parts, inner, 0).is_some() || serde_json::from_str::<Map<String, Value>>(text).is_ok()
}

/// How it is meant to be written.
fn how(parts: &[Part], text: &str) -> String {
    let names: Vec<_> = parts.iter().map(|part| part.name.as_str()).collect();
    let shown: String = text.chars().take(60).collect();
    format!(
        "\"{shown}\" does not begin with one of its parts. Write it as \"{}\"; its parts are {}",
        example(parts),
        names.join(", ")
    )
}

/// What it looks like, for help and errors.
pub(crate) fn example(parts: &[Part]) -> String {
    let needed: Vec<_> = parts.iter().filter(|part| part.needed).collect();
    let shown = if needed.is_empty() { parts.iter().take(2).collect() } else { needed };
    let shown: Vec<_> = shown.iter().map(|part| format!("{}: ...", part.name)).collect();
    shown.join(", ")
}

/// Where parts begin: at the start, or after a comma, semicolon or line break, and never within quotes.
fn marks<'a>(parts: &'a [Part], text: &str) -> Vec<Mark<'a>> {
    let mut marks: Vec<Mark<'a>> = Vec::new();
    let (mut boundary, mut quoted, mut escaped) = (true, false, false);
    for (at, c) in text.char_indices() {
        if quoted {
            quoted = c != '"' || escaped;
            escaped = c == '\\' && !escaped;
            continue;
        }
        if boundary && let Some(found) = mark(parts, text, at) {
            marks.push(found);
        }
        // A quote within a text is only a character; one that begins a value holds all of it.
        let begins_value = marks.last().is_some_and(|mark| {
            text.get(mark.value..at).is_some_and(|before| before.trim_matches(['[', ' ']).is_empty())
        });
        quoted = c == '"' && begins_value;
        boundary = matches!(c, ',' | ';' | '\n') || (boundary && c.is_whitespace());
    }
    marks
}

/// The part whose name stands here, if one does.
fn mark<'a>(parts: &'a [Part], text: &str, at: usize) -> Option<Mark<'a>> {
    let rest = text.get(at..)?;
    let name_end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-')?;
    let name = rest.get(..name_end)?.replace('-', "_");
    let after = rest.get(name_end..)?;
    let gap = after.len() - after.trim_start_matches(' ').len();
    after.trim_start_matches(' ').strip_prefix([':', '='])?;
    let part = parts.iter().find(|part| part.name == name)?;
    Some(Mark { part, from: at, value: at + name_end + gap + 1 })
}

/// A value, without the quotes around it.
fn read(form: &Form, text: &str) -> Value {
    match form {
        Form::List(_) => {
            if let Ok(items @ Value::Array(_)) = serde_json::from_str(text) {
                return items;
            }
            let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
            let items = inner.split([',', ';']).map(str::trim).filter(|item| !item.is_empty());
            Value::Array(items.map(|item| Value::String(unquoted(item))).collect())
        }
        _ => Value::String(unquoted(text)),
    }
}

/// A text without the quotes around it.
fn unquoted(text: &str) -> String {
    if let Ok(Value::String(inner)) = serde_json::from_str(text) {
        return inner;
    }
    let single = text.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
    single.map_or_else(|| text.to_owned(), |inner| inner.replace("''", "'"))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{begins, group};
    use crate::shape::{Form, Part, of};

    fn parts(kind: &str, name: &str) -> Vec<Part> {
        match &of(kind).part(name).unwrap().form {
            Form::List(item) => match item.as_ref() {
                Form::Group(parts) | Form::RefOrGroup(_, parts) => parts.clone(),
                other => panic!("{other:?}"),
            },
            Form::Group(parts) => parts.clone(),
            other => panic!("{other:?}"),
        }
    }

    fn reading(text: &str) -> Value {
        Value::Object(group(&parts("session", "readings"), text).unwrap())
    }

    #[test]
    fn braces_equals_signs_and_json_are_the_same() {
        let expected = json!({"by": "outreach workers", "reading": "They come"});
        for text in [
            "by: outreach workers, reading: They come",
            "{by: outreach workers, reading: They come}",
            "{ by: 'outreach workers', reading: \"They come\" }",
            "by=outreach workers; reading=They come",
            "by : outreach workers\nreading : They come,",
            r#"{"by": "outreach workers", "reading": "They come"}"#,
        ] {
            assert_eq!(reading(text), expected, "{text}");
        }
    }

    #[test]
    fn text_may_hold_commas_colons_quotes_and_any_script() {
        assert_eq!(
            reading(r#"by: us, reading: They said: "well, by and by", and העיר (at 10:30) = so"#),
            json!({"by": "us", "reading": "They said: \"well, by and by\", and העיר (at 10:30) = so"})
        );
        assert_eq!(
            reading(r#"by: "us, reading: nobody", reading: "a \"b\", by: c""#),
            json!({"by": "us, reading: nobody", "reading": "a \"b\", by: c"})
        );
    }

    #[test]
    fn lists_within_are_lists() {
        let purpose = parts("system", "purposes");
        let text =
            "statement: To be well, and stay so, stage: shared, agreed-by: [families, \"the GP\"], on: 2024";
        assert_eq!(
            Value::Object(group(&purpose, text).unwrap()),
            json!({"statement": "To be well, and stay so", "stage": "shared", "agreed_by": ["families", "the GP"],
                   "on": "2024"})
        );
    }

    #[test]
    fn what_is_no_group_is_said_with_an_example() {
        let readings = parts("session", "readings");
        let said = group(&readings, "They come").unwrap_err();
        assert!(said.contains("Write it as \"by: ..., reading: ...\"; its parts are by, reading"), "{said}");
        assert!(group(&readings, "by: a, by: b").unwrap_err().contains("twice"));
        assert!(group(&readings, "").is_err());
    }

    #[test]
    fn a_reference_is_told_from_a_whole_one() {
        let consent = parts("experiment", "consent");
        assert!(!begins(&consent, "the-families"));
        assert!(begins(&consent, "{whose: the families, covers: x}"));
    }
}
