//! What the store promises, on SQLite and on PostgreSQL alike: every contract runs on both.
//!
//! PostgreSQL: `CAIRN_TEST_POSTGRES_URL` names a database of a role that may create databases; each
//! test makes one of its own and drops it. Without the variable those tests are skipped, or fail
//! where `CAIRN_TEST_REQUIRE_POSTGRES=1`. A new method of `Store` or `Tx` that no contract here calls
//! fails `completeness`.
//!
//! Deliberately not here: use cases (tests/) and how fast anything is.
#![cfg(test)]

#[macro_use]
#[path = "store_contract/databases.rs"]
mod databases;

#[path = "store_contract/audit.rs"]
mod audit;
#[path = "store_contract/backups.rs"]
mod backups;
#[path = "store_contract/completeness.rs"]
mod completeness;
#[path = "store_contract/concurrency.rs"]
mod concurrency;
#[path = "store_contract/copying.rs"]
mod copying;
#[path = "store_contract/declarations.rs"]
mod declarations;
#[path = "store_contract/documents.rs"]
mod documents;
#[path = "store_contract/drafts.rs"]
mod drafts;
#[path = "store_contract/erasure.rs"]
mod erasure;
#[path = "store_contract/expiry.rs"]
mod expiry;
#[path = "store_contract/finding.rs"]
mod finding;
#[path = "store_contract/forgetting.rs"]
mod forgetting;
#[path = "store_contract/groups.rs"]
mod groups;
#[path = "store_contract/holds.rs"]
mod holds;
#[path = "store_contract/identities.rs"]
mod identities;
#[path = "store_contract/indexing.rs"]
mod indexing;
#[path = "store_contract/integrity.rs"]
mod integrity;
#[path = "store_contract/ledger.rs"]
mod ledger;
#[path = "store_contract/links.rs"]
mod links;
#[path = "store_contract/logs.rs"]
mod logs;
#[path = "store_contract/newest.rs"]
mod newest;
#[path = "store_contract/opening.rs"]
mod opening;
#[path = "store_contract/paging.rs"]
mod paging;
#[path = "store_contract/peers.rs"]
mod peers;
#[path = "store_contract/proofs.rs"]
mod proofs;
#[path = "store_contract/records.rs"]
mod records;
#[path = "store_contract/relay.rs"]
mod relay;
#[path = "store_contract/requests.rs"]
mod requests;
#[path = "store_contract/samples.rs"]
mod samples;
#[path = "store_contract/sqlite_file.rs"]
mod sqlite_file;
#[path = "store_contract/standing.rs"]
mod standing;
#[path = "store_contract/subscriptions.rs"]
mod subscriptions;
#[path = "store_contract/transactions.rs"]
mod transactions;
#[path = "store_contract/trust.rs"]
mod trust;
#[path = "store_contract/upgrade.rs"]
mod upgrade;
#[path = "store_contract/uses.rs"]
mod uses;
#[path = "store_contract/versions.rs"]
mod versions;
#[path = "store_contract/withdrawals.rs"]
mod withdrawals;
#[path = "store_contract/words.rs"]
mod words;
