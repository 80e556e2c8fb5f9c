//! Random choices against what they must let through.

use proptest::prelude::*;

use super::*;
use crate::domain::{
    experiment::{Declaration, Force, State},
    place::Scale,
};

/// Few words, so that entries and labels meet often.
fn label() -> impl Strategy<Value = String> {
    prop::collection::vec(prop::sample::select(vec!["care", "Caretaker", "home", "Énd", "of", "life"]), 1..4)
        .prop_map(|words| words.join(" "))
}

fn lines() -> impl Strategy<Value = Vec<Line>> {
    prop::collection::vec(label().prop_map(|text| Line::new("t", &text).unwrap()), 0..3)
}

fn labels() -> impl Strategy<Value = Labels> {
    (lines(), lines(), lines(), lines()).prop_map(|(kinds, themes, scales, factors)| Labels {
        kinds,
        themes,
        scales,
        factors,
    })
}

prop_compose! {
    fn summary()(
        kind in label(), scale in label(), themes in lines(), practice_areas in lines(), wind in label(), head in any::<bool>(),
    ) -> Summary {
        let force = Force { what: Prose::new("what", &wind).unwrap(), scale: Scale::Place };
        let (headwinds, tailwinds) = if head { (vec![force], vec![]) } else { (vec![], vec![force]) };
        Summary {
            title: Line::new("title", "t").unwrap(),
            whose: None,
            kind: Line::new("kind", &kind).unwrap(),
            state: State::Running,
            scale: Scale::Own(Line::new("scale", &scale).unwrap()),
            themes,
            practice_areas,
            questions: vec![],
            tried: None,
            why: None,
            context: None,
            unknowns: None,
            noticed: None,
            figures: vec![],
            surprised: None,
            went_wrong: None,
            learnt: None,
            how_sure: None,
            headwinds,
            tailwinds,
            principle: None,
            may_not_travel: None,
            compromises: None,
            voices_in: vec![],
            voices_missing: vec![],
            declaration: Declaration::InRetrospect,
            began: None,
            ended: None,
            as_of: None,
            sources: vec![],
        }
    }
}

proptest! {
    #[test]
    fn what_is_within_lets_nothing_new_through(now in labels(), before in labels(), summary in summary()) {
        if now.within(&before) && now.fit(&summary) {
            prop_assert!(before.fit(&summary));
        }
        prop_assert!(now.within(&now) && now.within(&Labels::default()));
    }

    #[test]
    fn every_list_must_fit_and_one_entry_of_it_is_enough(labels in labels(), summary in summary()) {
        let of = |list: &Vec<Line>, found: Vec<&str>| {
            list.is_empty() || list.iter().any(|entry| found.iter().any(|label| fits(entry.as_str(), label)))
        };
        let scale = summary.scale.to_string();
        let winds = summary.headwinds.iter().chain(&summary.tailwinds).map(|force| force.what.as_str());
        let factors = summary.practice_areas.iter().map(Line::as_str).chain(winds).collect();
        let all = of(&labels.kinds, vec![summary.kind.as_str()])
            && of(&labels.themes, summary.themes.iter().map(Line::as_str).collect())
            && of(&labels.scales, vec![&scale])
            && of(&labels.factors, factors);
        prop_assert_eq!(labels.fit(&summary), all);
    }

    #[test]
    fn a_label_fits_itself_and_its_parts_in_any_case(before in label(), entry in label(), after in label()) {
        let label = format!("{before}, {entry} - {after}");
        prop_assert!(fits(&entry, &entry) && fits(&entry.to_uppercase(), &label));
        prop_assert!(!fits(&format!("{entry}s"), &entry), "whole words only");
    }

    #[test]
    fn whatever_becomes_wanted_is_asked_for_again(
        (now, before) in (labels(), labels()), (a, b) in (0_u64..6, 0_u64..6), index in 0_u64..6, summary in summary(),
    ) {
        let with = |labels: Labels, from| Subscription { labels, from: Some(from), ..Subscription::default() };
        let (now, before) = (with(now, a), with(before, b));
        let wanted = now.filter().lets(index, &summary) && !before.filter().lets(index, &summary);
        if wanted {
            prop_assert!(now.asks_again_from(&before).is_some_and(|from| from <= index));
        }
    }
}

#[test]
fn words_are_whole_and_in_order() {
    assert!(fits("end of life", "End-of-life care"));
    assert!(fits("cafe", "Café and library"));
    assert!(!fits("care", "caretakers") && !fits("life end", "end of life") && !fits("--", "--"));
}

#[test]
fn a_depth_is_read_as_it_is_written() {
    for depth in [Depth::All, Depth::Newest(0), Depth::Newest(12)] {
        assert_eq!(Depth::read(&depth.to_string()), Ok(depth));
    }
    assert!(Depth::read("-1").is_err() && Depth::read("").is_err());
    assert_eq!((Depth::Newest(3).begin(10), Depth::Newest(30).begin(10), Depth::All.begin(10)), (7, 0, 0));
}
