//! `cairn follow` and `cairn catalogue`: what the place takes in of others.

use cairn_proto::pb::admin::{
    FetchRecordsRequest, Labels, ListSubscriptionsRequest, LookAtCatalogueRequest, PauseFollowingRequest,
    ResumeFollowingRequest, SetSubscriptionRequest,
};
use clap::{Args, Subcommand};

use super::Session;
use crate::{
    client::answer,
    error::{Error, Exit},
    output::subscription,
};

/// What `follow --help` says.
pub(crate) const MANUAL: &str = "\
What you follow of another place: all it gives you, unless you choose less. You choose by theme, kind, scale and factor, how far \
back, and you can pause.

What you choose never changes what you already hold, and the other place is never told of it as such: its node is asked for \
less. Whatever you choose, profiles and withdrawals always come.

Example:

  cairn follow set \"South Tyneside Alliance\" --theme \"primary care\" --theme homelessness
  cairn follow pause \"South Tyneside Alliance\"
  cairn follow show";

/// What `catalogue --help` says.
pub(crate) const CATALOGUE_MANUAL: &str = "\
What another place offers you: titles, themes and sizes of the summaries that you may read. You look before you take \
anything in, and fetch what you choose.

Nothing that is only looked at is kept here.

Example:

  cairn catalogue show \"South Tyneside Alliance\"
  cairn catalogue fetch \"South Tyneside Alliance\" 3 7";

/// What `follow show --help` says.
const SHOW_MANUAL: &str = "\
Shows what you follow, of one place or of all. Nothing is sent to anyone.

Example:

  cairn follow show
  cairn follow show \"South Tyneside Alliance\"";

/// What `follow set --help` says.
const SET_MANUAL: &str = "\
Chooses what you follow of a place. Each of --theme, --kind, --scale and --factor can be given several times: one of them has to \
fit, of each that you give. A word fits where it stands as a whole word, in large or small letters: \"care\" fits \"home care\" and \
not \"caretaker\". Factors are practice areas, or what headwinds and tailwinds are. What you do not name this time is no longer \
asked for; --all follows everything again.

--depth says how far back: all, none (nothing from before now), or how many of the newest entries of its log. Without it, that \
stays as it is.

To see first what fits, give the same words to `cairn catalogue show`. What you choose takes effect at once. If you follow more than before, what you left out comes now. If you follow less, nothing that you hold \
goes: it is never deleted by this.

Example:

  cairn follow set \"South Tyneside Alliance\" --theme homelessness --kind exploration
  cairn follow set \"South Tyneside Alliance\" --depth 20
  cairn follow set \"South Tyneside Alliance\" --all --depth all";

/// What `follow pause --help` says.
const PAUSE_MANUAL: &str = "\
Takes no records of a place for now. What it withdraws is still followed and purged here: that is never paused. What you hold stays, and \
is shown.

Example:

  cairn follow pause \"South Tyneside Alliance\"";

/// What `follow resume --help` says.
const RESUME_MANUAL: &str = "\
Takes records of a place again, from where you paused. What was withdrawn meanwhile never comes.

Example:

  cairn follow resume \"South Tyneside Alliance\"";

/// What `catalogue show --help` says.
const LOOK_MANUAL: &str = "\
Asks a place now what it offers you: every summary that you may read, also of what you do not follow. With --theme, --kind, --scale \
or --factor, only those that fit.

Nothing of it is kept here. A title is a part of a record: the other place notes that you saw it, and tells your node should it \
withdraw the record.

Example:

  cairn catalogue show \"South Tyneside Alliance\"
  cairn catalogue show \"South Tyneside Alliance\" --theme \"primary care\"";

/// What `catalogue fetch --help` says.
const FETCH_MANUAL: &str = "\
Fetches single records by their numbers in the catalogue, whatever you follow, also while you paused. They are checked and kept \
like any other, and go when their author withdraws them.

It never brings back what was withdrawn. It ends with exit code 1 if one of them did not come.

Example:

  cairn catalogue fetch \"South Tyneside Alliance\" 3 7";

/// What is followed.
#[derive(Debug, Subcommand)]
pub(crate) enum FollowCommand {
    /// Show what you follow
    #[command(long_about = SHOW_MANUAL)]
    Show(ShowArgs),
    /// Choose what you follow of a place
    #[command(long_about = SET_MANUAL)]
    Set(SetArgs),
    /// Take no records of a place for now
    #[command(long_about = PAUSE_MANUAL)]
    Pause(WhoArgs),
    /// Take records of a place again
    #[command(long_about = RESUME_MANUAL)]
    Resume(WhoArgs),
}

/// What is offered.
#[derive(Debug, Subcommand)]
pub(crate) enum CatalogueCommand {
    /// Ask a place what it offers you
    #[command(long_about = LOOK_MANUAL)]
    Show(LookArgs),
    /// Fetch single records
    #[command(long_about = FETCH_MANUAL)]
    Fetch(FetchArgs),
}

/// Which place, if one.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Its name or NodeId, or the NodeId's beginning
    #[arg(value_name = "PEER", default_value = "", hide_default_value = true)]
    author: String,
}

/// Which place.
#[derive(Debug, Args)]
pub(crate) struct WhoArgs {
    /// Its name or NodeId, or the NodeId's beginning
    #[arg(value_name = "PEER")]
    author: String,
}

/// Labels that a summary has to have.
#[derive(Debug, Args)]
pub(crate) struct LabelArgs {
    /// A theme; repeat for more
    #[arg(long = "theme", value_name = "THEME")]
    themes: Vec<String>,
    /// A kind of experiment; repeat for more
    #[arg(long = "kind", value_name = "KIND")]
    kinds: Vec<String>,
    /// A scale, such as place or country; repeat for more
    #[arg(long = "scale", value_name = "SCALE")]
    scales: Vec<String>,
    /// A practice area, or what a headwind or tailwind is; repeat for more
    #[arg(long = "factor", value_name = "FACTOR")]
    factors: Vec<String>,
}

impl LabelArgs {
    /// As the node takes them; none if nothing was named.
    fn labels(self) -> Option<Labels> {
        let Self { themes, kinds, scales, factors } = self;
        let named = [&themes, &kinds, &scales, &factors].into_iter().any(|list| !list.is_empty());
        named.then_some(Labels { kinds, themes, scales, factors })
    }
}

/// What to follow.
#[derive(Debug, Args)]
pub(crate) struct SetArgs {
    /// Its name or NodeId, or the NodeId's beginning
    #[arg(value_name = "PEER")]
    author: String,
    /// The labels.
    #[command(flatten)]
    labels: LabelArgs,
    /// Follow everything again
    #[arg(long, conflicts_with_all = ["themes", "kinds", "scales", "factors"])]
    all: bool,
    /// How far back: all, none (nothing from before now), or how many of the newest entries
    #[arg(long, value_name = "DEPTH", default_value = "", hide_default_value = true, value_parser = depth)]
    depth: String,
}

/// What to look at.
#[derive(Debug, Args)]
pub(crate) struct LookArgs {
    /// Its name or NodeId, or the NodeId's beginning
    #[arg(value_name = "PEER")]
    author: String,
    /// The labels.
    #[command(flatten)]
    labels: LabelArgs,
    /// The first number to look at
    #[arg(long, value_name = "NUMBER", default_value_t = 0, hide_default_value = true)]
    from: u64,
}

/// What to fetch.
#[derive(Debug, Args)]
pub(crate) struct FetchArgs {
    /// Its name or NodeId, or the NodeId's beginning
    #[arg(value_name = "PEER")]
    author: String,
    /// Numbers of records, as in the catalogue
    #[arg(value_name = "NUMBER", required = true)]
    indices: Vec<u64>,
}

/// Reads how far back to follow.
pub(crate) fn depth(text: &str) -> Result<String, String> {
    match text.trim() {
        word @ ("" | "all" | "none") => Ok(word.to_owned()),
        number if number.parse::<u64>().is_ok() => Ok(number.to_owned()),
        _ => Err("say all, none (nothing from before now), or how many of the newest entries".to_owned()),
    }
}

/// Runs `follow`.
pub(crate) async fn follow(session: &mut Session, command: FollowCommand) -> Result<Exit, Error> {
    let mut node = session.node().await?;
    let client = &mut node.subscription;
    match command {
        FollowCommand::Show(ShowArgs { author }) => {
            let reply = answer(client.list_subscriptions(ListSubscriptionsRequest { author })).await?;
            session.out.reply(&reply, subscription::list)?;
        }
        FollowCommand::Set(SetArgs { author, labels, all, depth }) => {
            let labels = if all { Some(Labels::default()) } else { labels.labels() };
            if labels.is_none() && depth.is_empty() {
                let text = "Say what to follow: --theme, --kind, --scale, --factor, --all or --depth.";
                return Err(Error::Usage(text.to_owned()));
            }
            let request = SetSubscriptionRequest { author, labels, depth };
            let reply = answer(client.set_subscription(request)).await?;
            session.out.reply(&reply, |reply, page| subscription::one(reply.subscription.as_ref(), page))?;
        }
        FollowCommand::Pause(WhoArgs { author }) => {
            let reply = answer(client.pause_following(PauseFollowingRequest { author })).await?;
            session.out.reply(&reply, |reply, page| subscription::one(reply.subscription.as_ref(), page))?;
        }
        FollowCommand::Resume(WhoArgs { author }) => {
            let reply = answer(client.resume_following(ResumeFollowingRequest { author })).await?;
            session.out.reply(&reply, |reply, page| subscription::one(reply.subscription.as_ref(), page))?;
        }
    }
    Ok(Exit::Done)
}

/// Runs `catalogue`.
pub(crate) async fn catalogue(session: &mut Session, command: CatalogueCommand) -> Result<Exit, Error> {
    let mut node = session.node().await?;
    let client = &mut node.subscription;
    match command {
        CatalogueCommand::Show(LookArgs { author, labels, from }) => {
            let request = LookAtCatalogueRequest { author, labels: labels.labels(), from };
            let reply = answer(client.look_at_catalogue(request)).await?;
            session.out.reply(&reply, subscription::catalogue)?;
        }
        CatalogueCommand::Fetch(FetchArgs { author, indices }) => {
            let reply = answer(client.fetch_records(FetchRecordsRequest { author, indices })).await?;
            session.out.reply(&reply, subscription::fetched)?;
            let all = reply.fetched.iter().all(|one| one.held);
            return Ok(if all { Exit::Done } else { Exit::Refused });
        }
    }
    Ok(Exit::Done)
}
