//! Maps of every sort, for tests.

use std::collections::BTreeSet;

use proptest::{collection::vec, option, prelude::*, sample::Index};

use crate::domain::{
    learning::{
        Id, To,
        map::{Effect, Factor, Link, Map},
    },
    place::LocalScale,
    text::{Line, Prose},
};

/// Text as people write it, with quotes, right-to-left letters, combining marks, emoji, and what looks like markup.
fn line() -> impl Strategy<Value = Line> {
    r#"[a-zA-Z0-9"'\\/{}\[\]:,+ \-=<&\u{5d0}-\u{5ea}\u{627}-\u{64a}\u{300}-\u{30a}\u{200f}\u{1f33f}]{1,40}"#
        .prop_filter_map("says nothing", |text| Line::new("line", &text).ok())
}

fn prose() -> impl Strategy<Value = Prose> {
    vec(line(), 1..4).prop_filter_map("says nothing", |lines| {
        let lines: Vec<_> = lines.iter().map(Line::as_str).collect();
        Prose::new("prose", &lines.join("\n\n\t")).ok()
    })
}

fn scale() -> impl Strategy<Value = LocalScale> {
    let words = ["life", "organisation", "place", "country"].map(|word| Line::new("scale", word).unwrap());
    prop_oneof![proptest::sample::select(words.to_vec()), line()]
        .prop_filter_map("no scale", |words| LocalScale::from_words(words.as_str()).ok())
}

fn factor() -> impl Strategy<Value = Factor> {
    (line(), option::of(prose()), option::of(scale()), vec(line(), 0..3))
        .prop_map(|(name, about, scale, actors)| Factor { name, about, scale, actors })
}

prop_compose! {
    pub(super) fn map()(
        factors in vec(factor(), 1..8),
        // A map may have names that differ only in capitals.
        shout in any::<bool>(),
        ends in vec(((any::<Index>(), any::<Index>(), any::<bool>()), option::of(line()), option::of(scale()), option::of(prose()), option::of(line())), 0..12),
    ) -> Map {
        let mut factors = factors;
        if let Some(loud) = factors.first().filter(|_| shout).map(|first| first.name.as_str().to_uppercase())
            && let Ok(name) = Line::new("name", &loud)
        {
            factors.push(Factor { name, about: None, scale: None, actors: Vec::new() });
        }
        let mut names = BTreeSet::new();
        factors.retain(|factor| names.insert(factor.name.clone()));
        let links = ends.into_iter().map(|((from, to, more), how_sure, scale, why, delay)| Link {
            from: from.get(&factors).name.clone(),
            to: to.get(&factors).name.clone(),
            effect: if more { Effect::More } else { Effect::Less },
            how_sure, scale, why, delay,
        }).collect();
        Map {
            id: None,
            title: Line::new("title", "T").unwrap(),
            system: To::new(Id::new("s").unwrap()),
            seen_by: Line::new("seen_by", "us").unwrap(),
            on: None, in_words: None, factors, links, doubts: None, sensitive: None,
        }
    }
}
