//! The page: who asks, and the answer in the shell that all pages share.

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::{Html, IntoResponse, Response};
use http::request::Parts;
use http::{Method, StatusCode, header};
use kernel::{Context, Hub};
use people::{Actor, EVERYWHERE, Role, User, may};
use serde::Serialize;

use crate::live::Live;
use crate::session::Session;
use crate::shell::{Place, Shell};
use crate::{Error, Result, cookie, csrf, session};

/// The visitor of a page and the shell around it. Extracting it reads the session, if there is one.
#[derive(Clone)]
pub struct Page(Arc<Inner>);

struct Inner {
    shell: Arc<Shell>,
    actor: Actor,
    seat: Option<Seat>,
    /// The value of the visitor's cookie, from which the CSRF token is made.
    visitor: String,
    visitor_is_new: bool,
    path: String,
    here: String,
    said: Option<String>,
    /// The last entry of the journal when the request came.
    head: i64,
    client: std::net::IpAddr,
    agent: String,
}

/// Where a person sits who has signed in.
#[derive(Clone, Debug)]
pub struct Seat {
    pub user: User,
    /// The browser's session; absent when a bearer token was shown.
    pub session: Option<Session>,
    /// The scopes of the bearer token; absent for a browser, which may everything.
    pub scopes: Option<Vec<String>>,
}

#[derive(Serialize)]
struct Me<'a> {
    name: &'a str,
    display_name: &'a str,
    url: String,
    is_admin: bool,
}

impl Page {
    /// Who asks.
    pub fn actor(&self) -> &Actor {
        &self.0.actor
    }

    /// The hub.
    pub fn hub(&self) -> &Hub {
        &self.0.shell.hub
    }

    /// The seat of a person who has signed in.
    pub fn seat(&self) -> Option<&Seat> {
        self.0.seat.as_ref()
    }

    /// The address of the client.
    pub fn client(&self) -> std::net::IpAddr {
        self.0.client
    }

    /// The program of the client.
    pub fn agent(&self) -> &str {
        &self.0.agent
    }

    /// What open pages hang on.
    pub fn live(&self) -> &Arc<Live> {
        &self.0.shell.live
    }

    /// The path with its query, as the browser asked for it.
    pub fn here(&self) -> &str {
        &self.0.here
    }

    /// Whether this visitor may see mail addresses: strangers may not.
    pub fn knows_addresses(&self) -> bool {
        self.0.actor.is_known()
    }

    /// A stranger's page outside of any request, on which samples of templates are rendered.
    pub fn for_tests(shell: Arc<Shell>) -> Self {
        Self(Arc::new(Inner {
            shell,
            actor: Actor::Anonymous,
            seat: None,
            visitor: "sample".into(),
            visitor_is_new: false,
            path: "/".into(),
            here: "/".into(),
            said: None,
            head: 0,
            client: std::net::Ipv4Addr::LOCALHOST.into(),
            agent: String::new(),
        }))
    }

    /// The page of an error when nobody can say who asks, since the database does not answer. Its forms carry the
    /// token of the visitor's cookie.
    pub(crate) fn blind(parts: &Parts) -> Option<Self> {
        let shell = parts.extensions.get::<Arc<Shell>>().cloned()?;
        let of = |name| cookie::get(&shell.hub.settings, &parts.headers, name);
        let visitor = of("session").or_else(|| of("visit")).unwrap_or_default();
        Some(Self(Arc::new(Inner {
            actor: Actor::Anonymous,
            seat: None,
            visitor,
            visitor_is_new: false,
            path: parts.uri.path().to_owned(),
            here: parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string),
            said: None,
            head: shell.live.head(),
            client: crate::client::address(parts),
            agent: crate::client::agent(parts),
            shell,
        })))
    }

    pub(crate) fn csrf(&self) -> String {
        csrf::token(&self.0.shell.hub.settings.secret, &self.0.visitor)
    }

    pub(crate) fn has_bearer(&self) -> bool {
        self.seat().is_some_and(|seat| seat.scopes.is_some())
    }

    /// The page of a template. The template is given the shell (see `docs/theming.md`) and `context` over it.
    pub fn render(&self, template: &str, context: Context) -> Result<Response> {
        self.render_with(StatusCode::OK, template, context)
    }

    /// The page of a form that was refused: the same template, with the errors in its context, as a 422.
    pub fn refuse(&self, template: &str, context: Context) -> Result<Response> {
        self.render_with(StatusCode::UNPROCESSABLE_ENTITY, template, context)
    }

    /// The page of a template with another status.
    pub fn render_with(&self, status: StatusCode, template: &str, context: Context) -> Result<Response> {
        let csrf = self.csrf();
        let mut whole = self.shell_context(&csrf);
        whole.extend(context);
        let html = self.0.shell.hub.templates.render(template, &whole)?;
        let has_form = html.contains(&csrf);
        let mut response = (status, Html(html)).into_response();
        let settings = &self.0.shell.hub.settings;
        if self.0.visitor_is_new && has_form {
            cookie::set(settings, &mut response, "visit", &self.0.visitor, None);
        }
        if self.0.said.is_some() {
            cookie::set(settings, &mut response, "said", "", Some(0));
        }
        if self.0.seat.is_some() || has_form {
            response.headers_mut().insert(header::CACHE_CONTROL, header::HeaderValue::from_static("private, no-store"));
        }
        Ok(response)
    }

    fn shell_context(&self, csrf: &str) -> Context {
        let Inner { shell, actor, seat, path, here, said, .. } = &*self.0;
        let settings = &shell.hub.settings;
        let is_admin = may(actor, Role::Administrator, EVERYWHERE);
        let me = seat.as_ref().map(|seat| Me {
            name: &seat.user.name,
            display_name: if seat.user.display_name.is_empty() { &seat.user.name } else { &seat.user.display_name },
            url: format!("/people/{}", seat.user.name),
            is_admin,
        });
        let mut context = Context::new();
        context.insert(
            "site",
            &serde_json::json!({
                "name": settings.name, "tagline": settings.tagline, "url": settings.url,
                "timezone": settings.timezone, "version": shell.version,
            }),
        );
        context.insert("menu", &shell.shown(Place::Top, path));
        context.insert("admin_menu", &if is_admin { shell.shown(Place::Admin, path) } else { vec![] });
        context.insert("my_menu", &if me.is_some() { shell.shown(Place::Me, path) } else { vec![] });
        context.insert("me", &me);
        context.insert("csrf", csrf);
        context.insert("path", path);
        context.insert("here", here);
        context.insert("now", &shell.hub.now());
        context.insert("flash", &said.as_ref().map(|text| serde_json::json!({"kind": "done", "text": text})));
        context.insert("live_head", &self.0.head);
        context.insert("feed", &None::<String>);
        context.insert("plain", &None::<String>);
        context.insert("title", "");
        context
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Page {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self> {
        if let Some(page) = parts.extensions.get::<Page>() {
            return Ok(page.clone());
        }
        let shell = parts.extensions.get::<Arc<Shell>>().cloned();
        let shell = shell.ok_or_else(|| Error::Internal("a request reached a page outside of the shell".into()))?;
        let page = Page(Arc::new(look_up(shell, parts).await?));
        parts.extensions.insert(page.clone());
        Ok(page)
    }
}

async fn look_up(shell: Arc<Shell>, parts: &Parts) -> Result<Inner> {
    let hub = shell.hub.clone();
    let settings = &hub.settings;
    let head = shell.live.head();
    let secret = cookie::get(settings, &parts.headers, "session");
    let (actor, seat) = match bearer(parts) {
        Some(token) => by_token(&hub, token, &parts.method).await?,
        None => match &secret {
            Some(secret) => by_session(&hub, secret).await?.unwrap_or((Actor::Anonymous, None)),
            None => (Actor::Anonymous, None),
        },
    };
    let known = if seat.is_some() { secret } else { cookie::get(settings, &parts.headers, "visit") };
    let here = parts.uri.path_and_query().map_or_else(|| "/".to_owned(), ToString::to_string);
    Ok(Inner {
        visitor_is_new: known.is_none(),
        visitor: known.unwrap_or_else(session::draw_secret),
        said: cookie::said(settings, &parts.headers),
        client: crate::client::address(parts),
        agent: crate::client::agent(parts),
        path: parts.uri.path().to_owned(),
        here,
        head,
        shell,
        actor,
        seat,
    })
}

fn bearer(parts: &Parts) -> Option<&str> {
    let value = parts.headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
}

/// How often the last use of a token is written down.
const TOKEN_SIGHT: chrono::Duration = chrono::Duration::minutes(10);

/// The user of a token, held to its scopes: `read` opens GET, `write` everything, and without `admin` nobody
/// administers the hub.
async fn by_token(hub: &Hub, token: &str, method: &Method) -> Result<(Actor, Option<Seat>)> {
    let conn = hub.store.read();
    let Some(row) = people::token::verify(&conn, token, hub.now()).await? else { return Err(Error::SignIn) };
    let acting = people::user::acting(&conn, row.user_id).await?;
    let Some((user, mut actor)) = acting else { return Err(Error::SignIn) };
    let Actor::User { grants, .. } = &mut actor else { return Err(Error::SignIn) };
    let scopes: Vec<String> = row.scopes.split_whitespace().map(str::to_owned).collect();
    let holds = |scope: &str| scopes.iter().any(|held| held == scope);
    let only_reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
    if !(holds("write") || only_reads && holds("read")) {
        let wanted = if only_reads { "read" } else { "write" };
        return Err(Error::Forbidden(format!("This token does not have the scope {wanted}.")));
    }
    if !holds("admin") {
        grants.iter_mut().for_each(|grant| grant.role = grant.role.min(Role::Moderator));
    }
    if row.used_at.is_none_or(|used| hub.now() - used > TOKEN_SIGHT) {
        forgive(token_used(hub, &row).await)?;
    }
    Ok((actor, Some(Seat { user, session: None, scopes: Some(scopes) })))
}

async fn token_used(hub: &Hub, row: &people::token::Token) -> Result<()> {
    let tx = hub.store.write().await?;
    people::token::used(&tx, row.id).await?;
    Ok(tx.commit().await?)
}

async fn session_seen(hub: &Hub, row: &Session) -> Result<()> {
    let tx = hub.store.write().await?;
    session::seen(&tx, row.user_id, row.id).await?;
    Ok(tx.commit().await?)
}

/// A page is shown all the same where it cannot be written down who saw it.
fn forgive(written: Result<()>) -> Result<()> {
    match written {
        Err(Error::Full | Error::Busy(_)) => Ok(()),
        other => other,
    }
}

async fn by_session(hub: &Hub, secret: &str) -> Result<Option<(Actor, Option<Seat>)>> {
    let conn = hub.store.read();
    let Some(row) = session::of_cookie(&conn, secret, hub.now()).await? else { return Ok(None) };
    let Some((user, actor @ Actor::User { .. })) = people::user::acting(&conn, row.user_id).await? else {
        return Ok(None);
    };
    if session::is_stale(&row, hub.now()) {
        forgive(session_seen(hub, &row).await)?;
    }
    Ok(Some((actor, Some(Seat { user, session: Some(row), scopes: None }))))
}

/// A page whose visitor has signed in; others are sent to the sign-in page.
#[derive(Clone)]
pub struct CurrentUser {
    pub page: Page,
    pub seat: Seat,
}

impl Deref for CurrentUser {
    type Target = Page;
    fn deref(&self) -> &Page {
        &self.page
    }
}

impl<S: Send + Sync> FromRequestParts<S> for CurrentUser {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let page = Page::from_request_parts(parts, state).await?;
        let seat = page.seat().cloned().ok_or(Error::SignIn)?;
        Ok(Self { page, seat })
    }
}

/// A page whose visitor administers the hub.
#[derive(Clone)]
pub struct Administrator(pub CurrentUser);

impl Deref for Administrator {
    type Target = Page;
    fn deref(&self) -> &Page {
        &self.0.page
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Administrator {
    type Rejection = Error;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self> {
        let user = CurrentUser::from_request_parts(parts, state).await?;
        if may(user.actor(), Role::Administrator, EVERYWHERE) {
            Ok(Self(user))
        } else {
            Err(Error::Forbidden("This page is for administrators of the hub.".into()))
        }
    }
}
