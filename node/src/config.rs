//! Configuration: one TOML file in the data directory, a few environment variables on top, nothing
//! else. The only reader of the environment.

mod backup;
mod preflight;
mod witnesses;

use std::{
    fs::File,
    io::{self, Read as _},
    net::SocketAddr,
    path::{Path, PathBuf},
    time::Duration,
};

use serde::Deserialize;

use backup::BackupSection;
use preflight::PreflightSection;
use witnesses::WitnessesSection;

use crate::{
    backup::Settings as BackupSettings,
    domain::{preflight::Settings, version::Versions, witness::Policy as Witnesses},
    worker::follow::Backoff,
};

/// The configuration file in a data directory. Its presence says that `init` has finished.
pub const FILE: &str = "cairn.toml";
/// The SQLite database in a data directory.
pub const DATABASE: &str = "cairn.db";
/// The commented example that `init` starts from.
pub const EXAMPLE: &str = include_str!("../../deploy/example.toml");
/// A configuration file is a page of text.
const FILE_BYTES: u64 = 64 * 1024;

/// Why the configuration is no use.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// No node was made there.
    #[error("{dir} holds no node; make one with `cairn-node init --data-dir {dir}`", dir = .0.display())]
    NoNode(PathBuf),
    /// The file cannot be read.
    #[error("{path} cannot be read: {error}", path = .path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        error: io::Error,
    },
    /// The file is not what it must be.
    #[error("{path} is not a valid configuration:\n{error}", path = .path.display())]
    Syntax {
        /// Which.
        path: PathBuf,
        /// What is wrong, with line and column.
        error: Box<toml::de::Error>,
    },
    /// A value that cannot be.
    #[error("{path}: {what}", path = .path.display())]
    Value {
        /// Which file.
        path: PathBuf,
        /// What is wrong and what to write instead.
        what: String,
    },
}

#[derive(Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
struct Document {
    exchange: ExchangeSection,
    admin: AdminSection,
    database: DatabaseSection,
    sync: SyncSection,
    log: LogSection,
    preflight: PreflightSection,
    public: PublicSection,
    witnesses: WitnessesSection,
    backup: BackupSection,
}

#[derive(Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
struct PublicSection {
    listen: String,
    base: String,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
struct ExchangeSection {
    listen: SocketAddr,
    advertise: String,
    min_version: u32,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
struct AdminSection {
    listen: String,
}

#[derive(Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
struct DatabaseSection {
    url: String,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
struct SyncSection {
    retry_first_ms: u32,
    retry_longest_ms: u32,
}

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
struct LogSection {
    format: LogFormat,
    filter: String,
}

impl Default for ExchangeSection {
    fn default() -> Self {
        let listen = SocketAddr::from(([0, 0, 0, 0], 7443));
        Self { listen, advertise: String::new(), min_version: Versions::default().minimum() }
    }
}

impl Default for AdminSection {
    fn default() -> Self {
        Self { listen: "unix".into() }
    }
}

impl Default for SyncSection {
    fn default() -> Self {
        Self { retry_first_ms: 1_000, retry_longest_ms: 300_000 }
    }
}

impl Default for LogSection {
    fn default() -> Self {
        Self { format: LogFormat::Text, filter: "info".into() }
    }
}

/// How the log is written.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Where the admin service listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AdminListen {
    /// A Unix socket in the data directory, for its owner only.
    Unix,
    /// A loopback address, with a token.
    Loopback(SocketAddr),
}

/// Where public records are readable for anyone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Public {
    /// The address, for HTTP.
    pub listen: SocketAddr,
    /// How readers name it, without a slash at the end; empty: by the address it listens on.
    pub base: String,
}

/// Everything a node needs to know to serve.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where keys, configuration and by default the database lie.
    pub data_dir: PathBuf,
    /// Address on which other nodes are answered.
    pub listen: SocketAddr,
    /// host:port under which other nodes reach this one; empty: the bound address.
    pub advertise: String,
    /// Which versions of the protocol it speaks, and asks for.
    pub versions: Versions,
    /// Where the admin service listens.
    pub admin: AdminListen,
    /// Where the data is.
    pub database_url: String,
    /// Where public records are readable for anyone; nowhere unless somebody wants it.
    pub public: Option<Public>,
    /// How long to wait after failures.
    pub backoff: Backoff,
    /// What the place decided about its pre-flight.
    pub preflight: Settings,
    /// Whose cosignatures the place asks for.
    pub witnesses: Witnesses,
    /// What the place decided about its backups.
    pub backup: BackupSettings,
    /// How the log is written.
    pub log_format: LogFormat,
    /// What the log tells.
    pub log_filter: String,
}

impl Config {
    /// Reads the configuration in `data_dir`, with the environment on top.
    ///
    /// # Errors
    /// [`ConfigError`] saying which file, what is wrong and what to do.
    pub fn load(data_dir: &Path) -> Result<Self, ConfigError> {
        let data_dir = std::path::absolute(data_dir).unwrap_or_else(|_| data_dir.to_owned());
        let path = data_dir.join(FILE);
        let text = read(&path).map_err(|error| match error.kind() {
            io::ErrorKind::NotFound => ConfigError::NoNode(data_dir.clone()),
            _ => ConfigError::File { path: path.clone(), error },
        })?;
        let document: Document = toml::from_str(&text)
            .map_err(|error| ConfigError::Syntax { path: path.clone(), error: Box::new(error) })?;
        let value = |what: &str| ConfigError::Value { path: path.clone(), what: what.to_owned() };
        let admin = admin_listen(&document.admin.listen).ok_or_else(|| {
            value("[admin] listen must be \"unix\" or a loopback address such as \"127.0.0.1:7444\"")
        })?;
        if document.sync.retry_first_ms == 0 || document.sync.retry_first_ms > document.sync.retry_longest_ms
        {
            return Err(value("[sync] retry_first_ms must be at least 1 and at most retry_longest_ms"));
        }
        let advertise = document.exchange.advertise;
        if !advertise.is_empty() && !is_host_port(&advertise) {
            return Err(value(
                "[exchange] advertise must be host:port, for example \"node.example.org:7443\"",
            ));
        }
        let spoken = Versions::default();
        let versions = spoken.asking(document.exchange.min_version).ok_or_else(|| {
            let (low, high) = (spoken.low(), spoken.high());
            value(&format!(
                "[exchange] min_version must be a version of the protocol that this node speaks itself: from {low} to {high}"
            ))
        })?;
        let preflight = document.preflight.settings().map_err(|what| value(&what))?;
        let public = public(document.public).map_err(value)?;
        let witnesses = document.witnesses.policy().map_err(|what| value(&what))?;
        let backup = document.backup.settings().map_err(|what| value(&what))?;
        let url = environment("CAIRN_DATABASE_URL").unwrap_or(document.database.url);
        Ok(Self {
            listen: document.exchange.listen,
            advertise,
            versions,
            admin,
            database_url: if url.is_empty() { sqlite_url(&data_dir) } else { url },
            backoff: Backoff {
                first: Duration::from_millis(document.sync.retry_first_ms.into()),
                longest: Duration::from_millis(document.sync.retry_longest_ms.into()),
            },
            preflight,
            backup,
            public,
            witnesses,
            log_format: document.log.format,
            log_filter: environment("CAIRN_LOG").unwrap_or(document.log.filter),
            data_dir,
        })
    }
}

/// The database in the data directory.
#[must_use]
pub fn sqlite_url(data_dir: &Path) -> String {
    let path = data_dir.join(DATABASE).display().to_string();
    // These mean something in a URL, and nothing in a path.
    let path = path.replace('%', "%25").replace('?', "%3F").replace('#', "%23");
    format!("sqlite://{path}")
}

/// A configuration with another database. None if it is none.
#[must_use]
pub fn with_database_url(text: &str, url: &str) -> Option<String> {
    let value = format!("url = {}", toml::Value::String(url.to_owned()));
    let (mut lines, mut section, mut told) = (Vec::new(), "", false);
    for line in text.lines() {
        let plain = line.trim();
        if plain.starts_with('[') {
            section = plain;
        }
        let is_url =
            section == "[database]" && plain.split('=').next().is_some_and(|key| key.trim() == "url");
        lines.push(if is_url { value.as_str() } else { line });
        told |= is_url;
    }
    let section = format!("\n[database]\n{value}");
    if !told {
        lines.push(&section);
    }
    let changed = lines.join("\n") + "\n";
    let document: Document = toml::from_str(&changed).ok()?;
    (document.database.url == url).then_some(changed)
}

/// Whether `text` is a host name or address and a port.
#[must_use]
pub fn is_host_port(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let bracketed = host.starts_with('[') && host.ends_with(']');
    let plain = host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-'));
    let port = port.parse::<u16>().is_ok_and(|port| port != 0);
    port && !host.is_empty() && text.len() <= 255 && (bracketed || plain)
}

fn public(section: PublicSection) -> Result<Option<Public>, &'static str> {
    let PublicSection { listen, base } = section;
    let base = base.trim_end_matches('/');
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '?' | '#');
    let good = base.is_empty()
        || (["http://", "https://"].iter().any(|scheme| base.starts_with(scheme)) && base.chars().all(plain));
    if !good {
        return Err(
            "[public] base must begin with https:// or http://, for example \"https://learning.example.org\"",
        );
    }
    if listen.is_empty() {
        return Ok(None);
    }
    let listen = listen.parse().map_err(
        |_| "[public] listen must be an address and a port, for example \"127.0.0.1:8080\", or empty",
    )?;
    Ok(Some(Public { listen, base: base.to_owned() }))
}

fn admin_listen(text: &str) -> Option<AdminListen> {
    match text {
        "unix" => Some(AdminListen::Unix),
        _ => text.parse::<SocketAddr>().ok().filter(|a| a.ip().is_loopback()).map(AdminListen::Loopback),
    }
}

fn read(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(FILE_BYTES).read_to_string(&mut text)?;
    Ok(text)
}

#[expect(clippy::disallowed_methods, reason = "this is the one home of the environment")]
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_says_the_defaults() {
        let example: Document = toml::from_str(EXAMPLE).unwrap();
        assert_eq!(example, Document::default());
    }

    #[test]
    fn another_database_changes_nothing_else() {
        let url = "postgres://user:pass\"word@host/db";
        let changed = with_database_url(EXAMPLE, url).unwrap();
        let document: Document = toml::from_str(&changed).unwrap();
        assert_eq!(
            document,
            Document { database: DatabaseSection { url: url.into() }, ..Document::default() }
        );
        assert_eq!(with_database_url(&changed, "").as_deref(), Some(EXAMPLE));
        let bare = with_database_url("[log]\nfilter = \"warn\"", url).unwrap();
        assert!(bare.ends_with("[database]\nurl = 'postgres://user:pass\"word@host/db'\n"), "{bare}");
        for bad in ["[database", "[database]\nwrong = 1\n", "[database]\nother = 1\nurl = \"\"\n"] {
            assert_eq!(with_database_url(bad, url), None, "{bad}");
        }
    }

    #[test]
    fn addresses() {
        for good in ["node.example.org:7443", "127.0.0.1:1", "[::1]:7443"] {
            assert!(is_host_port(good), "{good}");
        }
        for bad in ["", "host", "host:", "host:0", "host:99999", "http://host:1", "a b:1", ":1"] {
            assert!(!is_host_port(bad), "{bad}");
        }
        assert_eq!(admin_listen("0.0.0.0:1"), None);
        assert_eq!(admin_listen("unix"), Some(AdminListen::Unix));
    }
}
