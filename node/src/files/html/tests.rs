//! Tests of the printed account.

use jiff::civil::date;
use serde_json::{Value, json};

use super::*;
use crate::{
    domain::learning::Id,
    files::account::{Block, account},
};

fn of(kind: Kind, id: &str) -> Ref {
    Ref { kind, id: Id::new(id).unwrap() }
}

fn laid(kind: Kind, id: &str, parts: &Value) -> Laid {
    let title_of = |to: &Ref| Some(format!("The {}", to.kind.word()));
    Laid {
        of: of(kind, id),
        is_the_cycle: kind == Kind::Cycle,
        title: parts.get("title").and_then(Value::as_str).unwrap_or("Untitled").to_owned(),
        blocks: account(kind, parts, &title_of),
        changed_on: "2026-03-04".to_owned(),
        changed_by: "a steward".to_owned(),
    }
}

fn printed(documents: Vec<Laid>, left_out: usize) -> String {
    let place = Some("Town <Hall>".to_owned());
    write(&Printed {
        title: "Our & theirs".to_owned(),
        place,
        printed_on: date(2026, 3, 4),
        documents,
        left_out,
    })
}

fn sample() -> Vec<Laid> {
    let link = |effect: &str| json!({ "from": "A", "to": "B", "effect": effect, "why": "short" });
    let long = "so long ".repeat(40);
    vec![
        laid(Kind::Consent, "yes", &json!({ "whose": "people", "covers": "stories" })),
        laid(
            Kind::Reflection,
            "seen",
            &json!({ "title": "Seen", "what_we_learnt": "One\nline\n\n\nTwo <script>alert(1)</script>" }),
        ),
        laid(
            Kind::Map,
            "m",
            &json!({ "title": "M", "system": "s", "in_words": "\u{5d0}\u{5d1}",
            "factors": [{ "name": "A" }, { "name": "B", "scale": "place", "actors": ["x", "y"] }],
            "links": [link("more"), link("less")] }),
        ),
        laid(
            Kind::System,
            "s",
            &json!({ "title": "S", "people_served": [{ "name": "all" }],
            "conditions": [{ "what": long, "kind": "enabler" }, { "what": "b", "kind": "constraint" }] }),
        ),
        laid(Kind::Cycle, "c", &json!({ "title": "Our & theirs", "system": "s", "purpose": "P" })),
    ]
}

/// The tags of a page, in order, each with whether it is an end; every text between them is checked to be escaped.
fn tags(page: &str) -> Vec<(String, bool)> {
    let (before, rest) = page.split_once("<style>").unwrap();
    let (_, after) = rest.split_once("</style>").unwrap();
    let mut tags = Vec::new();
    for piece in before.split('<').chain(after.split('<')).filter(|piece| !piece.is_empty()) {
        let (tag, text) = piece.split_once('>').unwrap_or_else(|| panic!("no tag ends in {piece}"));
        assert!(!text.contains('>'), "{piece}");
        let name = tag.trim_start_matches('/').split([' ', '\n']).next().unwrap().to_owned();
        tags.push((name, tag.starts_with('/')));
    }
    tags
}

#[test]
fn the_page_is_well_formed() {
    let page = printed(sample(), 0);
    let mut open = Vec::new();
    for (name, ends) in tags(&page) {
        match (name.as_str(), ends) {
            ("!DOCTYPE" | "meta" | "br", _) => {}
            (_, false) => open.push(name),
            (_, true) => assert_eq!(open.pop(), Some(name)),
        }
    }
    assert!(open.is_empty(), "{open:?}");
    assert!(page.starts_with("<!DOCTYPE html><html lang=\"en\">"));
    for needed in ["<main>", "<h1 ", "<title>Our &amp; theirs - Town &lt;Hall&gt;</title>"] {
        assert_eq!(page.matches(needed).count(), 1, "{needed}");
    }
}

#[test]
fn headings_never_skip_a_level() {
    let page = printed(sample(), 0);
    let levels: Vec<u8> = tags(&page)
        .into_iter()
        .filter(|(name, ends)| !ends && name.len() == 2 && name.starts_with('h') && name != "hr")
        .map(|(name, _)| name[1..].parse().unwrap())
        .collect();
    assert_eq!(levels[0], 1);
    assert!(levels.windows(2).all(|two| two[1] <= two[0] + 1), "{levels:?}");
    assert!(levels.contains(&4), "{levels:?}");
}

#[test]
fn words_of_people_are_only_words() {
    let page = printed(sample(), 0);
    assert!(page.contains("Two &lt;script&gt;alert(1)&lt;/script&gt;"));
    for never in ["<script", "http://", "https://", "url(", "@import", "src=", "<link", "onload"] {
        assert!(!page.contains(never), "{never}");
    }
}

#[test]
fn every_table_says_what_it_is() {
    let page = printed(sample(), 0);
    let tables: Vec<_> = page.split("<table>").skip(1).collect();
    assert_eq!(tables.len(), 2, "factors and links");
    for table in tables {
        assert!(table.starts_with("<caption"), "{table}");
        let head = table.split_once("</thead>").unwrap().0;
        assert_eq!(head.matches("<th ").count(), head.matches("<th scope=\"col\">").count());
        let columns = head.matches("<th ").count();
        let body = table.split_once("</table>").unwrap().0;
        assert!(columns > 1 && body.matches("<td").count() == 2 * columns, "{body}");
    }
    assert!(page.contains("<ul class=\"groups\">"), "long conditions stand one after the other");
}

#[test]
fn what_some_groups_do_not_say_keeps_its_column() {
    let fact = |label: &str| (label.to_owned(), label.to_lowercase());
    let group = |labels: &[&str]| Block {
        facts: labels.iter().map(|label| fact(label)).collect(),
        ..Block::default()
    };
    let blocks = vec![group(&["A", "C"]), group(&["A", "B", "C"]), group(&["D"])];
    let mut document = laid(Kind::System, "s", &json!({}));
    document.blocks = vec![Block { heading: "Groups".to_owned(), blocks, ..Block::default() }];
    let page = printed(vec![document], 0);
    let heads: Vec<_> = page.split("<th scope=\"col\">").skip(1).map(|head| &head[..1]).collect();
    assert_eq!(heads, ["D", "A", "B", "C"]);
    assert!(page.contains("<td dir=\"auto\"></td><td dir=\"auto\">a</td><td dir=\"auto\">b</td>"), "{page}");
}

#[test]
fn text_keeps_paragraphs_and_lines_and_its_own_direction() {
    let page = printed(sample(), 0);
    assert!(page.contains("<p dir=\"auto\">One<br>line</p><p dir=\"auto\">Two "));
    assert!(page.contains("<p dir=\"auto\">\u{5d0}\u{5d1}</p>"));
    let body = page.split_once("<main>").unwrap().1;
    for element in ["<p>", "<dd>", "<td>", "<caption>"] {
        assert!(!body.contains(element), "{element} without a direction");
    }
}

#[test]
fn sections_follow_a_cycle_whatever_the_order_of_the_documents() {
    let page = printed(sample(), 0);
    let at = |kind: &str| page.find(&format!("<article id=\"{kind}-")).unwrap();
    let order: Vec<_> = ["cycle", "system", "map", "reflection", "consent"].into_iter().map(at).collect();
    assert!(order.is_sorted(), "{order:?}");
    for anchor in page.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert_eq!(page.matches(&format!("id=\"{anchor}\"")).count(), 1, "{anchor}");
    }
    assert!(page.contains("<a href=\"#system-s\">The system</a>"), "references are links");
}

#[test]
fn every_kind_has_its_section() {
    for kind in Kind::ALL {
        let other = Laid { is_the_cycle: false, ..laid(kind, "x", &json!({})) };
        assert_eq!(printed(vec![other], 0).matches("<article").count(), 1, "{}", kind.word());
    }
}

#[test]
fn references_to_what_is_elsewhere_stay_text() {
    let page = printed(vec![laid(Kind::Cycle, "c", &json!({ "system": "s" }))], 0);
    assert!(page.contains("The system (system/s)"));
}

#[test]
fn what_was_left_out_is_told() {
    for (left_out, words) in [
        (0, "No private document was left out."),
        (1, "One private document was left out. What"),
        (7, "7 private documents were left out. What"),
    ] {
        let page = printed(sample(), left_out);
        assert!(page.contains(words) && page.contains("printed on 4 March 2026"), "{words}");
        assert!(
            page.contains("the account that Town &lt;Hall&gt; gives") && page.contains("not the territory")
        );
    }
}

#[test]
fn the_page_itself_is_small() {
    assert!(printed(Vec::new(), 0).len() < 8 * 1024);
}
