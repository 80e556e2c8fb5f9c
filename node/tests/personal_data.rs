//! How much personal data the recognisers find in the labelled passages, and how much of what they find is right.
//! Prints a table for each class; `labelled/README.md` says how the passages were made and what the figures mean.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test stops at the first surprise, and the table is its result"
)]

use std::{collections::BTreeMap, fs, ops::Range, path::Path};

use cairn_node::domain::disclosure::{Class, Found, Passage, Rules, Weight, personal_data, small_counts};

/// Floors, somewhat below what was measured when they were set: precision, recall.
const TUNED: (f64, f64) = (0.98, 0.97);
/// The same for the passages that were never tuned on.
const HELD_OUT: (f64, f64) = (0.95, 0.95);
/// The same for each class of the tuned passages: what warns, and what blocks, where nearly everything has a check
/// digit or a fixed shape.
const WARNING: (f64, f64) = (0.90, 0.93);
/// See [`WARNING`].
const BLOCKING: (f64, f64) = (0.95, 0.95);

struct Labelled {
    text: String,
    spans: Vec<(Class, Range<usize>)>,
}

#[derive(Clone, Copy, Default)]
struct Tally {
    right: usize,
    wrong: usize,
    missed: usize,
}

impl Tally {
    fn precision(self) -> f64 {
        share(self.right, self.wrong)
    }

    fn recall(self) -> f64 {
        share(self.right, self.missed)
    }
}

fn share(right: usize, other: usize) -> f64 {
    let count = |n: usize| f64::from(u32::try_from(n).unwrap());
    if right + other == 0 { 1.0 } else { count(right) / count(right + other) }
}

fn read(name: &str) -> Vec<Labelled> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/labelled").join(name);
    let file = fs::read_to_string(path).unwrap();
    let lines = file.lines().filter(|line| !line.starts_with('#') && !line.starts_with("held_out:"));
    lines.map(labelled).collect()
}

fn labelled(line: &str) -> Labelled {
    let (mut text, mut spans) = (String::new(), Vec::new());
    let mut rest = line;
    while let Some((before, marked)) = rest.split_once("[[") {
        let (mark, after) = marked.split_once("]]").unwrap();
        let (class, words) = mark.split_once('|').unwrap();
        text.push_str(before);
        let start = text.len();
        text.push_str(words);
        spans.push((
            Class::from_word(class).unwrap_or_else(|| unreachable!("no class {class}")),
            start..text.len(),
        ));
        rest = after;
    }
    text.push_str(rest);
    Labelled { text, spans }
}

/// Right when the class is the same and the spans share at least half of each.
fn meets(found: &Found, class: Class, at: &Range<usize>) -> bool {
    let shared = found.at.end.min(at.end).saturating_sub(found.at.start.max(at.start));
    found.class == class && 2 * shared >= at.len() && 2 * shared >= found.at.len()
}

fn find(text: &str) -> Vec<Found> {
    let passages = [Passage { part: "text", text }];
    let mut found = personal_data(&passages);
    found.extend(small_counts(&passages, &Rules::default()));
    found
}

fn measure(name: &str) -> BTreeMap<Class, Tally> {
    let mut tallies: BTreeMap<Class, Tally> = BTreeMap::new();
    for passage in &read(name) {
        let found = find(&passage.text);
        for one in &found {
            assert!(passage.text.get(one.at.clone()).is_some(), "{one:?}");
            let tally = tallies.entry(one.class).or_default();
            if passage.spans.iter().any(|(class, at)| meets(one, *class, at)) {
                tally.right += 1;
            } else {
                tally.wrong += 1;
                println!("  not labelled: {} \"{}\" in: {}", one.class.word(), one.text, passage.text);
            }
        }
        for (class, at) in &passage.spans {
            if !found.iter().any(|one| meets(one, *class, at)) {
                tallies.entry(*class).or_default().missed += 1;
                println!("  missed: {} \"{}\" in: {}", class.word(), &passage.text[at.clone()], passage.text);
            }
        }
    }
    tallies
}

fn table(name: &str, tallies: &BTreeMap<Class, Tally>) -> Tally {
    println!("\n{name}: {} passages\n{:<24} right wrong missed precision recall", read(name).len(), "class");
    let mut total = Tally::default();
    let row = |word: &str, t: Tally| {
        println!(
            "{word:<24} {:>5} {:>5} {:>6} {:>9.3} {:>6.3}",
            t.right,
            t.wrong,
            t.missed,
            t.precision(),
            t.recall()
        );
    };
    for (class, tally) in tallies {
        row(class.word(), *tally);
        total.right += tally.right;
        total.wrong += tally.wrong;
        total.missed += tally.missed;
    }
    row("all", total);
    total
}

fn at_least(what: &str, tally: Tally, (precision, recall): (f64, f64)) {
    assert!(tally.precision() >= precision, "{what}: precision {:.3}", tally.precision());
    assert!(tally.recall() >= recall, "{what}: recall {:.3}", tally.recall());
}

#[test]
fn the_labelled_passages_are_found() {
    let (tuned, held_out) = (measure("tuned.txt"), measure("held-out.txt"));
    let all = [("tuned.txt", &tuned, TUNED), ("held-out.txt", &held_out, HELD_OUT)];
    let totals = all.map(|(name, tallies, floor)| (name, table(name, tallies), floor));
    for (name, total, floor) in totals {
        at_least(name, total, floor);
    }
    for (class, tally) in tuned {
        let floor = if class.floor() == Weight::Blocks { BLOCKING } else { WARNING };
        at_least(class.word(), tally, floor);
    }
}

/// The case pack names nobody: whatever is found there is a false alarm.
#[test]
fn the_case_pack_raises_no_alarm() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases");
    let mut alarms = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "yaml") {
            let text = fs::read_to_string(&path).unwrap();
            // Folded YAML: lines of one paragraph belong together.
            let text = text.lines().map(str::trim).collect::<Vec<_>>().join(" ");
            for found in find(&text) {
                alarms += 1;
                println!("{}: {} \"{}\"", path.display(), found.class.word(), found.text);
            }
        }
    }
    assert_eq!(alarms, 0);
}
