//! Types and parameters.

use super::super::ast::*;
use super::super::grammar::Rule;
use super::{Builder, Node};
use crate::base::Name;

impl<'i> Builder<'i> {
    pub(super) fn type_expr(&mut self, pair: Node<'i>) -> TypeExpr {
        let span = self.span(&pair);
        let units: Vec<Node<'i>> = self.parts(pair).collect();
        let mut types: Vec<TypeExpr> = units.into_iter().map(|unit| self.type_unit(unit)).collect();
        match types.len() {
            1 => types.pop().unwrap_or(TypeExpr { span, kind: TypeKind::Error }),
            _ => TypeExpr { span, kind: TypeKind::Union(types) },
        }
    }

    fn type_unit(&mut self, pair: Node<'i>) -> TypeExpr {
        let span = self.span(&pair);
        let is_list = pair.as_str().starts_with('[');
        let mut kind = TypeKind::Error;
        let mut optional = false;
        for part in self.parts(pair) {
            match part.as_rule() {
                Rule::r#type => {
                    let inner = self.type_expr(part);
                    kind = match kind {
                        TypeKind::Name(name, None) => TypeKind::Name(name, Some(Box::new(inner))),
                        _ if is_list => TypeKind::List(Box::new(inner)),
                        _ => inner.kind,
                    };
                }
                Rule::record_type => kind = TypeKind::Record(self.fields(part)),
                Rule::path => kind = TypeKind::Name(Name::new(part.as_str()), None),
                Rule::optional => optional = true,
                _ => {
                    let text = self.text_expr(part);
                    kind = text.as_plain_text().map_or(TypeKind::Error, |text| TypeKind::Text(text.to_owned()));
                }
            }
        }
        if optional {
            kind = TypeKind::Optional(Box::new(TypeExpr { span, kind }));
        }
        TypeExpr { span, kind }
    }

    fn fields(&mut self, pair: Node<'i>) -> Vec<Field> {
        let fields: Vec<Node<'i>> = self.parts(pair).filter(|part| part.as_rule() == Rule::field).collect();
        fields.into_iter().map(|field| self.field(field)).collect()
    }

    fn field(&mut self, pair: Node<'i>) -> Field {
        let span = self.span(&pair);
        let mut doc = None;
        let mut attributes = Vec::new();
        let mut key = None;
        let mut types = Vec::new();
        let mut optional = false;
        for part in self.parts(pair) {
            match part.as_rule() {
                Rule::doc => self.doc_line(&part, &mut doc),
                Rule::attribute => attributes.push(self.attribute(part)),
                Rule::optional => optional = true,
                Rule::r#type => types.push(self.type_expr(part)),
                _ => key = Some(FieldKey::Name(self.key_ident(part))),
            }
        }
        let ty = types.pop().unwrap_or(TypeExpr { span, kind: TypeKind::Error });
        let key = key.or_else(|| types.pop().map(FieldKey::Any)).unwrap_or(FieldKey::Any(ty.clone()));
        Field { span, doc, attributes, key, optional, ty }
    }

    pub(super) fn key(&mut self, pair: Node<'i>) -> Key {
        let span = self.span(&pair);
        let text = match pair.as_rule() {
            Rule::word | Rule::ident => KeyText::Word(Name::new(pair.as_str())),
            _ => KeyText::Text(Box::new(self.text_expr(pair))),
        };
        Key { span, text }
    }

    /// A key that cannot be computed: a word or a text without interpolation.
    pub(super) fn key_ident(&mut self, pair: Node<'i>) -> Ident {
        let span = self.span(&pair);
        Ident { name: self.key(pair).name(), span }
    }

    pub(super) fn parameters(&mut self, pair: Node<'i>) -> Vec<Parameter> {
        let parameters: Vec<Node<'i>> = self.parts(pair).collect();
        parameters.into_iter().map(|parameter| self.parameter(parameter)).collect()
    }

    fn parameter(&mut self, pair: Node<'i>) -> Parameter {
        let span = self.span(&pair);
        let mut parameter = Parameter {
            span,
            doc: None,
            attributes: Vec::new(),
            is_static: false,
            name: Ident { name: Name::default(), span },
            optional: false,
            ty: TypeExpr { span, kind: TypeKind::Error },
            default: None,
        };
        let mut has_type = false;
        for part in self.parts(pair) {
            match part.as_rule() {
                Rule::doc => self.doc_line(&part, &mut parameter.doc),
                Rule::attribute => parameter.attributes.push(self.attribute(part)),
                Rule::kw_static => parameter.is_static = true,
                Rule::optional => parameter.optional = true,
                Rule::r#type => {
                    parameter.ty = self.type_expr(part);
                    has_type = true;
                }
                _ if has_type => parameter.default = Some(self.expr(part)),
                _ => parameter.name = self.key_ident(part),
            }
        }
        parameter
    }
}
