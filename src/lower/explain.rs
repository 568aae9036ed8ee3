//! What became of tasks and calls, and why: `compile --explain-lowering`.

use crate::base::Span;
use crate::flow::calls::{Form, Why};
use crate::types::tree::{Call, Task};

/// What became of one task or call, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    pub span: Span,
    pub text: String,
}

/// Collects explanations, if anybody asked for them.
#[derive(Default)]
pub(crate) struct Explanations {
    wanted: bool,
    found: Vec<Explanation>,
}

impl Explanations {
    pub(crate) fn wanted() -> Explanations {
        Explanations { wanted: true, found: Vec::new() }
    }

    pub(crate) fn call(&mut self, call: &Call, form: &Form) {
        if !self.wanted {
            return;
        }
        let task = &call.task.name;
        let text = match form {
            Form::Task(name) => format!("the call of `{task}` is a reference to the {} `{name}`", kind(&call.task)),
            Form::Inlined(why) => format!("the call of `{task}` is replaced by the steps of the task: {}", reason(*why)),
        };
        self.add(call.span, text);
    }

    pub(crate) fn task(&mut self, task: &Task, name: &str) {
        if self.wanted {
            self.add(task.span, format!("the task `{}` is the {} `{name}`", task.name, kind(task)));
        }
    }

    /// The bodies of a loop or of several stages say the same only once.
    fn add(&mut self, span: Span, text: String) {
        let explanation = Explanation { span, text };
        if !self.found.contains(&explanation) {
            self.found.push(explanation);
        }
    }

    /// In the order of the program.
    pub(crate) fn finish(mut self) -> Vec<Explanation> {
        self.found.sort_by_key(|found| (found.span.file, found.span.start));
        self.found
    }
}

fn kind(task: &Task) -> &'static str {
    if task.is_cluster { "ClusterPromotionTask" } else { "PromotionTask" }
}

fn reason(why: Why) -> String {
    let reason = match why {
        Why::Fault(check) => return format!("in an object a step of it would run into `{}`", check.name()),
        Why::Condition => "a condition stands around it, and Kargo takes none on a call",
        Why::Tried => "it is tried, and Kargo does not let a promotion go on after a failed call",
        Why::InTask => "it stands in a task, where Kargo takes no call",
        Why::Loop => "a loop in it runs over a list that it is passed, and the steps of an object are the same for all its callers",
        Why::Name => "its static arguments cannot be part of the name of an object",
        Why::Variables => "its arguments read variables that have the names of its parameters",
        Why::Failure => "some of its steps run after a failure, and `on failure` must tell theirs from that of a `require`",
    };
    reason.to_owned()
}
