//! Reads a map from Kumu: a blueprint, or the export of a project, in which elements are called by an `_id` and keep
//! what is said of them under `attributes`. What a map here has no place for is left out and named in a remark; what is
//! not said (a direction, a sign) is assumed and named too. What cannot be read is refused, with its place in the file.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map as Object, Value};

use super::{FACTOR, attributes::Attributes, links::Assumed};
use crate::{
    domain::{
        learning::map::{Factor, Link},
        text::{InvalidText, Line},
    },
    files::{BUNDLE_BYTES, Fault, InvalidFile, text},
};

/// So many faults are told at once; more help nobody.
const FAULTS: usize = 20;
/// So many things are named in a remark.
const NAMED: usize = 12;

/// What a file of Kumu draws.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Drawn {
    /// The factors, each with a name of its own.
    pub factors: Vec<Factor>,
    /// What leads to what; both ends are among the factors.
    pub links: Vec<Link>,
    /// What was assumed, renamed or left out.
    pub remarks: Vec<String>,
}

/// Reads a blueprint or the export of a project.
///
/// # Errors
/// [`InvalidFile`] with the place, for example `elements[3].label`, of whatever cannot be read.
pub fn read(bytes: &[u8]) -> Result<Drawn, InvalidFile> {
    let text = text(bytes, BUNDLE_BYTES)?;
    let value: Value = serde_json::from_str(&text).map_err(|error| {
        InvalidFile::fault(Some(error.line()), "", format!("cannot be read as JSON: {error}"))
    })?;
    let Value::Object(mut file) = value else {
        return Err(InvalidFile::fault(None, "", "is no map of Kumu; it begins with {\"elements\": ["));
    };
    let mut reader = Reader::default();
    let elements = list(&mut file, "elements")?;
    let elements = elements
        .ok_or_else(|| InvalidFile::fault(None, "elements", "is missing; it is the list of factors"))?;
    for (value, n) in elements.into_iter().zip(0..) {
        reader.kept(|reader| reader.element(n, value))?;
    }
    reader.name_factors()?;
    for (value, n) in list(&mut file, "connections")?.into_iter().flatten().zip(0..) {
        reader.kept(|reader| reader.connection(n, value))?;
    }
    reader.drawn(&file)
}

fn list(file: &mut Object<String, Value>, name: &str) -> Result<Option<Vec<Value>>, InvalidFile> {
    match file.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Array(items)) => Ok(Some(items)),
        Some(_) => Err(InvalidFile::fault(None, name, "is no list; write [ ... ]")),
    }
}

#[derive(Default)]
pub(super) struct Reader {
    factors: Vec<Factor>,
    /// Factors by Kumu's ids, which go before labels.
    by_id: BTreeMap<String, usize>,
    /// Factors by label, and whether several have it.
    by_label: BTreeMap<Line, (usize, bool)>,
    links: Vec<Link>,
    faults: Vec<Fault>,
    pub(super) assumed: Assumed,
    renamed: Vec<String>,
    /// Names of attributes that a map here has no place for, and how often.
    left_out: BTreeMap<String, usize>,
}

impl Reader {
    /// Notes a fault and goes on, so that several can be mended at once.
    fn kept(&mut self, read: impl FnOnce(&mut Self) -> Result<(), Fault>) -> Result<(), InvalidFile> {
        let fault = read(self).err();
        self.faults.extend(fault);
        if self.faults.len() < FAULTS { Ok(()) } else { Err(self.faulty()) }
    }

    fn faulty(&mut self) -> InvalidFile {
        InvalidFile::Faults(std::mem::take(&mut self.faults))
    }

    fn element(&mut self, n: usize, value: Value) -> Result<(), Fault> {
        let mut own = Attributes::new(format!("elements[{n}]"), value)?;
        let id = own.line(&["_id"])?.or(own.line(&["id"])?);
        let name = own.line(&["label"])?;
        let name = name.ok_or_else(|| own.fault("label", "is empty; a factor has a name"))?;
        let factor = Factor {
            name,
            about: own.prose(&["description", "about"])?,
            scale: own.scale()?,
            actors: own.lines(&["actors"])?,
        };
        let kind = own.line(&["element type", "type"])?;
        if kind.is_some_and(|kind| kind.as_str().to_lowercase() != FACTOR) {
            self.leave_out("type");
        }
        let at = self.factors.len();
        if let Some(id) = id
            && self.by_id.insert(id.as_str().to_owned(), at).is_some()
        {
            return Err(own.fault("id", format!("is \"{id}\", as of another element; ids differ")));
        }
        self.by_label
            .entry(factor.name.clone())
            .and_modify(|(_, several)| *several = true)
            .or_insert((at, false));
        self.factors.push(factor);
        self.leave_out_rest(&own);
        Ok(())
    }

    /// Numbers factors whose name stood there before.
    fn name_factors(&mut self) -> Result<(), InvalidFile> {
        let mut used: BTreeSet<Line> = self.by_label.keys().cloned().collect();
        let (mut seen, mut last): (BTreeSet<Line>, BTreeMap<Line, u32>) = Default::default();
        for (factor, n) in self.factors.iter_mut().zip(0..) {
            if seen.insert(factor.name.clone()) {
                continue;
            }
            let number = last.entry(factor.name.clone()).or_insert(1);
            let name = loop {
                *number += 1;
                let name = Line::new("label", &format!("{} ({number})", factor.name));
                let name = name.map_err(|error: InvalidText| {
                    InvalidFile::fault(
                        None,
                        format!("elements[{n}].label"),
                        format!("with a number {}", error.what()),
                    )
                })?;
                if used.insert(name.clone()) {
                    break name;
                }
            };
            self.renamed.push(format!("\"{name}\""));
            factor.name = name;
        }
        Ok(())
    }

    /// The factor that an end of a connection names, and whether another has the same label.
    pub(super) fn end(&self, own: &mut Attributes, end: &str) -> Result<(Line, bool), Fault> {
        let name =
            own.line(&[end])?.ok_or_else(|| own.fault(end, "is missing; a connection has two ends"))?;
        let by_label = || self.by_label.get(&name).copied();
        let found = self.by_id.get(name.as_str()).map(|at| (*at, false)).or_else(by_label);
        let factor = found.and_then(|(at, several)| Some((self.factors.get(at)?.name.clone(), several)));
        factor.ok_or_else(|| {
            own.fault(end, format!("is \"{name}\", which is neither the id nor the label of an element"))
        })
    }

    pub(super) fn link(&mut self, link: Link) {
        self.links.push(link);
    }

    pub(super) fn leave_out(&mut self, name: &str) {
        *self.left_out.entry(name.to_owned()).or_default() += 1;
    }

    pub(super) fn leave_out_rest(&mut self, own: &Attributes) {
        own.left().for_each(|name| self.leave_out(name));
    }

    fn drawn(mut self, file: &Object<String, Value>) -> Result<Drawn, InvalidFile> {
        if !self.faults.is_empty() {
            return Err(self.faulty());
        }
        let mut remarks = self.assumed.remarks();
        let renamed = "Several elements have one label, so that there are numbers in";
        remarks.extend(remark(renamed, &self.renamed));
        let left_out: Vec<_> =
            self.left_out.iter().map(|(name, times)| format!("\"{}\" ({times})", shown(name))).collect();
        remarks.extend(remark("Left out, because a map here has no place for it:", &left_out));
        let several = |name: &str| file.get(name).and_then(Value::as_array).map_or(0, Vec::len);
        if several("loops") > 0 {
            remarks.push(format!("Loops ({}) are left out; they follow from the links.", several("loops")));
        }
        if several("maps") > 1 {
            remarks.push(format!(
                "The project has {} maps; what all of them show is one map here.",
                several("maps")
            ));
        }
        Ok(Drawn { factors: self.factors, links: self.links, remarks })
    }
}

/// A name from the file as it can be shown: short, without what could change how a line reads.
fn shown(name: &str) -> String {
    let bidi = |c: char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    name.chars().filter(|c| !c.is_control() && !bidi(*c)).take(40).collect()
}

/// A remark that names these, or as many of them as help.
pub(super) fn remark(what: &str, named: &[String]) -> Option<String> {
    let first: Vec<_> = named.iter().take(NAMED).map(String::as_str).collect();
    let more = named.len().saturating_sub(NAMED);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!first.is_empty()).then(|| format!("{what} {}{more}.", first.join(", ")))
}
