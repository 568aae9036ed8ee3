// The end of a line, for the parser of Loadline.
//
// Entries end with their line, unless the next line goes on: with an operator (but not with a minus), with `.`, `?`,
// `:`, `->` or `else`. Comments between the two lines do not matter. Wherever no entry can end, a line end is a blank.

#include "tree_sitter/parser.h"

enum Token { LINE_END };

static bool is_word(int32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

static void skip_line(TSLexer *lexer) {
  while (lexer->lookahead != '\n' && !lexer->eof(lexer)) lexer->advance(lexer, false);
}

// Whether the text ahead, from the first sign of a line that is not blank, goes on with what the line before began.
static bool continues(TSLexer *lexer) {
  int32_t first = lexer->lookahead;
  lexer->advance(lexer, false);
  switch (first) {
  case '|':
  case '*':
  case '%':
  case '+':
  case '<':
  case '>':
  case '?':
  case ':':
    return true;
  case '&':
    return lexer->lookahead == '&';
  case '=':
  case '!':
    return lexer->lookahead == '=';
  case '-':
    return lexer->lookahead == '>';
  case '.':
    // Not `...x` and `..`, which are items.
    return lexer->lookahead != '.';
  case 'e': {
    for (const char *rest = "lse"; *rest; rest++) {
      if (lexer->lookahead != *rest) return false;
      lexer->advance(lexer, false);
    }
    return !is_word(lexer->lookahead) && lexer->lookahead != ':';
  }
  default:
    return false;
  }
}

static bool scan_line_end(TSLexer *lexer) {
  while (lexer->lookahead == ' ' || lexer->lookahead == '\t' || lexer->lookahead == '\r') lexer->advance(lexer, true);
  if (lexer->lookahead != '\n') return false;
  lexer->advance(lexer, false);
  lexer->mark_end(lexer);
  lexer->result_symbol = LINE_END;
  for (;;) {
    switch (lexer->lookahead) {
    case ' ':
    case '\t':
    case '\r':
    case '\n':
      lexer->advance(lexer, false);
      break;
    case '/': {
      lexer->advance(lexer, false);
      // A division goes on.
      if (lexer->lookahead != '/') return false;
      lexer->advance(lexer, false);
      if (lexer->lookahead == '/') {
        lexer->advance(lexer, false);
        // A description begins an entry.
        if (lexer->lookahead != '/') return true;
      }
      skip_line(lexer);
      break;
    }
    default:
      if (lexer->eof(lexer)) return true;
      return !continues(lexer);
    }
  }
}

void *tree_sitter_loadline_external_scanner_create(void) { return NULL; }
void tree_sitter_loadline_external_scanner_destroy(void *payload) { (void)payload; }
unsigned tree_sitter_loadline_external_scanner_serialize(void *payload, char *buffer) {
  (void)payload;
  (void)buffer;
  return 0;
}
void tree_sitter_loadline_external_scanner_deserialize(void *payload, const char *buffer, unsigned length) {
  (void)payload;
  (void)buffer;
  (void)length;
}

bool tree_sitter_loadline_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid_symbols) {
  (void)payload;
  // While the parser recovers from an error every token is said to be valid; a line end then still helps.
  return valid_symbols[LINE_END] && scan_line_end(lexer);
}
