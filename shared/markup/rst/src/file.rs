//! The files that a text names: who gives them, and how their bytes are read ("reStructuredText Directives", option
//! `encoding` of "include", "raw" and "csv-table").

/// Gives the parser the files that `include`, `literalinclude`, `csv-table`, `graphviz` and `raw` name. The crate reads
/// none.
///
/// ```
/// use guildhall_rst::{File, Files, Options, parse};
///
/// /// A tree of one file.
/// struct Tree;
///
/// impl Files for Tree {
///     fn read(&self, path: &str, _from: &str, _encoding: Option<&str>) -> Result<File, String> {
///         match path {
///             "words.txt" => Ok(File { path: path.to_owned(), text: "*Hello*\n".to_owned() }),
///             _ => Err(format!("There is no file \"{path}\".")),
///         }
///     }
/// }
///
/// let doc = parse(".. include:: words.txt\n", &Options { files: &Tree, ..Options::new("a.rst") });
/// assert_eq!(doc.text_of(doc.root()), "Hello");
/// ```
pub trait Files {
    /// The text of `path`, named in the file `from`, decoded as `encoding` says (UTF-8 when it says nothing). The
    /// implementation keeps it inside its tree; the error is a clear sentence for the author. A path in angle
    /// brackets names one of docutils' standard files of substitutions.
    fn read(&self, path: &str, from: &str, encoding: Option<&str>) -> Result<File, String>;
}

/// A file that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File {
    /// The name shown in messages, and compared to find circles of includes.
    pub path: String,
    /// Its text.
    pub text: String,
}

impl File {
    /// A file of these bytes, read in the encoding that the directive names: `utf-8` when it names none, `ascii`,
    /// `latin-1`, `utf-16`. The error is a clear sentence for the author: the bytes are not in that encoding, or it is
    /// one that is not read here.
    ///
    /// ```
    /// use guildhall_rst::File;
    /// let file = File::decoded("words.txt", b"caf\xe9", Some("latin-1")).unwrap();
    /// assert_eq!(file.text, "caf\u{e9}");
    /// assert!(File::decoded("words.txt", b"caf\xe9", None).is_err());
    /// ```
    pub fn decoded(path: &str, bytes: &[u8], encoding: Option<&str>) -> Result<File, String> {
        let encoding = encoding.unwrap_or("utf-8").to_ascii_lowercase().replace('_', "-");
        let text = match encoding.as_str() {
            "utf-8" | "utf8" | "utf-8-sig" => {
                let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
                std::str::from_utf8(bytes).ok().map(str::to_owned)
            }
            "ascii" | "us-ascii" => std::str::from_utf8(bytes).ok().filter(|text| text.is_ascii()).map(str::to_owned),
            "latin-1" | "latin1" | "iso-8859-1" => Some(bytes.iter().map(|byte| char::from(*byte)).collect()),
            "utf-16" | "utf16" => utf_16(bytes),
            _ => return Err(format!("The encoding \"{encoding}\" is not read here; save the file as UTF-8: {path}")),
        };
        let text = text.ok_or_else(|| format!("The file is not in the encoding it should be in: {path}"))?;
        Ok(File { path: path.to_owned(), text })
    }
}

/// UTF-16 with a mark of its byte order, little-endian without one (RFC 2781 section 4.3 lets a system choose).
fn utf_16(bytes: &[u8]) -> Option<String> {
    let (little, bytes) = match bytes {
        [0xfe, 0xff, rest @ ..] => (false, rest),
        [0xff, 0xfe, rest @ ..] => (true, rest),
        rest => (true, rest),
    };
    let unit = |pair: &[u8]| match little {
        true => u16::from_le_bytes([pair[0], pair[1]]),
        false => u16::from_be_bytes([pair[0], pair[1]]),
    };
    let whole = bytes.len() % 2 == 0;
    let units: Vec<u16> = bytes.chunks_exact(2).map(unit).collect();
    String::from_utf16(&units).ok().filter(|_| whole)
}

/// No files at all.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoFiles;

impl Files for NoFiles {
    fn read(&self, path: &str, _from: &str, _encoding: Option<&str>) -> Result<File, String> {
        Err(format!("Files cannot be included here: \"{path}\"."))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_read_in_their_encoding() {
        let text = |bytes: &[u8], encoding: &str| File::decoded("f", bytes, Some(encoding)).ok().map(|file| file.text);
        for (bytes, encoding, want) in [
            (&b"\xef\xbb\xbfa"[..], "UTF-8", Some("a")),
            (b"\xe9", "iso_8859-1", Some("\u{e9}")),
            (b"\xfe\xff\x00a", "utf-16", Some("a")),
            (b"\xff\xfea\x00", "utf-16", Some("a")),
            (b"a\x00b", "utf-16", None),
            (b"\xe9", "ascii", None),
            (b"\xe9", "utf-8", None),
            (b"a", "cp437", None),
        ] {
            assert_eq!(text(bytes, encoding).as_deref(), want, "{bytes:?} as {encoding}");
        }
    }
}
