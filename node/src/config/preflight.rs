//! What the configuration says of pre-flight.

use serde::Deserialize;

use crate::domain::{
    disclosure::{RuleSet, Zero},
    preflight::Settings,
};

#[derive(Debug, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub(super) struct PreflightSection {
    blocks: Vec<String>,
    rule_set: String,
    hide_to: u32,
    round_to: u32,
    averages_from: u32,
    hide_zero: bool,
    decision: String,
    two_persons: Vec<String>,
    second_person_for_overrides: bool,
}

impl Default for PreflightSection {
    fn default() -> Self {
        Self {
            blocks: Vec::new(),
            rule_set: "default".into(),
            hide_to: 7,
            round_to: 5,
            averages_from: 8,
            hide_zero: false,
            decision: String::new(),
            two_persons: Vec::new(),
            second_person_for_overrides: false,
        }
    }
}

impl PreflightSection {
    /// What the place decided, checked.
    pub(super) fn settings(self) -> Result<Settings, String> {
        let rules = match self.rule_set.trim() {
            "default" => RuleSet::Default,
            "ons-10" => RuleSet::Ons10,
            "site" => RuleSet::Site {
                hide_to: self.hide_to,
                round_to: self.round_to,
                averages_from: self.averages_from,
                zero: if self.hide_zero { Zero::LikeSmall } else { Zero::Shown },
                decision: Some(self.decision),
            },
            _ => return Err("[preflight] rule_set must be \"default\", \"ons-10\" or \"site\"".to_owned()),
        };
        let (blocks, cards) = (&self.blocks, &self.two_persons);
        Settings::new(blocks, rules, cards, self.second_person_for_overrides)
            .map_err(|error| error.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn preflight_never_goes_below_its_floor() {
        let settings = |text: &str| toml::from_str::<PreflightSection>(text).unwrap().settings();
        assert_eq!(settings("").unwrap(), Settings::default());
        assert!(settings("blocks = [\"name\"]\ntwo_persons = [\"public\"]").is_ok());
        for (text, words) in [
            ("rule_set = \"site\"\nhide_to = 2", "Write 3 or more"),
            ("rule_set = \"site\"\nhide_to = 4", "`decision`"),
            ("rule_set = \"mine\"", "ons-10"),
            ("blocks = [\"nome\"]", "postcode"),
            ("two_persons = [\"friends\"]", "national pattern-finding"),
        ] {
            let refused = settings(text).unwrap_err();
            assert!(refused.contains(words), "{refused}");
        }
    }
}
