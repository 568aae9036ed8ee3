/**
 * Loadline for editors: enough structure for highlighting, folding, indentation and selections.
 *
 * The grammar of the compiler is `grammar/loadline.pest`; this one follows it rule by rule where the shape is the same.
 * It may accept more, since the compiler is what reports mistakes. It may never accept less: the tests of this folder
 * parse every program of the project, and none may have an ERROR node.
 */

/// <reference types="tree-sitter-cli/dsl" />
// @ts-check

// A dash inside a word belongs to it: `a-b` is a name, `a - b` a difference.
const WORD = /[A-Za-z_][A-Za-z0-9_]*(-+[A-Za-z0-9_]+)*/;

const PREC = {
  arrow: 1,
  choice: 2,
  or: 3,
  and: 4,
  compare: 5,
  coalesce: 6,
  add: 7,
  multiply: 8,
  unary: 9,
  postfix: 10,
};

const OPERATORS = [
  [PREC.or, ["||"]],
  [PREC.and, ["&&"]],
  [PREC.compare, ["==", "!=", "<=", ">=", "<", ">", "in", "contains", "startsWith", "endsWith", "matches"]],
  [PREC.coalesce, ["??"]],
  [PREC.add, ["+", "-"]],
  [PREC.multiply, ["*", "/", "%"]],
];

// Words that are something else only in a certain place, and names everywhere else.
const STATEMENT_WORDS = ["use", "target", "type", "flow"];
const RESERVED = ["let", "var", "if", "else", "for", "in", "return", "try", "true", "false", "null"];

/** Items behind each other, each on a line or behind a comma. */
const separated = ($, item) => seq(item, repeat(seq($._separator, item)), optional($._separator));

const words = ($, list) => alias(choice(...list), $.identifier);

module.exports = grammar({
  name: "loadline",

  // The end of a line, if the next one does not continue it; see src/scanner.c.
  externals: ($) => [$._line_end],

  extras: ($) => [/\s/, $.comment],

  word: ($) => $.identifier,

  supertypes: ($) => [$.expression],

  inline: ($) => [$._item_name],

  conflicts: ($) => [
    // `let x = a.b { … }` is a step, `let x = a.b` a value.
    [$.path, $._bare],
  ],

  rules: {
    source_file: ($) => optional(separated($, $._entry)),

    _separator: ($) => prec.right(choice(repeat1(","), seq($._line_end, repeat(",")))),

    // `////` begins no description.
    comment: (_) => token(choice(/\/\/([^\/\n][^\n]*)?/, /\/\/\/\/[^\n]*/)),
    doc_comment: (_) => token(/\/\/\/([^\/\n][^\n]*)?/),

    // ── Entries ──

    block: ($) => seq("{", optional(separated($, $._entry)), "}"),

    _entry: ($) => seq(repeat($._prelude), $._bare_entry),

    _prelude: ($) => choice($.doc_comment, $.attribute),

    attribute: ($) => prec.right(seq("@", field("name", choice($.identifier, alias("in", $.identifier))), optional($.arguments))),

    _bare_entry: ($) =>
      choice(
        $.binding,
        $.if_statement,
        $.for_statement,
        $.return_statement,
        $.use_declaration,
        $.target_declaration,
        $.type_declaration,
        $.flow,
        $.try_step,
        $.setting,
        $.step,
        $.declaration,
        $.spread,
      ),

    setting: ($) => seq(field("name", $._key), ":", field("value", $.expression)),

    _key: ($) => choice($.identifier, words($, [...RESERVED, ...STATEMENT_WORDS, "static", "raw", "promoting"]), $.string),

    spread: ($) => seq("...", $.expression),

    // A step or a call, a block without a name such as `promote { … }`, an instance of a template.
    step: ($) =>
      seq(
        field("name", choice($.path, alias($._raw_name, $.path))),
        choice(field("settings", $.block), $.arguments),
        optional($.retry),
      ),

    // `raw { … }` as an entry.
    _raw_name: ($) => alias("raw", $.identifier),

    retry: ($) => seq("retry", $.block),

    // Whatever has a kind and a name: `warehouse app { … }`, `slot base = charts`, `task render(…) -> { … } { … }`.
    declaration: ($) =>
      prec.right(
        seq(
          field("kind", $.identifier),
          choice($._item_name, field("names", $.list)),
          optional($.parameters),
          optional(seq(":", field("type", $._type))),
          optional(seq("->", field("result", $._type))),
          optional(seq("=", field("value", $.expression))),
          optional(field("body", $.block)),
        ),
      ),

    _item_name: ($) => seq(field("name", choice($.identifier, $.string)), optional($.as_name)),

    as_name: ($) => seq("as", $.string),

    // ── Statements ──

    binding: ($) =>
      seq(
        choice("let", "var"),
        $._item_name,
        optional(seq(":", field("type", $._type))),
        "=",
        field("value", choice($.try_step, alias($._block_step, $.step), $.expression)),
      ),

    _block_step: ($) => seq(field("name", $.path), field("settings", $.block), optional($.retry)),

    if_statement: ($) =>
      prec.right(
        seq(
          "if",
          field("condition", $.expression),
          field("then", $.block),
          optional(seq("else", field("else", choice($.if_statement, $.block)))),
        ),
      ),

    for_statement: ($) =>
      seq("for", field("name", $.identifier), optional(seq(",", field("name", $.identifier))), "in", $.expression, $.block),

    return_statement: ($) => seq("return", $.expression),

    try_step: ($) => seq("try", $.step),

    use_declaration: ($) =>
      seq("use", choice($.import, seq("[", separated($, $.import), "]")), "from", field("source", $.string)),

    import: ($) => seq(field("name", $.identifier), optional(seq("as", field("alias", $.identifier)))),

    target_declaration: ($) =>
      prec.right(
        seq("target", field("name", $.identifier), $.version, optional(seq("..", $.version)), optional($.block)),
      ),

    type_declaration: ($) => seq("type", field("name", $.identifier), "=", $._type),

    flow: ($) => seq("flow", $.node, repeat1(seq("->", $.node))),

    node: ($) =>
      prec.right(
        seq(
          choice(seq(optional(choice("any", "all")), $.list), $._item_name, field("name", words($, ["any", "all"]))),
          optional($.block),
        ),
      ),

    // ── Types and parameters ──

    _type: ($) => choice($.union_type, $._type_unit),

    union_type: ($) => prec.right(seq($._type_unit, repeat1(seq("|", $._type_unit)))),

    _type_unit: ($) => choice($.optional_type, $._plain_type),

    optional_type: ($) => prec(1, seq($._plain_type, "?")),

    _plain_type: ($) => choice($.list_type, $.record_type, seq("(", $._type, ")"), $.string, $.named_type),

    list_type: ($) => seq("[", $._type, "]"),

    named_type: ($) => prec.right(seq(field("name", $.path), optional(seq("<", $._type, ">")))),

    record_type: ($) => seq("{", optional(separated($, $.field)), "}"),

    field: ($) =>
      seq(
        repeat($._prelude),
        choice(seq(field("name", $._key), optional("?")), seq("[", $._type, "]")),
        ":",
        field("type", $._type),
      ),

    parameters: ($) => seq("(", optional(separated($, $.parameter)), ")"),

    parameter: ($) =>
      seq(
        repeat($._prelude),
        optional("static"),
        field("name", $._key),
        optional("?"),
        ":",
        field("type", $._type),
        optional(seq("=", field("default", $.expression))),
      ),

    path: ($) => prec.right(seq($.identifier, repeat(seq(".", $.identifier)))),

    // ── Expressions ──

    expression: ($) =>
      choice(
        $._bare,
        $.boolean,
        $.null,
        $.number,
        $.duration,
        $.string,
        $.list,
        $.block,
        $.parenthesized,
        $.raw,
        $.promoting,
        $.function,
        $.conditional,
        $.binary,
        $.unary,
        $.member,
        $.index,
        $.call,
      ),

    // Where a key may stand as well, all words are known that a key may be.
    _bare: ($) => choice($.identifier, words($, [...STATEMENT_WORDS, "raw", "promoting", "static", "if", "in"])),

    boolean: (_) => choice("true", "false"),
    null: (_) => "null",

    function: ($) =>
      prec.right(PREC.arrow, seq(field("parameters", $.expression), "=>", field("body", $.expression))),

    conditional: ($) =>
      prec.right(
        PREC.choice,
        seq(field("condition", $.expression), "?", field("then", $.expression), ":", field("else", $.expression)),
      ),

    binary: ($) =>
      choice(
        ...OPERATORS.map(([precedence, operators]) =>
          prec.left(
            precedence,
            seq(
              field("left", $.expression),
              field("operator", operators.length > 1 ? choice(...operators) : operators[0]),
              field("right", $.expression),
            ),
          ),
        ),
      ),

    unary: ($) => prec(PREC.unary, seq(field("operator", choice("!", "-")), $.expression)),

    member: ($) =>
      prec(PREC.postfix, seq(field("value", $.expression), choice(".", "?."), field("name", $.identifier))),

    index: ($) => prec(PREC.postfix, seq(field("value", $.expression), optional("?."), "[", $.expression, "]")),

    call: ($) => prec(PREC.postfix, seq(field("function", $.expression), $.arguments)),

    arguments: ($) => seq("(", optional(separated($, choice($.inherit, $.argument, $.expression))), ")"),

    argument: ($) => seq(field("name", $._key), ":", field("value", $.expression)),

    inherit: (_) => "..",

    parenthesized: ($) => seq("(", $.expression, repeat(seq(",", $.expression)), ")"),

    raw: ($) => prec(1, seq("raw", choice($.block, seq("(", $.string, ")", "as", field("type", $._type))))),

    promoting: ($) => seq("promoting", field("slot", $.identifier)),

    list: ($) => seq("[", optional(separated($, choice($.comprehension, $.spread, $.expression))), "]"),

    comprehension: ($) =>
      seq(
        "for",
        field("name", $.identifier),
        optional(seq(",", field("name", $.identifier))),
        "in",
        $.expression,
        optional(seq("if", field("condition", $.expression))),
        ":",
        field("value", $.expression),
      ),

    // ── Text ──

    string: ($) => choice($._quoted, $._fenced, $.raw_string),

    _quoted: ($) =>
      seq(
        '"',
        repeat(choice(alias($._text, $.text), $.escape, $.interpolation, $.foreign, $._dollar)),
        token.immediate('"'),
      ),

    _fenced: ($) =>
      seq(
        '"""',
        repeat(
          choice(alias($._fenced_text, $.text), $.escape, $.interpolation, $.foreign, $._dollar, token.immediate('"')),
        ),
        token.immediate('"""'),
      ),

    raw_string: (_) => token(choice(/r"[^"\n]*"/, /r"""([^"]|"[^"]|""[^"])*"""/)),

    // Stronger than a comment: `//` in a text is text.
    _text: (_) => token.immediate(prec(1, /[^"\n\\$]+/)),
    _fenced_text: (_) => token.immediate(prec(1, /[^"\\$]+/)),
    _dollar: (_) => token.immediate("$"),

    escape: (_) => token.immediate(/\\([ntr"\\$]|u\{[0-9a-fA-F]{1,6}\})/),

    interpolation: ($) => seq(token.immediate("${"), $.expression, "}"),

    // `${{ … }}` of Kargo. The compiler says what to write for it.
    foreign: (_) => token.immediate(choice(/\$\{\{([^}\n"]|\}[^}\n"])*\}\}/, /\$\{%([^%\n"]|%[^}\n"])*%\}/, "${{", "${%")),

    // ── Words ──

    identifier: (_) => WORD,
    duration: (_) => /([0-9]+(\.[0-9]+)?(ms|s|m|h))+/,
    number: (_) => /[0-9]+(\.[0-9]+)?/,
    version: (_) => /[0-9]+\.[0-9]+(\.[0-9]+)?/,
  },
});
