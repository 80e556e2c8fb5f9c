//! How a run ends: everything is mended, everybody comes to rest, and what each holds is compared with what it should hold.

use std::collections::BTreeMap;

use crate::{
    truth::{Audience, Known, Violation},
    world::{Tie, World},
};

/// Rounds after which everybody must have come to rest.
const ROUNDS: usize = 30;

/// Everything is mended and everybody is back, without the liars; then nothing moves any more, and everybody holds what it
/// should.
pub(crate) async fn ends(world: &mut World) -> Result<(), Violation> {
    world.note("everything is mended");
    world.cut.clear();
    for at in 0..world.places.len() {
        match (world.places[at].honest, world.places[at].up()) {
            (true, false) => world.start(at).await?,
            (true, true) => {
                world.places[at].faults.spare();
                if world.chance.one_in(4) {
                    world.stop(at).await?;
                    world.start(at).await?;
                }
            }
            (false, true) => world.stop(at).await?,
            (false, false) => {}
        }
    }
    let rests = comes_to_rest(world).await?;
    let honest: Vec<_> = (0..world.places.len()).filter(|at| world.places[*at].honest).collect();
    for reader in &honest {
        for author in &honest {
            compare(world, *reader, *author)?;
        }
        nothing_open(world, *reader).await?;
    }
    if rests { Ok(()) } else { Violation::new("the places do not come to rest") }
}

/// Everybody does what is to be done until, in a whole round, nobody had to write anything; false if that never comes.
async fn comes_to_rest(world: &mut World) -> Result<bool, Violation> {
    let written =
        |world: &World| -> Vec<u64> { world.places.iter().map(|place| place.faults.passed()).collect() };
    // Two who have written nothing since they had nothing to say to each other have nothing to say now.
    let mut quiet: BTreeMap<(usize, usize), (u64, u64)> = BTreeMap::new();
    for _ in 0..ROUNDS {
        let before = written(world);
        for at in 0..world.places.len() {
            world.tend(at).await?;
        }
        for Tie { sides: (a, b), ended, .. } in world.ties.clone() {
            for (from, to) in [(a, b), (b, a)] {
                let both =
                    |world: &World| (world.places[from].faults.passed(), world.places[to].faults.passed());
                if quiet.get(&(from, to)) == Some(&both(world)) && world.flows.contains_key(&(from, to)) {
                    continue;
                }
                match ended {
                    false => _ = world.settle(from, to).await?,
                    true => world.tell_the_end(from, to).await?,
                }
                quiet.insert((from, to), both(world));
            }
        }
        for at in 0..world.places.len() {
            world.chase(at).await?;
        }
        if written(world) == before {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What one place holds of another's records, and what it should.
fn compare(world: &World, reader: usize, by: usize) -> Result<(), Violation> {
    let (id, author_id) = (world.places[reader].who.id, world.places[by].who.id);
    let author = world.truth.authors.get(&author_id).cloned().unwrap_or_default();
    let seen = world.truth.seen.get(&id).cloned().unwrap_or_default();
    if world.follows(reader, by) && author.size() > 0 && seen.size_of(&author_id) != author.size() {
        let words = format!("{reader} has {} of {} leaves of {by}", seen.size_of(&author_id), author.size());
        return Violation::new(words);
    }
    let latest = world.places.iter().map(|place| place.clock.now()).max().expect("places");
    for (index, known) in &author.records {
        let holds = seen.held.contains(&(author_id, *index));
        let now = world.places[reader].clock.now();
        let over = known.expires_at.is_some_and(|at| at <= now) || known.withdrawn_by.is_some();
        let perhaps_over = known.expires_at.is_some_and(|at| at <= latest);
        let hears = reader == by || hears_of(world, reader, by);
        if holds && over && (hears || known.withdrawn_by.is_none()) {
            return Violation::new(format!("{reader} still holds record {index} of {by}, which is over"));
        }
        if !holds && !over && !perhaps_over && arrives(world, known, reader, by) {
            return Violation::new(format!("{reader} does not hold record {index} of {by}, which is for it"));
        }
    }
    Ok(())
}

/// Whether a retraction finds its way from an author to a reader: by their peering, even if it has ended, or over one who
/// is a peer of both.
fn hears_of(world: &World, reader: usize, by: usize) -> bool {
    let honest = |at: &usize| world.places[*at].honest;
    world.tie(reader, by).is_some()
        || (0..world.places.len())
            .filter(honest)
            .any(|hub| world.follows(reader, hub) && world.follows(hub, by) && passes(world, reader, hub, by))
}

fn passes(world: &World, reader: usize, hub: usize, by: usize) -> bool {
    let relay = |a, b| world.tie(a, b).is_some_and(|tie| tie.terms.relay);
    relay(reader, hub) && relay(hub, by)
}

/// Whether a record that is not over must be held: by those for whom it is, if they are peers of its author, or if it may be
/// passed on to them by one who is.
fn arrives(world: &World, known: &Known, reader: usize, by: usize) -> bool {
    let for_it = |at: usize| match &known.audience {
        Audience::Nodes(nodes) => nodes.contains(&world.places[at].who.id),
        Audience::Peers | Audience::Group(_) => world.tie(at, by).is_some(),
        Audience::Anyone => true,
    };
    let common = |a: usize, b: usize| {
        world.tie(a, b).is_some_and(|tie| !World::purposes(&tie.terms).is_disjoint(&known.purposes))
    };
    if reader == by {
        return true;
    }
    if world.tie(reader, by).is_some() {
        return world.follows(reader, by) && for_it(reader) && common(reader, by);
    }
    let onward = known.relay && !matches!(known.audience, Audience::Peers | Audience::Group(_));
    onward
        && for_it(reader)
        && (0..world.places.len()).filter(|hub| world.places[*hub].honest).any(|hub| {
            let both = world.follows(hub, by) && world.follows(reader, hub);
            both && passes(world, reader, hub, by) && for_it(hub) && common(hub, by) && common(reader, hub)
        })
}

/// Every honest holder has given its receipt.
async fn nothing_open(world: &World, at: usize) -> Result<(), Violation> {
    let Some(app) = world.places[at].app() else { return Ok(()) };
    for open in app.open_withdrawals().await.expect("withdrawals") {
        if let Some(holder) = world.number(&open.node).filter(|holder| world.places[*holder].honest) {
            let words = format!("{at} still waits for the receipt of {holder}");
            return Violation::new(format!("{words} for record {}", open.record.index));
        }
    }
    Ok(())
}
