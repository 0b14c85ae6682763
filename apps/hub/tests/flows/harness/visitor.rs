//! Somebody at a browser, over real HTTP.

use std::time::Duration;

use scraper::{Html, Selector};
use ureq::Agent;

/// How long a page may take in all: a hub that never answers fails the test that asks it.
const LONGEST: Duration = Duration::from_secs(180);

pub const PASSWORD: &str = "a quiet heron counts the tides";

/// A visitor with cookies. Clones share them.
#[derive(Clone)]
pub struct Visitor {
    base: String,
    agent: Agent,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub url: String,
    pub text: String,
}

impl Answer {
    /// The text of every element that a selector finds, blanks folded.
    pub fn select(&self, selector: &str) -> Vec<String> {
        let page = Html::parse_document(&self.text);
        let selector = Selector::parse(selector).expect("a selector");
        let fold = |text: String| text.split_whitespace().collect::<Vec<_>>().join(" ");
        page.select(&selector).map(|element| fold(element.text().collect())).collect()
    }

    /// An attribute of every element that a selector finds.
    pub fn attributes(&self, selector: &str, name: &str) -> Vec<String> {
        let page = Html::parse_document(&self.text);
        let selector = Selector::parse(selector).expect("a selector");
        page.select(&selector).filter_map(|element| element.attr(name)).map(str::to_owned).collect()
    }

    /// The answer, which must have this status.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{} answered: {}", self.url, self.text.chars().take(3000).collect::<String>());
        self
    }
}

impl Visitor {
    pub fn new(base: String) -> Self {
        let config = Agent::config_builder().http_status_as_error(false).max_redirects(5);
        let config = config.timeout_global(Some(LONGEST)).build();
        Self { base, agent: config.into() }
    }

    /// The same visitor, with the same cookies, at another hub.
    pub fn at(&self, hub: &super::Hub) -> Self {
        Self { base: format!("http://127.0.0.1:{}", hub.http), agent: self.agent.clone() }
    }

    /// The cookies, as a request carries them.
    pub fn cookie(&self) -> String {
        let jar = self.agent.cookie_jar_lock();
        jar.iter().map(|cookie| format!("{}={}", cookie.name(), cookie.value())).collect::<Vec<_>>().join("; ")
    }

    /// Gets a page, following redirects.
    pub fn get(&self, path: &str) -> Answer {
        let request = self.agent.get(format!("{}{path}", self.base)).header("Accept", "text/html");
        answer(path, request.call())
    }

    /// The bytes of something that is no page.
    pub fn bytes(&self, path: &str) -> Vec<u8> {
        let mut answer = self.agent.get(format!("{}{path}", self.base)).call().expect("an answer");
        assert_eq!(answer.status().as_u16(), 200, "{path}");
        answer.body_mut().read_to_vec().expect("its bytes")
    }

    /// Fills the form on `page` whose action is `action` (or its only form with a token) and sends it.
    #[track_caller]
    pub fn submit(&self, page: &str, action: &str, fields: &[(&str, &str)]) -> Answer {
        let tokens = self.get(page).expect(200).attributes("input[name=csrf]", "value");
        let token = tokens.first().unwrap_or_else(|| panic!("no form on {page}")).clone();
        let mut form: Vec<(&str, &str)> = fields.to_vec();
        form.push(("csrf", &token));
        self.post(action, &form)
    }

    /// Posts a form as it is.
    pub fn post(&self, path: &str, form: &[(&str, &str)]) -> Answer {
        let request = self.agent.post(format!("{}{path}", self.base)).header("Accept", "text/html");
        answer(path, request.send_form(form.iter().copied()))
    }

    /// Posts a form to a hub that may be gone; the status as it came, redirects not followed.
    pub fn try_post(&self, path: &str, form: &[(&str, &str)]) -> Option<u16> {
        let request = self.agent.post(format!("{}{path}", self.base)).header("Accept", "text/html");
        let request = request.config().max_redirects(0).max_redirects_will_error(false).build();
        request.send_form(form.iter().copied()).ok().map(|response| response.status().as_u16())
    }

    /// Posts any body.
    pub fn post_body(&self, path: &str, content_type: &str, body: &[u8]) -> Answer {
        let request = self.agent.post(format!("{}{path}", self.base)).header("Accept", "text/html");
        answer(path, request.header("Content-Type", content_type).send(body))
    }

    /// Puts a file to an issue (`/issues/1`), and gives its address.
    #[track_caller]
    pub fn attach(&self, issue: &str, name: &str, file: impl AsRef<[u8]>) -> String {
        let token = self.get(issue).expect(200).attributes("input[name=csrf]", "value").remove(0);
        let part = |name: &str, more: &str, value: &[u8]| {
            let head = format!("--cut\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n");
            [head.as_bytes(), value, b"\r\n"].concat()
        };
        let kind = format!("; filename=\"{name}\"\r\nContent-Type: application/octet-stream");
        let (token, message) = (part("csrf", "", token.as_bytes()), part("message", "", b"With a file."));
        let body = [token, message, part("files", &kind, file.as_ref()), b"--cut--\r\n".to_vec()].concat();
        self.post_body(issue, "multipart/form-data; boundary=cut", &body).expect(200);
        let links = self.get(issue).expect(200).attributes(&format!("a[href*='{name}']"), "href");
        links.first().cloned().expect("the file")
    }

    /// Signs in.
    #[track_caller]
    pub fn sign_in(&self, name: &str) {
        let answer = self.submit("/login", "/login", &[("name", name), ("password", PASSWORD)]);
        assert_eq!(answer.status, 200, "{}", answer.text);
        self.get("/me").expect(200);
    }
}

fn answer(path: &str, result: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Answer {
    let mut response = result.unwrap_or_else(|error| panic!("{path}: {error}"));
    let status = response.status().as_u16();
    let text = response.body_mut().with_config().limit(200 << 20).read_to_vec().expect("a body");
    Answer { status, url: path.to_owned(), text: String::from_utf8_lossy(&text).into_owned() }
}
