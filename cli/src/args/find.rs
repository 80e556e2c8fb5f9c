//! What `cairn search`, `cairn trace` and `cairn draft` take.

use clap::{Args, Subcommand};

use super::learning::{manual_more as manual, wishes::NarrowArgs};
use crate::noun::{NOUNS, Noun};

/// What to search for.
#[derive(Debug, Clone, Args)]
pub(crate) struct SearchArgs {
    /// Words that must all be there
    #[arg(value_name = "WORD", required = true)]
    pub(crate) words: Vec<String>,
    /// Only this kind of document
    #[arg(long, value_name = "KIND", value_parser = kind)]
    pub(crate) kind: Option<&'static Noun>,
    /// What narrows it down.
    #[command(flatten)]
    pub(crate) narrow: NarrowArgs,
}

/// Which document, of any kind.
#[derive(Debug, Clone, Args)]
pub(crate) struct TraceArgs {
    /// Its kind and id, such as change/the-ward-rings-first
    #[arg(value_name = "KIND/ID", value_parser = document)]
    pub(crate) document: (&'static Noun, String),
}

/// What can be done with drafts.
#[derive(Debug, Clone, Subcommand)]
pub(crate) enum DraftCommand {
    /// List the drafts
    #[command(long_about = manual::DRAFT_LIST)]
    List,
    /// Print a draft
    #[command(long_about = manual::DRAFT_SHOW)]
    Show(DraftArgs),
    /// Go on with a draft in the editor
    #[command(long_about = manual::DRAFT_EDIT)]
    Edit(DraftArgs),
    /// Throw a draft away
    #[command(long_about = manual::DRAFT_DISCARD)]
    Discard(DiscardArgs),
}

/// Which draft.
#[derive(Debug, Clone, Args)]
pub(crate) struct DraftArgs {
    /// Its number, as in `cairn draft list`
    #[arg(value_name = "NUMBER")]
    pub(crate) number: u64,
}

/// Which draft to throw away.
#[derive(Debug, Clone, Args)]
pub(crate) struct DiscardArgs {
    /// Its number, as in `cairn draft list`
    #[arg(value_name = "NUMBER")]
    pub(crate) number: u64,
    /// Do not ask
    #[arg(long)]
    pub(crate) yes: bool,
}

/// A kind, by its word or its command.
fn kind(text: &str) -> Result<&'static Noun, String> {
    let wanted = text.trim().to_lowercase();
    Noun::of(&wanted).or_else(|| Noun::called(&wanted)).ok_or_else(|| {
        let known: Vec<_> = NOUNS.iter().map(|noun| noun.kind).collect();
        format!("this is no kind of document. The kinds are {}", known.join(", "))
    })
}

/// A kind and an id.
fn document(text: &str) -> Result<(&'static Noun, String), String> {
    match text.split_once('/') {
        Some((word, id)) if !id.trim().is_empty() => Ok((kind(word)?, id.trim().to_owned())),
        _ => Err("write the kind, a slash and the id, such as change/the-ward-rings-first".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{document, kind};

    #[test]
    fn kinds_go_by_their_word_or_command() {
        assert_eq!(kind("observe").unwrap().kind, "observation");
        assert_eq!(kind("Observation").unwrap().kind, "observation");
        assert!(kind("rank").unwrap_err().contains("session"));
    }

    #[test]
    fn a_document_is_named_by_kind_and_id() {
        let (noun, id) = document("reflect/after-ten-evenings").unwrap();
        assert_eq!((noun.kind, id.as_str()), ("reflection", "after-ten-evenings"));
        assert!(document("reflection").is_err() && document("reflection/").is_err());
    }
}
