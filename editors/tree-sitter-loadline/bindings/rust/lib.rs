//! The parser of Loadline for programs that use tree-sitter.

use tree_sitter_language::LanguageFn;

unsafe extern "C" {
    fn tree_sitter_loadline() -> *const ();
}

/// The language, for `tree_sitter::Parser::set_language`.
pub const LANGUAGE: LanguageFn = unsafe { LanguageFn::from_raw(tree_sitter_loadline) };

/// Which node is shown how.
pub const HIGHLIGHTS_QUERY: &str = include_str!("../../queries/highlights.scm");

/// What can be folded.
pub const FOLDS_QUERY: &str = include_str!("../../queries/folds.scm");

/// Which texts are of another language.
pub const INJECTIONS_QUERY: &str = include_str!("../../queries/injections.scm");

/// What is indented.
pub const INDENTS_QUERY: &str = include_str!("../../queries/indents.scm");
