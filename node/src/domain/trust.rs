//! Lists of what other places propose about others. Nothing in them has an effect by itself: a person reads what each entry
//! would change here, in words, and accepts it or does not.

use super::{
    peer::{Side, Standing},
    restriction::Degree,
};

/// What an entry proposes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proposal {
    /// To know the node under a name.
    Known,
    /// To limit the peering with it.
    Limit,
    /// To suspend the peering with it.
    Suspend,
    /// To block it.
    Block,
}

impl Proposal {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Known, Self::Limit, Self::Suspend, Self::Block];

    /// As it is stored.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Known => "known",
            Self::Limit => "limit",
            Self::Suspend => "suspend",
            Self::Block => "block",
        }
    }

    /// In words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Known => "know it under this name",
            Self::Limit => "limit the peering with it",
            Self::Suspend => "suspend the peering with it",
            Self::Block => "block it",
        }
    }

    /// The degree of restriction it proposes, if any.
    #[must_use]
    pub fn degree(self) -> Option<Degree> {
        match self {
            Self::Limit => Some(Degree::Limited),
            Self::Suspend => Some(Degree::Suspended),
            Self::Known | Self::Block => None,
        }
    }
}

/// How this place stands to the node that an entry is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Situation {
    /// Whether it is this very node.
    pub ourselves: bool,
    /// What it is called here.
    pub name: String,
    /// The peering with it.
    pub standing: Option<Standing>,
    /// How far we hold that back already.
    pub by_us: Option<Degree>,
    /// Whether it is blocked here already.
    pub blocked: bool,
    /// Records of it that are held here.
    pub held: u64,
    /// Through whom its log comes; empty: through nobody.
    pub via: String,
}

/// What accepting an entry would change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consequence {
    /// In words.
    pub words: String,
    /// Whether there is anything to accept.
    pub possible: bool,
}

fn nothing(words: String) -> Consequence {
    Consequence { words, possible: false }
}

/// What accepting `proposal` of `author` would change here.
#[must_use]
pub fn consequence(proposal: Proposal, author: &str, called: &str, here: &Situation) -> Consequence {
    if here.ourselves {
        return nothing("this is your own node: there is nothing to accept".to_owned());
    }
    match proposal {
        Proposal::Known => known(author, called, here),
        Proposal::Block => block(here),
        Proposal::Limit => restrict(Degree::Limited, here),
        Proposal::Suspend => restrict(Degree::Suspended, here),
    }
}

fn known(author: &str, called: &str, here: &Situation) -> Consequence {
    if called.is_empty() {
        return nothing("it gives no name: there is nothing to accept".to_owned());
    }
    let standing = match here.standing {
        Some(Standing::Active) => format!("you are peers already, and call it {}. ", here.name),
        _ => String::new(),
    };
    let words = format!(
        "{standing}`cairn peer show` would say that {author} knows it as \"{called}\"; nothing flows by that, and no peering begins"
    );
    Consequence { words, possible: true }
}

fn block(here: &Situation) -> Consequence {
    if here.blocked {
        return nothing("it is blocked here already".to_owned());
    }
    let mut words = match here.standing {
        Some(Standing::Active) => format!("you are an active peer of {}, which would end", here.name),
        Some(Standing::Proposed(Side::Us)) => format!("your proposal to {} would be taken back", here.name),
        Some(Standing::Proposed(Side::Them)) => {
            format!("the proposal of {} that waits here would be refused", here.name)
        }
        Some(Standing::Ended(_)) | None => "it would be refused from now on, whatever it asks".to_owned(),
    };
    if !here.via.is_empty() {
        words.push_str(&format!(
            "; its log, which comes through {}, would not be followed any more",
            here.via
        ));
    }
    words.push_str(&match here.held {
        0 => "; no record of it is held here".to_owned(),
        1 => "; 1 record of it is held here and would be hidden".to_owned(),
        held => format!("; {held} records of it are held here and would be hidden"),
    });
    Consequence { words, possible: true }
}

fn restrict(degree: Degree, here: &Situation) -> Consequence {
    match (here.standing, here.by_us) {
        (Some(Standing::Active), Some(now)) if now >= degree => {
            nothing(format!("the peering with {} is {} by you already", here.name, now.word()))
        }
        (Some(Standing::Active), _) => {
            let words = format!(
                "you are an active peer of {}, which would be {}: {}",
                here.name,
                degree.word(),
                Degree::flows(Some(degree))
            );
            Consequence { words, possible: true }
        }
        _ => nothing("you are no active peer of it: there is nothing to hold back".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn active() -> Situation {
        let standing = Some(Standing::Active);
        Situation { name: "Dorset".into(), standing, held: 3, ..Situation::default() }
    }

    fn of(proposal: Proposal, here: &Situation) -> Consequence {
        consequence(proposal, "Plymouth Alliance", "Dorset Council", here)
    }

    #[test]
    fn a_block_says_what_ends_and_what_is_hidden() {
        let found = of(Proposal::Block, &active());
        assert_eq!(
            found.words,
            "you are an active peer of Dorset, which would end; 3 records of it are held here and would be hidden"
        );
        let relayed = Situation { via: "EDUFI".into(), held: 1, ..Situation::default() };
        let words = of(Proposal::Block, &relayed).words;
        assert!(words.contains("which comes through EDUFI") && words.contains("1 record of it"), "{words}");
        assert!(!of(Proposal::Block, &Situation { blocked: true, ..active() }).possible);
    }

    #[test]
    fn only_an_active_peering_is_held_back_and_never_less_than_it_is() {
        assert!(of(Proposal::Limit, &active()).words.contains("which would be limited: both ways, profiles"));
        assert!(!of(Proposal::Limit, &Situation::default()).possible);
        let suspended = Situation { by_us: Some(Degree::Suspended), ..active() };
        assert!(!of(Proposal::Limit, &suspended).possible && !of(Proposal::Suspend, &suspended).possible);
        let limited = Situation { by_us: Some(Degree::Limited), ..active() };
        assert!(of(Proposal::Suspend, &limited).possible);
    }

    #[test]
    fn a_name_is_its_authors_word_and_opens_nothing() {
        let words = of(Proposal::Known, &Situation::default()).words;
        assert!(words.contains("Plymouth Alliance knows it as \"Dorset Council\""), "{words}");
        assert!(words.contains("no peering begins"), "{words}");
        assert!(!consequence(Proposal::Known, "Plymouth Alliance", "", &active()).possible);
    }

    #[test]
    fn nobody_acts_against_themselves() {
        let here = Situation { ourselves: true, ..active() };
        for proposal in Proposal::ALL {
            assert!(!of(proposal, &here).possible);
        }
    }
}
