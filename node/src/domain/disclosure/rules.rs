//! The rule sets for small numbers, and their floor (field anchors 6.8).

/// The least that may be hidden: counts of 1 and 2 always are. With 2 shown, each of the two knows of the other.
pub const HIDE_TO_FLOOR: u32 = 3;
/// The most that may be hidden or rounded to: beyond it hardly a figure of one place would be left.
const MOST: u32 = 1000;

/// What becomes of a count of zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zero {
    /// It is shown.
    Shown,
    /// It is hidden like a small number: that nobody did something may also tell on everybody.
    LikeSmall,
}

/// Which rules a place uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleSet {
    /// 1 to 7 hidden, the others rounded to 5, averages from 8 on, zero shown (NHS Digital HES; `OpenSAFELY`).
    Default,
    /// Below 10 hidden, zero too, no rounding, averages from 10 on (UK LLC; ONS as one part of a check by a person).
    Ons10,
    /// A place's own.
    Site {
        /// Counts from 1 to this are hidden; at least [`HIDE_TO_FLOOR`].
        hide_to: u32,
        /// Other counts are rounded to multiples of this; 1 means they are not.
        round_to: u32,
        /// The fewest people an average or a percentage is shown for.
        averages_from: u32,
        /// What becomes of zero.
        zero: Zero,
        /// In words, who decided that the rules may be laxer than the default, and why.
        decision: Option<String>,
    },
}

/// Why a rule set was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRules {
    /// Less would be hidden than ever may be.
    #[error(
        "`hide_to` is {0}; below {HIDE_TO_FLOOR} a small number points at the people it counts. Write {HIDE_TO_FLOOR} or more"
    )]
    Floor(u32),
    /// Laxer than the default without a decision.
    #[error(
        "`{0}` is laxer than the default; people trusted the default. Write in `decision` who decided this, when and why, or \
         keep the default"
    )]
    Undecided(&'static str),
    /// Nothing can be rounded to this, or nothing would be left.
    #[error("`{field}` is {value}; it must be from 1 to {MOST}. Write 1 for no rounding")]
    Range {
        /// Which number.
        field: &'static str,
        /// What it is.
        value: u32,
    },
}

/// Rules that were checked. Only [`Rules::new`] makes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    pub(super) name: String,
    pub(super) hide_to: u32,
    pub(super) round_to: u32,
    pub(super) averages_from: u32,
    pub(super) zero: Zero,
    decision: Option<String>,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            name: "default".to_owned(),
            hide_to: 7,
            round_to: 5,
            averages_from: 8,
            zero: Zero::Shown,
            decision: None,
        }
    }
}

impl Rules {
    /// Checks a rule set.
    ///
    /// # Errors
    /// [`InvalidRules`] when a number is out of range, below the floor, or laxer than the default without a decision.
    pub fn new(set: RuleSet) -> Result<Self, InvalidRules> {
        let default = Self::default();
        let (hide_to, round_to, averages_from, zero, decision) = match set {
            RuleSet::Default => return Ok(default),
            RuleSet::Ons10 => {
                let zero = Zero::LikeSmall;
                return Ok(Self {
                    name: "ons-10".to_owned(),
                    hide_to: 9,
                    round_to: 1,
                    averages_from: 10,
                    zero,
                    decision: None,
                });
            }
            RuleSet::Site { hide_to, round_to, averages_from, zero, decision } => {
                (hide_to, round_to, averages_from, zero, decision.filter(|d| !d.trim().is_empty()))
            }
        };
        if hide_to < HIDE_TO_FLOOR {
            return Err(InvalidRules::Floor(hide_to));
        }
        for (field, value) in [("hide_to", hide_to), ("round_to", round_to), ("averages_from", averages_from)]
        {
            if !(1..=MOST).contains(&value) {
                return Err(InvalidRules::Range { field, value });
            }
        }
        let lax = [
            ("hide_to", hide_to < default.hide_to),
            // Hiding more than the default makes up for not rounding, as in `ons-10`.
            ("round_to", round_to < default.round_to && hide_to < 9),
            ("averages_from", averages_from < default.averages_from),
        ];
        if let (Some((field, _)), None) = (lax.iter().find(|(_, lax)| *lax), &decision) {
            return Err(InvalidRules::Undecided(field));
        }
        Ok(Self { name: "site".to_owned(), hide_to, round_to, averages_from, zero, decision })
    }

    /// The name of the rule set: `default`, `ons-10` or `site`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Counts from 1 to this are hidden.
    #[must_use]
    pub fn hide_to(&self) -> u32 {
        self.hide_to
    }

    /// The fewest people an average or a percentage is shown for.
    #[must_use]
    pub fn averages_from(&self) -> u32 {
        self.averages_from
    }

    /// The decision behind rules laxer than the default.
    #[must_use]
    pub fn decision(&self) -> Option<&str> {
        self.decision.as_deref()
    }

    /// One plain sentence for the disclosure statement.
    #[must_use]
    pub fn words(&self) -> String {
        let below = self.hide_to.saturating_add(1);
        let zero = match self.zero {
            Zero::Shown => "zero is shown",
            Zero::LikeSmall => "zero is hidden as well",
        };
        let others = match self.round_to {
            1 => "other counts are not rounded".to_owned(),
            base => format!("other counts are rounded to {base}"),
        };
        format!(
            "Counts of people below {below} are hidden, {zero}, {others}, and averages and percentages are shown only for {} \
             people or more.",
            self.averages_from
        )
    }

    /// Whether a count is hidden.
    pub(super) fn hides(&self, count: u64) -> bool {
        count <= u64::from(self.hide_to) && (count > 0 || self.zero == Zero::LikeSmall)
    }

    /// A count as it may be shown. What is not zero never becomes zero.
    pub(super) fn rounded(&self, count: u64) -> u64 {
        let base = u64::from(self.round_to.max(1));
        let to = count.saturating_add(base / 2) / base * base;
        if count > 0 { to.max(base) } else { 0 }
    }

    /// The counts that a rounded one may have been, least and greatest.
    pub(super) fn unrounded(&self, shown: u64) -> (u64, u64) {
        let base = u64::from(self.round_to.max(1));
        let least = if shown <= base { 1 } else { shown.saturating_sub(base / 2) };
        let most = shown.saturating_add(base.saturating_sub(1) / 2);
        if shown == 0 { (0, 0) } else { (least.max(u64::from(self.hide_to).saturating_add(1)), most) }
    }
}
