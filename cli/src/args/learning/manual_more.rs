//! Manual texts for what only one kind has.

/// For `cycle import`.
pub(super) const CYCLE_IMPORT: &str = "\
Reads in a whole cycle that was written with `cairn cycle export`, as JSON or Markdown, or any file with one document \
or several. All of it is taken in or nothing.

Documents that are here already and differ are never overwritten: without --replace nothing is read in then; with it \
they get a new version and the earlier ones stay. Nothing is sent to anyone.

Example:

  cairn cycle import leaving-hospital.json
  cairn cycle import leaving-hospital.md --replace";

/// For `cycle export`.
pub(super) const CYCLE_EXPORT: &str = "\
Writes a whole cycle to a file: everything that belongs to it and what that refers to. JSON for programs and other \
nodes, Markdown to read and change, HTML to print.

What is marked as sensitive and what is about one person's life stays out unless you say --private; you are told how \
much was left out. It never writes over a file unless you say --force, and never sends anything: the file is yours to \
look after. Consents do not travel with a file; mind what people agreed to before you hand it on.

Example:

  cairn cycle export leaving-hospital --format html
  cairn cycle export leaving-hospital --format markdown --output - | less";

/// For `cycle table`.
pub(super) const CYCLE_TABLE: &str = "\
Writes documents as a table, one row each, for a spreadsheet: all of a kind, such as observation or experiment, or \
factors, links, actors or conditions.

A table is for sorting and reading and never for ranking people or places. What is marked as sensitive and what is about \
one person's life stays out unless you say --private. It never writes over a file unless you say --force.

Example:

  cairn cycle table observation --cycle leaving-hospital
  cairn cycle table links --format xlsx --output links.xlsx";

/// For `cycle prompts`.
pub(super) const CYCLE_PROMPTS: &str = "\
Lists questions to think with that are asked at the scale of a cycle, by stage. Every one may be skipped. Nothing ever \
counts how many were answered.

To answer one, name it in an entry.

Example:

  cairn cycle prompts leaving-hospital
  cairn entry new --cycle leaving-hospital --prompt who-is-awake-at-three \"The night sister.\"";

/// For `map import`.
pub(super) const MAP_IMPORT: &str = "\
Reads in a map that was drawn in Kumu, from the JSON that Kumu writes; say which system it is of, who sees it so, and \
what it shows. It tells you what Kumu knows and a map here does not. Other files, in YAML, JSON or Markdown with \
`cairn: map/1` on top, are read in as they are.

The files themselves are never changed, and nothing is sent to anyone, nor to Kumu.

Example:

  cairn map import kumu.json --system leaving-hospital --seen-by \"district nurses\" --title \"Why people return\"
  cairn map import ours.yaml";

/// For `map export`.
pub(super) const MAP_EXPORT: &str = "\
Writes a map to a JSON file that Kumu can read in.

It never sends anything, also not to Kumu: it writes a file here. It never writes over a file unless you say --force.

Example:

  cairn map export why-people-return";

/// For `experiment declare`.
pub(super) const DECLARE: &str = "\
Declares an experiment before it begins: your node signs its design as it stands now, with the time, so that a summary \
can say it was declared before and nobody has to take your word for it. It can be changed afterwards; then the \
declaration says so.

An experiment that has begun cannot be declared any more; a summary says then that it is described in retrospect, which \
is nothing bad. Nothing is ever sent to anyone by this.

Example:

  cairn experiment declare a-call-on-the-first-evening";

/// For `consent give`.
pub(super) const GIVE: &str = "\
Writes down that a consent was given, when and how. What happened before stays in its list.

It never asks anybody: asking people is for people. Nothing is sent to anyone.

Example:

  cairn consent give the-family-in-flat-3 --how \"by word of mouth, after the visit\" --recorded-by \"district nurse\"";

/// For `consent refuse`.
pub(super) const REFUSE: &str = "\
Writes down that a consent was refused. The words that rest on it are erased at home, in all versions, for ever: \
observations, entries and exhibits. Your own account of an experiment stays, and cannot be released.

It shows first what would be erased. On a terminal it then asks; elsewhere, say --yes. What is out already is never \
called back by this; it is named, and its withdrawal is a separate step.

Example:

  cairn consent refuse the-family-in-flat-3 --dry-run";

/// For `consent withdraw`.
pub(super) const WITHDRAW: &str = "\
Writes down that a consent was withdrawn. The words that rest on it are erased at home, in all versions, for ever: \
observations, entries and exhibits. Your own account of an experiment stays, and cannot be released any more.

It shows first what would be erased. On a terminal it then asks; elsewhere, say --yes. What is out already is never \
called back by this; it is named, and its withdrawal is a separate step.

Example:

  cairn consent withdraw the-family-in-flat-3 --dry-run
  cairn consent withdraw the-family-in-flat-3 --recorded-by \"district nurse\"";

/// For `consent renew`.
pub(super) const RENEW: &str = "\
Writes down that a consent was given anew, with its new last day. Words that were erased when it ended never come back \
by this.

Nothing is sent to anyone.

Example:

  cairn consent renew the-family-in-flat-3 --until 2028-12-31 --how \"asked again at the yearly visit\"";

/// For `prompt load`.
pub(super) const LOAD: &str = "\
Reads in a pack of prompts: questions to think with, under their own licence. A newer pack changes those you left as \
they were; what you worded yourselves and what you hid stays.

Nothing is fetched from anywhere, and nothing is sent.

Example:

  cairn prompt load prompts.yaml";

/// For `prompt hide`.
pub(super) const HIDE: &str = "\
Marks a prompt so that it is not offered here any more. It stays, and answers to it stay; `cairn prompt offer` offers it \
again. Nothing is ever sent to anyone.

Example:

  cairn prompt hide who-is-awake-at-three";

/// For `prompt offer`.
pub(super) const OFFER: &str = "\
Offers a prompt again that was hidden. Every prompt may still be skipped. Nothing is sent to anyone.

Example:

  cairn prompt offer who-is-awake-at-three";

/// For `cairn search`.
pub(crate) const SEARCH: &str = "\
Finds documents by their words, newest change first, with the text around them. All words must be there; the beginning \
of a word is enough, and capitals and accents do not matter. Options narrow it down further.

How something went is nothing to search by: what ended early is found like anything else. Looking never tells anyone \
anything.

Example:

  cairn search kitchen evening
  cairn search kitchen --kind observation --theme \"going home\"";

/// For `cairn trace`.
pub(crate) const TRACE: &str = "\
Shows what a document came from and what it led to, as far as documents refer to each other: from what was noticed to \
what was learnt, to what changed, and back. A trace shows what people wrote down; it never proves that one thing caused \
another.

Example:

  cairn trace change/the-ward-rings-first";

/// For `cairn draft`.
pub(crate) const DRAFT: &str = "\
Drafts are texts that could not be taken in yet: something was missing, or somebody else changed the document meanwhile. \
They are kept in your node as they are, so that nothing you wrote is lost.

Nothing of them is ever shown in lists, searches or exports, and nothing is sent to anyone.

Example:

  cairn draft list
  cairn draft edit 3";

/// For `draft list`.
pub(crate) const DRAFT_LIST: &str = "\
Lists the drafts, newest first, each with what was wrong. Nothing is changed by looking.

Example:

  cairn draft list";

/// For `draft show`.
pub(crate) const DRAFT_SHOW: &str = "\
Prints a draft as it is, and what was wrong with it. Nothing is changed by looking.

Example:

  cairn draft show 3";

/// For `draft edit`.
pub(crate) const DRAFT_EDIT: &str = "\
Opens your editor with a draft. When you close it, it is taken in if it can be, and the draft is gone; otherwise it stays \
a draft. The text is never lost on the way.

Example:

  cairn draft edit 3";

/// For `draft discard`.
pub(crate) const DRAFT_DISCARD: &str = "\
Throws a draft away, for ever. It never touches the document that it was to change.

On a terminal it asks before it does so. Elsewhere, say --yes.

Example:

  cairn draft discard 3";
