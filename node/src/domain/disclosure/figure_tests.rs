//! Stories and properties of figures: hiding, rounding, tables, differences.

use proptest::{collection::vec, prelude::*};

use super::*;
use crate::domain::{
    experiment::Figure,
    text::{Line, Prose},
};

fn figure(question: &str, value: &str) -> Figure {
    let prose = |text: &str| Prose::new("t", text).unwrap();
    Figure {
        value: Line::new("value", value).unwrap(),
        question: prose(question),
        context: prose("One town."),
        interpretation: prose("We do not know yet."),
        caveat: prose("Small."),
    }
}

fn values(protected: &Protected) -> Vec<&str> {
    protected.figures.iter().map(|f| f.value.as_str()).collect()
}

fn alone(value: &str) -> String {
    let protected = protect(&[figure("What changed?", value)], &Rules::default());
    protected.figures.first().unwrap().value.as_str().to_owned()
}

fn ons() -> Rules {
    Rules::new(RuleSet::Ons10).unwrap()
}

#[test]
fn counts_of_people_are_hidden_or_rounded_and_nothing_else_is() {
    assert_eq!(alone("5 families"), "fewer than 8 families (hidden to protect people)");
    assert_eq!(alone("three young mothers"), "fewer than 8 young mothers (hidden to protect people)");
    assert_eq!(alone("23 families"), "25 families (rounded to 5)");
    assert_eq!(alone("8 families"), "10 families (rounded to 5)");
    assert_eq!(alone("1,203 people"), "1205 people (rounded to 5)");
    assert_eq!(
        alone("4 of 23 families"),
        "fewer than 8 of 25 families (hidden to protect people; rounded to 5)"
    );
    assert_eq!(alone("neljä perhettä"), "fewer than 8 perhettä (hidden to protect people)");
    for kept in [
        "£180 a week",
        "3 weeks",
        "2019",
        "about 400 people",
        "half",
        "6 workers",
        "2.5 km",
        "0 families",
        "40%",
    ] {
        assert_eq!(alone(kept), kept);
    }
    let bare = protect(&[figure("How many families stayed?", "4")], &Rules::default());
    assert_eq!(values(&bare), ["fewer than 8 (hidden to protect people)"]);
}

#[test]
fn averages_and_percentages_need_enough_people() {
    assert_eq!(alone("40% of 6 people"), "not shown: fewer than 8 people");
    assert_eq!(alone("3.4 visits on average (n = 5 families)"), "not shown: fewer than 8 people");
    // 17 of 100 of 23 are four.
    assert!(alone("17% of 23 families").starts_with("not shown, so that"));
    assert!(alone("90% of 30 families").starts_with("not shown, so that"));
    let unknown = protect(&[figure("How many families moved?", "40%")], &Rules::default());
    assert_eq!(values(&unknown), ["40%"]);
    assert_eq!(
        unknown.look.first().map(|f| (f.class, f.part.as_str())),
        Some((Class::Average, "figures[0].value"))
    );
}

#[test]
fn a_total_does_not_give_a_hidden_number_away() {
    let question = "How did families fare?";
    let figures = [
        figure(question, "4 families moved"),
        figure(question, "19 families stayed"),
        figure(question, "30 families left"),
        figure(question, "53 families in total"),
    ];
    let protected = protect(&figures, &ons());
    assert_eq!(
        values(&protected),
        [
            "fewer than 10 families moved (hidden to protect people)",
            "a number of families stayed (hidden so that a small number cannot be worked out)",
            "30 families left",
            "53 families in total",
        ]
    );
    let why: Vec<_> = protected.changes.iter().map(|c| c.why).collect();
    assert_eq!(why, [Why::Small, Why::SoNothingCanBeDerived]);
    // Different totals under one question, and answers that overlap, each leave a remainder of their own.
    let other = [figure("Who agreed?", "22 of 23 people"), figure("Who agreed?", "12 of 31 people")];
    assert!(values(&protect(&other, &ons())).first().unwrap().starts_with("a number of 23"));
    let overlap =
        [figure("Who agreed?", "20 of 23 people came"), figure("Who agreed?", "22 of 23 people liked it")];
    assert!(values(&protect(&overlap, &ons())).iter().all(|value| value.starts_with("a number of 23")));
    // The remainder that nobody wrote down is small.
    let rest = protect(&[figure("Who agreed?", "23 of 25 people")], &ons());
    assert!(values(&rest).first().unwrap().starts_with("a number of 25 people (hidden so that"), "{rest:?}");
}

#[test]
fn zero_follows_its_rule_and_doing_it_twice_changes_nothing() {
    let zero = protect(&[figure("Who left?", "0 families")], &ons());
    assert_eq!(values(&zero), ["fewer than 10 families (hidden to protect people)"]);
    assert_eq!(zero.changes.first().map(|c| c.why), Some(Why::Zero));
    for rules in [Rules::default(), ons()] {
        for value in ["4 of 23 families", "12 families", "40% of 6 people", "0 families", "23 of 25 people"] {
            let once = protect(&[figure("Who left?", value)], &rules).figures;
            assert_eq!(protect(&once, &rules).figures, once, "{value}");
        }
    }
}

#[test]
fn rules_are_checked() {
    let site = |hide_to, round_to, averages_from, decision: Option<&str>| {
        let decision = decision.map(str::to_owned);
        Rules::new(RuleSet::Site { hide_to, round_to, averages_from, zero: Zero::Shown, decision })
    };
    assert_eq!(site(2, 5, 8, Some("we decided")), Err(InvalidRules::Floor(2)));
    assert_eq!(site(5, 5, 8, None), Err(InvalidRules::Undecided("hide_to")));
    assert_eq!(site(5, 5, 8, Some(" ")), Err(InvalidRules::Undecided("hide_to")));
    assert_eq!(site(7, 1, 8, None), Err(InvalidRules::Undecided("round_to")));
    assert_eq!(site(7, 5, 3, None), Err(InvalidRules::Undecided("averages_from")));
    assert!(matches!(site(7, 0, 8, None), Err(InvalidRules::Range { field: "round_to", .. })));
    assert!(site(12, 10, 12, None).is_ok());
    assert_eq!(site(3, 5, 8, Some("board, 2 May 2026: few families")).unwrap().hide_to(), 3);
    let words = "Counts of people below 8 are hidden, zero is shown, other counts are rounded to 5, and averages and \
                 percentages are shown only for 8 people or more.";
    assert_eq!(Rules::default().words(), words);
}

#[test]
fn few_who_came_or_went_do_not_show() {
    let compare = |then: &str, now: &str, rules: &Rules| {
        let (then, now) = ([figure("How many stay?", then)], [figure("how many  stay", now)]);
        let earlier = [Earlier { record: "R1".to_owned(), figures: &then }];
        differences(&now, &earlier, rules).first().map(|d| d.what)
    };
    assert_eq!(compare("20 families", "23 families", &ons()), Some(Differs::ByFew(3)));
    assert_eq!(compare("23 families", "20 families", &ons()), Some(Differs::ByFew(3)));
    assert_eq!(compare("20 families", "29 families", &ons()), Some(Differs::ByFew(9)));
    assert_eq!(compare("20 families", "30 families", &ons()), None);
    assert_eq!(compare("20 families", "20 families", &ons()), None);
    assert_eq!(compare("20 families", "40 families", &ons()), None);
    assert_eq!(compare("20 families", "23 people", &ons()), None);
    let rules = Rules::default();
    assert_eq!(compare("20 families (rounded to 5)", "25 families (rounded to 5)", &rules), None);
    let hidden = "fewer than 8 families (hidden to protect people)";
    assert_eq!(compare("5 families", hidden, &rules), Some(Differs::HiddenNow));
    assert_eq!(compare(hidden, "12 families", &rules), Some(Differs::HiddenBefore));
    assert_eq!(compare(hidden, hidden, &rules), None);
}

/// What a reader may think of a value, from its words alone.
fn thought(value: &str, rules: &Rules, most: u64) -> Vec<u64> {
    let small = u64::from(rules.hide_to);
    let least = u64::from(rules.zero == Zero::Shown);
    if value.starts_with("fewer than") {
        return (least..=small).collect();
    }
    if value.starts_with("a number") {
        return (small + 1..=most).collect();
    }
    let shown: u64 = value.split(' ').next().unwrap().parse().unwrap();
    // Every count that would have been shown so.
    (0..=most).filter(|c| !rules.hides(*c) && rules.rounded(*c) == shown).collect()
}

/// The values that the hidden cell `of` may have, given all that is shown: tried one by one.
fn possible(shown: &[Vec<u64>], total: &[u64], of: usize) -> usize {
    let mut sums = std::collections::BTreeSet::from([0_u64]);
    for values in shown.iter().enumerate().filter(|(n, _)| *n != of).map(|(_, values)| values) {
        sums = sums.iter().flat_map(|sum| values.iter().map(move |value| sum + value)).collect();
    }
    let fits = |value: &&u64| sums.iter().any(|sum| total.contains(&(sum + **value)));
    shown.get(of).unwrap().iter().filter(fits).count()
}

fn rule_sets() -> impl Strategy<Value = Rules> {
    let site = |(hide_to, round_to, shown): (u32, u32, bool)| {
        let zero = if shown { Zero::Shown } else { Zero::LikeSmall };
        let decision = Some("for this test".to_owned());
        Rules::new(RuleSet::Site { hide_to, round_to, averages_from: 8, zero, decision }).unwrap()
    };
    prop_oneof![Just(Rules::default()), Just(ons()), (3..12_u32, 1..11_u32, any::<bool>()).prop_map(site)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_hidden_number_can_be_worked_out(
        counts in vec(prop_oneof![0..12_u64, 0..40_u64], 2..5),
        rules in rule_sets(),
    ) {
        let sum: u64 = counts.iter().sum();
        let question = "How did families fare?";
        let mut figures: Vec<_> = counts.iter().enumerate().map(|(n, c)| figure(question, &format!("{c} families in part {n}"))).collect();
        figures.push(figure(question, &format!("{sum} families in total")));
        let protected = protect(&figures, &rules);
        let most = sum + 30;
        let thoughts: Vec<_> = values(&protected).iter().map(|v| thought(v, &rules, most)).collect();
        let (total, parts) = thoughts.split_last().unwrap();
        for (n, count) in counts.iter().enumerate() {
            let value = protected.figures.get(n).unwrap().value.as_str();
            prop_assert_eq!(value.starts_with("fewer than"), rules.hides(*count), "{}", value);
            prop_assert!(parts.get(n).unwrap().contains(count), "{} hides the truth {}", value, count);
            if rules.hides(*count) {
                let left = possible(parts, total, n);
                prop_assert!(left >= 2, "{:?} gives away {}", values(&protected), count);
            }
        }
    }

    #[test]
    fn any_value_is_read(value in "\\PC{1,60}", number in any::<u64>(), rules in rule_sets()) {
        for value in [value, format!("{number} families"), format!("{number} of {number} people, {number}%")] {
            if Line::new("value", &value).is_ok() {
                let figures = [figure("How many people?", &value), figure("How many people?", "4 of 23 families")];
                let protected = protect(&figures, &rules);
                let earlier = [Earlier { record: "R".to_owned(), figures: &figures }];
                let _ = differences(&protected.figures, &earlier, &rules);
                prop_assert_eq!(protected.figures.len(), 2);
            }
        }
    }
}
