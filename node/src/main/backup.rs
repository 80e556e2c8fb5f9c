//! `cairn-node backup`: makes backups, looks at them, rehearses them and restores a node from one.

use std::{
    env, fs,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use cairn_node::{
    backup::{self, BackupError, InvalidKey, Kept, Key, Recipient, Rehearsed, Shelf, Wanted, Wish},
    clock::Clock,
    config::{Config, ConfigError},
    store::{Store, StoreError},
};
use clap::{Args, Subcommand};
use jiff::{SignedDuration, Timestamp};

use crate::{EXIT_CONFIG, fail, say};

#[derive(Subcommand)]
pub(crate) enum BackupCommand {
    /// Make a key that opens backups. Do it on a machine that is not the node's: the secret key never belongs there
    #[command(after_help = "Example:\n  cairn-node backup key --out cairn-backup-key.txt")]
    Key(KeyArguments),
    /// Make a backup of a node, which may serve meanwhile, and rehearse it. Nothing is kept of one that is not whole
    #[command(
        after_help = "Example:\n  cairn-node backup create --data-dir /var/lib/cairn --directory /mnt/backup"
    )]
    Create(CreateArguments),
    /// List the backups that are there. Nothing is changed
    #[command(after_help = "Example:\n  cairn-node backup list --data-dir /var/lib/cairn")]
    List(ListArguments),
    /// Look whether a backup is whole; with its key, by restoring it into a scratch database. It never touches a node
    #[command(
        after_help = "Examples:\n  cairn-node backup verify FILE\n  cairn-node backup verify FILE --key cairn-backup-key.txt"
    )]
    Verify(VerifyArguments),
    /// Make a node from a backup, in a new directory. Never over another node
    #[command(
        after_help = "Example:\n  cairn-node backup restore FILE --key cairn-backup-key.txt --data-dir /var/lib/cairn"
    )]
    Restore(RestoreArguments),
}

#[derive(Args)]
pub(crate) struct KeyArguments {
    /// File for the secret key; must be new
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

#[derive(Args)]
pub(crate) struct CreateArguments {
    /// Directory of the node
    #[arg(long, env = "CAIRN_DATA_DIR")]
    data_dir: PathBuf,
    /// Directory for the backup [default: as in cairn.toml]
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
    /// Whose key opens it, age1...; repeat for more [default: as in cairn.toml]
    #[arg(long = "recipient", value_name = "AGE1")]
    recipients: Vec<String>,
}

#[derive(Args)]
pub(crate) struct ListArguments {
    /// Directory of the node
    #[arg(long, env = "CAIRN_DATA_DIR")]
    data_dir: PathBuf,
    /// Directory with the backups [default: as in cairn.toml]
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct VerifyArguments {
    /// The backup
    file: PathBuf,
    /// File with the key that opens it
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Directory below which it is restored for a moment, unencrypted [default: the system's for temporary files]
    #[arg(long, value_name = "DIR")]
    scratch: Option<PathBuf>,
}

#[derive(Args)]
pub(crate) struct RestoreArguments {
    /// The backup
    file: PathBuf,
    /// File with the key that opens it
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Directory for the restored node; must be new or empty
    #[arg(long, env = "CAIRN_DATA_DIR")]
    data_dir: PathBuf,
    /// URL of an empty PostgreSQL database, instead of SQLite in the data directory
    #[arg(long, env = "CAIRN_DATABASE_URL", hide_env_values = true)]
    database_url: Option<String>,
}

#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Backup(#[from] BackupError),
    #[error(transparent)]
    Key(#[from] InvalidKey),
    #[error("the database cannot be used: {0}")]
    Store(#[from] StoreError),
    #[error("{path} cannot be made: {error}; choose a name that is new", path = .path.display())]
    NewFile { path: PathBuf, error: std::io::Error },
}

/// Does what was asked for, and says what came of it.
pub(crate) async fn run(command: BackupCommand) -> ExitCode {
    let done = match command {
        BackupCommand::Key(arguments) => key(&arguments.out),
        BackupCommand::Create(arguments) => create(&arguments).await,
        BackupCommand::List(arguments) => list(&arguments),
        BackupCommand::Verify(arguments) => verify(&arguments).await,
        BackupCommand::Restore(arguments) => restore(&arguments).await,
    };
    match done {
        Ok(words) => {
            say(&words);
            ExitCode::SUCCESS
        }
        Err(Failure::Config(error)) => fail(&error, EXIT_CONFIG),
        Err(error) => fail(&error, 1),
    }
}

fn key(out: &Path) -> Result<String, Failure> {
    let key = Key::generate();
    let text = key.file_text(Clock::System.now());
    let write = || {
        let mut file = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(out)?;
        std::io::Write::write_all(&mut file, text.as_bytes())?;
        file.sync_all()
    };
    write().map_err(|error| Failure::NewFile { path: out.to_owned(), error })?;
    Ok(format!(
        "The key is in {file}. Whoever has it can read every backup made for it; without it nobody can.\n\n\
         Next:\n\
         \x20 1. Keep it where your organisation keeps its deeds, in two places, and never on the node's machine.\n\
         \x20 2. Name its public key in cairn.toml on the node, and restart the node:\n\
         \x20    [backup]\n\
         \x20    recipients = [\"{recipient}\"]\n",
        file = out.display(),
        recipient = key.recipient(),
    ))
}

async fn create(arguments: &CreateArguments) -> Result<String, Failure> {
    let config = Config::load(&arguments.data_dir)?;
    let directory = arguments.directory.as_ref().or(config.backup.directory.as_ref());
    let directory = directory.ok_or(BackupError::NoPlace)?;
    let given =
        arguments.recipients.iter().map(|text| text.parse()).collect::<Result<Vec<Recipient>, _>>()?;
    let recipients = if given.is_empty() { &config.backup.recipients } else { &given };
    let store = Store::open_beside(&config.database_url).await?;
    let wish = Wish { data_dir: &config.data_dir, directory, recipients };
    let made = backup::make(&store, &wish, Clock::System.now()).await;
    store.close().await;
    let made = made?;
    Ok(format!(
        "The backup is made, and was rehearsed: {seen}\n\n\
         \x20 file      {file}\n\
         \x20 size      {size}\n\
         \x20 opens     with the key of {who}\n\n\
         Next: copy it to where this machine cannot reach it, and delete it there by {until} at the latest: that is what\n\
         receipts promise your peers.\n",
        seen = seen(&made.rehearsed),
        file = made.file.display(),
        size = size(made.bytes),
        who = recipients.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        until = until(made.rehearsed.made_at, config.backup.keep_days),
    ))
}

fn list(arguments: &ListArguments) -> Result<String, Failure> {
    let config = Config::load(&arguments.data_dir)?;
    let directory = arguments.directory.as_ref().or(config.backup.directory.as_ref());
    let directory = directory.ok_or(BackupError::NoPlace)?;
    let kept = Shelf::of_all(directory).kept()?;
    let mut words: String = kept.iter().map(|kept| line(kept, config.backup.keep_days)).collect();
    if kept.is_empty() {
        words = format!("There is no backup in {} yet.\n", directory.display());
    }
    if let Some(why) = backup::failure(&config.data_dir) {
        words.push_str(&format!("\nThe newest attempt failed at {why}\n"));
    }
    Ok(words)
}

fn line(kept: &Kept, keep_days: u32) -> String {
    let rehearsed = match &kept.note {
        Some(note) if note.rehearsed => "rehearsed",
        Some(_) => "not rehearsed",
        None => "without its note",
    };
    let file = kept.file.display();
    let (at, size) = (minute(kept.made_at), size(kept.bytes));
    format!("{file}\n    of {at}, {size}, {rehearsed}, to be deleted by {}\n", until(kept.made_at, keep_days))
}

async fn verify(arguments: &VerifyArguments) -> Result<String, Failure> {
    let VerifyArguments { file, key, scratch } = arguments;
    let looked = backup::look_at(file)?;
    let mut words = match &looked.note {
        Some(note) => format!(
            "It is what the note beside it says, byte for byte: a backup of {node} of {at}, {size},\n{rehearsed}, for the key of {who}.\n",
            node = note.node,
            at = minute(note.made_at),
            size = size(looked.bytes),
            rehearsed = if note.rehearsed { "rehearsed when it was made" } else { "not rehearsed" },
            who = note.recipients.join(", "),
        ),
        None => format!(
            "There is no note beside it, so it is not known what it should be. It is {} long and encrypted with age to {} keys, \
             one of which was made for its rehearsal and is gone.\n",
            size(looked.bytes),
            looked.recipients,
        ),
    };
    let Some(key) = key else {
        words.push_str(
            "\nWhether it can be restored, only its key tells: cairn-node backup verify FILE --key FILE\n",
        );
        return Ok(words);
    };
    let scratch = scratch.clone().unwrap_or_else(env::temp_dir);
    let rehearsed = backup::rehearse_with(file, &Key::read(key)?, &scratch).await?;
    words.push_str(&format!(
        "\nIt was opened with this key, and rehearsed just now: {}\n\
         \x20 node id   {}\n\x20 words     {}\n\x20 of        {}, by {}\n",
        seen(&rehearsed),
        rehearsed.node,
        rehearsed.node.words(),
        minute(rehearsed.made_at),
        rehearsed.software,
    ));
    Ok(words)
}

async fn restore(arguments: &RestoreArguments) -> Result<String, Failure> {
    let RestoreArguments { file, key, data_dir, database_url } = arguments;
    let keys = Key::read(key)?;
    let wanted = Wanted { file, keys: &keys, data_dir, database_url: database_url.as_deref() };
    let done = backup::restore(&wanted, Clock::System.now()).await?;
    Ok(format!(
        "The node is restored as it was on {at}, and was found whole.\n\n\
         \x20 node id   {node}\n\
         \x20 words     {words}\n\
         \x20 own log   {size} records\n\
         \x20 data      {data}\n\n\
         Next:\n\
         \x20 1. Compare the words with those your peers know. See that the old node runs nowhere any more.\n\
         \x20 2. Look into {data}/cairn.toml: addresses and directories are those of the old machine.\n\
         \x20 3. Serve the node:\n\
         \x20    cairn-node serve --data-dir {data}\n\
         \x20    It signs nothing before its peers told it what it had signed since, and shows nothing of another place before\n\
         \x20    that place was heard again: some of it may have been withdrawn meanwhile.\n\
         \x20 4. Consents that were withdrawn here since then are in force again. Withdraw them again, and with them what\n\
         \x20    rests on them: cairn consent withdraw\n\
         \x20 5. Keys that were rotated since then are the old ones again. If peers refuse them: cairn-node recover\n\
         \x20 6. Take the backup key off this machine.\n",
        at = minute(done.made_at),
        node = done.node,
        words = done.node.words(),
        size = done.log_size,
        data = done.data_dir.display(),
    ))
}

fn seen(rehearsed: &Rehearsed) -> String {
    let Rehearsed { rows, tables, logs, records, .. } = rehearsed;
    let counted = |count: u64, what: &str| match count {
        1 => format!("1 {what}"),
        _ => format!("{count} {what}s"),
    };
    format!(
        "{rows} rows in {tables} tables; every leaf of {} hashed and compared with the signed head; {} compared with its leaf.",
        counted(*logs, "log"),
        counted(*records, "record"),
    )
}

fn minute(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

fn until(made_at: Timestamp, keep_days: u32) -> String {
    let until = made_at.checked_add(SignedDuration::from_hours(i64::from(keep_days) * 24));
    until.unwrap_or(Timestamp::MAX).strftime("%Y-%m-%d").to_string()
}

fn size(bytes: u64) -> String {
    match bytes {
        0..10_000 => format!("{bytes} bytes"),
        10_000..10_000_000 => format!("{} kB", bytes / 1000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}
