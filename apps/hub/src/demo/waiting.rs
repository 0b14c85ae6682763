//! What a browser is shown while the year is being written: how far it is, until the hub itself is there.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::response::{IntoResponse, Response};
use http::{StatusCode, header};
use jobs::Stop;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// A web server that says how far the filling is.
pub struct Waiting {
    percent: Arc<AtomicU32>,
    stop: Stop,
    served: JoinHandle<std::io::Result<()>>,
}

impl Waiting {
    /// Answers everything on this listener.
    pub fn serve(listener: TcpListener, name: &str) -> Self {
        let (percent, stop) = (Arc::new(AtomicU32::new(0)), Stop::new());
        let (done, stopping) = (percent.clone(), stop.clone());
        let name = markup::escape(name);
        let app = Router::new().fallback(move || {
            let page = page(&name, done.load(Ordering::Relaxed));
            async move { page }
        });
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

/// The page, which stands alone and asks for itself again; connections end with it, so that the hub gets the next.
fn page(name: &str, percent: u32) -> Response {
    let text = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head><meta charset=\"utf-8\"><title>{name} is being written</title>\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><meta http-equiv=\"refresh\" content=\"1\">\n\
         <style>:root {{ color-scheme: light dark }} body {{ font: 1rem/1.5 system-ui, sans-serif; max-width: 34rem; \
         margin: 18vh auto 0; padding: 0 20px }} progress {{ width: 100% }}</style></head>\n\
         <body><main><h1>A year of {name} is being written</h1>\n\
         <p>30 people file, answer, push and talk. This page becomes theirs in a moment.</p>\n\
         <p><progress max=\"100\" value=\"{percent}\" aria-label=\"How far it is\"></progress> {percent} %</p>\n\
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
