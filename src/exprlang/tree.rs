//! The tree of an expression.
//!
//! Nodes lie in one row and name each other by place, so that dropping or looking through a deep tree needs no stack.
//! A node comes after those it is made of. Some are shared: `b` of `a < b < c` belongs to both comparisons.

use std::sync::Arc;

use super::At;
use crate::base::Name;

/// The place of a node in its tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Id(pub(super) u32);

#[derive(Clone, Debug)]
pub struct Tree {
    pub(super) nodes: Vec<Node>,
    pub(super) root: Id,
}

#[derive(Clone, Debug)]
pub struct Node {
    /// From the first to the last character; parentheses around it do not count.
    pub at: At,
    pub kind: Kind,
}

#[derive(Clone, Debug)]
pub enum Kind {
    Name(Name),
    Int(i64),
    Float(f64),
    Text(Arc<str>),
    Bytes(Arc<[u8]>),
    Bool(bool),
    Nil,
    /// A value from outside, by its number.
    Hole(usize),
    /// `not` is kept apart from `!`, and `-` from `+`.
    Unary(&'static str, Id),
    /// `x not in y` arrives as `not` of `in`, `a < b < c` as `&&` of two comparisons.
    Binary {
        op: &'static str,
        left: Id,
        right: Id,
    },
    /// `x.key`, `x["key"]`, `x[0]`; with `safe`, `?.`.
    Member {
        of: Id,
        key: Id,
        safe: bool,
    },
    /// The extent that one `?.` cuts short.
    Chain(Id),
    Slice {
        of: Id,
        from: Option<Id>,
        to: Option<Id>,
    },
    /// The callee is a `Name`, or the `Member` of a method.
    Call {
        callee: Id,
        args: Vec<Id>,
    },
    Builtin {
        name: &'static str,
        args: Vec<Id>,
    },
    /// An argument that is evaluated for each item.
    Predicate(Id),
    /// `#`, the beginning of `.field` in a predicate (without a name), `#index`, `#acc`.
    Pointer(Name),
    Condition {
        test: Id,
        then: Id,
        otherwise: Id,
    },
    Let {
        name: Name,
        value: Id,
        body: Id,
    },
    Sequence(Vec<Id>),
    List(Vec<Id>),
    /// Keys and values.
    Map(Vec<(Id, Id)>),
}

impl Tree {
    pub fn root(&self) -> Id {
        self.root
    }

    /// The node at a place of this tree. `None` for a place of another one.
    pub fn get(&self, id: Id) -> Option<&Node> {
        self.nodes.get(id.0 as usize)
    }

    /// All nodes, each once, the parts of a node before it.
    pub fn nodes(&self) -> impl Iterator<Item = (Id, &Node)> {
        (0..).map(Id).zip(&self.nodes)
    }
}
