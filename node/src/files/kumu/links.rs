//! Connections of Kumu as links of a map. Kumu has connections without a direction, in both directions, and of any
//! type; a link here leads from one factor to another and says "more" or "less".

use serde_json::Value;

use super::{
    attributes::Attributes,
    read::{Reader, remark},
};
use crate::{
    domain::{
        learning::map::{Effect, Link},
        text::{Line, Prose},
    },
    files::Fault,
};

/// Links about which something was assumed.
#[derive(Default)]
pub(super) struct Assumed {
    undirected: Vec<String>,
    mutual: Vec<String>,
    reversed: Vec<String>,
    unsigned: Vec<String>,
    delayed: Vec<String>,
    ambiguous: Vec<String>,
}

impl Assumed {
    pub(super) fn remarks(&self) -> Vec<String> {
        [
            ("Drawn in both directions, so that there are two links between", &self.mutual),
            ("Drawn without a direction, and taken to lead from the first to the second:", &self.undirected),
            ("Marked as reversed, and turned round; check", &self.reversed),
            ("Without a sign, and taken as \"more\"; where it is \"less\", change it:", &self.unsigned),
            ("Marked as delayed without saying how long:", &self.delayed),
            ("Several elements have the label at an end, and the first was taken:", &self.ambiguous),
        ]
        .into_iter()
        .filter_map(|(what, named)| remark(what, named))
        .collect()
    }
}

enum Direction {
    Directed,
    Mutual,
    Unsaid,
}

impl Reader {
    pub(super) fn connection(&mut self, n: usize, value: Value) -> Result<(), Fault> {
        let mut own = Attributes::new(format!("connections[{n}]"), value)?;
        let (from, to) = self.ends(&mut own)?;
        let name = named(&from, &to);
        let direction = direction(&mut own)?;
        let label = own.line(&["label"])?;
        let link = Link {
            effect: self.sign(&mut own, label.as_ref(), &name)?,
            how_sure: own.line(&["how sure", "confidence"])?,
            scale: own.scale()?,
            why: own.prose(&["description", "why"])?,
            delay: self.delay(&mut own, &name)?,
            from,
            to,
        };
        own.line(&["_id"])?;
        own.line(&["id"])?;
        self.leave_out_rest(&own);
        let link = self.with_label(link, label);
        self.add(link, &direction, name);
        Ok(())
    }

    fn ends(&mut self, own: &mut Attributes) -> Result<(Line, Line), Fault> {
        let (mut from, from_unsure) = self.end(own, "from")?;
        let (mut to, to_unsure) = self.end(own, "to")?;
        if own.is_on("reversed") {
            std::mem::swap(&mut from, &mut to);
            self.assumed.reversed.push(named(&from, &to));
        }
        if from_unsure || to_unsure {
            self.assumed.ambiguous.push(named(&from, &to));
        }
        Ok((from, to))
    }

    /// The sign that the type says, or else the label.
    fn sign(&mut self, own: &mut Attributes, label: Option<&Line>, name: &str) -> Result<Effect, Fault> {
        let kind = own.line(&["connection type", "type"])?;
        let said = kind.as_ref().and_then(effect);
        if let (Some(kind), None) = (&kind, said) {
            if let Some(effect) = label.and_then(effect) {
                self.leave_out("type");
                return Ok(effect);
            }
            self.assumed.unsigned.push(format!("{name} (\"{kind}\")"));
            return Ok(Effect::More);
        }
        let said = said.or_else(|| label.and_then(effect));
        if said.is_none() {
            self.assumed.unsigned.push(name.to_owned());
        }
        Ok(said.unwrap_or(Effect::More))
    }

    fn delay(&mut self, own: &mut Attributes, name: &str) -> Result<Option<Line>, Fault> {
        let said = own.line(&["delay"])?;
        if !own.is_on("delayed") || said.is_some() {
            return Ok(said);
        }
        self.assumed.delayed.push(name.to_owned());
        Ok(Line::new("delay", "some time").ok())
    }

    /// Adds the link, and for a connection in both directions the one that leads back.
    fn add(&mut self, link: Link, direction: &Direction, name: String) {
        let mut back = None;
        match direction {
            Direction::Directed => {}
            Direction::Unsaid => self.assumed.undirected.push(name),
            Direction::Mutual => {
                self.assumed.mutual.push(format!("\"{}\" and \"{}\"", link.from, link.to));
                back = Some(Link { from: link.to.clone(), to: link.from.clone(), ..link.clone() });
            }
        }
        self.link(link);
        back.into_iter().for_each(|back| self.link(back));
    }

    /// A label that is no sign says why, unless that is said elsewhere.
    fn with_label(&mut self, mut link: Link, label: Option<Line>) -> Link {
        let Some(label) = label.filter(|label| effect(label).is_none()) else { return link };
        match (&link.why, Prose::new("label", label.as_str())) {
            (None, Ok(why)) => link.why = Some(why),
            (Some(why), Ok(same)) if *why == same => {}
            _ => self.leave_out("label"),
        }
        link
    }
}

fn direction(own: &mut Attributes) -> Result<Direction, Fault> {
    let Some(word) = own.line(&["direction"])? else { return Ok(Direction::Unsaid) };
    match word.as_str().to_lowercase().as_str() {
        "directed" => Ok(Direction::Directed),
        "mutual" => Ok(Direction::Mutual),
        "undirected" => Ok(Direction::Unsaid),
        _ => Err(own.fault("direction", format!("is \"{word}\"; it is directed, mutual or undirected"))),
    }
}

/// The sign that a word says: those Kumu's templates use, and those of other ways of drawing causal loops.
fn effect(word: &Line) -> Option<Effect> {
    match word.as_str().to_lowercase().as_str() {
        "+" | "plus" | "positive" | "more" | "same" | "s" => Some(Effect::More),
        "-" | "\u{2212}" | "\u{2013}" | "minus" | "negative" | "less" | "opposite" | "o" => {
            Some(Effect::Less)
        }
        _ => None,
    }
}

fn named(from: &Line, to: &Line) -> String {
    format!("\"{from}\" to \"{to}\"")
}
