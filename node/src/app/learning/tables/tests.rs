//! Stories of tables and maps at one place, with a real store.

use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::{
    app::learning::{export::Format, save::Wish},
    clock::Clock,
    config::{Config, sqlite_url},
    domain::text::Line,
    init::{self, NewNode},
    node::Node,
};

const PLYMOUTH: &str = include_str!("../../../../cases/cycles/plymouth-alliance.yaml");

struct Place {
    node: Node,
    who: Operator,
    _dir: TempDir,
}

impl Place {
    async fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Clock::manual("2026-03-04T12:00:00Z".parse().unwrap());
        let new = NewNode {
            data_dir: dir.path().to_owned(),
            name: "Plymouth & friends".to_owned(),
            listen: Some("127.0.0.1:0".parse().unwrap()),
            advertise: None,
            database_url: Some(sqlite_url(dir.path())),
            admin: None,
        };
        init::init(&new, clock.now()).await.unwrap();
        let mut config = Config::load(dir.path()).unwrap();
        config.database_url = sqlite_url(dir.path());
        let node = Node::bind(config, clock).await.unwrap();
        Self { node, who: Operator::authenticated(&Line::new("by", "a steward").unwrap()), _dir: dir }
    }

    fn app(&self) -> &App {
        self.node.app()
    }

    async fn save(&self, kind: Kind, parts: Value) {
        let content = parts.to_string().into_bytes();
        let wish = Wish { kind: Some(kind), content, ..Wish::default() };
        self.app().save_document(&self.who, wish).await.unwrap();
    }

    async fn table(&self, rows: &str, cycle: &str, private: bool) -> (Vec<Vec<String>>, TableFile) {
        let cycle = (!cycle.is_empty()).then(|| id(cycle));
        let wish = TableWish { rows: rows.to_owned(), cycle, private };
        let file = self.app().export_table(&self.who, &wish, TableFormat::Csv).await.unwrap();
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&file.content[..]);
        let rows = reader.records().skip(1).map(|row| row.unwrap().iter().map(str::to_owned).collect());
        (rows.collect(), file)
    }

    async fn import(&self, wish: MapWish) -> Result<(Saved, Vec<String>), AppError> {
        self.app().import_map(&self.who, wish).await
    }
}

fn id(text: &str) -> Id {
    Id::new(text).unwrap()
}

fn first_cells(rows: &[Vec<String>]) -> Vec<&str> {
    rows.iter().map(|row| row[0].as_str()).collect()
}

/// Two systems with a map each, of which one is about one person's life; a cycle of each, with a session.
async fn two_cycles() -> Place {
    let place = Place::new().await;
    for (name, scale) in [("town", "place"), ("one", "life")] {
        let served = json!([{ "name": "families" }]);
        let conditions = json!([{ "what": "A rule", "kind": "constraint", "set_at": "country" }]);
        place.save(Kind::System, json!({ "id": name, "title": "S", "scale": scale, "people_served": served,
            "actors": [{ "name": "the council" }], "missing_actors": ["young people"], "conditions": conditions })).await;
        place
            .save(
                Kind::Map,
                json!({ "id": name, "title": "M", "system": name, "seen_by": "stewards",
            "factors": [{ "name": "Trust" }, { "name": "Fear" }],
            "links": [{ "from": "Fear", "to": "Trust", "effect": "less" }] }),
            )
            .await;
        place.save(Kind::Cycle, json!({ "id": name, "title": "C", "system": name, "scale": scale })).await;
        let session = format!("session-{name}");
        place.save(Kind::Session, json!({ "id": session, "title": "Meeting", "cycle": name })).await;
    }
    place
}

#[tokio::test]
async fn what_is_private_stays_out_and_is_counted() {
    let place = two_cycles().await;
    for (rows, count) in
        [("system", 1), ("maps", 1), ("session", 1), ("factors", 2), ("links", 1), ("conditions", 1)]
    {
        let (found, file) = place.table(rows, "", false).await;
        assert_eq!((found.len(), file.rows, file.left_out), (count, count, 1), "{rows}");
        assert!(first_cells(&found).iter().all(|cell| cell.ends_with("town")), "{rows}: {found:?}");
        let (all, file) = place.table(rows, "", true).await;
        assert_eq!((all.len(), file.left_out), (2 * count, 0), "{rows}");
    }
}

#[tokio::test]
async fn a_cycle_has_the_maps_of_its_system_and_nothing_of_others() {
    let place = two_cycles().await;
    place
        .save(
            Kind::System,
            json!({ "id": "other", "title": "O", "scale": "place",
        "people_served": [{ "name": "others" }] }),
        )
        .await;
    place
        .save(
            Kind::Map,
            json!({ "id": "other", "title": "O", "system": "other", "seen_by": "us",
        "factors": [{ "name": "Noise" }] }),
        )
        .await;
    let (factors, file) = place.table("factors", "town", false).await;
    assert_eq!(first_cells(&factors), ["town", "town"]);
    assert_eq!((file.file_name.as_str(), file.left_out), ("town-factors.csv", 0));
    let (actors, _) = place.table("actors", "town", false).await;
    let who: Vec<_> = actors.iter().map(|row| (row[2].as_str(), row[3].as_str())).collect();
    let expected =
        [("People served", "families"), ("Actors", "the council"), ("Missing actors", "young people")];
    assert_eq!(who, expected);
    let (sessions, _) = place.table("sessions", "town", false).await;
    assert_eq!(first_cells(&sessions), ["session-town"]);
    let (private, file) = place.table("sessions", "one", false).await;
    assert_eq!((private.len(), file.left_out), (0, 1));
}

#[tokio::test]
async fn erased_documents_are_in_no_table() {
    let place = two_cycles().await;
    let of = Ref { kind: Kind::Session, id: id("session-town") };
    place.app().erase_document(&place.who, &of, "asked for", false).await.unwrap();
    for cycle in ["", "town"] {
        let (sessions, file) = place.table("session", cycle, true).await;
        assert!(!first_cells(&sessions).contains(&"session-town"));
        assert_eq!(file.left_out, 0);
    }
}

#[tokio::test]
async fn words_that_are_no_rows_and_cycles_that_are_not_here_are_refused() {
    let place = Place::new().await;
    let wish = |rows: &str, cycle: Option<Id>| TableWish { rows: rows.to_owned(), cycle, private: false };
    let ask = async |wish| place.app().export_table(&place.who, &wish, TableFormat::Csv).await.unwrap_err();
    let error = ask(wish("poems", None)).await.to_string();
    assert!(error.contains("poems") && error.contains("sessions") && error.contains("conditions"), "{error}");
    assert!(matches!(ask(wish("sessions", Some(id("nowhere")))).await, AppError::Unknown { .. }));
}

#[tokio::test]
async fn a_real_cycle_becomes_tables_workbooks_and_a_page() {
    let place = Place::new().await;
    place.app().import_cycle(&place.who, PLYMOUTH.as_bytes(), "plymouth", false).await.unwrap();
    let words = Rows::words();
    for rows in words.split(", ") {
        let wish = TableWish { rows: rows.to_owned(), cycle: None, private: true };
        let file = place.app().export_table(&place.who, &wish, TableFormat::Xlsx).await.unwrap();
        assert!(file.content.starts_with(b"PK"), "{rows}");
        let (found, file) = place.table(rows, "", true).await;
        assert_eq!(found.len(), file.rows, "{rows}");
    }
    let mut tx = place.app().store.read().await.unwrap();
    let cycles = kept_of_kind(&mut tx, Kind::Cycle).await.unwrap();
    drop(tx);
    for kept in cycles {
        let id = kept.document.id().unwrap();
        let page = place.app().export_cycle(&place.who, id, Format::Html, false).await.unwrap();
        let page = String::from_utf8(page.content).unwrap();
        assert!(page.contains("Plymouth &amp; friends"), "{page}");
        assert!(!page.contains("<script"));
    }
}

const DRAWN: &str = r#"{ "elements": [{ "label": "Trust" }, { "label": "Fear" }],
    "connections": [{ "from": "Fear", "to": "Trust", "type": "-", "direction": "directed" }] }"#;

#[tokio::test]
async fn a_map_comes_in_new_and_then_as_the_next_version() {
    let place = two_cycles().await;
    let wish = MapWish {
        content: DRAWN.into(),
        file: "drawn.json".to_owned(),
        id: None,
        system: "town".to_owned(),
        seen_by: "nurses".to_owned(),
        title: "As nurses see it".to_owned(),
    };
    let (saved, remarks) = place.import(wish.clone()).await.unwrap();
    assert!(saved.created && remarks.is_empty(), "{remarks:?}");
    let own = saved.entry.of.id.clone();
    let (content, name) = place.app().export_map(&place.who, &own).await.unwrap();
    assert_eq!(name, format!("{own}.kumu.json"));
    let again = MapWish { content, id: Some(own.clone()), ..MapWish::default() };
    let (same, _) = place.import(again).await.unwrap();
    assert!(same.unchanged && !same.created);
    let fewer = r#"{ "elements": [{ "label": "Trust" }] }"#;
    let next = MapWish {
        content: fewer.into(),
        id: Some(own.clone()),
        seen_by: "doctors".to_owned(),
        ..MapWish::default()
    };
    let (changed, _) = place.import(next).await.unwrap();
    assert_eq!((changed.created, changed.entry.version), (false, 2));
    let mut tx = place.app().store.read().await.unwrap();
    let kept = place.app().kept(&mut tx, &changed.entry.of).await.unwrap();
    assert_eq!(
        kept.value,
        json!({ "id": own, "title": "As nurses see it", "system": "town", "seen_by": "doctors",
        "factors": [{ "name": "Trust" }] })
    );
}

#[tokio::test]
async fn a_map_that_cannot_be_kept_changes_nothing() {
    let place = two_cycles().await;
    let wish = |content: &str, system: &str| MapWish {
        content: content.into(),
        file: "drawn.json".to_owned(),
        id: Some(id("fresh")),
        system: system.to_owned(),
        seen_by: "nurses".to_owned(),
        title: "T".to_owned(),
    };
    let missing = MapWish { title: String::new(), seen_by: " ".to_owned(), ..wish(DRAWN, "town") };
    let error = place.import(missing).await.unwrap_err().to_string();
    assert!(error.ends_with("not given: title, seen_by"), "{error}");
    let error = place.import(wish(DRAWN, "nowhere")).await.unwrap_err().to_string();
    assert!(error.contains("drawn.json") && error.contains("nowhere") && !error.contains("line"), "{error}");
    let error =
        place.import(wish(r#"{ "elements": [{ "label": " " }] }"#, "town")).await.unwrap_err().to_string();
    assert!(error.contains("drawn.json") && error.contains("elements[0].label"), "{error}");
    let long = "x".repeat(16 * 1024);
    let elements: Vec<_> =
        (0..20).map(|n| json!({ "label": format!("F{n}"), "description": long })).collect();
    let large = json!({ "elements": elements }).to_string();
    let error = place.import(wish(&large, "town")).await.unwrap_err().to_string();
    assert!(error.contains("at most 262144 fit"), "{error}");
    let of = Ref { kind: Kind::Map, id: id("fresh") };
    assert!(matches!(place.app().export_map(&place.who, &of.id).await, Err(AppError::Unknown { .. })));
    let erased = Ref { kind: Kind::Map, id: id("town") };
    place.app().erase_document(&place.who, &erased, "asked for", false).await.unwrap();
    let error =
        place.import(MapWish { id: Some(erased.id.clone()), ..wish(DRAWN, "town") }).await.unwrap_err();
    assert!(matches!(error, AppError::Erased { .. }), "{error}");
    assert!(matches!(place.app().export_map(&place.who, &erased.id).await, Err(AppError::Erased { .. })));
}
