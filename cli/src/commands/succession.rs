//! `cairn succession`: who goes on in the place of a node, handed round as a file.

use std::path::{Path, PathBuf};

use cairn_proto::{
    limits::SUCCESSION_BYTES,
    pb::{
        admin::{
            AcceptSuccessionRequest, DraftSuccessionRequest, FinishSuccessionRequest, ListSuccessionsRequest,
            ReadSuccessionRequest,
        },
        exchange::SuccessionKind,
    },
};
use clap::{Args, Subcommand, ValueEnum};

use super::{
    Session, ask,
    export::{Written, write_new},
};
use crate::{
    client::answer,
    error::{Error, Exit},
    input,
    output::succession,
};

/// What `--help` says.
pub(crate) const MANUAL: &str = "\
When places merge or split, or a place has to begin anew with another node, the old node says who goes on in its place. It drafts a \
file; everybody who is to go on agrees to it; the old node signs last. From then on it releases nothing more. What it released stays \
valid, and it goes on running for withdrawals alone.

Trust never moves by this: nobody who goes on becomes anybody's peer. Peers are told, telephone, and agree anew. Groups, contracts and \
named audiences do not carry over. A mere change of name or address needs none of this.

Example:

  cairn succession draft --kind merged --to \"Plymouth Alliance\" --out ours.cairn-succession
  cairn succession accept ours.cairn-succession --out agreed.cairn-succession
  cairn succession finish agreed.cairn-succession";

/// What `draft --help` says.
const DRAFT_MANUAL: &str = "\
Writes a draft that names who goes on in the place of your node: one place after a merger or a renaming, two to eight after a split. \
Each must be a peer that your node has reached, or the NodeId of one. Hand the file to them, one after the other.

Nothing is signed by this, nothing is sent, and your node goes on as before. Release nothing until it is finished: \
what is released in between would not count, and you would have to draft anew. Withdrawing is always possible.

Example:

  cairn succession draft --kind merged --to \"Plymouth Alliance\" --out ours.cairn-succession
  cairn succession draft --kind split --to \"Dorset\" --to \"EDUFI\" --out ours.cairn-succession";

/// What `accept --help` says.
const ACCEPT_MANUAL: &str = "\
Shows what a draft means, asks, and then agrees that your node goes on in the place of another: writes the file again with your \
signature. Hand it to the next who is to agree, or back. Anybody could have written the draft: telephone the other place first, and \
compare its words.

It takes effect only once the other node itself has signed, too. It never makes anybody your peer, and nothing of theirs \
becomes yours: you do not answer for their records, and cannot withdraw them.

Example:

  cairn succession accept ours.cairn-succession --out agreed.cairn-succession";

/// What `finish --help` says.
const FINISH_MANUAL: &str = "\
Gives up the place of your node to those who have agreed: shows what that means, asks, signs, and tells all peers. It cannot be \
undone by you.

From then on your node never releases anything again. It still withdraws whole records, purges what others withdraw, and answers with \
receipts. Keep it running for that: once it has been off for 7 days, its records are shown nowhere.

It is refused while the gate before the key is closed (`cairn gate show`), when somebody has not agreed, and when something was released \
since the draft.

Example:

  cairn succession finish agreed.cairn-succession";

/// What `show --help` says.
const SHOW_MANUAL: &str = "\
Shows who goes on in the place of a node, as far as is known here: of your own and of all those whom you follow, or of one. It says \
whether they are peers here and what to do. Nothing is changed.

Example:

  cairn succession show
  cairn succession show \"South Tyneside Alliance\"";

/// What became of a place.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum KindWord {
    /// It became part of another
    Merged,
    /// Several go on in its place
    Split,
    /// It begins anew with another node
    Renamed,
}

/// Its subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum SuccessionCommand {
    /// Draft who goes on in the place of your node
    #[command(long_about = DRAFT_MANUAL)]
    Draft(DraftArgs),
    /// Agree to go on in the place of another
    #[command(long_about = ACCEPT_MANUAL)]
    Accept(AcceptArgs),
    /// Give up the place of your node to those who agreed
    #[command(long_about = FINISH_MANUAL)]
    Finish(FinishArgs),
    /// Show who goes on in whose place
    #[command(long_about = SHOW_MANUAL)]
    Show(ShowArgs),
}

/// Who goes on.
#[derive(Debug, Args)]
pub(crate) struct DraftArgs {
    /// What became of the place
    #[arg(long, value_enum)]
    kind: KindWord,
    /// Who goes on: the name or NodeId of a peer; repeat it after a split
    #[arg(long, value_name = "NODE", required = true)]
    to: Vec<String>,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Which draft.
#[derive(Debug, Args)]
pub(crate) struct AcceptArgs {
    /// The draft; - for the standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The file to write
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Which file.
#[derive(Debug, Args)]
pub(crate) struct FinishArgs {
    /// The file to which everybody has agreed; - for the standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Whose.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The name or NodeId of a node; without it, all that are known here
    #[arg(value_name = "NODE", default_value = "", hide_default_value = true)]
    node: String,
}

/// Runs one of them.
pub(crate) async fn run(session: &mut Session, command: SuccessionCommand) -> Result<Exit, Error> {
    match command {
        SuccessionCommand::Draft(args) => draft(session, args).await,
        SuccessionCommand::Accept(args) => accept(session, args).await,
        SuccessionCommand::Finish(args) => finish(session, args).await,
        SuccessionCommand::Show(ShowArgs { node }) => {
            let mut client = session.node().await?;
            let reply = answer(client.succession.list_successions(ListSuccessionsRequest { node })).await?;
            session.out.reply(&reply, succession::all)?;
            Ok(Exit::Done)
        }
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Error> {
    Ok(input::read(file, u64::try_from(SUCCESSION_BYTES).unwrap_or(u64::MAX))?)
}

async fn draft(session: &mut Session, DraftArgs { kind, to, out }: DraftArgs) -> Result<Exit, Error> {
    let kind = match kind {
        KindWord::Merged => SuccessionKind::Merged,
        KindWord::Split => SuccessionKind::Split,
        KindWord::Renamed => SuccessionKind::Renamed,
    };
    let mut node = session.node().await?;
    let request = DraftSuccessionRequest { kind: kind.into(), to };
    let reply = answer(node.succession.draft_succession(request)).await?;
    write_new(&out, &reply.file)?;
    let next = "Nothing was signed or sent. Hand it to those who are to go on; each agrees with:";
    let command = format!("cairn succession accept {} --out FILE", out.display());
    Written::new(&out, reply.file.len()).tell(session, next, &command)
}

async fn accept(session: &mut Session, AcceptArgs { file, out, yes }: AcceptArgs) -> Result<Exit, Error> {
    ask::can_be_asked(yes, "To go on in the place of another")?;
    let file = read(&file)?;
    let mut node = session.node().await?;
    if !yes {
        let shown =
            answer(node.succession.read_succession(ReadSuccessionRequest { file: file.clone() })).await?;
        session.out.progress(|page| succession::before_accepting(&shown, page))?;
        ask::ask(session, "Agree to go on in its place?")?;
    }
    let reply = answer(node.succession.accept_succession(AcceptSuccessionRequest { file })).await?;
    write_new(&out, &reply.file)?;
    let next = succession::accepted(&reply);
    Written::new(&out, reply.file.len()).tell(session, &next, "")
}

async fn finish(session: &mut Session, FinishArgs { file, yes }: FinishArgs) -> Result<Exit, Error> {
    ask::can_be_asked(yes, "Giving up the place of this node")?;
    let file = read(&file)?;
    let mut node = session.node().await?;
    if !yes {
        let shown =
            answer(node.succession.read_succession(ReadSuccessionRequest { file: file.clone() })).await?;
        session.out.progress(|page| succession::before_finishing(&shown, page))?;
        ask::ask(session, "Give up the place of this node?")?;
    }
    let reply = answer(node.succession.finish_succession(FinishSuccessionRequest { file })).await?;
    session.out.reply(&reply, succession::finished)?;
    Ok(Exit::Done)
}
