//! `POST /hooks/REPOSITORY`: webhooks of forges, and the word of a hook that there is something to read.

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::request::Parts;
use http::{StatusCode, header};
use serde_json::Value;
use subtle::ConstantTimeEq;
use web::Error;

use super::Commits;
use crate::learn::forge::Caller;
use crate::record::{Forged, Origin, Record};
use crate::repository::Repository;
use crate::{hook, query};

/// The largest body that is taken, bytes: GitHub's own limit.
pub const LARGEST: usize = 25 << 20;

/// Takes a webhook: its secret is checked first, then it is kept on the disk, then it is answered.
pub async fn take(
    State(commits): State<Commits>,
    Path(name): Path<String>,
    parts: Parts,
    body: Result<Bytes, BytesRejection>,
) -> web::Result<Response> {
    let body = body.map_err(|error| too_large_or_broken(&error))?;
    let repository = query::by_name(&commits.hub.store.read(), &name).await?;
    let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
    let caller = Caller::of(text);
    let genuine = repository.as_ref().is_some_and(|repository| match &caller {
        Some(caller) => caller.is_genuine(&repository.token, &body),
        None => is_poke(repository, text(header::AUTHORIZATION.as_str())),
    });
    let (true, Some(repository)) = (genuine, repository) else {
        commits.strangers.take(web::client::address(&parts))?;
        return Ok((
            StatusCode::UNAUTHORIZED,
            "The secret is not that of this repository. It stands at /admin/commits.\n",
        )
            .into_response());
    };
    if let Some(caller) = caller.filter(Caller::is_push) {
        keep(&commits, &repository, &caller, &body).await?;
    }
    let tx = commits.hub.store.write().await?;
    jobs::enqueue(&tx, "RecordPushes", "", Value::Null).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn too_large_or_broken(error: &BytesRejection) -> Error {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        Error::TooLarge(format!("The body of a webhook is larger than {} MB.", LARGEST >> 20))
    } else {
        Error::Refused("The connection broke before the whole webhook had come.".into())
    }
}

/// Whether this is the word of a hook: the repository's secret as a bearer token.
fn is_poke(repository: &Repository, authorization: Option<&str>) -> bool {
    let token = authorization.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    !repository.token.is_empty() && bool::from(token.trim().as_bytes().ct_eq(repository.token.as_bytes()))
}

/// Keeps a webhook as a record. A delivery that comes again has the key of the first and makes no second push.
async fn keep(commits: &Commits, repository: &Repository, caller: &Caller<'_>, body: &[u8]) -> web::Result<()> {
    let (stamp, at) = hook::stamp();
    let delivery: String =
        caller.delivery.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '-').take(80).collect();
    let key = if delivery.is_empty() { stamp.clone() } else { format!("{}-{delivery}", caller.forge) };
    if query::push_of_record(&commits.hub.store.read(), repository.id, &key).await?.is_some() {
        return Ok(());
    }
    let record = Record {
        key,
        repository: repository.name.clone(),
        at,
        origin: Origin::Forge(Forged { forge: caller.forge.to_owned(), body: crate::record::Bytes(body.to_vec()) }),
    };
    let data = commits.hub.store.data().to_owned();
    let written = tokio::task::spawn_blocking(move || hook::write(&data, &stamp, &record)).await;
    match written {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(Error::Internal(format!("a webhook could not be kept: {error}"))),
        Err(error) => Err(Error::Internal(error.to_string())),
    }
}
