//! Names, places and times.

use super::super::checker::Mode;
use super::choices;
use crate::base::{Name, Span};
use crate::diag::{Check, Diagnostic};
use crate::syntax::ast::{self, Ident};

pub(crate) fn not_supported(what: &str, at: Span) -> Diagnostic {
    Diagnostic::new(Check::NotSupportedYet, format!("{what} cannot be compiled yet"), at, "not supported by this version of loadline")
}

pub(crate) fn unknown_name(name: &str, at: Span, near: Option<&str>) -> Diagnostic {
    let report = Diagnostic::new(Check::UnknownName, format!("`{name}` means nothing here"), at, "unknown name");
    if let Some((left, right)) = name.split_once('-').filter(|(_, right)| right.chars().all(|c| c.is_ascii_digit())) {
        return report.suggest(format!("a difference has blanks around the minus: `{left} - {right}`"), at, format!("{left} - {right}"));
    }
    match (name, near) {
        ("vars", _) => report.help("a variable is read by its name alone: `repo` for `vars.repo`"),
        ("outputs" | "task", _) => report.help("bind the result of a step by `let x = …` and read `x.field`"),
        (_, Some(near)) => report.suggest(format!("did you mean `{near}`?"), at, near),
        _ => report,
    }
}

/// A warehouse of the project, of which the stage takes nothing.
pub(crate) fn warehouse_without_slot(name: &str, at: Span) -> Diagnostic {
    Diagnostic::new(Check::UnknownName, format!("the stage takes no freight of `{name}`"), at, "a warehouse, and no slot of the stage")
        .help(format!("write `slot {name}` in the stage"))
}

pub(crate) fn result_before_step(name: &str, at: Span, bound: Span) -> Diagnostic {
    Diagnostic::new(Check::ResultBeforeStep, format!("`{name}` is read before it is there"), at, "read here")
        .because(bound, "bound here, where it can be read only from the next line to the end of its block")
}

/// A name that a block bound which has ended.
pub(crate) fn bound_in_block(name: &str, at: Span, bound: Span) -> Diagnostic {
    Diagnostic::new(Check::UnknownName, format!("`{name}` is known only inside its block"), at, "outside of it")
        .because(bound, "bound here, and known from the next line to the end of its block")
}

pub(crate) fn function_without_call(name: &str, at: Span) -> Diagnostic {
    Diagnostic::new(Check::UnknownName, format!("`{name}` is a function"), at, "not called").help(format!("write `{name}(…)`"))
}

pub(crate) fn duplicate(what: &str, name: &str, at: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Check::DuplicateName, format!("{what} `{name}` stands twice"), at, "again here").because(first, "here first")
}

pub(crate) fn two_lets(name: &str, at: Span, first: Span) -> Diagnostic {
    Diagnostic::new(Check::DuplicateName, format!("`{name}` is bound twice in one body"), at, "bound again")
        .because(first, "bound here first")
        .note("a name is also the alias of its step, of which a promotion has only one")
}

pub(crate) fn unused(what: &str, name: &str, at: Span) -> Diagnostic {
    Diagnostic::new(Check::UnusedBinding, format!("{what} `{name}` is never used"), at, "nothing reads it")
}

pub(crate) fn circular(what: &str, name: &str, at: Span) -> Diagnostic {
    let name = if name == "task" { String::new() } else { format!(" `{name}`") };
    Diagnostic::new(Check::UnknownName, format!("{what}{name} is made of itself"), at, "needs itself")
}

pub(crate) fn not_static(what: &str, at: Span, mode: Mode) -> Diagnostic {
    let report =
        Diagnostic::new(Check::NotStatic, format!("{what} must be known while compiling"), at, "known only while a promotion runs");
    match mode {
        Mode::Task => report.help("a parameter marked `static` is known while compiling; in a task `ctx.stage` is not"),
        _ => report,
    }
}

/// A parameter of an object where more than its text is needed.
pub(crate) fn known_when_used(what: &str, at: Span) -> Diagnostic {
    Diagnostic::new(Check::NotStatic, format!("{what} must be known while compiling"), at, "known only when the template is used")
        .note("a parameter of a template is filled in by the target: it can stand in a text, or be one")
}

pub(crate) fn dynamic_let(at: Span) -> Diagnostic {
    Diagnostic::new(Check::NotStatic, "the name of a `let` cannot be computed", at, "a constant name is needed")
}

pub(crate) fn unknown_function(name: &str, at: Span, near: Option<&str>) -> Diagnostic {
    let report = Diagnostic::new(Check::UnknownFunction, format!("there is no function `{name}`"), at, "unknown function");
    match near {
        Some(near) => report.suggest(format!("did you mean `{near}`?"), at, near),
        None => report,
    }
}

pub(crate) fn replaced_function(name: &str, at: Span, instead: &str) -> Diagnostic {
    Diagnostic::new(Check::ForeignSyntax, format!("`{name}` is Kargo's function, which Loadline writes itself"), at, "not called by hand")
        .help(instead)
}

pub(crate) fn function_not_here(name: &str, at: Span, place: &str) -> Diagnostic {
    Diagnostic::new(Check::NotStatic, format!("`{name}` cannot be called {place}"), at, "not available here")
}

pub(crate) fn raw_not_here(at: Span) -> Diagnostic {
    Diagnostic::new(Check::NotStatic, "a raw expression is known only while a promotion runs", at, "outside a promotion")
}

/// A mistake inside the text of a raw expression.
pub(crate) fn raw_syntax(at: Span, problem: &crate::exprlang::Problem) -> Diagnostic {
    let report = Diagnostic::new(Check::RawSyntax, format!("Kargo cannot read this: {}", problem.message), at, "not expr-lang");
    match problem.help {
        Some(help) => report.help(help),
        None => report,
    }
}

pub(crate) fn not_callable(at: Span) -> Diagnostic {
    Diagnostic::new(Check::TypeMismatch, "only functions and tasks can be called", at, "not a name of one")
}

pub(crate) fn task_as_value(name: &str, at: Span) -> Diagnostic {
    Diagnostic::new(
        Check::MisplacedItem,
        format!("the task `{name}` runs steps, so its call stands by itself"),
        at,
        "inside another expression",
    )
    .help(format!("write `let x = {name}(…)` on a line of its own"))
}

pub(crate) fn argument_count(name: &str, at: Span, wanted: usize, given: usize) -> Diagnostic {
    argument_count_between(name, at, wanted, wanted, given)
}

pub(crate) fn argument_count_between(name: &str, at: Span, low: usize, high: usize, given: usize) -> Diagnostic {
    let wanted = if low == high { low.to_string() } else { format!("{low} to {high}") };
    let plural = if high == 1 { "" } else { "s" };
    Diagnostic::new(Check::MissingArgument, format!("`{name}` takes {wanted} argument{plural}"), at, format!("{given} given"))
}

pub(crate) fn argument_order(name: &str, given: &Ident, wanted: &str, index: usize) -> Diagnostic {
    let message = format!("argument {} of `{name}` is `{wanted}`, not `{}`", index + 1, given.name);
    Diagnostic::new(Check::MissingArgument, message, given.span, "another name").fix(format!("write `{wanted}`"), given.span, wanted)
}

pub(crate) fn status_needs_step(at: Span) -> Diagnostic {
    Diagnostic::new(Check::TypeMismatch, "`status` takes the result of a step", at, "not bound by the `let` of a step")
}

pub(crate) fn status_of_call(at: Span) -> Diagnostic {
    Diagnostic::new(Check::TypeMismatch, "a call of a task has no status of its own", at, "the result of a call")
        .help("return what matters from the task and test that")
}

pub(crate) fn ctx_outside(at: Span) -> Diagnostic {
    Diagnostic::new(Check::NotStatic, "`ctx` is known inside a stage or task", at, "outside both")
}

pub(crate) fn ctx_not_here(path: &str, at: Span) -> Diagnostic {
    Diagnostic::new(Check::NotStatic, format!("`ctx.{path}` is known only while a promotion runs"), at, "outside a promotion")
}

pub(crate) fn unknown_step(kind: &Ident, near: Option<&str>) -> Diagnostic {
    let report = Diagnostic::new(Check::UnknownStep, format!("there is no step `{}`", kind.name), kind.span, "unknown step");
    match near {
        Some(near) => report.suggest(format!("did you mean `{near}`?"), kind.span, near),
        None => report.help("a step that this installation has beyond Kargo's own is declared by `step name(setting: Type)`"),
    }
}

pub(crate) fn unknown_task(kind: &Ident, near: Option<&str>) -> Diagnostic {
    let report = Diagnostic::new(Check::UnknownTask, format!("there is no task `{}`", kind.name), kind.span, "unknown task");
    match near {
        Some(near) => report.suggest(format!("did you mean `{near}`?"), kind.span, near),
        None => report,
    }
}

pub(crate) fn task_with_braces(kind: &Ident) -> Diagnostic {
    Diagnostic::new(Check::UnknownStep, format!("`{}` is a task, not a step", kind.name), kind.span, "called with braces")
        .help(format!("tasks are called with parentheses: `{}(parameter: value)`", kind.name))
}

/// A template, called among steps.
pub(crate) fn template_in_body(kind: &Ident) -> Diagnostic {
    Diagnostic::new(Check::UnknownTask, format!("`{}` is a template, not a task", kind.name), kind.span, "called among steps")
        .help("a template makes objects: call it in a project, or outside projects")
}

pub(crate) fn step_with_parentheses(kind: &Ident) -> Diagnostic {
    Diagnostic::new(Check::UnknownTask, format!("`{}` is a step, not a task", kind.name), kind.span, "called with parentheses")
        .help(format!("the settings of a step stand in braces: `{} {{ … }}`", kind.name))
}

pub(crate) fn unknown_argument(arg: &ast::Arg, task: &str, known: &[&str]) -> Diagnostic {
    match &arg.name {
        Some(name) => {
            let report =
                Diagnostic::new(Check::UnknownName, format!("`{task}` has no parameter `{}`", name.name), name.span, "unknown parameter");
            match crate::diag::nearest(&name.name, known.iter().copied()) {
                Some(near) => report.suggest(format!("did you mean `{near}`?"), name.span, near),
                None if known.is_empty() => report.help("it takes no parameters"),
                None => report.help(parameters(known)),
            }
        }
        None => Diagnostic::new(Check::MissingArgument, format!("arguments of `{task}` are given by name"), arg.span, "without a name")
            .help(parameters(known)),
    }
}

fn parameters(known: &[&str]) -> String {
    match known {
        [one] => format!("its parameter is `{one}`"),
        _ => format!("its parameters are {}", super::list(known)),
    }
}

pub(crate) fn argument_twice(arg: &ast::Arg, name: &str) -> Diagnostic {
    Diagnostic::new(Check::DuplicateName, format!("argument `{name}` is given twice"), arg.span, "given again")
}

pub(crate) fn missing_arguments(missing: &[&str], task: &str, at: Span, declared: Span) -> Diagnostic {
    let message = format!("the call of `{task}` lacks {}", super::list(missing));
    Diagnostic::new(Check::MissingArgument, message, at, "called here").because(declared, "declared here")
}

pub(crate) fn parameter_type(ty: &crate::library::Ty, at: Span) -> Diagnostic {
    Diagnostic::new(Check::TypeMismatch, format!("a parameter of a task cannot be `{ty}`"), at, "cannot become a variable of Kargo")
        .help("a credential is read inside the task: `secret(\"name\").key`")
}

pub(crate) fn return_without_type(at: Span) -> Diagnostic {
    Diagnostic::new(Check::TypeMismatch, "this task returns nothing by its signature", at, "returned here")
        .help("say what it returns: `task name(…) -> { field: Type } { … }`")
}

pub(crate) fn missing_return(at: Span) -> Diagnostic {
    Diagnostic::new(Check::TypeMismatch, "this task does not return what its signature says", at, "no `return` at its end")
}

pub(crate) fn return_needs_record(at: Span) -> Diagnostic {
    Diagnostic::new(Check::TypeMismatch, "`return` takes a record", at, "not a record").help("write `return { name: value }`")
}

pub(crate) fn return_misplaced(at: Span) -> Diagnostic {
    Diagnostic::new(Check::MisplacedItem, "`return` stands at the end of a task", at, "not the last line of a task")
}

pub(crate) fn empty_task(at: Span) -> Diagnostic {
    Diagnostic::new(Check::MissingSetting, "a task needs at least one step", at, "has none")
}

pub(crate) fn require_needs_slot(name: &Ident) -> Diagnostic {
    Diagnostic::new(Check::TypeMismatch, "`require` takes slots of the stage", name.span, "not a slot")
}

pub(crate) fn promoting_needs_slot(name: &Ident) -> Diagnostic {
    Diagnostic::new(Check::TypeMismatch, "`promoting` takes a slot, or a parameter that is given one", name.span, "not a slot")
}

pub(crate) fn promoting_not_here(at: Span) -> Diagnostic {
    Diagnostic::new(Check::NotStatic, "`promoting` is known only while a promotion runs", at, "outside a promotion")
}

pub(crate) fn var_of_step(at: Span) -> Diagnostic {
    Diagnostic::new(Check::MisplacedItem, "`var` cannot hold the result of a step", at, "variables are evaluated before the steps")
        .help("write `let`")
}

pub(crate) fn bad_variable_name(name: &str, at: Span) -> Diagnostic {
    Diagnostic::new(
        Check::InvalidName,
        format!("`{name}` cannot name a variable of Kargo"),
        at,
        "only letters, digits and `_`, not beginning with a digit or `loadline_`",
    )
}

pub(crate) fn setting_in_body(key: &ast::Key, value: &ast::Expr) -> Diagnostic {
    let name = key.as_word().map_or("", |name| name.as_str());
    match name {
        "uses" => {
            let step = value.as_plain_text().or(if let ast::ExprKind::Name(name) = &value.kind { Some(name.as_str()) } else { None });
            let step = step.unwrap_or("git-clone");
            Diagnostic::new(Check::ForeignSyntax, "a step is written by its name", key.span, "YAML of Kargo")
                .help(format!("write `{step} {{ … }}`"))
        }
        "as" => Diagnostic::new(Check::ForeignSyntax, "a result is named by `let`", key.span, "YAML of Kargo")
            .help("write `let name = step { … }`; the name is the alias"),
        "config" | "if" | "task" | "vars" | "retry" | "continueOnError" => {
            Diagnostic::new(Check::ForeignSyntax, format!("`{name}:` is not part of a step here"), key.span, "YAML of Kargo")
                .help(replacement(name))
        }
        _ => Diagnostic::new(Check::MisplacedItem, "a setting cannot stand among steps", key.span, "belongs into the braces of a step"),
    }
}

/// What Kargo's words for a step are here.
pub(crate) fn replacement(name: &str) -> &'static str {
    match name {
        "config" => "the settings of a step stand directly in its braces",
        "if" => "write `if condition { … }` around the steps",
        "task" => "call the task by its name: `name(parameter: value)`",
        "vars" => "bind values by `let`, or by `var` for a variable of Kargo",
        "retry" => "write `step { … } retry { timeout: 10m }`",
        "continueOnError" => "write `try` before the step",
        _ => "write `let name = step { … }`; the name is the alias",
    }
}

pub(crate) fn declaration_in_body(declaration: &ast::Declaration, is_step: bool) -> Diagnostic {
    let kind = &declaration.kind;
    if is_step {
        return Diagnostic::new(
            Check::SyntaxError,
            format!("the step `{}` has no name of its own", kind.name),
            declaration.names.span(),
            "a name",
        )
        .help(format!("write `let name = {} {{ … }}`", kind.name));
    }
    Diagnostic::new(Check::MisplacedItem, format!("`{}` cannot stand among steps", kind.name), kind.span, "not a step")
}

pub(crate) fn misplaced_in(item: &ast::Item, place: &str) -> Diagnostic {
    Diagnostic::new(Check::MisplacedItem, format!("this cannot stand in `{place}`"), first_line(item.span), "not at this place")
}

fn first_line(span: Span) -> Span {
    span
}

pub(crate) fn needs_block(kind: &Ident, at: Span) -> Diagnostic {
    Diagnostic::new(Check::SyntaxError, format!("`{}` needs a block", kind.name), at, "followed by `{ … }`")
}

pub(crate) fn unknown_inner(kind: &Ident, outer: &str, known: &[Name], near: Option<&str>) -> Diagnostic {
    let report =
        Diagnostic::new(Check::UnknownResourceField, format!("`{outer}` has no block `{}`", kind.name), kind.span, "unknown block");
    match near {
        Some(near) => report.suggest(format!("did you mean `{near}`?"), kind.span, near),
        None if known.is_empty() => report,
        None => report.help(format!("it has {}", choices(&known.iter().map(Name::as_str).collect::<Vec<_>>()))),
    }
}

pub(crate) fn namespace_of_kargo(at: Span, kind: &str) -> Diagnostic {
    Diagnostic::new(Check::InvalidValue, format!("the namespace of a {kind} is its project"), at, "cannot be chosen")
}
