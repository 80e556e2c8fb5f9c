//! Who plays: the places, the cases each keeps, and to whom each case goes.
//!
//! What is said of the places is taken from the case files, which name their sources.

/// One of the three places.
#[derive(Debug)]
pub(crate) struct Place {
    /// Its name.
    pub(crate) name: &'static str,
    /// The name of its data directory.
    pub(crate) dir: &'static str,
    /// Its scale.
    pub(crate) scale: &'static str,
    /// Where it is.
    pub(crate) geography: &'static str,
    /// A few words about it.
    pub(crate) about: &'static str,
    /// What it works on.
    pub(crate) themes: &'static [&'static str],
    /// The cases it keeps, by file name without ending.
    pub(crate) cases: &'static [(&'static str, Release)],
    /// The learning cycles it keeps at home, by file name without ending.
    pub(crate) cycles: &'static [&'static str],
}

/// To whom a case goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Release {
    /// To nobody.
    AtHome,
    /// To every active peer.
    Network,
    /// To anyone.
    Public,
    /// Only to one peer, by its place in [`CAST`].
    Only(usize),
}

impl Release {
    /// The policy card, unless it stays at home.
    pub(crate) fn card(self) -> Option<&'static str> {
        match self {
            Self::AtHome => None,
            Self::Network => Some("network"),
            Self::Public => Some("public"),
            Self::Only(_) => Some("named peers"),
        }
    }

    /// Whether it is for the place at this position, which is not the author.
    pub(crate) fn is_for(self, place: usize) -> bool {
        match self {
            Self::AtHome => false,
            Self::Network | Self::Public => true,
            Self::Only(one) => one == place,
        }
    }

    /// The audience in words.
    pub(crate) fn audience(self) -> String {
        match self {
            Self::AtHome => "nobody".to_owned(),
            Self::Network => "network".to_owned(),
            Self::Public => "public".to_owned(),
            Self::Only(one) => {
                format!("named peers: {}", CAST.get(one).map(|place| place.name).unwrap_or_default())
            }
        }
    }
}

/// Position of the place.
pub(crate) const PLYMOUTH: usize = 0;

/// Position of the peer place.
pub(crate) const SOUTH_TYNESIDE: usize = 1;

/// Position of the national agency.
pub(crate) const SCOTLAND: usize = 2;

/// The three places.
pub(crate) static CAST: [Place; 3] = [
    Place {
        name: "Plymouth Alliance",
        dir: "plymouth-alliance",
        scale: "place",
        geography: "The city of Plymouth",
        about: "Seven organisations under one alliance contract, for adults with experience of homelessness, mental \
                ill health and substance misuse.",
        themes: &["homelessness", "substance misuse", "mental health"],
        cases: &[
            ("plymouth-alliance", Release::Network),
            ("liverpool-city-region", Release::Only(SOUTH_TYNESIDE)),
            ("mayday-trust", Release::Public),
            ("neighbourhood-midwives", Release::Network),
            ("wellbeing-teams", Release::AtHome),
        ],
        cycles: &["plymouth-alliance", "liverpool-city-region", "wellbeing-teams"],
    },
    Place {
        name: "South Tyneside Alliance",
        dir: "south-tyneside-alliance",
        scale: "place",
        geography: "The borough of South Tyneside",
        about: "The clinical commissioning group, the council, two foundation trusts and the voluntary sector network \
                under one charter, with joint decisions on local priorities.",
        themes: &["health and care", "primary care", "integration"],
        cases: &[
            ("south-tyneside", Release::Network),
            ("greatersport", Release::Public),
            ("dorset", Release::Only(SCOTLAND)),
            ("childrens-society", Release::Only(PLYMOUTH)),
            ("gateshead-council-tax", Release::AtHome),
        ],
        cycles: &["south-tyneside", "greatersport"],
    },
    Place {
        name: "Healthcare Improvement Scotland",
        dir: "healthcare-improvement-scotland",
        scale: "country",
        geography: "Scotland",
        about: "Its improvement hub supports those who deliver health and social care to redesign and improve \
                services.",
        themes: &["COVID-19", "health and care", "learning across places"],
        cases: &[
            ("healthcare-improvement-scotland", Release::Network),
            ("edufi", Release::Public),
            ("fcdo", Release::Only(PLYMOUTH)),
            ("melton", Release::Network),
        ],
        cycles: &["edufi"],
    },
];

#[cfg(test)]
mod tests {
    use super::{CAST, Release};

    #[test]
    fn something_is_withheld_from_everyone_and_something_stays_at_home() {
        for (position, place) in CAST.iter().enumerate() {
            let others = || CAST.iter().enumerate().filter(|(other, _)| *other != position);
            let withheld = others()
                .flat_map(|(_, other)| other.cases)
                .any(|(_, release)| !release.is_for(position) && *release != Release::AtHome);
            assert!(withheld, "nothing is withheld from {}", place.name);
        }
        assert!(CAST.iter().flat_map(|place| place.cases).any(|(_, release)| *release == Release::AtHome));
    }

    #[test]
    fn nobody_is_named_by_itself() {
        for (position, place) in CAST.iter().enumerate() {
            assert!(
                place.cases.iter().all(|(_, release)| *release != Release::Only(position)),
                "{}",
                place.name
            );
        }
    }
}
