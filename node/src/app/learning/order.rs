//! The order in which documents can be read in: what is referred to before what refers to it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::domain::learning::{Kind, Ref, shape};

/// What a document refers to.
pub(super) fn referred_to(kind: Kind, value: &Value) -> Vec<Ref> {
    shape::traits(kind, value).references.into_iter().map(|reference| reference.to).collect()
}

/// Depth first: each item after those it refers to, as far as there are no rings. The order is otherwise kept.
pub(super) fn in_order<T>(items: Vec<(Option<Ref>, Vec<Ref>, T)>) -> Vec<T> {
    let places: BTreeMap<Ref, usize> =
        items.iter().zip(0..).filter_map(|((own, ..), n)| Some((own.clone()?, n))).collect();
    let references: Vec<Vec<usize>> =
        items.iter().map(|(_, to, _)| to.iter().filter_map(|to| places.get(to).copied()).collect()).collect();
    let mut order = Vec::with_capacity(items.len());
    let mut begun = BTreeSet::new();
    for from in 0..items.len() {
        let mut open = vec![(from, false)];
        while let Some((at, done)) = open.pop() {
            if done {
                order.push(at);
            } else if begun.insert(at) {
                open.push((at, true));
                open.extend(references.get(at).into_iter().flatten().rev().map(|to| (*to, false)));
            }
        }
    }
    let mut items: BTreeMap<usize, T> = (0..).zip(items).map(|(n, (_, _, item))| (n, item)).collect();
    order.into_iter().filter_map(|n| items.remove(&n)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::learning::Id;

    #[test]
    fn what_is_referred_to_comes_first_and_rings_end() {
        let of = |id: &str| Ref { kind: Kind::Session, id: Id::new(id).unwrap() };
        let item =
            |id: &str, to: &[&str]| (Some(of(id)), to.iter().map(|to| of(to)).collect(), id.to_owned());
        let order = in_order(vec![item("c", &["b"]), item("b", &["a", "elsewhere"]), item("a", &[])]);
        assert_eq!(order, ["a", "b", "c"]);
        let ring = in_order(vec![item("a", &["b"]), item("b", &["a"]), item("x", &["x"])]);
        assert_eq!(ring, ["b", "a", "x"]);
        let chain: Vec<_> = (0..5000).map(|n| item(&format!("n{n}"), &[&format!("n{}", n + 1)])).collect();
        assert_eq!(in_order(chain).first().map(String::as_str), Some("n4999"));
    }
}
