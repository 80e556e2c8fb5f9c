//! `cairn publish`: the only way by which anything leaves.

use cairn_proto::pb::{
    admin::{PublishRequest, publish_request::What},
    exchange::Purpose,
};
use clap::{Args, builder::TypedValueParser as _};
use jiff::civil::Date;

use super::Session;
use crate::{
    args::words,
    client::answer,
    error::{Error, Exit},
    output::publish,
};

/// What `--help` says.
pub(crate) const MANUAL: &str = "\
Releases the summary of one experiment, or your profile, to others. This is the only command by which anything \
leaves your place. What is released is signed, entered in your log, and sent by your node to those who may hold it.

With --dry-run it shows exactly what would leave, field by field, then to whom, and who does not get it and why. \
Nothing leaves in a dry run. Begin with it.

The policy card says who may hold the record:

  \"named peers\"   only those you name with --to
  network         every active peer of yours
  public          anyone

The node refuses to release what the consent does not cover, and says what is missing. Consent records themselves \
never travel. No record may ever be used for ranking, performance management, inspection, funding decisions, staff \
assessment, commercial use or model training, whatever the card.

What was learnt cannot be unread. A later withdrawal asks every holder to purge the record; it cannot undo the \
reading.

Example:

  cairn publish our-experiment --card \"named peers\" --to \"South Tyneside Alliance\" --dry-run
  cairn publish our-experiment --card network --purpose \"peer learning\" --until 2027-12-31
  cairn publish profile --card public";

/// What to release and on which terms.
#[derive(Debug, Args)]
pub(crate) struct PublishArgs {
    /// Id of an experiment kept at home, or the word `profile`
    #[arg(value_name = "ID|profile")]
    what: String,
    /// Who may hold it: "named peers", network or public
    #[arg(long, value_name = "CARD", value_parser = words::card)]
    card: String,
    /// For "named peers": a peer's name or NodeId; repeat for more
    #[arg(long, value_name = "PEER")]
    to: Vec<String>,
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
    /// Role (never a name) that authorises the release, for the record at home
    #[arg(long, value_name = "ROLE")]
    authorised_by: Option<String>,
    /// Only show what would leave and to whom
    #[arg(long)]
    dry_run: bool,
}

impl PublishArgs {
    /// As the node takes it.
    fn into_request(self) -> PublishRequest {
        let chosen = |yes: bool, no: bool| if yes { Some(true) } else { no.then_some(false) };
        let what = if self.what == "profile" { What::Profile(true) } else { What::ExperimentId(self.what) };
        PublishRequest {
            what: Some(what),
            card: self.card,
            to: self.to,
            purposes: self.purposes.into_iter().map(i32::from).collect(),
            relay: chosen(self.relay, self.no_relay),
            back_fill: chosen(self.back_fill, self.no_back_fill),
            expires_on: self.until.map(|day| day.to_string()).unwrap_or_default(),
            authorised_by: self.authorised_by.unwrap_or_default(),
            dry_run: self.dry_run,
        }
    }
}

/// Releases, or shows what would be released.
pub(crate) async fn run(session: &mut Session, args: PublishArgs) -> Result<Exit, Error> {
    let show = if args.dry_run { publish::dry_run } else { publish::released };
    let mut node = session.node().await?;
    let reply = answer(node.admin.publish(args.into_request())).await?;
    session.out.reply(&reply, show)?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::{admin::publish_request::What, exchange::Purpose};
    use clap::Parser as _;

    use crate::args::{Cli, Command};

    fn request(args: &[&str]) -> cairn_proto::pb::admin::PublishRequest {
        let all = ["cairn", "publish"].iter().chain(args);
        match Cli::try_parse_from(all).unwrap().command {
            Command::Publish(args) => args.into_request(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn words_become_the_request() {
        let request = request(&[
            "dorset",
            "--card",
            "named-peers",
            "--to",
            "HIS",
            "--purpose",
            "peer-learning,research",
            "--no-relay",
            "--until",
            "2027-03-31",
            "--dry-run",
        ]);
        assert_eq!(request.what, Some(What::ExperimentId("dorset".to_owned())));
        assert_eq!(
            (request.card.as_str(), request.to.as_slice()),
            ("named peers", ["HIS".to_owned()].as_slice())
        );
        assert_eq!(request.purposes, [Purpose::PeerLearning as i32, Purpose::Research as i32]);
        assert_eq!((request.relay, request.back_fill), (Some(false), None));
        assert_eq!(request.expires_on, "2027-03-31");
        assert!(request.dry_run);
    }

    #[test]
    fn the_profile_is_named_by_its_word_and_the_last_choice_counts() {
        let request = request(&["profile", "--card", "public", "--no-back-fill", "--back-fill"]);
        assert_eq!(request.what, Some(What::Profile(true)));
        assert_eq!((request.relay, request.back_fill), (None, Some(true)));
    }

    #[test]
    fn wrong_words_are_refused() {
        for args in [
            &["x", "--card", "group"][..],
            &["x", "--card", "public", "--purpose", "ranking"],
            &["x", "--card", "public", "--until", "soon"],
            &["x"],
        ] {
            let all = ["cairn", "publish"].iter().chain(args);
            assert!(Cli::try_parse_from(all).is_err(), "{args:?}");
        }
    }
}
