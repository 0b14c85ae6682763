//! `guildhall.toml`: read, or refused with faults that are sentences, each with its place.

use std::collections::BTreeMap;

pub fn run(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Err(faults) = crate::config::read("guildhall.toml", &text, &BTreeMap::new()) {
        assert!(!faults.is_empty() && faults.len() < 10 + text.len(), "{faults:?}");
        for fault in faults {
            assert!(fault.place.starts_with("guildhall.toml") && !fault.text.is_empty(), "{fault}");
        }
    }
}
