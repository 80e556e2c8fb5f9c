//! Our own profile, kept at home until it is published.

use serde::{Deserialize, Serialize};

use super::{App, AppError, actor::Operator};
use crate::{
    domain::{
        place::{Contact, LocalScale, Profile, Scale},
        text::{Line, Prose, bounded},
    },
    store::{StoreError, Tx},
};

/// The profile as the store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceDocument {
    /// Name of the place or organisation.
    pub name: String,
    /// Its scale, in words.
    pub scale: String,
    /// Its geography, in words.
    pub geography: String,
    /// What it works on.
    pub themes: Vec<String>,
    /// Roles and how to reach them.
    pub contacts: Vec<(String, String)>,
    /// A few words about it.
    pub about: String,
}

/// What to change; `None` leaves a part as it is.
#[derive(Clone, Debug, Default)]
pub struct PlaceChange {
    /// Name.
    pub name: Option<String>,
    /// Scale, in words.
    pub scale: Option<String>,
    /// Geography, in words.
    pub geography: Option<String>,
    /// A few words.
    pub about: Option<String>,
    /// Themes.
    pub themes: Option<Vec<String>>,
    /// Roles and how to reach them.
    pub contacts: Option<Vec<(String, String)>>,
}

impl PlaceDocument {
    /// A place of which only the name is known.
    ///
    /// # Errors
    /// [`AppError`] when the name is not a line of text.
    pub fn named(name: &str) -> Result<Self, AppError> {
        Ok(Self {
            name: Line::new("name", name)?.to_string(),
            scale: Scale::Place.to_string(),
            geography: String::new(),
            themes: Vec::new(),
            contacts: Vec::new(),
            about: String::new(),
        })
    }

    /// The profile it describes.
    ///
    /// # Errors
    /// [`AppError`] when a part is out of bounds.
    pub fn profile(&self) -> Result<Profile, AppError> {
        let scale = match LocalScale::from_words(&self.scale)? {
            LocalScale::Shared(scale) => scale,
            LocalScale::Life => {
                return Err(AppError::Argument(
                    "a node speaks for an organisation, a place or a country".into(),
                ));
            }
        };
        let contact = |(role, reach): &(String, String)| -> Result<Contact, AppError> {
            Ok(Contact { role: Line::new("contact role", role)?, reach: Line::new("contact", reach)? })
        };
        Ok(Profile {
            name: Line::new("name", &self.name)?,
            scale,
            geography: Prose::optional("geography", &self.geography)?,
            themes: Line::list("themes", &self.themes)?,
            contacts: bounded("contacts", &self.contacts)?.iter().map(contact).collect::<Result<_, _>>()?,
            about: Prose::optional("about", &self.about)?,
        })
    }

    fn apply(&mut self, change: PlaceChange) {
        let PlaceChange { name, scale, geography, about, themes, contacts } = change;
        let set = |part: &mut String, new: Option<String>| {
            if let Some(new) = new {
                *part = new;
            }
        };
        set(&mut self.name, name);
        set(&mut self.scale, scale);
        set(&mut self.geography, geography);
        set(&mut self.about, about);
        self.themes = themes.unwrap_or_else(|| std::mem::take(&mut self.themes));
        self.contacts = contacts.unwrap_or_else(|| std::mem::take(&mut self.contacts));
    }
}

impl App {
    /// The profile at home, if the place has a name yet.
    ///
    /// # Errors
    /// [`AppError::Store`].
    pub async fn place(&self, _: &Operator) -> Result<Option<Profile>, AppError> {
        let mut tx = self.store.read().await?;
        self.place_document(&mut tx).await?.map(|document| document.profile()).transpose()
    }

    /// Changes the profile at home. Nothing leaves.
    ///
    /// # Errors
    /// [`AppError`] when a part is out of bounds; nothing is changed then.
    pub async fn set_place(&self, _: &Operator, change: PlaceChange) -> Result<Profile, AppError> {
        let mut tx = self.store.write().await?;
        let mut document = match self.place_document(&mut tx).await? {
            Some(document) => document,
            None => PlaceDocument::named(change.name.as_deref().ok_or(AppError::Unnamed)?)?,
        };
        document.apply(change);
        let profile = document.profile()?;
        save(&mut tx, &document, self.clock.now()).await?;
        tx.commit().await?;
        Ok(profile)
    }

    pub(crate) async fn place_document(&self, tx: &mut Tx) -> Result<Option<PlaceDocument>, AppError> {
        let document = tx.place().await?;
        let parse = |json: String| serde_json::from_str(&json).map_err(StoreError::corrupt);
        Ok(document.map(parse).transpose()?)
    }
}

/// Adds a version of the profile.
///
/// # Errors
/// [`StoreError`].
pub(crate) async fn save(tx: &mut Tx, place: &PlaceDocument, at: jiff::Timestamp) -> Result<(), StoreError> {
    let json = serde_json::to_string(place).map_err(StoreError::corrupt)?;
    tx.add_place_version(&json, at).await
}
