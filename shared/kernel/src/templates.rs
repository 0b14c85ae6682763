//! Templates: tera over the theme, with the filters that pages and mails share.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use tera::{Context, Kwargs, State, Tera};

use store::Clock;

use crate::Theme;

/// A template that does not load or does not render, with tera's own report of where.
#[derive(Debug, thiserror::Error)]
#[error("The template {name} does not render: {report}")]
pub struct TemplateError {
    pub name: String,
    pub report: String,
}

/// The templates of the theme, checked when loaded. Cheap to clone.
#[derive(Clone)]
pub struct Templates {
    tera: Arc<Tera>,
    theme: Theme,
    /// What was rendered, while somebody wants to know.
    rendered: Arc<Mutex<Option<Vec<Rendered>>>>,
}

/// A template and what it was rendered with.
pub type Rendered = (String, Context);

impl Templates {
    /// Loads every template of the theme; a template that names an unknown filter or include is an error here.
    pub fn load(theme: Theme, clock: Clock) -> Result<Self, TemplateError> {
        let mut tera = Tera::new();
        tera.autoescape_on([".html", ".xml", ".svg"]);
        register(&mut tera, &theme, clock);
        let templates = theme.templates().iter().map(|(name, text)| (name.clone(), text.clone()));
        tera.add_raw_templates(templates)
            .map_err(|error| TemplateError { name: "theme".into(), report: report(&error) })?;
        Ok(Self { tera: Arc::new(tera), theme, rendered: Arc::default() })
    }

    /// Renders the template `name`; `.html` escapes what it is given, `.txt` does not.
    pub fn render(&self, name: &str, context: &Context) -> Result<String, TemplateError> {
        if let Some(rendered) = &mut *self.rendered.lock().unwrap_or_else(PoisonError::into_inner) {
            rendered.push((name.to_owned(), context.clone()));
        }
        self.tera.render(name, context).map_err(|error| TemplateError { name: name.into(), report: report(&error) })
    }

    /// Writes down whatever is rendered from now on, until [`Self::recorded`]: the bench renders it alone.
    pub fn record(&self) {
        *self.rendered.lock().unwrap_or_else(PoisonError::into_inner) = Some(vec![]);
    }

    /// What was rendered since [`Self::record`], in order.
    pub fn recorded(&self) -> Vec<Rendered> {
        self.rendered.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or_default()
    }

    /// The static files that templates name.
    pub fn theme(&self) -> &Theme {
        &self.theme
    }

    /// The names of all templates.
    pub fn names(&self) -> Vec<String> {
        self.theme.templates().keys().cloned().collect()
    }
}

fn report(error: &tera::Error) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text.push_str(&format!(": {cause}"));
        source = cause.source();
    }
    text
}

fn register(tera: &mut Tera, theme: &Theme, clock: Clock) {
    let assets = theme.clone();
    tera.register_function("asset", move |args: Kwargs, _: &State| -> tera::TeraResult<String> {
        Ok(assets.asset_url(args.must_get::<&str>("name")?))
    });
    tera.register_filter("exact", |value: &str, _: Kwargs, _: &State| parse(value).map_or(value.into(), exact));
    tera.register_filter("day", |value: &str, _: Kwargs, _: &State| {
        parse(value).map_or_else(|| value.to_owned(), |at| at.format("%Y-%m-%d").to_string())
    });
    tera.register_filter("ago", move |value: &str, _: Kwargs, _: &State| {
        parse(value).map_or_else(|| value.to_owned(), |at| ago(at, clock.now()))
    });
    tera.register_filter("bytes", |value: i64, _: Kwargs, _: &State| bytes(value));
    tera.register_filter("urlpart", |value: &str, _: Kwargs, _: &State| urlpart(value));
    tera.register_filter("query", |value: &str, args: Kwargs, _: &State| -> tera::TeraResult<String> {
        let to = args.get::<tera::Value>("value")?.filter(|to| !to.is_none()).map(|to| to.to_string());
        Ok(query(value, args.must_get::<&str>("name")?, to.as_deref().unwrap_or_default()))
    });
    tera.register_filter("hue", |value: &str, _: Kwargs, _: &State| hue(value));
}

fn parse(text: &str) -> Option<DateTime<Utc>> {
    DateTime::parse_from_rfc3339(text).ok().map(|at| at.to_utc())
}

/// A time as pages and mails show it: `2026-11-21 14:03 UTC`.
pub fn exact(at: DateTime<Utc>) -> String {
    at.format("%Y-%m-%d %H:%M UTC").to_string()
}

/// How long ago: `now`, `5 min`, `3 h`, `2 days`, `4 months`, `2 years`.
pub fn ago(at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let plural = |n: i64, unit: &str| format!("{n} {unit}{}", if n == 1 { "" } else { "s" });
    match (now - at).num_minutes() {
        ..=0 => "now".into(),
        minutes @ 1..60 => format!("{minutes} min"),
        minutes @ 60..1440 => format!("{} h", minutes / 60),
        minutes @ 1440..86_400 => plural(minutes / 1440, "day"),
        minutes @ 86_400..1_051_200 => plural(minutes / 43_800, "month"),
        minutes => plural(minutes / 525_600, "year"),
    }
}

fn bytes(count: i64) -> String {
    match count {
        ..1_000 => format!("{count} B"),
        1_000..1_000_000 => format!("{:.1} kB", count as f64 / 1e3),
        1_000_000..1_000_000_000 => format!("{:.1} MB", count as f64 / 1e6),
        _ => format!("{:.1} GB", count as f64 / 1e9),
    }
}

/// Percent-encodes everything but RFC 3986's unreserved characters.
fn urlpart(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// The URL with `name` set to `to` in its query, everything else kept; an empty `to` takes `name` out.
fn query(url: &str, name: &str, to: &str) -> String {
    let (path, old) = url.split_once('?').unwrap_or((url, ""));
    let name = urlpart(name);
    let others = old.split('&').filter(|pair| !pair.is_empty() && pair.split('=').next() != Some(&name));
    let mut pairs: Vec<String> = others.map(str::to_owned).collect();
    if !to.is_empty() {
        pairs.push(format!("{name}={}", urlpart(to)));
    }
    if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
}

/// One of the theme's twelve colours for a name, the same on every page (FNV-1a).
fn hue(text: &str) -> i64 {
    let hash = text
        .to_lowercase()
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    i64::from((hash >> 8) % 12)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_read_as_people_say_them() {
        let now = parse("2026-11-21T12:00:00Z").expect("a time");
        for (then, said) in [
            ("2026-11-21T11:59:40Z", "now"),
            ("2026-11-21T11:30:00Z", "30 min"),
            ("2026-11-21T07:30:00Z", "4 h"),
            ("2026-11-20T11:00:00Z", "1 day"),
            ("2026-05-20T11:00:00Z", "6 months"),
            ("2023-05-20T11:00:00Z", "3 years"),
        ] {
            assert_eq!(ago(parse(then).expect("a time"), now), said);
        }
    }

    #[test]
    fn a_query_keeps_what_it_does_not_set() {
        for (url, to, then) in [
            ("/issues/", "2", "/issues/?page=2"),
            ("/issues/?state=open&page=2&sort=-id", "3", "/issues/?state=open&sort=-id&page=3"),
            ("/issues/?page=2", "", "/issues/"),
            ("/search?q=a%26b", "a b", "/search?q=a%26b&page=a%20b"),
        ] {
            assert_eq!(query(url, "page", to), then);
        }
        assert_eq!(hue("Ann"), hue("ann"));
        assert!((0..12).contains(&hue("")));
    }

    #[test]
    fn url_parts_survive_any_text() {
        assert_eq!(urlpart("a/b@c +é"), "a%2Fb%40c%20%2B%C3%A9");
    }
}
