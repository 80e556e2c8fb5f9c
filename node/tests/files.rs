//! Files of documents: whatever a document says, it says the same after it was written to a file and read again; and
//! whatever stands in a file, reading it ends with a document or with words about what is wrong, and where.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use cairn_node::{
    domain::learning::{
        Document, Kind,
        shape::{Form, Part, Shape, pruned},
    },
    files::{InvalidFile, bundle, document, markdown, yaml},
};
use proptest::{collection::vec, prelude::*, sample::select};
use serde_json::{Map, Value, json};

/// Lines that file formats trip over.
const AWKWARD_LINES: [&str; 28] = [
    "yes",
    "no",
    "null",
    "~",
    "1.50",
    "007",
    "2021-06",
    "- item",
    "# comment",
    "key: value",
    "a: b: c",
    "\"quoted\"",
    "it's",
    "{brace",
    "[bracket",
    "*star",
    "&anchor",
    "!tag",
    "%percent",
    "@at",
    "`tick",
    "> folded",
    "| block",
    "שלום עולם",
    "e\u{301}a\u{308}",
    "🪨 stone",
    "a\\b",
    "---",
];

/// Lines within texts that Markdown trips over.
const AWKWARD_PROSE: [&str; 14] = [
    "## Heading of my own",
    "### deeper",
    "# top",
    "---",
    "\\---",
    "<!-- a hint -->",
    "\\<!-- b",
    "\\## x",
    "\\\\## y",
    "",
    "  indented",
    "- item",
    "cairn: session/1",
    "\ttabbed",
];

fn line() -> BoxedStrategy<String> {
    prop_oneof![
        select(&AWKWARD_LINES[..]).prop_map(str::to_owned),
        "[a-zA-Zäéñ0-9 ,.:;#'\"!?(){}\\[\\]&*%@`<>|=-]{0,40}[a-z]",
    ]
    .boxed()
}

fn prose() -> BoxedStrategy<String> {
    let one = prop_oneof![select(&AWKWARD_PROSE[..]).prop_map(str::to_owned), line()];
    (line(), vec(one, 0..6)).prop_map(|(first, rest)| format!("{first}\n{}", rest.join("\n"))).boxed()
}

fn id() -> BoxedStrategy<String> {
    "[a-z][a-z0-9.-]{0,20}".boxed()
}

fn any_kind() -> BoxedStrategy<Kind> {
    select(&Kind::ALL[..]).boxed()
}

fn value(name: &str, form: &Form) -> BoxedStrategy<Value> {
    let words = |words: &'static [&'static str]| select(words).prop_map(Value::from).boxed();
    match (name, form) {
        ("scale" | "set_at", _) => words(&["life", "organisation", "place", "country", "city region"]),
        ("stage", Form::Line) => {
            words(&["purpose", "understand", "co-design", "experiment", "embed", "our own"])
        }
        ("declared", _) => words(&["in retrospect", "2021-06-30"]),
        ("record", _) => json_of(Just(format!("{}/7", cairn_proto::ids::NodeId::from_bytes([7; 32])))),
        ("checked_on" | "until" | "review_on" | "next_review_on" | "meet_again_on", _) => {
            words(&["2026-01-31"])
        }
        (_, Form::Id) => json_of(id()),
        (_, Form::Line) => json_of(line()),
        (_, Form::Prose) => json_of(prose()),
        (_, Form::Date) => words(&["2021", "2021-06", "2021-06-30"]),
        (_, Form::Word(words)) => json_of(select(words.clone())),
        (_, Form::Ref(Some(_))) => json_of(id()),
        (_, Form::Ref(None)) => {
            json_of((any_kind(), id()).prop_map(|(kind, id)| format!("{}/{id}", kind.word())))
        }
        (_, Form::List(item)) => vec(value(name, item), 0..4).prop_map(Value::Array).boxed(),
        (_, Form::Group(parts)) => group(parts),
        (_, Form::RefOrGroup(_, parts)) => prop_oneof![json_of(id()), group(parts)].boxed(),
    }
}

fn json_of(strategy: impl Strategy<Value = String> + 'static) -> BoxedStrategy<Value> {
    strategy.prop_map(Value::String).boxed()
}

fn group(parts: &[Part]) -> BoxedStrategy<Value> {
    let mut object = Just(Map::new()).boxed();
    for part in parts.iter().cloned() {
        let always = part.needed;
        let value = match &part.form {
            Form::List(item) if always => vec(value(&part.name, item), 1..4).prop_map(Value::Array).boxed(),
            form => value(&part.name, form),
        };
        object = (object, value, any::<bool>())
            .prop_map(move |(mut object, value, there)| {
                if always || there {
                    object.insert(part.name.clone(), value);
                }
                object
            })
            .boxed();
    }
    object.prop_map(Value::Object).boxed()
}

fn any_document() -> BoxedStrategy<Document> {
    let of = |kind: Kind| {
        group(&Shape::of(kind).parts).prop_map(move |value| {
            Document::from_value(kind, pruned(value.clone()))
                .unwrap_or_else(|wrong| panic!("{}: {} {}\n{value:#}", kind.word(), wrong.field, wrong.what))
        })
    };
    any_kind().prop_flat_map(of).boxed()
}

fn read_again(text: &str, kind: Kind) -> Document {
    match document::read(text.as_bytes(), Some(kind)) {
        Ok(written) => written.document,
        Err(error) => panic!("{error}\n{text}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn a_document_is_the_same_after_json(document in any_document()) {
        let json = document::to_json(&document).unwrap();
        prop_assert_eq!(&read_again(&json.to_string(), document.kind()), &document);
        prop_assert_eq!(&read_again(&serde_json::to_string_pretty(&json).unwrap(), document.kind()), &document);
    }

    #[test]
    fn a_document_is_the_same_after_yaml(document in any_document()) {
        let yaml = yaml::write(&document::to_json(&document).unwrap()).unwrap();
        prop_assert_eq!(&read_again(&yaml, document.kind()), &document, "{}", yaml);
    }

    #[test]
    fn a_document_is_the_same_after_markdown(document in any_document(), help in any::<bool>(), crlf in any::<bool>()) {
        let value = document::to_json(&document).unwrap();
        let header = [("based_on", "3".to_owned())];
        let mut text = markdown::write(document.kind(), &header, &value, help).unwrap();
        if crlf {
            text = text.replace('\n', "\r\n");
        }
        let written = document::read(text.as_bytes(), None).unwrap_or_else(|error| panic!("{error}\n{text}"));
        prop_assert_eq!(written.based_on, Some(3));
        prop_assert_eq!(&written.document, &document, "{}", text);
    }

    #[test]
    fn many_documents_are_the_same_after_one_file(documents in vec(any_document(), 1..6)) {
        let cycle = cairn_node::domain::learning::Id::new("a-cycle").unwrap();
        let texts = [
            bundle::to_json("A: \"title\"", &cycle, documents.iter()).unwrap(),
            bundle::to_markdown("A: \"title\"", &cycle, documents.iter()).unwrap(),
        ];
        for text in texts {
            let read = document::read_bundle(text.as_bytes()).unwrap_or_else(|error| panic!("{error}\n{text}"));
            prop_assert_eq!(read.cycle.as_ref(), Some(&cycle));
            let read: Vec<_> = read.documents.into_iter().map(|written| written.document).collect();
            prop_assert_eq!(&read, &documents, "{}", text);
        }
    }

    #[test]
    fn no_bytes_make_reading_fall_over(bytes in vec(any::<u8>(), 0..400), text in ".{0,200}") {
        for content in [&bytes[..], text.as_bytes()] {
            let _ = document::read(content, Some(Kind::Session));
            let _ = document::read_bundle(content);
        }
        let with_front = format!("---\ncairn: session/1\n{text}\n---\n{text}");
        let _ = document::read(with_front.as_bytes(), None);
    }
}

/// What reading `text` as a session complains about.
fn refusal(text: &str) -> String {
    document::read(text.as_bytes(), Some(Kind::Session)).unwrap_err().to_string()
}

#[test]
fn faults_name_the_line_and_the_part() {
    let yaml =
        "cairn: session/1\ntitle: Learning meeting\nreadings:\n  - by: outreach workers\n    reading: ''\n";
    assert_eq!(refusal(yaml), "line 5: `readings[0].reading` is missing; a session needs it");
    let unknown = "cairn: session/1\ntitle: x\nreadings:\n  - by: a\n    reading: b\n    stars: 5\n";
    assert!(
        refusal(unknown).starts_with("line 6: `readings[0].stars` is no part of it"),
        "{}",
        refusal(unknown)
    );
    let word = "cairn: experiment/1\ntitle: x\nkind: pilot\nscale: place\nstate: succeeded\n";
    let refused = document::read(word.as_bytes(), None).unwrap_err().to_string();
    assert!(
        refused.starts_with("line 5: `state` is \"succeeded\"; it must be one of: designing"),
        "{refused}"
    );
    let missing = "cairn: session/1\nquestion: What did we see?\n";
    assert!(refusal(missing).contains("`title` is missing"), "{}", refusal(missing));
    let date = "title: x\n\non: last June\n";
    assert!(
        refusal(date).starts_with("line 3: `on` is \"last June\", which is no date"),
        "{}",
        refusal(date)
    );
    let list = "title: x\ntook_part: everybody\n";
    assert!(
        refusal(list).starts_with("line 2: `took_part` is one text, but a list is expected"),
        "{}",
        refusal(list)
    );
    let colon = "title: x\nquestion: What: now?\n";
    assert!(
        refusal(colon).contains("line 2") && refusal(colon).contains("needs quotes"),
        "{}",
        refusal(colon)
    );
    let twice = "title: x\ntitle: y\n";
    assert_eq!(refusal(twice), "line 2: `title` stands there twice; keep one");
}

#[test]
fn broken_front_matter_names_the_line() {
    let open = "---\ncairn: session/1\ntitle: x\n\n## Question\n\nWhat?\n";
    assert!(
        refusal(open).starts_with("line 1: `---` begins front matter that has no end"),
        "{}",
        refusal(open)
    );
    let bad = "---\ncairn: session/1\ntitle: x\non: [2021\n---\n";
    assert!(refusal(bad).contains("line 4") || refusal(bad).contains("line 5"), "{}", refusal(bad));
    let heading = "---\ncairn: session/1\ntitle: x\n---\n\n## Outcomes\n\nText.\n";
    assert!(
        refusal(heading).starts_with("line 6: \"Outcomes\" is no part of a session"),
        "{}",
        refusal(heading)
    );
    let homeless = "---\ncairn: session/1\ntitle: x\n---\n\nText.\n";
    assert!(
        refusal(homeless).starts_with("line 6: this text stands under no heading"),
        "{}",
        refusal(homeless)
    );
    let control = "---\ncairn: session/1\ntitle: x\n---\n\n## Question\n\nred \u{1b}[31m\n";
    assert!(
        refusal(control).starts_with("line 6: `question` holds a control character"),
        "{}",
        refusal(control)
    );
    let reordered = "title: \"evil \u{202e}txt\"\n";
    assert!(
        refusal(reordered).starts_with("line 1: `title` holds a control character"),
        "{}",
        refusal(reordered)
    );
}

#[test]
fn bytes_that_are_no_document_are_refused_in_words() {
    let read = |bytes: &[u8]| document::read(bytes, Some(Kind::Session)).unwrap_err();
    assert_eq!(read(b" \n"), InvalidFile::Empty);
    assert_eq!(read(b"title: x\n\xff"), InvalidFile::NotUtf8(2));
    let pasted = vec![b'x'; 10 << 20];
    assert!(matches!(read(&pasted), InvalidFile::TooLarge { bytes, .. } if bytes == 10 << 20));
    let deep = format!("title: {}", "[".repeat(5000));
    assert!(read(deep.as_bytes()).to_string().contains("line 1"));
    let alias = "title: &a x\nquestion: *a\n";
    assert!(read(alias.as_bytes()).to_string().contains("write it out"));
    let prose = format!("title: x\nquestion: {}\n", "y".repeat(20_000));
    assert_eq!(
        read(prose.as_bytes()).to_string(),
        "line 2: `question` is 20000 bytes long; at most 16384 fit"
    );
    assert!(read(b"just some words").to_string().contains("write parts as `name: text`"));
    let other = read(b"cairn: cycle/1\ntitle: x\nscale: place\n").to_string();
    assert!(other.contains("says that it is a cycle, not a session"), "{other}");
    let newer = read(b"cairn: session/9\ntitle: x\n").to_string();
    assert!(newer.contains("it reads session/1"), "{newer}");
}

#[test]
fn right_to_left_and_combining_text_is_kept_as_it_is() {
    let title = "מפגש למידה עם cafe\u{301} \u{200f}";
    let text = format!("cairn: session/1\ntitle: \"{title}\"\n");
    let json = document::to_json(&document::read(text.as_bytes(), None).unwrap().document).unwrap();
    assert_eq!(json["title"], json!(title.trim()));
}

/// Each knows its line, and none takes room for the lines of all others.
#[test]
fn a_file_with_thousands_of_documents_is_read_in_little_room() {
    let one = |n: usize| format!("- cairn: session/1\n  title: Meeting {n}\n  question: What did we see?\n");
    let text = |count: usize| {
        let all: String = (0..count).map(one).collect();
        format!("cairn: bundle/1\ndocuments:\n{all}")
    };
    let read = document::read_bundle(text(5000).as_bytes()).unwrap();
    assert_eq!(read.documents.len(), 5000);
    let wrong = cairn_node::domain::learning::Wrong { field: "title".into(), what: "is odd".into() };
    assert_eq!(read.documents.last().unwrap().fault(wrong).line, Some(2 + 3 * 4999 + 2));
    let refused = document::read_bundle(text(5001).as_bytes()).unwrap_err().to_string();
    assert!(refused.contains("`documents` are 5001; at most 5000 fit"), "{refused}");
}

#[test]
fn every_case_and_every_cycle_of_the_pack_is_read() {
    let cases = concat!(env!("CARGO_MANIFEST_DIR"), "/cases");
    let mut experiments = 0;
    for entry in std::fs::read_dir(cases).unwrap().map(Result::unwrap) {
        if entry.path().extension().is_some_and(|extension| extension == "yaml") {
            let bytes = std::fs::read(entry.path()).unwrap();
            let written =
                document::read(&bytes, None).unwrap_or_else(|e| panic!("{}: {e}", entry.path().display()));
            assert_eq!(written.document.kind(), Kind::Experiment);
            experiments += 1;
        }
    }
    assert_eq!(experiments, 14);
    for entry in std::fs::read_dir(format!("{cases}/cycles")).unwrap().map(Result::unwrap) {
        if entry.path().extension().is_some_and(|extension| extension == "yaml") {
            let bytes = std::fs::read(entry.path()).unwrap();
            let read =
                document::read_bundle(&bytes).unwrap_or_else(|e| panic!("{}: {e}", entry.path().display()));
            let today = jiff::civil::date(2026, 11, 23);
            for written in read.documents {
                assert_eq!(written.document.wrong(today), [], "{}", entry.path().display());
            }
        }
    }
}
