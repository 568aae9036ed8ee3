//! The functions that expr-lang itself has. Those of Kargo are in the standard library.

/// How the arguments of a builtin are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Plain,
    /// A list and a predicate.
    Predicate,
    /// A list and perhaps a predicate.
    MaybePredicate,
    /// A list, a predicate, and perhaps one value more.
    PredicateAndMore,
}

impl Shape {
    pub(super) fn least(self) -> usize {
        match self {
            Shape::Plain => 0,
            Shape::MaybePredicate => 1,
            Shape::Predicate | Shape::PredicateAndMore => 2,
        }
    }

    pub(super) fn most(self) -> usize {
        match self {
            Shape::Plain => usize::MAX,
            Shape::MaybePredicate | Shape::Predicate => 2,
            Shape::PredicateAndMore => 3,
        }
    }
}

/// How many arguments a builtin takes, both bounds included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Arity {
    pub least: usize,
    pub most: usize,
}

const PREDICATES: &[(&str, Shape)] = &[
    ("all", Shape::Predicate),
    ("any", Shape::Predicate),
    ("count", Shape::MaybePredicate),
    ("filter", Shape::Predicate),
    ("find", Shape::Predicate),
    ("findIndex", Shape::Predicate),
    ("findLast", Shape::Predicate),
    ("findLastIndex", Shape::Predicate),
    ("groupBy", Shape::Predicate),
    ("map", Shape::Predicate),
    ("none", Shape::Predicate),
    ("one", Shape::Predicate),
    ("reduce", Shape::PredicateAndMore),
    ("sortBy", Shape::PredicateAndMore),
    ("sum", Shape::MaybePredicate),
];

const MANY: usize = usize::MAX;

const PLAIN: &[(&str, usize, usize)] = &[
    ("abs", 1, 1),
    ("bitand", 2, 2),
    ("bitnand", 2, 2),
    ("bitnot", 1, 1),
    ("bitor", 2, 2),
    ("bitshl", 2, 2),
    ("bitshr", 2, 2),
    ("bitushr", 2, 2),
    ("bitxor", 2, 2),
    ("ceil", 1, 1),
    ("concat", 1, MANY),
    ("date", 1, 3),
    ("duration", 1, 1),
    ("first", 1, 1),
    ("flatten", 1, 1),
    ("float", 1, 1),
    ("floor", 1, 1),
    ("fromBase64", 1, 1),
    ("fromJSON", 1, 1),
    ("fromPairs", 1, 1),
    ("get", 2, 2),
    ("hasPrefix", 2, 2),
    ("hasSuffix", 2, 2),
    ("indexOf", 2, 2),
    ("int", 1, 1),
    ("join", 1, 2),
    ("keys", 1, 1),
    ("last", 1, 1),
    ("lastIndexOf", 2, 2),
    ("len", 1, 1),
    ("lower", 1, 1),
    ("max", 1, MANY),
    ("mean", 1, MANY),
    ("median", 1, MANY),
    ("min", 1, MANY),
    ("now", 0, 1),
    ("repeat", 2, 2),
    ("replace", 3, 4),
    ("reverse", 1, 1),
    ("round", 1, 1),
    ("sort", 1, 2),
    ("split", 2, 3),
    ("splitAfter", 2, 3),
    ("string", 1, 1),
    ("take", 2, 2),
    ("timezone", 1, 1),
    ("toBase64", 1, 1),
    ("toJSON", 1, 1),
    ("toPairs", 1, 1),
    ("trim", 1, 2),
    ("trimPrefix", 1, 2),
    ("trimSuffix", 1, 2),
    ("type", 1, 1),
    ("uniq", 1, 1),
    ("upper", 1, 1),
    ("values", 1, 1),
];

pub(super) fn find(name: &str) -> Option<(&'static str, Shape)> {
    let predicate = PREDICATES.binary_search_by_key(&name, |(known, _)| known).ok().and_then(|at| PREDICATES.get(at));
    predicate.copied().or_else(|| plain(name).map(|(known, ..)| (*known, Shape::Plain)))
}

fn plain(name: &str) -> Option<&'static (&'static str, usize, usize)> {
    PLAIN.binary_search_by_key(&name, |(known, ..)| known).ok().and_then(|at| PLAIN.get(at))
}

pub fn is_builtin(name: &str) -> bool {
    find(name).is_some()
}

/// How many arguments a builtin takes. Reading checks this of those with predicates alone, like expr-lang.
pub fn arity(name: &str) -> Option<Arity> {
    let (_, shape) = find(name)?;
    match plain(name) {
        Some(&(_, least, most)) => Some(Arity { least, most }),
        None => Some(Arity { least: shape.least(), most: shape.most() }),
    }
}
