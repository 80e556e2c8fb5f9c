//! `cairn place`: what the place says about itself.

use cairn_proto::pb::{
    admin::{GetPlaceRequest, SetPlaceRequest},
    exchange::Contact,
};
use clap::{Args, Subcommand};

use super::Session;
use crate::{
    args::words,
    client::answer,
    error::{Error, Exit},
    output::place,
};

/// What `--help` says.
pub(crate) const MANUAL: &str = "\
Your place's profile: its name, scale, geography, themes, and how to reach its roles. It stands at home until you \
publish it.

Setting it never sends anything. Others see a change only after `cairn publish profile`.

Example:

  cairn place show";

/// What `show --help` says.
const SHOW_MANUAL: &str = "\
Shows the profile as it stands at home. Nothing is sent to anyone.

Example:

  cairn place show";

/// What `set --help` says.
const SET_MANUAL: &str = "\
Changes the parts of the profile that you name; all others stay as they are. --theme and --contact replace the \
whole list, so give all of them at once.

Contacts are roles and never private persons: give a role's own e-mail address, telephone number or web page.

Nothing is sent to anyone. Others see the change only after `cairn publish profile`.

Example:

  cairn place set --name \"South Tyneside Alliance\" --scale place \\
      --geography \"The borough of South Tyneside\" --theme \"primary care\" --theme integration \\
      --contact \"systems steward=steward@alliance.example\"";

/// Its subcommands.
#[derive(Debug, Subcommand)]
pub(crate) enum PlaceCommand {
    /// Show what your place says about itself
    #[command(long_about = SHOW_MANUAL)]
    Show,
    /// Change what your place says about itself; nothing is sent
    #[command(long_about = SET_MANUAL)]
    Set(SetArgs),
}

/// What to change.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
pub(crate) struct SetArgs {
    /// Name of the place or organisation
    #[arg(long, value_name = "NAME")]
    name: Option<String>,
    /// organisation, place, country or a word of your own
    #[arg(long, value_name = "WORD")]
    scale: Option<String>,
    /// Where it is, in words
    #[arg(long, value_name = "WORDS")]
    geography: Option<String>,
    /// A few words about it
    #[arg(long, value_name = "WORDS")]
    about: Option<String>,
    /// A theme it works on; repeat for more
    #[arg(long = "theme", value_name = "WORDS")]
    themes: Vec<String>,
    /// How to reach a role; repeat for more
    #[arg(long = "contact", value_name = "ROLE=REACH", value_parser = words::contact)]
    contacts: Vec<Contact>,
}

/// Asks or changes, and shows.
pub(crate) async fn run(session: &mut Session, command: PlaceCommand) -> Result<Exit, Error> {
    let mut node = session.node().await?;
    match command {
        PlaceCommand::Show => {
            let reply = answer(node.admin.get_place(GetPlaceRequest {})).await?;
            session.out.reply(&reply, |reply, page| place::own(reply.profile.as_ref(), page))?;
        }
        PlaceCommand::Set(SetArgs { name, scale, geography, about, themes, contacts }) => {
            let request = SetPlaceRequest { name, scale, geography, about, themes, contacts };
            let reply = answer(node.admin.set_place(request)).await?;
            session.out.reply(&reply, |reply, page| place::changed(reply.profile.as_ref(), page))?;
        }
    }
    Ok(Exit::Done)
}
