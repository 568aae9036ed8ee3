//! The tree of a parsed file: what was written, without types and without names resolved.
//!
//! Every node has a span: first to last significant character. Parentheses are kept, so that a formatter can print the
//! tree. A part that could not be read is `Error`, which later passes take for anything.

use crate::base::{Name, Span};

/// The entries of a file or of a `{ … }`, in source order.
#[derive(Clone, Debug, Default)]
pub struct Block {
    pub items: Vec<Item>,
    pub span: Option<Span>,
}

/// Among lost words: a declaration whose name could not be read, which may have been any.
pub const ANY_NAME: &str = "*";

#[derive(Clone, Debug)]
pub struct Item {
    pub span: Span,
    pub doc: Option<Box<Doc>>,
    pub attributes: Vec<Attribute>,
    pub kind: ItemKind,
}

/// The `///` lines before an entry, without the slashes.
#[derive(Clone, Debug)]
pub struct Doc {
    pub span: Span,
    pub text: String,
}

#[derive(Clone, Debug)]
pub struct Attribute {
    pub span: Span,
    pub name: Ident,
    pub args: Vec<Arg>,
}

#[derive(Clone, Debug)]
pub struct Ident {
    pub name: Name,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum ItemKind {
    Setting { key: Key, value: Expr },
    Spread(Expr),
    Binding(Box<Binding>),
    Branch(Box<Branch>),
    Loop(Box<Loop>),
    Return(Expr),
    Use(Box<Use>),
    Target(Box<Target>),
    Type { name: Ident, ty: TypeExpr },
    Flow(Flow),
    Try(Box<StepCall>),
    Step(Box<StepCall>),
    Declaration(Box<Declaration>),
    Error,
}

/// The name before a colon; a quoted one may be interpolated.
#[derive(Clone, Debug)]
pub struct Key {
    pub span: Span,
    pub text: KeyText,
}

/// Nearly all keys are words, which need no node of their own.
#[derive(Clone, Debug)]
pub enum KeyText {
    Word(Name),
    Text(Box<Expr>),
}

#[derive(Clone, Debug)]
pub struct Binding {
    /// `var`: emitted as a variable of Kargo. Otherwise `let`, which is never emitted.
    pub is_var: bool,
    pub name: NameExpr,
    pub ty: Option<TypeExpr>,
    pub value: BindingValue,
}

#[derive(Clone, Debug)]
pub enum BindingValue {
    Expr(Expr),
    Step(StepCall),
    Try(StepCall),
}

#[derive(Clone, Debug)]
pub struct Branch {
    pub keyword: Span,
    pub condition: Expr,
    pub then: Block,
    pub otherwise: Option<Else>,
}

#[derive(Clone, Debug)]
pub enum Else {
    If(Box<Branch>),
    Block(Block),
}

#[derive(Clone, Debug)]
pub struct Loop {
    pub keyword: Span,
    pub first: Ident,
    pub second: Option<Ident>,
    pub over: Expr,
    pub body: Block,
}

#[derive(Clone, Debug)]
pub struct Use {
    pub imports: Vec<(Ident, Option<Ident>)>,
    pub from: Expr,
}

#[derive(Clone, Debug)]
pub struct Target {
    pub system: Ident,
    pub low: Ident,
    pub high: Option<Ident>,
    pub settings: Option<Block>,
}

#[derive(Clone, Debug)]
pub struct Flow {
    pub keyword: Span,
    pub nodes: Vec<FlowNode>,
}

#[derive(Clone, Debug)]
pub struct FlowNode {
    pub span: Span,
    pub join: Option<Join>,
    pub names: FlowNames,
    pub sources: Option<Block>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Join {
    Any,
    All,
}

#[derive(Clone, Debug)]
pub enum FlowNames {
    One(NameExpr),
    List(Vec<Element>, Span),
}

/// A name of a declaration: an identifier or a text with static parts; `as "x"` is the name in the cluster.
#[derive(Clone, Debug)]
pub struct NameExpr {
    pub span: Span,
    pub text: Expr,
    pub cluster_name: Option<Expr>,
}

/// `kind { … }` or `kind(…)`: a step, a call, a block without a name.
#[derive(Clone, Debug)]
pub struct StepCall {
    pub span: Span,
    pub kind: Ident,
    pub body: StepBody,
    pub retry: Option<(Span, Block)>,
}

#[derive(Clone, Debug)]
pub enum StepBody {
    Block(Block),
    Args(Vec<Arg>, Span),
}

#[derive(Clone, Debug)]
pub struct Declaration {
    pub kind: Ident,
    pub names: DeclNames,
    pub parameters: Option<Vec<Parameter>>,
    pub ty: Option<TypeExpr>,
    pub result: Option<TypeExpr>,
    pub value: Option<Expr>,
    pub body: Option<Block>,
}

#[derive(Clone, Debug)]
pub enum DeclNames {
    One(NameExpr),
    List(Vec<Element>, Span),
}

impl Declaration {
    /// The name, if it is one and nothing in it is computed.
    pub fn constant_name(&self) -> Option<&str> {
        match &self.names {
            DeclNames::One(name) => name.as_constant(),
            DeclNames::List(..) => None,
        }
    }
}

impl DeclNames {
    pub fn span(&self) -> Span {
        match self {
            DeclNames::One(name) => name.span,
            DeclNames::List(_, span) => *span,
        }
    }
}

#[derive(Clone, Debug)]
pub struct Parameter {
    pub span: Span,
    pub doc: Option<Doc>,
    pub attributes: Vec<Attribute>,
    pub is_static: bool,
    pub name: Ident,
    pub optional: bool,
    pub ty: TypeExpr,
    pub default: Option<Expr>,
}

#[derive(Clone, Debug)]
pub struct TypeExpr {
    pub span: Span,
    pub kind: TypeKind,
}

#[derive(Clone, Debug)]
pub enum TypeKind {
    Name(Name, Option<Box<TypeExpr>>),
    Text(String),
    List(Box<TypeExpr>),
    Record(Vec<Field>),
    Union(Vec<TypeExpr>),
    Optional(Box<TypeExpr>),
    Error,
}

#[derive(Clone, Debug)]
pub struct Field {
    pub span: Span,
    pub doc: Option<Doc>,
    pub attributes: Vec<Attribute>,
    pub key: FieldKey,
    pub optional: bool,
    pub ty: TypeExpr,
}

#[derive(Clone, Debug)]
pub enum FieldKey {
    Name(Ident),
    /// `[String]: T`: any key.
    Any(TypeExpr),
}

#[derive(Clone, Debug)]
pub struct Expr {
    pub span: Span,
    pub kind: ExprKind,
}

#[derive(Clone, Debug)]
pub enum ExprKind {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    /// As written: `24h`, `1h30m`.
    Duration(Name),
    Text(Vec<TextPart>),
    Name(Name),
    Record(Block),
    List(Vec<Element>),
    Member {
        base: Box<Expr>,
        field: Ident,
        safe: bool,
    },
    Index {
        base: Box<Expr>,
        index: Box<Expr>,
        safe: bool,
    },
    Call {
        callee: Box<Expr>,
        args: Vec<Arg>,
    },
    Unary {
        op: UnaryOp,
        operand: Box<Expr>,
    },
    Binary {
        op: BinaryOp,
        op_span: Span,
        left: Box<Expr>,
        right: Box<Expr>,
    },
    Condition {
        test: Box<Expr>,
        then: Box<Expr>,
        otherwise: Box<Expr>,
    },
    Lambda {
        parameters: Vec<Ident>,
        body: Box<Expr>,
    },
    Paren(Box<Expr>),
    /// `raw("…") as T`. `places` says where pieces of the text begin: bytes of the text (each interpolation is one
    /// character, [`crate::exprlang::HOLE`]), and in the file; empty where lines were shifted.
    Raw {
        text: Box<Expr>,
        places: Vec<(u32, Span)>,
        ty: TypeExpr,
    },
    RawRecord(Block),
    Promoting(Ident),
    Error,
}

#[derive(Clone, Debug)]
pub enum TextPart {
    Text(String),
    Interpolation(Expr),
}

#[derive(Clone, Debug)]
pub enum Element {
    Expr(Expr),
    Spread(Expr),
    For(Box<Comprehension>),
}

#[derive(Clone, Debug)]
pub struct Comprehension {
    pub span: Span,
    pub first: Ident,
    pub second: Option<Ident>,
    pub over: Expr,
    pub condition: Option<Expr>,
    pub value: Expr,
}

#[derive(Clone, Debug)]
pub struct Arg {
    pub span: Span,
    pub name: Option<Ident>,
    /// `..`: parameters not given come from variables of the same name.
    pub inherit: bool,
    pub value: Expr,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    Not,
    Minus,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BinaryOp {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessEqual,
    Greater,
    GreaterEqual,
    Matches,
    Contains,
    StartsWith,
    EndsWith,
    In,
    Coalesce,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl BinaryOp {
    /// How tightly it binds; operators of one level are read from the left.
    pub fn level(self) -> u8 {
        use BinaryOp::*;
        match self {
            Or => 1,
            And => 2,
            Equal | NotEqual | Less | LessEqual | Greater | GreaterEqual | Matches | Contains | StartsWith | EndsWith | In => 3,
            Coalesce => 4,
            Add | Subtract => 5,
            Multiply | Divide | Remainder => 6,
        }
    }

    /// As it is written, in this language and in expr-lang alike.
    pub fn symbol(self) -> &'static str {
        match self {
            BinaryOp::Or => "||",
            BinaryOp::And => "&&",
            BinaryOp::Equal => "==",
            BinaryOp::NotEqual => "!=",
            BinaryOp::Less => "<",
            BinaryOp::LessEqual => "<=",
            BinaryOp::Greater => ">",
            BinaryOp::GreaterEqual => ">=",
            BinaryOp::Matches => "matches",
            BinaryOp::Contains => "contains",
            BinaryOp::StartsWith => "startsWith",
            BinaryOp::EndsWith => "endsWith",
            BinaryOp::In => "in",
            BinaryOp::Coalesce => "??",
            BinaryOp::Add => "+",
            BinaryOp::Subtract => "-",
            BinaryOp::Multiply => "*",
            BinaryOp::Divide => "/",
            BinaryOp::Remainder => "%",
        }
    }
}

impl Branch {
    /// From `if` to the end of the last block.
    pub fn span(&self) -> Span {
        let then = self.then.span.map_or(self.keyword, |block| self.keyword.to(block));
        match &self.otherwise {
            Some(Else::Block(block)) => block.span.map_or(then, |block| then.to(block)),
            Some(Else::If(inner)) => then.to(inner.span()),
            None => then,
        }
    }
}

impl Item {
    /// Its place with what describes it: `///` and attributes.
    pub fn whole(&self) -> Span {
        let doc = self.doc.as_ref().map(|doc| doc.span);
        let first = self.attributes.first().map(|attribute| attribute.span);
        [doc, first].into_iter().flatten().fold(self.span, Span::to)
    }

    /// The fields of `raw { … }`, which stands in a block of settings.
    pub fn raw_fields(&self) -> Option<&Block> {
        match &self.kind {
            ItemKind::Step(step) if step.kind.name == "raw" && step.retry.is_none() => step.body.as_block(),
            _ => None,
        }
    }
}

impl Expr {
    pub fn error(span: Span) -> Self {
        Expr { span, kind: ExprKind::Error }
    }

    /// The text, if it is one without interpolation.
    pub fn as_plain_text(&self) -> Option<&str> {
        let ExprKind::Text(parts) = &self.kind else { return None };
        match parts.as_slice() {
            [] => Some(""),
            [TextPart::Text(text)] => Some(text),
            _ => None,
        }
    }

    /// The expression inside any parentheses.
    pub fn inner(&self) -> &Expr {
        let mut expr = self;
        while let ExprKind::Paren(inside) = &expr.kind {
            expr = inside;
        }
        expr
    }
}

impl StepBody {
    pub fn as_block(&self) -> Option<&Block> {
        match self {
            StepBody::Block(block) => Some(block),
            StepBody::Args(..) => None,
        }
    }
}

impl Key {
    /// The key, if nothing in it is computed.
    pub fn as_constant(&self) -> Option<&str> {
        match &self.text {
            KeyText::Word(word) => Some(word),
            KeyText::Text(text) => text.as_plain_text(),
        }
    }

    /// The key, if it is not quoted.
    pub fn as_word(&self) -> Option<&Name> {
        match &self.text {
            KeyText::Word(word) => Some(word),
            KeyText::Text(_) => None,
        }
    }

    /// Its name; empty if it is computed.
    pub fn name(&self) -> Name {
        match &self.text {
            KeyText::Word(word) => word.clone(),
            KeyText::Text(text) => Name::new(text.as_plain_text().unwrap_or_default()),
        }
    }
}

impl NameExpr {
    /// The name, if nothing in it is computed.
    pub fn as_constant(&self) -> Option<&str> {
        match &self.text.kind {
            ExprKind::Name(name) => Some(name),
            _ => self.text.as_plain_text(),
        }
    }
}
