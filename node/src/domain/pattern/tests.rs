//! Properties of the whole: the same as a search from the beginning and as a naive one, planted patterns found, noise
//! left alone, and nothing kept of what was withdrawn.

use std::collections::{BTreeMap, BTreeSet};

use cairn_proto::ids::{NodeId, RecordId};
use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::domain::place::Scale;

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

fn node(place: u32) -> NodeId {
    let mut bytes = [0; 32];
    bytes[..4].copy_from_slice(&place.to_be_bytes());
    NodeId::from_bytes(bytes)
}

fn theme(n: u64) -> Trait {
    Trait::Theme(Term::new(&format!("theme {n:03}")).unwrap())
}

fn given(place: u32, index: u64, floor: u32, traits: impl IntoIterator<Item = Trait>) -> Contribution {
    let (record, as_of) = (RecordId { author: node(place), index }, date(2025, 1, 1 + (index % 28) as i8));
    let traits = traits.into_iter().collect();
    Contribution { record, place: node(place), scale: Scale::Place, as_of, floor, traits }
}

/// Two records for each place with `said(place)` themes of `words`, the first of them more often; `share` in 100 of the
/// places have all of `planted` besides.
fn generated(
    seed: u64,
    places: u32,
    said: fn(u32) -> u64,
    words: u64,
    planted: &[Trait],
    share: u64,
) -> Workspace {
    let mut dice = Dice(seed);
    let mut all = Vec::new();
    for place in 0..places {
        for index in 0..2 {
            let themes = (0..said(place)).map(|_| theme(dice.next(words).min(dice.next(words))));
            all.push(given(place, index, FLOOR, themes.collect::<Vec<_>>()));
        }
        if dice.next(100) < share {
            all.push(given(place, 2, FLOOR, planted.iter().cloned()));
        }
    }
    Workspace::of(PLACES, all)
}

/// Closed sets of two to [`MAX_TRAITS`], found by looking at all sets, and whether there are larger ones.
fn naive(
    floor: u32,
    kept: &BTreeMap<RecordId, Contribution>,
) -> (BTreeMap<BTreeSet<Trait>, BTreeSet<NodeId>>, bool) {
    let mut places = BTreeMap::<NodeId, BTreeSet<&Trait>>::new();
    kept.values().for_each(|one| places.entry(one.place).or_default().extend(&one.traits));
    let traits: Vec<&Trait> =
        places.values().flatten().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let (mut closed, mut larger) = (BTreeMap::new(), false);
    for mask in 1_u32..1 << traits.len() {
        let set: BTreeSet<&Trait> =
            (0..).zip(&traits).filter(|(i, _)| mask >> i & 1 == 1).map(|(_, t)| *t).collect();
        let with: Vec<_> = places.iter().filter(|(_, has)| set.is_subset(has)).collect();
        let more = traits.iter().any(|t| !set.contains(t) && with.iter().all(|(_, has)| has.contains(t)));
        if with.len() >= floor as usize && set.len() > 1 && !more {
            larger |= set.len() > MAX_TRAITS;
            if set.len() <= MAX_TRAITS {
                closed.insert(
                    set.into_iter().cloned().collect(),
                    with.into_iter().map(|(node, _)| *node).collect(),
                );
            }
        }
    }
    (closed, larger)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    /// Each step: a place, one of its records, and what it says; nothing said takes the record out.
    #[test]
    fn each_step_is_as_if_searched_from_the_beginning(
        steps in prop::collection::vec((0..6_u32, 0..3_u64, 3..5_u32, any::<bool>(), any::<u16>(), any::<u16>()), 1..30),
    ) {
        let mut workspace = Workspace::new(FLOOR);
        let mut kept = BTreeMap::new();
        for (place, index, floor, stays, some, more) in steps {
            let said = (0..10).filter(|bit| (some | more) >> bit & 1 == 1).map(theme);
            let one = given(place, index, floor, said);
            if stays {
                kept.insert(one.record, one.clone());
                workspace.add(one);
            } else {
                prop_assert_eq!(workspace.remove(one.record), kept.remove(&one.record).is_some());
            }
            let anew = Workspace::of(FLOOR, kept.values().rev().cloned());
            prop_assert_eq!(workspace.signals(), anew.signals());
            prop_assert_eq!(workspace.by_names(), anew.by_names());
        }
        let (closed, larger) = naive(FLOOR, &kept);
        prop_assert_eq!(workspace.by_names(), closed);
        prop_assert_eq!(workspace.signals().cut.contains(&Cut::LargerSets), larger);
    }
}

#[test]
fn when_signals_come_and_go_each_step_is_as_if_searched_from_the_beginning() {
    let planted = [theme(900), theme(901), theme(902)];
    let mut dice = Dice(7);
    let (mut workspace, mut kept) = (Workspace::new(PLACES), BTreeMap::new());
    for place in 0..60 {
        let one = given(place, 0, FLOOR, [theme(dice.next(60)), theme(dice.next(60))]);
        kept.insert(one.record, one.clone());
        workspace.add(one);
    }
    let mut shown = BTreeSet::new();
    for _ in 0..60 {
        let one = given(dice.next(40) as u32, 9, FLOOR + dice.next(4) as u32, planted.clone());
        if dice.next(3) == 0 {
            assert_eq!(workspace.remove(one.record), kept.remove(&one.record).is_some());
        } else {
            kept.insert(one.record, one.clone());
            workspace.add(one);
        }
        let anew = Workspace::of(PLACES, kept.values().cloned());
        assert_eq!(workspace.signals(), anew.signals());
        for signal in workspace.signals().signals {
            assert_eq!(workspace.context(&signal), anew.context(&signal));
            shown.insert(signal.traits);
        }
    }
    assert!(shown.contains(&BTreeSet::from(planted)));
}

#[test]
fn what_was_planted_is_found_and_little_else() {
    let planted = [theme(900), theme(901), Trait::Ended(Outcome::EndedEarly)];
    let set = BTreeSet::from(planted.clone());
    for (said, share) in [(1, 15), (2, 15), (3, 25)] {
        let said = [|_| 0, |_| 1, |_| 2, |_| 3][said];
        let (mut found, mut others) = (0, 0);
        for seed in 0..20 {
            let signals = generated(seed, 120, said, 40, &planted, share).signals().signals;
            found += signals.iter().filter(|signal| signal.traits == set).count();
            others += signals.iter().filter(|signal| signal.traits.is_disjoint(&set)).count();
        }
        assert_eq!(found, 20, "recall");
        assert!(others <= 1, "{others} among 20");
    }
}

#[test]
fn noise_gives_no_signals_also_when_some_places_say_much_more() {
    let alike: fn(u32) -> u64 = |_| 3;
    let unlike: fn(u32) -> u64 = |place| if place % 4 == 0 { 9 } else { 1 };
    for said in [alike, unlike] {
        let told =
            (0..200).filter(|seed| !generated(*seed, 80, said, 24, &[], 0).signals().signals.is_empty());
        let told = told.count();
        assert!(told as f64 <= 200.0 * FALSE_SHARE, "{told} of 200 runs");
    }
}

#[test]
fn what_was_withdrawn_leaves_no_trace() {
    let secret = Trait::Theme(Term::new("a word of one place").unwrap());
    let planted = [theme(900), theme(901)];
    let mut workspace = generated(3, 80, |_| 2, 40, &planted, 20);
    let (before, sets) = (workspace.signals(), workspace.by_names());
    let one = given(500, 0, 50, planted.into_iter().chain([secret]));
    workspace.add(one.clone());
    assert!(format!("{workspace:?}").contains("a word of one place"));
    assert_ne!(workspace.signals(), before);
    assert!(workspace.remove(one.record) && !workspace.remove(one.record));
    assert_eq!((workspace.signals(), workspace.by_names()), (before, sets));
    let left = format!("{workspace:?}");
    assert!(!left.contains("a word of one place") && !left.contains(&one.place.to_string()));
}

#[test]
fn the_strictest_source_wins_and_a_place_counts_once() {
    let pair = [theme(1), theme(2)];
    let others = |place| given(place, 0, FLOOR, [theme(3 + u64::from(place) % 7)]);
    let mut workspace = Workspace::of(1, (10..200).map(others));
    for index in 0..9 {
        workspace.add(given(0, index, 0, pair.clone()));
        workspace.add(given(1, index, 0, pair.clone()));
    }
    assert!(workspace.signals().signals.is_empty(), "two places, whoever asks for fewer");
    (2..9).for_each(|place| workspace.add(given(place, 0, FLOOR, pair.clone())));
    let signals = workspace.signals();
    assert_eq!(
        (signals.signals.len(), signals.signals[0].places.len(), signals.signals[0].floor),
        (1, 9, FLOOR)
    );
    workspace.add(given(4, 7, 10, [theme(50)]));
    assert!(workspace.signals().signals.is_empty(), "one of the nine asks for ten");
    workspace.add(given(9, 0, FLOOR, pair));
    assert_eq!(workspace.signals().signals[0].floor, 10);
}

#[test]
fn what_speaks_against_it_is_shown() {
    let wind = |direction| Trait::Factor(Term::new("one contact").unwrap(), direction);
    let early = Trait::Ended(Outcome::EndedEarly);
    let all = [wind(Direction::Headwind), early.clone()];
    let others = |place| given(place, 0, FLOOR, [theme(u64::from(place) % 7)]);
    let mut workspace = Workspace::of(PLACES, (20..200).map(others));
    (0..9).for_each(|place| workspace.add(given(place, u64::from(place), FLOOR, all.clone())));
    workspace.add(given(10, 0, FLOOR, [wind(Direction::Tailwind), early.clone()]));
    workspace.add(given(11, 0, FLOOR, [early]));
    let signals = workspace.signals();
    let context = workspace.context(&signals.signals[0]);
    let lacks = wind(Direction::Headwind);
    let contrary = Differs::Contrary { lacks: lacks.clone(), has: wind(Direction::Tailwind) };
    let against = [(10, contrary), (11, Differs::Without(lacks))];
    let against = against.map(|(place, differs)| CounterExample { place: node(place), differs });
    assert_eq!(context.counter_examples, against.into());
    assert_eq!((context.records.len(), context.scales["place"].len(), context.over), (9, 9, Over::Steady));
    assert_eq!(context.between, Some((date(2025, 1, 1), date(2025, 1, 9))));
}

#[test]
fn when_there_are_too_many_sets_they_are_looked_for_at_more_places() {
    let mut dice = Dice(5);
    let mut themes = || (0..6).map(|_| theme(dice.next(14))).collect::<Vec<_>>();
    let all: Vec<_> = (0..40).map(|place| given(place, 0, FLOOR, themes())).collect();
    let mut workspace = Workspace::of_most(30, FLOOR, []);
    let mut reached = BTreeSet::new();
    for (n, one) in all.iter().enumerate() {
        workspace.add(one.clone());
        let anew = Workspace::of_most(30, FLOOR, all[..=n].iter().rev().cloned());
        assert_eq!((workspace.by_names(), workspace.signals()), (anew.by_names(), anew.signals()));
        reached.extend(workspace.signals().cut);
        assert!(workspace.by_names().len() <= 30);
    }
    assert!(reached.len() > 2, "{reached:?}");
    for (n, one) in all.iter().enumerate() {
        assert!(workspace.remove(one.record));
        let anew = Workspace::of_most(30, FLOOR, all[n + 1..].iter().cloned());
        assert_eq!((workspace.by_names(), workspace.signals()), (anew.by_names(), anew.signals()));
    }
    assert!(workspace.signals().cut.is_empty());
}
