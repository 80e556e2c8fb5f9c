//! A real network: nodes as processes of their own, each on a machine of its own as far as the network can tell; links that are cut,
//! slow, and lose packets. Skipped where no network namespaces can be made.

use cairn_node::domain::policy::Card;
use cairn_tests::{
    desk::{profile, wish},
    network::{Host, Network},
    process::TestProcess,
    story::{converge, peer},
    wait::until,
};

async fn place(network: &mut Network, name: &str) -> (TestProcess, Host) {
    let host = network.plug_in();
    (TestProcess::spawn_at(name, host.address, Some(host.namespace.clone())).await, host)
}

/// ```text
///   South Tyneside Alliance --- switch --- EDUFI
///                                 |
///                               Dorset (cut off while a story is released and withdrawn)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_place_that_was_cut_off_hears_of_the_withdrawal_and_never_of_the_words() {
    let Some(mut network) = Network::build("cut") else { return };
    let (tyneside, _) = place(&mut network, "South Tyneside Alliance").await;
    let (edufi, _) = place(&mut network, "EDUFI").await;
    let (dorset, cable) = place(&mut network, "Dorset").await;
    peer(&tyneside, &edufi).await;
    peer(&tyneside, &dorset).await;
    tyneside.import_case("south-tyneside").await;
    tyneside.import_case("mayday-trust").await;
    let kept = tyneside.publish(wish("south-tyneside", Card::Network)).await;
    converge(&[&tyneside, &edufi, &dorset]).await;

    network.cut(&cable);
    let taken_back = tyneside.publish(wish("mayday-trust", Card::Network)).await;
    until("EDUFI has it", async || edufi.holds(&taken_back).await.then_some(())).await;
    tyneside.withdraw(&taken_back, "mistake").await.expect("withdrawn");
    until("EDUFI has it no more", async || (!edufi.holds(&taken_back).await).then_some(())).await;
    assert_eq!(dorset.sync("South Tyneside Alliance").await.leaves, 1, "nothing gets through");
    network.mend(&cable);
    until("Dorset has heard", async || {
        (dorset.sync("South Tyneside Alliance").await.leaves >= 3).then_some(())
    })
    .await;
    assert!(dorset.holds(&kept).await && !dorset.holds(&taken_back).await);
}

/// ```text
///   South Tyneside Alliance --- switch === Dorset (over a link that is slow and loses packets)
///   (has released for years)
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn a_long_log_comes_whole_over_a_bad_link() {
    const RECORDS: u64 = 120;
    let Some(mut network) = Network::build("bad") else { return };
    let (tyneside, _) = place(&mut network, "South Tyneside Alliance").await;
    let (dorset, link) = place(&mut network, "Dorset").await;
    tyneside.import_case("south-tyneside").await;
    let first = tyneside.publish(wish("south-tyneside", Card::Network)).await;
    for _ in 1..RECORDS {
        tyneside.publish(profile(Card::Network)).await;
    }
    // Less than ISDN at both ends, and a queue of a handful of packets.
    network.slow_and_lossy(&link, "256kbit", "6kb");
    peer(&tyneside, &dorset).await;
    until("the back-fill is under way", async || {
        (dorset.sync("South Tyneside Alliance").await.leaves > 0).then_some(())
    })
    .await;
    tyneside.withdraw(&first, "consent withdrawn").await.expect("withdrawn");
    until("everything is there", async || {
        let sync = dorset.sync("South Tyneside Alliance").await;
        (sync.leaves > RECORDS && sync.settled_to == sync.leaves).then_some(())
    })
    .await;
    assert!(!dorset.holds(&first).await, "what was withdrawn meanwhile is not there");
    assert_eq!(dorset.sync("South Tyneside Alliance").await.held, RECORDS, "one gone, and the retraction");
    assert!(network.lost(&link) > 0, "no packet was lost: the link was too good to show anything");
}
