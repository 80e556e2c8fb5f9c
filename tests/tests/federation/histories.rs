//! Random histories of three places that publish, withdraw, let things expire, stop, and come back, over real
//! TLS. At no moment does anybody outside an audience hold a record, nothing that was purged returns, and in the end each holds
//! exactly what it should.

use std::collections::{BTreeMap, BTreeSet};

use cairn_node::domain::policy::Card;
use cairn_proto::pb::admin::PublishRequest;
use cairn_tests::{
    desk::profile,
    place::TestPlace,
    story::{Story, converge, peer},
    wait::until,
};
use jiff::{SignedDuration, civil::Date};
use proptest::prelude::*;

const NAMES: [&str; 3] = ["Plymouth Alliance", "South Tyneside Alliance", "EDUFI"];
/// Every history begins on this day at noon.
const FIRST_DAY: Date = jiff::civil::date(2026, 11, 23);

/// Something that happens.
#[derive(Clone, Debug)]
enum Event {
    /// A place releases: to one other place, or to all; perhaps until the day so many days on.
    Publish { by: usize, only: Option<usize>, days: Option<i64> },
    /// The author of the record so far down the list takes it back.
    Withdraw { nth: usize },
    /// Hours pass.
    Pass { hours: i64 },
    /// A place stops.
    Stop { at: usize },
    /// A place that had stopped comes back; one that had not is started anew.
    Start { at: usize },
    /// All that run catch up.
    Converge,
}

fn event() -> impl Strategy<Value = Event> {
    let place = 0..NAMES.len();
    prop_oneof![
        5 => (place.clone(), prop::option::of(place.clone()), prop::option::of(0_i64..3))
            .prop_map(|(by, only, days)| Event::Publish { by, only, days }),
        3 => (0_usize..50).prop_map(|nth| Event::Withdraw { nth }),
        2 => (1_i64..30).prop_map(|hours| Event::Pass { hours }),
        1 => place.clone().prop_map(|at| Event::Stop { at }),
        2 => place.prop_map(|at| Event::Start { at }),
        2 => Just(Event::Converge),
    ]
}

/// A record, and for whom it was.
#[derive(Clone, Debug)]
struct Released {
    by: usize,
    index: u64,
    only: Option<usize>,
    last_day: Option<Date>,
    withdrawn: bool,
}

/// What was seen of a record at a place.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    There,
    Gone,
}

struct World {
    story: Story,
    places: Vec<TestPlace>,
    up: [bool; 3],
    released: Vec<Released>,
    /// What was seen of a record at a place: that it was there, and then that it was not.
    seen: BTreeMap<(usize, usize), Seen>,
}

impl World {
    async fn begin() -> Self {
        let story = Story::begin();
        let mut places = Vec::new();
        for name in NAMES {
            places.push(story.place(name).await);
        }
        for (a, b) in [(0, 1), (0, 2), (1, 2)] {
            peer(&places[a], &places[b]).await;
        }
        Self { story, places, up: [true; 3], released: Vec::new(), seen: BTreeMap::new() }
    }

    fn today(&self) -> Date {
        self.story.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date()
    }

    fn over(&self, record: &Released) -> bool {
        record.withdrawn || record.last_day.is_some_and(|day| day < self.today())
    }

    fn may_hold(&self, place: usize, record: &Released) -> bool {
        place == record.by || record.only.is_none_or(|only| only == place)
    }

    async fn happens(&mut self, event: &Event) {
        match *event {
            Event::Publish { by, only, days } if self.up[by] && only != Some(by) => {
                let last_day = days.map(|days| FIRST_DAY.saturating_add(jiff::Span::new().days(days)));
                let last_day = last_day.filter(|day| *day >= self.today());
                let mut wish = match only {
                    Some(only) => {
                        PublishRequest { to: vec![NAMES[only].to_owned()], ..profile(Card::NamedPeers) }
                    }
                    None => profile(Card::Network),
                };
                wish.expires_on = last_day.map(|day| day.to_string()).unwrap_or_default();
                let id = self.places[by].publish(wish).await;
                let index = id.rsplit_once('/').expect("an index").1.parse().expect("a number");
                self.released.push(Released { by, index, only, last_day, withdrawn: false });
            }
            Event::Withdraw { nth } if !self.released.is_empty() => {
                let nth = nth % self.released.len();
                let record = self.released[nth].clone();
                if self.up[record.by] && !self.over(&record) {
                    let taken = self.places[record.by].withdraw(&record.index.to_string(), "mistake").await;
                    taken.expect("nothing stands in the way");
                    self.released[nth].withdrawn = true;
                }
            }
            Event::Pass { hours } => self.story.pass(SignedDuration::from_hours(hours)),
            Event::Stop { at } if self.up[at] => {
                self.places[at].stop().await;
                self.up[at] = false;
            }
            Event::Start { at } => {
                if self.up[at] {
                    self.places[at].stop().await;
                }
                self.places[at].start().await;
                self.up[at] = true;
            }
            Event::Converge => self.converge().await,
            _ => {}
        }
        self.look().await;
    }

    async fn converge(&self) {
        let up: Vec<&cairn_tests::desk::Desk> =
            self.places.iter().zip(self.up).filter(|(_, up)| *up).map(|(place, _)| &**place).collect();
        converge(&up).await;
    }

    /// At no moment: outside the audience, or back after it was gone.
    async fn look(&mut self) {
        for (nth, record) in self.released.clone().iter().enumerate() {
            let author = self.places[record.by].id;
            for (place, name) in NAMES.iter().enumerate() {
                if !self.up[place] {
                    continue;
                }
                let held = self.places[place].opening_of(&author, record.index).await.is_some();
                assert!(!held || self.may_hold(place, record), "{name} holds {record:?}");
                match (self.seen.get(&(nth, place)), held) {
                    (Some(Seen::Gone), true) => panic!("{record:?} returned to {name}"),
                    (Some(Seen::There), false) => _ = self.seen.insert((nth, place), Seen::Gone),
                    (None, true) => _ = self.seen.insert((nth, place), Seen::There),
                    _ => {}
                }
            }
        }
    }

    /// In the end everybody is back, and holds what it should and nothing else.
    async fn ends(&mut self) {
        // Everyone starts anew: a node looks at its clock every minute, and this one is turned by hand.
        for at in 0..NAMES.len() {
            self.happens(&Event::Start { at }).await;
        }
        self.converge().await;
        for record in &self.released {
            let author = self.places[record.by].id;
            for (place, at) in self.places.iter().zip(0..) {
                let expected = self.may_hold(at, record) && !self.over(record);
                until(&format!("{} holds {record:?}: {expected}", place.name), async || {
                    (place.opening_of(&author, record.index).await.is_some() == expected).then_some(())
                })
                .await;
            }
        }
        let authors: BTreeSet<_> = self.released.iter().filter(|r| r.withdrawn).map(|r| r.by).collect();
        for by in authors {
            until("every holder has given its receipt", async || {
                let status = self.places[by].status().await;
                (status.open_withdrawals == 0).then_some(())
            })
            .await;
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, max_shrink_iters: 0, ..ProptestConfig::default() })]

    #[test]
    fn nobody_outside_the_audience_holds_a_record_and_nothing_purged_returns(
        events in prop::collection::vec(event(), 10..30)
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut world = World::begin().await;
            for event in &events {
                world.happens(event).await;
            }
            world.ends().await;
        });
    }
}
