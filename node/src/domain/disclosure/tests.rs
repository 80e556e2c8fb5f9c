//! Stories and properties of pre-flight.

use proptest::{collection::vec, prelude::*, sample::select};

use super::*;

fn classes(text: &str) -> Vec<(Class, String)> {
    let found = personal_data(&[Passage { part: "noticed", text }]);
    found.into_iter().map(|f| (f.class, f.text)).collect()
}

#[test]
fn classes_read_as_they_are_written() {
    for class in Class::ALL {
        assert_eq!(Class::from_word(class.word()), Some(class));
        assert!(!class.words().is_empty());
    }
    assert!(Weight::Warns < Weight::Blocks);
    assert_eq!(Class::NhsNumber.floor(), Weight::Blocks);
    assert_eq!(Class::SmallCount.floor(), Weight::Warns);
    assert_eq!(Class::from_word("shoe-size"), None);
}

#[test]
fn findings_say_where_they_stand_and_do_not_overlap() {
    let text = "Äiti asked Mrs Seacole, seacole@example.org.";
    let found = personal_data(&[Passage { part: "figures[0].context", text }]);
    assert_eq!(found.len(), 2);
    for one in &found {
        assert_eq!(one.part, "figures[0].context");
        assert_eq!(text.get(one.at.clone()), Some(one.text.as_str()));
    }
    assert_eq!(classes("Her NHS number is 999 000 0123, +44 7700 900123 is her phone.").len(), 2);
}

#[test]
fn check_digits_agree_with_published_examples() {
    // NHS Data Dictionary; Irish Revenue; Finnish Digital and Population Data Services Agency; ISO 13616; GS1.
    assert!(identifier::eleven("9434765919"));
    assert!(identifier::ppsn_number("1234567T") && identifier::ppsn_number("1234567FA"));
    assert!(identifier::finnish_number("131052-308T"));
    assert!(identifier::ninety_seven("GB82WEST12345698765432"));
    assert!(identifier::gs1("4006381333931"));
    for sign in "+-YXWVUABCDEF".chars() {
        assert!(identifier::finnish_number(&format!("131052{sign}308T")), "{sign}");
    }
    assert!(!identifier::finnish_number("131352-308T"));
}

#[test]
fn one_changed_digit_fails_the_check() {
    type Check = fn(&str) -> bool;
    let checks: [(&str, Check); 5] = [
        ("9434765919", identifier::eleven),
        ("1234567T", identifier::ppsn_number),
        ("131052-308T", identifier::finnish_number),
        ("GB82WEST12345698765432", identifier::ninety_seven),
        ("539123456789012348", identifier::gs1),
    ];
    for (number, check) in checks {
        assert!(check(number), "{number}");
        for (at, old) in number.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
            for digit in ('0'..='9').filter(|d| *d != old) {
                let mut changed = number.to_owned();
                changed.replace_range(at..=at, &digit.to_string());
                assert!(!check(&changed), "{number} and {changed}");
            }
        }
    }
}

/// Work is bounded by the length, not by its square: with a square this would not end.
#[test]
fn a_long_hostile_text_is_read_to_its_end() {
    for unit in [
        "1",
        "1 ",
        "A ",
        "Anna ",
        "@",
        "a@",
        "0-",
        "Anna and ",
        "Anna Anna, ",
        "12 Mill ",
        "one of ",
        "GB",
        "'A",
        "e\u{301}",
    ] {
        let text = unit.repeat(256 * 1024 / unit.len());
        let passages = [Passage { part: "noticed", text: &text }];
        let found = personal_data(&passages).len() + small_counts(&passages, &Rules::default()).len();
        assert!(found <= text.len());
    }
}

#[test]
fn small_numbers_in_prose_are_of_people_served() {
    let found = |text: &str| {
        let found = small_counts(&[Passage { part: "noticed", text }], &Rules::default());
        found.into_iter().map(|f| f.text).collect::<Vec<_>>()
    };
    assert_eq!(
        found("Three families refused; 2 of the mothers came back."),
        ["Three families", "2 of the mothers"]
    );
    assert_eq!(found("Of 23 families, 4 of 23 families stayed."), ["4 of 23 families"]);
    assert!(found("Two workers, three organisations, one contract, one of them.").is_empty());
    assert!(
        found("Eight families; 400 people; £5; 3.4 people; 5% of people; two-parent families.").is_empty()
    );
}

#[derive(Clone, Debug)]
enum Bit {
    Words(&'static str),
    Any(String),
}

fn hostile() -> impl Strategy<Value = String> {
    let words = select(vec![
        "999 000 0123",
        "Mrs ",
        "Anna",
        " and ",
        "é",
        "@",
        "example.org",
        "+44",
        "0",
        "12 ",
        "Mill Lane",
        "🪨",
        "Flat ",
        "’",
        "'A",
        "\u{301}",
        "GB29",
        "born ",
        "12/05/1920",
        "three ",
        "families",
        " of ",
        "131052-308T",
        "AB12 CDE",
        "\u{a0}",
        "%",
        "half (",
        "ß",
        "İ",
    ]);
    let bit = prop_oneof![words.prop_map(Bit::Words), any::<String>().prop_map(Bit::Any)];
    vec(bit, 0..12).prop_map(|bits| {
        bits.iter()
            .map(|bit| match bit {
                Bit::Words(words) => (*words).to_owned(),
                Bit::Any(any) => any.clone(),
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn any_text_is_read_and_ranges_hold(text in hostile()) {
        let passages = [Passage { part: "noticed", text: &text }];
        let mut end = 0;
        for found in personal_data(&passages) {
            prop_assert!(text.get(found.at.clone()).is_some_and(|t| t.starts_with(&found.text)));
            prop_assert!(found.at.start >= end && found.text.len() <= FOUND_BYTES);
            end = found.at.end;
        }
        for found in small_counts(&passages, &Rules::default()) {
            prop_assert!(text.get(found.at).is_some());
        }
    }
}
