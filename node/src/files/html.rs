//! An account of a cycle in HTML for a partnership board: one page that reads well on a screen and prints well on A4. No
//! script, nothing loaded from elsewhere, no colour that means anything. How something went changes nothing about how it
//! looks (N17).

mod blocks;

use std::collections::BTreeSet;

use jiff::civil::Date;
use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::account::Block;
use crate::domain::learning::{Kind, Ref};

/// How it looks, on a screen and on paper.
const STYLE: &str = include_str!("html/account.css");

/// A document laid out.
#[derive(Clone, Debug)]
pub struct Laid {
    /// Which one.
    pub of: Ref,
    /// Whether it is the cycle the account is of.
    pub is_the_cycle: bool,
    /// Its title.
    pub title: String,
    /// Its parts.
    pub blocks: Vec<Block>,
    /// The day of its newest version.
    pub changed_on: String,
    /// Who made it.
    pub changed_by: String,
}

/// What is printed.
#[derive(Clone, Debug)]
pub struct Printed {
    /// The cycle's title.
    pub title: String,
    /// The place's name, if it has one.
    pub place: Option<String>,
    /// The day it is printed on.
    pub printed_on: Date,
    /// The documents.
    pub documents: Vec<Laid>,
    /// How many were left out because they are private.
    pub left_out: usize,
}

/// The sections, in the order of a learning cycle: a name for the anchor, a heading, and what stands there. Cycles are
/// in the first section if the account is of them, and otherwise in the one that lists their kind.
const SECTIONS: [(&str, &str, &[Kind]); 17] = [
    ("cycle", "The learning cycle", &[]),
    ("system", "The system of interest", &[Kind::System]),
    ("maps", "Maps of the system", &[Kind::Map]),
    ("stewards", "Stewards", &[Kind::Steward]),
    ("principles", "Principles", &[Kind::Principles]),
    ("entries", "Entries", &[Kind::Entry]),
    ("experiments", "Experiments", &[Kind::Experiment]),
    ("observations", "Observations", &[Kind::Observation]),
    ("exhibits", "Exhibits", &[Kind::Exhibit]),
    ("sessions", "Sense-making sessions", &[Kind::Session]),
    ("reflections", "Reflections", &[Kind::Reflection]),
    ("changes", "What was embedded", &[Kind::Change]),
    ("requests", "Requests for change elsewhere", &[Kind::Request]),
    ("reviews", "Reviews of how the cycle is governed", &[Kind::Review]),
    ("around", "Other cycles named here", &[Kind::Cycle]),
    ("consents", "Consents this rests on", &[Kind::Consent]),
    ("prompts", "Questions that were answered", &[Kind::Prompt]),
];

/// Documents under one heading.
struct Section<'a> {
    anchor: String,
    heading: &'static str,
    documents: Vec<&'a Laid>,
}

/// Writes the account as an HTML document.
#[must_use]
pub fn write(printed: &Printed) -> String {
    let sections: Vec<_> = sections(printed).collect();
    let here: BTreeSet<&Ref> = printed.documents.iter().map(|laid| &laid.of).collect();
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (printed.title) @if let Some(place) = &printed.place { " - " (place) } }
                style { (PreEscaped(STYLE)) }
            }
            body {
                (header(printed))
                (contents(&sections))
                main { @for section in &sections { (write_section(section, &here)) } }
            }
        }
    };
    page.into_string()
}

fn sections(printed: &Printed) -> impl Iterator<Item = Section<'_>> {
    let all = SECTIONS.into_iter().map(|(name, heading, kinds)| {
        let stands_here = |laid: &&Laid| match laid.is_the_cycle {
            true => kinds.is_empty(),
            false => kinds.contains(&laid.of.kind),
        };
        let documents = printed.documents.iter().filter(stands_here).collect();
        Section { anchor: format!("section-{name}"), heading, documents }
    });
    all.filter(|section| !section.documents.is_empty())
}

fn header(printed: &Printed) -> Markup {
    let whose = printed.place.as_deref().unwrap_or("the place that wrote it");
    html! {
        header {
            @if let Some(place) = &printed.place { p.place dir="auto" { (place) } }
            h1 dir="auto" { (printed.title) }
            p.printed { "An account of a learning cycle, printed on " (printed.printed_on.strftime("%-d %B %Y")) }
            div.about {
                p dir="auto" {
                    "This is the account that " (whose) " gives of its own work. What went wrong is told as plainly as "
                    "what went well."
                }
                p {
                    "A map, and the line around a system, are somebody\u{2019}s view at one time. They are not the "
                    "territory, and others may see it differently."
                }
                p { (left_out(printed.left_out)) }
            }
        }
    }
}

fn left_out(documents: usize) -> String {
    let why = "What is marked as sensitive and what is about one person\u{2019}s life stays at home.";
    match documents {
        0 => "No private document was left out.".to_owned(),
        1 => format!("One private document was left out. {why}"),
        several => format!("{several} private documents were left out. {why}"),
    }
}

fn contents(sections: &[Section<'_>]) -> Markup {
    html! {
        nav aria-labelledby="contents" {
            h2 id="contents" { "Contents" }
            ul {
                @for section in sections {
                    li {
                        a href={ "#" (section.anchor) } { (section.heading) }
                        @if section.documents.iter().any(|laid| !laid.is_the_cycle) {
                            ul {
                                @for laid in &section.documents {
                                    li dir="auto" { a href={ "#" (anchor(&laid.of)) } { (laid.title) } }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn write_section(section: &Section<'_>, here: &BTreeSet<&Ref>) -> Markup {
    html! {
        section aria-labelledby=(section.anchor) {
            h2 id=(section.anchor) { (section.heading) }
            @for laid in &section.documents { (article(laid, &section.anchor, here)) }
        }
    }
}

/// A document. The cycle itself has the page's title and needs no heading of its own.
fn article(laid: &Laid, section: &str, here: &BTreeSet<&Ref>) -> Markup {
    const TITLE: u8 = 3;
    let own = anchor(&laid.of);
    let heading = format!("{own}-title");
    let (labelled, level) = if laid.is_the_cycle { (section, TITLE) } else { (heading.as_str(), TITLE + 1) };
    html! {
        article id=(own) aria-labelledby=(labelled) {
            @if !laid.is_the_cycle { h3 id=(heading) dir="auto" { (laid.title) } }
            @for block in &laid.blocks { (blocks::block(block, level, &laid.title, here)) }
            p.version dir="auto" { (laid.of) ", as of " (laid.changed_on) ", by " (laid.changed_by) }
        }
    }
}

/// Where a document stands in the file.
fn anchor(of: &Ref) -> String {
    format!("{}-{}", of.kind.word(), of.id)
}

#[cfg(test)]
mod tests;
