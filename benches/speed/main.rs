//! Speed as ratios against floors measured in the same run: writing the same bytes, and pest's bare parse.
//!
//! `cargo bench --bench speed` prints, for 10, 100 and 1,000 stages (`-- 10000` for one more size): what parsing, checking
//! and compiling cost, and what a whole process costs on the quickstart. Nothing here fails: figures are for reading.
#![allow(clippy::print_stdout, reason = "a bench prints")]

mod generator;

use std::hint::black_box;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use loadline::base::{FileId, Files};
use loadline::{Analysis, NoFolders, Options, Source, emit, syntax};

fn main() {
    let mut sizes = vec![10, 100, 1000];
    sizes.extend(std::env::args().filter_map(|arg| arg.parse::<usize>().ok()));
    println!(
        "{:>7} {:>8} {:>9} {:>9} {:>8} {:>8} {:>9} {:>9} {:>8} {:>7} {:>9}",
        "stages", "form", "source", "pest", "MB/s", "pairs/B", "parse", "check", "compile", "output", "x floor"
    );
    for stages in sizes {
        row(stages, "loops", &generator::looped(stages));
        row(stages, "written", &generator::written_out(stages));
    }
    whole_process();
}

fn row(stages: usize, form: &str, text: &str) {
    let runs = if stages > 1000 { 3 } else { 7 };
    let pest = median(runs, || syntax::bare_parse(black_box(text)));
    let pairs = syntax::bare_parse(text).unwrap_or(0);
    let parse = median(runs, || {
        let mut files = Files::default();
        let id: FileId = files.add("bench.pipeline", text);
        syntax::parse(id, black_box(text)).file.items.len()
    });
    let check = median(runs, || analysis(text).reports().len());
    let mut out = String::new();
    let compile = median(runs, || {
        out.clear();
        emit::stream(&compiled(text).into_documents(), &mut out);
        out.len()
    });
    if out.is_empty() {
        let program = analysis(text);
        program.reports().iter().take(3).for_each(|report| println!("{}", loadline::diag::short(report, program.files())));
    }
    let floor = median(runs, || rewrite(&out));
    println!(
        "{stages:>7} {form:>8} {:>7.1}kB {:>7.2}ms {:>8.1} {:>8.2} {:>7.2}ms {:>7.2}ms {:>6.2}ms {:>5.1}MB {:>8.1}x",
        text.len() as f64 / 1e3,
        millis(pest),
        text.len() as f64 / 1e6 / pest.as_secs_f64(),
        pairs as f64 / text.len() as f64,
        millis(parse),
        millis(check),
        millis(compile),
        out.len() as f64 / 1e6,
        compile.as_secs_f64() / floor.as_secs_f64().max(1e-9),
    );
}

fn analysis(text: &str) -> Analysis {
    Analysis::new(vec![Source { path: "bench.pipeline".to_owned(), text: text.to_owned() }], &Options::default())
}

fn compiled(text: &str) -> Analysis {
    Analysis::compiled(vec![Source { path: "bench.pipeline".to_owned(), text: text.to_owned() }], &mut NoFolders, &Options::default())
}

/// The floor: the same bytes, written line by line.
fn rewrite(text: &str) -> usize {
    let mut out = String::new();
    for line in black_box(text).split_inclusive('\n') {
        out.push_str(line);
    }
    black_box(out).len()
}

/// `check` of the quickstart and an empty process (`--version`), whole.
fn whole_process() {
    let run = |args: &[&str]| {
        median(21, || {
            let status = Command::new(env!("CARGO_BIN_EXE_loadline")).args(args).stdout(Stdio::null()).status();
            usize::from(status.is_ok())
        })
    };
    let quickstart = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/quickstart");
    let empty = run(&["--version"]);
    let check = run(&["check", quickstart]);
    println!(
        "whole process: check quickstart {:.1} ms, --version {:.1} ms, ratio {:.1}",
        millis(check),
        millis(empty),
        check.as_secs_f64() / empty.as_secs_f64()
    );
}

fn median<T>(runs: usize, mut work: impl FnMut() -> T) -> Duration {
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            black_box(work());
            start.elapsed()
        })
        .collect();
    times.sort();
    times.get(runs / 2).copied().unwrap_or_default()
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
