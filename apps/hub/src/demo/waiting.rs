//! What a browser is shown while the year is being written: how far it is, and the pages of what is there already.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, StatusCode, header};
use jobs::Stop;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower::ServiceExt;

use super::rewrite;

/// A web server that says how far the filling is.
pub struct Waiting {
    percent: Arc<AtomicU32>,
    stop: Stop,
    served: JoinHandle<std::io::Result<()>>,
}

#[derive(Clone)]
struct Shown {
    /// Safe HTML.
    name: Arc<str>,
    percent: Arc<AtomicU32>,
    /// The pages of the hub that is being filled.
    hub: Router,
}

impl Waiting {
    /// Answers everything on this listener; `hub` has the pages of the hub that is being filled.
    pub fn serve(listener: TcpListener, name: &str, hub: Router) -> Self {
        let (percent, stop) = (Arc::new(AtomicU32::new(0)), Stop::new());
        let shown = Shown { name: markup::escape(name).into(), percent: percent.clone(), hub };
        let app = Router::new().fallback(answer).with_state(shown);
        let app = app.into_make_service_with_connect_info::<SocketAddr>();
        let stopping = stop.clone();
        let served = axum::serve(listener, app).with_graceful_shutdown(async move { stopping.cancelled().await });
        Self { percent, stop, served: tokio::spawn(served.into_future()) }
    }

    /// How far it is, from 0 to 1.
    pub fn tell(&self, part: f64) {
        self.percent.store((part * 100.0) as u32, Ordering::Relaxed);
    }

    /// Takes no more visitors.
    pub async fn end(self) -> anyhow::Result<()> {
        self.stop.cancel();
        Ok(self.served.await??)
    }
}

/// The page of what is there already; how far it is where there is none yet, or where somebody wants to do something.
/// Connections end with each answer, so that the hub gets the next.
async fn answer(State(shown): State<Shown>, mut request: Request) -> Response {
    let looks = matches!(*request.method(), Method::GET | Method::HEAD);
    let percent = shown.percent.load(Ordering::Relaxed);
    if !looks || matches!(request.uri().path(), "/" | "/live" | "/login" | "/register") {
        return page(&shown.name, percent);
    }
    request.headers_mut().remove(header::ACCEPT_ENCODING);
    let Ok(response) = shown.hub.clone().oneshot(request).await;
    if !response.status().is_success() && !response.status().is_redirection() {
        return page(&shown.name, percent);
    }
    let mut response = rewrite::text(response, |page| with_word(page, &shown.name, percent)).await;
    response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
    response
}

/// A page that says that it is not all.
fn with_word(page: String, name: &str, percent: u32) -> String {
    let Some(begin) = page.find("<main").and_then(|main| Some(main + page[main..].find('>')? + 1)) else { return page };
    let word = format!(
        "\n<div class=\"notice\" role=\"status\"><p>A year of {name} is being written; {percent} % of it is here. \
         Reload to see more. What you can do here you can do in a moment.</p></div>"
    );
    format!("{}{word}{}", &page[..begin], &page[begin..])
}

/// The page that stands alone and asks for itself again.
fn page(name: &str, percent: u32) -> Response {
    let text = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{name} is being written</title>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta http-equiv=\"refresh\" content=\"1\">\n\
         <style>:root {{ color-scheme: light dark; --accent: light-dark(oklch(0.47 0.13 255), oklch(0.77 0.104 255)) }} \
         body {{ margin: 0; font: 1rem/1.45 system-ui, sans-serif; color: light-dark(oklch(0.24 0.012 265), oklch(0.91 0.006 265)); \
         background: light-dark(oklch(0.99 0.002 95), oklch(0.185 0.008 265)) }} main {{ max-width: 34rem; margin: 18vh auto 0; padding: 0 20px }} \
         h1 {{ font-size: 1.625rem; line-height: 1.2; margin: 0 0 12px }} p {{ margin: 0 0 12px }} progress {{ width: 100%; accent-color: var(--accent) }} \
         nav a {{ margin-inline-start: 12px; color: var(--accent); white-space: nowrap }}</style></head>\n\
         <body><main><h1>A year of {name} is being written</h1>\n\
         <p>30 people file, answer, push and talk. This page becomes theirs in a moment.</p>\n\
         <p><progress max=\"100\" value=\"{percent}\" aria-label=\"How far it is\"></progress> {percent} %</p>\n\
         <nav aria-label=\"What is here already\"><p>Look at what is here already: \
         <a href=\"/activity\">Activity</a> <a href=\"/issues/\">Issues</a> <a href=\"/lists/\">Lists</a> \
         <a href=\"/commits/\">Commits</a> <a href=\"/chat/\">Chat</a></p></nav>\n\
         </main></body>\n</html>\n"
    );
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        (header::RETRY_AFTER, "1"),
        (header::CONNECTION, "close"),
    ];
    (StatusCode::SERVICE_UNAVAILABLE, headers, text).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_says_that_it_is_not_all() {
        let page = "<body><main id=\"content\">\nIssues</main>".to_owned();
        let said = with_word(page, "Papermoth", 43);
        assert!(said.starts_with("<body><main id=\"content\">\n<div class=\"notice\""), "{said}");
        assert!(said.contains("43 % of it") && said.ends_with("\nIssues</main>"), "{said}");
        assert_eq!(with_word("a,b\n".into(), "Papermoth", 43), "a,b\n");
    }
}
