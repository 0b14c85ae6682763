//! Memory follows the input: twice the text takes twice the bytes, whatever the text is. The bytes are those asked of
//! the allocator at the worst moment, so that the figures are the same on every machine.

use guildhall_rst::html::{HtmlOptions, html};
use guildhall_rst::{Dialect, Limits, Options, parse};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

const SAMPLE: &str = include_str!("sample.rst");

/// What each byte may cost in a text of the kind that people write, HTML included.
const MOST_OF_REAL: usize = 60;
/// And in a text made to cost much: six bytes are a section, with its title, two names and the message that another
/// has them.
const MOST_OF_ANY: usize = 350;

/// What a text may be made of; `{n}` stands for the number of the repetition.
const UNITS: &[&str] = &[
    "*a ",
    "*a *a *a *a\n",
    "`a\n",
    "a_ ",
    ":a:`b` ",
    "|a| ",
    "[#]_ ",
    "[#a]_\n\n.. [#a] b\n\n",
    "\\\\ ",
    "- a\n\n",
    "- a\n  - b\n\n",
    "#. a\n",
    ":a: b\n",
    "| a\n",
    "a\n==\n\n",
    "a\n==\n\nb\n--\n\n",
    "----\n\n",
    ".. _a: b\n",
    ".. class:: a\n\n",
    ".. note:: a\n\n",
    ".. unknown:: a\n\n",
    ".. |a| replace:: |a| b\n",
    ".. contents::\n\n",
    ".. list-table::\n\n   * - a\n     - b\n\n",
    "+-+\n|a|\n+-+\n\n",
    "== ==\na  b\n== ==\n\n",
    "__ a\n\na__\n\n",
    ".. py:function:: a(b)\n\n",
    "https://a.b/c a@b.c ",
    "a\n b\n",
    ".. _a{n}:\n",
    ".. _a{n}:\n.. note::\n\n",
    ".. _a{n}: a{m}_\n",
    ".. _a{n}: b\n\na{n}_\n\n.. target-notes::\n\n",
    ".. sectnum::\n\n.. contents::\n\na{n}\n======\n\n",
    ".. contents::\n   :local:\n\na\n==\n\n",
    ".. header:: a\n\n.. footer:: a\n\n",
    ".. include:: a\n\n.. role:: a{n}\n\n:a{n}:`b`\n\n",
    "\t",
    "\u{e9} ",
];

/// The bytes held at the worst moment of reading a text and writing it.
fn peak(text: &str, dialect: Dialect) -> usize {
    MEMORY.reset_peak_usage();
    let before = MEMORY.current_usage();
    // What may be spent whatever the size is left out, so that the rest shows.
    let limits = Limits { expansion: 300, messages: 30, ..Limits::default() };
    let doc = parse(text, &Options { dialect, limits, ..Options::new("memory.rst") });
    assert!(html(&doc, &HtmlOptions::default()).len() < 200 * text.len());
    MEMORY.peak_usage() - before
}

/// A unit over and over; one without line ends is broken into lines.
fn repeated(unit: &str, bytes: usize) -> String {
    let mut text = String::with_capacity(bytes + unit.len());
    for n in 0.. {
        if text.len() >= bytes {
            break;
        }
        if n % 20 == 19 && !unit.contains('\n') {
            text.push('\n');
        }
        text += &unit.replace("{n}", &format!("{n:05}")).replace("{m}", &format!("{:05}", n + 1));
    }
    text
}

/// Reads a text of three sizes; the bytes that each byte of the longest one costs.
fn cost(unit: &str, dialect: Dialect) -> usize {
    let shown = unit.get(..40).unwrap_or(unit);
    let sizes = [6_000, 12_000, 24_000];
    let peaks = sizes.map(|bytes| peak(&repeated(unit, bytes), dialect));
    for pair in peaks.windows(2) {
        assert!(pair[1] * 2 < pair[0] * 5, "{shown:?} as {dialect:?} takes {peaks:?} bytes for {sizes:?}");
    }
    peaks[2] / sizes[2]
}

// One test, since there is one allocator to ask.
#[test]
fn memory_follows_the_input() {
    for dialect in [Dialect::Docutils, Dialect::Sphinx] {
        for unit in [SAMPLE, "Plain words in a paragraph,\nwith some *emphasis* and a ``literal``.\n\n"] {
            let (shown, cost) = (unit.get(..40).unwrap_or(unit), cost(unit, dialect));
            assert!(cost < MOST_OF_REAL, "{shown:?} as {dialect:?}: {cost} bytes a byte");
        }
        for unit in UNITS {
            let (shown, cost) = (unit.get(..40).unwrap_or(unit), cost(unit, dialect));
            assert!(cost < MOST_OF_ANY, "{shown:?} as {dialect:?}: {cost} bytes a byte");
        }
    }
}
