//! Asking the person at the terminal before something that cannot be undone.

use std::io::{self, IsTerminal as _};

use super::Session;
use crate::error::Error;

/// Refuses early where nobody can be asked and nobody said yes.
pub(crate) fn can_be_asked(yes: bool, what: &str) -> Result<(), Error> {
    if yes || io::stdin().is_terminal() {
        return Ok(());
    }
    Err(Error::Usage(format!(
        "{what} cannot be undone, and there is no terminal to ask at. If you mean it, say --yes."
    )))
}

/// Asks. Anything but yes is a no.
pub(crate) fn ask(session: &mut Session, question: &str) -> Result<(), Error> {
    session.out.aside(&format!("{question} Type yes to do it: "))?;
    let mut said = String::new();
    io::stdin().read_line(&mut said)?;
    if said.trim().eq_ignore_ascii_case("yes") {
        return Ok(());
    }
    Err(Error::Refused("Nothing was changed.".to_owned()))
}
