//! A suite expanded, as a suite: parts merged in, variables replaced by their values. It must not know what keys mean, but for
//! those that are expressions without `${{ }}`.
//!
//! A matrix stays as it is, with what depends on it, because the ids of cases are made of its labels. Of an expression
//! with an axis in it only the variables become values. Bounds without a value stay, as `${{ none }}`: they are shown, not judged.

use std::cell::RefCell;

use super::expression::{Context, Group, Scope, compile, has_expression, literal, substituted, substituted_bare};
use super::opening::{SIZE_LIMIT, read_with};
use super::read::{read, suite, suite_root};
use super::source::{Place, Source, printable};
use super::tree::{Entry, Key, Literal, Node, Scalar, Value, What, written};
use super::vars::{self, Given, Variable};
use super::{Parts, language::SUITE};
use crate::model::diagnostic::Diagnostic;
use crate::model::suite::{Case, Suite};

/// The longest line about a variable, in characters.
const LONGEST: usize = 160;

/// The expanded suite as text. It has the same cases: that is compared before it is given away.
///
/// # Errors
/// In words: the suite has errors, or what it expands to is none, such as an expression that gets too long.
pub fn render(file: &str, bytes: &[u8], given: &[Given], parts: Parts<'_>) -> Result<String, String> {
    let text = RefCell::new(String::new());
    let (original, remarks) = read_with(&SUITE, file, bytes, |source, remarks| {
        let whole = suite_root(source, parts, remarks)?;
        let variables = vars::read(&whole.root, given, source, remarks);
        let suite = suite((source, parts), &whole, &variables, None, remarks);
        *text.borrow_mut() = head(&variables, source) + &written(&Rendering::of(&variables).suite(&whole.root));
        Some(suite)
    });
    let original = original.ok_or_else(|| first(&remarks))?;
    let text = text.into_inner();
    if text.len() > SIZE_LIMIT {
        return Err(format!("expanded it has {} bytes, more than a suite may have", text.len()));
    }
    let again = read(file, text.as_bytes(), &[], parts);
    let suite = again.suite.ok_or_else(|| first(&again.diagnostics))?;
    differs(&original, &suite).map_or(Ok(text), Err)
}

fn first(remarks: &[Diagnostic]) -> String {
    let error = remarks.iter().find(|remark| remark.severity == crate::model::diagnostic::Severity::Error);
    error.map_or_else(|| "it is no suite".to_owned(), |error| format!("{} ({})", error.message, error.code))
}

/// Comments that say which values were put in.
fn head(variables: &[Variable], source: &Source) -> String {
    let line = |text: String| {
        let mut characters = text.chars().map(printable);
        let short: String = characters.by_ref().take(LONGEST).collect();
        format!("# {short}{}\n", if characters.next().is_some() { "…" } else { "" })
    };
    let first = line(format!("Rendered from {}, with its parts and the values of its variables.", source.main().file()));
    variables.iter().fold(first, |head, variable| head + &line(variable.provenance(source)))
}

/// What the two have in common is all that a plan and a verdict depend on; where something was written is no part of it.
fn differs(original: &Suite, rendered: &Suite) -> Option<String> {
    let waiting =
        |suite: &Suite| suite.pending.iter().map(|pending| (pending.stand_in.id.clone(), pending.waits_for.clone())).collect::<Vec<_>>();
    let frame = |suite: &Suite| {
        (
            suite.id.clone(),
            suite.title.clone(),
            suite.deadline,
            suite.agents.clone(),
            suite.expect_families.clone(),
            suite.cases.len(),
            waiting(suite),
        )
    };
    if frame(original) != frame(rendered) {
        return Some("what is expanded would not be the same suite".to_owned());
    }
    let other = original.cases.iter().zip(&rendered.cases).find(|(original, rendered)| placed(rendered, original) != **original);
    other.map(|(case, _)| format!("what is expanded would not be the same case {}", case.id))
}

/// A case with the places of another, and with its words about where values came from.
fn placed(case: &Case, other: &Case) -> Case {
    let mut case = Case { span: other.span.clone(), ..case.clone() };
    for (bound, other) in case.expect.iter_mut().zip(&other.expect) {
        (bound.span, bound.origin) = (other.span.clone(), other.origin.clone());
    }
    for (open, other) in case.unjudged.iter_mut().zip(&other.unjudged) {
        (open.span, open.origin) = (other.span.clone(), other.origin.clone());
    }
    if let (Some(skip), Some(other)) = (&mut case.skip, &other.skip)
        && skip.code == "when"
    {
        // The reason quotes the expression, in which there are no variables any more.
        skip.why.clone_from(&other.why);
    }
    case
}

struct Rendering<'a> {
    variables: &'a [Variable],
    names: Vec<String>,
    context: Context,
}

impl<'a> Rendering<'a> {
    fn of(variables: &'a [Variable]) -> Self {
        let context = Context::new([("vars", vars::group(variables)), ("matrix", Group::of([]))], []);
        Self { variables, names: vars::names(variables), context }
    }

    fn suite(&self, root: &Node) -> Node {
        let kept = root.entries().iter().filter(|entry| !matches!(&*entry.key.name, "vars" | "include"));
        let entry = |entry: &Entry| match &*entry.key.name {
            "tests" => with(entry, self.each(&entry.value, |test| self.test(test))),
            _ => with(entry, self.value(&entry.value)),
        };
        let mut entries: Vec<_> = kept.map(entry).collect();
        // Where a part brings what the suite has not got, it stands behind; people look for tests last.
        entries.sort_by_key(|entry| &*entry.key.name == "tests");
        Node { at: root.at, what: What::Map(entries) }
    }

    fn test(&self, test: &Node) -> Node {
        self.keys(test, |entry| match &*entry.key.name {
            "when" => self.condition(&entry.value),
            "skipIf" => self.each(&entry.value, |item| {
                self.keys(item, |entry| if &*entry.key.name == "if" { self.condition(&entry.value) } else { self.value(&entry.value) })
            }),
            _ => self.value(&entry.value),
        })
    }

    fn each(&self, node: &Node, change: impl Fn(&Node) -> Node) -> Node {
        match &node.what {
            What::List(items) => Node { at: node.at, what: What::List(items.iter().map(change).collect()) },
            What::Nothing | What::Scalar(_) | What::Template(_) | What::Map(_) | What::Unset(_) | What::Broken => self.value(node),
        }
    }

    fn keys(&self, node: &Node, change: impl Fn(&Entry) -> Node) -> Node {
        match &node.what {
            What::Map(entries) => Node { at: node.at, what: What::Map(entries.iter().map(|entry| with(entry, change(entry))).collect()) },
            What::Nothing | What::Scalar(_) | What::Template(_) | What::List(_) | What::Unset(_) | What::Broken => self.value(node),
        }
    }

    fn condition(&self, node: &Node) -> Node {
        let Some(scalar) = node.scalar() else { return node.clone() };
        let text = substituted_bare(&scalar.text, &|name| self.known(name));
        if text == *scalar.text { node.clone() } else { Node { at: node.at, what: plain(&text) } }
    }

    fn value(&self, node: &Node) -> Node {
        let what = match &node.what {
            What::Scalar(scalar) if has_expression(&scalar.text) => self.expression(&scalar.text, node.at),
            What::List(items) => What::List(items.iter().map(|item| self.value(item)).collect()),
            What::Map(entries) => What::Map(entries.iter().map(|entry| with(entry, self.value(&entry.value))).collect()),
            What::Nothing | What::Scalar(_) | What::Template(_) | What::Unset(_) | What::Broken => node.what.clone(),
        };
        Node { at: node.at, what }
    }

    /// The value, if it depends on variables alone; else the expression with their values in it.
    fn expression(&self, text: &str, at: Place) -> What {
        let scope = Scope { vars: &self.names, matrix: None, items: &[], discovered: None, secrets: None, facts: None };
        let value = compile(text, scope, &|_| at).ok().filter(|template| !template.uses.is_empty());
        let value = value.and_then(|template| template.value(&self.context).ok()).filter(|value| *value != Value::None);
        value.map_or_else(|| plain(&substituted(text, &|name| self.known(name))), |value| of(&value, at))
    }

    /// The value of a variable or of a field of one. A field that a map has not got is none, as in a branch that is not taken.
    fn known(&self, name: &str) -> Option<Value> {
        let mut steps = name.strip_prefix("vars.")?.split('.');
        let value = vars::find(self.variables, steps.next()?)?.value()?;
        let field = |value: &Value, step: &str| match value {
            Value::Map(entries) => entries.iter().find(|(name, _)| **name == *step).map(|(_, value)| value.clone()),
            Value::None | Value::Scalar(_) | Value::List(_) => None,
        };
        Some(steps.try_fold(value.clone(), |value, step| field(&value, step)).unwrap_or(Value::None))
    }
}

fn with(entry: &Entry, value: Node) -> Entry {
    Entry { key: entry.key.clone(), value }
}

fn plain(text: &str) -> What {
    What::Scalar(Scalar::new(Literal::Text, text))
}

/// A value as a part of the tree.
fn of(value: &Value, at: Place) -> What {
    let node = |value: &Value| Node { at, what: of(value, at) };
    match value {
        Value::None => What::Nothing,
        // It would be taken for an expression: as a text in one, it stays text.
        Value::Scalar(scalar) if has_expression(&scalar.text) => plain(&format!("${{{{ {} }}}}", literal(value))),
        Value::Scalar(scalar) => What::Scalar(scalar.clone()),
        Value::List(items) => What::List(items.iter().map(node).collect()),
        Value::Map(entries) => {
            let entry = |(name, value): &(std::sync::Arc<str>, Value)| Entry { key: Key { name: name.clone(), at }, value: node(value) };
            What::Map(entries.iter().map(entry).collect())
        }
    }
}
