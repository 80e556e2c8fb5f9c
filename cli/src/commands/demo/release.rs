//! Reading in the cases and releasing them, each to its audience.

use cairn_proto::pb::admin::{PublishRequest, PublishResponse, publish_request::What};

use super::{
    cast::{CAST, Release},
    pack::Pack,
    report::{PublishedLine, WithheldLine},
    stage::Stage,
};
use crate::{client::answer, commands::experiment::take_in, error::Error, output::text};

/// A record that was released, and for whom it is.
pub(crate) struct Released {
    /// Its id.
    pub(crate) record: String,
    /// Position of the author in the cast.
    pub(crate) author: usize,
    /// To whom.
    pub(crate) release: Release,
}

/// A case that was read in.
struct Case {
    author: usize,
    id: String,
    title: String,
    release: Release,
}

/// Reads in all cases, shows a dry run, and releases profiles and cases.
pub(crate) async fn all(stage: &mut Stage<'_>, pack: &Pack) -> Result<Vec<Released>, Error> {
    let cases = read_in(stage, pack).await?;
    try_dry(stage, &cases).await?;
    stage.chapter("Publishing: who sends what to whom, and what is not sent and why")?;
    let mut released = Vec::new();
    for (author, place) in CAST.iter().enumerate() {
        stage.tell(|page| page.indented(2, place.name))?;
        let what = (What::Profile(true), "publishes its profile".to_owned());
        released.extend(publish(stage, author, what, Release::Network).await?);
        let own = cases.iter().filter(|case| case.author == author);
        for Case { id, title, release, .. } in own.filter(|case| case.release != Release::AtHome) {
            let what = (What::ExperimentId(id.clone()), format!("publishes \"{title}\""));
            released.extend(publish(stage, author, what, *release).await?);
        }
        for Case { title, .. } in
            cases.iter().filter(|case| case.author == author && case.release == Release::AtHome)
        {
            stage.tell(|page| {
                page.indented(4, &format!("keeps \"{title}\" at home: nobody receives it"));
            })?;
        }
    }
    Ok(released)
}

/// Reads in the cases of all places.
async fn read_in(stage: &mut Stage<'_>, pack: &Pack) -> Result<Vec<Case>, Error> {
    stage.chapter("Reading in their cases")?;
    let mut cases = Vec::new();
    for (author, place) in CAST.iter().enumerate() {
        let Some(actor) = stage.actors.get_mut(author) else { continue };
        for (case, release) in place.cases {
            let (file_name, content) = pack.read(case)?;
            let reply =
                take_in(&mut actor.node, file_name, content).await.map_err(|error| error.at(place.name))?;
            let entry = reply.experiment.unwrap_or_default();
            cases.push(Case { author, id: entry.id, title: entry.title, release: *release });
        }
        let count = text::count(u32::try_from(place.cases.len()).unwrap_or(u32::MAX), "case", "cases");
        stage.tell(|page| page.indented(2, &format!("{}: {count} at home, nothing has left", place.name)))?;
    }
    Ok(cases)
}

/// Shows what the first release would be, and checks that nothing leaves by that.
async fn try_dry(stage: &mut Stage<'_>, cases: &[Case]) -> Result<(), Error> {
    stage.chapter("Before anything leaves: a dry run")?;
    let Some(case) = cases.iter().find(|case| case.release != Release::AtHome) else { return Ok(()) };
    let Some(actor) = stage.actors.get_mut(case.author) else { return Ok(()) };
    let name = actor.place.name;
    let mut request = request(case.author, What::ExperimentId(case.id.clone()), case.release, &[]);
    request.dry_run = true;
    let reply = answer(actor.node.admin.publish(request)).await.map_err(|error| error.at(name))?;
    let log_size = actor.node.status().await?.log_size;
    if log_size != 0 || !reply.record_id.is_empty() {
        stage.report.problem(format!("{name} released something in a dry run."));
    }
    let to: Vec<_> = reply.recipients.iter().map(|recipient| recipient.name.clone()).collect();
    let bytes = reply.payload_bytes;
    stage.tell(|page| {
        page.indented(
            2,
            &format!(
                "{name} looks at what would leave: \"{}\", {bytes} bytes, to {}. Nothing has left.",
                case.title,
                text::and(&to)
            ),
        );
    })
}

/// The request for a release.
fn request(author: usize, what: What, release: Release, node_ids: &[String]) -> PublishRequest {
    let named = |place: &usize| *place != author && matches!(release, Release::Only(one) if one == *place);
    let to = (0..node_ids.len()).filter(named).filter_map(|place| node_ids.get(place).cloned()).collect();
    PublishRequest {
        what: Some(what),
        card: release.card().unwrap_or_default().to_owned(),
        to,
        ..Default::default()
    }
}

/// Releases one thing and tells who gets it and who does not.
async fn publish(
    stage: &mut Stage<'_>,
    author: usize,
    (what, words): (What, String),
    release: Release,
) -> Result<Option<Released>, Error> {
    let node_ids: Vec<_> = stage.actors.iter().map(|actor| actor.node_id.clone()).collect();
    let Some(actor) = stage.actors.get_mut(author) else { return Ok(None) };
    let name = actor.place.name;
    let request = request(author, what, release, &node_ids);
    let reply = answer(actor.node.admin.publish(request)).await.map_err(|error| error.at(name))?;
    tell(stage, &words, release, &reply)?;
    compare(stage, author, release, &reply);
    let record = reply.record_id.clone();
    stage.report.published(PublishedLine {
        record: record.clone(),
        author: name,
        audience: release.audience(),
    });
    for line in reply.withheld {
        let node = stage.name_of(&line.node_id);
        stage.report.withheld(WithheldLine { record: record.clone(), node, reason: line.reason });
    }
    Ok(Some(Released { record, author, release }))
}

/// Who gets it, who does not and why.
fn tell(stage: &mut Stage<'_>, words: &str, release: Release, reply: &PublishResponse) -> Result<(), Error> {
    let to: Vec<_> = reply.recipients.iter().map(|recipient| stage.name_of(&recipient.node_id)).collect();
    let not_to: Vec<_> = reply.withheld.iter().map(|withheld| stage.name_of(&withheld.node_id)).collect();
    let card = release.card().unwrap_or_default();
    stage.tell(|page| {
        page.indented(4, words);
        page.indented(6, &format!("to {} ({card})", text::and(&to)));
        for (peer, withheld) in not_to.iter().zip(&reply.withheld) {
            page.indented(6, &format!("not to {peer}: {}", withheld.reason));
        }
    })
}

/// Compares those whom the node names with those for whom it is.
fn compare(stage: &mut Stage<'_>, author: usize, release: Release, reply: &PublishResponse) {
    let others = || stage.actors.iter().enumerate().filter(|(place, _)| *place != author);
    let mut problems = Vec::new();
    for (place, actor) in others() {
        let gets = reply.recipients.iter().any(|recipient| recipient.node_id == actor.node_id);
        let lacks = reply.withheld.iter().any(|withheld| withheld.node_id == actor.node_id);
        if gets != release.is_for(place) || lacks == gets {
            let name = actor.place.name;
            problems.push(format!(
                "For {}, the node did not say rightly whether {name} receives it.",
                reply.record_id
            ));
        }
    }
    problems.into_iter().for_each(|problem| stage.report.problem(problem));
}
