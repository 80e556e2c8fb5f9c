//! `cairn-node`: makes a node and serves it.

#[path = "main/backup.rs"]
mod backup;

use std::{io, net::SocketAddr, path::PathBuf, process::ExitCode, thread};

use cairn_node::{
    clock::Clock,
    config::Config,
    init::{self, NewNode},
    node::Node,
    recover::{self, Named},
    telemetry,
};
use clap::{Args, Parser, Subcommand};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::oneshot,
};

/// Bad configuration, after sysexits(3) EX_USAGE and EX_CONFIG.
const EXIT_CONFIG: u8 = 78;

#[derive(Parser)]
#[command(version, about = "A Cairn node: keeps one place's learning at home and exchanges what it releases")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Make a node: identity, recovery key, database, configuration. Never over another one
    Init(InitArguments),
    /// Serve a node until it is told to stop (Ctrl-C or SIGTERM)
    Serve(ServeArguments),
    /// Give a node whose keys were lost or stolen new ones, with its recovery key. It must not serve meanwhile
    Recover(RecoverArguments),
    /// Make, list, verify and restore backups
    #[command(subcommand)]
    Backup(backup::BackupCommand),
}

#[derive(Args)]
struct RecoverArguments {
    /// Directory of the node
    #[arg(long, env = "CAIRN_DATA_DIR")]
    data_dir: PathBuf,
    /// File with a recovery key; repeat for more, where several have to come together
    #[arg(long = "recovery-key", value_name = "FILE", required = true)]
    recovery_keys: Vec<PathBuf>,
    /// If the node has named who goes on in its place: whether that was a thief's word and is lifted, or stays
    #[arg(long, value_name = "lift|keep", value_parser = named)]
    succession: Option<Named>,
}

fn named(text: &str) -> Result<Named, String> {
    match text {
        "lift" => Ok(Named::Lift),
        "keep" => Ok(Named::Keep),
        _ => Err("say lift or keep".to_owned()),
    }
}

#[derive(Args)]
struct InitArguments {
    /// Directory for the node's keys, configuration and data; must be new or empty
    #[arg(long, env = "CAIRN_DATA_DIR")]
    data_dir: PathBuf,
    /// Name of the place or organisation the node speaks for
    #[arg(long)]
    name: String,
    /// Address to answer other nodes on [default: 0.0.0.0:7443]
    #[arg(long)]
    listen: Option<SocketAddr>,
    /// host:port under which other nodes reach this one
    #[arg(long)]
    advertise: Option<String>,
    /// PostgreSQL URL, instead of SQLite in the data directory
    #[arg(long, env = "CAIRN_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
    /// Loopback address for the admin service, instead of a Unix socket
    #[arg(long)]
    admin: Option<SocketAddr>,
}

#[derive(Args)]
struct ServeArguments {
    /// Directory of the node
    #[arg(long, env = "CAIRN_DATA_DIR")]
    data_dir: PathBuf,
    /// Stop when standard input is closed: whoever started the node cannot leave it behind
    #[arg(long)]
    exit_with_stdin: bool,
}

#[tokio::main]
async fn main() -> ExitCode {
    match Arguments::parse().command {
        Command::Init(arguments) => make(arguments).await,
        Command::Serve(arguments) => serve(arguments).await,
        Command::Recover(arguments) => recovered(arguments).await,
        Command::Backup(command) => backup::run(command).await,
    }
}

async fn make(arguments: InitArguments) -> ExitCode {
    let InitArguments { data_dir, name, listen, advertise, database_url, admin } = arguments;
    let new = NewNode { data_dir, name, listen, advertise, database_url, admin };
    match init::init(&new, Clock::System.now()).await {
        Ok(made) => {
            say(&format!(
                "The node is made.\n\n\
                 \x20 node id   {node}\n\
                 \x20 words     {words}\n\
                 \x20 data      {data}\n\n\
                 Next:\n\
                 \x20 1. Move the recovery key off this machine. The file says how:\n\
                 \x20    {recovery}\n\
                 \x20 2. Serve the node:\n\
                 \x20    cairn-node serve --data-dir {data}\n\
                 \x20 3. See how it is:\n\
                 \x20    cairn --data-dir {data} status\n",
                node = made.node,
                words = made.node.words(),
                data = made.data_dir.display(),
                recovery = made.recovery_file.display(),
            ));
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error, 1),
    }
}

async fn serve(arguments: ServeArguments) -> ExitCode {
    let config = match Config::load(&arguments.data_dir) {
        Ok(config) => config,
        Err(error) => return fail(&error, EXIT_CONFIG),
    };
    telemetry::start(config.log_format, &config.log_filter);
    match Node::bind(config, Clock::System).await {
        Ok(node) => {
            node.join(told_to_stop(arguments.exit_with_stdin)).await;
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error, 1),
    }
}

async fn recovered(arguments: RecoverArguments) -> ExitCode {
    let config = match Config::load(&arguments.data_dir) {
        Ok(config) => config,
        Err(error) => return fail(&error, EXIT_CONFIG),
    };
    match recover::recover(&config, &arguments.recovery_keys, arguments.succession).await {
        Ok(done) => {
            say(&format!(
                "The node has new keys, which sign from record {from} on.\n\n\
                 \x20 node id   {node}\n\
                 \x20 words     {words}\n\n\
                 Next:\n\
                 \x20 1. Take the recovery key off this machine again.\n\
                 \x20 2. Serve the node:\n\
                 \x20    cairn-node serve --data-dir {data}\n\
                 \x20 3. Telephone your peers. Each compares the words and accepts the new keys:\n\
                 \x20    cairn peer accept NAME\n",
                from = done.from,
                node = done.node,
                words = done.node.words(),
                data = arguments.data_dir.display(),
            ));
            ExitCode::SUCCESS
        }
        Err(error) => fail(&error, 1),
    }
}

async fn told_to_stop(with_stdin: bool) {
    let mut terminate = signal(SignalKind::terminate()).ok();
    let terminated = async {
        match &mut terminate {
            Some(signal) => drop(signal.recv().await),
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        () = terminated => {}
        () = stdin_closed(), if with_stdin => {}
    }
}

/// Ready when standard input ends. A thread of its own reads it, because a read that waits would
/// hold up the end of the process otherwise.
async fn stdin_closed() {
    let (closed, wait) = oneshot::channel();
    thread::spawn(move || {
        io::copy(&mut io::stdin(), &mut io::sink()).ok();
        closed.send(()).ok();
    });
    wait.await.ok();
}

#[expect(clippy::print_stdout, reason = "this is what the person at the terminal asked for")]
fn say(text: &str) {
    print!("{text}");
}

#[expect(clippy::print_stderr, reason = "the one place where the program says why it failed")]
fn fail(error: &dyn std::error::Error, code: u8) -> ExitCode {
    eprintln!("cairn-node: {error}");
    ExitCode::from(code)
}
