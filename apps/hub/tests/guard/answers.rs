//! What every answer carries: headers and cookies.

use std::sync::Arc;

use http::{HeaderMap, header};
use kernel::{Hub, Settings, Templates, Theme};
use testkit::{TestHub, form};
use web::Shell;

use super::sessions::{PASSWORD, first_of};
use super::{filled, routes, whole};

fn text<'a>(headers: &'a HeaderMap, name: &str) -> &'a str {
    headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

#[tokio::test]
async fn every_answer_forbids_scripts_frames_and_guessing_of_types() {
    let hub = whole().await;
    for browser in [hub.admin("root").await, hub.stranger()] {
        for route in routes(&hub).iter().filter(|route| *route != "/live" && !route.ends_with("/live")) {
            let reply = browser.get(&filled(route, "1")).await;
            let policy = text(&reply.headers, "content-security-policy");
            assert!(policy.contains("default-src 'none'"), "{route}: {policy}");
            let scripts = policy.split(';').find(|rule| rule.trim().starts_with("script-src")).unwrap_or_default();
            assert!(!scripts.contains("unsafe") && !scripts.contains("http") && !scripts.contains('*'), "{route}");
            let framed = policy.contains("frame-ancestors 'none'") || policy.contains("sandbox");
            assert!(framed && text(&reply.headers, "x-frame-options") == "DENY", "{route}: {policy}");
            assert_eq!(text(&reply.headers, "x-content-type-options"), "nosniff", "{route}");
            assert_eq!(text(&reply.headers, "referrer-policy"), "same-origin", "{route}");
            assert!(!reply.headers.contains_key(header::STRICT_TRANSPORT_SECURITY), "{route}: not behind https");
            let own = text(&reply.headers, "content-type").starts_with("text/html") && reply.text().contains("csrf");
            assert!(!own || text(&reply.headers, "cache-control").contains("no-store"), "{route}: a form is kept");
        }
    }
}

/// The same hub where people reach it over TLS.
fn over_tls(hub: &mut TestHub) {
    let settings = Settings { url: "https://hub.test".into(), ..hub.hub.settings.clone() };
    let templates = Templates::load(Theme::load(None).expect("a theme"), hub.hub.clock.clone()).expect("templates");
    let secure = Hub::new(hub.hub.store.clone(), settings, templates);
    let routes = super::everything().into_iter().fold(axum::Router::new(), |all, make| all.merge(make(&secure).routes));
    hub.router = web::layers::around(routes, Arc::new(Shell::new(secure.clone(), vec![], "test")));
    hub.hub = secure;
}

#[tokio::test]
async fn cookies_are_for_this_host_and_no_script() {
    for tls in [false, true] {
        let mut hub = whole().await;
        if tls {
            over_tls(&mut hub);
        }
        let ann = first_of(&hub).await;
        ann.post("/logout", form! {}).await.expect(303);
        let shown = ann.get("/login").await.expect(200);
        let reply = ann.post("/login", form! { name: "ann", password: PASSWORD }).await.expect(303);
        let both = [&shown, &reply].map(|reply| reply.headers.get_all(header::SET_COOKIE)).into_iter().flatten();
        let lines: Vec<&str> = both.map(|line| line.to_str().expect("ASCII")).collect();
        assert!(lines.iter().any(|line| line.contains("session=")), "{lines:?}");
        for line in lines {
            assert!(line.contains("; HttpOnly") && line.contains("; SameSite=Lax"), "{line}");
            assert!(line.contains("; Path=/;") && !line.contains("Domain="), "{line}");
            assert_eq!((line.starts_with("__Host-"), line.contains("; Secure")), (tls, tls), "{line}");
        }
        let strict = text(&reply.headers, "strict-transport-security");
        assert_eq!(strict.contains("max-age=31536000"), tls, "{strict}");
    }
}
