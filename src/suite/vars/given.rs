//! Values that variables are given from outside of the suite: by flags, by files, by the environment. It must not know which
//! variables there are, and reads nothing by itself.

use std::sync::Arc;

use super::kind::{Spelling, Type};
use crate::model::diagnostic::Diagnostic;
use crate::model::source::Span;
use crate::model::suite::VarOrigin;
use crate::suite::codes;
use crate::suite::data;
use crate::suite::opening::decode;
use crate::suite::remarks::{Remark, Remarks};
use crate::suite::source::Source;
use crate::suite::tree::{self, Node, Value, What};

/// A value for a variable, and who gave it.
#[derive(Debug, Clone)]
pub struct Given {
    /// The variable's name, without `vars.`.
    pub(super) name: String,
    pub(super) by: By,
}

#[derive(Debug, Clone)]
pub(super) enum By {
    Set(String),
    SetString(String),
    Environment(String),
    /// With the places of its name and of its value.
    File(Value, Span, Span),
}

/// What `--set NAME=VALUE` gives.
#[must_use]
pub fn set(name: &str, value: &str) -> Given {
    Given { name: name.to_owned(), by: By::Set(value.to_owned()) }
}

/// What `--set-string NAME=VALUE` gives: text, whatever it looks like.
#[must_use]
pub fn set_string(name: &str, value: &str) -> Given {
    Given { name: name.to_owned(), by: By::SetString(value.to_owned()) }
}

/// What the environment variable `NETCHECK_VAR_` and that name gives.
#[must_use]
pub fn environment(name: &str, value: &str) -> Given {
    Given { name: name.to_owned(), by: By::Environment(value.to_owned()) }
}

impl Given {
    /// As a value of that type.
    ///
    /// # Errors
    /// What else there is to say of one that does not fit, if anything.
    pub(super) fn value(&self, kind: Type) -> Result<Value, Option<String>> {
        match &self.by {
            By::Set(text) | By::Environment(text) => kind.read(text, Spelling::Plain),
            By::SetString(text) => kind.read(text, Spelling::Quoted).map_err(|help| {
                // What only a plain text could be, `--set` reads.
                let plain = kind.read(text, Spelling::Plain).is_ok();
                help.or_else(|| plain.then(|| format!("--set {}={text} reads it as its type is written", self.name)))
            }),
            By::File(value, ..) => kind.fit(value.clone()),
        }
    }

    /// As it was written: `--set lossMax=1%`.
    pub(super) fn words(&self) -> String {
        let name = &self.name;
        match &self.by {
            By::Set(text) => format!("`--set {name}={text}`"),
            By::SetString(text) => format!("`--set-string {name}={text}`"),
            By::Environment(text) => format!("`NETCHECK_VAR_{name}={text}`"),
            By::File(..) => format!("the value of `{name}`"),
        }
    }

    /// The same without the value.
    pub(super) fn source(&self) -> String {
        let name = &self.name;
        match &self.by {
            By::Set(_) => format!("`--set {name}=…`"),
            By::SetString(_) => format!("`--set-string {name}=…`"),
            By::Environment(_) => format!("`NETCHECK_VAR_{name}=…`"),
            By::File(_, key, _) => format!("{}", key.file),
        }
    }

    /// In words, for "found …".
    pub(super) fn found(&self) -> String {
        match &self.by {
            By::Set(text) | By::Environment(text) => format!("found {text:?}"),
            By::SetString(text) => format!("found the text {text:?}"),
            By::File(value, ..) => value.found(),
        }
    }

    pub(super) fn origin(&self) -> VarOrigin {
        match &self.by {
            By::Set(_) => VarOrigin::Set,
            By::SetString(_) => VarOrigin::SetString,
            By::Environment(_) => VarOrigin::Environment,
            By::File(_, _, value) => VarOrigin::File(value.clone()),
        }
    }

    /// Where its name was written, if in a file.
    pub(super) const fn key_span(&self) -> Option<&Span> {
        match &self.by {
            By::File(_, key, _) => Some(key),
            By::Set(_) | By::SetString(_) | By::Environment(_) => None,
        }
    }

    /// Where it was written, if in a file.
    pub(super) const fn span(&self) -> Option<&Span> {
        match &self.by {
            By::File(_, _, value) => Some(value),
            By::Set(_) | By::SetString(_) | By::Environment(_) => None,
        }
    }
}

/// Reads a file of values, a map from variables to values, in YAML. `file` is its name as the user gave it.
#[must_use]
pub fn read_values(file: &str, bytes: &[u8]) -> (Vec<Given>, Vec<Diagnostic>) {
    let mut remarks = Remarks::default();
    let decoded = decode(bytes, "file of values");
    let source = Source::new(file, decoded.text);
    let given = match decoded.wrong {
        Some(remark) => {
            remarks.add(*remark);
            Vec::new()
        }
        None => values(&source, &mut remarks),
    };
    (given, remarks.finish(&source))
}

const FIRST: &str = "it is a map from variables to their values, such as `lossMax: 1%`";

fn values(source: &Source, remarks: &mut Remarks) -> Vec<Given> {
    let Some(root) = tree::parse(source.main(), remarks) else { return Vec::new() };
    if let Some(entry) = root.entry("netcheck").filter(|_| ["suite", "part", "world"].iter().any(|key| root.entry(key).is_some())) {
        let remark = Remark::error(codes::UNKNOWN_KEY, entry.key.at, "this is no file of values: it is one of netcheck's own");
        remarks.add(remark.help([FIRST]));
        return Vec::new();
    }
    match &root.what {
        // Nothing is given then, as where each value is commented out.
        What::Nothing | What::Broken => return Vec::new(),
        What::Map(_) => {}
        What::Scalar(_) | What::Template(_) | What::Unset(_) | What::List(_) => {
            let remark = Remark::error(codes::WRONG_VALUE, root.at, "the file is no file of values");
            remarks.add(remark.label(format!("expected a map, {}", root.found())).help([FIRST]));
            return Vec::new();
        }
    }
    root.entries()
        .iter()
        .filter_map(|entry| {
            let name = &entry.key.name;
            let value = value(&entry.value, entry.key.at, name, remarks)?;
            let (key, at) = (source.span(entry.key.at), source.span(entry.value.at));
            Some(Given { name: entry.key.name.to_string(), by: By::File(value, key, at) })
        })
        .collect()
}

fn value(node: &Node, key: crate::suite::source::Place, name: &Arc<str>, remarks: &mut Remarks) -> Option<Value> {
    if matches!(node.what, What::Nothing) {
        let remark = Remark::error(codes::WRONG_VALUE, key, format!("`{name}` has no value"));
        remarks.add(remark.label("expected a value behind it").help(["leave it out to leave the variable as it is"]));
        return None;
    }
    data::check(node, name, remarks);
    data::value(node).filter(|_| data::is_sound(node))
}
