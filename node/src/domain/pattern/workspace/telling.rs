//! What a workspace tells: signals by the names of their traits, and what each rests on.

use std::collections::{BTreeMap, BTreeSet};

use cairn_proto::ids::NodeId;

use super::{Found, Workspace};
use crate::domain::pattern::{
    Chance, Context, CounterExample, Cut, Differs, FALSE_SHARE, MAX_SIGNALS, MAX_TRAITS, Over, Signal,
    Signals, Trait,
    chance::{at_least, at_least_of, false_shares, sets},
};

impl Workspace {
    /// The signals, in the order of the names of their traits.
    #[must_use]
    pub fn signals(&self) -> Signals {
        let traits =
            self.base.places_of.iter().filter(|list| list.len() >= self.floor as usize).count() as u32;
        let mut signals = Vec::new();
        let mut tested = 0.0;
        for size in 2..=MAX_TRAITS {
            let layer = sets(traits, size);
            tested += layer;
            self.layer(size, layer, &mut signals);
        }
        signals.sort_by(|a, b| a.traits.cmp(&b.traits));
        let mut cut = BTreeSet::new();
        if signals.len() > MAX_SIGNALS {
            signals.truncate(MAX_SIGNALS);
            cut.insert(Cut::MoreSignals);
        }
        if self.searched > self.floor {
            cut.insert(Cut::MoreSets { places: self.searched });
        }
        if !self.larger.is_empty() {
            cut.insert(Cut::LargerSets);
        }
        Signals { signals, places: self.base.places, tested, recurring: self.sets.len() as u32, cut }
    }

    /// What a signal rests on, and what speaks against it.
    #[must_use]
    pub fn context(&self, signal: &Signal) -> Context {
        let numbers: Vec<_> = signal.traits.iter().filter_map(|t| self.traits.number(t)).collect();
        let mut records = BTreeSet::new();
        let mut scales = BTreeMap::<String, BTreeSet<NodeId>>::new();
        let mut days = Vec::new();
        for node in &signal.places {
            let place = self.nodes.number(node).and_then(|number| self.places.get(number as usize));
            for record in place.into_iter().flat_map(|place| &place.records) {
                let kept =
                    self.records.get(record).filter(|kept| kept.traits.iter().any(|t| numbers.contains(t)));
                if let Some(kept) = kept {
                    records.insert(*record);
                    scales.entry(kept.scale.to_string()).or_default().insert(*node);
                    days.push(kept.as_of);
                }
            }
        }
        let between = days.iter().min().copied().zip(days.iter().max().copied());
        let counter_examples = self.counter_examples(signal);
        Context { records, scales, between, over: Over::of(&days), counter_examples }
    }

    /// Signals of `size` traits, of which `tested` sets can be formed.
    fn layer(&self, size: usize, tested: f64, signals: &mut Vec<Signal>) {
        let said = self.base.traits_of.iter().map(Vec::len).sum();
        let found: Vec<_> =
            self.sets.iter().filter(|set| set.traits.len() == size && self.may_show(set)).collect();
        let chances: Vec<_> = found.iter().map(|set| self.alone(set, said)).collect();
        let shares = false_shares(&chances, tested);
        for ((set, alone), false_share) in found.iter().zip(chances).zip(shares) {
            if false_share <= FALSE_SHARE {
                let chance = Chance { expected: self.expected(set), alone, false_share };
                signals.push(Signal {
                    traits: set.traits.iter().filter_map(|t| self.traits.value(*t)).cloned().collect(),
                    places: set.places.iter().filter_map(|p| self.nodes.value(*p)).copied().collect(),
                    floor: self.asked(set),
                    chance,
                });
            }
        }
    }

    /// How many places the strictest of a set asks for.
    fn asked(&self, set: &Found) -> u32 {
        let floors = set.places.iter().filter_map(|place| self.places.get(*place as usize)).map(|p| p.floor);
        floors.fold(self.floor, u32::max)
    }

    fn may_show(&self, set: &Found) -> bool {
        set.places.len() >= self.asked(set) as usize
    }

    fn expected(&self, set: &Found) -> f64 {
        let all = f64::from(self.base.places);
        // Sorted: another order would round in another way.
        let mut counts: Vec<_> = set.traits.iter().map(|t| self.base.places_of(*t).len()).collect();
        counts.sort_unstable();
        counts.into_iter().fold(all, |expected, n| expected * n as f64 / all)
    }

    /// The chance of a set if one of its traits were spread for itself; the largest of all its traits.
    fn alone(&self, set: &Found, said: usize) -> f64 {
        set.traits.iter().map(|one| self.one_alone(set, *one, said as f64)).fold(0.0, f64::max)
    }

    /// The chance of a set if `one` of its traits were spread for itself: over all places alike, or more over those that
    /// say more, whichever makes it more likely. `said` is how many traits all places have together.
    fn one_alone(&self, set: &Found, one: u32, said: f64) -> f64 {
        let both = set.places.len() as u32;
        let others = self.base.places_with(set.traits.iter().copied().filter(|t| *t != one));
        let said_there: usize = others.iter().map(|place| self.base.traits_of(*place).len()).sum();
        let (n, of) = (self.base.places_of(one).len() as u32, others.len() as u32);
        let chance = f64::from(n) * said_there as f64 / (said * f64::from(of));
        // The smaller one first: the other way around would round in another way.
        at_least(self.base.places, n.min(of), n.max(of), both).max(at_least_of(of, chance, both))
    }

    fn counter_examples(&self, signal: &Signal) -> BTreeSet<CounterExample> {
        let mut found = BTreeSet::new();
        for lacks in &signal.traits {
            let others = signal.traits.iter().filter(|t| *t != lacks).filter_map(|t| self.traits.number(t));
            let ended = signal.traits.iter().any(|t| t != lacks && matches!(t, Trait::Ended(_)));
            for place in self.base.places_with(others) {
                let Some(node) = self.nodes.value(place) else { continue };
                if signal.places.contains(node) {
                    continue;
                }
                let has = |t: &Trait| {
                    self.traits
                        .number(t)
                        .is_some_and(|n| self.base.traits_of(place).binary_search(&n).is_ok())
                };
                let contrary: Vec<_> = lacks.opposites().into_iter().filter(|t| has(t)).collect();
                if contrary.is_empty() && ended {
                    found.insert(CounterExample { place: *node, differs: Differs::Without(lacks.clone()) });
                }
                found.extend(contrary.into_iter().map(|has| CounterExample {
                    place: *node,
                    differs: Differs::Contrary { lacks: lacks.clone(), has },
                }));
            }
        }
        found
    }
}
