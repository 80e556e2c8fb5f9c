//! Flags for the parts of a document, made from the schema when the program runs.
//!
//! What is given becomes a JSON object of parts. What stands in them is for the node to judge.

use std::path::Path;

use clap::{Arg, ArgAction, ArgMatches, Command};
use serde_json::{Map, Value};

use super::group;
use crate::{
    error::Error,
    input,
    shape::{Form, Part, Shape},
};

/// The id of the text that stands without a flag.
const PLAIN: &str = "plain-text";

/// The largest text read from a file or the standard input, as the node has it.
const LARGEST_TEXT: u64 = 256 * 1024;

/// Parts as they were typed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Given(Vec<(&'static Part, Vec<String>)>);

/// A kind's command with a flag for each part. `id` says whether the document's own id is among them, `main` names
/// the part whose text may stand without a flag.
pub(crate) fn augment(mut command: Command, shape: &'static Shape, id: bool, main: Option<&str>) -> Command {
    if let Some(part) = main.and_then(|name| shape.part(name)) {
        let help = format!("{} As --{}; - for the standard input, @FILE for a file", part.help, part.flag);
        command =
            command.arg(Arg::new(PLAIN).value_name("TEXT").help(help).conflicts_with(part.flag.as_str()));
    }
    for part in flags(shape, id) {
        command = command.arg(arg(part));
    }
    command
}

/// The parts that have flags.
fn flags(shape: &'static Shape, id: bool) -> impl Iterator<Item = &'static Part> {
    shape.parts.iter().filter(move |part| id || part.form != Form::Id)
}

/// The flag of a part.
fn arg(part: &'static Part) -> Arg {
    let several = matches!(part.form, Form::List(_));
    Arg::new(part.flag.as_str())
        .long(part.flag.as_str())
        .value_name(value_name(&part.form))
        .action(if several { ArgAction::Append } else { ArgAction::Set })
        .help_heading("Parts")
        .help(help(part))
}

/// What stands for the value in help.
fn value_name(form: &Form) -> &'static str {
    match form {
        Form::Line => "WORDS",
        Form::Prose => "TEXT",
        Form::Word(_) => "WORD",
        Form::Date => "DATE",
        Form::Day => "YYYY-MM-DD",
        Form::Id => "ID",
        Form::Ref(kind) if kind == "any" => "KIND/ID",
        Form::Ref(_) | Form::RefOrGroup(..) => "ID",
        Form::List(item) => value_name(item),
        Form::Group(_) => "PARTS",
    }
}

/// The part's own words, and how it is written where that is not plain.
fn help(part: &Part) -> String {
    let needed = if part.needed { " (needed)" } else { "" };
    let mut text = format!("{}{needed}", part.help.trim_end_matches('.'));
    let (form, several) = match &part.form {
        Form::List(item) => (item.as_ref(), true),
        form => (form, false),
    };
    if let Form::Word(words) = form
        && !words.iter().all(|word| text.contains(word.as_str()))
    {
        text.push_str(&format!(" [one of: {}]", words.join(", ")));
    }
    if let Form::Group(parts) | Form::RefOrGroup(_, parts) = form {
        let names: Vec<_> = parts.iter().map(|part| part.name.as_str()).collect();
        text.push_str(&format!(". As \"{}\"; parts: {}", group::example(parts), names.join(", ")));
    }
    if several {
        text.push_str("; repeat for more");
    }
    text
}

impl Given {
    /// What was typed.
    pub(crate) fn from(matches: &ArgMatches, shape: &'static Shape, id: bool, main: Option<&str>) -> Self {
        let mut given = Vec::new();
        for part in flags(shape, id) {
            let plain =
                (main == Some(part.name.as_str())).then(|| matches.get_one::<String>(PLAIN)).flatten();
            let typed: Vec<_> =
                matches.get_many::<String>(&part.flag).into_iter().flatten().chain(plain).cloned().collect();
            if !typed.is_empty() {
                given.push((part, typed));
            }
        }
        Self(given)
    }

    /// Whether nothing was typed.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether a text is read from the standard input, which holds it only once.
    pub(crate) fn reads_stdin(&self) -> bool {
        self.0.iter().any(|(_, typed)| typed.iter().any(|text| text == "-"))
    }

    /// The parts. A part that was given without a text is to be taken away: null.
    pub(crate) fn parts(&self) -> Result<Map<String, Value>, Error> {
        let mut stdin_taken = false;
        let mut object = Map::new();
        for (part, typed) in &self.0 {
            let mut read = |text: &str| read_text(text, &mut stdin_taken);
            let wrong = |why: String| Error::Usage(format!("--{} cannot be understood: {why}.", part.flag));
            let value = match &part.form {
                Form::List(item) => {
                    let all = typed.iter().filter(|text| !text.trim().is_empty());
                    let items =
                        all.map(|text| value(item, text, &mut read).and_then(|found| found.map_err(wrong)));
                    let items = items.collect::<Result<Vec<_>, _>>()?;
                    if items.is_empty() { Value::Null } else { Value::Array(items) }
                }
                form => match typed.first().filter(|text| !text.trim().is_empty()) {
                    None => Value::Null,
                    Some(text) => value(form, text, &mut read)?.map_err(wrong)?,
                },
            };
            object.insert(part.name.clone(), value);
        }
        Ok(object)
    }
}

/// One value. What is wrong with a group is said by its words.
fn value(
    form: &Form,
    text: &str,
    read: &mut impl FnMut(&str) -> Result<String, Error>,
) -> Result<Result<Value, String>, Error> {
    Ok(match form {
        Form::Prose => Ok(Value::String(read(text)?)),
        Form::Group(parts) => group::group(parts, text).map(Value::Object),
        Form::RefOrGroup(_, parts) if group::begins(parts, text) => {
            group::group(parts, text).map(Value::Object)
        }
        _ => Ok(Value::String(text.to_owned())),
    })
}

/// A text as it stands, from the standard input (`-`), or from a file (`@FILE`; `@@` for a text that begins so).
pub(crate) fn read_text(text: &str, stdin_taken: &mut bool) -> Result<String, Error> {
    let file = match text.strip_prefix('@') {
        Some(rest) if rest.starts_with('@') => return Ok(rest.to_owned()),
        Some("") => return Ok(text.to_owned()),
        Some(file) => Path::new(file),
        None if text == "-" && *stdin_taken => {
            let text = "The standard input can be read for one part only; two were given as -.";
            return Err(Error::Usage(text.to_owned()));
        }
        None if text == "-" => {
            *stdin_taken = true;
            Path::new("-")
        }
        None => return Ok(text.to_owned()),
    };
    let bytes = input::read_text(file, LARGEST_TEXT)?;
    Ok(String::from_utf8_lossy(&bytes).trim_end().to_owned())
}

/// A new document of these parts as text: JSON, which takes any text as it is.
pub(crate) fn document(kind: &str, parts: Map<String, Value>) -> String {
    let mut whole = Map::new();
    whole.insert("cairn".to_owned(), Value::String(format!("{kind}/1")));
    whole.extend(parts);
    Value::Object(whole).to_string()
}

#[cfg(test)]
mod tests {
    use std::{collections::BTreeSet, fs};

    use clap::{Command, CommandFactory as _};
    use serde_json::{Map, Value, json};

    use super::{Given, augment, document};
    use crate::{
        args::Cli,
        shape::{Form, all, of},
    };

    fn given(kind: &str, args: &[&str]) -> Result<Map<String, Value>, String> {
        let main = Some("text");
        let command = augment(Command::new("new"), of(kind), true, main);
        let matches =
            command.try_get_matches_from(["new"].iter().chain(args)).map_err(|error| error.to_string())?;
        Given::from(&matches, of(kind), true, main).parts().map_err(|error| error.to_string())
    }

    #[test]
    fn every_part_of_every_kind_has_a_flag_that_is_understood() {
        for shape in all() {
            let mut args = Vec::new();
            for part in &shape.parts {
                let inner = match &part.form {
                    Form::List(item) => item.as_ref(),
                    form => form,
                };
                let value = match inner {
                    Form::Group(parts) => format!("{}: so it is", parts[0].name),
                    _ => "so it is".to_owned(),
                };
                args.extend([format!("--{}", part.flag), value]);
            }
            let args: Vec<_> = args.iter().map(String::as_str).collect();
            let parts = given(&shape.kind, &args).unwrap();
            assert_eq!(parts.len(), shape.parts.len(), "{}", shape.kind);
        }
    }

    #[test]
    fn no_part_clashes_with_an_option_of_all_commands() {
        let cli = Cli::command();
        let mut taken: BTreeSet<String> =
            ["help", "version", "edit", "fresh", "dry-run", "yes"].map(str::to_owned).into();
        for arg in cli.get_arguments() {
            taken.extend(arg.get_long().map(str::to_owned));
            taken.insert(arg.get_id().to_string());
        }
        for shape in all() {
            for part in &shape.parts {
                assert!(!taken.contains(&part.flag), "{} --{}", shape.kind, part.flag);
            }
        }
    }

    #[test]
    fn texts_pass_as_they_are() {
        let text = "She said: \"no\", 'yes' #1\n- two\n\tעברית – ünïcode \\ {a: b} 🙂: ";
        let parts =
            given("entry", &["--cycle", "c: \"d\"", text, "--themes", "a", "--themes", "b, c"]).unwrap();
        let whole: Value = serde_json::from_str(&document("entry", parts)).unwrap();
        assert_eq!(
            whole,
            json!({"cairn": "entry/1", "cycle": "c: \"d\"", "text": text, "themes": ["a", "b, c"]})
        );
        assert!(document("entry", Map::new()).starts_with("{\"cairn\":\"entry/1\""));
    }

    #[test]
    fn nothing_takes_a_part_away() {
        let parts = given("cycle", &["--ended", "", "--themes", "", "--purpose", " "]).unwrap();
        assert_eq!(Value::Object(parts), json!({"purpose": null, "themes": null, "ended": null}));
    }

    #[test]
    fn texts_come_from_files_too() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("text.txt");
        fs::write(&file, "From a file.\n").unwrap();
        let parts = given("entry", &["--text", &format!("@{}", file.display())]).unwrap();
        assert_eq!(parts["text"], "From a file.");
        assert_eq!(given("entry", &["--text", "@@home"]).unwrap()["text"], "@home");
        assert!(given("entry", &["--text", "@/nonexistent/x"]).unwrap_err().contains("There is no file"));
        assert!(given("entry", &["a text", "--text", "another"]).is_err());
    }

    #[test]
    fn a_group_that_is_none_is_named() {
        let said = given("session", &["--readings", "They come"]).unwrap_err();
        assert!(said.starts_with("--readings cannot be understood: "), "{said}");
    }
}
