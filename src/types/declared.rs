//! What is declared and never read: it is typed all the same, and reported where it can be of no use.

use super::errors;
use super::world::World;
use crate::diag::Diagnostic;
use crate::program::{Scope, ScopeId};

impl<'a> World<'a> {
    /// Types everything that is declared but never read, so that its mistakes are found, too, and reports what is
    /// declared for nothing. To be called last.
    pub fn finish(&self) -> Vec<Diagnostic> {
        for (home, scope) in self.program.own_scopes() {
            for decl in scope.tasks.values().filter(|decl| self.sees(decl.item)) {
                self.typed_task(*decl, home);
            }
            for (name, (item, _)) in &scope.steps {
                let _ = (self.step(home, name), item);
            }
            for name in scope.kinds.keys() {
                self.kind(home, name);
            }
            self.unused(scope, home);
        }
        // Only now all that could use them has been typed.
        let imports = self.program.own_scopes().flat_map(|(_, scope)| &scope.imports);
        let unused = imports.filter(|(_, import)| !self.is_used(import.span) && !self.is_unclear());
        let unused: Vec<Diagnostic> = unused.map(|(name, import)| errors::unused("import", name, import.span)).collect();
        self.report(unused);
        self.report_unused_vars();
        self.take_reports()
    }

    fn unused(&self, scope: &Scope<'a>, home: ScopeId) {
        let mut unused = Vec::new();
        for (name, binding) in &scope.lets {
            let span = binding.name.span;
            if !self.is_used(span) {
                self.global_let(home, name);
            } else {
                continue;
            }
            if !name.starts_with('_') && !self.is_unclear() && !self.program.is_library && !self.program.is_brought(home, name) {
                unused.push(errors::unused("`let`", name, span));
            }
        }
        for (name, (_, span)) in &scope.types {
            if self.is_used(*span) {
                continue;
            }
            self.user_type(home, name);
            if !self.is_unclear() && !self.program.is_library && !self.program.is_brought(home, name) {
                unused.push(errors::unused("type", name, *span));
            }
        }
        self.report(unused);
    }
}
