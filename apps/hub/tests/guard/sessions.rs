//! Sessions that somebody else planted, and what tells whether an account is there.

use axum::body::Body;
use http::{Request, header};
use testkit::{Browser, Reply, TestHub, form};

use super::{FORM, whole};

pub const PASSWORD: &str = "a quiet heron counts the tides";

/// The first administrator, ann, who has just set the hub up and is logged in.
pub async fn first_of(hub: &TestHub) -> Browser {
    let link = accounts::setup::link(&hub.hub).await.expect("a link");
    let token = link.split_once("token=").expect("a token").1.to_owned();
    let ann = hub.stranger();
    ann.get(&format!("/setup?token={token}")).await.expect(200);
    let fields =
        form! { token: token, name: "ann", display_name: "Ann", address: "ann@example.org", password: PASSWORD };
    ann.post("/setup", fields).await.expect(303);
    ann
}

/// A request of a browser with just these cookies.
async fn with_cookies(hub: &TestHub, path: &str, cookies: &str, body: Option<String>) -> Reply {
    let request = match &body {
        Some(_) => Request::post(path).header(header::CONTENT_TYPE, FORM),
        None => Request::get(path),
    };
    let request = request.header(header::COOKIE, cookies).header(header::ACCEPT, "text/html");
    hub.stranger().send(request.body(Body::from(body.unwrap_or_default())).expect("a request")).await
}

fn session_of(reply: &Reply) -> String {
    let lines = reply.headers.get_all(header::SET_COOKIE).iter().filter_map(|line| line.to_str().ok());
    let value = lines.filter_map(|line| line.strip_prefix("guildhall-session=")?.split(';').next()).next();
    value.expect("a session").to_owned()
}

#[tokio::test]
async fn a_session_that_was_planted_is_never_the_one_that_is_signed_in() {
    let hub = whole().await;
    first_of(&hub).await;
    let mallory = hub.user("mallory").await;
    mallory.get("/me").await.expect(200);
    // What mallory may plant: words of her own, and a visit whose token she knows.
    let planted = "guildhall-session=planted; guildhall-visit=planted";
    let token = web::csrf_token(&hub.hub.settings.secret, "planted");
    let fields = format!("name=ann&password={}&csrf={token}", web::urlpart(PASSWORD));
    let reply = with_cookies(&hub, "/login", planted, Some(fields)).await.expect(303);
    let session = session_of(&reply);
    assert_ne!(session, "planted");
    assert_eq!(with_cookies(&hub, "/me", "guildhall-session=planted", None).await.status, 303);
    let own = format!("guildhall-session={session}");
    with_cookies(&hub, "/me", &own, None).await.expect(200);
    // What she knew of the visit opens no form of the session.
    let both = format!("{own}; guildhall-visit=planted");
    let forged = with_cookies(&hub, "/me", &both, Some(format!("csrf={token}"))).await;
    assert_eq!(forged.status, 403);
    // Each login draws another word, and logging out ends it at the hub, not only in the browser.
    let own_token = web::csrf_token(&hub.hub.settings.secret, &session);
    with_cookies(&hub, "/logout", &own, Some(format!("csrf={own_token}"))).await.expect(303);
    assert_eq!(with_cookies(&hub, "/me", &own, None).await.status, 303);
}

/// What an answer says, without the name that was typed.
fn told(reply: &Reply, typed: &str) -> (u16, Vec<String>) {
    (reply.status.as_u16(), reply.select("main").into_iter().map(|text| text.replace(typed, "NAME")).collect())
}

#[tokio::test]
async fn no_form_tells_a_stranger_who_has_an_account() {
    let hub = whole().await;
    first_of(&hub).await;
    // What somebody sees for whom it went well, and what a wrong password gets.
    for (path, field, status, says) in [
        ("/login", "name", 422, "the name or the password is not right"),
        ("/reset", "who", 200, "mail"),
        ("/register", "address", 200, "mail"),
    ] {
        let mut answers = vec![];
        for who in ["ann@example.org", "zed@example.org"] {
            let mut fields = form! { password: "a wrong but long enough password" };
            fields.push((field.into(), who.into()));
            if path == "/register" {
                fields.extend([("name".into(), "fresh".into()), ("display_name".into(), "Fresh".into())]);
            }
            answers.push(told(&hub.stranger().post(path, fields).await, who));
        }
        assert_eq!(answers[0], answers[1], "{path} answers a known address otherwise than an unknown one");
        // Not that the form was refused for something else.
        let (of, text) = (answers[0].0, answers[0].1.join(" "));
        assert!(of == status && text.to_lowercase().contains(says), "{path}: {of} {text}");
        assert!(!text.contains("too old or comes from another place"), "{path}: {text}");
    }
}
