//! What a caller decides about a parse: dialect, profile, limits, files and the date.

use crate::file::{Files, NoFiles};

/// Which language of directives and roles is spoken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// Plain docutils.
    Docutils,
    /// Docutils and what Sphinx adds.
    #[default]
    Sphinx,
}

/// How far the author is trusted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Profile {
    /// Project files: files may be read through [`Files`], `raw` follows [`Options::raw`].
    #[default]
    Full,
    /// Messages and issues: no file is read, no raw text, and no directive that changes the page around it.
    Restricted,
}

/// A day and a time, for the `date` directive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Now {
    /// The year of the civil calendar.
    pub year: i32,
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
    /// 0 to 23.
    pub hour: u8,
    /// 0 to 59.
    pub minute: u8,
    /// 0 to 59.
    pub second: u8,
}

/// Bounds on what a document may cost. Beyond a bound the text is shown as it stands, with a message.
///
/// ```
/// use guildhall_rst::{Limits, Options, parse};
/// let limits = Limits { depth: 2, ..Limits::default() };
/// let doc = parse("- a\n\n  - b\n\n    - c\n", &Options { limits, ..Options::new("a.rst") });
/// assert_eq!(doc.messages[0].to_string(), "a.rst:5:7: (ERROR/3) Nesting is deeper than 2 levels; the text is shown as it stands.");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of source, included files counted.
    pub size: usize,
    /// Bodies within bodies: lists, quotes, tables, directives.
    pub depth: u32,
    /// Files within files.
    pub include_depth: u32,
    /// Characters of one line (docutils: `line_length_limit`).
    pub line_length: usize,
    /// Bytes that substitutions may add, [`NODE_COST`] for each node among them.
    pub expansion: usize,
    /// Faults that are reported: beyond them, inline markup and references that lead nowhere stand as they were
    /// written. A text that is nothing but faults would otherwise cost hundreds of times its size.
    pub messages: usize,
}

/// What one node counts for in [`Limits::expansion`], in bytes.
pub const NODE_COST: usize = 16;

impl Default for Limits {
    fn default() -> Self {
        Limits {
            size: 64 << 20,
            depth: 48,
            include_depth: 10,
            line_length: 10_000,
            expansion: 1 << 20,
            messages: 20_000,
        }
    }
}

/// Everything a caller decides about one parse.
///
/// ```
/// use guildhall_rst::{Now, Options, parse};
/// let options = Options {
///     smart_quotes: true,
///     substitutions: &[("version", "1.2")],
///     now: Some(Now { year: 2026, month: 11, day: 21, hour: 20, minute: 20, second: 0 }),
///     ..Options::new("news.rst")
/// };
/// let doc = parse("\"|version|\" is of |today|.\n\n.. |today| date:: %d %B\n", &options);
/// assert_eq!(doc.text_of(doc.children(doc.root()).next().unwrap()), "“1.2” is of 21 November.");
/// ```
#[derive(Clone, Copy)]
pub struct Options<'a> {
    /// The source's path or description, shown in messages and handed to [`Files`].
    pub source: &'a str,
    /// Which directives and roles are known.
    pub dialect: Dialect,
    /// How far the author is trusted.
    pub profile: Profile,
    /// Raw HTML and the like is taken over. Only for sources that the administrator trusts.
    pub raw: bool,
    /// Gives the files that the text includes.
    pub files: &'a dyn Files,
    /// The day and time that the `date` directive shows; without one it shows none.
    pub now: Option<Now>,
    /// What the document may cost.
    pub limits: Limits,
    /// `PEP 8` in running text becomes a reference.
    pub pep_references: bool,
    /// `RFC 822` in running text becomes a reference.
    pub rfc_references: bool,
    /// The source begins with header fields as in a message (docutils: the PEP reader).
    pub header_fields: bool,
    /// A document's only top section becomes its title.
    pub document_title: bool,
    /// A section's only subsection becomes its subtitle.
    pub section_subtitles: bool,
    /// A field list at the top becomes the bibliography of the document.
    pub docinfo: bool,
    /// Straight quotes and dashes become typographic ones.
    pub smart_quotes: bool,
    /// Space before footnote references is dropped.
    pub trim_footnote_space: bool,
    /// Inline markup may begin and end inside a word.
    pub character_level_markup: bool,
    /// Width of a tab stop.
    pub tab_width: usize,
    /// Substitutions that the caller defines (`version`, `release`, `today`), where the document does not.
    pub substitutions: &'a [(&'a str, &'a str)],
    /// Roles that the caller resolves (`issue`, those of extlinks): they become `pending_xref` without a domain.
    pub roles: &'a [&'a str],
    /// Messages below this level (1 to 4) are taken out of the document.
    pub report_level: i64,
    /// The language of the text, for typographic quotes.
    pub language: &'a str,
    /// Put before every identifier.
    pub id_prefix: &'a str,
    /// Put before generated identifiers; `%` stands for the element's name.
    pub auto_id_prefix: &'a str,
    /// Sections get their identifiers before explicit targets do (docutils' `legacy_ids`).
    pub legacy_ids: bool,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Options {
            source: "<string>",
            dialect: Dialect::default(),
            profile: Profile::default(),
            raw: false,
            files: &NoFiles,
            now: None,
            limits: Limits::default(),
            pep_references: false,
            rfc_references: false,
            header_fields: false,
            document_title: true,
            section_subtitles: false,
            docinfo: true,
            smart_quotes: false,
            trim_footnote_space: false,
            character_level_markup: false,
            tab_width: 8,
            substitutions: &[],
            roles: &[],
            report_level: 2,
            language: "en",
            id_prefix: "",
            auto_id_prefix: "%",
            legacy_ids: true,
        }
    }
}

impl<'a> Options<'a> {
    /// Options for one source.
    pub fn new(source: &'a str) -> Self {
        Options { source, ..Options::default() }
    }

    /// For text that a stranger wrote: no files, no raw text, small bounds, plain docutils.
    ///
    /// ```
    /// use guildhall_rst::{Options, parse};
    /// let doc = parse(".. include:: /etc/passwd\n", &Options::restricted("message"));
    /// assert_eq!(doc.messages[0].to_string(), "message:1:1: (WARNING/2) \"include\" directive disabled.");
    /// ```
    pub fn restricted(source: &'a str) -> Self {
        Options {
            profile: Profile::Restricted,
            dialect: Dialect::Docutils,
            document_title: false,
            docinfo: false,
            limits: Limits {
                size: 1 << 20,
                depth: 24,
                include_depth: 0,
                expansion: 1 << 16,
                messages: 500,
                ..Limits::default()
            },
            ..Options::new(source)
        }
    }
}
