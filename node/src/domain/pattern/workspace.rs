//! Where contributions come and go. After each the signals are those of a search from the beginning.
//!
//! A record changes what one place has. A set that does not lie wholly within the traits that this place has, or had, was
//! and is not seen there: it keeps its places and stays closed. Only the others are looked for again.

mod telling;

use std::collections::{BTreeMap, HashMap};

use cairn_proto::ids::{NodeId, RecordId};
use jiff::civil::Date;

use super::{
    Contribution, FLOOR, MAX_SETS, Trait,
    closed::{Base, Found, Search, within_all},
    slots::Slots,
};
use crate::domain::place::Scale;

/// A contribution as it is kept: traits and place by number.
#[derive(Clone, Debug)]
struct Kept {
    place: u32,
    scale: Scale,
    as_of: Date,
    floor: u32,
    traits: Box<[u32]>,
}

/// What is known of a place.
#[derive(Clone, Debug, Default)]
struct Place {
    records: Vec<RecordId>,
    /// For each of its traits, how many of its records have it.
    times: BTreeMap<u32, u32>,
    /// The most places one of its records asks for: the word of a place holds for all it gives.
    floor: u32,
}

/// Contributions and the sets that recur in them.
#[derive(Clone, Debug)]
pub struct Workspace {
    floor: u32,
    /// The most sets that are kept.
    most: usize,
    records: HashMap<RecordId, Kept>,
    traits: Slots<Trait>,
    nodes: Slots<NodeId>,
    places: Vec<Place>,
    base: Base,
    sets: Vec<Found>,
    larger: Vec<Found>,
    /// From how many places on all sets were looked for: more than `floor` when there are too many.
    searched: u32,
}

impl Workspace {
    /// An empty workspace that shows what at least `floor` places share; never below [`FLOOR`].
    #[must_use]
    pub fn new(floor: u32) -> Self {
        Self {
            floor: floor.max(FLOOR),
            most: MAX_SETS,
            records: HashMap::new(),
            traits: Slots::new(),
            nodes: Slots::new(),
            places: Vec::new(),
            base: Base::default(),
            sets: Vec::new(),
            larger: Vec::new(),
            searched: floor.max(FLOOR),
        }
    }

    /// A workspace of all of these, searched once.
    #[must_use]
    pub fn of(floor: u32, contributions: impl IntoIterator<Item = Contribution>) -> Self {
        let mut workspace = Self::new(floor);
        for contribution in contributions {
            workspace.take_out(contribution.record);
            workspace.put_in(&contribution);
        }
        workspace.search_all();
        workspace
    }

    /// Takes a contribution in, instead of an earlier one of the same record.
    pub fn add(&mut self, contribution: Contribution) {
        self.remove(contribution.record);
        let place = self.put_in(&contribution);
        let now = self.base.traits_of(place).to_vec();
        self.search_within(&now);
    }

    /// Takes a record out, and everything that only it said with it (R120). Whether it was there.
    pub fn remove(&mut self, record: RecordId) -> bool {
        let place = self.records.get(&record).map(|kept| kept.place);
        let before = place.map_or_else(Vec::new, |place| self.base.traits_of(place).to_vec());
        let there = self.take_out(record);
        if there {
            self.search_within(&before);
        }
        there
    }

    /// Searches everything at the fewest places at which there are not too many sets: neither names nor what came first
    /// decide what is left out.
    fn search_all(&mut self) {
        let mut search = self.base.search(self.floor, self.most, None);
        let (mut too_few, mut enough) = (self.floor, self.floor);
        while search.more {
            too_few = enough;
            enough = enough.saturating_mul(2);
            search = self.base.search(enough, self.most, None);
        }
        while too_few + 1 < enough {
            let between = too_few.midpoint(enough);
            let closer = self.base.search(between, self.most, None);
            if closer.more {
                too_few = between;
            } else {
                (search, enough) = (closer, between);
            }
        }
        let Search { sets, larger, .. } = search;
        (self.sets, self.larger, self.searched) = (sets, larger, enough);
    }

    /// Searches again what lies within these traits, which a place has or had.
    fn search_within(&mut self, traits: &[u32]) {
        if self.searched > self.floor {
            return self.search_all();
        }
        let larger_before = !self.larger.is_empty();
        self.sets.retain(|set| !within_all(&set.traits, traits));
        self.larger.retain(|set| !within_all(&set.traits, traits));
        let search = self.base.search(self.floor, self.most, Some(traits));
        self.sets.extend(search.sets);
        self.larger.extend(search.larger);
        // Behind a large set others may have been passed by; and after too many, fewer places may be enough now.
        if search.more || self.sets.len() > self.most || (larger_before && self.larger.is_empty()) {
            self.search_all();
        }
    }

    /// Enters a contribution; the number of its place.
    fn put_in(&mut self, given: &Contribution) -> u32 {
        let number = self.nodes.take(&given.place);
        let at = number as usize;
        if self.places.len() <= at {
            self.places.resize_with(at + 1, Place::default);
            self.base.traits_of.resize_with(at + 1, Vec::new);
        }
        let traits: Box<[u32]> = given.traits.iter().map(|t| self.traits.take(t)).collect();
        self.base.places_of.resize_with(self.base.places_of.len().max(self.traits.capacity()), Vec::new);
        if let (Some(place), Some(of_place)) = (self.places.get_mut(at), self.base.traits_of.get_mut(at)) {
            place.records.push(given.record);
            place.floor = place.floor.max(given.floor);
            for t in &traits {
                *place.times.entry(*t).or_insert(0) += 1;
                insert(of_place, *t);
                if let Some(of_trait) = self.base.places_of.get_mut(*t as usize) {
                    insert(of_trait, number);
                }
            }
        }
        self.base.places = self.nodes.len();
        let Contribution { scale, as_of, floor, .. } = given;
        let kept = Kept { place: number, scale: scale.clone(), as_of: *as_of, floor: *floor, traits };
        self.records.insert(given.record, kept);
        number
    }

    /// Takes a record out of all lists; whether it was there.
    fn take_out(&mut self, record: RecordId) -> bool {
        let Some(kept) = self.records.remove(&record) else { return false };
        let at = kept.place as usize;
        let (Some(place), Some(of_place)) = (self.places.get_mut(at), self.base.traits_of.get_mut(at)) else {
            return true;
        };
        place.records.retain(|other| *other != record);
        let floors =
            place.records.iter().filter_map(|other| self.records.get(other)).map(|other| other.floor);
        place.floor = floors.max().unwrap_or(0);
        for t in &kept.traits {
            let times = place.times.entry(*t).or_insert(1);
            *times -= 1;
            if *times > 0 {
                continue;
            }
            place.times.remove(t);
            of_place.retain(|other| other != t);
            if let Some(of_trait) = self.base.places_of.get_mut(*t as usize) {
                of_trait.retain(|other| *other != kept.place);
                if of_trait.is_empty() {
                    self.traits.forget(*t);
                }
            }
        }
        if place.records.is_empty() {
            self.nodes.forget(kept.place);
        }
        self.base.places = self.nodes.len();
        true
    }
}

/// Enters a number into a sorted list that may have it.
fn insert(list: &mut Vec<u32>, number: u32) {
    if let Err(at) = list.binary_search(&number) {
        list.insert(at, number);
    }
}

#[cfg(test)]
impl Workspace {
    /// A workspace of all of these that keeps at most so many sets.
    pub(super) fn of_most(most: usize, floor: u32, all: impl IntoIterator<Item = Contribution>) -> Self {
        let mut workspace = Self { most, ..Self::of(floor, all) };
        workspace.search_all();
        workspace
    }

    /// All sets that recur, by names.
    pub(super) fn by_names(
        &self,
    ) -> BTreeMap<std::collections::BTreeSet<Trait>, std::collections::BTreeSet<NodeId>> {
        let traits =
            |set: &Found| set.traits.iter().map(|t| self.traits.value(*t).unwrap().clone()).collect();
        let places = |set: &Found| set.places.iter().map(|p| *self.nodes.value(*p).unwrap()).collect();
        let sets: BTreeMap<_, _> = self.sets.iter().map(|set| (traits(set), places(set))).collect();
        assert_eq!(sets.len(), self.sets.len(), "no set is kept twice");
        sets
    }
}
