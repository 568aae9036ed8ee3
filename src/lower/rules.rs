//! The rules of lowering by name (design §2), each applied at one place. The tests take one away at a time, to show that
//! without it some generated program goes wrong. In a release all of them always hold.

use std::cell::Cell;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// A condition is joined with `success()`.
    SuccessWithCondition,
    /// A condition that may change is asked once.
    ConditionAskedOnce,
    /// `else` is the negation of the same condition.
    ElseIsNegation,
    /// A `let` that is not the same twice is evaluated once.
    LetEvaluatedOnce,
    /// `require` fails the promotion.
    RequireFails,
    /// Variables evaluate in every state.
    TotalVariables,
    /// Results are read with `?.`.
    SafeResults,
    /// Artifacts are looked up with their origin.
    OriginGiven,
    /// A text is forced to stay text.
    ForcedText,
    /// What `yaml-update` pastes is quoted.
    YamlText,
    /// Helm takes texts literally, or escaped.
    HelmLiteral,
    /// Characters that erase a configuration are dropped.
    Stripped,
    /// Kargo's delimiters in the author's text are escaped.
    Delimiters,
    /// All parameters are passed at each call.
    AllParameters,
    /// Numbers and booleans in variables are expressions.
    TypedVariables,
    /// Absent optional parameters are passed as nil.
    NilParameters,
    /// Aliases in loops carry the key.
    AliasesInLoops,
    /// Numbers inside texts are written as whole numbers.
    NumbersInText,
    /// The promotion goes on behind a step that is tried.
    TriedContinues,
    /// In a tried call and behind a body, a step needs the earlier ones.
    GroupsInOrder,
    /// What runs behind a body has a time limit.
    TimeLimit,
    /// `on failure` does not run for a `require`.
    RequireIsNoAccident,
    /// `on failure` of a task is for its own steps.
    FailureOfOwnSteps,
    /// What a failed step leaves is not its result.
    FailedLeavesNothing,
    /// A text of the promotion in an expression of a step's own is a literal there.
    LiteralsInOwn,
    /// What such an expression gives can be stored.
    StoredResults,
}

pub const RULES: &[Rule] = &[
    Rule::SuccessWithCondition,
    Rule::ConditionAskedOnce,
    Rule::ElseIsNegation,
    Rule::LetEvaluatedOnce,
    Rule::RequireFails,
    Rule::TotalVariables,
    Rule::SafeResults,
    Rule::OriginGiven,
    Rule::ForcedText,
    Rule::YamlText,
    Rule::HelmLiteral,
    Rule::Stripped,
    Rule::Delimiters,
    Rule::AllParameters,
    Rule::TypedVariables,
    Rule::NilParameters,
    Rule::AliasesInLoops,
    Rule::NumbersInText,
    Rule::TriedContinues,
    Rule::GroupsInOrder,
    Rule::TimeLimit,
    Rule::RequireIsNoAccident,
    Rule::FailureOfOwnSteps,
    Rule::FailedLeavesNothing,
    Rule::LiteralsInOwn,
    Rule::StoredResults,
];

thread_local! {
    static WITHOUT: Cell<Option<Rule>> = const { Cell::new(None) };
}

impl Rule {
    pub(super) fn holds(self) -> bool {
        !cfg!(debug_assertions) || WITHOUT.get() != Some(self)
    }
}

/// What `compile` gives when one rule is not applied.
pub fn without<R>(rule: Rule, compile: impl FnOnce() -> R) -> R {
    WITHOUT.set(Some(rule));
    let out = compile();
    WITHOUT.set(None);
    out
}
