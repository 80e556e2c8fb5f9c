//! The one place that writes to the terminal.
//!
//! Renderings are pure: a reply and a width become text (`page` and the modules named
//! after what they show) or JSON (`json`). Whatever is written passes a last gate here
//! that lets no control character of a record reach the terminal.

pub(crate) mod dialogue;
pub(crate) mod evidence;
pub(crate) mod experiment;
pub(crate) mod integrity;
pub(crate) mod json;
pub(crate) mod keys;
pub(crate) mod learning;
pub(crate) mod leaving;
pub(crate) mod notice;
pub(crate) mod page;
pub(crate) mod peer;
pub(crate) mod place;
pub(crate) mod preflight;
pub(crate) mod publish;
pub(crate) mod record;
pub(crate) mod records;
pub(crate) mod standing;
pub(crate) mod subscription;
pub(crate) mod succession;
pub(crate) mod text;
pub(crate) mod upkeep;
pub(crate) mod words;

use std::io::{self, Write};

use serde::Serialize;

use self::json::Reply;
pub(crate) use self::page::Page;
use crate::error::Error;

/// Narrower terminals get lines of this width all the same.
const NARROWEST: usize = 40;

/// Longer lines are hard to read.
const WIDEST: usize = 100;

/// Where text and JSON go.
pub(crate) struct Output {
    json: bool,
    width: usize,
    out: Box<dyn Write + Send>,
    err: Box<dyn Write + Send>,
}

impl Output {
    /// Standard output and standard error.
    pub(crate) fn standard(json: bool) -> Self {
        let width = textwrap::termwidth().clamp(NARROWEST, WIDEST);
        Self { json, width, out: Box::new(io::stdout()), err: Box::new(io::stderr()) }
    }

    /// Whether JSON was asked for.
    pub(crate) fn wants_json(&self) -> bool {
        self.json
    }

    /// A reply of the node: as JSON, or as the text that `human` makes of it.
    pub(crate) fn reply<M: Reply>(
        &mut self,
        reply: &M,
        human: impl FnOnce(&M, &mut Page),
    ) -> Result<(), Error> {
        if self.json { self.value(&json::canonical(reply)?) } else { self.page(|page| human(reply, page)) }
    }

    /// A page of text on standard output.
    pub(crate) fn page(&mut self, write: impl FnOnce(&mut Page)) -> Result<(), Error> {
        let mut page = Page::new(self.width);
        write(&mut page);
        self.say(&page.into_text())
    }

    /// Text on standard output.
    pub(crate) fn say(&mut self, text: &str) -> Result<(), Error> {
        self.out.write_all(text::gate(text).as_bytes())?;
        Ok(self.out.flush()?)
    }

    /// Text of our own making for another program, such as a shell script: exactly as it is.
    pub(crate) fn raw(&mut self, text: &str) -> Result<(), Error> {
        self.out.write_all(text.as_bytes())?;
        Ok(self.out.flush()?)
    }

    /// A file on standard output: exactly as it is.
    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> Result<(), Error> {
        self.out.write_all(bytes)?;
        Ok(self.out.flush()?)
    }

    /// One JSON value, in one line.
    pub(crate) fn value(&mut self, value: &impl Serialize) -> Result<(), Error> {
        let text = serde_json::to_string(value).map_err(|error| Error::Reply(error.to_string()))?;
        self.out.write_all(text::gate_json(&text).as_bytes())?;
        self.out.write_all(b"\n")?;
        Ok(self.out.flush()?)
    }

    /// Text beside the result: standard error.
    pub(crate) fn aside(&mut self, text: &str) -> Result<(), Error> {
        self.err.write_all(text::gate(text).as_bytes())?;
        Ok(self.err.flush()?)
    }

    /// Progress: with the result where people read, beside it where a program does.
    pub(crate) fn progress(&mut self, write: impl FnOnce(&mut Page)) -> Result<(), Error> {
        let mut page = Page::new(self.width);
        write(&mut page);
        if self.json { self.aside(&page.into_text()) } else { self.say(&page.into_text()) }
    }

    /// What went wrong: the sentences as they are, or a JSON object.
    pub(crate) fn error(&mut self, error: &Error) -> Result<(), Error> {
        if !self.json {
            return self.aside(&format!("{error}\n"));
        }
        let text = json::error(error);
        self.err.write_all(text::gate_json(&text).as_bytes())?;
        self.err.write_all(b"\n")?;
        Ok(self.err.flush()?)
    }
}
