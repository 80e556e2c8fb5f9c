//! `cairn doctor`: what is wrong with the node and how to mend it.

use cairn_proto::pb::admin::RunDoctorRequest;

use super::Session;
use crate::{
    client::answer,
    error::{Error, Exit},
    output::upkeep,
};

/// What `--help` says.
pub(crate) const MANUAL: &str = "\
Looks for what is wrong with your node, from disk and clock to keys and peers, and says how to mend it. What needs \
mending comes first, what is well comes last.

It never mends anything by itself, and nothing is sent to anyone. It ends with exit code 1 if anything needs \
mending, so that a timer can call it.

Example:

  cairn doctor";

/// Asks and shows.
pub(crate) async fn run(session: &mut Session) -> Result<Exit, Error> {
    let mut node = session.node().await?;
    let reply = answer(node.admin.run_doctor(RunDoctorRequest {})).await?;
    session.out.reply(&reply, upkeep::doctor)?;
    Ok(upkeep::outcome(&reply.findings))
}
