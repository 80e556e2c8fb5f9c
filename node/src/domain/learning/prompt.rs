//! Prompts: questions to think with, by stage and scale. They come as packs of data, may be edited at each
//! node, and may always be skipped (R097, R271, N13).

use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Id, Kind, Learning, Wrong, shape::Flag, words::words};
use crate::domain::{
    place::LocalScale,
    text::{Line, Prose},
};

words! {
    /// How certain it is that the source says so.
    Certainty {
        Clear = "clear",
        Reconstructed = "reconstructed",
        Ours = "ours",
    }
}

/// A question to think with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Prompt {
    /// Its id, which stays the same for ever.
    pub id: Option<Id>,
    /// The question.
    pub text: Prose,
    /// The set it belongs to.
    pub set: Option<Line>,
    /// The scale it is asked at.
    #[schemars(extend("x-facet" = "scale"))]
    pub scale: Option<LocalScale>,
    /// The stage it is asked in; or managing, or governing.
    #[schemars(extend("x-facet" = "stage"))]
    pub stage: Option<Line>,
    /// The pack it came with; none for your own.
    pub pack: Option<Line>,
    /// How the pack words it, where you changed it.
    pub as_in_pack: Option<Prose>,
    /// Where in the source.
    pub lines: Option<Line>,
    /// clear, reconstructed or ours.
    pub certainty: Option<Certainty>,
    /// no: it is not offered here.
    pub offered: Option<Flag>,
}

impl Learning for Prompt {
    const KIND: Kind = Kind::Prompt;

    fn id(&self) -> Option<&Id> {
        self.id.as_ref()
    }

    fn set_id(&mut self, id: Id) {
        self.id = Some(id);
    }

    /// The whole question: it is short, and half of it asks nothing.
    fn title(&self) -> String {
        self.text.as_str().split_whitespace().collect::<Vec<_>>().join(" ")
    }

    fn wrong(&self, _: Date) -> Vec<Wrong> {
        Vec::new()
    }

    fn private(&self) -> bool {
        false
    }
}
