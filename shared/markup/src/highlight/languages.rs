//! The tables of the languages that the lexer knows.

use super::grammar::{Grammar, PLAIN, Quote};
use super::{lines, markdown, rst, tags};

/// Writes code of one language.
pub(super) type Lexer = fn(&str, &mut String);

/// The lexer of a language by the names that people use for it.
pub(super) fn find(language: &str) -> Option<Lexer> {
    Some(match language {
        "python" | "python3" | "py" | "py3" | "python2" | "cython" | "default" | "ipython" | "ipython3" => {
            |c, o| PYTHON.write(c, o)
        }
        "pycon" | "pycon3" | "doctest" => lines::doctest,
        "rust" | "rs" => |c, o| RUST.write(c, o),
        "c" | "cpp" | "c++" | "cxx" | "objc" => |c, o| C.write(c, o),
        "java" | "kotlin" | "csharp" | "c#" | "swift" => |c, o| JAVA.write(c, o),
        "javascript" | "js" | "typescript" | "ts" | "jsx" | "tsx" | "mjs" => |c, o| JAVASCRIPT.write(c, o),
        "go" | "golang" => |c, o| GO.write(c, o),
        "json" | "jsonc" | "json5" => |c, o| JSON.write(c, o),
        "sh" | "bash" | "shell" | "zsh" | "ksh" => |c, o| SHELL.write(c, o),
        "console" | "shell-session" | "sh-session" | "doscon" => lines::console,
        "sql" | "psql" | "postgresql" | "sqlite3" | "mysql" => |c, o| SQL.write(c, o),
        "toml" => |c, o| TOML.write(c, o),
        "ini" | "cfg" | "dosini" | "systemd" => |c, o| INI.write(c, o),
        "nginx" | "nginxconf" => |c, o| NGINX.write(c, o),
        "yaml" | "yml" => |c, o| YAML.write(c, o),
        "css" | "scss" | "less" => |c, o| CSS.write(c, o),
        "html" | "xml" | "xhtml" | "svg" | "html+django" | "html+jinja" | "jinja" | "django" => tags::write,
        "rst" | "rest" | "restructuredtext" => rst::write,
        name if markdown::NAMES.contains(&name) => markdown::write,
        "diff" | "patch" | "udiff" => lines::diff,
        _ => return None,
    })
}

const fn quote(open: &'static str) -> Quote {
    Quote { open, close: open, escapes: true, lines: false, character: false }
}

/// A character of C or Rust.
const CHARACTER: Quote = Quote { open: "'", close: "'", escapes: true, lines: false, character: true };

const fn block(open: &'static str) -> Quote {
    Quote { open, close: open, escapes: true, lines: true, character: false }
}

pub(super) const PYTHON: Grammar = Grammar {
    line_comments: &["#"],
    quotes: &[block("\"\"\""), block("'''"), quote("\""), quote("'")],
    prefixes: "rbuf",
    keywords: &[
        "and", "as", "assert", "async", "await", "break", "case", "continue", "del", "elif", "else", "except",
        "finally", "for", "from", "global", "if", "import", "in", "is", "match", "nonlocal", "not", "or", "pass",
        "raise", "return", "try", "while", "with", "yield", "lambda",
    ],
    definers: &["def", "class"],
    constants: &["None", "True", "False", "NotImplemented", "Ellipsis", "self", "cls"],
    types: &[
        "int", "str", "float", "bool", "bytes", "list", "dict", "set", "tuple", "object", "type", "print", "len",
        "range", "super",
    ],
    decorators: true,
    ..PLAIN
};

const RUST: Grammar = Grammar {
    line_comments: &["//"],
    block_comment: Some(("/*", "*/")),
    quotes: &[
        Quote { open: "r#\"", close: "\"#", escapes: false, lines: true, character: false },
        block("\""),
        CHARACTER,
    ],
    prefixes: "b",
    keywords: &[
        "as", "async", "await", "break", "const", "continue", "crate", "dyn", "else", "extern", "for", "if", "impl",
        "in", "let", "loop", "match", "move", "mut", "pub", "ref", "return", "self", "static", "super", "unsafe",
        "use", "where", "while",
    ],
    definers: &["fn", "struct", "enum", "trait", "mod", "type", "union", "macro_rules"],
    constants: &["true", "false", "None", "Some", "Ok", "Err"],
    types: &[
        "i8", "i16", "i32", "i64", "u8", "u16", "u32", "u64", "usize", "isize", "f32", "f64", "bool", "str", "char",
        "String", "Vec", "Option", "Result", "Box", "Self",
    ],
    ..PLAIN
};

const C: Grammar = Grammar {
    line_comments: &["//"],
    block_comment: Some(("/*", "*/")),
    quotes: &[quote("\""), CHARACTER],
    keywords: &[
        "break",
        "case",
        "const",
        "continue",
        "default",
        "do",
        "else",
        "extern",
        "for",
        "goto",
        "if",
        "inline",
        "register",
        "return",
        "sizeof",
        "static",
        "switch",
        "typedef",
        "volatile",
        "while",
        "catch",
        "delete",
        "new",
        "operator",
        "private",
        "protected",
        "public",
        "template",
        "this",
        "throw",
        "try",
        "using",
        "virtual",
        "constexpr",
        "auto",
        "override",
    ],
    definers: &["struct", "enum", "union", "class", "namespace", "typename"],
    constants: &["NULL", "nullptr", "true", "false"],
    types: &[
        "int", "char", "void", "long", "short", "unsigned", "signed", "float", "double", "bool", "size_t", "ssize_t",
        "int32_t", "int64_t", "uint8_t", "uint32_t", "uint64_t", "PyObject",
    ],
    preprocessor: true,
    ..PLAIN
};

const JAVA: Grammar = Grammar {
    line_comments: &["//"],
    block_comment: Some(("/*", "*/")),
    quotes: &[block("\"\"\""), quote("\""), quote("'")],
    keywords: &[
        "abstract",
        "assert",
        "break",
        "case",
        "catch",
        "const",
        "continue",
        "default",
        "do",
        "else",
        "extends",
        "final",
        "finally",
        "for",
        "if",
        "implements",
        "import",
        "instanceof",
        "native",
        "new",
        "package",
        "private",
        "protected",
        "public",
        "return",
        "static",
        "super",
        "switch",
        "synchronized",
        "this",
        "throw",
        "throws",
        "try",
        "volatile",
        "while",
        "using",
        "namespace",
        "val",
        "var",
        "let",
        "guard",
    ],
    definers: &["class", "interface", "enum", "record", "fun", "func", "struct"],
    constants: &["null", "true", "false", "nil"],
    types: &[
        "int", "long", "short", "byte", "char", "float", "double", "boolean", "void", "String", "Object", "bool",
        "string",
    ],
    decorators: true,
    ..PLAIN
};

const JAVASCRIPT: Grammar = Grammar {
    line_comments: &["//"],
    block_comment: Some(("/*", "*/")),
    quotes: &[block("`"), quote("\""), quote("'")],
    keywords: &[
        "as",
        "async",
        "await",
        "break",
        "case",
        "catch",
        "const",
        "continue",
        "debugger",
        "default",
        "delete",
        "do",
        "else",
        "export",
        "extends",
        "finally",
        "for",
        "from",
        "if",
        "implements",
        "import",
        "in",
        "instanceof",
        "let",
        "new",
        "of",
        "private",
        "public",
        "readonly",
        "return",
        "static",
        "super",
        "switch",
        "this",
        "throw",
        "try",
        "typeof",
        "var",
        "void",
        "while",
        "yield",
    ],
    definers: &["function", "class", "interface", "type", "enum"],
    constants: &["null", "undefined", "true", "false", "NaN"],
    types: &["string", "number", "boolean", "any", "unknown", "never", "Promise", "Array", "Object"],
    word: "$",
    decorators: true,
    ..PLAIN
};

const GO: Grammar = Grammar {
    line_comments: &["//"],
    block_comment: Some(("/*", "*/")),
    quotes: &[Quote { open: "`", close: "`", escapes: false, lines: true, character: false }, quote("\""), quote("'")],
    keywords: &[
        "break",
        "case",
        "chan",
        "const",
        "continue",
        "default",
        "defer",
        "else",
        "fallthrough",
        "for",
        "go",
        "goto",
        "if",
        "import",
        "interface",
        "map",
        "package",
        "range",
        "return",
        "select",
        "struct",
        "switch",
        "var",
    ],
    definers: &["func", "type"],
    constants: &["nil", "true", "false", "iota"],
    types: &["int", "int32", "int64", "uint", "uint8", "byte", "rune", "string", "bool", "error", "float64", "any"],
    ..PLAIN
};

const JSON: Grammar = Grammar {
    line_comments: &["//"],
    block_comment: Some(("/*", "*/")),
    quotes: &[quote("\"")],
    constants: &["null", "true", "false"],
    ..PLAIN
};

pub(super) const SHELL: Grammar = Grammar {
    line_comments: &["#"],
    quotes: &[block("\""), Quote { open: "'", close: "'", escapes: false, lines: true, character: false }],
    keywords: &[
        "case", "do", "done", "elif", "else", "esac", "fi", "for", "function", "if", "in", "local", "return", "select",
        "then", "until", "while", "export", "exit", "set", "unset", "source", "alias", "eval", "exec", "trap",
    ],
    types: &["cd", "echo", "sudo", "printf", "read", "test"],
    word: "-.",
    variables: true,
    ..PLAIN
};

const SQL: Grammar = Grammar {
    line_comments: &["--"],
    block_comment: Some(("/*", "*/")),
    quotes: &[Quote { open: "'", close: "'", escapes: false, lines: true, character: false }, quote("\"")],
    keywords: &[
        "add",
        "all",
        "alter",
        "and",
        "as",
        "asc",
        "begin",
        "between",
        "by",
        "cascade",
        "case",
        "check",
        "column",
        "commit",
        "constraint",
        "create",
        "cross",
        "default",
        "delete",
        "desc",
        "distinct",
        "drop",
        "else",
        "end",
        "exists",
        "foreign",
        "from",
        "full",
        "group",
        "having",
        "if",
        "in",
        "index",
        "inner",
        "insert",
        "into",
        "is",
        "join",
        "key",
        "left",
        "like",
        "limit",
        "not",
        "null",
        "offset",
        "on",
        "or",
        "order",
        "outer",
        "primary",
        "references",
        "returning",
        "right",
        "rollback",
        "select",
        "set",
        "table",
        "then",
        "transaction",
        "trigger",
        "union",
        "unique",
        "update",
        "using",
        "values",
        "view",
        "when",
        "where",
        "with",
    ],
    constants: &["true", "false"],
    types: &[
        "int",
        "integer",
        "bigint",
        "text",
        "varchar",
        "char",
        "boolean",
        "date",
        "timestamp",
        "numeric",
        "real",
        "blob",
        "serial",
    ],
    ignore_case: true,
    ..PLAIN
};

const TOML: Grammar = Grammar {
    line_comments: &["#"],
    quotes: &[
        block("\"\"\""),
        block("'''"),
        quote("\""),
        Quote { open: "'", close: "'", escapes: false, lines: false, character: false },
    ],
    constants: &["true", "false", "inf", "nan"],
    word: "-.",
    keys: Some('='),
    ..PLAIN
};

const INI: Grammar = Grammar {
    line_comments: &["#", ";"],
    quotes: &[quote("\"")],
    constants: &["true", "false", "yes", "no"],
    word: "-.",
    keys: Some('='),
    ..PLAIN
};

const NGINX: Grammar = Grammar {
    line_comments: &["#"],
    quotes: &[block("\""), block("'")],
    keywords: &[
        "events", "geo", "http", "if", "include", "location", "mail", "map", "return", "rewrite", "server", "set",
        "stream", "types", "upstream",
    ],
    constants: &["on", "off"],
    word: "-./:",
    variables: true,
    ..PLAIN
};

const YAML: Grammar = Grammar {
    line_comments: &["#"],
    quotes: &[block("\""), Quote { open: "'", close: "'", escapes: false, lines: true, character: false }],
    constants: &["true", "false", "null", "yes", "no"],
    word: "-./",
    keys: Some(':'),
    ..PLAIN
};

const CSS: Grammar = Grammar {
    line_comments: &["//"],
    block_comment: Some(("/*", "*/")),
    quotes: &[quote("\""), quote("'")],
    constants: &["none", "auto", "inherit", "initial"],
    word: "-",
    decorators: true,
    keys: Some(':'),
    ..PLAIN
};
