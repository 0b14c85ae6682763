//! Other programs let people in: the statements of OpenID Connect and OAuth that a program relies on.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

#[path = "../common/mod.rs"]
mod common;
mod consent;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use chrono::Duration;
use common::{PASSWORD, confirm, log_in, member};
use guildhall_accounts::oidc::jwt;
use http::{Request, header};
use kernel::Hub;
use plug::Module;
use serde_json::Value;
use testkit::{Browser, Reply, TestHub, form};

const BACK: &str = "https://wiki.example/cb";
const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// A program that is registered, and somebody who has let it know everything.
struct Wiki {
    hub: TestHub,
    root: Browser,
    ann: Browser,
    id: String,
    secret: String,
}

async fn wiki() -> Wiki {
    let hub = TestHub::with([confirm as fn(&Hub) -> Module]).await;
    let root = hub.admin("root").await;
    let ann = member(&hub, "ann").await;
    log_in(&ann, "ann", PASSWORD).await.expect(303);
    let (id, secret) =
        register(&root, form! { name: "Wiki", redirect_uris: format!("{BACK}\n{BACK}?tenant=1"), is_trusted: "1" })
            .await;
    Wiki { hub, root, ann, id, secret }
}

async fn register(root: &Browser, fields: Vec<(String, String)>) -> (String, String) {
    let shown = root.post("/admin/programs", fields).await.expect(200).select("pre.code").remove(0);
    let after = |name: &str| {
        shown.split(name).nth(1).and_then(|rest| rest.split_whitespace().next()).unwrap_or_default().to_owned()
    };
    (after("client_id: "), after("client_secret: "))
}

fn pairs(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

impl Wiki {
    fn url(&self, more: &[(&str, &str)]) -> String {
        let mut all = vec![("client_id", self.id.as_str()), ("redirect_uri", BACK), ("response_type", "code")];
        if !more.iter().any(|(name, _)| *name == "scope") {
            all.push(("scope", "openid profile email groups offline_access"));
        }
        all.retain(|(name, _)| !more.iter().any(|(other, _)| other == name));
        all.extend(more.iter().filter(|(_, value)| !value.is_empty()));
        format!("/oidc/authorize?{}", pairs(&all))
    }

    /// What the program gets back, as its browser asks.
    async fn ask(&self, browser: &Browser, more: &[(&str, &str)]) -> Vec<(String, String)> {
        back(&browser.get(&self.url(more)).await)
    }

    async fn code(&self, more: &[(&str, &str)]) -> String {
        value(&self.ask(&self.ann, more).await, "code")
    }

    async fn token(&self, fields: &[(&str, &str)]) -> Reply {
        let basic = STANDARD.encode(format!("{}:{}", self.id, self.secret));
        post(&self.hub, "/oidc/token", fields, Some(&format!("Basic {basic}"))).await
    }

    async fn exchange(&self, code: &str) -> Reply {
        self.token(&[("grant_type", "authorization_code"), ("code", code), ("redirect_uri", BACK)]).await
    }

    /// The claims of an ID token, when a published key signed it.
    async fn claims(&self, token: &str) -> Value {
        let keys = json(&self.hub.stranger().get_as("/oidc/jwks", "*/*").await.expect(200));
        let kid = jwt::kid(token).expect("a key id");
        let key =
            keys["keys"].as_array().expect("keys").iter().find(|key| key["kid"] == kid.as_str()).expect("the key");
        jwt::verify(key, token).expect("a signature")
    }

    async fn userinfo(&self, access: &str) -> Reply {
        let request = Request::get("/oidc/userinfo").header(header::AUTHORIZATION, format!("Bearer {access}"));
        self.hub.stranger().send(request.body(axum::body::Body::empty()).expect("a request")).await
    }
}

async fn post(hub: &TestHub, path: &str, fields: &[(&str, &str)], authorization: Option<&str>) -> Reply {
    let mut request = Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(value) = authorization {
        request = request.header(header::AUTHORIZATION, value);
    }
    hub.stranger().send(request.body(axum::body::Body::from(pairs(fields))).expect("a request")).await
}

fn back(reply: &Reply) -> Vec<(String, String)> {
    assert_eq!(reply.status, 303, "{}", reply.text());
    let location = reply.location();
    assert!(location.starts_with(BACK), "{location}");
    url::Url::parse(&location).expect("a URL").query_pairs().into_owned().collect()
}

fn value(pairs: &[(String, String)], name: &str) -> String {
    pairs.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("no {name} in {pairs:?}")).1.clone()
}

fn json(reply: &Reply) -> Value {
    serde_json::from_slice(&reply.body).unwrap_or_else(|_| panic!("no JSON: {}", reply.text()))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

#[tokio::test]
async fn a01_the_document_says_what_is_there() {
    let wiki = wiki().await;
    let stranger = wiki.hub.stranger();
    let document = json(&stranger.get_as("/.well-known/openid-configuration", "*/*").await.expect(200));
    assert_eq!(document["issuer"], "http://hub.test");
    for name in ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"] {
        let path = text(&document[name]).replace("http://hub.test", "");
        let status = stranger.get_as(&path, "*/*").await.status.as_u16();
        assert!(![404, 500].contains(&status), "{name} answers {status}");
    }
    assert_eq!(document["code_challenge_methods_supported"], serde_json::json!(["S256"]));
    assert!(document["claims_supported"].as_array().is_some_and(|claims| claims.len() > 5));
    assert!(!document.to_string().contains("\"HS256\""));
    assert_eq!(document["id_token_signing_alg_values_supported"], serde_json::json!(["ES256"]), "and no alg none");
}

#[tokio::test]
async fn a02_keys_are_public_and_outlive_their_rotation() {
    let wiki = wiki().await;
    let before = text(&json(&wiki.exchange(&wiki.code(&[]).await).await.expect(200))["id_token"]);
    wiki.root.post("/admin/programs/rotate", form! {}).await.expect(303);
    let after = text(&json(&wiki.exchange(&wiki.code(&[]).await).await.expect(200))["id_token"]);
    assert_ne!(jwt::kid(&before), jwt::kid(&after));
    for token in [&before, &after] {
        wiki.claims(token).await;
    }
    let keys = json(&wiki.hub.stranger().get_as("/oidc/jwks", "*/*").await.expect(200));
    let keys = keys["keys"].as_array().expect("keys").clone();
    assert_eq!(keys.len(), 2);
    for key in keys {
        let mut members: Vec<&str> = key.as_object().expect("an object").keys().map(String::as_str).collect();
        members.sort_unstable();
        assert_eq!(members, ["alg", "crv", "kid", "kty", "use", "x", "y"], "no private member");
    }
    wiki.hub.wait(Duration::days(8));
    wiki.hub.settle().await;
    let keys = json(&wiki.hub.stranger().get_as("/oidc/jwks", "*/*").await.expect(200));
    assert_eq!(keys["keys"].as_array().expect("keys").len(), 1);
}

#[tokio::test]
async fn a03_a_code_works_once_and_its_second_use_revokes_what_it_gave() {
    let wiki = wiki().await;
    let code = wiki.code(&[]).await;
    let granted = json(&wiki.exchange(&code).await.expect(200));
    let access = text(&granted["access_token"]);
    wiki.userinfo(&access).await.expect(200);
    wiki.hub.wait(Duration::seconds(30));
    assert_eq!(json(&wiki.exchange(&code).await.expect(400))["error"], "invalid_grant");
    wiki.userinfo(&access).await.expect(401);
    let refresh = text(&granted["refresh_token"]);
    let reply = wiki.token(&[("grant_type", "refresh_token"), ("refresh_token", &refresh)]).await.expect(400);
    assert_eq!(json(&reply)["error"], "invalid_grant");
    let late = wiki.code(&[]).await;
    wiki.hub.wait(Duration::seconds(61));
    wiki.exchange(&late).await.expect(400);
    assert_eq!(json(&wiki.exchange("no such code").await.expect(400))["error"], "invalid_grant");
}

#[tokio::test]
async fn a04_pkce_is_checked_and_a_program_without_a_secret_needs_it() {
    let wiki = wiki().await;
    let challenge = jwt::challenge(VERIFIER);
    let pkce = [("code_challenge", challenge.as_str()), ("code_challenge_method", "S256")];
    let with = |code: String, verifier: &'static str| {
        let wiki = &wiki;
        async move {
            let mut fields =
                vec![("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", BACK)];
            if !verifier.is_empty() {
                fields.push(("code_verifier", verifier));
            }
            wiki.token(&fields).await
        }
    };
    with(wiki.code(&pkce).await, VERIFIER).await.expect(200);
    for wrong in ["", "short", "xBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"] {
        let reply = with(wiki.code(&pkce).await, wrong).await.expect(400);
        assert_eq!(json(&reply)["error"], "invalid_grant");
    }
    with(wiki.code(&[]).await, VERIFIER).await.expect(400);
    let plain = wiki.ask(&wiki.ann, &[("code_challenge", VERIFIER), ("code_challenge_method", "plain")]).await;
    assert_eq!(value(&plain, "error"), "invalid_request");
    let (public, _) = register(
        &wiki.root,
        form! { name: "App", redirect_uris: "http://127.0.0.1/cb", is_public: "1", is_trusted: "1" },
    )
    .await;
    let native = "http://127.0.0.1:51004/cb";
    let bare =
        wiki.ann.get(&wiki.url(&[("client_id", &public), ("redirect_uri", native)])).await.expect(303).location();
    assert!(bare.starts_with(native) && bare.contains("error=invalid_request"), "{bare}");
    let sound = wiki.url(&[("client_id", &public), ("redirect_uri", native), pkce[0], pkce[1]]);
    let location = url::Url::parse(&wiki.ann.get(&sound).await.expect(303).location()).expect("a URL");
    let code = location.query_pairs().find(|(name, _)| name == "code").expect("a code").1.into_owned();
    let fields = [
        ("grant_type", "authorization_code"),
        ("code", &code),
        ("redirect_uri", native),
        ("client_id", &public),
        ("code_verifier", VERIFIER),
    ];
    post(&wiki.hub, "/oidc/token", &fields, None).await.expect(200);
}

#[tokio::test]
async fn a05_nobody_is_sent_to_an_address_that_is_not_registered() {
    let wiki = wiki().await;
    for uri in [
        "https://evil.example/cb",
        "https://wiki.example/cb/",
        "https://wiki.example/cb?x=1",
        "http://wiki.example/cb",
        "",
    ] {
        let reply = wiki.ann.get(&wiki.url(&[("redirect_uri", uri)])).await.expect(422);
        assert!(reply.text().contains("did not register the address"), "{uri}");
    }
    wiki.ann.get(&wiki.url(&[("client_id", "c-unknown")])).await.expect(422);
    let tenant =
        wiki.ann.get(&wiki.url(&[("redirect_uri", "https://wiki.example/cb?tenant=1")])).await.expect(303).location();
    assert!(tenant.starts_with("https://wiki.example/cb?tenant=1&code="), "{tenant}");
    let code = wiki.code(&[]).await;
    let elsewhere =
        [("grant_type", "authorization_code"), ("code", &code), ("redirect_uri", "https://wiki.example/cb?tenant=1")];
    assert_eq!(json(&wiki.token(&elsewhere).await.expect(400))["error"], "invalid_grant");
}

#[tokio::test]
async fn a06_prompt_none_asks_nobody_anything() {
    let wiki = wiki().await;
    let none = [("prompt", "none"), ("state", "s")];
    let nobody = wiki.ask(&wiki.hub.stranger(), &none).await;
    assert_eq!((value(&nobody, "error"), value(&nobody, "state")), ("login_required".into(), "s".into()));
    let first = json(&wiki.exchange(&wiki.code(&[]).await).await.expect(200));
    let first = wiki.claims(&text(&first["id_token"])).await;
    wiki.hub.wait(Duration::minutes(10));
    let second = json(&wiki.exchange(&wiki.code(&none).await).await.expect(200));
    let token = text(&second["id_token"]);
    let second = wiki.claims(&token).await;
    assert_eq!((&first["sub"], &first["auth_time"]), (&second["sub"], &second["auth_time"]));
    assert_ne!(first["iat"], second["iat"]);
    wiki.code(&[("prompt", "none"), ("id_token_hint", &token)]).await;
    let bob = member(&wiki.hub, "bob").await;
    log_in(&bob, "bob", PASSWORD).await.expect(303);
    let other = wiki.ask(&bob, &[("prompt", "none"), ("id_token_hint", &token)]).await;
    assert_eq!(value(&other, "error"), "login_required");
    let (foreign, _) = register(&wiki.root, form! { name: "Other", redirect_uris: BACK }).await;
    let unasked = wiki.ask(&wiki.ann, &[("client_id", &foreign), ("prompt", "none")]).await;
    assert_eq!(value(&unasked, "error"), "consent_required");
}

#[tokio::test]
async fn a07_prompt_login_and_max_age_want_the_password_again() {
    let wiki = wiki().await;
    let first = json(&wiki.exchange(&wiki.code(&[]).await).await.expect(200));
    let first = wiki.claims(&text(&first["id_token"])).await;
    for more in [("prompt", "login"), ("max_age", "1"), ("max_age", "0")] {
        wiki.hub.wait(Duration::seconds(5));
        let again = wiki.ann.get(&wiki.url(&[more])).await.expect(303).location();
        assert!(again.starts_with("/login/again?next="), "{again}");
        let page = wiki.ann.get(&again).await.expect(200);
        let csp = page.headers["content-security-policy"].to_str().expect("text").to_owned();
        assert!(csp.contains("form-action 'self' https://wiki.example;"), "{csp}");
        let next = page.attributes("input[name=next]", "value").remove(0);
        assert!(wiki.ann.get(&next).await.expect(303).location().starts_with("/login/again"), "no way around it");
        wiki.ann.post("/login/again", form! { next: next, current: "a guess" }).await.expect(422);
        let reply = wiki.ann.post("/login/again", form! { next: next, current: PASSWORD }).await.expect(303);
        let code = value(&back(&wiki.ann.get(&reply.location()).await), "code");
        let claims = wiki.claims(&text(&json(&wiki.exchange(&code).await.expect(200))["id_token"])).await;
        assert!(claims["auth_time"].as_i64() > first["auth_time"].as_i64(), "{more:?}");
    }
    wiki.hub.wait(Duration::seconds(5));
    wiki.code(&[("max_age", "10000")]).await;
    let none = wiki.ask(&wiki.ann, &[("max_age", "1"), ("prompt", "none")]).await;
    assert_eq!(value(&none, "error"), "login_required");
}

#[tokio::test]
async fn a08_state_and_nonce_come_back_and_what_is_unknown_is_ignored() {
    let wiki = wiki().await;
    let more = [
        ("state", "a b&c"),
        ("nonce", "n-1"),
        ("foo", "bar"),
        ("display", "popup"),
        ("ui_locales", "de"),
        ("acr_values", "1"),
    ];
    let answer = wiki.ask(&wiki.ann, &more).await;
    assert_eq!(value(&answer, "state"), "a b&c");
    let granted = json(&wiki.exchange(&value(&answer, "code")).await.expect(200));
    assert_eq!(wiki.claims(&text(&granted["id_token"])).await["nonce"], "n-1");
    for (name, error) in [("request", "request_not_supported"), ("request_uri", "request_uri_not_supported")] {
        assert_eq!(value(&wiki.ask(&wiki.ann, &[(name, "x")]).await, "error"), error);
    }
    assert_eq!(value(&wiki.ask(&wiki.ann, &[("response_type", "")]).await, "error"), "invalid_request");
    assert_eq!(
        value(&wiki.ask(&wiki.ann, &[("response_type", "id_token")]).await, "error"),
        "unsupported_response_type"
    );
    let posted = post(&wiki.hub, "/oidc/authorize", &[("client_id", &wiki.id), ("state", "x")], None).await.expect(303);
    assert!(posted.location().starts_with("/oidc/authorize?client_id="), "a POST is asked again as a GET");
}

#[tokio::test]
async fn a09_userinfo_tells_what_the_scope_opens() {
    let wiki = wiki().await;
    wiki.root.post("/admin/groups", form! { name: "core", description: "" }).await.expect(303);
    wiki.root.post("/admin/groups/core/members", form! { name: "ann" }).await.expect(303);
    wiki.ann.post("/me", form! { display_name: "Ann Miller", about: "", timezone: "Europe/Berlin" }).await.expect(303);
    let granted = json(&wiki.exchange(&wiki.code(&[]).await).await.expect(200));
    let access = text(&granted["access_token"]);
    let told = json(&wiki.userinfo(&access).await.expect(200));
    let id = wiki.claims(&text(&granted["id_token"])).await;
    assert_eq!(told["sub"], id["sub"]);
    assert_eq!(id["at_hash"], jwt::half_hash(&access));
    assert_eq!((&id["iss"], &id["aud"]), (&"http://hub.test".into(), &wiki.id.as_str().into()));
    for (name, value) in [
        ("name", "Ann Miller"),
        ("preferred_username", "ann"),
        ("email", "ann@example.org"),
        ("zoneinfo", "Europe/Berlin"),
    ] {
        assert_eq!(told[name], value);
    }
    assert_eq!((&told["email_verified"], &told["groups"]), (&true.into(), &serde_json::json!(["core"])));
    let by_form = post(&wiki.hub, "/oidc/userinfo", &[("access_token", &access)], None).await.expect(200);
    assert_eq!(json(&by_form), told);
    post(&wiki.hub, "/oidc/userinfo", &[], Some(&format!("Bearer {access}"))).await.expect(200);
    let bare = json(&wiki.exchange(&wiki.code(&[("scope", "openid")]).await).await.expect(200));
    assert!(bare.get("refresh_token").is_none());
    assert_eq!(
        json(&wiki.userinfo(&text(&bare["access_token"])).await.expect(200)),
        serde_json::json!({ "sub": id["sub"] })
    );
    wiki.hub.wait(Duration::hours(2));
    let over = wiki.userinfo(&access).await.expect(401);
    assert!(over.headers["www-authenticate"].to_str().expect("text").contains("error=\"invalid_token\""));
    assert_eq!(
        wiki.hub.stranger().get_as("/oidc/userinfo", "*/*").await.expect(401).headers["www-authenticate"],
        "Bearer"
    );
}

#[tokio::test]
async fn a10_a_program_proves_itself_in_one_way() {
    let wiki = wiki().await;
    let code = wiki.code(&[]).await;
    let mut fields = vec![("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", BACK)];
    let wrong = STANDARD.encode(format!("{}:wrong", wiki.id));
    let refused = post(&wiki.hub, "/oidc/token", &fields, Some(&format!("Basic {wrong}"))).await.expect(401);
    assert_eq!(json(&refused)["error"], "invalid_client");
    assert!(refused.headers.contains_key("www-authenticate"));
    fields.push(("client_id", &wiki.id));
    post(&wiki.hub, "/oidc/token", &fields, None).await.expect(401);
    fields.push(("client_secret", &wiki.secret));
    let right = STANDARD.encode(format!("{}:{}", wiki.id, wiki.secret));
    let twice = post(&wiki.hub, "/oidc/token", &fields, Some(&format!("Basic {right}"))).await.expect(400);
    assert_eq!(json(&twice)["error"], "invalid_request");
    post(&wiki.hub, "/oidc/token", &fields, None).await.expect(200);
    // Everything may be percent-encoded within Basic.
    let encoded: String = wiki.id.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let encoded = STANDARD.encode(format!("{encoded}:{}", wiki.secret));
    let code = wiki.code(&[]).await;
    let fields = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", BACK)];
    post(&wiki.hub, "/oidc/token", &fields, Some(&format!("Basic {encoded}"))).await.expect(200);
    assert_eq!(json(&wiki.token(&[("grant_type", "password")]).await.expect(400))["error"], "unsupported_grant_type");
    assert_eq!(json(&wiki.token(&[]).await.expect(400))["error"], "invalid_request");
    // A code is of no use to another program.
    let (other, secret) = register(&wiki.root, form! { name: "Other", redirect_uris: BACK, is_trusted: "1" }).await;
    let (code, basic) = (wiki.code(&[]).await, STANDARD.encode(format!("{other}:{secret}")));
    let fields = [("grant_type", "authorization_code"), ("code", code.as_str()), ("redirect_uri", BACK)];
    let stolen = post(&wiki.hub, "/oidc/token", &fields, Some(&format!("Basic {basic}"))).await.expect(400);
    assert_eq!(json(&stolen)["error"], "invalid_grant");
}

#[tokio::test]
async fn a11_a_refresh_token_works_once_and_its_second_use_ends_its_kin() {
    let wiki = wiki().await;
    let granted = json(&wiki.exchange(&wiki.code(&[("nonce", "n")]).await).await.expect(200));
    let first = text(&granted["refresh_token"]);
    let refresh = |secret: String, scope: &'static str| {
        let wiki = &wiki;
        async move {
            let mut fields = vec![("grant_type", "refresh_token"), ("refresh_token", secret.as_str())];
            if !scope.is_empty() {
                fields.push(("scope", scope));
            }
            wiki.token(&fields).await
        }
    };
    assert_eq!(json(&refresh(first.clone(), "openid phone").await.expect(400))["error"], "invalid_scope");
    let narrow = json(&refresh(first.clone(), "openid email").await.expect(200));
    assert_eq!(narrow["scope"], "openid email");
    let told = json(&wiki.userinfo(&text(&narrow["access_token"])).await.expect(200));
    assert!(told.get("name").is_none() && told.get("email").is_some());
    let (old, new) = (wiki.claims(&text(&granted["id_token"])).await, wiki.claims(&text(&narrow["id_token"])).await);
    assert_eq!((&old["sub"], &old["auth_time"]), (&new["sub"], &new["auth_time"]));
    let second = text(&narrow["refresh_token"]);
    let wide = json(&refresh(second.clone(), "").await.expect(200));
    assert_eq!(wide["scope"], granted["scope"], "what a shrunken token gave up is not lost for ever");
    assert_eq!(json(&refresh(second, "").await.expect(400))["error"], "invalid_grant");
    assert_eq!(json(&refresh(text(&wide["refresh_token"]), "").await.expect(400))["error"], "invalid_grant");
    wiki.userinfo(&text(&wide["access_token"])).await.expect(401);
}

#[tokio::test]
async fn a12_the_answer_says_who_gives_it_and_is_never_kept() {
    let wiki = wiki().await;
    let answer = wiki.ask(&wiki.ann, &[]).await;
    assert_eq!(value(&answer, "iss"), "http://hub.test");
    assert_eq!(value(&wiki.ask(&wiki.ann, &[("scope", "email")]).await, "iss"), "http://hub.test");
    let reply = wiki.exchange(&value(&answer, "code")).await.expect(200);
    assert_eq!(
        (reply.headers["cache-control"].as_bytes(), &json(&reply)["token_type"]),
        (&b"no-store"[..], &"Bearer".into())
    );
    assert_eq!(wiki.token(&[]).await.headers["cache-control"], "no-store");
}
