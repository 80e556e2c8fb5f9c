//! A whole cycle as a file: everything that belongs to it and everything those documents refer to. What is private stays
//! out unless it is asked for; references to what was left out are left out with it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::{
    App, AppError, Kept, Operator, Ref,
    order::{in_order, referred_to},
    parse,
    privacy::Privacy,
    reference_of, unknown,
};
use crate::{
    domain::learning::{Document, Id, Kind, shape, without::without},
    files::{account::account, bundle, html},
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
