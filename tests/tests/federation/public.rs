//! The public side: whoever reads the web sees what was released to the public, and nothing else.

use std::{fs, net::SocketAddr};

use cairn_node::{config::FILE, domain::policy::Card};
use cairn_proto::{
    evidence,
    pb::admin::{PauseSharingRequest, PublishRequest, ResumeSharingRequest},
};
use cairn_tests::{
    desk::{profile, wish, wish_for},
    place::TestPlace,
    story::{Story, free_address, peer_with_relay},
    wait::until,
};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// What a reader gets: the status, the headers as they came, the body.
struct Answer {
    status: u16,
    headers: String,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }

    fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("text")
    }
}

/// Asks as any program that speaks HTTP does.
async fn ask(at: SocketAddr, request: &str) -> Answer {
    let mut stream = TcpStream::connect(at).await.expect("somebody listens");
    let request = format!("{request} HTTP/1.1\r\nHost: reader\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).await.expect("an answer");
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("headers");
    let headers = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
    let status = headers.split(' ').nth(1).and_then(|code| code.parse().ok()).expect("a status");
    Answer { status, headers, body: bytes[end + 4..].to_vec() }
}

async fn get(at: SocketAddr, path: &str) -> Answer {
    ask(at, &format!("GET {path}")).await
}

/// Opens the public side of a place.
async fn open(place: &mut TestPlace) -> SocketAddr {
    let address = free_address();
    let file = place.dir().join(FILE);
    let text = fs::read_to_string(&file).expect("a configuration");
    let (before, public) = text.split_once("[public]").expect("a section");
    let public = public.replacen("listen = \"\"", &format!("listen = \"{address}\""), 1);
    let public = public.replacen("base = \"\"", "base = \"https://learning.example.org/\"", 1);
    fs::write(file, format!("{before}[public]{public}")).expect("written");
    place.stop().await;
    place.start().await;
    address
}

/// ```text
///   South Tyneside Alliance === Dorset      a reader of the web
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn readers_of_the_web_see_what_is_public_and_nothing_else() {
    let story = Story::begin();
    let mut tyneside = story.place("South Tyneside Alliance").await;
    let dorset = story.place("Dorset").await;
    peer_with_relay(&tyneside, &dorset).await;
    let at = open(&mut tyneside).await;
    assert_eq!(get(at, "/records").await.json()["records"], Value::Array(Vec::new()));
    for case in ["south-tyneside", "edufi", "wellbeing-teams"] {
        tyneside.import_case(case).await;
    }
    tyneside.publish(wish("edufi", Card::Network)).await;
    tyneside.publish(wish_for("wellbeing-teams", &["Dorset"])).await;
    tyneside.publish(profile(Card::Public)).await;
    let public = tyneside.publish(wish("south-tyneside", Card::Public)).await;
    let theirs = dorset.publish(profile(Card::Public)).await;
    until("Dorset's record is held here", async || tyneside.holds(&theirs).await.then_some(())).await;

    let list = get(at, "/records").await;
    assert!(list.headers.contains("content-type: application/json"), "{}", list.headers);
    let list = list.json();
    let ids: Vec<_> = list["records"].as_array().expect("a list").iter().map(|r| r["id"].clone()).collect();
    assert_eq!(ids, [public.clone(), format!("{}/2", tyneside.id)], "newest first, our own, public");
    assert_eq!(list["records"][0]["href"], "https://learning.example.org/records/3");
    let whole = get(at, "/records/3").await.json();
    assert!(whole["body"]["tried"].as_str().is_some_and(|tried| !tried.is_empty()), "{whole}");
    assert_eq!(whole["policy"]["prohibited"].as_array().map(Vec::len), Some(7));
    let pack = get(at, "/records/3/evidence").await;
    assert!(pack.headers.contains("attachment; filename="), "{}", pack.headers);
    evidence::verify(&pack.body).expect("anyone can check it");
    let policy = get(at, "/records/3/policy").await;
    assert!(policy.headers.contains("application/ld+json") && policy.text().contains("odrl:prohibit"));
    let feed = get(at, "/feed.atom").await;
    assert!(feed.headers.contains("application/atom+xml"), "{}", feed.headers);
    for words in [
        "<feed xmlns=\"http://www.w3.org/2005/Atom\">",
        "What South Tyneside Alliance has learnt",
        "/records/3\">",
    ] {
        assert!(feed.text().contains(words), "{}", feed.text());
    }
    let about = get(at, "/.well-known/cairn").await.json();
    assert_eq!(about["node_id"], tyneside.id_text());
    assert_eq!(about["place"]["name"], "South Tyneside Alliance");

    for hidden in
        ["/records/0", "/records/1", "/records/0/evidence", "/records/1/policy", "/records/99", "/nonsense"]
    {
        let answer = get(at, hidden).await;
        assert_eq!(answer.status, 404, "{hidden}");
        assert!(!answer.text().contains("withdrawn"), "{hidden}");
    }
    for (request, code) in [
        ("GET /records/x", 400),
        ("GET /records?below=x", 400),
        ("POST /records", 405),
        ("DELETE /records/3", 405),
    ] {
        assert_eq!(ask(at, request).await.status, code, "{request}");
    }
    let read = [list.to_string(), feed.text().to_owned(), about.to_string()].concat();
    assert!(!read.contains("EDUFI") && !read.contains("Dorset"), "{read}");
}

/// ```text
///   South Tyneside Alliance      a reader of the web
/// ```
#[tokio::test(flavor = "multi_thread")]
async fn what_is_withdrawn_or_paused_is_read_no_more() {
    let story = Story::begin();
    let mut tyneside = story.place("South Tyneside Alliance").await;
    let at = open(&mut tyneside).await;
    let first = tyneside.publish(profile(Card::Public)).await;
    let until_today = PublishRequest { expires_on: "2026-11-23".into(), ..profile(Card::Public) };
    tyneside.publish(PublishRequest { relay: Some(false), ..until_today }).await;
    assert_eq!(get(at, "/records/1").await.status, 200);

    let reason = "we look into something first".to_owned();
    tyneside.release().pause_sharing(PauseSharingRequest { reason }).await.expect("paused");
    for path in ["/records", "/records/0", "/records/0/evidence", "/feed.atom"] {
        assert_eq!(get(at, path).await.status, 503, "{path}");
    }
    tyneside.release().resume_sharing(ResumeSharingRequest {}).await.expect("resumed");
    tyneside.withdraw(&first, "mistake").await.expect("nothing stands in the way");
    story.pass(jiff::SignedDuration::from_hours(24));
    for path in ["/records/0", "/records/0/evidence", "/records/0/policy"] {
        assert_eq!(get(at, path).await.status, 410, "{path}");
    }
    assert_ne!(get(at, "/records/1").await.status, 200, "it has expired");
    assert_eq!(get(at, "/records").await.json()["records"], Value::Array(Vec::new()));
}
