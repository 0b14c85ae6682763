//! Every form needs the token of the session that sends it.

use http::Method;
use testkit::{Browser, Reply};

use super::{FORM, ask, filled, routes, whole};

/// What takes a POST without a token, and why a browser's cookies do nothing there.
const WITHOUT: [&str; 6] = [
    // The secret of the repository is the word of who may.
    "/hooks/{repository}",
    // RFC 8058: the secret in the address, which only the letter has.
    "/lists/unsubscribe/{token}",
    "/issues/leave/{token}",
    // Asked again as a GET, which asks the person.
    "/oidc/authorize",
    // Programs, which show their own secret or a token, and no cookie.
    "/oidc/token",
    "/oidc/userinfo",
];

/// The words that lead to something there is, where the path must.
const WORDS: [(&str, &str); 6] = [
    ("/issues/{a}/{b}", "/issues/issues/1"),
    ("/issues/{a}/new", "/issues/issues/new"),
    ("/issues/{a}/queries", "/issues/issues/queries"),
    ("/issues/{a}/held", "/issues/issues/held"),
    ("/issues/{a}/settings", "/issues/issues/settings"),
    ("/people/{name}", "/people/root"),
];

fn at(route: &str) -> String {
    let known = WORDS.iter().find_map(|(start, word)| Some(format!("{word}{}", route.strip_prefix(start)?)));
    filled(&known.unwrap_or_else(|| route.to_owned()), "1")
}

/// The token that the forms of somebody carry.
async fn token_of(browser: &Browser) -> String {
    let page = browser.get("/issues/new").await.expect(200);
    page.attributes("input[name=csrf]", "value").first().expect("a token").clone()
}

fn is_stale(reply: &Reply) -> bool {
    reply.status == 403 && reply.text().contains("too old or comes from another place")
}

#[tokio::test]
async fn every_form_is_refused_without_the_token_of_its_own_session() {
    let hub = whole().await;
    let (root, eve) = (hub.admin("root").await, hub.user("eve").await);
    let (own, foreign) = (token_of(&root).await, token_of(&eve).await);
    let strangers = web::csrf_token(&hub.hub.settings.secret, "");
    let tokens = ["".to_owned(), "csrf=".into(), format!("csrf={foreign}"), format!("csrf={strangers}")];
    let mut tried = 0;
    for route in routes(&hub).iter().filter(|route| !WITHOUT.contains(&route.as_str())) {
        let path = at(route);
        let blank = ask(&root, Method::POST, &path, FORM, "").await;
        if blank.status == 405 {
            continue;
        }
        tried += 1;
        for token in &tokens {
            let reply = ask(&root, Method::POST, &path, FORM, token).await;
            assert!(is_stale(&reply), "POST {path} with {token:?}: {} {}", reply.status, reply.text());
            let token = token.strip_prefix("csrf=").unwrap_or_default();
            let parts = format!("--x\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{token}\r\n--x--\r\n");
            let reply = ask(&root, Method::POST, &path, "multipart/form-data; boundary=x", &parts).await;
            assert!(matches!(reply.status.as_u16(), 403 | 422), "POST {path} in parts: {}", reply.status);
        }
        for (kind, body) in [("text/plain", "csrf=x"), ("application/json", "{\"csrf\":\"x\"}"), ("", "a=b")] {
            let reply = ask(&root, Method::POST, &path, kind, body).await;
            assert!(matches!(reply.status.as_u16(), 403 | 415 | 422), "POST {path} as {kind:?}: {}", reply.status);
        }
        // It was the token: with its own, the same form is read.
        let other = hub.user(&format!("user{tried}")).await;
        let reply = ask(&other, Method::POST, &path, FORM, &format!("csrf={}", token_of(&other).await)).await;
        assert!(!is_stale(&reply), "POST {path} does not take the right token");
    }
    assert!(tried > 60, "only {tried} forms");
    assert_eq!(token_of(&root).await, own, "nobody was logged out on the way");
}

#[tokio::test]
async fn cookies_alone_open_nothing_that_takes_no_token() {
    let hub = whole().await;
    let root = hub.admin("root").await;
    for (route, status) in WITHOUT.iter().zip([401, 200, 404, 303, 401, 401]) {
        let reply = ask(&root, Method::POST, &filled(route, "1"), FORM, "").await;
        assert_eq!(reply.status.as_u16(), status, "POST {route}: {}", reply.text());
    }
    // A letter's secret that nobody has ends nothing and says nothing.
    let stranger = hub.stranger();
    let guess = ask(&stranger, Method::POST, "/lists/unsubscribe/guess", FORM, "List-Unsubscribe=One-Click").await;
    assert_eq!(guess.status, 200);
}

#[tokio::test]
async fn no_get_changes_anything() {
    let hub = whole().await;
    let root = hub.admin("root").await;
    hub.settle().await;
    let before = journal::query::last(&hub.hub.store.read()).await.expect("the journal");
    for route in routes(&hub) {
        root.get(&at(&route)).await;
    }
    hub.settle().await;
    let after = journal::query::last(&hub.hub.store.read()).await.expect("the journal");
    assert_eq!(before, after);
}
