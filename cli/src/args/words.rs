//! Words that people type for the closed lists of the protocol.

use cairn_proto::pb::{
    admin::Override,
    exchange::{Contact, Purpose, ResponseKind},
};
use jiff::civil::Date;

/// The purposes, as people type them.
const PURPOSES: [(&str, Purpose); 6] = [
    ("peer learning", Purpose::PeerLearning),
    ("pattern finding", Purpose::PatternFinding),
    ("policy design", Purpose::PolicyDesign),
    ("research", Purpose::Research),
    ("official statistics", Purpose::OfficialStatistics),
    ("public narrative", Purpose::PublicNarrative),
];

/// What no record may ever be used for, as people might type it.
const PROHIBITED: [&str; 7] = [
    "ranking",
    "performance management",
    "inspection",
    "funding decision",
    "staff assessment",
    "commercial use",
    "model training",
];

/// The policy cards, as the node knows them.
const CARDS: [&str; 6] =
    ["keep here", "named peers", "group", "network", "national pattern-finding", "public"];

/// Why a record is taken back, as the node knows it.
const REASONS: [&str; 4] = ["consent withdrawn", "mistake", "superseded", "other"];

/// How a place stands to a record, as people type it.
const RESPONSES: [(&str, ResponseKind); 7] = [
    ("see this too", ResponseKind::SeeThisToo),
    ("see it differently", ResponseKind::SeeItDifferently),
    ("not here", ResponseKind::NotHere),
    ("held", ResponseKind::Held),
    ("held with changes", ResponseKind::HeldWithChanges),
    ("did not hold", ResponseKind::DidNotHold),
    ("stopped", ResponseKind::Stopped),
];

/// Lower case, with one space where hyphens, underscores or several spaces stood.
fn plain(text: &str) -> String {
    let spaced = text.replace(['-', '_'], " ").to_lowercase();
    spaced.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A purpose in words, with spaces or hyphens.
pub(crate) fn purpose(text: &str) -> Result<Purpose, String> {
    let wanted = plain(text);
    if let Some((_, purpose)) = PURPOSES.iter().find(|(word, _)| *word == wanted) {
        return Ok(*purpose);
    }
    let known = PURPOSES.map(|(word, _)| format!("\"{word}\"")).join(", ");
    if PROHIBITED.iter().any(|word| *word == wanted || format!("{word}s") == wanted) {
        return Err(format!("nothing in Cairn may ever be used for {wanted}. The purposes are {known}"));
    }
    Err(format!("this is not a purpose. The purposes are {known}"))
}

/// A policy card in words, with spaces or hyphens.
pub(crate) fn card(text: &str) -> Result<String, String> {
    one_of(&CARDS, text).ok_or_else(|| format!("this is not a policy card. The cards are {}", quoted(&CARDS)))
}

/// How a place stands to a record, with spaces or hyphens.
pub(crate) fn response_kind(text: &str) -> Result<ResponseKind, String> {
    let wanted = plain(text);
    let found = RESPONSES.iter().find(|(word, _)| *word == wanted).map(|(_, kind)| *kind);
    found.ok_or_else(|| {
        let known = RESPONSES.map(|(word, _)| format!("\"{word}\"")).join(", ");
        format!("this is not a kind of response. They are {known}; none is a score")
    })
}

/// Why a record is taken back, with spaces or hyphens.
pub(crate) fn withdrawal_reason(text: &str) -> Result<String, String> {
    one_of(&REASONS, text).ok_or_else(|| {
        format!("this is not one of the reasons. They are {}. More can be said with --note", quoted(&REASONS))
    })
}

/// The word of a list that is meant, as the node writes it.
fn one_of(words: &[&str], text: &str) -> Option<String> {
    let wanted = plain(text);
    words.iter().find(|word| plain(word) == wanted).map(|word| (*word).to_owned())
}

/// All words of a list, to choose from.
fn quoted(words: &[&str]) -> String {
    words.iter().map(|word| format!("\"{word}\"")).collect::<Vec<_>>().join(", ")
}

/// A finding that does not stop this release: "key=reason".
pub(crate) fn override_of(text: &str) -> Result<Override, String> {
    match text.split_once('=').map(|(key, reason)| (key.trim(), reason.trim())) {
        Some((key, reason)) if !key.is_empty() && !reason.is_empty() => {
            Ok(Override { key: key.to_owned(), reason: reason.to_owned() })
        }
        _ => Err("write the finding's key, an equals sign and why it may leave all the same, for example \
                  \"name@noticed=It is the name of a ship.\". `cairn preflight` shows the keys"
            .to_owned()),
    }
}

/// A choice that must be made in so many words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum YesNo {
    /// Yes.
    Yes,
    /// No.
    No,
}

/// A way to reach a role: "role=reach".
pub(crate) fn contact(text: &str) -> Result<Contact, String> {
    match text.split_once('=').map(|(role, reach)| (role.trim(), reach.trim())) {
        Some((role, reach)) if !role.is_empty() && !reach.is_empty() => {
            Ok(Contact { role: role.to_owned(), reach: reach.to_owned() })
        }
        _ => Err("write the role, an equals sign and how to reach it, for example \
                  \"systems steward=steward@place.example\""
            .to_owned()),
    }
}

/// A day, YYYY-MM-DD.
pub(crate) fn day(text: &str) -> Result<Date, String> {
    let form = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
    text.parse::<Date>()
        .ok()
        .filter(|_| form)
        .ok_or_else(|| "this is not a day. Write it as year, month, day: 2027-03-31".to_owned())
}

#[cfg(test)]
mod tests {
    use cairn_proto::pb::exchange::Purpose;

    use super::{card, contact, day, override_of, purpose, withdrawal_reason};

    #[test]
    fn purposes_are_words() {
        assert_eq!(purpose("peer learning"), Ok(Purpose::PeerLearning));
        assert_eq!(purpose("Peer-Learning"), Ok(Purpose::PeerLearning));
        assert_eq!(purpose("official_statistics"), Ok(Purpose::OfficialStatistics));
    }

    #[test]
    fn prohibited_purposes_are_refused_with_the_reason() {
        for text in ["ranking", "funding-decisions", "model training"] {
            let said = purpose(text).unwrap_err();
            assert!(said.starts_with("nothing in Cairn may ever be used for"), "{said}");
        }
        assert!(purpose("fun").unwrap_err().contains("\"policy design\""));
    }

    #[test]
    fn cards_take_hyphens() {
        assert_eq!(card("named-peers").as_deref(), Ok("named peers"));
        assert_eq!(card("Public").as_deref(), Ok("public"));
        assert_eq!(card("National pattern finding").as_deref(), Ok("national pattern-finding"));
        assert!(card("friends").unwrap_err().contains("\"network\""));
    }

    #[test]
    fn records_are_taken_back_for_a_reason_of_the_list() {
        assert_eq!(withdrawal_reason("Consent-withdrawn").as_deref(), Ok("consent withdrawn"));
        assert!(withdrawal_reason("regret").unwrap_err().contains("\"mistake\""));
    }

    #[test]
    fn overrides_have_a_key_and_a_reason() {
        let given = override_of("name@noticed = It is a ship: a=b.").unwrap();
        assert_eq!((given.key.as_str(), given.reason.as_str()), ("name@noticed", "It is a ship: a=b."));
        assert!(override_of("name@noticed").is_err());
        assert!(override_of("name@noticed= ").is_err());
    }

    #[test]
    fn contacts_have_a_role_and_a_way() {
        let steward = contact("systems steward = s@p.example?a=b").unwrap();
        assert_eq!((steward.role.as_str(), steward.reach.as_str()), ("systems steward", "s@p.example?a=b"));
        assert!(contact("steward").is_err());
        assert!(contact("=x").is_err());
    }

    #[test]
    fn days_are_days() {
        assert_eq!(day("2027-03-31").map(|day| day.to_string()).as_deref(), Ok("2027-03-31"));
        for text in ["2027-02-30", "31.3.2027", "2027-3-1", "20270331", "tomorrow"] {
            assert!(day(text).is_err(), "{text}");
        }
    }
}
