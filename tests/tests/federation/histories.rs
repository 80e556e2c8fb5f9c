//! Random histories of four places that publish, pass on, withdraw, let things expire, are cut off from each other, stop, and
//! come back, over real TLS. At no moment does anybody outside an audience hold a record, nothing that was purged returns, and
//! in the end each holds exactly what it should.
//!
//! ```text
//!   Plymouth Alliance === South Tyneside Alliance === Dorset
//!                  \\          //
//!                    EDUFI ====
//! ```

use std::collections::{BTreeMap, BTreeSet};

use cairn_node::domain::policy::Card;
use cairn_proto::pb::admin::PublishRequest;
use cairn_tests::{
    cable::Cable,
    desk::{Desk, profile},
    place::TestPlace,
    story::{Story, converge, peer_with_relay},
    wait::until,
};
use jiff::{SignedDuration, civil::Date};
use proptest::prelude::*;

const NAMES: [&str; 4] = ["Plymouth Alliance", "South Tyneside Alliance", "EDUFI", "Dorset"];
/// Who are peers, with relay.
const PEERS: [(usize, usize); 4] = [(0, 1), (0, 2), (1, 2), (1, 3)];
/// The one through whom records reach those who are no peers.
const HUB: usize = 1;
/// Every history begins on this day at noon.
const FIRST_DAY: Date = jiff::civil::date(2026, 11, 23);

fn are_peers(a: usize, b: usize) -> bool {
    PEERS.contains(&(a, b)) || PEERS.contains(&(b, a))
}

/// For whom a record is.
#[derive(Clone, Copy, Debug)]
enum Audience {
    /// One peer, who keeps it to itself.
    Only(usize),
    /// All peers of its author.
    Network,
    /// Some places, peers or not, who may pass it on to each other: a bit for each.
    Onward(usize),
    /// Anyone.
    Public,
}

impl Audience {
    fn includes(self, place: usize, author: usize) -> bool {
        match self {
            Self::Only(only) => only == place,
            Self::Network => are_peers(author, place),
            Self::Onward(places) => places >> place & 1 == 1,
            Self::Public => true,
        }
    }

    fn may_hold(self, place: usize, author: usize) -> bool {
        place == author || self.includes(place, author)
    }

    /// Who is no peer of the author gets it through the hub, if that gets it.
    fn reaches(self, place: usize, author: usize) -> bool {
        let near = are_peers(author, place) || self.includes(HUB, author);
        place == author || (near && self.includes(place, author))
    }
}

/// Something that happens.
#[derive(Clone, Debug)]
enum Event {
    /// A place releases, perhaps until the day so many days on.
    Publish { by: usize, to: Audience, days: Option<i64> },
    /// The author of the record so far down the list takes it back.
    Withdraw { nth: usize },
    /// Hours pass.
    Pass { hours: i64 },
    /// A place stops.
    Stop { at: usize },
    /// A place that had stopped comes back; one that had not is started anew.
    Start { at: usize },
    /// One place does not reach another any more, or does again.
    Cut { cable: usize },
    /// All that run and reach each other catch up.
    Converge,
}

fn event() -> impl Strategy<Value = Event> {
    let place = 0..NAMES.len();
    let to = prop_oneof![
        1 => place.clone().prop_map(Audience::Only),
        1 => Just(Audience::Network),
        2 => (1_usize..16).prop_map(Audience::Onward),
        1 => Just(Audience::Public),
    ];
    prop_oneof![
        5 => (place.clone(), to, prop::option::of(0_i64..3))
            .prop_map(|(by, to, days)| Event::Publish { by, to, days }),
        3 => (0_usize..50).prop_map(|nth| Event::Withdraw { nth }),
        2 => (1_i64..30).prop_map(|hours| Event::Pass { hours }),
        1 => place.clone().prop_map(|at| Event::Stop { at }),
        2 => place.prop_map(|at| Event::Start { at }),
        2 => (0..2 * PEERS.len()).prop_map(|cable| Event::Cut { cable }),
        2 => Just(Event::Converge),
    ]
}

/// A record, and for whom it was.
#[derive(Clone, Debug)]
struct Released {
    by: usize,
    index: u64,
    to: Audience,
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
    up: [bool; 4],
    /// From one place to another, and whether it is whole.
    cables: Vec<(Cable, bool)>,
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
        let mut cables = Vec::new();
        for (a, b) in PEERS {
            peer_with_relay(&places[a], &places[b]).await;
            for (from, to) in [(a, b), (b, a)] {
                cables.push((Cable::lay(&places[from], &places[to]).await, true));
            }
        }
        for place in &mut places {
            place.stop().await;
            place.start().await;
        }
        Self { story, places, up: [true; 4], cables, released: Vec::new(), seen: BTreeMap::new() }
    }

    fn today(&self) -> Date {
        self.story.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date()
    }

    fn over(&self, record: &Released) -> bool {
        record.withdrawn || record.last_day.is_some_and(|day| day < self.today())
    }

    /// The wish to release the profile to an audience, if there is anybody in it.
    fn wish(&self, by: usize, to: Audience) -> Option<PublishRequest> {
        let named = |to: Vec<String>| PublishRequest { to, ..profile(Card::NamedPeers) };
        match to {
            Audience::Only(only) => are_peers(by, only).then(|| named(vec![NAMES[only].to_owned()])),
            Audience::Network => Some(profile(Card::Network)),
            Audience::Public => Some(profile(Card::Public)),
            Audience::Onward(_) => {
                let nodes = (0..NAMES.len()).filter(|&place| place != by && to.includes(place, by));
                let nodes: Vec<_> = nodes.map(|place| self.places[place].id_text()).collect();
                (!nodes.is_empty()).then(|| PublishRequest { relay: Some(true), ..named(nodes) })
            }
        }
    }

    async fn happens(&mut self, event: &Event) {
        match *event {
            Event::Publish { by, to, days } if self.up[by] => {
                let last_day = days.map(|days| FIRST_DAY.saturating_add(jiff::Span::new().days(days)));
                let last_day = last_day.filter(|day| *day >= self.today());
                if let Some(mut wish) = self.wish(by, to) {
                    wish.expires_on = last_day.map(|day| day.to_string()).unwrap_or_default();
                    let id = self.places[by].publish(wish).await;
                    let index = id.rsplit_once('/').expect("an index").1.parse().expect("a number");
                    self.released.push(Released { by, index, to, last_day, withdrawn: false });
                }
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
            Event::Cut { cable } => {
                let (cable, whole) = &mut self.cables[cable];
                if *whole {
                    cable.cut()
                } else {
                    cable.mend()
                }
                *whole = !*whole;
            }
            Event::Converge if self.cables.iter().all(|(_, whole)| *whole) => self.converge().await,
            _ => {}
        }
        self.look().await;
    }

    async fn converge(&self) {
        let up: Vec<&Desk> =
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
                assert!(!held || record.to.may_hold(place, record.by), "{name} holds {record:?}");
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
        for (cable, whole) in &mut self.cables {
            cable.mend();
            *whole = true;
        }
        // Everyone starts anew: a node looks at its clock every minute, and this one is turned by hand.
        for at in 0..NAMES.len() {
            self.happens(&Event::Start { at }).await;
        }
        self.converge().await;
        for record in &self.released {
            let author = self.places[record.by].id;
            for (place, at) in self.places.iter().zip(0..) {
                let expected = record.to.reaches(at, record.by) && !self.over(record);
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
        self.look().await;
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
