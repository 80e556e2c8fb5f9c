//! Tests of maps from and to Kumu.

mod any;

use proptest::prelude::*;

use super::*;
use crate::{
    domain::{
        learning::{Id, To},
        text::Line,
    },
    files::{BUNDLE_BYTES, InvalidFile},
};

fn drawn(text: &str) -> Drawn {
    read(text.as_bytes()).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refused(text: &str) -> String {
    read(text.as_bytes()).map(|drawn| panic!("{text}: {drawn:?}")).unwrap_err().to_string()
}

fn links(drawn: &Drawn) -> Vec<String> {
    drawn.links.iter().map(|link| format!("{} {:?} {}", link.from, link.effect, link.to)).collect()
}

fn with_connection(connection: &str) -> String {
    format!(r#"{{ "elements": [{{ "label": "A" }}, {{ "label": "B" }}], "connections": [{connection}] }}"#)
}

proptest! {
    #[test]
    fn a_map_that_goes_to_kumu_comes_back_the_same(map in any::map()) {
        let bytes = write(&map);
        let drawn = read(&bytes).map_err(|error| TestCaseError::fail(format!("{error}\n{}", String::from_utf8_lossy(&bytes))))?;
        prop_assert_eq!(drawn.factors, map.factors);
        prop_assert_eq!(drawn.links, map.links);
        prop_assert!(drawn.remarks.is_empty(), "{:?}", drawn.remarks);
    }

    #[test]
    fn nothing_in_a_file_makes_reading_panic(text in r#"(\{"elements":\[)?[\[\]{}":,a-z_+0-9\\\u{202e} ]{0,80}"#) {
        let _ = read(text.as_bytes());
    }

    #[test]
    fn no_value_anywhere_makes_reading_panic(
        value in proptest::sample::select(vec!["null", "1.5e300", "true", "[]", "[[[1]]]", "{}", "\"\"", "\"\\u0000\"", "{\"a\":{}}"]),
        key in proptest::sample::select(vec!["label", "id", "_id", "attributes", "from", "to", "direction", "type", "delayed", "Actors", "scale", "tags"]),
    ) {
        let _ = read(format!(r#"{{"elements":[{{"label":"A","{key}":{value}}}],"connections":[{{"from":"A","to":"A","{key}":{value}}}]}}"#).as_bytes());
    }
}

#[test]
fn a_blueprint_is_what_kumu_describes() {
    let drawn = drawn(
        r#"{ "elements": [{ "label": "Trust", "description": "Believing\r\neach other" }, { "label": "Fear", "Actors": "staff" }],
        "connections": [{ "from": "Fear", "to": "Trust", "direction": "directed", "type": "-", "label": "it eats it", "How Sure": "fairly" }] }"#,
    );
    let bytes = write(&Map {
        id: None,
        title: Line::new("t", "T").unwrap(),
        system: To::new(Id::new("s").unwrap()),
        seen_by: Line::new("t", "us").unwrap(),
        on: None,
        in_words: None,
        factors: drawn.factors,
        links: drawn.links,
        doubts: None,
        sensitive: None,
    });
    let value: Value = serde_json::from_slice(&bytes).unwrap();
    let expected = json!({
        "elements": [
            { "label": "Trust", "type": "factor", "description": "Believing\neach other" },
            { "label": "Fear", "type": "factor", "Actors": ["staff"] },
        ],
        "connections": [{ "from": "Fear", "to": "Trust", "direction": "directed", "type": "-", "label": "less",
            "description": "it eats it", "How sure": "fairly" }],
    });
    assert_eq!(value, expected);
}

/// The form of an export of a whole project.
const PROJECT: &str = r#"{
  "name": "Our town", "maps": [{ "_id": "map-1" }, { "_id": "map-2" }], "loops": [{ "_id": "loop-1" }],
  "elements": [
    { "_id": "elem-1", "attributes": { "label": "Trust\nin services", "element type": "Variable", "tags": ["x"] } },
    { "_id": "elem-2", "attributes": { "label": "Fear", "description": "Of being judged", "image": null } },
    { "_id": "elem-3", "attributes": { "label": "Fear" } }
  ],
  "connections": [
    { "_id": "conn-1", "from": "elem-2", "to": "elem-1", "direction": "directed", "delayed": true, "reversed": false,
      "attributes": { "connection type": "-" } },
    { "_id": "conn-2", "from": "elem-1", "to": "elem-3", "direction": "mutual", "delayed": false,
      "attributes": { "connection type": "opposite", "description": "They say so" } },
    { "_id": "conn-3", "from": "elem-3", "to": "elem-2", "direction": "undirected", "attributes": {} },
    { "_id": "conn-4", "from": "elem-1", "to": "elem-2", "direction": "directed", "reversed": true,
      "attributes": { "connection type": "likes" } }
  ]
}"#;

#[test]
fn the_export_of_a_project_is_read_and_what_was_assumed_is_told() {
    let drawn = drawn(PROJECT);
    let names: Vec<_> = drawn.factors.iter().map(|factor| factor.name.as_str()).collect();
    assert_eq!(names, ["Trust in services", "Fear", "Fear (2)"]);
    assert_eq!(
        links(&drawn),
        [
            "Fear Less Trust in services",
            "Trust in services Less Fear (2)",
            "Fear (2) Less Trust in services",
            "Fear (2) More Fear",
            "Fear More Trust in services",
        ]
    );
    assert_eq!(drawn.links[0].delay.as_ref().map(Line::as_str), Some("some time"));
    assert_eq!(drawn.links[1].why, drawn.links[2].why);
    let expected = [
        r#"Drawn in both directions, so that there are two links between "Trust in services" and "Fear (2)"."#,
        r#"Drawn without a direction, and taken to lead from the first to the second: "Fear (2)" to "Fear"."#,
        r#"Marked as reversed, and turned round; check "Fear" to "Trust in services"."#,
        r#"Without a sign, and taken as "more"; where it is "less", change it: "Fear (2)" to "Fear", "Fear" to "Trust in services" ("likes")."#,
        r#"Marked as delayed without saying how long: "Fear" to "Trust in services"."#,
        r#"Several elements have one label, so that there are numbers in "Fear (2)"."#,
        r#"Left out, because a map here has no place for it: "tags" (1), "type" (1)."#,
        "Loops (1) are left out; they follow from the links.",
        "The project has 2 maps; what all of them show is one map here.",
    ];
    assert_eq!(drawn.remarks, expected);
}

#[test]
fn signs_are_read_in_all_their_words() {
    for (word, effect) in [
        ("+", "More"),
        ("Positive", "More"),
        ("more", "More"),
        ("-", "Less"),
        ("negative", "Less"),
        ("\u{2212}", "Less"),
        ("less", "Less"),
        ("s", "More"),
        ("O", "Less"),
    ] {
        let drawn = drawn(&with_connection(&format!(
            r#"{{ "from": "A", "to": "B", "direction": "directed", "type": "{word}" }}"#
        )));
        assert_eq!((links(&drawn), drawn.remarks), (vec![format!("A {effect} B")], Vec::new()), "{word}");
    }
}

#[test]
fn ids_tell_equal_labels_apart_and_numbers_avoid_each_other() {
    let drawn = drawn(
        r#"{ "elements": [{ "id": 1, "label": "A" }, { "id": 2, "label": "A" }, { "label": "A (2)" }, { "label": "A" }],
        "connections": [{ "from": 2, "to": "1", "type": "+", "direction": "directed" }, { "from": "A", "to": "A (2)", "type": "+", "direction": "directed" }] }"#,
    );
    let names: Vec<_> = drawn.factors.iter().map(|factor| factor.name.as_str()).collect();
    assert_eq!(names, ["A", "A (3)", "A (2)", "A (4)"]);
    assert_eq!(links(&drawn), ["A (3) More A", "A More A (2)"]);
    assert!(drawn.remarks[0].contains("the first was taken: \"A\" to \"A (2)\""), "{:?}", drawn.remarks);
}

#[test]
fn what_cannot_be_read_is_refused_with_its_place() {
    let long = "x".repeat(301);
    for (text, place, what) in [
        ("[]".to_owned(), "", "is no map of Kumu"),
        ("{".to_owned(), "line 1", "cannot be read as JSON"),
        ("{}".to_owned(), "`elements`", "is missing"),
        (r#"{ "elements": {} }"#.to_owned(), "`elements`", "is no list"),
        (r#"{ "elements": [{ "label": "A" }, 7] }"#.to_owned(), "`elements[1]`", "is no object"),
        (
            r#"{ "elements": [{ "label": "A" }, { "label": " \n" }] }"#.to_owned(),
            "`elements[1].label`",
            "is empty",
        ),
        (format!(r#"{{ "elements": [{{ "label": "{long}" }}] }}"#), "`elements[0].label`", "301 bytes long"),
        (
            r#"{ "elements": [{ "label": "a\u001b[31m" }] }"#.to_owned(),
            "`elements[0].label`",
            "control character",
        ),
        (
            r#"{ "elements": [{ "label": "a\u202eb" }] }"#.to_owned(),
            "`elements[0].label`",
            "control character",
        ),
        (
            r#"{ "elements": [{ "label": "A", "description": "\u0007" }] }"#.to_owned(),
            "`elements[0].description`",
            "control",
        ),
        (
            r#"{ "elements": [{ "label": "A", "Actors": [{ "x": 1 }] }] }"#.to_owned(),
            "`elements[0].actors`",
            "has parts",
        ),
        (
            r#"{ "elements": [{ "id": 1, "label": "A" }, { "id": "1", "label": "B" }] }"#.to_owned(),
            "`elements[1].id`",
            "ids differ",
        ),
        (with_connection(r#"{ "to": "B" }"#), "`connections[0].from`", "is missing"),
        (
            with_connection(r#"{ "from": "A", "to": "C" }"#),
            "`connections[0].to`",
            "is \"C\", which is neither",
        ),
        (
            with_connection(r#"{ "from": "A", "to": "B", "direction": "up" }"#),
            "`connections[0].direction`",
            "is \"up\"",
        ),
        (with_connection("null"), "`connections[0]`", "is no object"),
    ] {
        let error = refused(&text);
        assert!(error.contains(place) && error.contains(what), "{text}: {error}");
    }
}

#[test]
fn a_label_that_has_no_room_for_a_number_is_refused() {
    let label = "x".repeat(299);
    let error =
        refused(&format!(r#"{{ "elements": [{{ "label": "{label}" }}, {{ "label": "{label}" }}] }}"#));
    assert!(error.contains("elements[1].label") && error.contains("with a number"), "{error}");
}

#[test]
fn large_and_deep_files_are_refused() {
    let large = " ".repeat(10_000_000);
    assert_eq!(read(large.as_bytes()), Err(InvalidFile::TooLarge { bytes: 10_000_000, limit: BUNDLE_BYTES }));
    assert!(refused(&"[".repeat(100_000)).contains("cannot be read as JSON"));
    assert_eq!(read(b""), Err(InvalidFile::Empty));
    assert_eq!(read(b"{\xff}"), Err(InvalidFile::NotUtf8(1)));
}

#[test]
fn many_faults_and_many_remarks_stay_readable() {
    let elements = vec!["{}"; 1000].join(",");
    let Err(InvalidFile::Faults(faults)) = read(format!("{{\"elements\":[{elements}]}}").as_bytes()) else {
        panic!()
    };
    assert_eq!(faults.len(), 20);
    let same = vec![r#"{"label":"A"}"#; 50_000].join(",");
    let drawn = drawn(&format!("{{\"elements\":[{same}]}}"));
    assert!(drawn.remarks[0].ends_with("\"A (13)\" and 49987 more."), "{:?}", drawn.remarks);
}

#[test]
fn names_that_differ_only_in_capitals_get_ids() {
    let of = |first: &str, second: &str| {
        let text = with_connection(r#"{ "from": "A", "to": "B", "type": "+", "direction": "directed" }"#);
        let drawn = drawn(&text.replace("\"A\"", first).replace("\"B\"", second));
        let mut map = Map {
            id: None,
            title: Line::new("t", "T").unwrap(),
            system: To::new(Id::new("s").unwrap()),
            seen_by: Line::new("t", "us").unwrap(),
            on: None,
            in_words: None,
            factors: Vec::new(),
            links: Vec::new(),
            doubts: None,
            sensitive: None,
        };
        (map.factors, map.links) = (drawn.factors, drawn.links);
        serde_json::from_slice::<Value>(&write(&map)).unwrap()
    };
    let alike = of("\"Trust\"", "\"TRUST\"");
    assert_eq!(alike["elements"][1]["id"], "factor 2");
    assert_eq!(
        (&alike["connections"][0]["from"], &alike["connections"][0]["to"]),
        (&json!("factor 1"), &json!("factor 2"))
    );
    let different = of("\"Trust\"", "\"Fear\"");
    assert_eq!(
        (&different["elements"][1]["id"], &different["connections"][0]["to"]),
        (&Value::Null, &json!("Fear"))
    );
}
