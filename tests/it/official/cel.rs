//! As much of CEL as the rules of these definitions need: `has(…)`, `self.a`, `self[0]`, `self.size()`, comparisons, logic.

use serde_json::Value;

use super::schema::pattern;

/// Whether a rule holds for `this`. What is absent compares as null, where CEL would end with an error.
pub(super) fn holds(rule: &str, this: &Value) -> bool {
    let token = pattern(r"'[^']*'|\w+|&&|\|\||==|<=|[!?:().\[\]]");
    assert_eq!(token.replace_all(rule, "").trim(), "", "this test cannot read the rule {rule}");
    let tokens: Vec<&str> = token.find_iter(rule).map(|token| token.as_str()).collect();
    let mut reader = Reader { tokens: &tokens, at: 0, this };
    let verdict = reader.choice();
    assert_eq!(reader.at, tokens.len(), "this test cannot read the rule {rule}");
    verdict.as_bool().unwrap_or_else(|| panic!("{rule} gives {verdict}"))
}

/// The settings of `self` that a rule speaks of.
pub(super) fn names(rule: &str) -> Vec<String> {
    pattern(r"self\.(\w+)").captures_iter(rule).map(|found| found[1].to_owned()).filter(|name| name != "size").collect()
}

struct Reader<'a> {
    tokens: &'a [&'a str],
    at: usize,
    this: &'a Value,
}

impl Reader<'_> {
    fn take(&mut self, token: &str) -> bool {
        let found = self.tokens.get(self.at) == Some(&token);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, token: &str) {
        assert!(self.take(token), "`{token}` expected in {}", self.tokens.join(" "));
    }

    fn next(&mut self) -> &str {
        self.at += 1;
        self.tokens[self.at - 1]
    }

    fn choice(&mut self) -> Value {
        let condition = self.any();
        if !self.take("?") {
            return condition;
        }
        let yes = self.choice();
        self.expect(":");
        let no = self.choice();
        if condition == true { yes } else { no }
    }

    fn any(&mut self) -> Value {
        let mut verdict = self.all();
        while self.take("||") {
            let right = self.all();
            verdict = Value::Bool(verdict == true || right == true);
        }
        verdict
    }

    fn all(&mut self) -> Value {
        let mut verdict = self.comparison();
        while self.take("&&") {
            let right = self.comparison();
            verdict = Value::Bool(verdict == true && right == true);
        }
        verdict
    }

    fn comparison(&mut self) -> Value {
        if self.take("!") {
            return Value::Bool(self.comparison() == false);
        }
        let left = self.operand();
        if self.take("==") {
            return Value::Bool(left == self.operand());
        }
        if self.take("<=") {
            return Value::Bool(left.as_i64() <= self.operand().as_i64());
        }
        left
    }

    fn operand(&mut self) -> Value {
        if self.take("(") {
            let inner = self.choice();
            self.expect(")");
            return inner;
        }
        if self.take("has") {
            self.expect("(");
            let found = self.operand();
            self.expect(")");
            return Value::Bool(!found.is_null());
        }
        if self.take("self") {
            return self.path();
        }
        let token = self.next();
        match token.strip_prefix('\'') {
            Some(text) => Value::from(text.trim_end_matches('\'')),
            None => Value::from(token.parse::<i64>().unwrap_or_else(|_| panic!("not a number: {token}"))),
        }
    }

    fn path(&mut self) -> Value {
        let mut value = self.this.clone();
        loop {
            if self.take("[") {
                let index: usize = self.next().parse().expect("a number");
                value = value.get(index).cloned().unwrap_or(Value::Null);
                self.expect("]");
            } else if self.take(".") {
                let name = self.next().to_owned();
                if self.take("(") {
                    self.expect(")");
                    assert_eq!(name, "size");
                    value = Value::from(value.as_array().map_or(0, Vec::len));
                } else {
                    value = value.get(&name).cloned().unwrap_or(Value::Null);
                }
            } else {
                return value;
            }
        }
    }
}
