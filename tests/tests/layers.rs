//! The direction of the house, as a test: which room may name which. When an arrow turns back,
//! this says where. The rules are explained in node/ARCHITECTURE.md.

#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Files under `dir` (or the one file), and what must not stand in their code.
struct Rule {
    files: &'static [&'static str],
    except: &'static [&'static str],
    never: &'static [&'static str],
    why: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        files: &["node/src/domain", "node/src/domain.rs"],
        except: &[],
        never: &[
            "tokio",
            "sqlx",
            "tonic",
            "axum",
            "::pb",
            "std::fs",
            "std::net",
            "std::env",
            "std::io",
            "SystemTime",
            "Instant::",
            "crate::app",
            "crate::store",
            "crate::exchange",
            "crate::admin",
            "crate::worker",
            "crate::clock",
            "crate::entropy",
            "crate::wire",
            "crate::config",
            "crate::files",
            "tracing",
        ],
        why: "the rules are pure: state, command and time come in, decisions go out",
    },
    Rule {
        files: &["node/src/files", "node/src/files.rs"],
        except: &[],
        never: &[
            "tokio",
            "sqlx",
            "tonic",
            "::pb",
            "std::fs",
            "std::env",
            "crate::app",
            "crate::store",
            "crate::admin",
            "crate::exchange",
            "crate::wire",
            "crate::clock",
        ],
        why: "files are bytes and values; no store, no network, no clock",
    },
    Rule {
        files: &["node/src/wire", "node/src/wire.rs", "node/src/exchange", "node/src/exchange.rs"],
        except: &[],
        never: &["domain::learning", "learning::"],
        why: "what is kept at home has no form on the wire; only a summary made of it has",
    },
    Rule {
        files: &["proto/src"],
        except: &[],
        never: &["tokio", "std::fs", "std::net", "std::env", "SystemTime", "Instant::", "getrandom"],
        why: "the contract has no input or output of its own",
    },
    Rule {
        files: &["node/src/store", "node/src/store.rs"],
        except: &[],
        never: &["crate::app", "crate::exchange", "crate::admin", "crate::worker", "crate::wire", "tonic"],
        why: "the store knows values and databases, not use cases or edges",
    },
    Rule {
        files: &["node/src"],
        except: &[
            "node/src/store/backend.rs",
            "node/src/store/backend/catalogue.rs",
            "node/src/store/backend/forgetting.rs",
            "node/src/store/backend/text_index.rs",
        ],
        never: &["sqlx::Sqlite", "sqlx::Postgres", "sqlx::postgres", "sqlx::sqlite", "SqlitePool", "PgPool"],
        why: "which database it is shows in one file only",
    },
    Rule {
        files: &["node/src/app", "node/src/app.rs"],
        except: &[],
        never: &["tonic", "crate::exchange", "crate::admin", "crate::worker", "crate::config"],
        why: "use cases do not know how a request came in",
    },
    Rule {
        files: &["node/src/exchange", "node/src/exchange.rs"],
        except: &[],
        never: &["crate::store", "crate::admin", "crate::worker", "sqlx"],
        why: "an edge parses, calls a use case and renders",
    },
    Rule {
        files: &["node/src/admin", "node/src/admin.rs"],
        except: &["node/src/admin/status.rs"],
        never: &["crate::store", "crate::exchange", "crate::worker", "sqlx"],
        why: "an edge parses, calls a use case and renders",
    },
    Rule {
        files: &["node/src/backup", "node/src/backup.rs"],
        except: &[],
        never: &[
            "crate::app",
            "crate::exchange",
            "crate::admin",
            "crate::worker",
            "crate::wire",
            "tonic",
            "sqlx",
        ],
        why: "a backup knows rows, files and seals, and nothing of what they mean",
    },
    Rule {
        files: &["node/src/public.rs"],
        except: &[],
        never: &["crate::store", "crate::admin", "crate::worker", "sqlx", "tonic"],
        why: "an edge parses, calls a use case and renders",
    },
    Rule {
        files: &["node/src/worker", "node/src/worker.rs"],
        except: &[],
        never: &["crate::store", "crate::admin", "sqlx"],
        why: "a worker calls use cases",
    },
    Rule {
        files: &["cli/src"],
        except: &[],
        never: &["cairn_node"],
        why: "the command line speaks to a node; it never is one",
    },
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn rust_files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let mut files: Vec<_> =
        fs::read_dir(path).unwrap().flat_map(|entry| rust_files(&entry.unwrap().path())).collect();
    files.retain(|file| file.extension().is_some_and(|e| e == "rs"));
    files.sort();
    files
}

/// The code of a file without comments and without its tests.
fn code(file: &Path) -> String {
    let text = fs::read_to_string(file).unwrap();
    let code = text.split("#[cfg(test)]").next().unwrap();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn no_arrow_turns_back() {
    let root = root();
    let mut broken = Vec::new();
    for rule in RULES {
        let except: Vec<_> = rule.except.iter().map(|file| root.join(file)).collect();
        for file in rule.files.iter().flat_map(|path| rust_files(&root.join(path))) {
            if except.contains(&file) {
                continue;
            }
            let code = code(&file);
            for word in rule.never.iter().filter(|word| code.contains(**word)) {
                let file = file.strip_prefix(&root).unwrap().display();
                broken.push(format!("{file} names `{word}`: {}", rule.why));
            }
        }
    }
    assert!(broken.is_empty(), "\n{}", broken.join("\n"));
}

#[test]
fn every_rule_still_has_files() {
    for path in RULES.iter().flat_map(|rule| rule.files.iter().chain(rule.except)) {
        assert!(root().join(path).exists(), "{path} is gone: change the rule");
    }
}

#[test]
fn every_module_says_what_it_is() {
    for dir in ["proto/src", "node/src", "cli/src", "tests/src", "tests/tests", "node/tests", "proto/tests"] {
        let dir = root().join(dir);
        for file in rust_files(&dir) {
            let text = fs::read_to_string(&file).unwrap();
            assert!(text.starts_with("//!"), "{} has no `//!` header", file.display());
        }
    }
}

/// Words that would rank, score or order places about (product.md, N01-N32), as parts of names of
/// messages and fields.
const NEVER_IN_A_SCHEMA: &[&str] = &[
    "rank",
    "score",
    "rating",
    "star",
    "badge",
    "target",
    "kpi",
    "league",
    "benchmark",
    "grade",
    "performance",
    "best_practice",
    "roll_out",
    "rollout",
    "mandate",
    "command",
    "instruct",
    "person",
    "patient",
    "citizen",
    "client_id",
    "success",
    "average",
    "streak",
    "priority_of",
];

/// Prohibited purposes have to be named in order to be prohibited.
const NAMED_TO_BE_PROHIBITED: &[&str] = &["PURPOSE_RANKING", "PURPOSE_PERFORMANCE_MANAGEMENT"];

#[test]
fn no_schema_ranks_commands_or_describes_a_person() {
    let dir = root().join("proto/schema/cairn");
    for file in [
        "exchange/v1/record.proto",
        "exchange/v1/exchange.proto",
        "exchange/v1/identity.proto",
        "exchange/v1/evidence.proto",
        "exchange/v1/trust.proto",
        "admin/v1/admin.proto",
        "admin/v1/dialogue.proto",
        "admin/v1/learning.proto",
        "admin/v1/preflight.proto",
        "admin/v1/release.proto",
        "admin/v1/standing.proto",
        "admin/v1/subscription.proto",
    ] {
        let text = fs::read_to_string(dir.join(file)).unwrap();
        for line in text.lines().map(str::trim).filter(|l| !l.starts_with("//")) {
            if NAMED_TO_BE_PROHIBITED.iter().any(|name| line.starts_with(name)) {
                continue;
            }
            let words: Vec<String> =
                line.split(|c: char| !c.is_alphanumeric() && c != '_').map(str::to_lowercase).collect();
            for never in NEVER_IN_A_SCHEMA {
                let found = words.iter().any(|w| w.split('_').any(|part| part == *never) || w == never);
                assert!(!found, "{file}: `{line}` names `{never}`");
            }
        }
    }
}

/// What documents at home must not have a part for, beside what no schema may have (N01-N04, N10, N13, N19).
const NEVER_IN_A_DOCUMENT: &[&str] = &[
    "percent",
    "complete",
    "completion",
    "progress",
    "gate",
    "baseline",
    "threshold",
    "indicator",
    "rag",
    "red",
    "amber",
    "green",
    "traffic",
    "count",
    "total",
    "owner",
    "impact",
    "outcome",
    "effectiveness",
    "rollout",
    "proven",
    "likes",
    "points",
    "level",
    "maturity",
    "health",
    "blame",
    "name_of_person",
    "nhs_number",
    "date_of_birth",
];

#[test]
fn no_part_of_a_document_measures_learning_or_names_a_person() {
    let text =
        fs::read_to_string(root().join("proto/schema/cairn/learning/v1/learning.schema.json")).unwrap();
    let schema: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut names = Vec::new();
    part_names(&schema, &mut names);
    assert!(names.len() > 200, "the schema was read");
    for name in names {
        for part in name.split('_') {
            for never in NEVER_IN_A_SCHEMA.iter().chain(NEVER_IN_A_DOCUMENT) {
                assert!(
                    part != *never && name != *never,
                    "a document has a part `{name}`, which names `{never}`"
                );
            }
        }
    }
}

fn part_names(schema: &serde_json::Value, names: &mut Vec<String>) {
    match schema {
        serde_json::Value::Object(object) => {
            if let Some(serde_json::Value::Object(parts)) = object.get("properties") {
                names.extend(parts.keys().cloned());
            }
            object.values().for_each(|value| part_names(value, names));
        }
        serde_json::Value::Array(items) => items.iter().for_each(|item| part_names(item, names)),
        _ => {}
    }
}

/// No part of a document is a number, a truth value or a date to be met: everything is words.
#[test]
fn documents_hold_words_only() {
    let text =
        fs::read_to_string(root().join("proto/schema/cairn/learning/v1/learning.schema.json")).unwrap();
    for kind in ["number", "integer", "boolean"] {
        assert!(!text.contains(&format!("\"type\": \"{kind}\"")), "a part of a document is a {kind}");
    }
}

#[test]
fn a_life_has_no_form_on_the_wire() {
    let text = fs::read_to_string(root().join("proto/schema/cairn/exchange/v1/record.proto")).unwrap();
    let scales: Vec<_> = text.lines().map(str::trim).filter(|l| l.starts_with("BUILT_IN_SCALE_")).collect();
    let names: Vec<_> = scales.iter().map(|l| l.split(' ').next().unwrap()).collect();
    assert_eq!(
        names,
        [
            "BUILT_IN_SCALE_UNSPECIFIED",
            "BUILT_IN_SCALE_ORGANISATION",
            "BUILT_IN_SCALE_PLACE",
            "BUILT_IN_SCALE_COUNTRY"
        ]
    );
}

#[test]
fn paths_named_in_the_architecture_exist() {
    let root = root();
    for document in ["node/ARCHITECTURE.md", "README.md", "proto/PROTOCOL.md", "deploy/README.md"] {
        let text = fs::read_to_string(root.join(document)).unwrap();
        let home = root.join(document).parent().unwrap().to_owned();
        for path in text.split('`').skip(1).step_by(2).filter(|word| is_path(word)) {
            let found = root.join(path).exists()
                || home.join(path).exists()
                || root.join("node/src").join(path).exists();
            assert!(found, "{document} names `{path}`, which does not exist");
        }
    }
}

/// Whether a word in code style names a file or folder of this project.
fn is_path(word: &str) -> bool {
    let plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "._-/".contains(c));
    let top = ["proto/", "node/", "cli/", "tests/", "deploy/", "src/", "schema/"];
    plain && (top.iter().any(|t| word.starts_with(t)) || word.ends_with(".rs") || word.ends_with(".proto"))
}
