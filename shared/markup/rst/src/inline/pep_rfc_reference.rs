//! `PEP 8` and `RFC 822` in running text, when the caller asks for them (docutils: `pep_references`, `rfc_references`).

use super::Scan;
use super::standalone_hyperlink::Search;
use crate::parser::Parser;

impl<'a> Parser<'a> {
    /// Text in which PEPs and RFCs may be named.
    pub(super) fn numbered_text(&mut self, scan: &Scan<'_>, text: &str) {
        let (pep, rfc) = (self.options.pep_references, self.options.rfc_references);
        let mut rest = text;
        while !rest.is_empty() {
            let search = Search { text: rest, anywhere: scan.anywhere, message: false };
            let found = if pep || rfc { find_number(&search, pep, rfc) } else { None };
            let Some((begin, end, uri)) = found else { break };
            self.text_node(scan, &rest[..begin]);
            self.standalone_reference(scan, &rest[begin..end], uri);
            rest = &rest[end..];
        }
        self.text_node(scan, rest);
    }
}

/// The address of a PEP.
pub(crate) fn pep_uri(number: u32) -> String {
    format!("https://peps.python.org/pep-{number:04}")
}

/// The address of an RFC.
pub(crate) fn rfc_uri(number: u32) -> String {
    format!("https://tools.ietf.org/html/rfc{number}.html")
}

/// The first `PEP 8`, `pep-0008.txt` or `RFC 822`: where it stands and its address.
fn find_number(search: &Search<'_>, pep: bool, rfc: bool) -> Option<(usize, usize, String)> {
    let words: [(bool, &str, bool); 3] = [(pep, "PEP", true), (pep, "pep-", true), (rfc, "RFC", false)];
    let mut best: Option<(usize, usize, String)> = None;
    for (wanted, word, is_pep) in words {
        for (at, _) in search.text.match_indices(word).take_while(|_| wanted) {
            if !search.may_begin(at) {
                continue;
            }
            let rest = &search.text[at + word.len()..];
            let digits = match word {
                "PEP" => rest.trim_start(),
                "pep-" => rest,
                _ => rest.strip_prefix('-').unwrap_or_else(|| rest.trim_start()),
            };
            if word == "PEP" && digits.len() == rest.len() {
                continue;
            }
            let count = digits.bytes().take_while(u8::is_ascii_digit).count();
            let Ok(number) = digits[..count].parse::<u32>() else { continue };
            let mut end = search.text.len() - digits.len() + count;
            if word == "pep-" && search.text[end..].starts_with(".txt") && search.may_end(end + 4) {
                end += 4;
            }
            if !search.may_end(end) {
                continue;
            }
            if best.as_ref().is_none_or(|(begin, ..)| at < *begin) {
                best = Some((at, end, if is_pep { pep_uri(number) } else { rfc_uri(number) }));
            }
            break;
        }
    }
    best
}
