//! Forms that may carry files.

use axum::extract::multipart::MultipartError;
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use http::StatusCode;
use http::header::CONTENT_TYPE;

use crate::form::{Fields, decode, read, refuse_large};
use crate::{Error, Page, Result};

/// The largest form with files, bytes.
pub const LARGEST: usize = 50 << 20;
/// The most files of one form.
const MOST_FILES: usize = 50;

/// A file that came with a form.
#[derive(Clone, Debug)]
pub struct UploadedFile {
    /// The name of the field.
    pub field: String,
    /// The name of the file without any folders.
    pub name: String,
    pub content_type: String,
    pub bytes: Vec<u8>,
}

/// The fields and files of a form, `multipart/form-data` or not, after its token was found to be the visitor's.
#[derive(Clone, Debug, Default)]
pub struct Submission {
    pub fields: Fields,
    pub files: Vec<UploadedFile>,
}

impl<S: Send + Sync> FromRequest<S> for Submission {
    type Rejection = Error;

    async fn from_request(request: Request, state: &S) -> Result<Self> {
        let (mut parts, body) = request.into_parts();
        let page = Page::from_request_parts(&mut parts, state).await?;
        let body = refuse_large(&parts, body, LARGEST).await?;
        let is_multipart = parts
            .headers
            .get(CONTENT_TYPE)
            .and_then(|value| value.to_str().ok())
            .is_some_and(|value| value.starts_with("multipart/form-data"));
        let submission = if is_multipart {
            let limited = axum::body::Body::new(http_body_util::Limited::new(body, LARGEST));
            let multipart = Multipart::from_request(Request::from_parts(parts, limited), state).await;
            take(multipart.map_err(|error| Error::Refused(error.body_text()))?).await?
        } else {
            Self { fields: decode(&read(body).await?)?, files: vec![] }
        };
        submission.fields.check(&page)?;
        Ok(submission)
    }
}

async fn take(mut multipart: Multipart) -> Result<Submission> {
    let mut submission = Submission::default();
    while let Some(field) = multipart.next_field().await.map_err(broken)? {
        let name = field.name().unwrap_or_default().to_owned();
        let Some(file_name) = field.file_name().map(str::to_owned) else {
            let text = field.bytes().await.map_err(broken)?;
            submission.fields.0.push((name, String::from_utf8_lossy(&text).into_owned()));
            continue;
        };
        let content_type = field.content_type().unwrap_or("application/octet-stream").to_owned();
        let bytes = field.bytes().await.map_err(broken)?.to_vec();
        if file_name.is_empty() && bytes.is_empty() {
            continue;
        }
        if submission.files.len() == MOST_FILES {
            return Err(Error::Refused(format!("At most {MOST_FILES} files fit into one form.")));
        }
        let file_name = base_name(&file_name);
        submission.files.push(UploadedFile { field: name, name: file_name, content_type, bytes });
    }
    Ok(submission)
}

/// The name of a file without folders and control characters; `file` when nothing is left.
fn base_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !c.is_control()).take(200).collect();
    if clean.trim_matches('.').is_empty() { "file".into() } else { clean }
}

fn broken(error: MultipartError) -> Error {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE || format!("{error:?}").contains("LengthLimit") {
        Error::TooLarge(format!("The form with its files is larger than {} MB.", LARGEST >> 20))
    } else {
        Error::Refused("The form broke off before all of it had come.".into())
    }
}
