//! `cairn demo`: three real nodes on this machine exchange real cases.
//!
//! The nodes are processes of `cairn-node`, spoken to as any user would, over their
//! admin interface. Whatever happens, they end, and a temporary directory goes away:
//! they stop when their standard input closes, even if this program is killed.

mod acquaint;
mod arrival;
mod cast;
mod error;
mod evidence;
mod home;
mod house;
mod pack;
mod process;
mod release;
mod report;
mod stage;
mod stop;

use std::path::PathBuf;

use clap::Args;
use tokio::time::Instant;

pub(crate) use self::error::DemoError;
use self::{cast::CAST, house::House, pack::Pack, process::Troupe, report::Report, stage::Stage, stop::Stop};
use super::Session;
use crate::error::{Error, Exit};

/// What `--help` says.
pub(crate) const MANUAL: &str = "\
Shows the whole of Cairn on this machine. It starts three real nodes: a place, a peer place and a national agency. \
They become peers by ticket, read in real cases retold from the report \"Human Learning Systems: Public Service for \
the Real World\", and publish them to different audiences. Then it checks that each node holds exactly what it \
should and nothing else, and verifies an evidence pack offline. It tells who sent what to whom, and what was not \
sent and why.

The places are real; these nodes are not theirs and speak for them only here. Nothing ever leaves this machine: the \
nodes listen on loopback only. Your own node and its data are never touched.

Afterwards the nodes stay up so that you can look around, until you press Ctrl-C. Then they end and their data is \
removed, unless you named a directory with --dir.

It ends with exit code 1 if anything was not as it should be.

With --json, progress goes to standard error, and standard output ends with one object: ok, nodes, published, held, \
withheld and, if something was wrong, problems.

Example:

  cairn demo
  cairn demo --once --json";

/// How to play.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// End when all is shown, instead of staying up
    #[arg(long)]
    once: bool,
    /// Keep the data in this directory; it must be empty or new
    #[arg(long, value_name = "DIR")]
    dir: Option<PathBuf>,
    /// Where the case files are, instead of those that came with Cairn
    #[arg(long, value_name = "DIR")]
    cases: Option<PathBuf>,
}

/// Plays the demo, stays up if wanted, and always cleans up.
pub(crate) async fn run(session: &mut Session, args: DemoArgs) -> Result<Exit, Error> {
    let mut stop = Stop::listen()?;
    let pack = Pack::open(args.cases)?;
    let house = House::open(args.dir)?;
    let mut troupe = Troupe::default();
    let mut report = Report::default();
    let played = tokio::select! {
        biased;
        () = stop.asked() => Err(DemoError::Stopped.into()),
        played = play(session, &house, &pack, &mut troupe, &mut report) => played,
    };
    let shown = match played {
        Ok(()) => show(session, &house, &mut troupe, &mut report, (!args.once).then_some(&mut stop)).await,
        Err(error) => fail(session, &mut report, error),
    };
    troupe.end().await;
    let left = house.leave(session);
    shown?;
    left?;
    Ok(if report.is_ok() { Exit::Done } else { Exit::Refused })
}

/// All that happens, in its order.
async fn play(
    session: &mut Session,
    house: &House,
    pack: &Pack,
    troupe: &mut Troupe,
    report: &mut Report,
) -> Result<(), Error> {
    let began = Instant::now();
    let mut stage = Stage::new(&mut session.out, report);
    stage.open(pack)?;
    for place in &CAST {
        let process = process::start(troupe, house, place).await?;
        stage.enter(place, process).await?;
    }
    home::all(&mut stage, pack).await?;
    acquaint::introduce(&mut stage).await?;
    let released = release::all(&mut stage, pack).await?;
    arrival::check(&mut stage, &released).await?;
    evidence::check(&mut stage, house, &released).await?;
    stage.close(began.elapsed())
}

/// Tells the result; stays up until asked to stop, if there is anyone to ask.
async fn show(
    session: &mut Session,
    house: &House,
    troupe: &mut Troupe,
    report: &mut Report,
    stay: Option<&mut Stop>,
) -> Result<(), Error> {
    report.tell(&mut session.out)?;
    let Some(stop) = stay else { return Ok(()) };
    session.out.progress(|page| house.explore(report, page))?;
    tokio::select! {
        biased;
        () = stop.asked() => Ok(()),
        died = troupe.first_end() => {
            report.problem(died.to_string());
            Err(died.into())
        }
    }
}

/// Tells what went wrong. With JSON the object on standard output says so, too.
fn fail(session: &mut Session, report: &mut Report, error: Error) -> Result<(), Error> {
    report.problem(error.to_string());
    if session.out.wants_json() && !error.is_closed_output() {
        report.tell(&mut session.out)?;
    }
    Err(error)
}
