//! What the theme promises: contrast, weight, no inline style or script, and a gallery that shows every part.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test that cannot go on stops")]

use std::collections::BTreeMap;
use std::io::Write;

use guildhall_kernel::Theme;

type Colour = (f64, f64, f64);

fn theme() -> Theme {
    Theme::load(None).expect("the built-in theme is there")
}

fn asset(theme: &Theme, name: &str) -> String {
    String::from_utf8(theme.asset(name).expect(name).bytes.to_vec()).expect("static text is UTF-8")
}

/// `--name: light-dark(oklch(..), oklch(..))` of a style sheet, with the project's hue in place.
fn tokens(css: &str, hue: f64) -> BTreeMap<String, [Colour; 2]> {
    css.split([';', '{'])
        .filter_map(|piece| piece.trim().strip_prefix("--")?.split_once(": "))
        .filter_map(|(name, value)| {
            let sides: Vec<Colour> =
                value.split("oklch(").skip(1).map(|rest| colour(rest, hue).expect(value)).collect();
            let light = *sides.first()?;
            Some((name.to_owned(), [light, *sides.get(1).unwrap_or(&light)]))
        })
        .collect()
}

fn colour(text: &str, hue: f64) -> Option<Colour> {
    let plain = text
        .replace("calc(var(--accent-chroma) * 0.8)", "0.104")
        .replace("calc(var(--accent-chroma) * 0.7)", "0.091")
        .replace("var(--accent-chroma)", "0.13")
        .replace("var(--accent-hue)", &hue.to_string());
    let mut numbers = plain.split(')').next()?.split_whitespace().map(str::parse::<f64>);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// Relative luminance (WCAG 2.2) of an OKLCH colour, clipped to sRGB.
fn luminance((lightness, chroma, hue): Colour) -> f64 {
    let (a, b) = (chroma * hue.to_radians().cos(), chroma * hue.to_radians().sin());
    let l = (lightness + 0.396_337_777_4 * a + 0.215_803_757_3 * b).powi(3);
    let m = (lightness - 0.105_561_345_8 * a - 0.063_854_172_8 * b).powi(3);
    let s = (lightness - 0.089_484_177_5 * a - 1.291_485_548 * b).powi(3);
    let red = 4.076_741_662_1 * l - 3.307_711_591_3 * m + 0.230_969_929_2 * s;
    let green = -1.268_438_004_6 * l + 2.609_757_401_1 * m - 0.341_319_396_5 * s;
    let blue = -0.004_196_086_3 * l - 0.703_418_614_7 * m + 1.707_614_701 * s;
    0.2126 * red.clamp(0.0, 1.0) + 0.7152 * green.clamp(0.0, 1.0) + 0.0722 * blue.clamp(0.0, 1.0)
}

fn contrast(one: Colour, other: Colour) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn text_and_lines_can_be_read_in_light_and_dark_with_any_accent() {
    let theme = theme();
    let mut faint = Vec::new();
    for hue in (0..360).step_by(15) {
        let tokens = tokens(&asset(&theme, "guildhall.css"), f64::from(hue));
        let mut check = |text: &str, ground: &str, least: f64| {
            for (side, word) in ["light", "dark"].iter().enumerate() {
                let found = contrast(tokens[text][side], tokens[ground][side]);
                if found < least {
                    faint.push(format!("{text} on {ground}, {word}, accent {hue}: {found:.2}"));
                }
            }
        };
        for ground in ["paper", "paper-raised", "paper-sunk", "paper-float", "accent-wash"] {
            for text in
                ["ink", "ink-soft", "ink-faint", "accent", "accent-strong", "open", "waiting", "done", "danger", "note"]
            {
                check(text, ground, 4.5);
            }
        }
        for meaning in ["open", "waiting", "done", "danger", "note"] {
            let wash = format!("{meaning}-wash");
            for text in [meaning, "ink", "ink-soft"] {
                check(text, &wash, 4.5);
            }
        }
        // Highlighted code stands on the grounds of added and removed lines.
        for ground in ["open-wash", "danger-wash"] {
            for text in ["ink-faint", "open", "waiting", "done", "danger", "note"] {
                check(text, ground, 4.5);
            }
        }
        check("ink", "mark", 4.5);
        check("on-accent", "accent-fill", 4.5);
        check("on-accent", "accent-fill-over", 4.5);
        for ground in ["paper", "paper-raised", "paper-float"] {
            check("line-strong", ground, 3.0);
            check("focus", ground, 3.0);
        }
    }
    assert!(faint.is_empty(), "{}", faint.join("\n"));
}

#[test]
fn names_in_twelve_colours_can_be_read() {
    let theme = theme();
    let grounds = tokens(&asset(&theme, "guildhall.css"), 255.0);
    let css = asset(&theme, "components.css");
    let hues: Vec<_> = css.lines().filter(|line| line.trim_start().starts_with(".hue-")).collect();
    assert_eq!(hues.len(), 12);
    for line in hues {
        let pair = tokens(line, 255.0)["hue"];
        for ground in ["paper", "paper-raised"] {
            for side in [0, 1] {
                let found = contrast(pair[side], grounds[ground][side]);
                assert!(found >= 4.5, "{line} on {ground}: {found:.2}");
            }
        }
    }
}

#[test]
fn style_and_script_of_a_page_weigh_less_than_twenty_kilobytes() {
    let theme = theme();
    let mut zip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    for name in named_by_base(&theme) {
        zip.write_all(&theme.asset(&name).expect(&name).bytes).expect("memory takes it");
    }
    let weight = zip.finish().expect("memory takes it").len();
    assert!(weight < 20_000, "{weight} bytes");
}

fn named_by_base(theme: &Theme) -> Vec<String> {
    let names = theme.templates()["base.html"].split("asset(name=\"").skip(1);
    names.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

#[test]
fn no_template_carries_style_or_script_or_calls_another_host() {
    for (name, text) in theme().templates().iter().filter(|(name, _)| name.ends_with(".html")) {
        let text = text.to_lowercase();
        for forbidden in [
            "<style",
            " style=\"",
            " onclick=",
            " onsubmit=",
            " onchange=",
            "javascript:",
            "<script>",
            "src=\"http",
            "src=\"//",
        ] {
            assert!(!text.contains(forbidden), "{name} has {forbidden}");
        }
        for tag in text.split("<script").skip(1).chain(text.split("<link").skip(1)) {
            let tag = tag.split('>').next().unwrap_or_default();
            assert!(!tag.contains("http://") && !tag.contains("https://"), "{name} calls another host: {tag}");
        }
    }
}

#[test]
fn every_shared_component_is_in_the_gallery_and_the_manual() {
    let theme = theme();
    let gallery = &theme.templates()["components/gallery.html"];
    let base = &theme.templates()["base.html"];
    let manual =
        std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/theming.md")).expect("the manual");
    let mut missing = Vec::new();
    for (file, text) in theme.templates().iter().filter(|(name, _)| name.starts_with("components/")) {
        for definition in text.split("{% component ").skip(1) {
            let name = definition.split('(').next().unwrap_or_default();
            let shown = [gallery, base, text]
                .iter()
                .any(|page| page.contains(&format!("<{name} ")) || page.contains(&format!("<{name}>")));
            if !shown {
                missing.push(format!("{file}: {name} is not in the gallery"));
            }
            if !manual.contains(&format!("`{name}`")) {
                missing.push(format!("{file}: {name} is not in docs/theming.md"));
            }
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
