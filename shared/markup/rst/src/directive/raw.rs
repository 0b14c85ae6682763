//! Raw text for one output format ("reStructuredText Directives", section "Raw Data Pass-Through").

use super::{Call, Fault, OptionKind, Spec};
use crate::doctree::{Kind, NodeId};
use crate::lines;
use crate::options::Profile;
use crate::parser::Parser;

pub(super) static RAW: Spec = Spec {
    required: 1,
    optional: 0,
    last_with_space: true,
    options: &[
        ("file", OptionKind::Path),
        ("url", OptionKind::Uri),
        ("encoding", OptionKind::Encoding),
        ("class", OptionKind::Class),
    ],
    content: true,
    restricted: true,
    run: raw,
};

fn raw<'a>(parser: &mut Parser<'a>, call: &mut Call<'a, '_>) -> Result<Vec<NodeId>, Fault> {
    if !parser.options.raw || parser.options.profile == Profile::Restricted {
        return Err(Fault::warning(format!("\"{}\" directive disabled.", call.name)));
    }
    let (file, url) = (call.text("file").map(str::to_owned), call.text("url").map(str::to_owned));
    if !call.content.is_empty() && (file.is_some() || url.is_some()) {
        let text = format!("\"{}\" directive may not both specify an external file and have content.", call.name);
        return Err(Fault::error(text));
    }
    if file.is_some() && url.is_some() {
        let text = format!(
            "The \"file\" and \"url\" options may not be simultaneously specified for the \"{}\" directive.",
            call.name
        );
        return Err(Fault::error(text));
    }
    if let Some(url) = url {
        let text =
            format!("Problems with \"{}\" directive URL \"{url}\":\nNothing is fetched from the network.", call.name);
        return Err(Fault::error(text));
    }
    let node = parser.create_at(Kind::Raw, call.place);
    let format: Vec<String> = call.arguments[0].to_lowercase().split_whitespace().map(str::to_owned).collect();
    let text = match file {
        Some(path) => {
            let file = parser.read_file(call, &path)?;
            parser.doc.set(node, "source", file.path);
            file.text
        }
        None => {
            call.need_content()?;
            lines::join(&call.content)
        }
    };
    parser.doc.set(node, "format", format.join(" "));
    parser.doc.set(node, "xml:space", "preserve");
    parser.add_classes(call, node);
    parser.doc.add_text(node, &text);
    Ok(vec![node])
}
