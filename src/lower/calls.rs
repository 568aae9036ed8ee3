//! Calls of tasks: references to objects, or the steps of the task in the place of the call.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use super::cx::{Cx, Inlined, Params, Reading};
use super::outcome::{Late, gate_of_task};
use super::steps::{Steps, text};
use super::task;
use crate::base::Name;
use crate::emit::yaml::Yaml;
use crate::flow::calls::{Around, Form, Why, form, static_env};
use crate::types::eval::Env;
use crate::types::tree::{Call, ResultDef};

impl Steps<'_, '_, '_> {
    pub(super) fn call(&mut self, call: &Call, results: &[ResultDef], cx: &Cx<'_>) {
        let name = results.get(call.result).and_then(|result| result.name.as_ref());
        let env = static_env(call, &cx.env);
        // Who runs the steps of an inlined call looks at each of them.
        let around =
            Around { in_task: cx.in_task || !self.prefix.is_empty(), guarded: !self.guards.is_empty(), apart: self.order.late.is_some() };
        let form = form(call, around, &env);
        // What is said of a call in an inlined task is true of all its callers.
        let in_inlined = !self.prefix.is_empty() && form == Form::Inlined(Why::Condition);
        self.tasks.explanations.call(call, if in_inlined { &Form::Inlined(Why::InTask) } else { &form });
        let emitted = match form {
            Form::Task(name) => name,
            Form::Inlined(_) => {
                let unsure = results.get(call.result).is_some_and(|result| result.unsure);
                return self.inline(call, name, unsure, env, cx);
            }
        };
        let alias = name.map(|name| self.alias(name));
        let needed = self.tasks.need(&emitted, &call.task, &env, self.world);
        let vars = task::call_variables(call, needed, cx);
        if let Some(alias) = &alias {
            let gate = gate_of_task(&call.task, needed.is_marked);
            cx.readings.borrow_mut().insert(call.result, Reading::Outputs(alias.clone(), Some(gate)));
        }
        let mut step = self.places();
        step.extend(alias.map(|alias| ("as".into(), text(&alias))));
        let kind = call.task.is_cluster.then(|| ("kind", text("ClusterPromotionTask")));
        step.push(("task".into(), Yaml::map([("name", text(&emitted))].into_iter().chain(kind))));
        if !vars.is_empty() {
            step.push(("vars".into(), Yaml::Seq(vars)));
        }
        self.out.push(Yaml::Map(step));
    }

    /// The steps of a task as steps of the caller: where a condition stands around the call, which Kargo refuses on tasks.
    fn inline(&mut self, call: &Call, name: Option<&Name>, unsure: bool, env: Env, cx: &Cx<'_>) {
        let own = match name {
            Some(name) => self.alias(name),
            None => self.generated(&call.task.name),
        };
        let readings: Rc<RefCell<HashMap<usize, Reading>>> = Rc::default();
        let latches: Rc<RefCell<HashMap<usize, String>>> = Rc::default();
        let variables: Rc<RefCell<HashMap<Name, String>>> = Rc::default();
        let inner = Cx {
            env: env.clone(),
            params: Params::Arguments { caller: Rc::new(cx.clone()), args: Rc::new(call.args.clone()) },
            readings: Rc::clone(&readings),
            latches: Rc::clone(&latches),
            variables: Rc::clone(&variables),
            late: Rc::new(Late::of(&call.task.body, &call.task.returns)),
            ..cx.clone()
        };
        let prefix = std::mem::replace(&mut self.prefix, format!("{own}-"));
        let keys = std::mem::take(&mut self.keys);
        let stored = (unsure && name.is_some() && !call.task.returns.is_empty()).then_some(own.as_str());
        self.inlined_body(call, stored, &inner);
        self.prefix = prefix;
        self.keys = keys;
        if stored.is_some() {
            cx.readings.borrow_mut().insert(call.result, Reading::Outputs(own, None));
            return;
        }
        let inlined = Inlined { task: Arc::clone(&call.task), env, args: call.args.clone(), readings, latches, variables };
        cx.readings.borrow_mut().insert(call.result, Reading::Inlined(Rc::new(inlined)));
    }
}
