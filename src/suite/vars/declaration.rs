//! What a suite says of a variable: its type, its default, its choices. It must not know which value it has in a run.

use super::kind::Type;
use crate::suite::codes;
use crate::suite::data;
use crate::suite::language::{VARIABLE, describes};
use crate::suite::remarks::{Remark, Remarks, any_of};
use crate::suite::source::Place;
use crate::suite::tree::{Entry, Literal, Node, Value};

/// A declared variable.
#[derive(Debug)]
pub(super) struct Declaration {
    /// Its name, without `vars.`.
    pub(super) name: String,
    /// Where its name stands.
    pub(super) at: Place,
    /// Its type; none if what is said of it is a mistake, which has its remark.
    pub(super) kind: Option<Type>,
    /// The type that it has by what is written, also where something else that is said of it is a mistake.
    pub(super) stated: Option<Type>,
    /// Its default as the type has it, with its place; none if there is none.
    pub(super) default: Option<(Value, Place)>,
    /// The values that it may have, as the type has them; any if there are none.
    pub(super) choices: Vec<Value>,
    /// What it is for.
    pub(super) help: Option<String>,
    /// Whether it may have no value.
    pub(super) optional: bool,
}

impl Declaration {
    /// Of an entry of `vars` that the shape check has seen.
    pub(super) fn of(entry: &Entry, remarks: &mut Remarks) -> Self {
        let mut declaration = Self {
            name: entry.key.name.to_string(),
            at: entry.key.at,
            kind: None,
            stated: None,
            default: None,
            choices: Vec::new(),
            help: None,
            optional: false,
        };
        if describes(&entry.value, VARIABLE) {
            declaration.describe(&entry.value, remarks);
        } else if let Some(value) = sound(&entry.value) {
            declaration.kind = Some(Type::of(&value));
            declaration.stated = declaration.kind;
            declaration.default = Some((value, entry.value.at));
        }
        declaration
    }

    /// What it wants, for "expected …".
    pub(super) fn expected(&self, kind: Type) -> String {
        if self.choices.is_empty() {
            return kind.words().to_owned();
        }
        let choices: Vec<_> = self.choices.iter().map(Value::to_string).collect();
        any_of(choices.iter().map(String::as_str))
    }

    /// A value as its type has it, if it is one of its choices.
    pub(super) fn allows(&self, kind: Type, value: &Value) -> bool {
        self.choices.is_empty() || self.choices.iter().any(|choice| kind.same(choice, value))
    }

    /// A value as it stands among its choices, if there are some: `1s` for 1000ms, so that expressions need to know one spelling alone.
    pub(super) fn spelt(&self, kind: Type, value: Value) -> Value {
        self.choices.iter().find(|choice| kind.same(choice, &value)).cloned().unwrap_or(value)
    }

    fn describe(&mut self, node: &Node, remarks: &mut Remarks) {
        self.help = node.get("help").and_then(Node::scalar).map(|scalar| scalar.text.to_string());
        // What is neither true nor false has its remark, and may have been meant to be true.
        self.optional = node.get("optional").is_some_and(|node| node.scalar().is_none_or(|scalar| scalar.literal != Literal::Bool(false)));
        let default = node.get("default");
        self.stated = self.stated(node, default, remarks);
        let Some(kind) = self.stated else { return };
        let Some(choices) = self.choices(kind, node, remarks) else { return };
        self.choices = choices;
        if let (Some(entry), true) = (node.entry("optional"), self.optional && default.is_some()) {
            let remark = Remark::error(codes::EXCLUSIVE, entry.key.at, "`optional` and `default` exclude each other");
            remarks.add(remark.label("a variable with a default always has a value").help(["leave out one of them"]));
        }
        if let Some(default) = default {
            let Some(value) = self.checked(kind, default, "default", remarks) else { return };
            self.default = Some((value, default.at));
        }
        self.kind = Some(kind);
    }

    /// The type that is written, or that of the default.
    fn stated(&self, node: &Node, default: Option<&Node>, remarks: &mut Remarks) -> Option<Type> {
        if let Some(entry) = node.entry("type") {
            // Another word has its remark.
            return Type::named(&entry.value.scalar()?.text);
        }
        // A misspelt key is told of already, and may be the one.
        let misspelt = node.entries().iter().any(|entry| !VARIABLE.iter().any(|key| *key.name == *entry.key.name));
        if default.is_none() && !misspelt {
            let message = format!("the variable `{}` has neither a `type` nor a `default`", self.name);
            let remark = Remark::error(codes::MISSING_KEY, self.at, message);
            remarks.add(remark.help(["write for example `type: duration`"]));
        }
        default.and_then(sound).as_ref().map(Type::of)
    }

    fn choices(&self, kind: Type, node: &Node, remarks: &mut Remarks) -> Option<Vec<Value>> {
        let Some(entry) = node.entry("choices") else { return Some(Vec::new()) };
        if matches!(kind, Type::List | Type::Map) {
            let message = format!("a variable of the type {} has no choices", kind.word());
            remarks.add(Remark::error(codes::WRONG_VALUE, entry.key.at, message).label("expected them with single values alone"));
            return None;
        }
        let choices = entry.value.items().iter().map(|item| self.checked(kind, item, "choice", remarks));
        let choices: Vec<_> = choices.collect();
        choices.into_iter().collect()
    }

    /// What the suite itself says as a value of the type.
    fn checked(&self, kind: Type, node: &Node, what: &str, remarks: &mut Remarks) -> Option<Value> {
        let (value, at, found) = (sound(node)?, node.at, node.found());
        let message = format!("this {what} of `{}` does not fit its type, {}", self.name, kind.word());
        match kind.fit(value) {
            Ok(value) if self.allows(kind, &value) => Some(self.spelt(kind, value)),
            Ok(_) => {
                let remark = Remark::error(codes::WRONG_VALUE, at, format!("this {what} of `{}` is none of its choices", self.name));
                remarks.add(remark.label(format!("expected {}, {found}", self.expected(kind))));
                None
            }
            Err(help) => {
                remarks.add(Remark::error(codes::WRONG_VALUE, at, message).label(format!("expected {}, {found}", kind.words())).help(help));
                None
            }
        }
    }
}

/// The value, if there is no mistake in it.
fn sound(node: &Node) -> Option<Value> {
    if data::is_sound(node) { data::value(node) } else { None }
}
