fn main() {
    for path in std::env::args().skip(1) {
        let text = std::fs::read_to_string(&path).unwrap();
        let mut files = loadline::base::Files::default();
        let id = files.add(path.clone(), text.clone());
        let t = std::time::Instant::now();
        let p = loadline::syntax::parse(id, &text);
        eprintln!("{path}: {} items {} errors {:?}; pairs/byte {:?}", p.file.items.len(), p.errors.len(), t.elapsed(), loadline::syntax::bare_parse(&text).map(|n| n as f64 / text.len() as f64));
        for e in &p.errors { eprint!("{}", loadline::diag::human(e, &files, false)); }
    }
}
