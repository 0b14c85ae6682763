//! Formulas: LaTeX to MathML, with math-core.

use std::sync::LazyLock;

use math_core::{LatexToMathML, MathCoreConfig, MathDisplay};

/// Longer formulas are shown as source.
const LONGEST: usize = 10_000;

static CONVERTER: LazyLock<Option<LatexToMathML>> =
    LazyLock::new(|| LatexToMathML::new(MathCoreConfig::default()).ok());

/// A formula as MathML without style attributes; the error says what LaTeX has that this does not know.
pub fn mathml(latex: &str, block: bool) -> Result<String, String> {
    if latex.len() > LONGEST {
        return Err(format!("The formula has more than {LONGEST} characters."));
    }
    let converter = CONVERTER.as_ref().ok_or("The formulas cannot be set.")?;
    let display = if block { MathDisplay::Block } else { MathDisplay::Inline };
    let out = converter.convert_with_local_state(latex.trim(), display).map_err(|e| e.to_string())?;
    Ok(without_styles(&out.mathml))
}

/// Style attributes are refused by the content policy of every page; what they say is finesse.
fn without_styles(mathml: &str) -> String {
    let mut out = String::with_capacity(mathml.len());
    let mut rest = mathml;
    while let Some(at) = rest.find(" style=\"") {
        out.push_str(&rest[..at]);
        let value = &rest[at + 8..];
        let Some(end) = value.find('"') else { break };
        rest = &value[end + 1..];
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::mathml;

    #[test]
    fn formulas_become_mathml() {
        let out = mathml(r"\frac{a}{\sqrt{x < y}} \color{red} z", true).unwrap();
        assert!(out.starts_with("<math") && out.contains("<mfrac>") && out.contains("<msqrt>"), "{out}");
        assert!(out.contains("display=\"block\"") && !out.contains("style=") && out.contains("&lt;"), "{out}");
        for broken in [r"\nosuchcommand", r"\frac{a", "{", "}", "", r"\begin{matrix}", "&", r"\\"] {
            let _ = mathml(broken, false);
        }
        assert!(mathml(&"x".repeat(20_000), false).is_err());
    }
}
