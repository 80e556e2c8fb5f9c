//! Pattern finding over many summaries of many places: a search from the beginning, one more record, one withdrawal, and
//! memory. `cargo bench -p cairn-tests --bench patterns`; with the name of a file after `--` it also writes which place has
//! which trait, and `oracle.py` finds the same sets in that file with another program.

#![expect(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a benchmark measures time, prints, and stops at the first surprise"
)]

use std::{
    collections::BTreeSet,
    fmt::Write as _,
    time::{Duration, Instant},
};

use cairn_node::domain::{
    pattern::{Contribution, FLOOR, PLACES, Term, Trait, Workspace},
    place::Scale,
};
use cairn_proto::ids::{NodeId, RecordId};
use jiff::{ToSpan as _, civil::date};

/// Places: about as many as a large country has authorities, trusts and charities that take part.
const NODES: u64 = 10_000;
/// Words in use.
const WORDS: u64 = 3_000;
/// Themes a place keeps coming back to.
const OWN: u64 = 20;
/// Traits of one summary.
const TRAITS: u64 = 6;
/// Patterns that were put in, each of three traits at [`PLANTED_AT`] places.
const PLANTED: u64 = 20;
/// Places of each pattern that was put in.
const PLANTED_AT: u64 = 40;
/// Records that are added, and withdrawn, one by one.
const CALLS: u64 = 100;

/// Numbers that look random and are the same each time (splitmix64).
struct Dice(u64);

impl Dice {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }
}

/// Which words are used how often.
#[derive(Clone, Copy)]
enum Words {
    /// All alike.
    Alike,
    /// Few very often: the chance falls with the square root.
    Unlike,
}

impl Words {
    fn draw(self, dice: &mut Dice) -> u64 {
        match self {
            Self::Alike => dice.next(WORDS),
            Self::Unlike => dice.next(WORDS) * dice.next(WORDS) / WORDS,
        }
    }
}

fn theme(word: u64) -> Trait {
    Trait::Theme(Term::new(&format!("theme {word:05}")).unwrap())
}

/// What is put in at places, as (traits, places).
fn planted() -> Vec<(BTreeSet<Trait>, BTreeSet<u64>)> {
    let mut dice = Dice(2);
    let mut one = |n: u64| {
        let places = (0..PLANTED_AT).map(|_| dice.next(NODES)).collect();
        ((0..3).map(|i| theme(WORDS + n * 3 + i)).collect(), places)
    };
    (0..PLANTED).map(&mut one).collect()
}

/// A record of a place.
fn contribution(dice: &mut Dice, own: &[Trait], place: u64, index: u64) -> Contribution {
    let mut author = [0; 32];
    author[..8].copy_from_slice(&place.to_be_bytes());
    let (place, scale) = (NodeId::from_bytes(author), Scale::Place);
    let traits = (0..TRAITS).map(|_| own[dice.next(own.len() as u64) as usize].clone()).collect();
    let as_of = date(2020, 1, 1).saturating_add((dice.next(2_000) as i64).days());
    let record = RecordId { author: place, index };
    Contribution { record, place, scale, as_of, floor: FLOOR, traits }
}

fn themes(words: Words, place: u64) -> Vec<Trait> {
    let mut dice = Dice(place + 1000);
    (0..OWN).map(|_| theme(words.draw(&mut dice))).collect()
}

/// `each` records of each place, and one more where a pattern is put in.
fn contributions(words: Words, each: u64) -> impl Iterator<Item = Contribution> {
    let planted = planted();
    (0..NODES).flat_map(move |place| {
        let (mut dice, own) = (Dice(place), themes(words, place));
        let mut all: Vec<_> = (0..each).map(|n| contribution(&mut dice, &own, place, n)).collect();
        for ((traits, _), n) in planted.iter().zip(each..).filter(|((_, places), _)| places.contains(&place))
        {
            all.push(Contribution { traits: traits.clone(), ..contribution(&mut dice, &own, place, n) });
        }
        all
    })
}

fn rss() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() / 1024
}

fn told(what: &str, mut times: Vec<Duration>) {
    times.sort();
    println!("  {what}: median {:.1?}, longest {:.1?}", times[times.len() / 2], times[times.len() - 1]);
}

fn run(words: Words, each: u64) {
    let all: Vec<_> = contributions(words, each).collect();
    let (count, before) = (all.len(), rss());
    let begun = Instant::now();
    let mut workspace = Workspace::of(PLACES, all.iter().cloned());
    let filled = begun.elapsed();
    let signals = workspace.signals();
    let full = begun.elapsed();
    let hits = planted().iter().filter(|(set, _)| signals.signals.iter().any(|s| s.traits == *set)).count();
    let name = match words {
        Words::Alike => "alike",
        Words::Unlike => "unlike",
    };
    println!("{count} summaries of {NODES} places, words used {name}");
    println!(
        "  from the beginning: {full:.2?}, of which signals {:.1?}; RSS + {} MiB",
        full - filled,
        rss() - before
    );
    let others = signals.signals.len() - hits;
    let (recurring, cut) = (signals.recurring, &signals.cut);
    println!(
        "  signals: {hits} of {PLANTED} put in, {others} others, of {recurring} sets; left out: {cut:?}"
    );
    let (mut added, mut withdrawn, mut read) = (Vec::new(), Vec::new(), Vec::new());
    let mut dice = Dice(9);
    for n in 0..CALLS {
        let place = dice.next(NODES);
        let one = contribution(&mut dice, &themes(words, place + NODES), place, each + 100 + n);
        let record = one.record;
        let begun = Instant::now();
        workspace.add(one);
        added.push(begun.elapsed());
        let begun = Instant::now();
        drop(workspace.signals());
        read.push(begun.elapsed());
        let begun = Instant::now();
        workspace.remove(record);
        withdrawn.push(begun.elapsed());
    }
    assert_eq!(workspace.signals(), signals, "as before");
    told("one more record", added);
    told("one withdrawal", withdrawn);
    told("signals after each", read);
    let contexts = signals.signals.iter().map(|signal| {
        let begun = Instant::now();
        drop(workspace.context(signal));
        begun.elapsed()
    });
    told("context of a signal", contexts.collect());
}

/// Writes a line for each place: its traits, separated by commas.
fn export(path: &str) {
    let mut text = String::new();
    for place in 0..NODES {
        let mut traits: BTreeSet<_> = themes(Words::Alike, place).into_iter().collect();
        traits.extend(
            planted().into_iter().filter(|(_, places)| places.contains(&place)).flat_map(|(set, _)| set),
        );
        let names: Vec<_> = traits.iter().map(ToString::to_string).collect();
        writeln!(text, "{}", names.join(",")).unwrap();
    }
    std::fs::write(path, text).unwrap();
}

fn main() {
    if let Some(path) = std::env::args().skip(1).find(|arg| !arg.starts_with("--")) {
        export(&path);
    }
    run(Words::Alike, 10);
    run(Words::Alike, 100);
    run(Words::Unlike, 10);
    run(Words::Unlike, 100);
}
