//! The authorization endpoint: a program sends a browser here to learn who sits at it.

use axum::extract::{RawQuery, State};
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::Response;
use chrono::{DateTime, Utc};
use kernel::context;
use web::{Fields, Page, Pairs, Seat};

use crate::audit;
use crate::oidc::client::{self, Client};
use crate::oidc::request::{self, Fault, Parameters, Request};
use crate::oidc::{SCOPES, claims, consent, grant, key};
use crate::{Accounts, Refusal};

/// What a request comes to.
enum Verdict {
    /// The program is told who it is.
    Grant(Box<(Seat, DateTime<Utc>)>),
    /// Somebody has to log in first.
    LogIn,
    /// They have to show their password again.
    Again,
    /// They have to be asked.
    Consent,
    /// The program is told why not.
    Refuse(Fault),
}

/// A request of a program that is known, which wants people back at an address that is registered.
struct Asked {
    client: Client,
    parameters: Parameters,
    redirect_uri: String,
}

/// Answers a request that came as a GET.
pub(in crate::web) async fn ask(
    State(accounts): State<Accounts>,
    page: Page,
    RawQuery(query): RawQuery,
) -> web::Result<Response> {
    let asked = known(&accounts, Parameters::of_query(&query.unwrap_or_default())).await?;
    answer(&accounts, &page, &asked).await
}

/// Answers a request that came as a POST from another site, with which no session comes: it is asked again as a GET.
pub(in crate::web) async fn ask_by_post(Pairs(pairs): Pairs) -> Response {
    let query = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
    web::see_other(format!("/oidc/authorize?{query}"))
}

/// Refuses, on a page of ours, what must never be sent anywhere (RFC 6749 section 4.1.2.1).
async fn known(accounts: &Accounts, parameters: Parameters) -> web::Result<Asked> {
    let refuse = |text: &str| web::Error::Refused(format!("The program that sent you here made a mistake: {text}"));
    let id = parameters.get("client_id").ok_or_else(|| refuse("it did not say who it is (client_id)."))?;
    let client = client::find(&accounts.hub.store.read(), id).await?;
    let client = client.ok_or_else(|| refuse("it is not registered here (client_id)."))?;
    let redirect_uri = parameters.get("redirect_uri").filter(|uri| client.may_return_to(uri));
    let redirect_uri =
        redirect_uri.ok_or_else(|| refuse("it did not register the address to return to (redirect_uri)."))?;
    Ok(Asked { redirect_uri: redirect_uri.to_owned(), client, parameters })
}

async fn answer(accounts: &Accounts, page: &Page, asked: &Asked) -> web::Result<Response> {
    let mut response = decide(accounts, page, asked).await?;
    keep_opener(&mut response);
    Ok(response)
}

/// Lets a program that opened a window for this keep hold of it: it waits there for the window to come back.
pub(in crate::web) fn keep_opener(response: &mut Response) {
    let policy = HeaderName::from_static("cross-origin-opener-policy");
    response.headers_mut().insert(policy, HeaderValue::from_static("unsafe-none"));
}

async fn decide(accounts: &Accounts, page: &Page, asked: &Asked) -> web::Result<Response> {
    let request = match request::read(&asked.client, &asked.parameters) {
        Ok(request) => request,
        Err(fault) => return Ok(send_back(accounts, asked, Err(fault))),
    };
    let again = || {
        // The password that is shown now counts for this request, and is not asked for once more.
        let marked = asked.parameters.with("prompt", None).with("max_age", None);
        let marked = marked.with("after", Some(accounts.hub.now().timestamp().to_string()));
        let prompt = request.prompt.consent.then(|| "consent".to_owned());
        format!("/oidc/authorize?{}", marked.with("prompt", prompt).query())
    };
    match judge(accounts, page, asked, &request).await? {
        Verdict::Grant(granted) => issue(accounts, asked, &request, &granted.0, granted.1).await,
        Verdict::LogIn => Ok(web::see_other(format!("/login?next={}", web::urlpart(&again())))),
        Verdict::Again => Ok(web::see_other(format!("/login/again?next={}", web::urlpart(&again())))),
        Verdict::Consent => ask_consent(page, asked, &request),
        Verdict::Refuse(fault) => Ok(send_back(accounts, asked, Err(fault))),
    }
}

async fn judge(accounts: &Accounts, page: &Page, asked: &Asked, request: &Request) -> web::Result<Verdict> {
    let refuse = |error, text| Ok(Verdict::Refuse(Fault { error, text }));
    let Some(seat) = page.seat() else {
        return if request.prompt.none { refuse("login_required", "Nobody is logged in.") } else { Ok(Verdict::LogIn) };
    };
    let Some(confirmed) = seat.session.as_ref().map(|session| session.confirmed_at) else {
        return refuse("login_required", "A token logs nobody in.");
    };
    let conn = accounts.hub.store.read();
    if let Some(hint) = &request.id_token_hint {
        let hinted = key::verify(&conn, hint).await?;
        if hinted.is_none_or(|hinted| hinted["sub"] != claims::subject(&seat.user)) {
            return refuse("login_required", "Somebody else is logged in than the program expects.");
        }
    }
    let now = accounts.hub.now();
    let too_old = request.max_age.is_some_and(|most| (now - confirmed).num_seconds() > most || most == 0);
    let not_since = request.after.is_some_and(|after| confirmed.timestamp() < after);
    if too_old || not_since || request.prompt.login {
        let text = "The password has to be shown again.";
        return if request.prompt.none { refuse("login_required", text) } else { Ok(Verdict::Again) };
    }
    if grant::entitled(&conn, &asked.client, seat.user.id).await?.is_none() {
        return refuse("access_denied", "The person is not in the group that may use this program.");
    }
    if request.prompt.consent || !consent::covers(&conn, seat.user.id, &asked.client, &request.scope).await? {
        let text = "The person has to be asked.";
        return if request.prompt.none { refuse("consent_required", text) } else { Ok(Verdict::Consent) };
    }
    Ok(Verdict::Grant(Box::new((seat.clone(), confirmed))))
}

async fn issue(
    accounts: &Accounts,
    asked: &Asked,
    request: &Request,
    seat: &Seat,
    auth_time: DateTime<Utc>,
) -> web::Result<Response> {
    let tx = accounts.hub.store.write().await?;
    let code = grant::code(&tx, &asked.client, seat.user.id, request, auth_time).await?;
    tx.commit().await?;
    Ok(send_back(accounts, asked, Ok(code)))
}

/// Sends the browser back with a code or a fault, with `state` and `iss` (RFC 9207).
fn send_back(accounts: &Accounts, asked: &Asked, result: Result<String, Fault>) -> Response {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    match result {
        Ok(code) => query.append_pair("code", &code),
        Err(fault) => query.append_pair("error", fault.error).append_pair("error_description", fault.text),
    };
    if let Some(state) = asked.parameters.get("state") {
        query.append_pair("state", state);
    }
    query.append_pair("iss", &accounts.hub.settings.url);
    let joint = if asked.redirect_uri.contains('?') { '&' } else { '?' };
    let mut response = web::see_other(format!("{}{joint}{}", asked.redirect_uri, query.finish()));
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

fn ask_consent(page: &Page, asked: &Asked, request: &Request) -> web::Result<Response> {
    let known: Vec<_> = SCOPES
        .iter()
        .filter(|(scope, _)| request.scope.split(' ').any(|asked| asked == *scope))
        .map(|(_, means)| *means)
        .collect();
    let home = url::Url::parse(&asked.redirect_uri).ok().and_then(|url| url.host_str().map(str::to_owned));
    let context = context! {
        title: format!("Log in to {}", asked.client.name), program: asked.client.name, known, home,
        query: asked.parameters.query(),
    };
    let mut response = page.render("accounts/oidc.consent.html", context)?;
    allow_form_to(&mut response, &origin(&asked.redirect_uri));
    Ok(response)
}

/// Takes the answer of a person who was asked.
pub(in crate::web) async fn consent(
    State(accounts): State<Accounts>,
    page: Page,
    fields: Fields,
) -> web::Result<Response> {
    let asked = known(&accounts, Parameters::of_query(fields.get("query"))).await?;
    if !fields.has("allow") {
        let fault = Fault { error: "access_denied", text: "The person said no." };
        let mut response = send_back(&accounts, &asked, Err(fault));
        keep_opener(&mut response);
        return Ok(response);
    }
    let asked = Asked { parameters: asked.parameters.with("prompt", None), ..asked };
    let request = request::read(&asked.client, &asked.parameters);
    if let (Some(seat), Ok(request)) = (page.seat(), &request) {
        let tx = accounts.hub.store.write().await?;
        consent::give(&tx, &seat.user, &asked.client, &request.scope, &audit::Client::of(&page)).await?;
        tx.commit().await.map_err(Refusal::from)?;
    }
    answer(&accounts, &page, &asked).await
}

/// The origin of the program to which `next` leads in the end, when it is a request to this endpoint that would be
/// answered: browsers want to know it before a form is sent (CSP `form-action` holds for what a form redirects to).
pub(in crate::web) async fn origin_of(accounts: &Accounts, next: &str) -> Option<String> {
    let query = next.strip_prefix("/oidc/authorize?")?;
    known(accounts, Parameters::of_query(query)).await.ok().map(|asked| origin(&asked.redirect_uri))
}

fn origin(uri: &str) -> String {
    let Ok(url) = url::Url::parse(uri) else { return String::new() };
    if url.has_host() { url.origin().ascii_serialization() } else { format!("{}:", url.scheme()) }
}

/// Lets the forms of a page lead to another origin.
pub(in crate::web) fn allow_form_to(response: &mut Response, origin: &str) {
    let csp = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
         font-src 'self'; form-action 'self' {origin}; base-uri 'none'; frame-ancestors 'none'; manifest-src 'self'"
    );
    if let Ok(value) = HeaderValue::from_str(&csp) {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, value);
    }
    keep_opener(response);
}
