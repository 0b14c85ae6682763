//! What must hold whatever a browser, or whoever says to be one, sends: a target of `ops/fuzz`.

use axum::body::Body;
use html5ever::tokenizer::{TagKind, Token};
use http::header::{CONTENT_TYPE, COOKIE, HeaderValue};
use http::{HeaderMap, Request};

use crate::{form, refill, upload};

thread_local! {
    static RUNTIME: Option<tokio::runtime::Runtime> = tokio::runtime::Builder::new_current_thread().build().ok();
}

/// A form as most are sent: what was read says the same when it is sent again.
pub fn form(data: &[u8]) {
    let Ok(fields) = form::decode(data) else { return };
    assert!(fields.0.iter().all(|(name, value)| !name.contains('\0') && !value.contains('\0')), "{fields:?}");
    let Ok(again) = serde_html_form::to_string(&fields.0) else { panic!("{fields:?} cannot be written") };
    let read = form::decode(again.as_bytes()).map(|fields| fields.0).ok();
    assert_eq!(read.as_ref(), Some(&fields.0), "{again}");
}

/// A form with files, between boundaries that are `x`: within what was sent, and no name leads out of a folder.
pub fn multipart(data: &[u8]) {
    let body = Body::from(data.to_vec());
    let request = Request::post("/").header(CONTENT_TYPE, "multipart/form-data; boundary=x").body(body);
    let taken = RUNTIME.with(|runtime| {
        let (runtime, request) = (runtime.as_ref()?, request.ok()?);
        let (parts, body) = request.into_parts();
        runtime.block_on(upload::take(&parts, body)).ok()
    });
    let Some((submission, _)) = taken else { return };
    let texts: usize = submission.fields.0.iter().map(|(_, value)| value.len()).sum();
    let files: usize = submission.files.iter().map(|file| file.bytes.len()).sum();
    // A byte that is no text becomes a letter of three.
    assert!(texts <= 3 * data.len() && files <= data.len(), "{texts} and {files} bytes of {}", data.len());
    for file in &submission.files {
        let odd = |c: char| c.is_control() || matches!(c, '/' | '\\');
        assert!(!file.name.contains(odd) && !file.name.trim_matches('.').is_empty(), "{:?}", file.name);
    }
}

/// Cookies: one is what stands behind its own whole name.
pub fn cookies(data: &[u8]) {
    let Ok(line) = HeaderValue::from_bytes(data) else { return };
    let headers = HeaderMap::from_iter([(COOKIE, line)]);
    let text = String::from_utf8_lossy(data);
    for wanted in ["guildhall-session", "guildhall-visit", "__Host-session"] {
        if let Some(value) = crate::cookie::named(&headers, wanted) {
            assert!(text.contains(&format!("{wanted}={value}")) && !value.contains(';'), "{wanted} is {value:?}");
        }
    }
}

/// A page filled with what was typed has the elements that it had, whatever both say.
pub fn refill(page: &str, typed: &str) {
    let mut fields = vec![("csrf".to_owned(), "typed".to_owned())];
    fields.extend(
        typed
            .split('\n')
            .filter_map(|line| line.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    let Some(filled) = refill::refill(page, "/here", "/here", &fields, "") else { return };
    assert_eq!(elements(page), elements(&filled), "{page:?} became {filled:?}");
    assert!(filled.len() <= 200 + 12 * (page.len() + typed.len()), "{} bytes of {}", filled.len(), page.len());
}

/// The names of the tags of a page, in their order.
fn elements(page: &str) -> Vec<(bool, String)> {
    let tags = refill::tokens(page)
        .into_iter()
        .filter_map(|token| if let Token::TagToken(tag) = token { Some(tag) } else { None });
    tags.map(|tag| (tag.kind == TagKind::StartTag, tag.name.to_string())).collect()
}
