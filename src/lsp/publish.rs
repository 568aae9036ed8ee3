//! What is reported about which file. In: the analyses. Out: lists for the editor: of every file whose list is another
//! than the editor has, and of every document that was just changed; empty ones for files that healed or vanished.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};

use gen_lsp_types::{
    Code, CodeDescription, Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, DiagnosticTag, Message, PublishDiagnosticsParams,
};

use super::convert::Places;
use super::disk::Disk;
use super::uri;
use super::workspace::{Workspace, path_of};
use crate::Analysis;
use crate::diag::{self, Check, Severity};

#[derive(Default)]
pub(super) struct Published {
    /// What each program says about each file.
    found: BTreeMap<PathBuf, BTreeMap<PathBuf, Vec<Diagnostic>>>,
    /// What the editor has.
    sent: HashMap<PathBuf, Vec<Diagnostic>>,
}

impl Published {
    /// Whether a program has gone whose reports the editor still has.
    pub(super) fn is_outdated(&self, workspace: &Workspace) -> bool {
        self.found.keys().any(|folder| !workspace.programs.contains_key(folder))
    }

    /// The lists to send after these programs were analysed. `changed`: documents whose lists the editor waits for.
    pub(super) fn update(
        &mut self,
        workspace: &Workspace,
        analysed: &[PathBuf],
        changed: &BTreeSet<PathBuf>,
    ) -> Vec<PublishDiagnosticsParams> {
        let mut touched: BTreeSet<PathBuf> = changed.clone();
        let gone = self.found.keys().filter(|folder| !workspace.programs.contains_key(*folder)).cloned().collect::<Vec<_>>();
        for folder in analysed.iter().chain(&gone) {
            let before = self.found.remove(folder).unwrap_or_default();
            touched.extend(before.into_keys());
            let Some(analysis) = workspace.programs.get(folder).and_then(|program| program.analysis.as_ref()) else { continue };
            let found = of_program(workspace, folder, analysis);
            touched.extend(found.keys().cloned());
            self.found.insert(folder.clone(), found);
        }
        touched.into_iter().filter_map(|path| self.list(workspace, path, changed)).collect()
    }

    fn list(&mut self, workspace: &Workspace, path: PathBuf, changed: &BTreeSet<PathBuf>) -> Option<PublishDiagnosticsParams> {
        let mut all: Vec<Diagnostic> = Vec::new();
        for found in self.found.values().filter_map(|found| found.get(&path)) {
            for report in found {
                // Programs that share a folder find the same in it.
                if !all.iter().any(|known| known.range == report.range && known.message == report.message) {
                    all.push(report.clone());
                }
            }
        }
        let known = self.sent.get(&path).map(Vec::as_slice).unwrap_or_default();
        if known == all.as_slice() && !changed.contains(&path) {
            return None;
        }
        let version = workspace.documents.get(&path).map(|document| document.version);
        let uri = uri::from_path(&path);
        if all.is_empty() {
            self.sent.remove(&path);
        } else {
            self.sent.insert(path, all.clone());
        }
        Some(PublishDiagnosticsParams { uri, version, diagnostics: all })
    }
}

fn of_program(workspace: &Workspace, folder: &Path, analysis: &Analysis) -> BTreeMap<PathBuf, Vec<Diagnostic>> {
    let files = analysis.files();
    let places = Places { files, encoding: workspace.encoding };
    let mut out: BTreeMap<PathBuf, Vec<Diagnostic>> = BTreeMap::new();
    for report in analysis.reports() {
        let file = report.primary.span.file;
        if files.is_stdlib(file) {
            continue;
        }
        let path = path_of(folder, files.path(file));
        out.entry(path).or_default().push(diagnostic(places, folder, report));
    }
    out
}

/// A report in the words of the protocol. What stands under it on the command line is part of the message.
pub(super) fn diagnostic(places: Places<'_>, folder: &Path, report: &diag::Diagnostic) -> Diagnostic {
    let mut message = report.message.clone();
    if !report.primary.message.is_empty() {
        message.push_str(&format!("\n{}", report.primary.message));
    }
    report.notes.iter().for_each(|note| message.push_str(&format!("\nnote: {note}")));
    report.help.iter().for_each(|help| message.push_str(&format!("\nhelp: {help}")));
    let related = report.secondary.iter().filter(|label| !places.files.is_stdlib(label.span.file)).map(|label| {
        let path = path_of(folder, places.files.path(label.span.file));
        DiagnosticRelatedInformation { location: places.location(&path, label.span), message: label.message.clone() }
    });
    let related: Vec<DiagnosticRelatedInformation> = related.collect();
    let severity = match report.severity {
        Severity::Error => DiagnosticSeverity::Error,
        Severity::Warning => DiagnosticSeverity::Warning,
        Severity::Note => DiagnosticSeverity::Information,
    };
    Diagnostic {
        range: places.range(report.primary.span),
        severity: Some(severity),
        code: Some(Code::String(report.check.name().to_owned())),
        code_description: None,
        source: Some("loadline".to_owned()),
        message: Message::String(message),
        tags: tag(report).map(|tag| vec![tag]),
        related_information: (!related.is_empty()).then_some(related),
        data: None,
    }
}

/// Makes the codes of reports lead to the pages of their checks, which lie beside the standard library as files.
pub(super) fn link_pages(reports: &mut [Diagnostic], disk: &mut Disk) {
    for report in reports {
        let Some(Code::String(name)) = &report.code else { continue };
        let page = Check::by_name(name).map(|check| check.info().page).filter(|page| !page.is_empty());
        let path = page.and_then(|page| disk.library_file(&format!("checks/{name}.md"), page));
        report.code_description = path.map(|path| CodeDescription::new(uri::from_path(&path)));
    }
}

fn tag(report: &diag::Diagnostic) -> Option<DiagnosticTag> {
    match report.check {
        Check::UnusedBinding => Some(DiagnosticTag::Unnecessary),
        Check::SshUrlDeprecated => Some(DiagnosticTag::Deprecated),
        Check::RemovedInVersion if report.severity != Severity::Error => Some(DiagnosticTag::Deprecated),
        _ => None,
    }
}
