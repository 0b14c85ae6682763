//! The kinds of node: every element of "The Docutils Document Tree", and those that Sphinx adds.

macro_rules! kinds {
    ($($(#[$doc:meta])* $variant:ident $name:literal,)*) => {
        /// What a node is; the name is the element's name in docutils' document tree.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Kind { $(#[doc = concat!("The element `", $name, "`.")] $(#[doc = ""] #[$doc])* $variant,)* }

        impl Kind {
            /// Every kind, in the order of the declaration.
            pub const ALL: &'static [Kind] = &[$(Kind::$variant,)*];

            /// The element name as docutils (or Sphinx) writes it, `bullet_list` for instance.
            pub fn name(self) -> &'static str {
                match self { $(Kind::$variant => $name,)* }
            }

            /// The kind of an element name.
            pub fn from_name(name: &str) -> Option<Kind> {
                match name { $($name => Some(Kind::$variant),)* _ => None }
            }
        }
    };
}

kinds! {
    /// A run of characters; the only node with text of its own.
    Text "#text",
    // Root and structure.
    Document "document",
    Section "section",
    Topic "topic",
    Sidebar "sidebar",
    Transition "transition",
    Title "title",
    Subtitle "subtitle",
    Meta "meta",
    Decoration "decoration",
    Header "header",
    Footer "footer",
    // Bibliographic elements.
    Docinfo "docinfo",
    Author "author",
    Authors "authors",
    Organization "organization",
    Address "address",
    Contact "contact",
    Version "version",
    Revision "revision",
    Status "status",
    Date "date",
    Copyright "copyright",
    // Body elements.
    Paragraph "paragraph",
    Compound "compound",
    Container "container",
    BulletList "bullet_list",
    EnumeratedList "enumerated_list",
    ListItem "list_item",
    DefinitionList "definition_list",
    DefinitionListItem "definition_list_item",
    Term "term",
    Classifier "classifier",
    Definition "definition",
    FieldList "field_list",
    Field "field",
    FieldName "field_name",
    FieldBody "field_body",
    OptionList "option_list",
    OptionListItem "option_list_item",
    OptionGroup "option_group",
    Option "option",
    OptionString "option_string",
    OptionArgument "option_argument",
    Description "description",
    LiteralBlock "literal_block",
    DoctestBlock "doctest_block",
    MathBlock "math_block",
    LineBlock "line_block",
    Line "line",
    BlockQuote "block_quote",
    Attribution "attribution",
    Attention "attention",
    Caution "caution",
    Danger "danger",
    Error "error",
    Important "important",
    Note "note",
    Tip "tip",
    Hint "hint",
    Warning "warning",
    Admonition "admonition",
    Comment "comment",
    SubstitutionDefinition "substitution_definition",
    Target "target",
    Footnote "footnote",
    Citation "citation",
    Label "label",
    Rubric "rubric",
    Figure "figure",
    Caption "caption",
    Legend "legend",
    Table "table",
    Tgroup "tgroup",
    Colspec "colspec",
    Thead "thead",
    Tbody "tbody",
    Row "row",
    Entry "entry",
    SystemMessage "system_message",
    /// A place that a transform will fill; its plan is `Document::pending`.
    Pending "pending",
    Raw "raw",
    Image "image",
    // Inline elements.
    Emphasis "emphasis",
    Strong "strong",
    Literal "literal",
    Reference "reference",
    FootnoteReference "footnote_reference",
    CitationReference "citation_reference",
    SubstitutionReference "substitution_reference",
    TitleReference "title_reference",
    Abbreviation "abbreviation",
    Acronym "acronym",
    Superscript "superscript",
    Subscript "subscript",
    Math "math",
    Inline "inline",
    Problematic "problematic",
    Generated "generated",
    // The Sphinx dialect.
    /// A reference to be resolved by the site: attributes `refdomain`, `reftype`, `reftarget`, `refexplicit`.
    PendingXref "pending_xref",
    /// Attributes `entries` (list of `title\u{0}document`), `maxdepth`, `caption`, `glob`, `hidden`, `numbered`, `titlesonly`, `reversed`.
    Toctree "toctree",
    /// Attribute `entries`: a list of `type\u{0}value\u{0}target id`.
    Index "index",
    /// An object description; attributes `domain`, `objtype`, `no-index`.
    Desc "desc",
    DescSignature "desc_signature",
    DescSignatureLine "desc_signature_line",
    DescName "desc_name",
    DescAddname "desc_addname",
    DescType "desc_type",
    DescReturns "desc_returns",
    DescParameterlist "desc_parameterlist",
    DescParameter "desc_parameter",
    DescOptional "desc_optional",
    DescAnnotation "desc_annotation",
    DescContent "desc_content",
    /// `versionadded`, `versionchanged`, `deprecated`, `versionremoved`; attributes `type` and `version`.
    Versionmodified "versionmodified",
    Seealso "seealso",
    /// Shown only where the tag expression in `expr` holds.
    Only "only",
    Glossary "glossary",
    Productionlist "productionlist",
    /// Attribute `tokenname`.
    Production "production",
    Centered "centered",
    Hlist "hlist",
    Hlistcol "hlistcol",
    Acks "acks",
    /// Attributes `lang`, `force`, `linenothreshold`.
    Highlightlang "highlightlang",
    DownloadReference "download_reference",
    Manpage "manpage",
    LiteralEmphasis "literal_emphasis",
    LiteralStrong "literal_strong",
    /// Text is the dot source; attributes `alt`, `align`, `layout`.
    Graphviz "graphviz",
    /// A directive or role of another tool that this parser knows by name only; attribute `name`.
    Unsupported "unsupported",
}

impl Kind {
    /// True for elements that stand in running text.
    pub fn is_inline(self) -> bool {
        (Kind::Emphasis..=Kind::Generated).contains(&self)
            || matches!(
                self,
                Kind::Text
                    | Kind::Raw
                    | Kind::Image
                    | Kind::Target
                    | Kind::PendingXref
                    | Kind::DownloadReference
                    | Kind::Manpage
                    | Kind::LiteralEmphasis
                    | Kind::LiteralStrong
            )
    }

    /// True for elements that hold text and inline elements, not body elements (docutils' `TextElement`).
    pub fn is_text_element(self) -> bool {
        use Kind::*;
        (Kind::Author..=Kind::Copyright).contains(&self) && self != Authors
            || (Kind::Emphasis..=Kind::Generated).contains(&self)
            || matches!(
                self,
                Title
                    | Subtitle
                    | Paragraph
                    | Term
                    | Classifier
                    | FieldName
                    | OptionString
                    | OptionArgument
                    | LiteralBlock
                    | DoctestBlock
                    | MathBlock
                    | Line
                    | Attribution
                    | Comment
                    | SubstitutionDefinition
                    | Target
                    | Label
                    | Rubric
                    | Caption
                    | Raw
                    | PendingXref
                    | DescSignature
                    | DescSignatureLine
                    | DescName
                    | DescAddname
                    | DescType
                    | DescReturns
                    | DescParameterlist
                    | DescParameter
                    | DescOptional
                    | DescAnnotation
                    | Versionmodified
                    | Production
                    | Centered
                    | DownloadReference
                    | Manpage
                    | LiteralEmphasis
                    | LiteralStrong
                    | Graphviz
            )
    }

    /// True for elements whose white space is kept (docutils' `FixedTextElement`).
    pub fn is_fixed_text(self) -> bool {
        matches!(
            self,
            Kind::LiteralBlock
                | Kind::DoctestBlock
                | Kind::MathBlock
                | Kind::Address
                | Kind::Comment
                | Kind::Raw
                | Kind::Graphviz
        )
    }

    /// True for the nine specific admonitions and the generic one.
    pub fn is_admonition(self) -> bool {
        (Kind::Attention..=Kind::Admonition).contains(&self)
    }

    /// True for elements that hold body elements.
    pub(crate) fn takes_body(self) -> bool {
        self.is_admonition()
            || matches!(
                self,
                Kind::Document
                    | Kind::Section
                    | Kind::Topic
                    | Kind::Sidebar
                    | Kind::ListItem
                    | Kind::Definition
                    | Kind::FieldBody
                    | Kind::Description
                    | Kind::BlockQuote
                    | Kind::Footnote
                    | Kind::Citation
                    | Kind::Legend
                    | Kind::Entry
                    | Kind::Container
                    | Kind::Compound
                    | Kind::SystemMessage
                    | Kind::Header
                    | Kind::Footer
                    | Kind::DescContent
                    | Kind::Only
                    | Kind::Seealso
                    | Kind::Versionmodified
            )
    }

    /// True for titles and what stands with them at the top of a document.
    pub(crate) fn is_titular(self) -> bool {
        matches!(self, Kind::Title | Kind::Subtitle | Kind::Rubric | Kind::Meta)
    }

    /// True for elements that show nothing: comments, targets, substitution definitions, pending nodes.
    pub fn is_invisible(self) -> bool {
        matches!(self, Kind::Comment | Kind::SubstitutionDefinition | Kind::Target | Kind::Pending | Kind::Index)
    }
}
