//! A whole cycle as a file, and back: everything that belongs to it and everything those documents refer to. What is
//! private stays out unless it is asked for; references to what was left out are left out with it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde_json::Value;

use super::{
    App, AppError, Entry, Kept, Operator, Ref, parse, privacy::Privacy, reference_of, save::How, unknown,
};
use crate::{
    domain::learning::{
        Document, Id, Kind,
        shape::{self, Form, Part, Shape},
    },
    files::{
        InvalidFile,
        account::account,
        bundle,
        document::{self, Bundle, Written},
        html,
    },
    store::{StoreError, Tx},
};

/// How a cycle is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JSON, after the schema.
    Json,
    /// Markdown with front matter.
    Markdown,
    /// An account that prints well.
    Html,
}

/// A whole cycle as a file.
#[derive(Clone, Debug)]
pub struct Exported {
    /// The file.
    pub content: Vec<u8>,
    /// A name for it.
    pub file_name: String,
    /// How many documents are in it.
    pub documents: usize,
    /// How many were left out.
    pub left_out: usize,
}

/// What came of reading one in.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// Documents that are new here.
    pub added: Vec<Entry>,
    /// Documents with a new version.
    pub changed: Vec<Entry>,
    /// How many are the same.
    pub unchanged: u32,
    /// Gentle remarks.
    pub remarks: Vec<String>,
}

/// The documents of a cycle, in the order in which they can be read in: what is referred to comes first.
struct Gathered {
    documents: Vec<Kept>,
    left_out: usize,
}

impl App {
    /// A whole cycle as a file.
    ///
    /// # Errors
    /// [`AppError::Unknown`].
    pub async fn export_cycle(
        &self,
        _: &Operator,
        id: &Id,
        format: Format,
        private: bool,
    ) -> Result<Exported, AppError> {
        let mut tx = self.store.read().await?;
        let of = Ref { kind: Kind::Cycle, id: id.clone() };
        let title = self.entry_of(&mut tx, &of).await?.title;
        let Gathered { documents, left_out } = self.gather(&mut tx, &of, private).await?;
        let content = match format {
            Format::Json => bundle::to_json(&title, id, documents.iter().map(|kept| &kept.document)),
            Format::Markdown => bundle::to_markdown(&title, id, documents.iter().map(|kept| &kept.document)),
            Format::Html => Ok(self.printed(&mut tx, &title, &of, &documents, left_out).await?),
        };
        let extension = match format {
            Format::Json => "json",
            Format::Markdown => "md",
            Format::Html => "html",
        };
        Ok(Exported {
            content: content.map_err(StoreError::corrupt)?.into_bytes(),
            file_name: format!("{id}.{extension}"),
            documents: documents.len(),
            left_out,
        })
    }

    async fn printed(
        &self,
        tx: &mut Tx,
        title: &str,
        of: &Ref,
        documents: &[Kept],
        left_out: usize,
    ) -> Result<String, AppError> {
        // Consents stay at home: an account for a board says what was learnt, not who agreed to what.
        let shown = |kept: &&Kept| kept.document.kind() != Kind::Consent;
        let titles: BTreeMap<Ref, String> = documents
            .iter()
            .filter(shown)
            .filter_map(|kept| Some((reference_of(kept)?, kept.document.title())))
            .collect();
        let title_of = |to: &Ref| titles.get(to).cloned();
        let place = self.place_document(tx).await?.map(|place| place.name);
        let laid_out = |kept: &Kept| {
            let to = reference_of(kept)?;
            Some(html::Laid {
                is_the_cycle: &to == of,
                title: kept.document.title(),
                blocks: account(to.kind, &kept.value, &title_of),
                changed_on: kept.row.at.to_string().chars().take(10).collect(),
                changed_by: kept.row.by.clone(),
                of: to,
            })
        };
        let printed = html::Printed {
            title: title.to_owned(),
            place,
            printed_on: self.today(),
            documents: documents.iter().filter(shown).filter_map(laid_out).collect(),
            left_out,
        };
        Ok(html::write(&printed))
    }

    /// The cycle, what belongs to it, and what those refer to. Of other cycles, those it goes on from and those it is
    /// tied to are named along, without what belongs to them.
    async fn gather(&self, tx: &mut Tx, of: &Ref, private: bool) -> Result<Gathered, AppError> {
        let (mut found, mut left_out, mut privacy) = (BTreeMap::new(), BTreeSet::new(), Privacy::default());
        let mut open = VecDeque::new();
        for row in tx.documents_of_cycle(of.id.as_str()).await? {
            if !row.document.is_empty() {
                open.push_back(parse(row)?);
            }
        }
        while let Some(kept) = open.pop_front() {
            let Some(to) = reference_of(&kept) else { continue };
            if found.contains_key(&to) || left_out.contains(&to) {
                continue;
            }
            if !private && privacy.of(tx, &kept).await? {
                left_out.insert(to);
                continue;
            }
            for reference in self.taken_along(tx, &kept, of).await? {
                let row = tx.document(reference.kind.word(), reference.id.as_str()).await?;
                if let Some(row) = row.filter(|row| !row.document.is_empty()) {
                    open.push_back(parse(row)?);
                }
            }
            found.insert(to, kept);
        }
        if left_out.contains(of) {
            return Err(AppError::Argument(format!(
                "{of} is marked as sensitive or is about one person's life, so it stays at home. To write it to a file \
                 nevertheless, for instance to move it, use --private"
            )));
        }
        if !found.contains_key(of) {
            return Err(unknown(of));
        }
        without_references_to(&mut left_out, &mut found);
        let found = found.into_iter().map(|(own, kept)| {
            let references = referred_to(kept.document.kind(), &kept.value);
            (Some(own), references, kept)
        });
        Ok(Gathered { documents: in_order(found.collect()), left_out: left_out.len() })
    }

    /// What a document brings along: what it refers to, and the maps of a system.
    async fn taken_along(&self, tx: &mut Tx, kept: &Kept, of: &Ref) -> Result<Vec<Ref>, AppError> {
        let is_the_cycle = reference_of(kept).as_ref() == Some(of);
        let references = shape::traits(kept.document.kind(), &kept.value).references.into_iter();
        let along = references.filter(|reference| {
            let to_cycle = reference.to.kind == Kind::Cycle;
            !to_cycle || reference.relation == "follows" || (is_the_cycle && reference.relation == "ties")
        });
        let mut along: Vec<_> = along.map(|reference| reference.to).collect();
        if kept.document.kind() == Kind::System {
            let maps = tx.links_to(Kind::System.word(), &kept.row.id).await?;
            let maps = maps.into_iter().filter(|link| link.from_kind == Kind::Map.word());
            along.extend(
                maps.filter_map(|link| Some(Ref { kind: Kind::Map, id: Id::new(&link.from_id).ok()? })),
            );
        }
        Ok(along)
    }

    /// Whether everything that is referred to is here by now. A file about one cycle was written by a node, where the
    /// rest is, or was before it was erased; that is said, and the reference stays.
    async fn all_refer_to_something(
        &self,
        tx: &mut Tx,
        kept: &[Written],
        about_one_cycle: bool,
        file: &str,
    ) -> Result<Vec<String>, AppError> {
        let (mut faults, mut elsewhere) = (Vec::new(), Vec::new());
        for written in kept {
            for (to, wrong) in self.dangling(tx, &written.document, &[]).await? {
                match to {
                    Some(to) if about_one_cycle => {
                        elsewhere
                            .push(format!("{}: refers to {to}, which is not here", written.document.title()));
                    }
                    _ => faults.push(written.fault(wrong)),
                }
            }
        }
        if faults.is_empty() { Ok(elsewhere) } else { Err(AppError::file(file, InvalidFile::Faults(faults))) }
    }

    async fn is_here(&self, tx: &mut Tx, written: &Written) -> Result<bool, AppError> {
        let Some(id) = written.document.id() else { return Ok(false) };
        Ok(tx.head(written.document.kind().word(), id.as_str()).await?.is_some())
    }

    /// Reads in a whole cycle. All of it or nothing.
    ///
    /// # Errors
    /// [`AppError::File`], or [`AppError::Differ`] when documents are here already and differ.
    pub async fn import_cycle(
        &self,
        who: &Operator,
        content: &[u8],
        file: &str,
        replace: bool,
    ) -> Result<Taken, AppError> {
        let Bundle { cycle, documents: all } =
            document::read_bundle(content).map_err(|error| AppError::file(file, error))?;
        let mut taken = Taken::default();
        let (mut outcomes, mut differ, mut kept) = (Vec::new(), Vec::new(), Vec::new());
        let mut tx = self.saving().await?;
        for written in sorted(all).into_iter().flat_map(save_order) {
            if named_along(&written, cycle.as_ref()) && self.is_here(&mut tx, &written).await? {
                taken.unchanged += 1;
                continue;
            }
            for remark in written.document.remarks(self.today()) {
                taken.remarks.push(format!("{}: {remark}", written.document.title()));
            }
            // Documents of one file may refer to each other in a ring.
            let how = How { refers_ahead: true, ..How::of(file) };
            let outcome = self.keep(&mut tx, who, written.clone(), how).await?;
            if !outcome.created && !outcome.unchanged {
                differ.push(outcome.of.to_string());
            }
            outcomes.push(outcome);
            kept.push(written);
        }
        taken.remarks.extend(self.all_refer_to_something(&mut tx, &kept, cycle.is_some(), file).await?);
        if !replace && !differ.is_empty() {
            return Err(AppError::Differ { what: differ });
        }
        for outcome in outcomes {
            match (outcome.created, outcome.unchanged) {
                (true, _) => taken.added.push(self.entry_of(&mut tx, &outcome.of).await?),
                (false, true) => taken.unchanged += 1,
                (false, false) => taken.changed.push(self.entry_of(&mut tx, &outcome.of).await?),
            }
        }
        tx.commit().await?;
        self.signals.documents_changed();
        Ok(taken)
    }
}

/// Whether a document of a bundle only accompanies the cycle: another cycle, or a prompt, which may have been worded
/// anew here. Where it is here already, it stays as it is.
fn named_along(written: &Written, cycle: Option<&Id>) -> bool {
    match written.document.kind() {
        Kind::Prompt => true,
        Kind::Cycle => cycle.is_some() && written.document.id() != cycle,
        _ => false,
    }
}

/// An experiment's whole consents before the experiment, which then refers to them.
fn save_order(written: Written) -> Vec<Written> {
    let consents = super::save::whole_consents(&written);
    consents.into_iter().chain([super::save::referring(written)]).collect()
}

/// What is referred to before what refers to it, as far as there are no rings.
fn sorted(all: Vec<Written>) -> Vec<Written> {
    let with_references = all.into_iter().map(|written| {
        let kind = written.document.kind();
        let value = written.document.to_value().map(shape::pruned).unwrap_or_default();
        let own = written.document.id().map(|id| Ref { kind, id: id.clone() });
        (own, referred_to(kind, &value), written)
    });
    in_order(with_references.collect())
}

fn referred_to(kind: Kind, value: &Value) -> Vec<Ref> {
    shape::traits(kind, value).references.into_iter().map(|reference| reference.to).collect()
}

/// Depth first: each item after those it refers to. The order is otherwise kept.
fn in_order<T>(items: Vec<(Option<Ref>, Vec<Ref>, T)>) -> Vec<T> {
    let places: BTreeMap<Ref, usize> =
        items.iter().zip(0..).filter_map(|((own, ..), n)| Some((own.clone()?, n))).collect();
    let references: Vec<Vec<usize>> =
        items.iter().map(|(_, to, _)| to.iter().filter_map(|to| places.get(to).copied()).collect()).collect();
    let mut order = Vec::with_capacity(items.len());
    let mut begun = BTreeSet::new();
    for from in 0..items.len() {
        let mut open = vec![(from, false)];
        while let Some((at, done)) = open.pop() {
            if done {
                order.push(at);
            } else if begun.insert(at) {
                open.push((at, true));
                open.extend(references.get(at).into_iter().flatten().rev().map(|to| (*to, false)));
            }
        }
    }
    let mut items: BTreeMap<usize, T> = (0..).zip(items).map(|(n, (_, _, item))| (n, item)).collect();
    order.into_iter().filter_map(|n| items.remove(&n)).collect()
}

/// Takes references to what is left out, out of the documents; leaves out those that cannot be without.
fn without_references_to(left_out: &mut BTreeSet<Ref>, found: &mut BTreeMap<Ref, Kept>) {
    loop {
        let before = left_out.len();
        for (own, kept) in found.iter_mut() {
            let value = without(kept.document.kind(), &kept.value, left_out);
            match Document::from_value(kept.document.kind(), value.clone()) {
                Ok(document) => (kept.value, kept.document) = (value, document),
                Err(_) => {
                    left_out.insert(own.clone());
                }
            }
        }
        found.retain(|own, _| !left_out.contains(own));
        if left_out.len() == before {
            return;
        }
    }
}

/// A document without references to what is in `gone`.
fn without(kind: Kind, value: &Value, gone: &BTreeSet<Ref>) -> Value {
    shape::pruned(parts_without(&Shape::of(kind).parts, value, gone))
}

fn parts_without(parts: &[Part], value: &Value, gone: &BTreeSet<Ref>) -> Value {
    let Value::Object(object) = value else { return value.clone() };
    let kept = object.iter().map(|(name, value)| {
        let form = parts.iter().find(|part| &part.name == name).map(|part| &part.form);
        (name.clone(), form.map_or_else(|| value.clone(), |form| form_without(form, value, gone)))
    });
    Value::Object(kept.collect())
}

fn form_without(form: &Form, value: &Value, gone: &BTreeSet<Ref>) -> Value {
    let is_gone = |kind: Option<Kind>, text: &str| {
        let to = match kind {
            Some(kind) => Id::new(text).ok().map(|id| Ref { kind, id }),
            None => text.parse().ok(),
        };
        to.is_some_and(|to| gone.contains(&to))
    };
    match (form, value) {
        (Form::List(item), Value::Array(items)) => {
            let items = items.iter().map(|value| (value, form_without(item, value, gone)));
            // A group that loses what it refers to would say something else without it.
            let kept = items.filter(|(before, after)| !before.is_object() || *before == after);
            Value::Array(kept.map(|(_, after)| after).collect())
        }
        (Form::Group(parts), value) => parts_without(parts, value, gone),
        (Form::Ref(kind), Value::String(text)) if is_gone(*kind, text) => Value::Null,
        (Form::RefOrGroup(kind, _), Value::String(text)) if is_gone(Some(*kind), text) => Value::Null,
        (_, value) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_referred_to_comes_first_and_rings_end() {
        let of = |id: &str| Ref { kind: Kind::Session, id: Id::new(id).unwrap() };
        let item =
            |id: &str, to: &[&str]| (Some(of(id)), to.iter().map(|to| of(to)).collect(), id.to_owned());
        let order = in_order(vec![item("c", &["b"]), item("b", &["a", "elsewhere"]), item("a", &[])]);
        assert_eq!(order, ["a", "b", "c"]);
        let ring = in_order(vec![item("a", &["b"]), item("b", &["a"]), item("x", &["x"])]);
        assert_eq!(ring, ["b", "a", "x"]);
        let chain: Vec<_> = (0..5000).map(|n| item(&format!("n{n}"), &[&format!("n{}", n + 1)])).collect();
        assert_eq!(in_order(chain).first().map(String::as_str), Some("n4999"));
    }
}
