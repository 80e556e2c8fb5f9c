//! Manual texts for what every kind has.

use crate::noun::Noun;

/// What `cairn NOUN --help` says.
pub(super) fn noun(noun: &Noun) -> String {
    let Noun { command, manual, example, .. } = noun;
    format!(
        "{manual}\n\nAll of it stays at home, in your own node. Nothing here is ever sent to anyone. Every change makes a \
         new version and keeps who and when; none is better for having more of them.\n\nExample:\n\n  cairn {command} \
         new {example}\n  cairn {command} list"
    )
}

/// The line of help and the manual of a subcommand.
pub(super) fn common(noun: &Noun, name: &str) -> (String, String) {
    let Noun { one, several, .. } = noun;
    let line = match name {
        "new" => format!("Write {one}"),
        "edit" => format!("Change {one}"),
        "import" => format!("Read {several} in from files"),
        "show" => format!("Read {one}"),
        "list" => format!("List the {several} kept here"),
        "history" => format!("Show who changed {one}, when and where"),
        "trace" => format!("Show where {one} came from and what it led to"),
        _ => format!("Erase the words of {one} for ever"),
    };
    let long = match name {
        "new" => new(noun),
        "edit" => edit(noun),
        "import" => import(noun),
        "show" => show(noun),
        "list" => list(noun),
        "history" => history(noun),
        "trace" => trace(noun),
        _ => erase(noun),
    };
    (line, long)
}

fn new(noun: &Noun) -> String {
    let Noun { command, one, example, .. } = noun;
    format!(
        "Writes {one}. Without any part it opens your editor ($VISUAL, $EDITOR, or else nano or vi) with every part and a \
         word about each; leave empty what you have nothing to say about. With parts it takes them as they are; - as the \
         text of a longer part reads the standard input, @FILE reads a file.\n\nWhat you wrote is never lost: if it cannot \
         be taken in, it is kept as a draft, and `cairn draft edit` goes on with it. Nothing is sent to anyone.\n\n\
         Example:\n\n  cairn {command} new\n  cairn {command} new {example}"
    )
}

fn edit(noun: &Noun) -> String {
    let Noun { command, one, id, change, .. } = noun;
    format!(
        "Changes {one}. Without any part it opens your editor with the whole of it. With parts it changes only those; a \
         list takes the place of the whole list, and an empty text takes the part away.\n\nIf somebody else changed it \
         meanwhile, nothing of theirs is ever overwritten: your text is kept as a draft, and you are told which parts \
         both of you changed. Earlier versions stay. Nothing is sent to anyone.\n\nExample:\n\n  cairn {command} edit {id}\n  cairn {command} edit \
         {id} {change}"
    )
}

fn import(noun: &Noun) -> String {
    let Noun { command, kind, several, .. } = noun;
    format!(
        "Reads {several} in from files: YAML, JSON, or Markdown with front matter, with `cairn: {kind}/1` on top, as text \
         in UTF-8 of at most 256 KiB. A file with an id that is known becomes its next version; the same file again \
         changes nothing. All files are read before the first is taken in, so that a wrong name stops everything.\n\n\
         The files themselves are never changed, and nothing is sent to anyone.\n\nWith --json and one FILE the answer is \
         one object; with several it is a list.\n\nExample:\n\n  cairn {command} import ours.md\n  cairn {command} import \
         - < ours.yaml"
    )
}

fn show(noun: &Noun) -> String {
    let Noun { command, one, id, .. } = noun;
    format!(
        "Shows {one}: what it says, what it refers to and what refers to it, who changed it and when. With --file it is \
         printed as Markdown that can be changed elsewhere and read in again with `cairn {command} import`.\n\nLooking \
         tells nobody anything and never changes anything.\n\nExample:\n\n  cairn {command} show {id}\n  cairn {command} \
         show {id} --file > ours.md"
    )
}

fn list(noun: &Noun) -> String {
    let Noun { command, several, .. } = noun;
    format!(
        "Lists the {several} kept here, newest change first. They are never sorted by how something went: what ended early \
         stands beside all others.\n\nExample:\n\n  cairn {command} list\n  cairn {command} list --theme \"going home\" \
         --words kitchen"
    )
}

fn history(noun: &Noun) -> String {
    let Noun { command, id, .. } = noun;
    format!(
        "Shows its versions, oldest first: who made each, when, and which parts it changed. Versions are never \
         overwritten.\n\nExample:\n\n  cairn {command} history {id}\n  cairn {command} show {id} --version 1"
    )
}

fn trace(noun: &Noun) -> String {
    let Noun { command, id, .. } = noun;
    format!(
        "Shows what it came from and what it led to, as far as documents refer to each other: from what was noticed to what \
         was learnt, to what changed, and back. A trace shows what people wrote down; it never proves that one thing caused \
         another.\n\nExample:\n\n  cairn {command} trace {id}"
    )
}

fn erase(noun: &Noun) -> String {
    let Noun { command, id, kind, .. } = noun;
    let instead = match *kind {
        "consent" => {
            "\n\nA consent is the proof of what was agreed and is not erased; use `cairn consent withdraw` to end it."
        }
        "experiment" => {
            "\n\nWhat was released of it is out and stays there; erasing never reaches other places."
        }
        _ => "",
    };
    format!(
        "Erases its words in all versions, for ever: in the documents, in what searches find, and in the files of the \
         database. That it was there, and that it was erased, when, by whom and why, stays. It can never be undone, not even \
         from here; backups you made yourself still hold it.{instead}\n\nIt shows first what would go. On a terminal it then \
         asks; elsewhere, say --yes.\n\nExample:\n\n  cairn {command} erase {id} --reason \"The family asked for it\" --dry-run"
    )
}
