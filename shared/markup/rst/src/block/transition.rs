//! Transitions (reStructuredText specification, "Transitions"), and the choice between them and overlined titles.

use super::is_rule;
use crate::doctree::{Kind, Level};
use crate::lines::Lines;
use crate::parser::{Body, Parser};

impl<'a> Parser<'a> {
    /// A line of punctuation. Nothing is read when it is ordinary text.
    pub(super) fn rule(&mut self, lines: &mut Lines<'a>, body: &mut Body) {
        let Some(line) = lines.get(lines.at) else { return };
        let rule = line.trim();
        if !body.titles {
            return self.rule_without_titles(lines, body);
        }
        let Some(next) = lines.get(lines.at + 1).filter(|next| !next.trim().is_empty()) else {
            if rule.len() >= 4 {
                let transition = self.create_at(Kind::Transition, lines.here());
                self.doc.append(body.node, transition);
                lines.at += 1;
            }
            return;
        };
        if !next.starts_with(' ') && is_rule(next) {
            if rule.len() < 4 {
                return self.short_overline(body.node, lines.here());
            }
            let text = "Invalid section title or transition marker.";
            let quote = format!("{line}\n{next}");
            let message = self.report_with(Level::Error, text, lines.here(), &quote);
            self.doc.append(body.node, message);
            lines.at += 2;
            return;
        }
        self.overlined_title(lines, body);
    }

    fn rule_without_titles(&mut self, lines: &mut Lines<'a>, body: &Body) {
        let place = lines.here();
        let line = lines.get(lines.at).unwrap_or("");
        if line.trim() == "::" {
            return;
        }
        if line.trim().len() < 4 {
            let text = "Unexpected possible title overline or transition.\nTreating it as ordinary text because it's so short.";
            let message = self.report(Level::Info, text, place);
            self.doc.append(body.node, message);
            return;
        }
        let message = self.report_with(Level::Error, "Unexpected section title or transition.", place, line);
        self.doc.append(body.node, message);
        lines.at += 1;
    }
}
