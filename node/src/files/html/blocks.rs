//! A part of a document in HTML: facts as a list of terms, text as paragraphs, lists as lists, groups as a table where
//! all that is said in them is short, and one after the other where it is not.

use std::collections::BTreeSet;

use maud::{Markup, html};

use super::anchor;
use crate::{domain::learning::Ref, files::account::Block};

/// Characters of a cell that can be read beside others.
const SHORT: usize = 140;
/// Columns that fit beside each other on A4.
const COLUMNS: usize = 7;

type Fact = (String, String);

pub(super) fn block(block: &Block, level: u8, title: &str, here: &BTreeSet<&Ref>) -> Markup {
    let Block { heading: words, facts, text, items, blocks } = block;
    let next = if words.is_empty() { level } else { level + 1 };
    html! {
        @if !words.is_empty() { (heading(level, words)) }
        @if !facts.is_empty() { (terms(facts, here)) }
        (paragraphs(text))
        @if !items.is_empty() { ul { @for item in items { li dir="auto" { (referring(item, here)) } } } }
        @if let Some(labels) = table_labels(blocks) {
            (table(blocks, &labels, words, title, here))
        } @else if !blocks.is_empty() {
            ul.groups { @for inner in blocks { li { (self::block(inner, next, title, here)) } } }
        }
    }
}

/// A heading; below the sixth level HTML has none.
fn heading(level: u8, words: &str) -> Markup {
    match level {
        0..=3 => html! { h3 { (words) } },
        4 => html! { h4 { (words) } },
        5 => html! { h5 { (words) } },
        _ => html! { h6 { (words) } },
    }
}

fn terms(facts: &[Fact], here: &BTreeSet<&Ref>) -> Markup {
    html! {
        dl {
            @for (label, text) in facts {
                div { dt { (label) } dd dir="auto" { (referring(text, here)) } }
            }
        }
    }
}

/// Paragraphs end at an empty line; a line that ends within one ends there in the account as well.
fn paragraphs(text: &str) -> Markup {
    let mut paragraphs: Vec<Vec<&str>> = vec![Vec::new()];
    for line in text.lines() {
        match paragraphs.last_mut() {
            Some(open) if !line.trim().is_empty() => open.push(line),
            Some(open) if open.is_empty() => {}
            _ => paragraphs.push(Vec::new()),
        }
    }
    html! {
        @for paragraph in paragraphs.iter().filter(|lines| !lines.is_empty()) {
            p dir="auto" { (lines(paragraph)) }
        }
    }
}

fn lines(lines: &[&str]) -> Markup {
    html! { @for (line, n) in lines.iter().zip(0..) { @if n > 0 { br; } (line) } }
}

/// A text in which documents that stand in this file are linked.
fn referring(text: &str, here: &BTreeSet<&Ref>) -> Markup {
    // References are written as "Title (kind/id)", and several with "; " between them.
    let pieces: Vec<_> = text.strip_suffix(')').into_iter().flat_map(|text| text.split("); ")).collect();
    let references: Option<Vec<(&str, Ref)>> = pieces.into_iter().map(reference).collect();
    let here: Vec<_> = references
        .unwrap_or_default()
        .into_iter()
        .map(|(title, to)| (title, here.get(&to).copied()))
        .collect();
    if here.is_empty() || here.iter().any(|(_, to)| to.is_none()) {
        return html! { (lines(&text.lines().collect::<Vec<_>>())) };
    }
    html! {
        @for ((title, to), n) in here.iter().zip(0..) {
            @if n > 0 { "; " }
            @if let Some(to) = to { a href={ "#" (anchor(to)) } { (title) } }
        }
    }
}

fn reference(piece: &str) -> Option<(&str, Ref)> {
    let (title, of) = piece.rsplit_once(" (")?;
    Some((title, of.parse().ok()?))
}

/// The columns of a table of these groups, if they can be one: several of them, with nothing but short facts.
fn table_labels(blocks: &[Block]) -> Option<Vec<&str>> {
    let short = |block: &Block| {
        let facts_only = block.text.is_empty() && block.items.is_empty() && block.blocks.is_empty();
        facts_only
            && block.facts.iter().all(|(_, text)| text.chars().count() <= SHORT && !text.contains('\n'))
    };
    if blocks.len() < 2 || !blocks.iter().all(short) {
        return None;
    }
    let mut labels: Vec<&str> = Vec::new();
    for block in blocks {
        let mut after = 0;
        for (label, _) in &block.facts {
            let at = labels.iter().position(|known| known == label);
            // What only some groups say comes where those have it.
            after = 1 + at.unwrap_or_else(|| {
                labels.insert(after, label);
                after
            });
        }
    }
    (1..=COLUMNS).contains(&labels.len()).then_some(labels)
}

fn table(blocks: &[Block], labels: &[&str], words: &str, title: &str, here: &BTreeSet<&Ref>) -> Markup {
    let text = |block: &Block, label: &str| {
        block.facts.iter().find(|(known, _)| known == label).map(|(_, text)| text.clone()).unwrap_or_default()
    };
    html! {
        table {
            caption dir="auto" { (words) ": " (title) }
            thead { tr { @for label in labels { th scope="col" { (label) } } } }
            tbody {
                @for block in blocks {
                    tr { @for label in labels { td dir="auto" { (referring(&text(block, label), here)) } } }
                }
            }
        }
    }
}
