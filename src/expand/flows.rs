//! Flows with their names evaluated.

use super::objects::element_span;
use super::walk::Scope;
use super::{Expander, Flow, FlowNode};
use crate::base::{Name, Span};
use crate::syntax::ast::{self, FlowNames};
use crate::types::eval::{eval, items as loop_items};

impl<'a> Expander<'_, 'a> {
    pub(super) fn flow(&mut self, flow: &'a ast::Flow, scope: &Scope) -> Flow<'a> {
        let nodes = flow
            .nodes
            .iter()
            .map(|node| {
                let mut checker = self.checker(scope);
                let (names, is_list) = match &node.names {
                    FlowNames::One(name) => {
                        let text = eval(&checker.name_text(name), &scope.env);
                        (text.as_text().map(|text| (Name::new(text), name.span)).into_iter().collect(), false)
                    }
                    FlowNames::List(elements, span) => {
                        let list = checker.name_list(elements, *span);
                        let plain = elements.iter().all(|element| matches!(element, ast::Element::Expr(_)));
                        let spans: Vec<Span> = elements.iter().map(element_span).collect();
                        let values = loop_items(&eval(&list, &scope.env));
                        let names = values.into_iter().enumerate().filter_map(|(at, (_, name))| {
                            let span = if plain { spans.get(at).copied().unwrap_or(*span) } else { *span };
                            name.as_text().map(|name| (Name::new(name), span))
                        });
                        (names.collect(), true)
                    }
                };
                self.reports.extend(checker.finish());
                FlowNode {
                    span: node.span,
                    join: node.join,
                    names,
                    is_list,
                    sources: node.sources.as_ref(),
                    env: scope.env.clone(),
                    locals: scope.locals.clone(),
                    home: scope.home,
                }
            })
            .collect();
        Flow { span: flow.keyword, nodes }
    }
}
