//! Sets of traits that recur together, each with its places: closed sets, found depth first (after LCM, Uno 2004).
//!
//! A set is closed when no larger set has the same places. Each closed set is reached from one other only, so that none
//! has to be remembered while searching. A search stops when there are too many.

use super::MAX_TRAITS;

/// A set of traits that has no superset with the same places. Both lists are sorted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Found {
    /// Its traits, at least two.
    pub(super) traits: Vec<u32>,
    /// The places that have all of them.
    pub(super) places: Vec<u32>,
}

/// Which place has which trait, both ways. Lists are sorted; a number that is not in use has an empty one.
#[derive(Clone, Debug, Default)]
pub(super) struct Base {
    /// For each place its traits.
    pub(super) traits_of: Vec<Vec<u32>>,
    /// For each trait its places.
    pub(super) places_of: Vec<Vec<u32>>,
    /// How many places there are.
    pub(super) places: u32,
}

/// What a search found.
#[derive(Debug, Default)]
pub(super) struct Search {
    /// Closed sets of two to [`MAX_TRAITS`] traits, at most as many as were asked for.
    pub(super) sets: Vec<Found>,
    /// Larger ones at which the search turned back.
    pub(super) larger: Vec<Found>,
    /// There are more: those found are some of them.
    pub(super) more: bool,
}

impl Base {
    /// Closed sets at `floor` or more places, at most `most`. With `within` (sorted) only those that lie wholly within it.
    pub(super) fn search(&self, floor: u32, most: usize, within: Option<&[u32]>) -> Search {
        let mut search =
            Searching { base: self, floor: floor as usize, most, within, search: Search::default() };
        let all: Vec<u32> = match within {
            Some(within) => within.to_vec(),
            None => (0..).take(self.places_of.len()).collect(),
        };
        let all_have = |t: &&u32| self.places > 0 && self.places_of(**t).len() == self.places as usize;
        let root: Vec<u32> = (0..).take(self.places_of.len()).filter(|t| all_have(&t)).collect();
        let places = (0..).zip(&self.traits_of).filter(|(_, traits)| !traits.is_empty());
        let everywhere = Found { traits: root.clone(), places: places.map(|(place, _)| place).collect() };
        if root.len() > 1 && everywhere.places.len() >= search.floor && search.inside(&root) {
            if root.len() > MAX_TRAITS {
                search.search.larger.push(everywhere);
                return search.search;
            }
            search.keep(everywhere);
        }
        for number in all.into_iter().filter(|t| root.binary_search(t).is_err()) {
            search.extend(&root, number, self.places_of(number).to_vec());
        }
        search.search
    }

    pub(super) fn places_of(&self, number: u32) -> &[u32] {
        self.places_of.get(number as usize).map_or(&[], Vec::as_slice)
    }

    pub(super) fn traits_of(&self, place: u32) -> &[u32] {
        self.traits_of.get(place as usize).map_or(&[], Vec::as_slice)
    }

    /// The places that have all of `traits`.
    pub(super) fn places_with(&self, traits: impl Iterator<Item = u32>) -> Vec<u32> {
        let mut lists: Vec<_> = traits.map(|t| self.places_of(t)).collect();
        lists.sort_by_key(|list| list.len());
        let Some((least, others)) = lists.split_first() else { return Vec::new() };
        others.iter().fold(least.to_vec(), |common, list| both(&common, list))
    }
}

struct Searching<'a> {
    base: &'a Base,
    floor: usize,
    most: usize,
    within: Option<&'a [u32]>,
    search: Search,
}

impl Searching<'_> {
    fn inside(&self, traits: &[u32]) -> bool {
        self.within.is_none_or(|within| within_all(traits, within))
    }

    /// Keeps a set; false when there are too many.
    fn keep(&mut self, found: Found) -> bool {
        self.search.more |= self.search.sets.len() == self.most;
        if !self.search.more {
            self.search.sets.push(found);
        }
        !self.search.more
    }

    /// The closed set that `number` makes of the closed set `from`, and all that are reached from it.
    fn extend(&mut self, from: &[u32], number: u32, places: Vec<u32>) {
        if self.search.more || places.len() < self.floor {
            return;
        }
        let traits = self.closure(&places, from.len() + 1);
        // Reached from another set if it has a trait before `number` that `from` lacks.
        let before = |t: &&u32| **t < number && from.binary_search(t).is_err();
        if traits.iter().any(|t| before(&t)) || !self.inside(&traits) {
            return;
        }
        let found = Found { traits, places };
        if found.traits.len() > MAX_TRAITS {
            self.search.larger.push(found);
            return;
        }
        if found.traits.len() > 1 && !self.keep(found.clone()) {
            return;
        }
        for (next, places) in self.next(&found, number) {
            self.extend(&found.traits, next, places);
        }
    }

    /// The traits that all of `places` have; at least `known` many are known to be.
    fn closure(&self, places: &[u32], known: usize) -> Vec<u32> {
        let mut lists = places.iter().map(|place| self.base.traits_of(*place));
        let mut common = lists.next().map_or_else(Vec::new, <[u32]>::to_vec);
        for list in lists {
            if common.len() <= known {
                break;
            }
            common.retain(|t| list.binary_search(t).is_ok());
        }
        common
    }

    /// Traits after `number` that enough of the places of a set have, with these places.
    fn next(&self, set: &Found, number: u32) -> Vec<(u32, Vec<u32>)> {
        let mut pairs = Vec::new();
        for place in &set.places {
            let traits = self.base.traits_of(*place);
            let after = traits.iter().skip(traits.partition_point(|t| *t <= number));
            let open = after.filter(|t| set.traits.binary_search(t).is_err());
            let open = open.filter(|t| self.within.is_none_or(|within| within.binary_search(t).is_ok()));
            pairs.extend(open.map(|t| (*t, *place)));
        }
        pairs.sort_unstable();
        let groups = pairs.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() >= self.floor);
        groups
            .filter_map(|group| Some((group.first()?.0, group.iter().map(|(_, place)| *place).collect())))
            .collect()
    }
}

/// Whether all of `some` are among `all`, which is sorted.
pub(super) fn within_all(some: &[u32], all: &[u32]) -> bool {
    some.iter().all(|one| all.binary_search(one).is_ok())
}

/// What two sorted lists have in common; the first is the shorter one.
fn both(short: &[u32], long: &[u32]) -> Vec<u32> {
    let mut rest = long;
    let mut common = Vec::new();
    for one in short {
        rest = rest.split_at(rest.partition_point(|other| other < one)).1;
        if rest.first() == Some(one) {
            common.push(*one);
        }
    }
    common
}
