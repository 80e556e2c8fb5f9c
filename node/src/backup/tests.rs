//! Hostile and broken backups: each is refused with a reason, and nothing is left of it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use tempfile::TempDir;

use super::{
    BackupError, Key, Made, Recipient, Wanted, Wish, make,
    parts::{self, Cell, Cells, Count, End, File, Header, Is, PART_BYTES, Rows, Table, Value},
    rehearse_with, restore, seal,
};
use crate::{
    config::{Config, FILE, sqlite_url},
    init::{self, NewNode},
    store::Store,
};

fn now() -> Timestamp {
    "2026-11-23T12:00:00Z".parse().unwrap()
}

/// A node that was just made, and a backup of it.
struct Scene {
    dir: TempDir,
    key: Key,
    made: Made,
}

impl Scene {
    async fn new() -> Self {
        let (dir, key) = (tempfile::tempdir().unwrap(), Key::generate());
        let data_dir = dir.path().join("node");
        let new = NewNode {
            data_dir: data_dir.clone(),
            name: "Plymouth Alliance".into(),
            listen: None,
            advertise: None,
            database_url: None,
            admin: None,
        };
        init::init(&new, now()).await.unwrap();
        let recipients = [key.recipient()];
        let store = Store::open_beside(&sqlite_url(&data_dir)).await.unwrap();
        let wish = Wish { data_dir: &data_dir, directory: dir.path(), recipients: &recipients };
        let made = make(&store, &wish, now()).await.unwrap();
        store.close().await;
        Self { dir, key, made }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Tries to restore a file; it must not work, and must leave nothing.
    async fn refused(&self, file: &Path) -> BackupError {
        let (data_dir, keys) = (self.path("restored"), [self.key.clone()]);
        let wanted = Wanted { file, keys: &keys, data_dir: &data_dir, database_url: None };
        let refused = restore(&wanted, now()).await.unwrap_err();
        assert!(!data_dir.exists(), "nothing is left after: {refused}");
        let scratch = self.path("scratch");
        fs::create_dir(&scratch).unwrap();
        let rehearsed = rehearse_with(file, &keys, &scratch).await.unwrap_err();
        assert_eq!(rehearsed.to_string(), refused.to_string(), "a rehearsal sees what a restore sees");
        fs::remove_dir(&scratch).expect("empty again");
        refused
    }

    /// Seals these parts as whoever knows the recipient can.
    fn forge(&self, parts: Vec<Is>) -> PathBuf {
        self.forge_bytes(|out| {
            parts::write_magic(out).unwrap();
            parts.into_iter().for_each(|part| parts::write_part(out, part).unwrap());
        })
    }

    fn forge_bytes(&self, write: impl FnOnce(&mut Vec<u8>)) -> PathBuf {
        let (mut plain, path) = (Vec::new(), self.path("forged.age"));
        write(&mut plain);
        let mut sealed = seal::seal(Vec::new(), &[self.key.recipient()]).unwrap();
        std::io::Write::write_all(&mut sealed, &plain).unwrap();
        fs::write(&path, sealed.finish().unwrap()).unwrap();
        path
    }

    /// The parts of the backup.
    fn parts(&self) -> Vec<Is> {
        let mut all = Vec::new();
        let sealed = fs::File::open(&self.made.file).unwrap();
        let plain = seal::unseal(sealed, &self.made.file, std::slice::from_ref(&self.key)).unwrap();
        assert!(
            parts::read_parts(plain, |part| {
                all.push(part);
                true
            })
            .is_ok()
        );
        all
    }
}

#[tokio::test]
async fn a_whole_one_is_restored_and_the_node_is_the_same() {
    let scene = Scene::new().await;
    let (data_dir, keys) = (scene.path("restored"), [scene.key.clone()]);
    let wanted = Wanted { file: &scene.made.file, keys: &keys, data_dir: &data_dir, database_url: None };
    let done = restore(&wanted, now()).await.unwrap();
    assert_eq!((done.node, done.made_at), (scene.made.rehearsed.node, now()));
    for file in ["cairn.toml", "keys/signing.pem", "keys/witness.pem", "keys/next-signing.pem"] {
        assert_eq!(fs::read(data_dir.join(file)).unwrap(), fs::read(scene.path("node").join(file)).unwrap());
    }
    assert!(!data_dir.join("RECOVERY-KEY.txt").exists(), "it has no place in a backup");
    let store = Store::open(&Config::load(&data_dir).unwrap().database_url).await.unwrap();
    let gate = store.read().await.unwrap().gate().await.unwrap().expect("a closed gate");
    assert_eq!((gate.at, gate.size), (now(), 0));
    store.close().await;
    let again = restore(&wanted, now()).await.unwrap_err();
    assert!(again.to_string().contains("holds a node already"), "{again}");
    assert!(data_dir.join(FILE).exists(), "and it is left alone");
}

#[tokio::test]
async fn files_are_for_their_owner_only_and_nothing_unencrypted_is_left() {
    use std::os::unix::fs::PermissionsExt as _;
    let scene = Scene::new().await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let note = scene.made.file.with_extension("age.json");
    assert_eq!((mode(&scene.made.file), mode(&note)), (0o600, 0o600));
    let bytes = fs::read(&scene.made.file).unwrap();
    assert!(!bytes.windows(8).any(|window| window == b"Plymouth"));
    assert!(!fs::read_to_string(&note).unwrap().contains("Plymouth"));
    let names = |dir: &Path| {
        let mut names: Vec<_> = fs::read_dir(dir)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.retain(|name| !name.starts_with("cairn.db"));
        names.sort();
        names
    };
    assert_eq!(names(&scene.path("node")), ["RECOVERY-KEY.txt", "backup.lock", "cairn.toml", "keys"]);
    assert_eq!(names(scene.dir.path()).len(), 3, "the node, the backup and its note");
}

#[tokio::test]
async fn what_was_changed_cut_short_or_made_for_others_is_refused() {
    let mut scene = Scene::new().await;
    let (whole, file) = (fs::read(&scene.made.file).unwrap(), scene.path("damaged.age"));
    for length in [whole.len() - 1, whole.len() * 3 / 4, whole.len() / 2] {
        fs::write(&file, &whole[..length]).unwrap();
        let refused = scene.refused(&file).await;
        assert!(matches!(refused, BackupError::Damaged { .. }), "{length}: {refused:?}");
    }
    for at in [whole.len() - 1, whole.len() / 2, whole.len() / 4] {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        fs::write(&file, &changed).unwrap();
        let refused = scene.refused(&file).await;
        assert!(matches!(refused, BackupError::Damaged { .. }), "{at}: {refused:?}");
        let beside = file.with_extension("age.json");
        fs::copy(scene.made.file.with_extension("age.json"), &beside).unwrap();
        assert!(matches!(super::look_at(&file), Err(BackupError::Damaged { .. })), "its note tells it, too");
        fs::remove_file(beside).unwrap();
    }
    fs::write(&file, [&whole[..], b"more"].concat()).unwrap();
    assert!(matches!(scene.refused(&file).await, BackupError::Damaged { .. }));
    for text in ["", "a letter", "age-encryption.org/v1\n-> X25519 nonsense\n"] {
        fs::write(&file, text).unwrap();
        assert!(matches!(scene.refused(&file).await, BackupError::NotSealed(_)), "{text:?}");
    }
    scene.key = Key::generate();
    assert!(matches!(scene.refused(&scene.made.file).await, BackupError::WrongKey(_)));
}

/// Whoever knows the recipient can encrypt anything to it.
#[tokio::test]
async fn what_no_node_writes_is_refused_whatever_it_is() {
    let scene = Scene::new().await;
    let good = scene.parts();
    let header = |change: fn(&mut Header)| {
        let mut parts = scene.parts();
        let Some(Is::Header(header)) = parts.first_mut() else { panic!("a header") };
        change(header);
        parts
    };
    let text = |text: &str| Cell { value: Some(Value::Text(text.into())) };
    let table = |name: &str, columns: &[&str]| {
        Is::Table(Table { name: name.into(), columns: columns.iter().map(|&c| c.into()).collect() })
    };
    let before_end = |more: Vec<Is>| {
        let mut parts = scene.parts();
        let end = parts.pop().unwrap();
        parts.extend(more.into_iter().chain([end]));
        parts
    };
    let file = |name: &str| Is::File(File { name: name.into(), bytes: b"secret".to_vec() });
    let rows = |cells: Vec<Cell>| Is::Rows(Rows { rows: vec![Cells { cells }] });
    let uses = ["log_id", "idx", "way", "at", "told"];
    let hostile: Vec<(&str, Vec<Is>)> = vec![
        ("nothing at all", vec![]),
        ("no header", good[1..].to_vec()),
        ("two headers", [&good[..1], &good[..]].concat()),
        ("a time beyond time", header(|header| header.made_at = i64::MAX)),
        ("no node", header(|header| header.node = "Plymouth".into())),
        (
            "another node",
            header(|header| header.node = cairn_proto::ids::NodeId::from_bytes([7; 32]).to_string()),
        ),
        ("a schema from the future", header(|header| header.schema = u64::from(u32::MAX))),
        ("an older schema", header(|header| header.schema = 1)),
        ("a path out of the directory", before_end(vec![file("../../etc/cron.d/cairn")])),
        ("the same file twice", before_end(vec![file("keys/other.pem"), file("keys/other.pem")])),
        (
            "more files than any node has",
            before_end((0..40).map(|n| file(&format!("keys/{}.pem", "x".repeat(n + 1)))).collect()),
        ),
        ("a table of the system", before_end(vec![table("sqlite_master", &["name"])])),
        ("a name that is a statement", before_end(vec![table("uses\"; DROP TABLE self; --", &uses)])),
        (
            "columns in another order",
            vec![good[0].clone(), table("uses", &["idx", "log_id", "way", "at", "told"])],
        ),
        ("the same table twice", before_end(vec![table("uses", &uses)])),
        ("rows of no table", vec![good[0].clone(), rows(vec![text("a")])]),
        ("too few cells", vec![good[0].clone(), table("uses", &uses), rows(vec![text("a")])]),
        ("text for a number", vec![good[0].clone(), table("uses", &uses), rows(vec![text("1"); 5])]),
        ("no end", good[..good.len() - 1].to_vec()),
        ("something after the end", [&good[..], &good[..1]].concat()),
        ("tables that are missing", vec![good[0].clone(), Is::End(End { tables: vec![], files: 0 })]),
        ("other files than it says", {
            let mut parts = good.clone();
            parts.retain(|part| !matches!(part, Is::File(file) if file.name == "keys/next-signing.pem"));
            parts
        }),
        ("other rows than it says", {
            let mut parts = good.clone();
            let Some(Is::End(end)) = parts.last_mut() else { panic!("an end") };
            end.tables =
                end.tables.iter().map(|c| Count { table: c.table.clone(), rows: c.rows + 1 }).collect();
            parts
        }),
    ];
    for (what, parts) in hostile {
        let refused = scene.refused(&scene.forge(parts)).await;
        assert!(
            !matches!(refused, BackupError::File { .. } | BackupError::Directory(_)),
            "{what}: {refused:?}"
        );
    }
}

#[tokio::test]
async fn lengths_are_looked_at_before_anything_is_taken_in() {
    let scene = Scene::new().await;
    for (length, words) in
        [(u32::MAX, "longer than any"), (PART_BYTES as u32 + 1, "longer than any"), (1000, "cut short")]
    {
        let forged = scene.forge_bytes(|out| {
            parts::write_magic(out).unwrap();
            out.extend(length.to_be_bytes());
        });
        let refused = scene.refused(&forged).await.to_string();
        assert!(refused.contains(words), "{refused}");
    }
    let forged = scene.forge_bytes(|out| out.extend(b"cairn backup 2\n"));
    assert!(scene.refused(&forged).await.to_string().contains("later version"));
    let forged = scene.forge_bytes(|out| {
        parts::write_magic(out).unwrap();
        out.extend([0, 0, 0, 3, 0xff, 0xff, 0xff]);
    });
    assert!(scene.refused(&forged).await.to_string().contains("cannot be read"));
}

/// A backup is what whoever has the node's keys wrote; another who knows the recipient cannot make one of that node.
#[tokio::test]
async fn without_the_nodes_keys_nobody_makes_a_backup_of_it() {
    let scene = Scene::new().await;
    let other = Scene::new().await;
    let key_of = |parts: &[Is], name: &str| {
        let is = |part: &&Is| matches!(part, Is::File(file) if file.name == name);
        parts.iter().find(is).cloned().unwrap()
    };
    let strange = key_of(&other.parts(), "keys/signing.pem");
    let mut parts = scene.parts();
    for part in &mut parts {
        if matches!(part, Is::File(file) if file.name == "keys/signing.pem") {
            *part = strange.clone();
        }
    }
    let refused = scene.refused(&scene.forge(parts)).await;
    assert!(refused.to_string().contains("keys in force"), "{refused}");
}

#[tokio::test]
async fn without_a_recipient_or_a_directory_there_is_no_backup() {
    let scene = Scene::new().await;
    let data_dir = scene.path("node");
    let store = Store::open_beside(&sqlite_url(&data_dir)).await.unwrap();
    let recipients: [Recipient; 1] = [scene.key.recipient()];
    let attempt = async |directory: &Path, recipients: &[Recipient], at: &str| {
        make(&store, &Wish { data_dir: &data_dir, directory, recipients }, at.parse().unwrap()).await
    };
    let later = "2026-11-24T12:00:00Z";
    let nobody = attempt(scene.dir.path(), &[], later).await.unwrap_err();
    assert!(matches!(nobody, BackupError::NoRecipient) && nobody.to_string().contains("backup key --out"));
    let nowhere = attempt(&scene.path("not-mounted"), &recipients, later).await.unwrap_err();
    assert!(matches!(nowhere, BackupError::NoDirectory(_)) && !scene.path("not-mounted").exists());
    let noted = super::failure(&data_dir).unwrap();
    assert!(noted.starts_with("2026-11-24T12:00:00Z: ") && noted.contains("not-mounted"), "{noted}");
    let same_second = attempt(scene.dir.path(), &recipients, "2026-11-23T12:00:00.5Z").await.unwrap_err();
    assert!(matches!(same_second, BackupError::Exists(_)));
    let lock = super::shelf::lock(&data_dir).unwrap();
    assert!(matches!(attempt(scene.dir.path(), &recipients, later).await, Err(BackupError::UnderWay)));
    drop(lock);
    attempt(scene.dir.path(), &recipients, later).await.unwrap();
    assert_eq!(super::failure(&data_dir), None, "it went well since");
    store.close().await;
}
