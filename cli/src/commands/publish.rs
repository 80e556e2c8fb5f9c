//! `cairn publish`: the only way by which a summary leaves.

use cairn_proto::pb::admin::PublishRequest;
use clap::Args;

use super::Session;
use crate::{
    args::terms::{self, Terms},
    client::answer,
    error::{Error, Exit},
    output::publish,
};

/// What `--help` says.
pub(crate) const MANUAL: &str = "\
Releases the summary of one experiment, or your profile, to others. No summary ever leaves your place except by this \
command. What is released is signed, entered in your log, and sent by your node to those who may hold it.

With --dry-run it shows exactly what would leave, field by field, then all that `cairn preflight` looks at: what was \
found in it, how numbers are changed, who does not get it and why. Nothing leaves in a dry run. Begin with it. If \
something stands in the way, a dry run ends with exit code 1.

The policy card says who may hold the record:

  \"keep here\"                  nobody but you; nothing leaves
  \"named peers\"                only those you name with --to
  group                        the members of the group you name with --group
  network                      every active peer of yours
  \"national pattern-finding\"   those you name with --to, to find what is in common across places
  public                       anyone

`cairn policy list` says in words what each card means. Some cards, and every override, call for a second person: the \
release then waits until somebody in another role approves it with `cairn release approve`, and nothing leaves before.

What the pre-flight finds may be right all the same: the name of a ship, and not of a person. Say so with --override, \
with the finding's key and your reason; both stay in the audit log. What stands in the way for good cannot be \
overridden.

The node refuses to release what the consent does not cover, and says what is missing. Consent records themselves \
never travel. No record may ever be used for ranking, performance management, inspection, funding decisions, staff \
assessment, commercial use or model training, whatever the card.

What was learnt cannot be unread. A later withdrawal asks every holder to purge the record; it cannot undo the \
reading.

Example:

  cairn publish our-experiment --card \"named peers\" --to \"South Tyneside Alliance\" --dry-run
  cairn publish our-experiment --card network --purpose \"peer learning\" --until 2027-12-31
  cairn publish our-experiment --card group --group coastal-towns --override \"name@noticed=It is the name of a ship.\"
  cairn publish profile --card public";

/// What to release and on which terms.
#[derive(Debug, Args)]
pub(crate) struct PublishArgs {
    /// Id of an experiment kept at home, or the word `profile`
    #[arg(value_name = "ID|profile")]
    what: String,
    /// On which terms.
    #[command(flatten)]
    terms: Terms,
    /// Only show what would leave and to whom
    #[arg(long)]
    dry_run: bool,
}

impl PublishArgs {
    /// As the node takes it.
    fn into_request(self) -> PublishRequest {
        let Self { what, terms, dry_run } = self;
        terms.into_request(Some(terms::what(what)), dry_run)
    }
}

/// Releases, or shows what would be released.
pub(crate) async fn run(session: &mut Session, args: PublishArgs) -> Result<Exit, Error> {
    let dry_run = args.dry_run;
    let mut node = session.node().await?;
    let reply = answer(node.admin.publish(args.into_request())).await?;
    session.out.reply(&reply, if dry_run { publish::dry_run } else { publish::done })?;
    let stopped = dry_run && reply.preflight.is_some_and(|page| !page.clear);
    Ok(if stopped { Exit::Refused } else { Exit::Done })
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::{
        admin::{Override, publish_request::What},
        exchange::Purpose,
    };
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
    fn groups_and_overrides_go_along() {
        let request = request(&[
            "x",
            "--card",
            "group",
            "--group",
            "coast",
            "--override",
            "name@noticed=A ship = no person.",
        ]);
        assert_eq!((request.card.as_str(), request.group.as_str()), ("group", "coast"));
        let reason = "A ship = no person.".to_owned();
        assert_eq!(request.overrides, [Override { key: "name@noticed".to_owned(), reason }]);
    }

    #[test]
    fn wrong_words_are_refused() {
        for args in [
            &["x", "--card", "friends"][..],
            &["x", "--card", "public", "--override", "name@noticed"],
            &["x", "--card", "public", "--purpose", "ranking"],
            &["x", "--card", "public", "--until", "soon"],
            &["x"],
        ] {
            let all = ["cairn", "publish"].iter().chain(args);
            assert!(Cli::try_parse_from(all).is_err(), "{args:?}");
        }
    }
}
