//! Deterministic simulation: many places, their network and their misfortunes in one thread, drawn from a seed. What is
//! simulated and what is not, and why it is built so, is in README.md beside this file.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "what cannot be done fails the test"
)]

mod cast;
mod chance;
mod deeds;
mod ends;
mod following;
mod lies;
mod place;
mod run;
mod truth;
mod wire;
mod world;

use std::{
    panic::AssertUnwindSafe,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::Duration,
};

use futures::FutureExt as _;

use self::{
    cast::Cast,
    run::{Course, Mix},
    truth::Violation,
};

/// Runs in a plain `cargo test`; `CAIRN_TEST_SEEDS` asks for more.
const SEEDS: u64 = 150;
/// A run takes a fraction of a second; one that takes so long hangs.
const LONGEST: Duration = Duration::from_secs(120);
/// As many lines of a failed run are shown.
const SHOWN: usize = 60;

#[expect(clippy::disallowed_methods, reason = "the one place where the simulation reads the environment")]
fn wanted(variable: &str) -> Option<u64> {
    let text = std::env::var(variable).ok().filter(|text| !text.is_empty())?;
    Some(text.parse().expect("a number"))
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

async fn course(cast: &Cast, seed: u64, mix: Mix) -> Course {
    let dir = tempfile::tempdir_in(cast.dir()).expect("a directory");
    let run = AssertUnwindSafe(run::run(cast, dir.path(), seed, mix)).catch_unwind();
    let failed = |words: &str| Course {
        trace: Vec::new(),
        digest: String::new(),
        violation: Some(Violation(words.to_owned())),
    };
    match tokio::time::timeout(LONGEST, run).await {
        Ok(Ok(course)) => course,
        Ok(Err(_)) => failed("it panicked: see above"),
        Err(_) => failed("it hangs"),
    }
}

/// Runs seeds on all processors until one fails as it is looked for; gives that one.
fn first_to_fail(
    cast: &Cast,
    seeds: std::ops::Range<u64>,
    mix: Mix,
    looked_for: impl Fn(&Violation) -> bool + Sync,
) -> Option<(u64, Course)> {
    let next = AtomicU64::new(seeds.start);
    let failed: Mutex<Option<(u64, Course)>> = Mutex::new(None);
    let work = || {
        let runtime = runtime();
        loop {
            let seed = next.fetch_add(1, Ordering::SeqCst);
            let stop = failed.lock().unwrap_or_else(PoisonError::into_inner).is_some();
            if seed >= seeds.end || stop {
                return;
            }
            let course = runtime.block_on(course(cast, seed, mix));
            if course.violation.as_ref().is_some_and(&looked_for) {
                let mut failed = failed.lock().unwrap_or_else(PoisonError::into_inner);
                if failed.as_ref().is_none_or(|(other, _)| seed < *other) {
                    *failed = Some((seed, course));
                }
            }
        }
    };
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(2, std::num::NonZero::get) {
            scope.spawn(work);
        }
    });
    failed.into_inner().unwrap_or_else(PoisonError::into_inner)
}

fn report(seed: u64, course: &Course) -> String {
    let from = course.trace.len().saturating_sub(SHOWN);
    let tail = course.trace.iter().skip(from).map(|line| format!("  {line}\n")).collect::<String>();
    let words = course.violation.as_ref().map(|violation| violation.0.clone()).unwrap_or_default();
    format!(
        "\nseed {seed}: {words}\nthe last of {} lines ({}):\n{tail}replay it: CAIRN_TEST_SEED={seed} \
         cargo test -p cairn-tests --test simulation honest\n",
        course.trace.len(),
        course.digest
    )
}

#[test]
fn honest_places_converge_and_nothing_is_lost_returns_or_reaches_others() {
    let seeds = match wanted("CAIRN_TEST_SEED") {
        Some(seed) => seed..seed + 1,
        None => 0..wanted("CAIRN_TEST_SEEDS").unwrap_or(SEEDS),
    };
    let cast = runtime().block_on(Cast::new());
    if let Some(seed) = wanted("CAIRN_TEST_SEED") {
        // Seen with --nocapture: everything that happens in it.
        let course = runtime().block_on(course(&cast, seed, Mix::default()));
        course.trace.iter().for_each(|line| println!("{line}"));
    }
    if let Some((seed, course)) = first_to_fail(&cast, seeds, Mix::default(), |_| true) {
        panic!("{}", report(seed, &course));
    }
}

/// Why a node asks its peers before it signs anew: one that comes back from an older copy and signs at once, as here, signs two
/// heads. What it is to do instead is told in `tests/tests/federation/restore.rs`; in these runs nobody waits for an answer.
#[test]
fn a_node_that_is_set_back_and_does_not_ask_signs_two_heads() {
    let cast = runtime().block_on(Cast::new());
    let mix = Mix { authors_set_back: true };
    let two_heads = |violation: &Violation| violation.0.contains("signed two heads");
    assert!(first_to_fail(&cast, 0..SEEDS, mix, two_heads).is_some());
}

#[test]
fn a_seed_means_the_same_every_time() {
    let seeds = 0..10;
    let courses = || {
        let runtime = runtime();
        runtime.block_on(async {
            let cast = Cast::new().await;
            let mut courses = Vec::new();
            for seed in seeds.clone() {
                courses.push(course(&cast, seed, Mix::default()).await);
            }
            courses
        })
    };
    for (one, other) in courses().iter().zip(courses()) {
        for (line, same) in one.trace.iter().zip(&other.trace) {
            assert_eq!(line, same);
        }
        assert_eq!(*one, other);
    }
}
