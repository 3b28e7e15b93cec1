//! The suite's variables: what it declares, and which value each has in this run. It must not know what they are for.

mod declaration;
mod given;
mod kind;

pub use given::{Given, environment, read_values, set, set_string};

use self::declaration::Declaration;
pub(crate) use self::kind::LONGEST_VALUE;
use self::kind::Type;
use super::codes;
use super::expression::{Facts, Group};
use super::remarks::{Remark, Remarks, any_of, did_you_mean};
use super::source::Source;
use super::tree::{Literal, Node, Value};
use crate::model::diagnostic::{Diagnostic, Severity};
use crate::model::source::Span;
use crate::model::suite::{Var, VarOrigin};

/// A declared variable with its value.
#[derive(Debug)]
pub(crate) struct Variable {
    declaration: Declaration,
    /// Its value in this run; none at all if that would be a mistake, which has its remark.
    value: Option<Value>,
    origin: VarOrigin,
}

/// The variables that a suite declares.
#[derive(Debug, Clone)]
pub struct Declared {
    names: Vec<String>,
    /// Where its `vars` are, if it has some.
    at: Option<Span>,
}

impl Variable {
    /// Its name, without `vars.`.
    pub(crate) fn name(&self) -> &str {
        &self.declaration.name
    }

    /// Its value, unless that is a mistake.
    pub(crate) const fn value(&self) -> Option<&Value> {
        self.value.as_ref()
    }

    /// Its value as text; empty where it has none.
    pub(crate) fn text(&self) -> String {
        self.value.as_ref().map(Value::to_string).unwrap_or_default()
    }

    /// For the suite.
    pub(crate) fn var(&self, source: &Source) -> Var {
        Var {
            name: self.name().to_owned(),
            kind: self.declaration.stated.map_or("", Type::word),
            value: self.text(),
            origin: self.origin.clone(),
            help: self.declaration.help.clone(),
            choices: self.declaration.choices.iter().map(Value::to_string).collect(),
            declared: source.span(self.declaration.at),
        }
    }

    /// Where the value came from: `vars.lossMax = 1%, default at suites/overlay.yaml:6`.
    pub(crate) fn provenance(&self, source: &Source) -> String {
        let declared = source.span(self.declaration.at);
        match self.origin {
            VarOrigin::Unset | VarOrigin::Missing => {
                format!("vars.{} has no value, optional at {}:{}", self.name(), declared.file, declared.line)
            }
            VarOrigin::Default(_) | VarOrigin::Set | VarOrigin::SetString | VarOrigin::File(_) | VarOrigin::Environment => {
                format!("vars.{} = {}, {}", self.name(), self.text(), self.origin.words(self.name()))
            }
        }
    }

    /// The texts that it may be, if it has choices, all of them texts.
    fn texts(&self) -> Option<Vec<String>> {
        let text = |value: &Value| value.scalar().filter(|scalar| scalar.literal == Literal::Text).map(|scalar| scalar.text.to_string());
        let choices = &self.declaration.choices;
        if choices.is_empty() { None } else { choices.iter().map(text).collect() }
    }

    /// Whether it has a duration or a percentage for a value.
    fn is_quantity(&self) -> bool {
        let of_kind = matches!(self.declaration.kind, Some(Type::Duration | Type::Percent));
        of_kind && self.value.as_ref().is_some_and(|value| value.scalar().is_some())
    }

    /// The names under which expressions know it and its fields: `map`, `map.key`.
    fn names(&self) -> Vec<String> {
        let mut names = vec![self.name().to_owned()];
        match &self.value {
            Some(value) => fields(self.name(), value, &mut names),
            None => names.push(format!("{}.*", self.name())),
        }
        if matches!(self.value, Some(Value::None)) && matches!(self.declaration.kind, Some(Type::Map)) {
            names.push(format!("{}.*", self.name()));
        }
        names
    }
}

fn fields(before: &str, value: &Value, names: &mut Vec<String>) {
    let Value::Map(entries) = value else { return };
    for (name, value) in entries {
        let name = format!("{before}.{name}");
        names.push(name.clone());
        fields(&name, value, names);
    }
}

/// The names that expressions may use behind `vars.`.
pub(crate) fn names(variables: &[Variable]) -> Vec<String> {
    variables.iter().flat_map(Variable::names).collect()
}

/// What expressions see.
pub(crate) fn group(variables: &[Variable]) -> Group {
    let choices = variables.iter().filter_map(|variable| Some((variable.name().to_owned(), variable.texts()?))).collect();
    let quantities = variables.iter().filter(|variable| variable.is_quantity()).map(|variable| variable.name().to_owned()).collect();
    Group::of(variables.iter().map(|variable| (variable.name(), variable.value.as_ref()))).with(Facts { choices, quantities })
}

/// The variable of a name such as `lossMax`, or of which that name is a field, as in `map.key`.
pub(crate) fn find<'a>(variables: &'a [Variable], name: &str) -> Option<&'a Variable> {
    let first = name.split('.').next().unwrap_or(name);
    variables.iter().find(|variable| variable.name() == first)
}

/// What a suite declares.
pub(crate) fn declared(root: &Node, source: &Source) -> Declared {
    let vars = root.entry("vars");
    let names = vars.map_or(&[][..], |vars| vars.value.entries()).iter().map(|entry| entry.key.name.to_string()).collect();
    Declared { names, at: vars.map(|vars| source.span(vars.key.at)) }
}

/// The variables of a suite, in the order of the file, with their values in this run; of several that are given the last wins.
pub(crate) fn read(root: &Node, given: &[Given], source: &Source, remarks: &mut Remarks) -> Vec<Variable> {
    let entries = root.get("vars").map_or(&[][..], Node::entries);
    entries.iter().map(|entry| variable(Declaration::of(entry, remarks), given, source, remarks)).collect()
}

fn variable(declaration: Declaration, given: &[Given], source: &Source, remarks: &mut Remarks) -> Variable {
    let Some(kind) = declaration.kind else {
        return Variable { declaration, value: None, origin: VarOrigin::Missing };
    };
    let mut last = None;
    for given in given.iter().filter(|given| given.name == declaration.name) {
        let value = accepted(&declaration, kind, given, source, remarks);
        let origin = if value.is_some() { given.origin() } else { VarOrigin::Missing };
        last = Some((value, origin));
    }
    let (value, origin) = match (last, &declaration.default) {
        (Some(last), _) => last,
        (None, Some((value, at))) => (Some(value.clone()), VarOrigin::Default(source.span(*at))),
        (None, None) if declaration.optional => (Some(Value::None), VarOrigin::Unset),
        (None, None) => {
            remarks.add(missing(&declaration, kind));
            (None, VarOrigin::Missing)
        }
    };
    Variable { declaration, value, origin }
}

/// A value from outside, if it fits.
fn accepted(declaration: &Declaration, kind: Type, given: &Given, source: &Source, remarks: &mut Remarks) -> Option<Value> {
    let help = match given.value(kind) {
        Ok(value) if declaration.allows(kind, &value) => return Some(declaration.spelt(kind, value)),
        Ok(_) => None,
        Err(help) => help,
    };
    let implied = declaration.default.as_ref().is_some_and(|(_, at)| at.start > declaration.at.end && declaration.choices.is_empty());
    let wanted = declaration.expected(kind);
    let place = declaration.default.as_ref().map_or(declaration.at, |(_, at)| *at);
    let message = format!("{} does not fit", given.words());
    let remark = if let Some(span) = given.span() {
        let remark = Remark::elsewhere(codes::SET_WRONG, span.clone(), message).label(format!("expected {wanted}, {}", given.found()));
        remark.related(declaration.at, "declared here")
    } else {
        let like = if implied { ", as this default is" } else { "" };
        // Several sources can be wrong about one variable, which are as many mistakes.
        let remark = Remark::elsewhere(codes::SET_WRONG, source.span(place), message);
        remark.label(format!("expected {wanted}{like}, {}", given.found()))
    };
    remarks.add(remark.help(help));
    None
}

fn missing(declaration: &Declaration, kind: Type) -> Remark {
    let name = &declaration.name;
    let remark = Remark::error(codes::VALUE_MISSING, declaration.at, format!("the variable `{name}` has no value"));
    let example = declaration.choices.first().map_or_else(|| "VALUE".to_owned(), Value::to_string);
    remark.label(format!("expected {}", declaration.expected(kind))).help([
        format!("give it one: --set {name}={example}"),
        "or write a `default`, or `optional: true` where the suite can do without it".to_owned(),
    ])
}

/// Remarks on values for variables that no suite declares, each name of a source once: of the environment a warning, since it may be
/// meant for other suites, of everything else an error.
#[must_use]
pub fn undeclared(given: &[Given], suites: &[&Declared]) -> Vec<Diagnostic> {
    let known = || suites.iter().flat_map(|suite| suite.names.iter().map(String::as_str));
    let mut told: Vec<String> = Vec::new();
    let mut found = Vec::new();
    for given in given.iter().filter(|given| !known().any(|name| name == given.name)) {
        let source = format!("{}: {}", given.source(), given.name);
        if !told.contains(&source) {
            told.push(source);
            found.push(unknown(given, suites, known().collect()));
        }
    }
    found
}

fn unknown(given: &Given, suites: &[&Declared], mut known: Vec<&str>) -> Diagnostic {
    known.sort_unstable();
    known.dedup();
    let nobody = if suites.len() == 1 { "the suite has no" } else { "no suite has a" };
    let help = did_you_mean(&given.name, known.iter().copied()).unwrap_or_else(|| match known.as_slice() {
        [] if suites.len() == 1 => "the suite declares no variables".to_owned(),
        [] => "the suites declare no variables".to_owned(),
        names => format!("there is {}", any_of(names.iter().copied())),
    });
    let (code, severity) = match given.origin() {
        VarOrigin::Environment => (codes::ENVIRONMENT_UNKNOWN, Severity::Warning),
        VarOrigin::Default(_) | VarOrigin::Set | VarOrigin::SetString | VarOrigin::File(_) | VarOrigin::Unset | VarOrigin::Missing => {
            (codes::SET_UNKNOWN, Severity::Error)
        }
    };
    let message = match given.key_span() {
        Some(_) => format!("{nobody} variable `{}`", given.name),
        None => format!("{}: {nobody} variable `{}`", given.source(), given.name),
    };
    let related = suites.iter().filter_map(|suite| Some((suite.at.clone()?, "variables are declared here".to_owned())));
    let remark = Remark::elsewhere(code, given.key_span().cloned(), message).help([help]);
    Diagnostic { severity, related: related.collect(), ..remark.alone() }
}
