//! The parts of a summary by the names they have in files: their texts, and a summary without some of them.

use std::collections::BTreeSet;

use crate::domain::{
    experiment::{Force, StartingPoint, Summary},
    place::{Profile, Scale},
    record::Disclosure,
    text::{Line, Prose},
};

/// The parts that a summary can do without, as they are called in files.
pub const PARTS: [&str; 25] = [
    "whose",
    "themes",
    "practice_areas",
    "questions",
    "tried",
    "why",
    "context",
    "unknowns",
    "noticed",
    "figures",
    "surprised",
    "went_wrong",
    "learnt",
    "how_sure",
    "headwinds",
    "tailwinds",
    "principle",
    "may_not_travel",
    "compromises",
    "voices_in",
    "voices_missing",
    "began",
    "ended",
    "as_of",
    "sources",
];

/// A text and the name of the part it stands in.
pub type Text<'a> = (String, &'a str);

/// The texts that leave beside a summary: how it departs from what it started from, and what was done to protect people.
#[must_use]
pub fn beside<'a>(starts: &'a [StartingPoint], own: Option<&'a Disclosure>) -> Vec<Text<'a>> {
    let mut texts = Vec::new();
    for (start, n) in starts.iter().zip(0..) {
        let parts: [(&str, &Prose); 3] = [
            ("what_changed", &start.what_changed),
            ("why_changed", &start.why_changed),
            ("context_difference", &start.context_difference),
        ];
        texts.extend(
            parts.into_iter().map(|(name, text)| (format!("derived_from[{n}].{name}"), text.as_str())),
        );
    }
    texts.extend(own.map(|own| ("disclosure.statement".to_owned(), own.statement.as_str())));
    texts
}

/// The summary without these parts.
#[must_use]
pub fn without(mut summary: Summary, parts: &BTreeSet<String>) -> Summary {
    for part in parts {
        leave_out(&mut summary, part);
    }
    summary
}

fn leave_out(summary: &mut Summary, part: &str) {
    match part {
        "whose" => summary.whose = None,
        "themes" => summary.themes.clear(),
        "practice_areas" => summary.practice_areas.clear(),
        "questions" => summary.questions.clear(),
        "tried" => summary.tried = None,
        "why" => summary.why = None,
        "context" => summary.context = None,
        "unknowns" => summary.unknowns = None,
        "noticed" => summary.noticed = None,
        "figures" => summary.figures.clear(),
        "surprised" => summary.surprised = None,
        "went_wrong" => summary.went_wrong = None,
        "learnt" => summary.learnt = None,
        "how_sure" => summary.how_sure = None,
        "headwinds" => summary.headwinds.clear(),
        "tailwinds" => summary.tailwinds.clear(),
        "principle" => summary.principle = None,
        "may_not_travel" => summary.may_not_travel = None,
        "compromises" => summary.compromises = None,
        "voices_in" => summary.voices_in.clear(),
        "voices_missing" => summary.voices_missing.clear(),
        "began" => summary.began = None,
        "ended" => summary.ended = None,
        "as_of" => summary.as_of = None,
        "sources" => summary.sources.clear(),
        _ => {}
    }
}

/// The texts of a summary in which personal data may stand. Values of figures are apart (see [`values`]), and so are
/// published sources (see [`sources`]).
#[must_use]
pub fn texts(summary: &Summary) -> Vec<Text<'_>> {
    let mut texts = Vec::new();
    texts.push(("title".to_owned(), summary.title.as_str()));
    texts.extend(summary.whose.iter().map(|whose| ("whose".to_owned(), whose.as_str())));
    texts.push(("kind".to_owned(), summary.kind.as_str()));
    texts.extend(own_word("scale", &summary.scale));
    lines(&mut texts, "themes", &summary.themes);
    lines(&mut texts, "practice_areas", &summary.practice_areas);
    texts.extend(summary.questions.iter().zip(0..).map(|(q, n)| (format!("questions[{n}]"), q.as_str())));
    let prose = [
        ("tried", &summary.tried),
        ("why", &summary.why),
        ("context", &summary.context),
        ("unknowns", &summary.unknowns),
        ("noticed", &summary.noticed),
        ("surprised", &summary.surprised),
        ("went_wrong", &summary.went_wrong),
        ("learnt", &summary.learnt),
        ("how_sure", &summary.how_sure),
        ("principle", &summary.principle),
        ("may_not_travel", &summary.may_not_travel),
        ("compromises", &summary.compromises),
    ];
    texts.extend(
        prose.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text.as_ref()?.as_str()))),
    );
    for (figure, n) in summary.figures.iter().zip(0..) {
        let parts: [(&str, &Prose); 4] = [
            ("question", &figure.question),
            ("context", &figure.context),
            ("interpretation", &figure.interpretation),
            ("caveat", &figure.caveat),
        ];
        texts.extend(parts.into_iter().map(|(name, text)| (format!("figures[{n}].{name}"), text.as_str())));
    }
    forces(&mut texts, "headwinds", &summary.headwinds);
    forces(&mut texts, "tailwinds", &summary.tailwinds);
    lines(&mut texts, "voices_in", &summary.voices_in);
    lines(&mut texts, "voices_missing", &summary.voices_missing);
    texts
}

/// The values of the figures.
#[must_use]
pub fn values(summary: &Summary) -> Vec<Text<'_>> {
    let values = summary.figures.iter().zip(0..);
    values.map(|(figure, n)| (format!("figures[{n}].value"), figure.value.as_str())).collect()
}

/// What sources say: no personal text, but it may name the place.
#[must_use]
pub fn sources(summary: &Summary) -> Vec<Text<'_>> {
    let mut texts = Vec::new();
    for (source, n) in summary.sources.iter().zip(0..) {
        texts.push((format!("sources[{n}].title"), source.title.as_str()));
        let more = [("locator", &source.locator), ("url", &source.url)];
        let more = more.into_iter().filter_map(|(name, line)| Some((name, line.as_ref()?)));
        texts.extend(more.map(|(name, line)| (format!("sources[{n}].{name}"), line.as_str())));
    }
    texts
}

/// The texts of a profile. How to reach a role stands there on purpose and is not among them.
#[must_use]
pub fn profile(profile: &Profile) -> Vec<Text<'_>> {
    let mut texts = vec![("name".to_owned(), profile.name.as_str())];
    texts.extend(own_word("scale", &profile.scale));
    let prose = [("geography", &profile.geography), ("about", &profile.about)];
    texts.extend(
        prose.into_iter().filter_map(|(name, text)| Some((name.to_owned(), text.as_ref()?.as_str()))),
    );
    lines(&mut texts, "themes", &profile.themes);
    let roles = profile.contacts.iter().zip(0..);
    texts.extend(roles.map(|(contact, n)| (format!("contacts[{n}].role"), contact.role.as_str())));
    texts
}

fn own_word<'a>(part: &str, scale: &'a Scale) -> Option<Text<'a>> {
    match scale {
        Scale::Own(word) => Some((part.to_owned(), word.as_str())),
        Scale::Organisation | Scale::Place | Scale::Country => None,
    }
}

fn lines<'a>(texts: &mut Vec<Text<'a>>, part: &str, lines: &'a [Line]) {
    texts.extend(lines.iter().zip(0..).map(|(line, n)| (format!("{part}[{n}]"), line.as_str())));
}

fn forces<'a>(texts: &mut Vec<Text<'a>>, part: &str, forces: &'a [Force]) {
    for (force, n) in forces.iter().zip(0..) {
        texts.push((format!("{part}[{n}].what"), force.what.as_str()));
        texts.extend(own_word(&format!("{part}[{n}].scale"), &force.scale));
    }
}
