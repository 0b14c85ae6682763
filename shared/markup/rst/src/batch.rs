//! The protocol of the conformance suite (`ops/conformance/rst`): a case as one JSON object a line, answered by one.

use serde_json::{Value, json};

use crate::options::{Dialect, Files, Now, Options};
use crate::pseudo_xml;

/// Answers one line: `{"id", "kind", "input", "settings", "transforms"}` with `{"id", "output"}` or `{"id", "error"}`.
pub fn answer_line(line: &str, files: &dyn Files, now: Option<Now>) -> String {
    let case: Value = match serde_json::from_str(line) {
        Ok(case) => case,
        Err(fault) => return json!({ "id": null, "error": fault.to_string() }).to_string(),
    };
    match case["input"].as_str() {
        Some(input) => json!({ "id": case["id"], "output": answer(&case, input, files, now) }).to_string(),
        None => json!({ "id": case["id"], "error": "The case has no input." }).to_string(),
    }
}

fn answer(case: &Value, input: &str, files: &dyn Files, now: Option<Now>) -> String {
    let settings = &case["settings"];
    let flag = |name: &str| settings[name].as_bool() == Some(true);
    let options = Options {
        dialect: Dialect::Docutils,
        raw: true,
        files,
        now,
        pep_references: flag("pep_references"),
        rfc_references: flag("rfc_references"),
        trim_footnote_space: flag("trim_footnote_ref_space") || flag("trim_footnote_reference_space"),
        character_level_markup: flag("character_level_inline_markup"),
        legacy_ids: settings["legacy_ids"].as_bool() != Some(false),
        auto_id_prefix: settings["auto_id_prefix"].as_str().unwrap_or("%"),
        id_prefix: settings["id_prefix"].as_str().unwrap_or(""),
        header_fields: case["initial_state"].as_str() == Some("RFC2822Body"),
        ..Options::new("test data")
    };
    let doc = crate::parse_only(input, &options);
    pseudo_xml(&doc)
}
