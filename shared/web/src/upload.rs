//! Forms that may carry files.

use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http::request::Parts;

use crate::form::{self, Fields, refuse_ahead};
use crate::kept::Kept;
use crate::{Error, Page, Result};

/// The largest form with files, bytes.
pub const LARGEST: usize = 50 << 20;
/// The most files of one form.
const MOST_FILES: usize = 50;
/// The most of a form that is too large that is heard to its end, bytes.
const DRAINED: usize = 1 << 30;

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
        refuse_ahead(&parts, LARGEST)?;
        let (submission, fault) = if is_multipart(&parts) {
            let asked = Request::from_parts(parts.clone(), body);
            let multipart = Multipart::from_request(asked, state).await;
            take(multipart.map_err(|error| Error::Refused(error.body_text()))?).await
        } else {
            let (fields, fault) = form::take(body).await?;
            (Self { fields, files: vec![] }, fault)
        };
        let files = submission.files.iter().map(|file| (file.field.clone(), file.name.clone()));
        Kept::keep(&parts, &submission.fields, files);
        fault.map_or(Ok(()), Err)?;
        submission.fields.check(&page)?;
        Ok(submission)
    }
}

pub(crate) fn is_multipart(parts: &Parts) -> bool {
    let kind = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|value| value.starts_with("multipart/form-data"))
}

/// Reads a form with files. Of one that is too large the texts are kept and the files thrown away as they come, so that
/// the browser, which hears nothing before it has sent everything, hears the refusal and has its texts back.
pub(crate) async fn take(mut multipart: Multipart) -> (Submission, Option<Error>) {
    let mut taking = Taking { submission: Submission::default(), texts: 0, files: 0, drained: 0, fault: None };
    loop {
        match multipart.next_field().await {
            Ok(None) => break,
            Ok(Some(field)) => {
                if let Err(error) = taking.field(field).await {
                    taking.fault.get_or_insert(error);
                    break;
                }
            }
            Err(error) => {
                taking.fault.get_or_insert_with(|| broken(&error));
                break;
            }
        }
    }
    (taking.submission, taking.fault)
}

struct Taking {
    submission: Submission,
    /// Bytes of texts and of files so far.
    texts: usize,
    files: usize,
    /// Bytes that were read and thrown away.
    drained: usize,
    fault: Option<Error>,
}

impl Taking {
    async fn field(&mut self, mut field: Field<'_>) -> Result<()> {
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(str::to_owned);
        let content_type = field.content_type().unwrap_or("application/octet-stream").to_owned();
        let mut bytes = vec![];
        while let Some(chunk) = field.chunk().await.map_err(|error| broken(&error))? {
            let (sum, most) =
                if file_name.is_some() { (&mut self.files, LARGEST) } else { (&mut self.texts, form::SALVAGED) };
            *sum += chunk.len();
            if *sum <= most {
                bytes.extend_from_slice(&chunk);
                continue;
            }
            self.drained += chunk.len();
            self.fault.get_or_insert_with(too_large);
            if self.drained > DRAINED {
                return Err(too_large());
            }
            bytes = vec![];
        }
        let Some(file_name) = file_name else {
            self.submission.fields.0.push((name, String::from_utf8_lossy(&bytes).replace('\0', "")));
            return Ok(());
        };
        if file_name.is_empty() && bytes.is_empty() {
            return Ok(());
        }
        if self.submission.files.len() == MOST_FILES {
            self.fault.get_or_insert(Error::Refused(format!("At most {MOST_FILES} files fit into one form.")));
            return Ok(());
        }
        let file_name = base_name(&file_name);
        self.submission.files.push(UploadedFile { field: name, name: file_name, content_type, bytes });
        Ok(())
    }
}

fn too_large() -> Error {
    Error::TooLarge(format!("The form with its files is larger than {} MB.", LARGEST >> 20))
}

/// The name of a file without folders and control characters; `file` when nothing is left. Browsers write a quote and
/// line ends in it as `%22`, `%0D` and `%0A` (HTML, multipart form data).
fn base_name(name: &str) -> String {
    let name = name.replace("%22", "\"").replace("%0D", "").replace("%0A", "");
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = last.chars().filter(|c| !c.is_control()).take(200).collect();
    if clean.trim_matches('.').is_empty() { "file".into() } else { clean }
}

fn broken(error: &MultipartError) -> Error {
    if error.status() == StatusCode::PAYLOAD_TOO_LARGE {
        too_large()
    } else {
        Error::Refused("The form broke off before all of it had come.".into())
    }
}

#[cfg(test)]
mod tests {
    use super::base_name;

    #[test]
    fn a_name_is_what_the_person_sees() {
        let quoted = r#"a "b".txt"#;
        for (sent, kept) in [
            ("a %22b%22.txt", quoted),
            (r"C:\x\y.txt", "y.txt"),
            ("../../etc/passwd", "passwd"),
            ("..", "file"),
            ("", "file"),
        ] {
            assert_eq!(base_name(sent), kept, "{sent}");
        }
        assert_eq!(base_name("50%25.txt"), "50%25.txt", "nothing else is decoded");
    }
}
