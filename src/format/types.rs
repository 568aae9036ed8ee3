//! Types, parameters, and what stands before any declaration: docs and attributes.

use super::doc::{Doc, comment, group, hard_line, line, nest, nil, row, text};
use super::layout::{Brackets, Layout, is_doc};
use crate::base::Span;
use crate::syntax::ast::{Arg, Attribute, Field, FieldKey, Parameter, TypeExpr, TypeKind};

impl<'s> Layout<'s> {
    /// Docs and attributes from a place on. A doc has lines of its own; an attribute stays on the line that it stood on,
    /// if it fits there.
    pub(super) fn prelude(&mut self, from: u32, attributes: &[Attribute]) -> Doc<'s> {
        let mut out = nil();
        let mut separator = nil();
        let mut attributes = attributes.iter();
        let mut at = self.token(from);
        loop {
            let rest = self.between(at, self.end());
            if is_doc(rest) {
                let doc = rest.lines().next().unwrap_or("").trim_end();
                out = out.then(self.at(at)).then(comment(doc, true));
                separator = nil();
                at = self.token(at + u32::try_from(doc.len()).unwrap_or(0));
            } else if rest.starts_with('@')
                && let Some(attribute) = attributes.next()
            {
                out = out.then(group(separator.then(self.attribute(attribute))));
                at = self.token(attribute.span.end);
                let breaks = self.is_broken(attribute.span.end, at);
                out = out.then(self.behind(at));
                separator = if breaks { hard_line() } else { line() };
            } else {
                return out.then(group(separator));
            }
        }
    }

    fn attribute(&mut self, attribute: &Attribute) -> Doc<'s> {
        let name = self.at(attribute.span.start).text("@").text(self.slice(attribute.name.span));
        if attribute.args.is_empty() {
            return name;
        }
        let brackets = Brackets { from: self.token(attribute.name.span.end), ..Brackets::around(attribute.span, "(", ")") };
        name.then(self.arguments(&attribute.args, &brackets))
    }

    pub(super) fn arguments(&mut self, args: &[Arg], brackets: &Brackets) -> Doc<'s> {
        let place = |_: &Self, arg: &Arg| (arg.span.start, arg.span.end);
        if let [Arg { name: None, inherit: false, value, span }] = args
            && Self::has_brackets(value)
            && let Some(doc) = self.hugged(brackets, (span.start, span.end), |layout| layout.expr(value))
        {
            return doc;
        }
        group(self.listed(brackets, args, place, Self::argument))
    }

    fn argument(&mut self, arg: &Arg) -> Doc<'s> {
        if arg.inherit {
            return self.at(arg.span.start).text("..");
        }
        let Some(name) = &arg.name else { return self.expr(&arg.value) };
        self.verbatim(name.span).text(": ").then(self.value(&arg.value))
    }

    // ── Types ──

    pub(super) fn ty(&mut self, ty: &TypeExpr) -> Doc<'s> {
        match &ty.kind {
            TypeKind::Union(types) => self.union(types),
            TypeKind::Optional(inner) if matches!(inner.kind, TypeKind::Optional(_)) => self.in_parens(inner).text("?"),
            TypeKind::Optional(inner) => self.unit(inner).text("?"),
            TypeKind::Record(fields) => self.record_type(ty.span, fields),
            TypeKind::List(inner) => self.at(ty.span.start).text("[").then(self.ty(inner)).text("]"),
            TypeKind::Text(_) => {
                let written = self.text_in(ty.span);
                self.verbatim(written)
            }
            TypeKind::Name(name, None) => self.at(ty.span.start).text(name.to_string()),
            TypeKind::Name(name, Some(inner)) => self.at(ty.span.start).text(name.to_string()).text("<").then(self.ty(inner)).text(">"),
            TypeKind::Error => self.verbatim(ty.span),
        }
    }

    /// As many on a line as fit.
    fn union(&mut self, types: &[TypeExpr]) -> Doc<'s> {
        let mut out = nil();
        let mut rest = nil();
        let mut end = 0;
        for (index, ty) in types.iter().enumerate() {
            if index == 0 {
                out = self.unit(ty);
            } else {
                let bar = self.token(end);
                rest = rest.then(self.behind(bar)).then(group(line())).then(self.at(bar)).text("| ").then(self.unit(ty));
            }
            end = ty.span.end;
        }
        out.then(nest(rest))
    }

    /// A type as a part of another: the tree has no parentheses, so they are put where they are needed.
    fn unit(&mut self, ty: &TypeExpr) -> Doc<'s> {
        if matches!(ty.kind, TypeKind::Union(_)) { self.in_parens(ty) } else { self.ty(ty) }
    }

    fn in_parens(&mut self, ty: &TypeExpr) -> Doc<'s> {
        self.at(ty.span.start).text("(").then(self.ty(ty)).text(")")
    }

    fn record_type(&mut self, span: Span, fields: &[Field]) -> Doc<'s> {
        // In parentheses or with a question mark, the span is wider than the braces.
        let open = span.start + u32::try_from(self.slice(span).find('{').unwrap_or(0)).unwrap_or(0);
        let close = span.start + u32::try_from(self.slice(span).rfind('}').unwrap_or(0)).unwrap_or(0);
        let brackets = Brackets { open: "{", close: "}", from: open, to: close };
        group(self.listed(&brackets, fields, |_, field| (field.span.start, field.span.end), Self::field))
    }

    fn field(&mut self, field: &Field) -> Doc<'s> {
        let prelude = self.prelude(field.span.start, &field.attributes);
        let key = match &field.key {
            FieldKey::Name(name) => self.verbatim(name.span),
            FieldKey::Any(ty) => text("[").then(self.ty(ty)).text("]"),
        };
        let sign = if field.optional { "?: " } else { ": " };
        let ty = self.after_sign(field.ty.span.start, |layout| layout.ty(&field.ty));
        row(vec![prelude, key, text(sign), ty])
    }

    // ── Parameters ──

    /// The parameters of a declaration; `before` is where its name ends.
    pub(super) fn parameters(&mut self, parameters: &[Parameter], before: u32) -> Doc<'s> {
        let from = self.token(before);
        let to = self.token(parameters.last().map_or(from + 1, |last| last.span.end));
        let brackets = Brackets { open: "(", close: ")", from, to };
        group(self.listed(&brackets, parameters, |_, parameter| (parameter.span.start, parameter.span.end), Self::parameter))
    }

    fn parameter(&mut self, parameter: &Parameter) -> Doc<'s> {
        let mut out = self.prelude(parameter.span.start, &parameter.attributes);
        if parameter.is_static {
            out = out.text("static ");
        }
        out = out.then(self.verbatim(parameter.name.span)).text(if parameter.optional { "?: " } else { ": " });
        out = out.then(self.after_sign(parameter.ty.span.start, |layout| layout.ty(&parameter.ty)));
        match &parameter.default {
            Some(default) => out.text(" = ").then(self.value(default)),
            None => out,
        }
    }

    /// The only text inside a span.
    pub(super) fn text_in(&self, span: Span) -> Span {
        let source = self.slice(span);
        let quote = source.find('"').unwrap_or(0);
        let is_raw = source.get(..quote).is_some_and(|before| before.ends_with('r'));
        let start = span.start + u32::try_from(quote - usize::from(is_raw)).unwrap_or(0);
        let end = span.start + u32::try_from(source.rfind('"').map_or(source.len(), |at| at + 1)).unwrap_or(0);
        Span { start, end, ..span }
    }
}
