//! Packs of prompts: questions to think with, as data under their own licence. What a place worded itself stays as
//! it is when a newer pack comes (R271).

use serde::Deserialize;
use serde_json::Value;

use super::{App, AppError, Operator, save::How};
use crate::{
    domain::{
        learning::{Document, Id, Kind, Ref, prompt::Prompt, shape::pruned},
        text::{Line, Prose},
    },
    files::{self, BUNDLE_BYTES, InvalidFile, document::Written, yaml},
    store::Tx,
};

/// Prompts in one pack.
const PROMPTS: usize = 2000;

/// A pack as it stands in its file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Pack {
    cairn: String,
    id: Id,
    title: Line,
    version: Line,
    attribution: Prose,
    licence: Line,
    source: Option<Prose>,
    prompts: Vec<Prompt>,
}

/// What came of it.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The pack's title.
    pub title: String,
    /// Whom it is by, and under which licence.
    pub attribution: String,
    /// Prompts that are new here.
    pub added: u32,
    /// Prompts that the pack words differently now.
    pub changed: u32,
    /// Prompts that the place worded itself; they stay.
    pub kept: Vec<String>,
}

impl App {
    /// Reads in a pack of prompts.
    ///
    /// # Errors
    /// [`AppError::File`] naming line and part; nothing was changed then.
    pub async fn load_prompts(&self, who: &Operator, content: &[u8], file: &str) -> Result<Loaded, AppError> {
        let pack = read(content).map_err(|error| AppError::file(file, error))?;
        let source = pack.source.map(|source| format!(" {source}")).unwrap_or_default();
        let mut loaded = Loaded {
            attribution: format!("{} Licence: {}.{source}", pack.attribution, pack.licence),
            title: format!("{} (version {})", pack.title, pack.version),
            ..Loaded::default()
        };
        let mut tx = self.saving().await?;
        for mut prompt in pack.prompts {
            prompt.pack = Line::optional("pack", pack.id.as_str())?;
            self.load_prompt(&mut tx, who, prompt, &mut loaded).await?;
        }
        tx.commit().await?;
        self.signals.documents_changed();
        Ok(loaded)
    }

    async fn load_prompt(
        &self,
        tx: &mut Tx,
        who: &Operator,
        prompt: Prompt,
        loaded: &mut Loaded,
    ) -> Result<(), AppError> {
        let Some(id) = prompt.id.clone() else { return Ok(()) };
        let of = Ref { kind: Kind::Prompt, id };
        let known = tx.head(of.kind.word(), of.id.as_str()).await?;
        let here = match known {
            Some(head) if head.erased => {
                loaded.kept.push(of.id.to_string());
                return Ok(());
            }
            Some(_) => match self.kept(tx, &of).await?.document {
                Document::Prompt(here) => Some(*here),
                _ => None,
            },
            None => None,
        };
        let written = match here {
            None => {
                loaded.added += 1;
                prompt
            }
            Some(here) if here.pack != prompt.pack || here.as_in_pack.is_some() || here.offered.is_some() => {
                loaded.kept.push(of.id.to_string());
                match here.as_in_pack {
                    Some(_) => Prompt { as_in_pack: Some(prompt.text), ..here },
                    None => here,
                }
            }
            Some(here) if here != prompt => {
                loaded.changed += 1;
                prompt
            }
            Some(_) => return Ok(()),
        };
        let written = Written::plain(Document::Prompt(Box::new(written)));
        self.keep(tx, who, written, How { from_pack: true, ..How::default() }).await?;
        Ok(())
    }
}

fn read(content: &[u8]) -> Result<Pack, InvalidFile> {
    let text = files::text(content, BUNDLE_BYTES)?;
    let (value, lines) = yaml::read(&text, 1)?;
    let pack: Pack = serde_path_to_error::deserialize::<Value, Pack>(pruned(value)).map_err(|error| {
        let field = error.path().to_string();
        InvalidFile::fault(yaml::line_of(&lines, &field), field, error.into_inner().to_string())
    })?;
    if pack.cairn != "prompts/1" {
        return Err(InvalidFile::fault(lines.get("cairn").copied(), "cairn", "must be prompts/1"));
    }
    if pack.prompts.len() > PROMPTS {
        let what = format!("has {} items; at most {PROMPTS} fit", pack.prompts.len());
        return Err(InvalidFile::fault(lines.get("prompts").copied(), "prompts", what));
    }
    if let Some((_, n)) = pack.prompts.iter().zip(0..).find(|(prompt, _)| prompt.id.is_none()) {
        let field = format!("prompts[{n}]");
        let what = "has no `id`; a prompt keeps its id for ever";
        return Err(InvalidFile::fault(yaml::line_of(&lines, &field), field, what));
    }
    Ok(pack)
}
