//! The terms of a release, as `cairn publish` and `cairn preflight` take them.

use cairn_proto::pb::{
    admin::{Override, PublishRequest, publish_request::What},
    exchange::Purpose,
};
use clap::{Args, builder::TypedValueParser as _};
use jiff::civil::Date;

use super::words;

/// The word for the place's own profile.
pub(crate) const PROFILE: &str = "profile";

/// On which terms something is released.
#[derive(Debug, Args)]
pub(crate) struct Terms {
    /// Who may hold it: "keep here", "named peers", group, network, "national pattern-finding" or public
    #[arg(long, value_name = "CARD", value_parser = words::card)]
    card: String,
    /// For "named peers" and "national pattern-finding": a peer's name or NodeId; repeat for more
    #[arg(long, value_name = "PEER")]
    to: Vec<String>,
    /// For group: the group's id
    #[arg(long, value_name = "ID", default_value = "", hide_default_value = true)]
    group: String,
    /// What it may be used for, instead of the card's purposes; repeat for more
    #[arg(long = "purpose", value_name = "PURPOSE", value_parser = words::purpose, value_delimiter = ',')]
    purposes: Vec<Purpose>,
    /// Holders may pass it on to others who may hold it
    #[arg(long, overrides_with = "no_relay")]
    relay: bool,
    /// Holders may not pass it on
    #[arg(long, overrides_with = "relay")]
    no_relay: bool,
    /// Peers who join later receive it, too
    #[arg(long, overrides_with = "no_back_fill")]
    back_fill: bool,
    /// Peers who join later do not receive it
    #[arg(long, overrides_with = "back_fill")]
    no_back_fill: bool,
    /// Last day on which it may be held
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = clap::builder::StringValueParser::new().try_map(|text| words::day(&text)))]
    until: Option<Date>,
    /// A finding of the pre-flight that does not stop this release, and why; repeat for more
    #[arg(long = "override", value_name = "KEY=REASON", value_parser = words::override_of)]
    overrides: Vec<Override>,
    /// Role (never a name) that authorises the release, for the record at home
    #[arg(long, value_name = "ROLE")]
    authorised_by: Option<String>,
}

impl Terms {
    /// As the node takes them.
    pub(crate) fn into_request(self, what: Option<What>, dry_run: bool) -> PublishRequest {
        let chosen = |yes: bool, no: bool| if yes { Some(true) } else { no.then_some(false) };
        PublishRequest {
            what,
            card: self.card,
            to: self.to,
            purposes: self.purposes.into_iter().map(i32::from).collect(),
            relay: chosen(self.relay, self.no_relay),
            back_fill: chosen(self.back_fill, self.no_back_fill),
            expires_on: self.until.map(|day| day.to_string()).unwrap_or_default(),
            authorised_by: self.authorised_by.unwrap_or_default(),
            dry_run,
            group: self.group,
            overrides: self.overrides,
        }
    }
}

/// What is to be released: the profile by its word, or an experiment by its id.
pub(crate) fn what(named: String) -> What {
    if named == PROFILE { What::Profile(true) } else { What::ExperimentId(named) }
}
