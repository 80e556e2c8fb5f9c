//! Contributors' consents, after ISO/IEC TS 27560: whose words or data, for whom, for what, until when, and what
//! happened since (P05, P14, P17, P25). They stay at home; only their state and a salted hash travel.

use std::collections::BTreeSet;

use jiff::{Timestamp, civil::Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    Dates, Id, Kind, Learning, Wrong, beginning,
    words::{reads_as_words, words},
};
use crate::domain::{
    date::{Day, PartialDate, end_of},
    policy::{Purpose, Reach},
    text::{Line, Prose},
};

words! {
    /// What happened to a consent.
    EventKind {
        Given = "given",
        Refused = "refused",
        Withdrawn = "withdrawn",
        Renewed = "renewed",
        Expired = "expired",
    }
}

words! {
    /// Where a consent stands by its last event; the shorthand of files that give no events.
    GivenState {
        Given = "given",
        Refused = "refused",
        Withdrawn = "withdrawn",
    }
}

reads_as_words!(Reach);
reads_as_words!(Purpose);

/// Something that happened to a consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// given, refused, withdrawn, renewed or expired.
    pub event: EventKind,
    /// When.
    pub on: PartialDate,
    /// How: in writing, aloud, on paper, by a trusted person.
    pub how: Option<Prose>,
    /// Who wrote it down, by role; a second role where it was not in writing.
    pub recorded_by: Option<Line>,
    /// For "renewed": its new last day.
    pub until: Option<Day>,
    /// In more words.
    pub note: Option<Prose>,
}

/// Where a consent stands at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It holds.
    Holds,
    /// Asked for and refused.
    Refused,
    /// Given and taken back.
    Withdrawn,
    /// Past its last day.
    Expired(Date),
    /// Nothing on record.
    Unknown,
}

/// A person's or a group's consent, by a reference that names nobody.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Consent {
    /// Its id here. Left out, it is made from the day; it names nobody.
    pub id: Option<Id>,
    /// Whose words or data, by a reference that names nobody.
    pub whose: Prose,
    /// What it covers.
    pub covers: Prose,
    /// How far it may travel: named peers, network or public.
    pub audience: Reach,
    /// What it may be used for: peer learning, pattern finding, policy design, research, official statistics, public
    /// narrative.
    pub purposes: BTreeSet<Purpose>,
    /// How it was given.
    pub how: Option<Prose>,
    /// To whom it was given, by role or organisation.
    pub to_whom: Option<Prose>,
    /// What they were told before, and in which version.
    pub told_before: Option<Prose>,
    /// The language they were asked in.
    pub language: Option<Line>,
    /// Its last day, if it has one.
    pub until: Option<Day>,
    /// What happened, oldest first.
    #[serde(default)]
    pub events: Vec<Event>,
    /// In short, instead of events: when it was given.
    pub given_on: Option<PartialDate>,
    /// In short, instead of events: given (if left out), refused or withdrawn.
    pub state: Option<GivenState>,
}

impl Consent {
    /// Writes the short form out as events.
    #[must_use]
    pub fn with_events(mut self) -> Self {
        let (given_on, state) = (self.given_on.take(), self.state.take());
        if self.events.is_empty()
            && let Some(on) = given_on
        {
            let event = match state {
                Some(GivenState::Refused) => EventKind::Refused,
                _ => EventKind::Given,
            };
            self.events.push(Event { event, on, how: None, recorded_by: None, until: None, note: None });
            if state == Some(GivenState::Withdrawn) {
                let event = EventKind::Withdrawn;
                self.events.push(Event { event, on, how: None, recorded_by: None, until: None, note: None });
            }
        }
        self
    }

    /// Its last day: that of the last renewal that names one, or else the one it was given with.
    #[must_use]
    pub fn last_day(&self) -> Option<Date> {
        let renewed = self.events.iter().rev().find_map(|event| event.until);
        renewed.or(self.until).map(|day| day.0)
    }

    /// Where it stands at `now`.
    #[must_use]
    pub fn standing(&self, now: Timestamp) -> Standing {
        let last = self.events.last().map(|event| event.event);
        let last = last.or_else(|| {
            self.given_on?;
            Some(match self.state {
                Some(GivenState::Refused) => EventKind::Refused,
                Some(GivenState::Withdrawn) => EventKind::Withdrawn,
                Some(GivenState::Given) | None => EventKind::Given,
            })
        });
        match (last, self.last_day()) {
            (None, _) => Standing::Unknown,
            (Some(EventKind::Refused), _) => Standing::Refused,
            (Some(EventKind::Withdrawn), _) => Standing::Withdrawn,
            (Some(EventKind::Expired), day) => Standing::Expired(day.unwrap_or(Date::MIN)),
            (Some(EventKind::Given | EventKind::Renewed), Some(day)) if end_of(day) <= now => {
                Standing::Expired(day)
            }
            (Some(EventKind::Given | EventKind::Renewed), _) => Standing::Holds,
        }
    }

    /// Whether words that rest on it must go: it was refused or withdrawn, or its time is over.
    #[must_use]
    pub fn ended(&self, now: Timestamp) -> bool {
        matches!(self.standing(now), Standing::Refused | Standing::Withdrawn | Standing::Expired(_))
    }

    /// What it covers, in a line for people.
    #[must_use]
    pub fn words(&self, now: Timestamp) -> String {
        let purposes: Vec<_> = self.purposes.iter().map(|p| p.words()).collect();
        let until = self.last_day().map_or(String::new(), |day| format!(", until {day}"));
        let on = self.events.last().map(|event| event.on).or(self.given_on);
        let on = on.map_or(String::new(), |on| format!(" {on}"));
        let last = self.events.last().map_or(EventKind::Given, |event| event.event);
        let state = match self.standing(now) {
            Standing::Holds => last.words(),
            Standing::Refused => "refused",
            Standing::Withdrawn => "withdrawn",
            Standing::Expired(_) => "expired",
            Standing::Unknown => "nothing on record yet",
        };
        let id = self.id.as_ref().map_or("(no id)", Id::as_str);
        format!(
            "{id}: {state}{on} by {}, as far as {}, for {}{until}",
            self.whose,
            self.audience.words(),
            purposes.join(", ")
        )
    }
}

impl Learning for Consent {
    const KIND: Kind = Kind::Consent;

    fn id(&self) -> Option<&Id> {
        self.id.as_ref()
    }

    fn set_id(&mut self, id: Id) {
        self.id = Some(id);
    }

    fn title(&self) -> String {
        beginning(self.whose.as_str())
    }

    fn wrong(&self, today: Date) -> Vec<Wrong> {
        let mut dates = Dates::new()
            .past("given_on", self.given_on, today)
            .any("until", self.until.map(Into::into))
            .order(("given_on", self.given_on), ("until", self.until.map(Into::into)));
        let mut before: Option<PartialDate> = None;
        for (event, n) in self.events.iter().zip(0..) {
            let field = format!("events[{n}].on");
            dates = dates
                .past(&field, Some(event.on), today)
                .order(("the event before", before), (&field, Some(event.on)));
            let until = event.until.map(Into::into);
            dates = dates.order((&field, Some(event.on)), (&format!("events[{n}].until"), until));
            before = Some(event.on);
        }
        let first = self.events.first().map(|event| event.on);
        dates = dates.order(("events[0].on", first), ("until", self.until.map(Into::into)));
        let mut wrong = dates.wrong();
        if self.purposes.is_empty() {
            wrong.push(Wrong::new("purposes", "is empty; a consent is for something"));
        }
        wrong
    }

    fn remarks(&self, today: Date) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.events.is_empty() && self.given_on.is_none() {
            remarks.push(
                "It does not say yet that it was given. Nothing that rests on it can leave.".to_owned(),
            );
        }
        if let Some(day) = self.last_day().filter(|day| *day < today) {
            remarks.push(format!("Its last day was {day}."));
        }
        remarks
    }

    fn private(&self) -> bool {
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn consent(events: &[(EventKind, &str)]) -> Consent {
        let text = |text: &str| Prose::new("t", text).unwrap();
        let event = |(event, on): &(EventKind, &str)| Event {
            event: *event,
            on: on.parse().unwrap(),
            how: None,
            recorded_by: None,
            until: None,
            note: None,
        };
        Consent {
            id: None,
            whose: text("people who were interviewed"),
            covers: text("what they said"),
            audience: Reach::Network,
            purposes: [Purpose::PeerLearning].into(),
            how: None,
            to_whom: None,
            told_before: None,
            language: None,
            until: None,
            events: events.iter().map(event).collect(),
            given_on: None,
            state: None,
        }
    }

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn the_last_event_decides() {
        use EventKind::{Given, Refused, Renewed, Withdrawn};
        let now = at("2021-06-30T12:00:00Z");
        assert_eq!(consent(&[]).standing(now), Standing::Unknown);
        assert_eq!(consent(&[(Given, "2021")]).standing(now), Standing::Holds);
        assert_eq!(consent(&[(Refused, "2021")]).standing(now), Standing::Refused);
        assert_eq!(consent(&[(Given, "2020"), (Withdrawn, "2021")]).standing(now), Standing::Withdrawn);
        let again = consent(&[(Given, "2019"), (Withdrawn, "2020"), (Renewed, "2021")]);
        assert_eq!(again.standing(now), Standing::Holds);
    }

    #[test]
    fn it_ends_with_its_last_day_and_a_renewal_moves_that() {
        let mut consent = consent(&[(EventKind::Given, "2020")]);
        consent.until = Some(Day(jiff::civil::date(2021, 6, 30)));
        assert_eq!(consent.standing(at("2021-06-30T23:59:59Z")), Standing::Holds);
        assert!(consent.ended(at("2021-07-01T00:00:00Z")));
        let mut renewal = consent.events[0].clone();
        renewal.event = EventKind::Renewed;
        renewal.until = Some(Day(jiff::civil::date(2022, 6, 30)));
        consent.events.push(renewal);
        assert_eq!(consent.standing(at("2021-07-01T00:00:00Z")), Standing::Holds);
    }

    #[test]
    fn the_short_form_means_the_same_as_events() {
        let now = at("2021-06-30T12:00:00Z");
        for state in [None, Some(GivenState::Given), Some(GivenState::Refused), Some(GivenState::Withdrawn)] {
            let mut short = consent(&[]);
            short.given_on = Some("2020".parse().unwrap());
            short.state = state;
            assert_eq!(short.standing(now), short.clone().with_events().standing(now), "{state:?}");
            assert!(short.with_events().given_on.is_none());
        }
    }

    #[test]
    fn events_stand_in_their_order() {
        let today = jiff::civil::date(2021, 6, 30);
        let consent = consent(&[(EventKind::Given, "2021"), (EventKind::Withdrawn, "2020")]);
        assert_eq!(consent.wrong(today)[0].field, "events[1].on");
    }
}
