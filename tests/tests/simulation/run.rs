//! One run: places and peerings are drawn, then some dozens of things happen, then everything is mended, everybody comes to rest,
//! and what each holds is compared with what it should hold.

use std::{collections::BTreeSet, path::Path};

use cairn_node::domain::{
    peer::Terms,
    policy::{Card, Purpose},
};
use cairn_proto::pb::admin::{PublishRequest, publish_request::What};
use jiff::{SignedDuration, Timestamp};

use crate::{
    cast::{BEGINNING, Cast},
    chance::Chance,
    ends::ends,
    truth::{Author, Violation},
    wire::Asks,
    world::{Tie, World},
};

/// Places in most runs.
const FEW: std::ops::Range<usize> = 3..7;
/// Places in some runs, and in a very few.
const MORE: std::ops::Range<usize> = 7..13;
const MANY: std::ops::Range<usize> = 20..51;
/// Runs with more, and with many places: one in so many.
const ONE_WITH_MORE: usize = 40;
const ONE_WITH_MANY: usize = 500;
/// Things that happen in a run.
const STEPS: std::ops::Range<usize> = 24..64;
/// A node that is down comes back before the next thing happens, once in so many times.
const BACK: usize = 6;
/// A node is cut off within so many writes.
const WRITES: usize = 24;

/// What may happen beyond what every run has.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Mix {
    /// Whether a node that has signed since may come back from an older copy. If it does not ask its peers first it then signs two heads.
    pub(crate) authors_set_back: bool,
}

/// How a run went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Course {
    /// What happened, line by line.
    pub(crate) trace: Vec<String>,
    /// All of it in one number.
    pub(crate) digest: String,
    /// The rule that was broken, if any.
    pub(crate) violation: Option<Violation>,
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Step,
    Settle,
    Publish,
    Withdraw,
    Lose,
    Cut,
    CutOff,
    StopOrStart,
    Pass,
    Tend,
    Chase,
    Copy,
    Restore,
    End,
    Lie,
}

const EVENTS: [(usize, Event); 15] = [
    (30, Event::Step),
    (8, Event::Settle),
    (14, Event::Publish),
    (9, Event::Withdraw),
    (3, Event::Lose),
    (3, Event::Cut),
    (6, Event::CutOff),
    (5, Event::StopOrStart),
    (3, Event::Pass),
    (6, Event::Tend),
    (3, Event::Chase),
    (2, Event::Copy),
    (2, Event::Restore),
    (2, Event::End),
    (4, Event::Lie),
];

/// Runs a seed in a directory.
pub(crate) async fn run(cast: &Cast, dir: &Path, seed: u64, mix: Mix) -> Course {
    let mut chance = Chance::new(seed);
    let count = match (chance.one_in(ONE_WITH_MANY), chance.one_in(ONE_WITH_MORE)) {
        (true, _) => chance.below(MANY.len()) + MANY.start,
        (false, true) => chance.below(MORE.len()) + MORE.start,
        (false, false) => chance.below(FEW.len()) + FEW.start,
    };
    let ties = ties(&mut chance, count);
    let liars: Vec<_> = (0..count).filter(|_| chance.one_in(3 * count)).collect();
    let mut world = World::begin(cast, dir, chance, count, ties, &liars).await;
    world.note(format!("seed {seed}: {count} places, liars {liars:?}"));
    for tie in world.ties.clone() {
        let purposes: Vec<_> = tie.terms.purposes.iter().map(|purpose| purpose.words()).collect();
        world.note(format!(
            "{:?} are peers, relay {}, for {}",
            tie.sides,
            tie.terms.relay,
            purposes.join(", ")
        ));
    }
    let violation = match happens(&mut world, mix).await {
        Ok(()) => ends(&mut world).await.err(),
        Err(violation) => Some(violation),
    };
    for place in &mut world.places {
        place.stop().await;
    }
    world.flows.clear();
    Course { digest: world.digest(), trace: world.trace, violation }
}

/// Peerings that connect everybody, and some more.
fn ties(chance: &mut Chance, count: usize) -> Vec<Tie> {
    let mut ties: Vec<Tie> = Vec::new();
    let mut sides: Vec<(usize, usize)> = (1..count).map(|place| (chance.below(place), place)).collect();
    for _ in 0..chance.below(count + 1) {
        let (a, b) = (chance.below(count), chance.below(count));
        if a != b && !sides.contains(&(a, b)) && !sides.contains(&(b, a)) {
            sides.push((a, b));
        }
    }
    for sides in sides {
        let purposes = match chance.below(4) {
            0 => BTreeSet::from([Purpose::PeerLearning]),
            1 => BTreeSet::from([Purpose::PatternFinding, Purpose::Research]),
            _ => BTreeSet::from(Purpose::ALL),
        };
        let terms = Terms::new(purposes, !chance.one_in(4), 0, None);
        ties.push(Tie { sides, terms, ended: false });
    }
    ties
}

async fn happens(world: &mut World, mix: Mix) -> Result<(), Violation> {
    for _ in 0..world.chance.below(STEPS.len()) + STEPS.start {
        let event = world.chance.weighed(&EVENTS);
        for at in 0..world.places.len() {
            if !world.places[at].up() && world.chance.one_in(BACK) {
                world.start(at).await?;
            }
        }
        one(world, event, mix).await?;
    }
    Ok(())
}

async fn one(world: &mut World, event: Event, mix: Mix) -> Result<(), Violation> {
    let count = world.places.len();
    let at = world.chance.below(count);
    let (from, to) = either_way(world);
    match event {
        Event::Step => {
            for _ in 0..1 + world.chance.below(4) {
                world.step(from, to).await?;
            }
        }
        Event::Settle => _ = world.settle(from, to).await?,
        Event::Publish => {
            let wish = wish(world, at);
            world.publish(at, wish).await?;
            some_follow(world, at).await?;
        }
        Event::Withdraw => {
            let author = world.truth.authors.get(&world.places[at].who.id);
            let out = author.map(out).unwrap_or_default();
            if let Some(index) = world.chance.pick(&out).copied() {
                world.withdraw(at, index).await?;
                // Its node asks for receipts by itself, while others may not have heard of it yet.
                if world.chance.one_in(2) {
                    world.chase(at).await?;
                }
                some_follow(world, at).await?;
            }
        }
        Event::Lose => world.lose(from, to).await?,
        Event::Cut => {
            if !world.cut.remove(&(from, to)) {
                world.cut.insert((from, to));
            }
            world.note(format!("{from} and {to}: cut or mended"));
        }
        Event::CutOff => {
            let nth = 1 + world.chance.below(WRITES) as u64;
            world.places[at].faults.strike_at(nth);
            world.note(format!("{at} will be cut off at its write {nth}"));
            if world.follows(from, to) && world.places[from].up() && world.chance.one_in(2) {
                world.places[from].faults.strike_at(nth);
                world.settle(from, to).await?;
            }
        }
        Event::StopOrStart => match world.places[at].up() {
            true if world.chance.one_in(2) => world.stop(at).await?,
            true => {}
            false => world.start(at).await?,
        },
        Event::Pass => {
            let hours = 1 + i64::try_from(world.chance.below(12)).expect("a few");
            world.pass(SignedDuration::from_hours(hours));
        }
        Event::Tend => world.tend(at).await?,
        Event::Chase => _ = world.chase(at).await?,
        Event::Copy => {
            if world.places[at].up() && !world.places[at].faults.struck() {
                world.back_up(at);
            }
        }
        Event::Restore => restore(world, at, mix).await?,
        Event::End => {
            // In the middle of an answer, if there is one.
            let amid = world.flows.iter().filter(|(_, flow)| flow.asks == Asks::Part);
            let amid: Vec<_> = amid.map(|(pair, _)| *pair).collect();
            let (from, to) =
                world.chance.pick(&amid).map_or((from, to), |(reader, server)| (*server, *reader));
            if world.follows(from, to) && world.chance.one_in(2) {
                world.end_peering(from, to).await?;
            }
        }
        Event::Lie => lie(world, at, to).await?,
    }
    Ok(())
}

/// Some who follow a place hear from it, as far as chance lets them.
async fn some_follow(world: &mut World, at: usize) -> Result<(), Violation> {
    for other in 0..world.places.len() {
        if world.follows(other, at) && world.chance.one_in(3) {
            for _ in 0..1 + world.chance.below(9) {
                world.step(other, at).await?;
            }
        }
    }
    Ok(())
}

/// Two who are peers, in either order.
fn either_way(world: &mut World) -> (usize, usize) {
    let tie = world.chance.below(world.ties.len());
    let (a, b) = world.ties[tie].sides;
    if world.chance.one_in(2) { (a, b) } else { (b, a) }
}

async fn restore(world: &mut World, at: usize, mix: Mix) -> Result<(), Violation> {
    let size = world.truth.authors.get(&world.places[at].who.id).map_or(0, Author::size);
    let copies = &world.places[at].copies;
    let good: Vec<_> =
        (0..copies.len()).filter(|nth| mix.authors_set_back || copies[*nth].own_size == size).collect();
    // What was signed last may not have been seen yet: only a node that runs is known.
    if !world.places[at].up() && !mix.authors_set_back {
        return Ok(());
    }
    match world.chance.pick(&good).copied() {
        Some(nth) => world.restore(at, nth).await,
        None => Ok(()),
    }
}

async fn lie(world: &mut World, at: usize, to: usize) -> Result<(), Violation> {
    let liars: Vec<_> = (0..world.places.len()).filter(|place| !world.places[*place].honest).collect();
    let Some(liar) = world.chance.pick(&liars).copied() else { return Ok(()) };
    match world.chance.one_in(2) {
        true => world.pry(liar, to, at).await,
        false => world.retract_falsely(liar, to, at).await,
    }
}

/// Records of an author that can be taken back.
fn out(author: &Author) -> Vec<u64> {
    let out = author.records.iter().filter(|(_, known)| known.learning && known.withdrawn_by.is_none());
    out.map(|(index, _)| *index).collect()
}

/// The wish to release the profile to somebody, perhaps until a day.
fn wish(world: &mut World, by: usize) -> PublishRequest {
    let all: Vec<usize> = (0..world.places.len()).filter(|place| *place != by).collect();
    let peers: Vec<usize> = all.iter().copied().filter(|place| world.follows(by, *place)).collect();
    let some = |world: &mut World, among: &[usize]| -> Vec<String> {
        let mut some: Vec<_> = among.iter().copied().filter(|_| world.chance.one_in(2)).collect();
        some.extend(world.chance.pick(among).filter(|_| some.is_empty()).copied());
        some.iter().map(|place| world.places[*place].who.id.to_string()).collect()
    };
    let (card, to, relay) = match world.chance.below(5) {
        0 => (Card::NamedPeers, some(world, &peers), None),
        1 | 2 => (Card::NamedPeers, some(world, &all), Some(true)),
        3 => (Card::Network, Vec::new(), None),
        _ => (Card::Public, Vec::new(), None),
    };
    let expires_on = match world.chance.one_in(4) {
        true => {
            let day: Timestamp = BEGINNING.parse().expect("a moment");
            let days = 24 * i64::try_from(world.chance.below(3)).expect("a few");
            let day = (day + SignedDuration::from_hours(days)).to_zoned(jiff::tz::TimeZone::UTC).date();
            day.to_string()
        }
        false => String::new(),
    };
    let what = Some(What::Profile(true));
    PublishRequest { what, card: card.name().to_owned(), to, relay, expires_on, ..Default::default() }
}
