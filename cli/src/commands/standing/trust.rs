//! `cairn trust`: lists of what places propose about others, handed over as files.

use std::path::PathBuf;

use cairn_proto::{
    limits::TRUST_BYTES,
    pb::admin::{
        AcceptTrustRequest, DropTrustRequest, ExportTrustRequest, ImportTrustRequest, ListTrustRequest,
    },
};
use clap::{Args, Subcommand};

use crate::{
    client::answer,
    commands::{
        Session, ask,
        export::{Written, write_new},
    },
    error::{Error, Exit},
    input,
    output::standing::trust,
};

/// What `--help` says.
pub(crate) const MANUAL: &str = "\
Lists of what one place proposes about others: whom to block, whom to hold back, whom it knows by which name. A list is a signed \
file that one place hands to another. What you take in is a draft: you read what each entry would change here, and accept it or not.

Nothing on a list ever happens by itself.

Example:

  cairn trust export for-plymouth.cairn-trust --reasons
  cairn trust import for-plymouth.cairn-trust
  cairn trust show 1
  cairn trust accept 1 2";

/// What `export --help` says.
const EXPORT_MANUAL: &str = "\
Writes a signed list of whom you blocked, and whose peering you limited or suspended, to hand to another place. Your reasons are in \
it only with --reasons; your other peers only with --known.

It never sends anything, and it never writes over a file that is there. Whoever has the file knows what is in it: mind to whom you \
hand it.

Example:

  cairn trust export for-plymouth.cairn-trust --about \"after the spring meeting\" --reasons";

/// What `import --help` says.
const IMPORT_MANUAL: &str = "\
Takes in the list of another place as a draft, once it is sure who signed it. It shows what each entry would change here.

Nothing changes by that, and nothing is sent. Compare the words of a place that you do not know by telephone.

Example:

  cairn trust import from-dorset.cairn-trust";

/// What `list --help` says.
const LIST_MANUAL: &str = "\
Shows the lists that are kept here. Nothing is sent to anyone.

Example:

  cairn trust list";

/// What `show --help` says.
const SHOW_MANUAL: &str = "\
Shows one list: what each entry proposes, why, and what accepting it would change here today. Nothing changes by that.

Example:

  cairn trust show 1";

/// What `accept --help` says.
const ACCEPT_MANUAL: &str = "\
Does what chosen entries of a list propose: all of those that you name, or none. A peering that it ends cannot be taken up again \
without a new ticket.

It never does more than `cairn trust show` says. On a terminal it asks before it does so. Elsewhere, say --yes.

Example:

  cairn trust accept 1 2 3
  cairn trust accept 1 --all";

/// What `drop --help` says.
const DROP_MANUAL: &str = "\
Forgets a list. What you accepted of it stays, except names; it is never undone by this.

Example:

  cairn trust drop 1";

/// Its subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum TrustCommand {
    /// Write a list of your own decisions
    #[command(long_about = EXPORT_MANUAL)]
    Export(ExportArgs),
    /// Take in a list as a draft
    #[command(long_about = IMPORT_MANUAL)]
    Import(ImportArgs),
    /// Show the lists that are kept here
    #[command(long_about = LIST_MANUAL)]
    List,
    /// Show one list and what it would change
    #[command(long_about = SHOW_MANUAL)]
    Show(ListArgs),
    /// Do what chosen entries propose
    #[command(long_about = ACCEPT_MANUAL)]
    Accept(AcceptArgs),
    /// Forget a list
    #[command(long_about = DROP_MANUAL)]
    Drop(ListArgs),
}

/// What to write and where to.
#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The file to write
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Say your reasons
    #[arg(long)]
    reasons: bool,
    /// Name your active peers, and what you call them
    #[arg(long)]
    known: bool,
    /// What the list is for
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    about: String,
}

/// Which file.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// The list; - for the standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

/// Which list.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Its number, as in `cairn trust list`
    #[arg(value_name = "LIST")]
    list: u64,
}

/// Which entries of which list.
#[derive(Debug, Args)]
pub(crate) struct AcceptArgs {
    /// Its number, as in `cairn trust list`
    #[arg(value_name = "LIST")]
    list: u64,
    /// Numbers of entries, as in `cairn trust show`
    #[arg(value_name = "ENTRY", required_unless_present = "all")]
    entries: Vec<u32>,
    /// All that can be accepted
    #[arg(long, conflicts_with = "entries")]
    all: bool,
    /// Do not ask
    #[arg(long)]
    yes: bool,
}

/// Runs one of them.
pub(crate) async fn run(session: &mut Session, command: TrustCommand) -> Result<Exit, Error> {
    match command {
        TrustCommand::Export(args) => return export(session, args).await,
        TrustCommand::Accept(args) => accept(session, args).await?,
        TrustCommand::Import(ImportArgs { file }) => {
            let limit = u64::try_from(TRUST_BYTES).unwrap_or(u64::MAX);
            let file = input::read(&file, limit)?;
            let mut node = session.node().await?;
            let reply = answer(node.standing.import_trust(ImportTrustRequest { file })).await?;
            session.out.reply(&reply, trust::imported)?;
        }
        TrustCommand::List => {
            let mut node = session.node().await?;
            let reply = answer(node.standing.list_trust(ListTrustRequest { id: 0 })).await?;
            session.out.reply(&reply, trust::list)?;
        }
        TrustCommand::Show(ListArgs { list }) => {
            let mut node = session.node().await?;
            let reply = answer(node.standing.list_trust(ListTrustRequest { id: list.max(1) })).await?;
            session.out.reply(&reply, trust::whole)?;
        }
        TrustCommand::Drop(ListArgs { list }) => {
            let mut node = session.node().await?;
            let reply = answer(node.standing.drop_trust(DropTrustRequest { id: list })).await?;
            session.out.reply(&reply, trust::dropped)?;
        }
    }
    Ok(Exit::Done)
}

/// Asks for the list, and writes it.
async fn export(session: &mut Session, args: ExportArgs) -> Result<Exit, Error> {
    let ExportArgs { file, reasons, known, about } = args;
    let mut node = session.node().await?;
    let reply = answer(node.standing.export_trust(ExportTrustRequest { reasons, known, about })).await?;
    write_new(&file, &reply.file)?;
    let next = trust::exported(&reply);
    Written::new(&file, reply.file.len()).tell(session, &next, "")
}

/// Shows what would change, asks, and does it.
async fn accept(session: &mut Session, args: AcceptArgs) -> Result<(), Error> {
    let AcceptArgs { list, entries, all, yes } = args;
    ask::can_be_asked(yes, "To accept what may end a peering")?;
    let mut node = session.node().await?;
    if !yes {
        let shown = answer(node.standing.list_trust(ListTrustRequest { id: list.max(1) })).await?;
        session.out.progress(|page| trust::chosen(&shown, &entries, page))?;
        ask::ask(session, "Do what is proposed?")?;
    }
    let request = AcceptTrustRequest { id: list, entries, all };
    let reply = answer(node.standing.accept_trust(request)).await?;
    session.out.reply(&reply, trust::accepted)
}
