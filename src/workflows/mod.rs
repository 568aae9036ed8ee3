//! Argo Workflows: the checks of what types cannot say. In: manifests with templates, as plain data with places. Out:
//! reports. Names in `{{…}}`, references to templates, arguments, and what tasks wait for are texts in a manifest; here they
//! are read as what they are.
//!
//! The names of settings stand in this module, and not as attributes in `stdlib/`: the same checks are for manifests that
//! somebody wrote by hand, where nothing else says what a `when` is, and the variables of the target are made of the very
//! same names (`inputs.parameters.x`). Which objects hold a workflow, and where, is said in `stdlib/`.

mod arguments;
mod conditions;
mod dag;
mod depends;
mod errors;
mod fields;
mod judge;
mod model;
mod node;
mod program;
mod references;
mod results;
mod runs;
mod tags;
mod variables;

use crate::base::Files;
use crate::diag::Diagnostic;

pub use model::{Manifest, Role};
pub use node::{Node, Plain};
pub use program::manifests;
pub use runs::{Run, runs};

use judge::Judge;
use model::Workflow;

/// Judges manifests together. `closed`: there are no templates but those in them.
pub fn check(manifests: &[Manifest], closed: bool, files: &Files) -> Vec<Diagnostic> {
    let all: Vec<Workflow<'_>> = manifests.iter().map(Workflow::read).collect();
    let mut judge = Judge { files, all: &all, closed, reports: Vec::new() };
    for workflow in &all {
        let sites = workflow.sites();
        references::check(&mut judge, workflow, &sites);
        arguments::check(&mut judge, workflow, &sites);
        variables::check(&mut judge, workflow);
        variables::across(&mut judge, workflow);
        dag::check(&mut judge, workflow);
        conditions::check(&mut judge, &sites);
        fields::check(&mut judge, workflow);
    }
    judge.reports
}
