//! The nouns of the command line: one for every kind of document.

/// A kind of document as people meet it on the command line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Noun {
    /// The word for the kind, as in files.
    pub(crate) kind: &'static str,
    /// The command.
    pub(crate) command: &'static str,
    /// One of them, with its article.
    pub(crate) one: &'static str,
    /// Several.
    pub(crate) several: &'static str,
    /// What it is, in a line of help.
    pub(crate) about: &'static str,
    /// What its manual begins with.
    pub(crate) manual: &'static str,
    /// The part whose text may stand without a flag.
    pub(crate) main: Option<&'static str>,
    /// What `new` may be given, for its example.
    pub(crate) example: &'static str,
    /// An id for examples.
    pub(crate) id: &'static str,
    /// What `edit` may be given, for its example.
    pub(crate) change: &'static str,
}

impl Noun {
    /// The noun of a kind.
    pub(crate) fn of(kind: &str) -> Option<&'static Self> {
        NOUNS.iter().find(|noun| noun.kind == kind)
    }

    /// The noun that a command names.
    pub(crate) fn called(command: &str) -> Option<&'static Self> {
        NOUNS.iter().find(|noun| noun.command == command)
    }
}

/// The command for a kind; for one this version does not know, the word itself.
pub(crate) fn command(kind: &str) -> &str {
    Noun::of(kind).map_or(kind, |noun| noun.command)
}

/// All nouns, in the order in which a cycle meets them.
pub(crate) static NOUNS: [Noun; 16] = [
    Noun {
        kind: "cycle",
        command: "cycle",
        one: "a learning cycle",
        several: "learning cycles",
        about: "Learning cycles: what you want to learn, about which system, with whom",
        manual: "A learning cycle holds together what belongs together: notes, experiments, what was noticed, how it \
                 was understood, what changed. Its stages are a guide and never a procedure.",
        main: None,
        example: "--title \"Leaving hospital\" --scale place --questions \"What do people need on the first evening?\"",
        id: "leaving-hospital",
        change: "--ended 2027-03",
    },
    Noun {
        kind: "system",
        command: "system",
        one: "a system",
        several: "systems",
        about: "Systems: who and what is involved, drawn for a purpose",
        manual: "A system is who and what is involved in something that people care about, drawn for a purpose: a map, \
                 not the territory. Those it is for are always part of it.",
        main: None,
        example: "--title \"Leaving hospital in the borough\" --scale place --people-served \"name: people who go home\"",
        id: "leaving-hospital",
        change: "--power \"Wards decide when; families adapt.\"",
    },
    Noun {
        kind: "map",
        command: "map",
        one: "a map",
        several: "maps",
        about: "Maps of factors, as somebody sees a system",
        manual: "A map shows factors and what leads to what, as somebody sees a system. Several maps of one system may \
                 differ; that is as it should be.",
        main: None,
        example: "--title \"Why people return\" --system leaving-hospital --seen-by \"district nurses\" \\\n      --factors \
                  \"name: time to talk\" --factors \"name: returns\" --links \"from: time to talk, to: returns, effect: less\"",
        id: "why-people-return",
        change: "--doubts \"We have not asked the families.\"",
    },
    Noun {
        kind: "entry",
        command: "entry",
        one: "an entry",
        several: "entries",
        about: "Entries: dated notes in a cycle",
        manual: "An entry is a dated note in a cycle. Written at the time, it is worth more than a tidy story afterwards.",
        main: Some("text"),
        example: "--cycle leaving-hospital \"Nobody knew who had the key.\"",
        id: "nobody-knew-who-had-the-key",
        change: "--stage understand",
    },
    Noun {
        kind: "experiment",
        command: "experiment",
        one: "an experiment",
        several: "experiments",
        about: "Experiments: design and declare them, read them in, look at them; nothing leaves",
        manual: "Experiments live at home, in your own node: what is to be tried and why, what was tried, where, what was \
                 noticed, what went wrong, and why it may not travel. Only `cairn publish` releases a summary.",
        main: None,
        example: "--title \"A call on the first evening\" --kind \"test of change\" --state designing --scale place \\\n      \
                  --questions \"Can a call before eight make the night safe?\"",
        id: "a-call-on-the-first-evening",
        change: "--state running --began 2027-01-11",
    },
    Noun {
        kind: "observation",
        command: "observe",
        one: "an observation",
        several: "observations",
        about: "Observations: stories, numbers, signs, what was heard or noticed",
        manual: "An observation is something that was noticed: a story, a number, what was heard, a sign, a note. A story \
                 rests on the consent of those whose story it is, or says why none is needed.",
        main: Some("text"),
        example: "--kind note --cycle leaving-hospital \"The kitchen was cold each time.\"",
        id: "the-kitchen-was-cold",
        change: "--might-mean \"Nobody had been there since.\"",
    },
    Noun {
        kind: "exhibit",
        command: "exhibit",
        one: "an exhibit",
        several: "exhibits",
        about: "Exhibits: something to look at together, and its question",
        manual: "An exhibit is something to look at together, with the question it is to provoke: a picture, a few \
                 numbers, two stories side by side.",
        main: None,
        example: "--title \"Ten evenings\" --shows \"Ten first evenings, hour by hour.\" --question \"Where would you ring?\"",
        id: "ten-evenings",
        change: "--question \"Who is alone at eight?\"",
    },
    Noun {
        kind: "session",
        command: "session",
        one: "a session",
        several: "sessions",
        about: "Sessions: meetings in which people made sense together",
        manual: "A session is a meeting in which people made sense together: how it was read, side by side; what they did \
                 not agree on, which stays; and what they agreed on, if anything.",
        main: None,
        example: "--title \"First look\" --cycle leaving-hospital \\\n      --readings \"by: district nurses, reading: The \
                  call comes too late\"",
        id: "first-look",
        change: "--disagreement \"Whether the call should come from the ward.\"",
    },
    Noun {
        kind: "reflection",
        command: "reflect",
        one: "a reflection",
        several: "reflections",
        about: "Reflections: what was learnt, and what that shows",
        manual: "A reflection says first what you think you learnt, and then what that shows about your assumptions, rules \
                 and structures.",
        main: Some("what_we_learnt"),
        example: "--title \"After ten evenings\" --cycle leaving-hospital \"A call helps where somebody can come.\"",
        id: "after-ten-evenings",
        change: "--how-sure \"Ten evenings only.\"",
    },
    Noun {
        kind: "change",
        command: "change",
        one: "a change",
        several: "changes",
        about: "Changes: what is done differently now",
        manual: "A change is something that is done differently now: a practice, mindset, process or structure that was \
                 started, altered, stopped, dismantled or put to another use.",
        main: Some("what"),
        example: "--title \"The ward rings first\" --kind started --of practice --from reflection/after-ten-evenings \\\n      \
                  \"The ward rings the night service before it rings the taxi.\"",
        id: "the-ward-rings-first",
        change: "--still-so-on 2027-06",
    },
    Noun {
        kind: "principles",
        command: "principles",
        one: "a set of principles",
        several: "principles",
        about: "Principles and charters that people act by",
        manual: "Principles that people act by, how one notices that they do, who agreed, and who did not.",
        main: None,
        example: "--title \"How we send people home\" --kind principles --state draft \\\n      --statements \"statement: \
                  Nobody goes home to a cold kitchen\"",
        id: "how-we-send-people-home",
        change: "--state \"in use\"",
    },
    Noun {
        kind: "review",
        command: "review",
        one: "a review",
        several: "reviews",
        about: "Reviews: how a cycle is governed, who took part and who did not",
        manual: "A review looks at how a cycle is governed: who took part, who did not and why, and what happens next \
                 about it.",
        main: None,
        example: "--title \"Halfway\" --cycle leaving-hospital --took-part nurses --did-not-take-part \"night service\" \\\n      \
                  --why \"We met by day.\" --what-next \"We meet at nine in the evening.\"",
        id: "halfway",
        change: "--next-review-on 2027-06-01",
    },
    Noun {
        kind: "request",
        command: "request",
        one: "a request",
        several: "requests",
        about: "Requests to change a rule or structure outside your reach",
        manual: "A request asks a body, at any scale, to change a rule or structure that lies outside your own reach, and \
                 says from which learning it comes. It is written and kept here; handing it over is up to you.",
        main: None,
        example: "--title \"Evening transport\" --state drafting --to \"the transport commissioner\" \\\n      \
                  --what-we-learnt \"Taxis end at six.\" --rule-or-structure \"The contract ends at six.\" \\\n      \
                  --change-sought \"Let it end at nine.\"",
        id: "evening-transport",
        change: "--state ready",
    },
    Noun {
        kind: "consent",
        command: "consent",
        one: "a consent",
        several: "consents",
        about: "Consents: what was agreed, by a reference that names nobody",
        manual: "A consent says what a person or group agreed to, by a reference that names nobody: what it covers, how far \
                 it may travel, for what, until when, and what has happened to it since.",
        main: None,
        example: "--whose \"the family in flat 3\" --covers \"what they told us of the first evening\" \\\n      --audience \
                  network --purposes \"peer learning\" --given-on 2027-01-12",
        id: "the-family-in-flat-3",
        change: "--to-whom \"district nurses\"",
    },
    Noun {
        kind: "steward",
        command: "steward",
        one: "a steward",
        several: "stewards",
        about: "Stewards: roles that take care of a system's health",
        manual: "A steward is a role that takes responsibility for a system's health, without power over it. Roles, never \
                 names of people.",
        main: None,
        example: "--role \"systems steward\" --held-by \"the alliance office\" --steward-of system/leaving-hospital",
        id: "systems-steward",
        change: "--review-on 2027-09-01",
    },
    Noun {
        kind: "prompt",
        command: "prompt",
        one: "a prompt",
        several: "prompts",
        about: "Prompts: questions to think with",
        manual: "A prompt is a question to think with. Prompts come in packs, can be worded anew here, and may always be \
                 skipped.",
        main: Some("text"),
        example: "--stage understand --scale place \"Who is awake at three?\"",
        id: "who-is-awake-at-three",
        change: "--text \"Who is awake at three, and why?\"",
    },
];

#[cfg(test)]
mod tests {
    use super::{NOUNS, Noun, command};
    use crate::shape;

    #[test]
    fn every_kind_has_one_noun() {
        for shape in shape::all() {
            assert_eq!(NOUNS.iter().filter(|noun| noun.kind == shape.kind).count(), 1, "{}", shape.kind);
        }
        assert_eq!(shape::all().len(), NOUNS.len());
        for noun in &NOUNS {
            assert_eq!(Noun::called(noun.command), Some(noun));
            let main = noun.main.map(|name| shape::of(noun.kind).part(name));
            assert!(main.is_none_or(|part| part.is_some()), "{}", noun.kind);
        }
    }

    #[test]
    fn a_kind_this_version_does_not_know_keeps_its_word() {
        assert_eq!(command("observation"), "observe");
        assert_eq!(command("novelty"), "novelty");
    }
}
