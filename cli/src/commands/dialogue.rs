//! `cairn respond`, `ask`, `reply`, `thread` and `lineage`: what places say to each other about records.
//!
//! Asking the person at the terminal is `ask`, and is something else.

use cairn_proto::pb::{
    admin::{
        GetLineageRequest, GetThreadRequest, Override, PublishResponse, RespondRequest, SayingTerms,
        SendMessageRequest,
    },
    exchange::{MessageKind, ResponseKind},
};
use clap::{Args, Subcommand, builder::TypedValueParser as _};
use jiff::civil::Date;

use super::Session;
use crate::{
    args::{parts::read_text, words},
    client::answer,
    error::{Error, Exit},
    output::{dialogue, publish},
};

const RESPOND_MANUAL: &str = "\
Says how your place stands to a record: that you see this, too, that you see it differently or not at all, or that you tried \
it and how that went. A response is words with your own context. It is never a score, and nobody adds responses up.

  see this too         recognised
  see it differently   recognised, and seen otherwise; needs --account
  not here             not seen here
  held                 tried here, and it held; needs --account
  held with changes    tried here, and it held with changes; needs --account
  did not hold         tried here, and it did not hold; needs --account
  stopped              tried here, and stopped; needs --account and --why

It goes to the author of the record, and to those whom you name with --to; they must be peers who may hold the record. It \
is a record of your own: looked at before it leaves, signed, in your ledger, and yours to withdraw. With --dry-run it shows \
exactly what would leave and to whom. Nothing leaves in a dry run.

- for a text reads the standard input, @FILE reads a file. RECORD is named as in `cairn show`.

Example:

  cairn respond \"South Tyneside Alliance/0\" --kind stopped --context \"A county with many villages.\" \\
      --account \"We tried it in one village.\" --why \"The only worker left.\" --dry-run";

const ASK_MANUAL: &str = "\
Asks about a record. The question goes to the record's author, and to those whom you name with --to. Where RECORD is a \
response or a message itself, the question answers it, and goes to whoever said that and to the author of the record it is \
about.

It is a record of your own: looked at before it leaves, signed, in your ledger, and yours to withdraw. With --dry-run it \
shows exactly what would leave and to whom. Nothing leaves in a dry run, and a question never obliges anyone.

- for the text reads the standard input, @FILE reads a file. RECORD is named as in `cairn show`.

Example:

  cairn ask \"South Tyneside Alliance/0\" \"Who paid for the evenings?\"";

const REPLY_MANUAL: &str = "\
Answers a response or a message. The reply goes to whoever said that, to the author of the record it is about, and to those \
whom you name with --to. With --account it is told as your side's account rather than as an answer.

It is a record of your own: looked at before it leaves, signed, in your ledger, and yours to withdraw. With --dry-run it \
shows exactly what would leave and to whom. Nothing leaves in a dry run.

- for the text reads the standard input, @FILE reads a file. `cairn thread` shows what was said, with the names of the \
records.

Example:

  cairn reply Dorset/3 \"The alliance paid for them, out of a common budget.\"";

const THREAD_MANUAL: &str = "\
Shows a record and all that was said about it, as far as it is held here, in the order of time. Another place may see \
more or less: each word is for those to whom it was said. What was withdrawn is shown as withdrawn if somebody answered it.

Nothing is sent to anyone by looking, and nothing that was said is ever added up. RECORD is named as in `cairn show`, and \
may itself be something that was said.

Example:

  cairn thread \"South Tyneside Alliance/0\"";

const LINEAGE_MANUAL: &str = "\
Shows what a record came from and what came from it, here and elsewhere, as far as it is held here: who, in which context, \
what was changed and why, and where it stands. In the order of time, and never by how it went.

Nothing is sent to anyone by looking. RECORD is named as in `cairn show`.

Example:

  cairn lineage \"South Tyneside Alliance/0\"";

/// The commands, in the order in which people meet them.
#[derive(Debug, Subcommand)]
pub(crate) enum DialogueCommand {
    /// Say how your place stands to a record: recognised, or tried here
    #[command(long_about = RESPOND_MANUAL)]
    Respond(RespondArgs),
    /// Ask about a record
    #[command(long_about = ASK_MANUAL)]
    Ask(AskArgs),
    /// Answer what somebody said about a record
    #[command(long_about = REPLY_MANUAL)]
    Reply(ReplyArgs),
    /// Read what was said about a record
    #[command(long_about = THREAD_MANUAL)]
    Thread(WhichArgs),
    /// Show what a record came from and what came from it
    #[command(long_about = LINEAGE_MANUAL)]
    Lineage(WhichArgs),
}

/// A response.
#[derive(Debug, Args)]
pub(crate) struct RespondArgs {
    /// Which record
    #[arg(value_name = "RECORD")]
    record: String,
    /// How your place stands to it: "see this too", "see it differently", "not here", held, "held with changes", "did not hold" or stopped
    #[arg(long, value_name = "KIND", value_parser = words::response_kind)]
    kind: ResponseKind,
    /// Your context
    #[arg(long, value_name = "TEXT")]
    context: String,
    /// What you saw
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    account: String,
    /// The reason, for what was stopped
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    why: String,
    /// On which terms.
    #[command(flatten)]
    terms: TermArgs,
}

/// A question.
#[derive(Debug, Args)]
pub(crate) struct AskArgs {
    /// Which record, or which response or message
    #[arg(value_name = "RECORD")]
    record: String,
    /// What you ask
    #[arg(value_name = "TEXT")]
    text: String,
    /// On which terms.
    #[command(flatten)]
    terms: TermArgs,
}

/// A reply.
#[derive(Debug, Args)]
pub(crate) struct ReplyArgs {
    /// Which response or message
    #[arg(value_name = "MESSAGE")]
    message: String,
    /// What you say
    #[arg(value_name = "TEXT")]
    text: String,
    /// It is your side's account, rather than an answer
    #[arg(long)]
    account: bool,
    /// On which terms.
    #[command(flatten)]
    terms: TermArgs,
}

/// Which record to look at.
#[derive(Debug, Args)]
pub(crate) struct WhichArgs {
    /// Which record
    #[arg(value_name = "RECORD")]
    record: String,
}

/// To whom something is said, and on whose decision.
#[derive(Debug, Args)]
pub(crate) struct TermArgs {
    /// A peer to whom it goes besides: its name or NodeId; repeat for more
    #[arg(long, value_name = "PEER")]
    to: Vec<String>,
    /// Last day on which it may be held
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = clap::builder::StringValueParser::new().try_map(|text| words::day(&text)))]
    until: Option<Date>,
    /// A finding of the pre-flight that does not stop it, and why; repeat for more
    #[arg(long = "override", value_name = "KEY=REASON", value_parser = words::override_of)]
    overrides: Vec<Override>,
    /// Role (never a name) that authorises it, for the record at home
    #[arg(long, value_name = "ROLE", default_value = "", hide_default_value = true)]
    authorised_by: String,
    /// Only show what would leave and to whom
    #[arg(long)]
    dry_run: bool,
}

impl TermArgs {
    /// As the node takes them.
    fn into_terms(self) -> Option<SayingTerms> {
        let Self { to, until, overrides, authorised_by, dry_run } = self;
        let expires_on = until.map(|day| day.to_string()).unwrap_or_default();
        Some(SayingTerms { to, expires_on, authorised_by, dry_run, overrides })
    }
}

/// Runs one of them.
pub(crate) async fn run(session: &mut Session, command: DialogueCommand) -> Result<Exit, Error> {
    match command {
        DialogueCommand::Respond(args) => respond(session, args).await,
        DialogueCommand::Ask(AskArgs { record, text, terms }) => {
            send(session, record, MessageKind::Question, &text, terms).await
        }
        DialogueCommand::Reply(ReplyArgs { message, text, account, terms }) => {
            let kind = if account { MessageKind::Account } else { MessageKind::Reply };
            send(session, message, kind, &text, terms).await
        }
        DialogueCommand::Thread(WhichArgs { record }) => {
            let mut node = session.node().await?;
            let reply = answer(node.dialogue.get_thread(GetThreadRequest { record })).await?;
            session.out.reply(&reply, dialogue::thread)?;
            Ok(Exit::Done)
        }
        DialogueCommand::Lineage(WhichArgs { record }) => {
            let mut node = session.node().await?;
            let reply = answer(node.dialogue.get_lineage(GetLineageRequest { record })).await?;
            session.out.reply(&reply, dialogue::lineage)?;
            Ok(Exit::Done)
        }
    }
}

async fn respond(session: &mut Session, args: RespondArgs) -> Result<Exit, Error> {
    let RespondArgs { record, kind, context, account, why, terms } = args;
    let mut stdin_taken = false;
    let mut read = |text: &str| read_text(text, &mut stdin_taken);
    let (context, account, why) = (read(&context)?, read(&account)?, read(&why)?);
    let dry_run = terms.dry_run;
    let request =
        RespondRequest { record, kind: kind.into(), context, account, why, terms: terms.into_terms() };
    let mut node = session.node().await?;
    let reply = answer(node.dialogue.respond(request)).await?;
    released(session, &reply.released.unwrap_or_default(), dry_run)
}

async fn send(
    session: &mut Session,
    record: String,
    kind: MessageKind,
    text: &str,
    terms: TermArgs,
) -> Result<Exit, Error> {
    let text = read_text(text, &mut false)?;
    let dry_run = terms.dry_run;
    let request = SendMessageRequest { record, kind: kind.into(), text, terms: terms.into_terms() };
    let mut node = session.node().await?;
    let reply = answer(node.dialogue.send_message(request)).await?;
    released(session, &reply.released.unwrap_or_default(), dry_run)
}

/// What left, or would: as for any release.
fn released(session: &mut Session, reply: &PublishResponse, dry_run: bool) -> Result<Exit, Error> {
    session.out.reply(reply, if dry_run { publish::dry_run } else { publish::done })?;
    let stopped = dry_run && reply.preflight.as_ref().is_some_and(|page| !page.clear);
    Ok(if stopped { Exit::Refused } else { Exit::Done })
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::{DialogueCommand, ResponseKind};
    use crate::args::{Cli, Command};

    fn parsed(args: &[&str]) -> Result<DialogueCommand, clap::Error> {
        match Cli::try_parse_from(["cairn"].iter().chain(args))?.command {
            Command::Dialogue(command) => Ok(command),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_response_is_named_in_words() {
        let args = ["respond", "Dorset/3", "--kind", "did-not-hold", "--context", "A town.", "--to", "HIS"];
        let DialogueCommand::Respond(args) = parsed(&args).unwrap() else { panic!("a response") };
        assert_eq!(args.kind, ResponseKind::DidNotHold);
        assert_eq!(args.terms.into_terms().unwrap().to, ["HIS"]);
    }

    #[test]
    fn wrong_words_are_refused() {
        for args in [
            &["respond", "Dorset/3", "--kind", "excellent", "--context", "A town."][..],
            &["respond", "Dorset/3", "--kind", "held"],
            &["ask", "Dorset/3"],
            &["reply", "Dorset/3", "Yes.", "--until", "soon"],
        ] {
            assert!(parsed(args).is_err(), "{args:?}");
        }
    }
}
