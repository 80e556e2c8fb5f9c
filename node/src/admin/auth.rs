//! Who may use the admin service: the owner of the data directory, who alone can open the socket
//! or read the token.

use sha2::{Digest as _, Sha256};
use tonic::{Request, Status, service::Interceptor};

use crate::{app::actor::Operator, domain::text::Line};

/// Who made a change, where nobody said so.
const NO_ROLE: &str = "operator";

/// Lets callers in and hands them the proof that use cases ask for.
#[derive(Clone, Debug)]
pub struct Gate {
    /// SHA-256 of the token; `None` on a Unix socket, where the file's permissions decide.
    token: Option<[u8; 32]>,
}

impl Gate {
    /// For a socket that only its owner can open.
    #[must_use]
    pub const fn socket() -> Self {
        Self { token: None }
    }

    /// For a loopback address, where any local process can knock.
    #[must_use]
    pub fn token(token: &str) -> Self {
        Self { token: Some(Sha256::digest(token.as_bytes()).into()) }
    }
}

impl Interceptor for Gate {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(expected) = self.token {
            let given = request.metadata().get("authorization").and_then(|value| value.to_str().ok());
            let given = given.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
            // Hashes are compared, so that timing tells nothing about the token.
            if <[u8; 32]>::from(Sha256::digest(given.as_bytes())) != expected {
                return Err(Status::unauthenticated(
                    "the admin token is missing or wrong; it is in the file admin.token of the data directory",
                ));
            }
        }
        let role = role(&request)?;
        request.extensions_mut().insert(Operator::authenticated(&role));
        Ok(request)
    }
}

/// What the caller calls themselves. It is kept with what they change, and decides nothing.
fn role(request: &Request<()>) -> Result<Line, Status> {
    let invalid = |why: String| Status::invalid_argument(format!("The role you gave {why}."));
    let given = match request.metadata().get_bin("cairn-role-bin") {
        Some(given) => given.to_bytes().map_err(|error| invalid(error.to_string()))?,
        None => NO_ROLE.into(),
    };
    let text = std::str::from_utf8(&given).map_err(|_| invalid("is not text in UTF-8".to_owned()))?;
    Line::new("role", text).map_err(|error| invalid(error.what()))
}

/// The proof that [`Gate`] left in a request.
///
/// # Errors
/// Unauthenticated when the gate was not passed: a wiring defect.
pub fn operator<T>(request: &Request<T>) -> Result<Operator, Status> {
    request
        .extensions()
        .get::<Operator>()
        .cloned()
        .ok_or_else(|| Status::unauthenticated("not authenticated"))
}
