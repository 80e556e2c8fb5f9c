//! Waiting until each node holds exactly what it should, and checking that it holds nothing else.

use std::{collections::BTreeSet, time::Duration};

use cairn_proto::pb::admin::{
    GetSyncStatusRequest, ListExperimentsRequest, ListRecordsRequest, RecordSource, SyncEntry,
};
use tokio::time::{Instant, sleep};

use super::{
    cast::Release,
    release::Released,
    report::HeldLine,
    stage::{Actor, Stage},
};
use crate::{client::answer, error::Error, output::text};

/// How long fourteen small records may take between three nodes on one, perhaps very busy, machine.
const ARRIVED_WITHIN: Duration = Duration::from_secs(30);

/// How often we look.
const LOOK_EVERY: Duration = Duration::from_millis(40);

/// Most records a node lists at once; the demo has far fewer.
const ALL: u32 = 500;

/// Ids of records.
type Ids = BTreeSet<String>;

/// Waits, checks and tells.
pub(crate) async fn check(stage: &mut Stage<'_>, released: &[Released]) -> Result<(), Error> {
    stage.chapter("What each node holds")?;
    let deadline = Instant::now() + ARRIVED_WITHIN;
    for place in 0..stage.actors.len() {
        arrive(stage, released, place, deadline).await?;
    }
    settle(stage, released, deadline).await?;
    for place in 0..stage.actors.len() {
        judge(stage, released, place).await?;
    }
    Ok(())
}

/// What a node should hold.
fn expected(released: &[Released], place: usize) -> Ids {
    let meant = released.iter().filter(|one| one.author == place || one.release.is_for(place));
    meant.map(|one| one.record.clone()).collect()
}

/// What a node holds.
async fn held(actor: &Actor, source: RecordSource) -> Result<Ids, Error> {
    let request = ListRecordsRequest { source: source.into(), limit: ALL, ..Default::default() };
    let reply = answer(actor.node.admin.clone().list_records(request))
        .await
        .map_err(|error| error.at(actor.place.name))?;
    Ok(reply.records.into_iter().map(|entry| entry.record_id).collect())
}

/// Waits until a node holds all it should, or the time is over.
async fn arrive(
    stage: &Stage<'_>,
    released: &[Released],
    place: usize,
    deadline: Instant,
) -> Result<(), Error> {
    let Some(actor) = stage.actors.get(place) else { return Ok(()) };
    let expected = expected(released, place);
    while Instant::now() < deadline && !held(actor, RecordSource::Unspecified).await?.is_superset(&expected) {
        sleep(LOOK_EVERY).await;
    }
    Ok(())
}

/// Waits until every node has followed every peer to the end: what has not come by then never comes.
async fn settle(stage: &mut Stage<'_>, released: &[Released], deadline: Instant) -> Result<(), Error> {
    for place in 0..stage.actors.len() {
        while let Some(actor) = stage.actors.get(place) {
            let reply = answer(actor.node.admin.clone().get_sync_status(GetSyncStatusRequest {})).await;
            let entries = reply.map_err(|error| error.at(actor.place.name))?.entries;
            let behind = behind(stage, released, place, &entries);
            if behind.is_empty() {
                break;
            }
            if Instant::now() > deadline {
                behind.into_iter().for_each(|problem| stage.report.problem(problem));
                break;
            }
            sleep(LOOK_EVERY).await;
        }
    }
    Ok(())
}

/// The peers a node has not followed to the end.
fn behind(stage: &Stage<'_>, released: &[Released], place: usize, entries: &[SyncEntry]) -> Vec<String> {
    let name = stage.actors.get(place).map(|actor| actor.place.name).unwrap_or_default();
    let mut behind = Vec::new();
    for (author, peer) in stage.actors.iter().enumerate().filter(|(author, _)| *author != place) {
        let size = released.iter().filter(|one| one.author == author).count();
        let size = u64::try_from(size).unwrap_or(u64::MAX);
        let settled = entries
            .iter()
            .any(|entry| entry.node_id == peer.node_id && entry.leaves == size && entry.settled_to == size);
        if !settled {
            behind.push(format!("{name} has not followed {} to the end.", peer.place.name));
        }
    }
    behind
}

/// Compares what a node holds with what it should hold, and what stayed at home.
async fn judge(stage: &mut Stage<'_>, released: &[Released], place: usize) -> Result<(), Error> {
    let Some(actor) = stage.actors.get(place) else { return Ok(()) };
    let name = actor.place.name;
    let holds = held(actor, RecordSource::Unspecified).await?;
    let from_peers = held(actor, RecordSource::Peers).await?;
    let problems = differences(name, &expected(released, place), &holds, &left_home(actor).await?);
    let verdict =
        if problems.is_empty() { "exactly what it should, and nothing else" } else { "not what it should" };
    let own = counted(holds.difference(&from_peers).count(), "own record");
    let others = counted(from_peers.len(), "record");
    problems.into_iter().for_each(|problem| stage.report.problem(problem));
    for record in from_peers {
        stage.report.held(HeldLine { record, node: name });
    }
    stage.tell(|page| page.indented(2, &format!("{name} holds {own} and {others} of peers: {verdict}.")))
}

/// What is not as it should be at a node.
fn differences(name: &str, expected: &Ids, holds: &Ids, left_home: &[String]) -> Vec<String> {
    let missing = expected.difference(holds).map(|id| format!("{name} does not hold {id}, which is for it."));
    let leaked = holds.difference(expected).map(|id| format!("{name} holds {id}, which is not for it."));
    let left = left_home.iter().map(|case| format!("{name} should have kept {case} at home."));
    missing.chain(leaked).chain(left).collect()
}

/// The cases that should have stayed at home and did not.
async fn left_home(actor: &Actor) -> Result<Vec<String>, Error> {
    let reply = answer(actor.node.admin.clone().list_experiments(ListExperimentsRequest {})).await;
    let experiments = reply.map_err(|error| error.at(actor.place.name))?.experiments;
    let at_home = |id: &str| actor.place.cases.contains(&(id, Release::AtHome));
    let left = experiments.into_iter().filter(|entry| at_home(&entry.id) && !entry.record_ids.is_empty());
    Ok(left.map(|entry| entry.id).collect())
}

/// "1 record", "2 records".
fn counted(number: usize, one: &str) -> String {
    text::count(u64::try_from(number).unwrap_or(u64::MAX), one, &format!("{one}s"))
}

#[cfg(test)]
mod tests {
    use super::{Ids, differences, expected};
    use crate::commands::demo::{
        cast::{PLYMOUTH, Release, SCOTLAND, SOUTH_TYNESIDE},
        release::Released,
    };

    #[test]
    fn a_node_should_hold_its_own_and_what_is_for_it() {
        let one = |record: &str, release| Released { record: record.to_owned(), author: PLYMOUTH, release };
        let released = [
            one("a/0", Release::Network),
            one("a/1", Release::Only(SOUTH_TYNESIDE)),
            one("a/2", Release::Public),
        ];
        let ids = |place| expected(&released, place).into_iter().collect::<Vec<_>>().join(" ");
        assert_eq!(ids(PLYMOUTH), "a/0 a/1 a/2");
        assert_eq!(ids(SOUTH_TYNESIDE), "a/0 a/1 a/2");
        assert_eq!(ids(SCOTLAND), "a/0 a/2");
    }

    #[test]
    fn what_is_missing_leaked_or_left_home_is_named() {
        let ids = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<Ids>();
        assert!(differences("X", &ids(&["a"]), &ids(&["a"]), &[]).is_empty());
        assert_eq!(
            differences("X", &ids(&["a", "b"]), &ids(&["b", "c"]), &["d".to_owned()]),
            [
                "X does not hold a, which is for it.",
                "X holds c, which is not for it.",
                "X should have kept d at home."
            ]
        );
    }
}
