//! Analysing programs and wording what was found, in the way that the arguments ask for.

use std::collections::BTreeMap;
use std::env;
use std::io::{self, IsTerminal};
use std::path::PathBuf;

use super::args::{Denied, Format, ProgramArgs, When};
use super::input::{self, Program};
use super::{CannotRun, Verdict, target};
use crate::access::Access;
use crate::base::Files;
use crate::diag::{self, Diagnostic};
use crate::emit::Document;
use crate::{Analysis, Options, Source, permissions};

/// A program and what was found about it.
pub(super) struct Checked {
    /// What the program compiles to, if that was asked for.
    pub(super) documents: Vec<Document>,
    /// What became of tasks and calls, a line each, if that was asked for.
    pub(super) explanations: String,
    /// Who must be allowed what, if that was asked for, with the files of the analysis.
    pub(super) access: Option<(Access, Files)>,
    /// How many files the program has.
    pub(super) size: usize,
    /// The files of the analysis, under the paths that the user would open.
    pub(super) files: Files,
    /// With errors instead of what is denied.
    reports: Vec<Diagnostic>,
    shown: BTreeMap<String, String>,
}

/// What is wanted of programs besides their reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    Reports,
    Documents,
    /// Documents, and what became of tasks and calls.
    Explanations,
    /// Who must be allowed what.
    Access,
}

/// Reads and checks all programs that the arguments name.
pub(super) fn check_all(args: &ProgramArgs, wanted: Wanted) -> Result<Vec<Checked>, CannotRun> {
    target::distinct(&args.targets)?;
    let text = |path: &PathBuf| Ok(Source { path: path.display().to_string(), text: input::text_of(path)? });
    let granted = args.granted.iter().map(text).collect::<Result<_, CannotRun>>()?;
    let options = Options { targets: args.targets.clone(), granted };
    let programs = input::read(&args.paths)?;
    Ok(programs.into_iter().map(|program| Checked::new(program, &options, &args.deny, wanted)).collect())
}

impl Checked {
    fn new(program: Program, options: &Options, deny: &[Denied], wanted: Wanted) -> Self {
        let compile = matches!(wanted, Wanted::Documents | Wanted::Explanations);
        let size = program.sources.len();
        let Program { sources, mut folders, mut shown } = program;
        let analysis = if compile {
            Analysis::compiled(sources, &mut folders, options)
        } else {
            Analysis::with_folders(sources, &mut folders, options)
        };
        shown.append(&mut folders.shown);
        let files = renamed(analysis.files(), &shown);
        let reports = analysis.reports().iter().map(|report| raised(report, deny)).collect();
        let explanations = if wanted == Wanted::Explanations { explained(&analysis, &files) } else { String::new() };
        let access = (wanted == Wanted::Access).then(|| (analysis.permissions(), analysis.files().clone()));
        let documents = if compile && !analysis.has_errors() { analysis.into_documents() } else { Vec::new() };
        Self { documents, explanations, access, size, files, reports, shown }
    }

    /// Lets go of the reports that the matrix of permissions tells better.
    pub(super) fn drop_permissions(&mut self) {
        if let Some((access, _)) = &self.access {
            self.reports.retain(|report| !permissions::tells(access, report.check));
        }
    }

    /// The files that were read, as the user would open them.
    pub(super) fn files(&self) -> impl Iterator<Item = PathBuf> {
        self.shown.values().map(PathBuf::from)
    }

    /// An origin such as `shop.pipeline:4` with the path that the user would open.
    pub(super) fn shown_origin(&self, origin: &str) -> String {
        let (path, line) = origin.rsplit_once(':').unwrap_or((origin, "1"));
        format!("{}:{line}", self.shown.get(path).map_or(path, String::as_str))
    }
}

/// `shop.pipeline:12:5: the call of …`
fn explained(analysis: &Analysis, files: &Files) -> String {
    let lines = analysis.explain_lowering().into_iter().map(|found| {
        let place = files.line_column(found.span.file, found.span.start);
        super::printable(&format!("{}:{}:{}: {}", files.path(found.span.file), place.line, place.column, found.text)) + "\n"
    });
    lines.collect()
}

/// The same files in the same order, so that places keep their meaning, under other paths.
fn renamed(files: &Files, shown: &BTreeMap<String, String>) -> Files {
    let mut copy = Files::default();
    for id in files.ids() {
        let path = files.path(id);
        let path = shown.get(path).filter(|_| !files.is_stdlib(id)).map_or(path, String::as_str);
        copy.add(path, files.shared_text(id));
    }
    copy
}

/// The report, as an error if it is denied.
fn raised(report: &Diagnostic, deny: &[Denied]) -> Diagnostic {
    let mut report = report.clone();
    if !report.is_error()
        && let Some(denied) = deny.iter().find(|denied| denied.covers(&report))
    {
        report.severity = diag::Severity::Error;
        report.notes.push(format!("this is an error because of `--deny {denied}`"));
    }
    report
}

/// Errors, if any program has one.
pub(super) fn verdict(programs: &[Checked]) -> Verdict {
    let mut reports = programs.iter().flat_map(|program| &program.reports);
    if reports.any(Diagnostic::is_error) { Verdict::Errors } else { Verdict::Sound }
}

/// All reports as text for `stream`, which is empty or ends with a line break.
pub(super) fn render(programs: &[Checked], args: &ProgramArgs, stream: &impl IsTerminal) -> String {
    let colours = has_colours(args.color, stream);
    let mut out = String::new();
    for Checked { reports, files, .. } in programs {
        for report in reports {
            match args.format {
                Format::Human => out.push_str(&diag::human(report, files, colours)),
                Format::Short => out.push_str(&diag::short(report, files)),
                Format::Json => {
                    out.push_str(&diag::to_json(report, files));
                    out.push('\n');
                }
            }
        }
    }
    out
}

/// Writes all reports to standard error; for people with a line that counts them.
pub(super) fn tell_all(programs: &[Checked], args: &ProgramArgs) {
    let mut reports = render(programs, args, &io::stderr());
    if args.format == Format::Human
        && let Some(summary) = summary(programs)
    {
        reports.push_str(&summary);
        reports.push('\n');
    }
    super::tell(&reports);
}

/// `2 errors, 1 warning`; nothing if there is nothing.
pub(super) fn summary(programs: &[Checked]) -> Option<String> {
    let reports: Vec<Diagnostic> = programs.iter().flat_map(|program| &program.reports).cloned().collect();
    diag::summary(&reports)
}

pub(super) fn has_colours(when: When, stream: &impl IsTerminal) -> bool {
    let is_set = |name| env::var_os(name).is_some_and(|value| !value.is_empty());
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto => stream.is_terminal() && !is_set("NO_COLOR") && env::var_os("TERM").is_none_or(|t| t != "dumb"),
    }
}
