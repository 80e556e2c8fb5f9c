//! The scene of most attacks, and what must be true after each.
//!
//! ```text
//!   Plymouth Alliance --- South Tyneside Alliance --- a neighbour that lies
//!   (honest)              (under attack)              (honest so far, with two records)
//! ```

use cairn_node::domain::policy::Card;
use cairn_proto::{
    fork,
    log::Leaf,
    pb::{admin::SyncEntry, exchange::pull_response::Part},
};
use cairn_tests::{
    desk::profile,
    forge::ForgedLog,
    liar::Liar,
    place::TestPlace,
    story::{Story, peer},
    wait::until,
};

/// What is held here of a log: its leaves and, where there is one, the opening of each.
pub(crate) type Holding = (Vec<Leaf>, Vec<Option<([u8; 32], Vec<u8>)>>);

/// The three of them.
pub(crate) struct Scene {
    pub(crate) story: Story,
    pub(crate) honest: TestPlace,
    pub(crate) victim: TestPlace,
    pub(crate) liar: Liar,
}

impl Scene {
    pub(crate) async fn set() -> Self {
        let story = Story::begin();
        let honest = story.place("Plymouth Alliance").await;
        let victim = story.place("South Tyneside Alliance").await;
        peer(&honest, &victim).await;
        let liar = Liar::spawn().await;
        liar.write(|log| log.add_all(&["a first story", "a second story"]));
        liar.become_peer_of(&victim).await;
        let scene = Self { story, honest, victim, liar };
        scene.settled(2).await;
        scene
    }

    pub(crate) async fn sync(&self) -> SyncEntry {
        self.victim.sync(&self.liar.id_text()).await
    }

    /// Waits until so many leaves of the liar's log are settled, without a complaint.
    pub(crate) async fn settled(&self, leaves: u64) {
        until(&format!("{leaves} leaves are settled"), async || {
            let sync = self.sync().await;
            (sync.leaves == leaves && sync.settled_to == leaves && sync.last_error.is_empty()).then_some(())
        })
        .await;
    }

    /// Waits until the victim complains about the liar, in these words.
    pub(crate) async fn complaint(&self, words: &str) {
        until(&format!("{words:?} is told"), async || {
            self.sync().await.last_error.contains(words).then_some(())
        })
        .await;
    }

    /// What the victim holds of the liar's log.
    pub(crate) async fn holding(&self) -> Holding {
        let leaves = self.victim.leaves_of(&self.liar.id()).await;
        let mut openings = Vec::new();
        for index in 0..leaves.len() as u64 {
            openings.push(self.victim.opening_of(&self.liar.id(), index).await);
        }
        (leaves, openings)
    }

    /// Waits until the victim has evidence that the liar signed logs of these two sizes, which anyone can check.
    pub(crate) async fn evidence(&self, smaller: u64, larger: u64) {
        let found = until("the fork is found", async || self.victim.forks().await.into_iter().next()).await;
        let proven = fork::verify(&found.evidence).expect("evidence that anyone can check");
        assert_eq!(proven.author.node_id(), self.liar.id());
        assert_eq!((proven.smaller.size, proven.larger.size), (smaller, larger));
        assert!(!found.ours && self.sync().await.state.contains("signed two different logs"));
    }

    /// A record of the honest author still arrives.
    pub(crate) async fn honest_part_works_on(&self) {
        let record = self.honest.publish(profile(Card::Network)).await;
        until("the honest record arrives", async || self.victim.holds(&record).await.then_some(())).await;
    }
}

/// The liar adds three records and lies about them. The victim complains in `words`, and holds what it held
/// before, but perhaps `leaves` proven leaves. When the liar repents, everything arrives.
pub(crate) async fn attack(
    words: &str,
    leaves: usize,
    lie: impl Fn(&ForgedLog, &mut Vec<Part>) + Send + 'static,
) {
    let scene = Scene::set().await;
    let (leaves_before, openings_before) = scene.holding().await;
    scene.liar.write(|log| log.add_all(&["a third", "a fourth", "a fifth"]));
    scene.liar.lie(lie);
    scene.liar.announce();
    scene.complaint(words).await;
    scene.honest_part_works_on().await;

    let (leaves_after, openings_after) = scene.holding().await;
    assert_eq!(leaves_after.len(), leaves, "{words}");
    assert_eq!(leaves_after[..2], leaves_before[..]);
    assert_eq!(openings_after[..2], openings_before[..]);
    assert!(openings_after[2..].iter().all(Option::is_none), "nothing unproven was kept: {words}");
    scene.liar.repent();
    scene.settled(5).await;
    assert_eq!(scene.sync().await.held, 5);
}

/// The first batch of leaves in an answer.
pub(crate) fn first_leaves(parts: &mut [Part]) -> &mut cairn_proto::pb::exchange::LeafBatch {
    let batch =
        parts.iter_mut().find_map(|part| if let Part::Leaves(batch) = part { Some(batch) } else { None });
    batch.expect("leaves")
}

/// The first batch of openings in an answer.
pub(crate) fn first_openings(parts: &mut [Part]) -> &mut cairn_proto::pb::exchange::OpeningBatch {
    let batch =
        parts.iter_mut().find_map(|part| if let Part::Openings(batch) = part { Some(batch) } else { None });
    batch.expect("openings")
}

/// Puts a part in front of the openings.
pub(crate) fn before_openings(parts: &mut Vec<Part>, part: Part) {
    let at = parts.iter().position(|part| matches!(part, Part::Openings(_)));
    parts.insert(at.expect("openings"), part);
}
