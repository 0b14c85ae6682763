//! Forms that may carry files.

use axum::body::Body;
use axum::extract::multipart::{Field, MultipartError};
use axum::extract::{FromRequest, FromRequestParts, Multipart, Request};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use http::request::Parts;

use crate::doled::{Pace, doled};
use crate::form::{self, Fields, refuse_ahead};
use crate::kept::{Kept, Typed};
use crate::{Allowance, Error, Page, Result};

/// The largest form with files, bytes.
pub const LARGEST: usize = 50 << 20;
/// The most files of one form.
const MOST_FILES: usize = 50;
/// The most of a form that is heard, with what is thrown away of one that is too large, bytes.
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
            take(&parts, body).await?
        } else {
            let (fields, fault) = form::take(&parts, body).await?;
            (Self { fields, files: vec![] }, fault)
        };
        if let Some(fault) = fault {
            Kept::keep(&parts, || submission.typed());
            return Err(fault);
        }
        let files = submission.files.iter().map(|file| (file.field.clone(), file.name.clone()));
        Kept::keep(&parts, || Typed { fields: submission.fields.0.clone(), files: files.collect() });
        submission.fields.check(&page)?;
        Ok(submission)
    }
}

impl Submission {
    pub(crate) fn typed(self) -> Typed {
        let files = self.files.into_iter().map(|file| (file.field, file.name)).collect();
        Typed { fields: self.fields.0, files }
    }
}

pub(crate) fn is_multipart(parts: &Parts) -> bool {
    let kind = parts.headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|value| value.starts_with("multipart/form-data"))
}

/// Reads a form with files. Of one that is too large the texts are kept and the files thrown away as they come, so that
/// the browser, which hears nothing before it has sent everything, hears the refusal and has its texts back.
pub(crate) async fn take(parts: &Parts, body: Body) -> Result<(Submission, Option<Error>)> {
    Allowance::raise(parts, 2 * DRAINED);
    let (body, pace) = doled(body, DRAINED);
    let multipart = Multipart::from_request(Request::from_parts(parts.clone(), body), &()).await;
    let mut multipart = multipart.map_err(|error| Error::Refused(error.body_text()))?;
    let mut taking = Taking { submission: Submission::default(), parts: 0, texts: 0, files: 0, fault: None, pace };
    loop {
        let read = match multipart.next_field().await {
            Ok(None) => break,
            Ok(Some(field)) => taking.field(field).await,
            Err(error) => Err(taking.broken(&error)),
        };
        if let Err(error) = read {
            taking.fault.get_or_insert(error);
            break;
        }
    }
    Ok((taking.submission, taking.fault))
}

struct Taking {
    submission: Submission,
    parts: usize,
    /// Bytes of texts, with the names of all parts, and of files so far.
    texts: usize,
    files: usize,
    fault: Option<Error>,
    pace: Pace,
}

impl Taking {
    async fn field(&mut self, mut field: Field<'_>) -> Result<()> {
        self.pace.found();
        self.parts += 1;
        if self.parts > form::MOST_FIELDS {
            return Err(form::too_many());
        }
        let name = field.name().unwrap_or_default().to_owned();
        let file_name = field.file_name().map(str::to_owned);
        let content_type = field.content_type().unwrap_or("application/octet-stream").to_owned();
        self.texts += name.len() + file_name.as_ref().map_or(0, String::len) + content_type.len();
        if self.texts > 2 * form::SALVAGED {
            return Err(too_large());
        }
        let bytes = self.content(&mut field, file_name.is_some()).await?;
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

    /// What a part holds; nothing where it is too much, which is a fault.
    async fn content(&mut self, field: &mut Field<'_>, is_file: bool) -> Result<Vec<u8>> {
        let (mut bytes, mut fits) = (vec![], true);
        while let Some(chunk) = field.chunk().await.map_err(|error| self.broken(&error))? {
            self.pace.found();
            let (sum, most) = if is_file { (&mut self.files, LARGEST) } else { (&mut self.texts, form::SALVAGED) };
            fits = fits && *sum + chunk.len() <= most;
            if fits {
                *sum += chunk.len();
                bytes.extend_from_slice(&chunk);
            } else {
                self.fault.get_or_insert_with(too_large);
                bytes = vec![];
            }
        }
        Ok(bytes)
    }

    fn broken(&self, error: &MultipartError) -> Error {
        if self.pace.is_lost() {
            Error::TooLarge("A part of the form begins with more than 256 KB that say nothing.".into())
        } else if self.pace.all() > DRAINED || error.status() == StatusCode::PAYLOAD_TOO_LARGE {
            too_large()
        } else {
            Error::Refused("The form broke off before all of it had come.".into())
        }
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
