//! Sections and their titles (reStructuredText specification, "Sections").

use super::is_rule;
use crate::doctree::names::normalize;
use crate::doctree::{Kind, Level, NodeId};
use crate::lines::{Lines, Place};
use crate::parser::{Body, Parser, TitleStyle};
use crate::width::column_width;

/// A title as it was written.
pub(super) struct Heading<'t> {
    pub title: &'t str,
    /// All its lines, for messages.
    pub source: String,
    pub style: TitleStyle,
    pub place: Place,
}

impl<'a> Parser<'a> {
    /// A title with an underline only, when the next two lines are one; false when they are ordinary text.
    pub(super) fn underlined_title(&mut self, lines: &mut Lines<'a>, body: &mut Body) -> bool {
        let place = lines.here();
        let below = lines.place(lines.at + 1);
        let (Some(line), Some(underline)) = (lines.get(lines.at), lines.get(lines.at + 1)) else { return false };
        let (title, rule) = (line.trim_end(), underline.trim_end());
        let quote = format!("{line}\n{underline}");
        let mut messages = Vec::new();
        if column_width(title) > rule.len() {
            if rule.len() < 4 {
                if body.titles {
                    let text = "Possible title underline, too short for the title.\nTreating it as ordinary text because it's so short.";
                    let message = self.report(Level::Info, text, below);
                    self.doc.append(body.node, message);
                }
                return false;
            }
            messages.push(self.report_with(Level::Warning, "Title underline too short.", below, &quote));
        }
        lines.at += 2;
        self.stand_at(lines, lines.at - 1);
        if !body.titles {
            self.append_all(body.node, messages);
            let message = self.report_with(Level::Error, "Unexpected section title.", below, &quote);
            self.doc.append(body.node, message);
            return true;
        }
        let style = (None, rule.chars().next().unwrap_or('='));
        let heading = Heading { title, source: format!("{title}\n{rule}"), style, place };
        self.section(body, &heading, messages);
        true
    }

    /// A title with an overline, which is the next line; false when the overline is ordinary text.
    pub(super) fn overlined_title(&mut self, lines: &mut Lines<'a>, body: &mut Body) -> bool {
        let place = lines.here();
        let (Some(overline), Some(title)) = (lines.get(lines.at), lines.get(lines.at + 1)) else { return false };
        let below = lines.get(lines.at + 2);
        let underline = below.unwrap_or("");
        let quote = match below {
            Some(_) => format!("{overline}\n{title}\n{underline}"),
            None => format!("{overline}\n{title}"),
        };
        let (over, under) = (overline.trim_end(), underline.trim_end());
        let fault = match below {
            None => Some("Incomplete section title."),
            Some(_) if !is_rule(under) || under.is_empty() => {
                Some("Missing matching underline for section title overline.")
            }
            Some(_) if over != under => Some("Title overline & underline mismatch."),
            Some(_) => None,
        };
        let narrow = column_width(title.trim_end()) > over.len();
        if (fault.is_some() || narrow) && over.len() < 4 {
            self.short_overline(body.node, place);
            return false;
        }
        lines.at = (lines.at + 3).min(lines.all.len());
        self.stand_at(lines, lines.at - 1);
        if let Some(fault) = fault {
            let message = self.report_with(Level::Error, fault, place, &quote);
            self.doc.append(body.node, message);
            return true;
        }
        let mut messages = Vec::new();
        if narrow {
            messages.push(self.report_with(Level::Warning, "Title overline too short.", place, &quote));
        }
        let mark = over.chars().next().unwrap_or('=');
        let title = title.trim();
        let heading = Heading { title, source: quote, style: (Some(mark), mark), place: place.down(1) };
        self.section(body, &heading, messages);
        true
    }

    pub(super) fn short_overline(&mut self, node: NodeId, place: Place) {
        let text = "Possible incomplete section title.\nTreating the overline as ordinary text because it's so short.";
        let message = self.report(Level::Info, text, place);
        self.doc.append(node, message);
    }

    /// Opens a section, when its title style fits here.
    fn section(&mut self, body: &mut Body, heading: &Heading<'_>, messages: Vec<NodeId>) {
        if !self.find_parent(body, heading) {
            return;
        }
        let section = self.doc.add(body.node, Kind::Section);
        let title = self.doc.add(section, Kind::Title);
        self.node = body.node;
        let more = self.inline(heading.title, heading.place, title);
        let name = normalize(&self.doc.text_of(title));
        self.doc.push(section, "names", name);
        self.append_all(section, messages);
        self.append_all(section, more);
        self.doc.note_implicit_target(section, Some(section));
        body.node = section;
    }

    /// Moves up to the parent of the new section; false when the style skips a level.
    fn find_parent(&mut self, body: &mut Body, heading: &Heading<'_>) -> bool {
        let mut around: Vec<NodeId> = std::iter::once(body.node).chain(self.doc.ancestors(body.node)).collect();
        around.retain(|&n| self.doc.kind(n) == Kind::Section && self.doc.parent(n).is_some());
        let old = around.len() + body.level_offset;
        let known = self.styles.iter().position(|style| *style == heading.style);
        let new = known.unwrap_or(self.styles.len()) + 1;
        if new > old + 1 {
            let text = format!("Inconsistent title style: skip from level {old} to {new}.");
            self.style_error(body.node, &text, heading, None);
            return false;
        }
        if new <= old {
            let Some(parent) = around.get(old - new).and_then(|&section| self.doc.parent(section)) else {
                let text = format!("A level {new} section cannot be used here.");
                let details = format!(
                    "The parent of level {new} sections cannot be reached. The parser is at section level {old} but the current node has only {} parent section(s).\nOne reason may be a high level section used in a directive that parses its content into a base node not attached to the document\n(up to Docutils 0.21, these sections were silently dropped).",
                    around.len()
                );
                self.style_error(body.node, &text, heading, Some(&details));
                return false;
            };
            body.node = parent;
        }
        if known.is_none() {
            self.styles.push(heading.style);
        }
        true
    }

    fn style_error(&mut self, node: NodeId, text: &str, heading: &Heading<'_>, details: Option<&str>) {
        let styles: Vec<_> = self
            .styles
            .iter()
            .map(|(over, under)| over.map_or_else(|| under.to_string(), |over| format!("{over}/{under}")))
            .collect();
        let established = format!("Established title styles: {}", styles.join(" "));
        let message = self.report_with(Level::Error, text, heading.place, &heading.source);
        self.doc.add_with_text(message, Kind::Paragraph, &established);
        if let Some(details) = details {
            self.doc.add_with_text(message, Kind::Paragraph, details);
        }
        self.doc.append(node, message);
    }
}
