//! Writes the gallery of the theme's components, and the error page, with their static files into a folder:
//! `cargo run -p guildhall-kernel --example gallery -- OUT [OVERLAY]`.

use std::path::{Path, PathBuf};

use guildhall_kernel::{Templates, Theme};
use serde_json::json;
use store::Clock;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut args = std::env::args().skip(1).map(PathBuf::from);
    let out = args.next().ok_or("Name the folder to write to.")?;
    let theme = Theme::load(args.next().as_deref())?;
    let templates = Templates::load(theme.clone(), Clock::by_hand("2026-11-21T12:00:00Z".parse()?))?;
    for (page, me) in [("gallery", true), ("error", false)] {
        let name = if page == "gallery" { "components/gallery.html" } else { "error.html" };
        let mut html = templates.render(name, &tera::Context::from_serialize(&shell(me))?)?;
        for name in ["icon.svg", "guildhall.css", "components.css", "reading.css", "prose.css", "accent.css"]
            .into_iter()
            .chain(["theme.js", "guildhall.js", "table.js", "compose.js", "live.js"])
        {
            html = html.replace(&theme.asset_url(name), &format!("static/{name}"));
            write(&out.join("static").join(name), &theme.asset(name).ok_or("A static file is missing.")?.bytes)?;
        }
        write(&out.join(format!("{page}.html")), html.as_bytes())?;
    }
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    std::fs::create_dir_all(path.parent().unwrap_or(Path::new(".")))?;
    std::fs::write(path, bytes)
}

/// What the shell of pages gives to every template.
fn shell(known: bool) -> serde_json::Value {
    json!({
        "site": { "name": "PyPy", "tagline": "A fast Python.", "url": "https://hub.example.org", "timezone": "UTC", "version": "0.1.0" },
        "menu": [
            { "label": "Issues", "url": "/issues/", "active": true }, { "label": "Lists", "url": "/lists/", "active": false },
            { "label": "Commits", "url": "/commits/", "active": false }, { "label": "Chat", "url": "/chat/", "active": false },
            { "label": "Activity", "url": "/activity", "active": false }, { "label": "Docs", "url": "/docs/", "active": false },
        ],
        "admin_menu": [{ "label": "People", "url": "/admin/people", "active": false }, { "label": "Mail queue", "url": "/admin/mail", "active": false }],
        "me": if known { json!({ "name": "ann", "display_name": "Ann Example", "url": "/people/ann", "is_admin": true }) } else { json!(null) },
        "csrf": "t0k3n", "path": "/docs/theming/gallery/", "here": "/issues/?sort=-activity", "now": "2026-11-21T12:00:00Z",
        "flash": null, "my_menu": [{ "label": "Settings", "url": "/me", "active": false }], "feed": "/issues/index.atom", "plain": null, "title": "Every part of a page",
        "status": 404, "headline": "There is no issue 4711 here",
        "text": "The newest issue is #413. Numbers are never given twice, so this one was never filed.",
        "mend": "If you followed a link, its author may have meant another tracker.",
    })
}
