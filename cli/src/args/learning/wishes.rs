//! What the subcommands that every kind has take.

use std::path::PathBuf;

use cairn_proto::pb::admin::{ListDocumentsRequest, Trait};
use clap::{Arg, ArgAction, ArgMatches, Args, Command, error::ErrorKind};

use crate::{
    args::parts::{self, Given},
    noun::Noun,
    shape,
};

/// The id of the argument that names a document.
const WHICH: &str = "which-document";
/// The id of the flag for the editor.
const EDIT: &str = "in-the-editor";
/// The id of the flag that begins anew.
const FRESH: &str = "begin-anew";

/// What `new` takes.
#[derive(Debug, Clone)]
pub(crate) struct NewArgs {
    /// The parts.
    pub(crate) given: Given,
    /// In the editor, with the parts filled in.
    pub(crate) edit: bool,
    /// Not with the text that was begun.
    pub(crate) fresh: bool,
}

/// What `edit` takes.
#[derive(Debug, Clone)]
pub(crate) struct EditArgs {
    /// Which document.
    pub(crate) id: String,
    /// The parts to change.
    pub(crate) given: Given,
    /// Not with the text that was begun.
    pub(crate) fresh: bool,
}

/// `new` with a flag for each part.
pub(super) fn augment_new(command: Command, noun: &'static Noun) -> Command {
    let command = parts::augment(command, shape::of(noun.kind), true, noun.main);
    let edit = Arg::new(EDIT).long("edit").action(ArgAction::SetTrue);
    command.arg(edit.help("Open the editor, with what is given filled in")).arg(fresh())
}

/// `edit` with a flag for each part.
pub(super) fn augment_edit(command: Command, noun: &'static Noun) -> Command {
    let which = Arg::new(WHICH).value_name("ID").required(true);
    let which = which.help(format!("Its id, as in `cairn {} list`", noun.command));
    parts::augment(command.arg(which), shape::of(noun.kind), false, None).arg(fresh())
}

fn fresh() -> Arg {
    let help = "Begin anew where a text was begun and not finished; that one is put aside";
    Arg::new(FRESH).long("fresh").action(ArgAction::SetTrue).help(help)
}

impl NewArgs {
    /// What was typed.
    pub(super) fn from(matches: &ArgMatches, noun: &'static Noun) -> Self {
        Self {
            given: Given::from(matches, shape::of(noun.kind), true, noun.main),
            edit: matches.get_flag(EDIT),
            fresh: matches.get_flag(FRESH),
        }
    }
}

impl EditArgs {
    /// What was typed.
    pub(super) fn from(matches: &ArgMatches, noun: &'static Noun) -> Result<Self, clap::Error> {
        let id = matches.get_one::<String>(WHICH).cloned();
        Ok(Self {
            id: id
                .ok_or_else(|| clap::Error::raw(ErrorKind::MissingRequiredArgument, "the ID is missing"))?,
            given: Given::from(matches, shape::of(noun.kind), false, None),
            fresh: matches.get_flag(FRESH),
        })
    }
}

/// What to read in.
#[derive(Debug, Clone, Args)]
pub(crate) struct ImportArgs {
    /// Files to read; - for the standard input
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
}

/// Which document.
#[derive(Debug, Clone, Args)]
pub(crate) struct WhichArgs {
    /// Its id
    #[arg(value_name = "ID")]
    pub(crate) id: String,
}

/// Which document, and how it is to be shown.
#[derive(Debug, Clone, Args)]
pub(crate) struct ShowArgs {
    /// Its id
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// An earlier version, as in `history`
    #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) version: Option<u64>,
    /// Print it as a file that can be changed and read in again
    #[arg(long)]
    pub(crate) file: bool,
}

/// Which document to erase, and why.
#[derive(Debug, Clone, Args)]
pub(crate) struct EraseArgs {
    /// Its id
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Why. It is kept; do not repeat what is to be forgotten
    #[arg(long, value_name = "WHY")]
    pub(crate) reason: String,
    /// Only show what would be erased
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}

/// What to list.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ListArgs {
    /// Only with these words; a word's beginning is enough
    #[arg(long, value_name = "WORDS", default_value = "", hide_default_value = true)]
    pub(crate) words: String,
    /// What narrows a list down.
    #[command(flatten)]
    pub(crate) narrow: NarrowArgs,
}

/// What narrows a list down, also a search.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct NarrowArgs {
    /// Only of this cycle
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    pub(crate) cycle: String,
    /// Only on this theme; repeat for more, all of which must fit
    #[arg(long, value_name = "WORDS")]
    pub(crate) theme: Vec<String>,
    /// Only with this factor
    #[arg(long, value_name = "WORDS")]
    pub(crate) factor: Vec<String>,
    /// Only of this stage
    #[arg(long, value_name = "WORDS")]
    pub(crate) stage: Vec<String>,
    /// Only where it stands so, in words. No state is better than another
    #[arg(long, value_name = "WORDS")]
    pub(crate) state: Vec<String>,
    /// Only with this role
    #[arg(long, value_name = "WORDS")]
    pub(crate) role: Vec<String>,
    /// Only of this scale
    #[arg(long, value_name = "WORDS")]
    pub(crate) scale: Vec<String>,
    /// Only about this management practice
    #[arg(long, value_name = "WORDS")]
    pub(crate) practice: Vec<String>,
    /// At most so many
    #[arg(long, value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub(crate) limit: u32,
    /// Continue a listing
    #[arg(long, value_name = "CURSOR", default_value = "", hide_default_value = true)]
    pub(crate) cursor: String,
}

impl ListArgs {
    /// Whether anything narrows the list down or cuts it.
    pub(crate) fn is_plain(&self) -> bool {
        let Self { words, narrow } = self;
        words.is_empty() && narrow.words().is_empty() && narrow.cursor.is_empty() && narrow.limit == 50
    }
}

impl NarrowArgs {
    /// The traits, with the name of each.
    fn traits(&self) -> impl Iterator<Item = (&'static str, &String)> {
        let Self { theme, factor, stage, state, role, scale, practice, .. } = self;
        let named = [
            ("theme", theme),
            ("factor", factor),
            ("stage", stage),
            ("state", state),
            ("role", role),
            ("scale", scale),
            ("practice", practice),
        ];
        named.into_iter().flat_map(|(name, values)| values.iter().map(move |value| (name, value)))
    }

    /// As the node takes it.
    pub(crate) fn request(&self, kind: &str, words: &str, excerpts: bool) -> ListDocumentsRequest {
        let each = self.traits().map(|(name, value)| Trait { name: name.to_owned(), value: value.clone() });
        ListDocumentsRequest {
            kind: kind.to_owned(),
            cycle: self.cycle.clone(),
            words: words.to_owned(),
            traits: each.collect(),
            limit: self.limit,
            cursor: self.cursor.clone(),
            excerpts,
        }
    }

    /// As it was typed, to be typed again.
    pub(crate) fn words(&self) -> String {
        let cycle = Some(("cycle", &self.cycle)).filter(|(_, id)| !id.is_empty());
        let all = cycle.into_iter().chain(self.traits());
        all.map(|(name, value)| format!(" --{name} {}", shell_word(value))).collect()
    }
}

/// A word to copy into a shell.
pub(crate) fn shell_word(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "/._-+:@%".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::NarrowArgs;

    #[test]
    fn what_narrows_down_becomes_traits_and_can_be_typed_again() {
        let args = NarrowArgs {
            cycle: "c".to_owned(),
            theme: vec!["going home".to_owned(), "night".to_owned()],
            state: vec!["ended early".to_owned()],
            ..NarrowArgs::default()
        };
        let request = args.request("entry", "", false);
        let traits: Vec<_> =
            request.traits.iter().map(|found| (found.name.as_str(), found.value.as_str())).collect();
        assert_eq!(traits, [("theme", "going home"), ("theme", "night"), ("state", "ended early")]);
        assert_eq!(args.words(), " --cycle c --theme 'going home' --theme night --state 'ended early'");
    }
}
