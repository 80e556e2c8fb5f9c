//! Small numbers for values while something refers to them. What nothing refers to any more is forgotten.

use std::collections::HashMap;
use std::hash::Hash;

/// Numbers for values, from 0, each used again after its value was forgotten.
#[derive(Clone, Debug)]
pub(super) struct Slots<T> {
    numbers: HashMap<T, u32>,
    values: Vec<Option<T>>,
    free: Vec<u32>,
}

impl<T: Clone + Eq + Hash> Slots<T> {
    pub(super) fn new() -> Self {
        Self { numbers: HashMap::new(), values: Vec::new(), free: Vec::new() }
    }

    /// The number of `value`, a new one if it has none.
    pub(super) fn take(&mut self, value: &T) -> u32 {
        if let Some(number) = self.numbers.get(value) {
            return *number;
        }
        let number = self.free.pop().unwrap_or(self.values.len() as u32);
        match self.values.get_mut(number as usize) {
            Some(slot) => *slot = Some(value.clone()),
            None => self.values.push(Some(value.clone())),
        }
        self.numbers.insert(value.clone(), number);
        number
    }

    pub(super) fn forget(&mut self, number: u32) {
        if let Some(value) = self.values.get_mut(number as usize).and_then(Option::take) {
            self.numbers.remove(&value);
            self.free.push(number);
        }
    }

    pub(super) fn number(&self, value: &T) -> Option<u32> {
        self.numbers.get(value).copied()
    }

    pub(super) fn value(&self, number: u32) -> Option<&T> {
        self.values.get(number as usize)?.as_ref()
    }

    /// One more than the largest number so far.
    pub(super) fn capacity(&self) -> usize {
        self.values.len()
    }

    /// How many values have a number.
    pub(super) fn len(&self) -> u32 {
        self.numbers.len() as u32
    }
}
