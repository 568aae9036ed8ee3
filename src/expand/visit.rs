//! Walking checked blocks as an instance sees them: static conditions decided, loops unrolled.

use crate::types::eval::{Env, bound, eval, items};
use crate::types::{BlockItem, StageItem};

/// Calls `each` for every setting and inner block that the instance has, with the environment there.
pub fn visit_block(block: &[BlockItem], env: &Env, each: &mut dyn FnMut(&BlockItem, &Env)) {
    for item in block {
        match item {
            BlockItem::If { condition, then, otherwise } => {
                visit_block(if eval(condition, env).holds() { then } else { otherwise }, env, each);
            }
            BlockItem::For { over, binds, body } => {
                for (key, value) in items(&eval(over, env)) {
                    visit_block(body, &env.with(bound(*binds, key, value)), each);
                }
            }
            _ => each(item, env),
        }
    }
}

/// The same for the parts of a stage.
pub fn visit_stage(stage: &[StageItem], env: &Env, each: &mut dyn FnMut(&StageItem, &Env)) {
    for item in stage {
        match item {
            StageItem::If { condition, then, otherwise } => {
                visit_stage(if eval(condition, env).holds() { then } else { otherwise }, env, each);
            }
            StageItem::For { over, binds, body } => {
                for (key, value) in items(&eval(over, env)) {
                    visit_stage(body, &env.with(bound(*binds, key, value)), each);
                }
            }
            _ => each(item, env),
        }
    }
}
