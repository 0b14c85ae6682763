//! Directives: their name, arguments, options and content (reStructuredText specification, "Directives").

use super::Construct;
use crate::block::field_list;
use crate::directive::{self, Call, Fault, Found, Spec};
use crate::doctree::{Kind, Level, NodeId};
use crate::inline::simple_name;
use crate::lines::{self, Cut, Line, Lines, Place};
use crate::parser::{Body, Parser};

/// The name of a directive and the bytes of `name:: `.
pub(crate) fn marker(text: &str) -> Option<(&str, usize)> {
    let length = simple_name(text)?;
    let gap = usize::from(text[length..].starts_with(' '));
    text[length + gap..].starts_with("::").then_some(())?;
    let end = super::super::marker_end(text, length + gap + 2)?;
    Some((&text[..length], end))
}

/// A directive's block taken apart.
#[derive(Default)]
pub(crate) struct Parts<'a> {
    pub arguments: Vec<String>,
    pub options: Vec<(String, directive::Value)>,
    pub content: Vec<Line<'a>>,
    pub content_place: Place,
}

impl<'a> Parser<'a> {
    pub(super) fn directive(&mut self, lines: &mut Lines<'a>, body: &mut Body, name: &str, end: usize) -> Construct {
        match self.find_directive(name, lines, body.node) {
            Found::Directive(spec) => self.run_directive(lines, body, (name, spec), end, None),
            Found::Unknown => self.unknown_directive(lines, name),
        }
    }

    /// The directive of a substitution definition, whose name is the default of `alt`.
    pub(super) fn embedded_directive(
        &mut self,
        lines: &mut Lines<'a>,
        definition: NodeId,
        name: &str,
        end: usize,
    ) -> Construct {
        let mut body = Body::of(definition);
        match self.find_directive(name, lines, definition) {
            Found::Directive(spec) => self.run_directive(lines, &mut body, (name, spec), end, Some(definition)),
            Found::Unknown => self.unknown_directive(lines, name),
        }
    }

    fn find_directive(&mut self, name: &str, lines: &Lines<'a>, node: NodeId) -> Found {
        let lower = name.to_lowercase();
        if let Some(spec) = directive::find(&lower, self) {
            return Found::Directive(spec);
        }
        let text = format!(
            "No directive entry for \"{name}\" in module \"docutils.parsers.rst.languages.en\".\nTrying \"{name}\" as canonical directive name."
        );
        let message = self.report(Level::Info, &text, lines.here());
        self.doc.append(node, message);
        Found::Unknown
    }

    fn unknown_directive(&mut self, lines: &mut Lines<'a>, name: &str) -> Construct {
        let place = lines.here();
        let taken = lines.take(Cut { first: Some(0), keep_indent: true, ..Cut::default() });
        let text = format!("Unknown directive type \"{name}\".");
        let message = self.report_with(Level::Error, &text, place, &lines::join(&taken.lines));
        (vec![message], taken.blank_finish)
    }

    fn run_directive(
        &mut self,
        lines: &mut Lines<'a>,
        body: &mut Body,
        (name, spec): (&str, &'static Spec),
        end: usize,
        substitution: Option<NodeId>,
    ) -> Construct {
        let place = lines.here();
        let start = lines.at;
        let taken = lines.take(Cut { first: Some(end), keep_top: true, ..Cut::default() });
        self.stand_at(lines, lines.at - 1);
        let block = start..lines.at;
        let mut presets = Vec::new();
        if let Some(definition) = substitution
            && let Some(name) = self.doc.names(definition).first()
        {
            presets.push(("alt".to_owned(), directive::Value::Text(name.clone())));
        }
        let parts = match self.parse_directive_block(taken.lines, taken.place, spec, presets) {
            Ok(parts) => parts,
            Err(fault) => {
                let text = format!("Error in \"{name}\" directive:\n{fault}.");
                let source = lines::join(&lines.all[block]);
                return (vec![self.report_with(Level::Error, &text, place, &source)], taken.blank_finish);
            }
        };
        let mut call = Call {
            name: name.to_owned(),
            arguments: parts.arguments,
            options: parts.options,
            content: parts.content,
            content_place: parts.content_place,
            place,
            source: lines::join(&lines.all[block]),
            last: lines.place(lines.at - 1),
            body,
            substitution,
            insert: Vec::new(),
        };
        self.node = call.body.node;
        let nodes = match (spec.run)(self, &mut call) {
            Ok(nodes) => nodes,
            Err(Fault { level, text }) => vec![self.report_with(level, &text, place, &call.source)],
        };
        let insert = std::mem::take(&mut call.insert);
        lines.all.splice(lines.at..lines.at, insert);
        (nodes, taken.blank_finish || lines.next_is_blank())
    }

    /// Takes a directive's block apart as its specification says; the error is a sentence without its full stop.
    pub(crate) fn parse_directive_block(
        &mut self,
        mut block: Vec<Line<'a>>,
        place: Place,
        spec: &Spec,
        presets: Vec<(String, directive::Value)>,
    ) -> Result<Parts<'a>, String> {
        let mut parts = Parts { options: presets, content_place: place, ..Parts::default() };
        if block.first().is_some_and(Line::is_blank) {
            block.remove(0);
            parts.content_place = block.first().map_or(place.down(1), |line| line.place);
        }
        lines::drop_blank_end(&mut block);
        let with_arguments = spec.required + spec.optional > 0;
        let mut arguments = Vec::new();
        if with_arguments || !spec.options.is_empty() {
            let end = block.iter().position(Line::is_blank).unwrap_or(block.len());
            let options = match spec.options.is_empty() {
                true => end,
                false => block[..end].iter().position(|l| field_list::marker(l.text).is_some()).unwrap_or(end),
            };
            if options < end {
                self.directive_options(&block[options..end], spec, &mut parts.options)?;
            }
            match with_arguments {
                true => {
                    arguments = block[..options].to_vec();
                    block.drain(..(end + 1).min(block.len()));
                }
                false if options > 0 => drop(block.drain(options..end)),
                false => drop(block.drain(..(end + 1).min(block.len()))),
            }
        }
        let blank = block.iter().take_while(|line| line.is_blank()).count();
        block.drain(..blank);
        if let Some(first) = block.first() {
            parts.content_place = first.place;
        }
        if with_arguments {
            parts.arguments = split_arguments(&lines::join(&arguments), spec)?;
        }
        if !block.is_empty() && !spec.content {
            return Err("no content permitted".to_owned());
        }
        parts.content = block;
        Ok(parts)
    }

    /// Reads the field list of a directive's options.
    fn directive_options(
        &mut self,
        block: &[Line<'a>],
        spec: &Spec,
        options: &mut Vec<(String, directive::Value)>,
    ) -> Result<(), String> {
        let mut lines = Lines::new(block.to_vec(), Place::default());
        let mut read: Vec<(String, Option<String>)> = Vec::new();
        let mut finish = true;
        while let Some(end) = lines.current().and_then(|line| field_list::marker(line.text)) {
            let name = field_list::name(lines.get(lines.at).unwrap_or("::"), end).to_owned();
            let taken = lines.take(Cut { first: Some(end), ..Cut::default() });
            finish = taken.blank_finish;
            let text = lines::join(&taken.lines);
            read.push((name, (!text.is_empty()).then_some(text)));
        }
        if lines.at < lines.all.len() {
            return Err("invalid option block".to_owned());
        }
        let presets = options.len();
        for (name, text) in read {
            let shown = self.shown_text(&name);
            if shown.split_whitespace().count() != 1 {
                return Err(
                    "invalid option data: extension option field name may not contain multiple words".to_owned()
                );
            }
            let name = shown.to_lowercase();
            let Some((_, kind)) = spec.options.iter().find(|(known, _)| *known == name || *known == "*") else {
                return Err(format!("unknown option: \"{name}\""));
            };
            if options[presets..].iter().any(|(known, _)| *known == name) {
                return Err(format!("invalid option data: duplicate option \"{name}\""));
            }
            let value = kind.convert(text.as_deref()).map_err(|fault| {
                let shown = text.as_deref().map_or_else(|| "None".to_owned(), crate::pseudo_xml::repr);
                format!("invalid option value: (option: \"{name}\"; value: {shown})\n{fault}")
            })?;
            options.push((name, value));
        }
        // A given option takes the place of a preset one.
        let given: Vec<String> = options[presets..].iter().map(|(name, _)| name.clone()).collect();
        let mut i = 0;
        options.retain(|(name, _)| {
            i += 1;
            i > presets || !given.contains(name)
        });
        if finish { Ok(()) } else { Err("option data incompletely parsed".to_owned()) }
    }

    /// The text of inline markup, without the markup.
    fn shown_text(&mut self, text: &str) -> String {
        if !text.contains(['*', '`', '_', '|', '\\', '[']) {
            return text.to_owned();
        }
        let scratch = self.doc.create(Kind::FieldName);
        self.inline(text, Place::default(), scratch);
        self.doc.text_of(scratch)
    }
}

fn split_arguments(text: &str, spec: &Spec) -> Result<Vec<String>, String> {
    let words: Vec<String> = text.split_whitespace().map(str::to_owned).collect();
    let most = spec.required + spec.optional;
    if words.len() < spec.required {
        return Err(format!("{} argument(s) required, {} supplied", spec.required, words.len()));
    }
    if words.len() <= most {
        return Ok(words);
    }
    if !spec.last_with_space {
        return Err(format!("maximum {most} argument(s) allowed, {} supplied", words.len()));
    }
    let mut rest = text.trim_start();
    let mut out = Vec::new();
    for _ in 1..most {
        let at = rest.find(char::is_whitespace).unwrap_or(rest.len());
        out.push(rest[..at].to_owned());
        rest = rest[at..].trim_start();
    }
    out.push(rest.to_owned());
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_of_directives() {
        for (text, expected) in [
            ("note::", Some(("note", 6))),
            ("note :: a", Some(("note", 8))),
            ("py:function:: f()", Some(("py:function", 14))),
            ("note:: a", Some(("note", 7))),
            ("note:", None),
            ("note::a", None),
            ("a b::", None),
        ] {
            assert_eq!(marker(text), expected, "{text}");
        }
    }
}
