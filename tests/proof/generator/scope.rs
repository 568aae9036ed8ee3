//! What an expression may read at a place, with its type: what the generator knows of the language's scopes.

use std::sync::Arc;

use loadline::library::{Face, Record, Target, Ty};

#[derive(Clone)]
pub struct Readable {
    /// As it is written.
    pub text: String,
    pub ty: Ty,
    pub is_static: bool,
}

#[derive(Clone)]
pub struct Slot {
    pub name: String,
    pub artifacts: Arc<Record>,
    /// Known to be filled here.
    pub sure: bool,
}

#[derive(Clone, Default)]
pub struct Scope {
    pub slots: Vec<Slot>,
    /// Names with their types: lets, parameters, results, loop variables.
    pub names: Vec<Readable>,
    /// Steps whose `status` can be asked.
    pub steps: Vec<String>,
    /// Slots whose freight surely did not trigger the promotion.
    pub not_promoting: Vec<usize>,
    pub in_task: bool,
    /// Lists that the task is passed, of which only the callers know the number of items.
    pub looped: Vec<String>,
    /// In `on failure` or `finally`.
    pub in_tail: bool,
    /// Behind a condition that says failure: no step before is sure to have left anything.
    pub after_failure: bool,
    /// A condition around it reads more than what is there in any case.
    pub behind_values: bool,
    /// How many blocks and loops it lies in.
    pub depth: usize,
}

impl Scope {
    pub fn add(&mut self, text: impl Into<String>, ty: Ty, is_static: bool) {
        self.names.push(Readable { text: text.into(), ty, is_static });
    }

    /// A condition or a loop stands around it.
    pub fn in_block(&self) -> bool {
        self.depth > 0
    }

    pub fn inner(&self) -> Scope {
        Scope { depth: self.depth + 1, ..self.clone() }
    }

    /// The scope behind a condition that found the slot filled.
    pub fn sure_of(&self, slot: usize) -> Scope {
        let mut scope = self.inner();
        scope.slots[slot].sure = true;
        scope
    }

    /// The scope where the slot did not trigger the promotion. If all but one did not, that one did.
    pub fn not_promoted(&self, slot: usize) -> Scope {
        let mut scope = self.inner();
        scope.not_promoting.push(slot);
        let rest: Vec<usize> = (0..self.slots.len()).filter(|at| !scope.not_promoting.contains(at)).collect();
        if let [only] = rest[..] {
            scope.slots[only].sure = true;
        }
        scope
    }

    /// What is known where a test of a slot, as `slot_test` writes it, does not hold.
    pub fn otherwise(&self, test: &str, slot: usize) -> Scope {
        if test.starts_with("promoting ") { self.not_promoted(slot) } else { self.inner() }
    }

    /// What `on failure` and `finally` see: what the steps left may be absent, and nothing is known of slots.
    pub fn tail(&self, all_slots: &[Slot]) -> Scope {
        let names = self.names.iter().filter_map(|name| {
            let is_result = name.text.trim_start_matches(['r', 'c']).parse::<u32>().is_ok();
            match &name.ty {
                _ if name.is_static || name.text.starts_with("ctx.") => Some(name.clone()),
                ty if is_result => Some(Readable { ty: ty.clone().optional(Face::Nil), ..name.clone() }),
                _ => None,
            }
        });
        Scope { slots: all_slots.to_vec(), names: names.collect(), in_task: self.in_task, in_tail: true, depth: 1, ..Scope::default() }
    }

    pub fn unsure(&self) -> Vec<usize> {
        (0..self.slots.len()).filter(|at| !self.slots[*at].sure).collect()
    }

    /// Every value that is surely there, and (`T?`) every value that may be absent; records taken apart.
    pub fn readable(&self, target: &Target) -> Vec<Readable> {
        let mut out = Vec::new();
        for slot in &self.slots {
            let ty = Ty::Record(slot.artifacts.clone());
            let mark = if slot.sure { "" } else { "?" };
            for field in &slot.artifacts.fields {
                let text = format!("{}{mark}.{}", slot.name, field.name);
                let optional = !slot.sure;
                expand(&text, &field.ty, optional, false, target, 3, &mut out);
            }
            if slot.sure {
                out.push(Readable { text: slot.name.clone(), ty, is_static: false });
            }
        }
        for name in &self.names {
            let mark = if name.ty.is_optional() { "?" } else { "" };
            out.push(name.clone());
            if let Ty::Record(record) = name.ty.present() {
                fields(&name.text, mark, record, name.ty.is_optional(), name.is_static, target, 2, &mut out);
            }
        }
        out
    }
}

fn expand(text: &str, ty: &Ty, optional: bool, is_static: bool, target: &Target, depth: usize, out: &mut Vec<Readable>) {
    let own = if optional { ty.clone().optional(Face::Nil) } else { ty.clone() };
    out.push(Readable { text: text.to_owned(), ty: own, is_static });
    if let Ty::Record(record) = ty.present() {
        fields(text, "", record, optional, is_static, target, depth, out);
    }
    // What a clone has is known by the paths of its checkouts, which no name here is.
    if let Ty::Map(item, face) = ty.present()
        && !text.ends_with(".commits")
        && !optional
        && !item.is_secret()
    {
        for key in ["title", "org.example/rev", "missing"] {
            out.push(Readable { text: format!("{text}[\"{key}\"]"), ty: (**item).clone().optional(*face), is_static });
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "a recursion over records")]
fn fields(
    text: &str,
    mark: &str,
    record: &Record,
    optional: bool,
    is_static: bool,
    target: &Target,
    depth: usize,
    out: &mut Vec<Readable>,
) {
    if depth == 0 {
        return;
    }
    for field in &record.fields {
        if !field.rules.in_all(target) || record.all(&field.name).count() > 1 {
            continue;
        }
        let own = field.optional || field.rules.may_be_absent(target);
        let ty = field.ty.clone();
        let path = format!("{text}{mark}.{}", field.name);
        if own {
            let face = if optional { Face::Nil } else { field.rules.face() };
            out.push(Readable { text: path, ty: ty.optional(face), is_static });
        } else {
            expand(&path, &ty, optional, is_static, target, depth - 1, out);
        }
    }
}
