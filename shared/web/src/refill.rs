//! A page's form filled with what a person typed. Pure: pages in, pages out, by the tokens of HTML (html5ever).

use std::cell::RefCell;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts};
use html5ever::{Attribute, LocalName, QualName, ns};

use crate::csrf;

/// The page with its form that posts to `path` filled with `typed` and led by `notice` (HTML); nothing when it has no
/// such form. `here` is the path of the page, where a form without an action goes.
pub(crate) fn refill(page: &str, here: &str, path: &str, typed: &[(String, String)], notice: &str) -> Option<String> {
    let tokens = tokens(page);
    let number = choose(&tokens, here, path, typed)?;
    let mut filling = Filling { typed, used: vec![false; typed.len()], select: None, area: None };
    let (mut out, mut form, mut raw) = (String::with_capacity(page.len() + 1024), Forms::default(), false);
    for token in tokens {
        let Token::TagToken(mut tag) = token else {
            if !(filling.area.is_some() && matches!(token, Token::CharacterTokens(_))) {
                write(&mut out, &token, raw);
            }
            continue;
        };
        let opened = form.pass(&tag);
        let ours = form.owns(number, &tag);
        if ours {
            filling.fill(&mut tag);
        }
        raw = tag.kind == TagKind::StartTag && is_raw(&tag.name);
        if tag.kind == TagKind::EndTag
            && &*tag.name == "textarea"
            && let Some(text) = filling.area.take()
        {
            escape(&mut out, &text);
        }
        write(&mut out, &Token::TagToken(tag), raw);
        if opened == Some(number) {
            out.push_str(notice);
        }
        if ours && filling.area.is_some() {
            out.push('\n');
        }
    }
    Some(out)
}

/// Which form of the page it was: one that goes to `path`, with the same hidden values, and the most of the names.
fn choose(tokens: &[Token], here: &str, path: &str, typed: &[(String, String)]) -> Option<usize> {
    let mut forms = Forms::default();
    let mut scores: Vec<Option<i64>> = vec![];
    for token in tokens {
        let Token::TagToken(tag) = token else { continue };
        if forms.pass(tag).is_some() {
            let action = value(tag, "action").filter(|action| !action.is_empty()).unwrap_or(here);
            let to = action.split(['?', '#']).next().unwrap_or_default();
            let posts = value(tag, "method").is_some_and(|method| method.eq_ignore_ascii_case("post"));
            scores.push((posts && to == path).then_some(0));
            continue;
        }
        let (Some(number), Some(name)) = (forms.owner(tag), value(tag, "name")) else { continue };
        let Some(Some(score)) = scores.get_mut(number) else { continue };
        let came = typed.iter().any(|(field, _)| field == name);
        let hidden = value(tag, "type") == Some("hidden") && name != csrf::FIELD;
        let same = typed.iter().any(|(field, text)| field == name && Some(text.as_str()) == value(tag, "value"));
        *score += i64::from(came) + if hidden && !same { -1 } else { 0 };
    }
    let best = scores.iter().enumerate().filter_map(|(number, score)| score.map(|score| (score, number)));
    best.max_by_key(|(score, number)| (*score, std::cmp::Reverse(*number))).map(|(_, number)| number)
}

/// Which form of a page a tag belongs to.
#[derive(Default)]
struct Forms {
    ids: Vec<Option<String>>,
    inside: Option<usize>,
    /// Tags that name a form by its id before it came.
    count: usize,
}

impl Forms {
    /// Follows a tag; the number of the form that it opens.
    fn pass(&mut self, tag: &Tag) -> Option<usize> {
        if &*tag.name != "form" {
            return None;
        }
        if tag.kind == TagKind::EndTag {
            self.inside = None;
            return None;
        }
        let number = self.count;
        self.count += 1;
        self.ids.push(value(tag, "id").map(str::to_owned));
        self.inside = Some(number);
        Some(number)
    }

    fn owner(&self, tag: &Tag) -> Option<usize> {
        match value(tag, "form") {
            Some(id) => self.ids.iter().position(|known| known.as_deref() == Some(id)),
            None => self.inside,
        }
    }

    /// Whether a tag belongs to the form of that number.
    fn owns(&self, number: usize, tag: &Tag) -> bool {
        self.owner(tag) == Some(number)
    }
}

struct Filling<'a> {
    typed: &'a [(String, String)],
    /// Which of the texts stand in the page already; a name may come several times.
    used: Vec<bool>,
    /// The name of the open list of choices.
    select: Option<String>,
    /// The text of the open text area.
    area: Option<String>,
}

impl Filling<'_> {
    fn fill(&mut self, tag: &mut Tag) {
        let name = value(tag, "name").unwrap_or_default().to_owned();
        match (&*tag.name, tag.kind) {
            ("input", TagKind::StartTag) => self.fill_input(tag, &name),
            ("textarea", TagKind::StartTag) => self.area = self.next(&name),
            ("select", TagKind::StartTag) => self.select = self.came(&name).then_some(name),
            ("select", TagKind::EndTag) => self.select = None,
            ("option", TagKind::StartTag) => {
                if let Some(name) = self.select.clone() {
                    let chosen = self.holds(&name, value(tag, "value").unwrap_or_default());
                    mark(tag, "selected", chosen);
                }
            }
            _ => {}
        }
    }

    fn fill_input(&mut self, tag: &mut Tag, name: &str) {
        let kind = value(tag, "type").unwrap_or("text").to_ascii_lowercase();
        match kind.as_str() {
            "checkbox" | "radio" => {
                let chosen = self.holds(name, value(tag, "value").unwrap_or("on"));
                mark(tag, "checked", chosen);
            }
            "password" | "file" | "submit" | "button" | "image" | "reset" => {}
            _ if name == csrf::FIELD => {}
            _ => {
                if let Some(text) = self.next(name) {
                    set(tag, "value", &text);
                }
            }
        }
    }

    fn came(&self, name: &str) -> bool {
        self.typed.iter().any(|(field, _)| field == name)
    }

    fn holds(&self, name: &str, value: &str) -> bool {
        self.typed.iter().any(|(field, text)| field == name && text == value)
    }

    /// The next text of a name that has not been given back yet.
    fn next(&mut self, name: &str) -> Option<String> {
        let place = self.typed.iter().zip(&self.used).position(|((field, _), used)| field == name && !used)?;
        self.used[place] = true;
        Some(self.typed[place].1.clone())
    }
}

fn value<'a>(tag: &'a Tag, name: &str) -> Option<&'a str> {
    tag.attrs.iter().find(|attr| &*attr.name.local == name).map(|attr| &*attr.value)
}

fn set(tag: &mut Tag, name: &str, text: &str) {
    tag.attrs.retain(|attr| &*attr.name.local != name);
    let name = QualName::new(None, ns!(), LocalName::from(name));
    tag.attrs.push(Attribute { name, value: StrTendril::from_slice(text) });
}

fn mark(tag: &mut Tag, name: &str, is: bool) {
    tag.attrs.retain(|attr| &*attr.name.local != name);
    if is {
        set(tag, name, "");
    }
}

/// Whether what stands in an element is not HTML (HTML, 13.2.5: raw text and script data). What stands in `noscript` is
/// read as HTML here, as a browser without scripts does, and so it is written.
fn is_raw(name: &str) -> bool {
    matches!(name, "script" | "style" | "iframe" | "xmp" | "noembed" | "noframes")
}

/// The tokens of a page.
pub(crate) fn tokens(page: &str) -> Vec<Token> {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(page));
    let tokenizer = Tokenizer::new(Collected::default(), TokenizerOpts::default());
    // Feeding stops after each script, where a browser would run it.
    while !input.is_empty() {
        let _ = tokenizer.feed(&input);
    }
    tokenizer.end();
    tokenizer.sink.0.into_inner()
}

#[derive(Default)]
struct Collected(RefCell<Vec<Token>>);

impl TokenSink for Collected {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let next = match &token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => match &*tag.name {
                "script" => TokenSinkResult::RawData(RawKind::ScriptData),
                "textarea" | "title" => TokenSinkResult::RawData(RawKind::Rcdata),
                name if is_raw(name) => TokenSinkResult::RawData(RawKind::Rawtext),
                _ => TokenSinkResult::Continue,
            },
            _ => TokenSinkResult::Continue,
        };
        self.0.borrow_mut().push(token);
        next
    }
}

fn write(out: &mut String, token: &Token, raw: bool) {
    match token {
        Token::DoctypeToken(_) => out.push_str("<!doctype html>"),
        Token::TagToken(tag) => {
            out.push_str(if tag.kind == TagKind::StartTag { "<" } else { "</" });
            out.push_str(&tag.name);
            for attr in &tag.attrs {
                out.push(' ');
                if let Some(prefix) = &attr.name.prefix {
                    out.push_str(prefix);
                    out.push(':');
                }
                out.push_str(&attr.name.local);
                out.push_str("=\"");
                escape(out, &attr.value);
                out.push('"');
            }
            out.push_str(if tag.self_closing { "/>" } else { ">" });
        }
        Token::CharacterTokens(text) if raw => out.push_str(text),
        Token::CharacterTokens(text) => escape(out, text),
        Token::CommentToken(text) => {
            out.push_str("<!--");
            out.push_str(text);
            out.push_str("-->");
        }
        Token::NullCharacterToken | Token::EOFToken | Token::ParseError(_) => {}
    }
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{a0}' => out.push_str("&nbsp;"),
            c => out.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::refill;

    fn filled(page: &str, typed: &[(&str, &str)]) -> Option<String> {
        let typed: Vec<_> = typed.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
        refill(page, "/x", "/x", &typed, "<p>kept</p>")
    }

    #[test]
    fn every_kind_of_field_is_filled() {
        let page = "<!doctype html><script>a < b && c</script><title>A &amp; B</title><form method=\"post\">\
            <input name=csrf type=hidden value=fresh><input name=t value=old><textarea name=m>\nold</textarea>\
            <select name=s><option value=1 selected>One</option><option value=2>Two</option></select>\
            <input type=checkbox name=c value=a checked><input type=checkbox name=c value=b>\
            <input type=password name=p></form>";
        let typed = [("csrf", "stale"), ("t", "\"new\""), ("m", "a <b>\nc"), ("s", "2"), ("c", "b"), ("p", "secret")];
        let out = filled(page, &typed).expect("a form");
        for part in [
            "<script>a < b && c</script>",
            "<title>A &amp; B</title>",
            "<form method=\"post\"><p>kept</p>",
            "value=\"fresh\"",
            "name=\"t\" value=\"&quot;new&quot;\"",
            ">\na &lt;b&gt;\nc</textarea>",
            "<option value=\"1\">One",
            "<option value=\"2\" selected=\"\">Two",
            "name=\"c\" value=\"a\">",
            "name=\"c\" value=\"b\" checked=\"\">",
        ] {
            assert!(out.contains(part), "{part} is not in {out}");
        }
        assert!(!out.contains("secret") && !out.contains("stale"), "{out}");
    }

    #[test]
    fn it_is_the_form_that_was_sent_and_its_fields_elsewhere() {
        let page = "<form method=post action=/x><input type=hidden name=n value=1><input name=t></form>\
            <form method=post action=/x id=two><input type=hidden name=n value=2><input name=t></form>\
            <input name=far form=two><input name=far value=no>";
        let out = filled(page, &[("n", "2"), ("t", "here"), ("far", "there")]).expect("a form");
        assert!(out.contains("id=\"two\"><p>kept</p>"), "{out}");
        assert_eq!(out.matches("here\"").count(), 2, "{out}");
        assert!(out.contains("form=\"two\" value=\"there\""), "{out}");
    }

    #[test]
    fn a_page_without_that_form_is_not_filled() {
        assert_eq!(filled("<form action=/y method=post><input name=t></form>", &[("t", "x")]), None);
        assert_eq!(filled("<form action=/x><input name=t></form>", &[("t", "x")]), None);
    }
}
