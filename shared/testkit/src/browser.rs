//! A browser without a window: cookies, forms, redirects.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use http::{HeaderMap, Method, Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use kernel::Hub;
use people::{Actor, User};
use tower::ServiceExt;

/// Somebody at a browser. Clones share their cookies.
#[derive(Clone)]
pub struct Browser {
    pub(crate) router: Router,
    pub(crate) hub: Hub,
    pub(crate) user: Option<User>,
    pub(crate) cookies: Arc<Mutex<Vec<(String, String)>>>,
}

/// A file that a form carries.
pub struct UploadFile<'a> {
    pub field: &'a str,
    pub name: &'a str,
    pub content_type: &'a str,
    pub bytes: &'a [u8],
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Reply {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The text of every element that a CSS selector finds, blanks folded.
    pub fn select(&self, selector: &str) -> Vec<String> {
        let page = scraper::Html::parse_document(&self.text());
        let selector = scraper::Selector::parse(selector).expect("a CSS selector");
        let fold = |element: scraper::ElementRef<'_>| {
            element.text().collect::<String>().split_whitespace().collect::<Vec<_>>().join(" ")
        };
        page.select(&selector).map(fold).collect()
    }

    /// An attribute of every element that a CSS selector finds.
    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let page = scraper::Html::parse_document(&self.text());
        let selector = scraper::Selector::parse(selector).expect("a CSS selector");
        page.select(&selector).filter_map(|element| element.attr(name)).map(str::to_owned).collect()
    }

    /// Where a redirect leads.
    pub fn location(&self) -> String {
        let location = self.headers.get(header::LOCATION).expect("a redirect");
        location.to_str().expect("an ASCII location").to_owned()
    }

    /// The reply, which must have this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(
            self.status.as_u16(),
            status,
            "the answer was: {}",
            self.text().chars().take(2000).collect::<String>()
        );
        self
    }
}

impl Browser {
    /// The actor of the person at the browser, as it is at this moment.
    pub async fn actor(&self) -> Actor {
        match &self.user {
            Some(user) => people::user::actor(&self.hub.store.read(), user.id).await.expect("a user"),
            None => Actor::Anonymous,
        }
    }

    /// The user at the browser.
    pub fn user(&self) -> &User {
        self.user.as_ref().expect("somebody who has signed in")
    }

    /// The primary mail address of the user: `NAME@example.org`.
    pub fn email(&self) -> String {
        format!("{}@example.org", self.user().name)
    }

    /// Gets a page.
    pub async fn get(&self, path: &str) -> Reply {
        self.send(Request::get(path).header(header::ACCEPT, "text/html").body(Body::empty()).expect("a request")).await
    }

    /// Gets a page as a program that asks for `accept`.
    pub async fn get_as(&self, path: &str, accept: &str) -> Reply {
        self.send(Request::get(path).header(header::ACCEPT, accept).body(Body::empty()).expect("a request")).await
    }

    /// Posts a form with the visitor's CSRF token.
    pub async fn post(&self, path: &str, mut fields: Vec<(String, String)>) -> Reply {
        fields.push(("csrf".into(), self.csrf()));
        self.post_raw(path, &fields).await
    }

    /// Posts a form as it is, without a token of its own.
    pub async fn post_raw(&self, path: &str, fields: &[(String, String)]) -> Reply {
        let encoded: Vec<String> =
            fields.iter().map(|(name, value)| format!("{}={}", web::urlpart(name), web::urlpart(value))).collect();
        let request = Request::post(path)
            .header(header::ACCEPT, "text/html")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(encoded.join("&")));
        self.send(request.expect("a request")).await
    }

    /// Posts a form with files and the visitor's CSRF token.
    pub async fn upload(&self, path: &str, fields: Vec<(String, String)>, files: &[UploadFile<'_>]) -> Reply {
        const BOUNDARY: &str = "----test-boundary-7f3a";
        let mut body = Vec::new();
        let token = [("csrf".to_owned(), self.csrf())];
        for (name, value) in fields.iter().chain(&token) {
            body.extend(
                format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes(),
            );
        }
        for file in files {
            let head = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{}\"; filename=\"{}\"\r\nContent-Type: {}\r\n\r\n",
                file.field, file.name, file.content_type
            );
            body.extend(head.bytes());
            body.extend(file.bytes);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{BOUNDARY}--\r\n").bytes());
        let request = Request::post(path)
            .header(header::ACCEPT, "text/html")
            .header(header::CONTENT_TYPE, format!("multipart/form-data; boundary={BOUNDARY}"))
            .body(Body::from(body));
        self.send(request.expect("a request")).await
    }

    /// Follows a redirect.
    pub async fn follow(&self, reply: Reply) -> Reply {
        assert!(reply.status.is_redirection(), "no redirect but {}: {}", reply.status, reply.text());
        self.get(&reply.location()).await
    }

    /// Gets a page until at least so many bytes of it have come, and no more of it: a long one that is made while it is sent
    /// is then made no further.
    pub async fn get_start(&self, path: &str, bytes: usize) -> Reply {
        let response = self.answer(Request::get(path).body(Body::empty()).expect("a request")).await;
        let (parts, mut rest) = response.into_parts();
        let mut body = vec![];
        while body.len() < bytes
            && let Some(frame) = rest.frame().await
        {
            body.extend(frame.expect("a frame").into_data().unwrap_or_default());
        }
        Reply { status: parts.status, headers: parts.headers, body }
    }

    /// Sends any request, with the cookies of the browser.
    pub async fn send(&self, request: Request<Body>) -> Reply {
        let is_head = request.method() == Method::HEAD;
        let (parts, body) = self.answer(request).await.into_parts();
        let body = body.collect().await.expect("a whole body").to_bytes().to_vec();
        assert!(!is_head || body.is_empty(), "an answer to HEAD has no body");
        Reply { status: parts.status, headers: parts.headers, body }
    }

    async fn answer(&self, mut request: Request<Body>) -> Response<Body> {
        let cookies = self.cookies();
        if !cookies.is_empty() {
            let line: Vec<String> = cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
            request.headers_mut().insert(header::COOKIE, line.join("; ").parse().expect("a header"));
        }
        request.extensions_mut().insert(ConnectInfo(SocketAddr::from((Ipv4Addr::LOCALHOST, 40_000))));
        let response = self.router.clone().oneshot(request).await.expect("the router never fails");
        self.keep_cookies(response.headers());
        response
    }

    fn cookies(&self) -> Vec<(String, String)> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn keep_cookies(&self, headers: &HeaderMap) {
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        for line in headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok()) {
            let Some((name, value)) = line.split(';').next().and_then(|pair| pair.split_once('=')) else { continue };
            cookies.retain(|(known, _)| known != name);
            if !line.contains("Max-Age=0") {
                cookies.push((name.to_owned(), value.to_owned()));
            }
        }
    }

    /// The token that the forms of this visitor carry; a visitor without a cookie is given one.
    fn csrf(&self) -> String {
        let mut cookies = self.cookies.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |cookies: &[(String, String)], name: &str| {
            cookies.iter().find(|(known, _)| known.ends_with(name)).map(|(_, value)| value.clone())
        };
        let visitor = of(&cookies, "-session").or_else(|| of(&cookies, "-visit")).unwrap_or_else(|| {
            let drawn = web::session::draw_secret();
            cookies.push(("guildhall-visit".into(), drawn.clone()));
            drawn
        });
        web::csrf_token(&self.hub.settings.secret, &visitor)
    }
}
