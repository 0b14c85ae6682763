//! The protocol of the conformance suite (`ops/conformance/rst`): a case as one JSON object a line, answered by one.

use serde_json::{Value, json};

use crate::file::Files;
use crate::options::{Dialect, Now, Options};
use crate::pseudo_xml;
use crate::transform::{self, Settings};

/// Answers one line: `{"id", "kind", "input", "settings", "transforms"}` with `{"id", "output"}` or `{"id", "error"}`.
/// The kind `document` applies all transforms to a document that names its `source`.
///
/// ```
/// use guildhall_rst::{NoFiles, batch::answer_line};
/// let answer = answer_line(r#"{"id": 1, "kind": "parse", "input": "a\n"}"#, &NoFiles, None);
/// assert_eq!(answer, r#"{"id":1,"output":"<document source=\"test data\">\n    <paragraph>\n        a\n"}"#);
/// ```
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
        smart_quotes: !settings["smart_quotes"].is_null() && settings["smart_quotes"].as_bool() != Some(false),
        language: settings["language_code"].as_str().unwrap_or("en"),
        pep_references: flag("pep_references"),
        rfc_references: flag("rfc_references"),
        trim_footnote_space: flag("trim_footnote_ref_space") || flag("trim_footnote_reference_space"),
        character_level_markup: flag("character_level_inline_markup"),
        legacy_ids: settings["legacy_ids"].as_bool() != Some(false),
        auto_id_prefix: settings["auto_id_prefix"].as_str().unwrap_or("%"),
        id_prefix: settings["id_prefix"].as_str().unwrap_or(""),
        header_fields: case["initial_state"].as_str() == Some("RFC2822Body"),
        ..Options::new(case["source"].as_str().unwrap_or("test data"))
    };
    if case["kind"].as_str() == Some("document") {
        return pseudo_xml(&crate::parse(input, &options));
    }
    let mut doc = crate::parse_only(input, &options);
    let list = |value: &'_ Value| -> Vec<String> {
        value.as_array().into_iter().flatten().filter_map(|v| v.as_str().map(str::to_owned)).collect()
    };
    if case["kind"].as_str() == Some("transform") {
        let (names, elements) = (list(&case["transforms"]), list(&settings["strip_elements_with_classes"]));
        let classes = list(&settings["strip_classes"]);
        let work = Settings {
            strip_elements_with_classes: elements.iter().map(String::as_str).collect(),
            strip_classes: classes.iter().map(String::as_str).collect(),
            strip_comments: flag("strip_comments"),
            report_level: settings["report_level"].as_i64().unwrap_or(2),
        };
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        transform::apply_named(&mut doc, &options, &work, &names);
    }
    pseudo_xml(&doc)
}
