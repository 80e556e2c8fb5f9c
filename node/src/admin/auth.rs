//! Who may use the admin service: the owner of the data directory, who alone can open the socket
//! or read the token.

use sha2::{Digest as _, Sha256};
use tonic::{Request, Status, service::Interceptor};

use crate::app::actor::Operator;

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
        request.extensions_mut().insert(Operator::authenticated());
        Ok(request)
    }
}

/// The proof that [`Gate`] left in a request.
///
/// # Errors
/// Unauthenticated when the gate was not passed: a wiring defect.
pub fn operator<T>(request: &Request<T>) -> Result<Operator, Status> {
    request
        .extensions()
        .get::<Operator>()
        .copied()
        .ok_or_else(|| Status::unauthenticated("not authenticated"))
}
