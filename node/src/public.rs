//! The public side: what was released to anyone, over plain HTTP, for readers who are no peers. Reading only; nothing here
//! asks who is asking, and nothing is written down about it.

use std::{net::SocketAddr, sync::Arc};

use axum::{
    Router,
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use cairn_proto::limits;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::Semaphore};

use crate::{
    app::{
        App, AppError,
        public::{Found, Page},
    },
    domain::record::{Body, Record},
    exchange::server::SOFTWARE,
    files::{odrl, published},
};

/// Requests that are answered at the same time: readers of the web keep no peer waiting.
const AT_ONCE: usize = 16;
/// Proxies may keep an answer for so long: what is withdrawn is gone from the web a minute later.
const FRESH: &str = "public, max-age=60";
/// Where a list begins: no log is longer.
const NEWEST: u64 = limits::LOG_SIZE;

#[derive(Clone)]
struct Public {
    app: App,
    base: Arc<str>,
    turns: Arc<Semaphore>,
}

/// Answers readers until `stop` is ready.
pub async fn serve(
    app: App,
    listener: TcpListener,
    address: SocketAddr,
    base: String,
    stop: impl Future<Output = ()> + Send + 'static,
) {
    let base = if base.is_empty() { format!("http://{address}") } else { base };
    let public = Public { app, base: base.into(), turns: Arc::new(Semaphore::new(AT_ONCE)) };
    let routes = Router::new()
        .route("/.well-known/cairn", get(about))
        .route("/records", get(records))
        .route("/records/{index}", get(record))
        .route("/records/{index}/policy", get(policy))
        .route("/records/{index}/evidence", get(evidence))
        .route("/feed.atom", get(feed))
        .fallback(async || {
            refuse(StatusCode::NOT_FOUND, "there is nothing at this address; begin at /records")
        })
        .with_state(public);
    if let Err(error) = axum::serve(listener, routes).with_graceful_shutdown(stop).await {
        tracing::error!(%error, "the public side failed");
    }
}

#[derive(Debug, Deserialize)]
struct Below {
    below: Option<u64>,
}

/// Who this node speaks for, and how it is reached.
async fn about(State(public): State<Public>) -> Response {
    let _turn = public.turns.acquire().await;
    let profile = match public.app.public_profile().await {
        Ok(profile) => profile,
        Err(error) => return failed(&error),
    };
    let node = public.app.keys.node_id();
    let place = profile.map(|record| published::body(&record.body));
    json(&json!({
        "node_id": node.to_string(),
        "words": node.words(),
        "exchange": &*public.app.endpoint,
        "protocol": { "lowest": public.app.versions.minimum(), "highest": public.app.versions.high() },
        "software": SOFTWARE,
        "place": place,
        "records": format!("{}/records", public.base),
        "feed": format!("{}/feed.atom", public.base),
        "policies": "Only what was released to the public is here. Each record says what it may be used for, and what it may \
                     never be used for; what is withdrawn is gone from here within a minute.",
    }))
}

async fn records(State(public): State<Public>, Query(Below { below }): Query<Below>) -> Response {
    let _turn = public.turns.acquire().await;
    match public.app.public_records(below.unwrap_or(NEWEST)).await {
        Ok(Page { records, below }) => {
            let entries: Vec<_> =
                records.iter().map(|record| published::entry(record, &public.base)).collect();
            let next = below.map(|below| format!("{}/records?below={below}", public.base));
            json(&json!({ "records": entries, "next": next }))
        }
        Err(error) => failed(&error),
    }
}

async fn record(State(public): State<Public>, Path(index): Path<u64>) -> Response {
    let _turn = public.turns.acquire().await;
    found(&public, index, |record| {
        let mut whole = published::record(record);
        if let Value::Object(parts) = &mut whole {
            for more in ["policy", "evidence"] {
                parts
                    .insert(format!("{more}_href"), format!("{}/records/{index}/{more}", public.base).into());
            }
        }
        json(&whole)
    })
    .await
}

async fn policy(State(public): State<Public>, Path(index): Path<u64>) -> Response {
    let _turn = public.turns.acquire().await;
    found(&public, index, |record| {
        let (id, author) = (record.id().to_string(), record.author.to_string());
        let policy = odrl::policy(&record.policy, odrl::About { record: Some(&id), author: &author });
        typed("application/ld+json", policy.to_string())
    })
    .await
}

async fn evidence(State(public): State<Public>, Path(index): Path<u64>) -> Response {
    let _turn = public.turns.acquire().await;
    match public.app.public_evidence(index).await {
        Ok((pack, name)) => {
            let named = [(header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\""))];
            (named, typed("application/octet-stream", pack)).into_response()
        }
        Err(AppError::NotFound { .. }) => found(&public, index, |_| nothing()).await,
        Err(error) => failed(&error),
    }
}

async fn feed(State(public): State<Public>) -> Response {
    let _turn = public.turns.acquire().await;
    let answer = async {
        let name = public.app.public_profile().await?.map(|record| record.body);
        Ok::<_, AppError>((name, public.app.public_records(NEWEST).await?))
    };
    match answer.await {
        Ok((profile, page)) => {
            let node = public.app.keys.node_id();
            let name = match profile {
                Some(Body::Profile(profile)) => profile.name.to_string(),
                _ => node.short(),
            };
            let (node, now) = (node.to_string(), public.app.clock.now());
            let feed = published::feed(&page.records, &name, &node, &public.base, now);
            typed("application/atom+xml; charset=utf-8", feed)
        }
        Err(error) => failed(&error),
    }
}

/// Answers with a public record, or says that it is gone or that there is none.
async fn found(public: &Public, index: u64, show: impl FnOnce(&Record) -> Response) -> Response {
    match public.app.public_record(index).await {
        Ok(Found::Public(record)) => show(&record),
        Ok(Found::Gone) => {
            refuse(StatusCode::GONE, "this record was withdrawn by its author, or has expired")
        }
        Ok(Found::Nothing) => nothing(),
        Err(error) => failed(&error),
    }
}

fn nothing() -> Response {
    refuse(StatusCode::NOT_FOUND, "there is no public record of this number; begin at /records")
}

fn json(value: &Value) -> Response {
    typed("application/json", value.to_string())
}

fn typed(kind: &'static str, body: impl IntoResponse) -> Response {
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, FRESH),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, body).into_response()
}

fn refuse(code: StatusCode, why: &str) -> Response {
    let body = json!({ "error": why }).to_string();
    (code, [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")], body)
        .into_response()
}

/// What went wrong inside this node stays inside.
fn failed(error: &AppError) -> Response {
    if let AppError::Paused(_) | AppError::Gate { .. } = error {
        return refuse(StatusCode::SERVICE_UNAVAILABLE, "sharing is paused here; try again later");
    }
    tracing::error!(%error, "a reader could not be answered");
    refuse(
        StatusCode::INTERNAL_SERVER_ERROR,
        "the node could not do it; its operator finds the reason in its log",
    )
}
