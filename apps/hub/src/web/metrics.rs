//! `/metrics`: counts and times for Prometheus (its text format 0.0.4), for the administrator's network or with a token.

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use axum::Extension;
use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use jobs::Stop;
use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use subtle::ConstantTimeEq;

use super::Pages;
use crate::network::Network;

const UPKEEP: Duration = Duration::from_secs(5);

static RECORDER: OnceLock<PrometheusHandle> = OnceLock::new();

/// Who may read the metrics.
#[derive(Clone, Debug, Default)]
pub struct Readers {
    pub networks: Vec<Network>,
    /// Empty: nobody reads them with a token.
    pub token: String,
}

impl Readers {
    fn admit(&self, from: IpAddr, headers: &HeaderMap) -> bool {
        let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = token.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        let knows = !self.token.is_empty() && bool::from(token.as_bytes().ct_eq(self.token.as_bytes()));
        knows || self.networks.iter().any(|network| network.holds(from))
    }
}

/// Begins to count. Only the service does.
pub fn begin() -> anyhow::Result<()> {
    const SECONDS: [f64; 9] = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 5.0];
    let name = Matcher::Full("guildhall_http_seconds".into());
    let recorder = PrometheusBuilder::new().set_buckets_for_metric(name, &SECONDS)?.build_recorder();
    let handle = recorder.handle();
    if RECORDER.set(handle).is_ok() {
        metrics::set_global_recorder(recorder).map_err(|error| anyhow::anyhow!("{error}"))?;
        metrics::describe_counter!("guildhall_mail_total", "Fates of mail, as in the log");
        metrics::describe_counter!("guildhall_http_total", "Answered requests");
        metrics::describe_histogram!("guildhall_http_seconds", "How long a request took");
        metrics::describe_gauge!("guildhall_mail_queue", "Recipients in the outgoing queue");
        metrics::describe_gauge!("guildhall_jobs", "Jobs that wait, run or have failed");
        metrics::describe_gauge!("guildhall_journal_parked", "Entries that a subscriber could not answer");
    }
    Ok(())
}

/// Puts what was counted together now and then, so that it stays small while nobody looks.
pub async fn keep(stop: Stop) {
    while !stop.is_cancelled() {
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(UPKEEP) => {}
        }
        if let Some(handle) = RECORDER.get() {
            handle.run_upkeep();
        }
    }
}

/// Counts each request and its time.
pub async fn count(request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let response = next.run(request).await;
    let class = match response.status().as_u16() / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    };
    metrics::counter!("guildhall_http_total", "status" => class).increment(1);
    metrics::histogram!("guildhall_http_seconds").record(begun.elapsed());
    response
}

pub async fn show(State(pages): State<Pages>, readers: Option<Extension<Arc<Readers>>>, parts: Parts) -> Response {
    let from = web::client::address(&parts);
    let Some(handle) = RECORDER.get().filter(|_| readers.is_some_and(|readers| readers.admit(from, &parts.headers)))
    else {
        let text = format!(
            "The metrics are not shown to {from}. Name its network in `metrics` or set `metrics_token`, both in [hub].\n"
        );
        return (StatusCode::FORBIDDEN, text).into_response();
    };
    if let Err(error) = look(&pages).await {
        tracing::error!(%error, "the queues could not be counted");
        return (StatusCode::SERVICE_UNAVAILABLE, "The database does not answer.\n").into_response();
    }
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    (kind, handle.render()).into_response()
}

/// What is counted when somebody looks.
async fn look(pages: &Pages) -> Result<(), store::StoreError> {
    let conn = pages.hub.store.read();
    for (state, count) in mail::outbound::counts(&conn).await? {
        metrics::gauge!("guildhall_mail_queue", "state" => state.as_str()).set(count as f64);
    }
    for state in ["waiting", "running", "failed"] {
        let count = jobs::query::count(&conn, state).await?;
        metrics::gauge!("guildhall_jobs", "state" => state).set(count as f64);
    }
    let parked = journal::query::parked(&conn).await?.len();
    metrics::gauge!("guildhall_journal_parked").set(parked as f64);
    Ok(())
}
