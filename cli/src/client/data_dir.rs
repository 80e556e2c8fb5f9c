//! The data directory of a node, as far as the command line reads it.

use std::{
    fmt,
    fs::{self, File},
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use tonic::metadata::{Ascii, MetadataValue};

use super::ReachError;

/// Where the serving node says how to reach it.
const ENDPOINT_FILE: &str = "admin.endpoint";

/// The token for loopback.
const TOKEN_FILE: &str = "admin.token";

/// The node's configuration: its presence says that a node was created here.
const CONFIG_FILE: &str = "cairn.toml";

/// Both files hold one short line; more is not read.
const LINE_BYTES: u64 = 4096;

/// A node's data directory.
#[derive(Debug, Clone)]
pub(crate) struct DataDir(PathBuf);

/// How the node is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Endpoint {
    /// A Unix socket.
    Unix(PathBuf),
    /// A port on loopback, as an address for HTTP.
    Loopback(String),
}

impl Endpoint {
    /// Only loopback can be reached by other users of the machine.
    pub(crate) fn needs_token(&self) -> bool {
        matches!(self, Self::Loopback(_))
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unix(path) => write!(f, "unix:{}", path.display()),
            Self::Loopback(address) => f.write_str(address),
        }
    }
}

impl DataDir {
    /// The directory need not exist yet.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The path as a word to copy into a shell.
    pub(crate) fn shell_word(&self) -> String {
        let text = self.0.display().to_string();
        let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+:@%,=".contains(c);
        if !text.is_empty() && text.chars().all(plain) {
            text
        } else {
            format!("'{}'", text.replace('\'', r"'\''"))
        }
    }

    /// How the serving node is reached.
    pub(crate) fn endpoint(&self) -> Result<Endpoint, ReachError> {
        let found = fs::metadata(&self.0).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => ReachError::NoDirectory(self.clone()),
            _ => self.unreadable(&self.0, source),
        })?;
        if !found.is_dir() {
            return Err(ReachError::NotADirectory(self.clone()));
        }
        let path = self.0.join(ENDPOINT_FILE);
        match read_line(&path) {
            Ok(line) => parse(&line).ok_or_else(|| ReachError::BadEndpoint { dir: self.clone(), line }),
            Err(source) if source.kind() != io::ErrorKind::NotFound => Err(self.unreadable(&path, source)),
            Err(_) if self.0.join(CONFIG_FILE).exists() => Err(ReachError::NotRunning(self.clone())),
            Err(_) => Err(ReachError::NoNode(self.clone())),
        }
    }

    /// The token as metadata: `Bearer TOKEN`.
    pub(crate) fn token(&self) -> Result<MetadataValue<Ascii>, ReachError> {
        let path = self.0.join(TOKEN_FILE);
        let token = read_line(&path).map_err(|source| match source.kind() {
            io::ErrorKind::NotFound => ReachError::NoToken(self.clone()),
            _ => self.unreadable(&path, source),
        })?;
        let mut value = MetadataValue::try_from(format!("Bearer {token}"))
            .map_err(|_| ReachError::NoToken(self.clone()))?;
        value.set_sensitive(true);
        Ok(value)
    }

    /// A file of the node that cannot be read.
    fn unreadable(&self, path: &Path, source: io::Error) -> ReachError {
        match source.kind() {
            io::ErrorKind::PermissionDenied => ReachError::Permission(path.to_owned()),
            _ => ReachError::Unreadable { path: path.to_owned(), source },
        }
    }
}

/// The first line of a short file.
fn read_line(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(LINE_BYTES).read_to_string(&mut text)?;
    Ok(text.lines().next().unwrap_or_default().trim().to_owned())
}

/// `unix:/abs/path` or `http://LOOPBACK:PORT`. The token must not go anywhere else.
fn parse(line: &str) -> Option<Endpoint> {
    if let Some(path) = line.strip_prefix("unix:") {
        return path.starts_with('/').then(|| Endpoint::Unix(PathBuf::from(path)));
    }
    let (host, port) = line.strip_prefix("http://")?.trim_end_matches('/').rsplit_once(':')?;
    port.parse::<u16>().ok()?;
    matches!(host, "127.0.0.1" | "[::1]" | "localhost").then(|| Endpoint::Loopback(line.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{DataDir, Endpoint, parse};

    #[test]
    fn endpoints_are_a_socket_or_loopback_and_nothing_else() {
        assert_eq!(parse("unix:/run/a.sock"), Some(Endpoint::Unix(PathBuf::from("/run/a.sock"))));
        assert_eq!(
            parse("http://127.0.0.1:7070"),
            Some(Endpoint::Loopback("http://127.0.0.1:7070".to_owned()))
        );
        for line in [
            "",
            "unix:relative",
            "http://10.0.0.1:80",
            "http://127.0.0.1.evil.example:80",
            "http://127.0.0.1:x",
        ] {
            assert_eq!(parse(line), None, "{line}");
        }
    }

    #[test]
    fn paths_can_be_copied_into_a_shell() {
        let word = |path: &str| DataDir::new(PathBuf::from(path)).shell_word();
        assert_eq!(word("/srv/cairn-1"), "/srv/cairn-1");
        assert_eq!(word("/srv/our place"), "'/srv/our place'");
        assert_eq!(word("/srv/it's"), r"'/srv/it'\''s'");
    }
}
