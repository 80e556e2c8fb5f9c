//! An account of a cycle in HTML that prints well, for a partnership board: no script, nothing loaded from elsewhere.

use jiff::civil::Date;
use maud::{DOCTYPE, Markup, html};

use super::account::Block;
use crate::domain::learning::Ref;

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

/// Writes the account.
#[must_use]
pub fn write(printed: &Printed) -> String {
    let body: Markup = html! { (DOCTYPE) html lang="en" { head { title { (printed.title) } } body { h1 { (printed.title) } } } };
    body.into_string()
}
