//! Profiles and scales.

use cairn_proto::pb::exchange::{self as pb, scale::Label};

use super::InvalidRecord;
use crate::domain::{
    place::{Contact, LocalScale, Profile, Scale},
    text::{Line, Prose, bounded},
};

/// An optional text for the wire, where empty means: not said.
pub(super) fn said<T: ToString>(text: Option<&T>) -> String {
    text.map(T::to_string).unwrap_or_default()
}

/// A list of texts for the wire.
pub(super) fn words<T: ToString>(items: &[T]) -> Vec<String> {
    items.iter().map(T::to_string).collect()
}

impl From<&Scale> for pb::Scale {
    fn from(scale: &Scale) -> Self {
        let built_in = |scale: pb::BuiltInScale| Label::BuiltIn(scale.into());
        let label = match scale {
            Scale::Organisation => built_in(pb::BuiltInScale::Organisation),
            Scale::Place => built_in(pb::BuiltInScale::Place),
            Scale::Country => built_in(pb::BuiltInScale::Country),
            Scale::Own(word) => Label::Own(word.to_string()),
        };
        Self { label: Some(label) }
    }
}

impl TryFrom<pb::Scale> for Scale {
    type Error = InvalidRecord;

    fn try_from(scale: pb::Scale) -> Result<Self, InvalidRecord> {
        match scale.label.ok_or(InvalidRecord::Missing("scale"))? {
            Label::BuiltIn(value) => match pb::BuiltInScale::try_from(value) {
                Ok(pb::BuiltInScale::Organisation) => Ok(Self::Organisation),
                Ok(pb::BuiltInScale::Place) => Ok(Self::Place),
                Ok(pb::BuiltInScale::Country) => Ok(Self::Country),
                Ok(pb::BuiltInScale::Unspecified) | Err(_) => Err(InvalidRecord::Unknown("scale")),
            },
            // An own word must not bring in by the back door what has no form on the wire.
            Label::Own(word) => match LocalScale::from_words(&word)? {
                LocalScale::Shared(scale) => Ok(scale),
                LocalScale::Life => Err(InvalidRecord::Unknown("scale")),
            },
        }
    }
}

impl From<&Profile> for pb::Profile {
    fn from(profile: &Profile) -> Self {
        let Profile { name, scale, geography, themes, contacts, about } = profile;
        let contact = |c: &Contact| pb::Contact { role: c.role.to_string(), reach: c.reach.to_string() };
        Self {
            name: name.to_string(),
            scale: Some(scale.into()),
            geography: said(geography.as_ref()),
            themes: words(themes),
            contacts: contacts.iter().map(contact).collect(),
            about: said(about.as_ref()),
        }
    }
}

impl TryFrom<pb::Profile> for Profile {
    type Error = InvalidRecord;

    fn try_from(profile: pb::Profile) -> Result<Self, InvalidRecord> {
        let pb::Profile { name, scale, geography, themes, contacts, about } = profile;
        let contact = |c: &pb::Contact| -> Result<Contact, InvalidRecord> {
            let pb::Contact { role, reach } = c;
            Ok(Contact { role: Line::new("contact role", role)?, reach: Line::new("contact reach", reach)? })
        };
        Ok(Self {
            name: Line::new("name", &name)?,
            scale: scale.ok_or(InvalidRecord::Missing("scale"))?.try_into()?,
            geography: Prose::optional("geography", &geography)?,
            themes: Line::list("themes", &themes)?,
            contacts: bounded("contacts", &contacts)?.iter().map(contact).collect::<Result<_, _>>()?,
            about: Prose::optional("about", &about)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_life_has_no_form_on_the_wire() {
        for word in ["life", "Person"] {
            let scale = pb::Scale { label: Some(Label::Own(word.into())) };
            assert_eq!(Scale::try_from(scale), Err(InvalidRecord::Unknown("scale")));
        }
    }
}
