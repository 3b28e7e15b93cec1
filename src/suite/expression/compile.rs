//! From a scalar's text to a template, with a remark for everything that is wrong with its expressions.

use std::ops::Range;

use super::engine::{self, Compiled, FILTERS, TESTS};
use super::foreign::of_braces;
use super::misplaced::misplaced;
use super::parts::{Part, parts};
use super::template::{Expression, Piece, Template};
use super::words::{KEYWORDS, Name, Role, names, sign};
use crate::suite::codes;
use crate::suite::remarks::{Remark, any_of, did_you_mean, nearest};
use crate::suite::source::Place;

/// The longest expression, in bytes.
const LONGEST: usize = 1_000;
/// The most of them in one text.
const MOST: usize = 100;

/// The groups of variables.
const GROUPS: [&str; 6] = ["cluster", "discover", "matrix", "run", "secrets", "vars"];

/// Those of facts of the place and of the run.
const FACTUAL: [&str; 2] = ["cluster", "run"];

/// What is no group of variables, though it may be taken for one, and what is instead.
const NO_GROUPS: [(&str, &str); 2] = [
    ("each", "an item of `forEach` is called as the list is: `svc.port` of `forEach: { svc: … }`"),
    ("env", "declare a variable, so that plan and reports show it: the environment gives it a value by `NETCHECK_VAR_NAME`"),
];

/// Among the names of a group: there may be others.
pub(crate) const ANY: &str = "*";

/// The variables that are known at a place.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'a> {
    /// The suite's, with the fields of those that are maps: `map`, `map.key`. A name that ends in `*` stands for all that begin so.
    pub(crate) vars: &'a [String],
    /// The axes of the test's matrix; none outside a test.
    pub(crate) matrix: Option<&'a [String]>,
    /// The items of its `forEach`, with their fields: `svc`, `svc.port`; `svc.*` where these are not known beforehand.
    pub(crate) items: &'a [String],
    /// What the suite discovers; none where that is not known.
    pub(crate) discovered: Option<&'a [String]>,
    /// The suite's secrets; none where they may not stand.
    pub(crate) secrets: Option<&'a [String]>,
    /// The facts of the place and of the run; none where cases get their names.
    pub(crate) facts: Option<&'a [Fact]>,
}

/// A fact of the place or of the run.
#[derive(Debug)]
pub(crate) struct Fact {
    /// What expressions call it: `cluster.nodes`.
    pub(crate) name: &'static str,
    /// Why there is none here, if there is none.
    pub(crate) lacking: Option<Lacking>,
}

/// Why there is no such fact.
#[derive(Debug, Clone)]
pub(crate) struct Lacking {
    /// What is wrong.
    pub(crate) message: String,
    /// What to try.
    pub(crate) help: String,
}

/// The template of a text. `place` gives the place of a range of its bytes.
pub(crate) fn compile(text: &str, scope: Scope<'_>, place: &dyn Fn(Range<usize>) -> Place) -> Result<Template, Vec<Remark>> {
    let parts = parts(text).map_err(|mistake| vec![misplaced(text, mistake, place)])?;
    let mut expressions = parts.iter().filter_map(|part| if let Part::Expression(at) = part { Some(at) } else { None });
    if let Some(at) = expressions.nth(MOST) {
        let remark = Remark::error(codes::BAD_EXPRESSION, place(at.clone()), format!("this text has more than {MOST} expressions"));
        return Err(vec![remark.help(["compute it in fewer: `${{ a ~ b }}`"])]);
    }
    let mut template = Template { pieces: Vec::new(), text: text.to_owned(), uses: Vec::new() };
    let mut remarks = Vec::new();
    for part in parts {
        match part {
            Part::Text(text) => template.pieces.push(Piece::Text(text)),
            Part::Expression(at) => {
                let shifted = |part: Range<usize>| place(at.start + part.start..at.start + part.end);
                let expression = &text[at.clone()];
                match one(expression, scope, &shifted) {
                    Ok(compiled) => template.pieces.push(Piece::Expression(Expression::of(compiled, expression, at.clone()))),
                    Err(more) => remarks.extend(more),
                }
                note_uses(expression, &mut template.uses);
            }
        }
    }
    if remarks.is_empty() { Ok(template) } else { Err(remarks) }
}

/// Whether expressions know something by that name, so that no item can be called so.
pub(crate) fn is_taken(name: &str) -> bool {
    KEYWORDS.contains(&name) || GROUPS.contains(&name) || NO_GROUPS.iter().any(|(group, _)| *group == name)
}

/// The template of a text that is an expression as a whole, without `${{ }}`.
pub(crate) fn compile_bare(text: &str, scope: Scope<'_>, place: &dyn Fn(Range<usize>) -> Place) -> Result<Template, Vec<Remark>> {
    let compiled = one(text, scope, place)?;
    let mut uses = Vec::new();
    note_uses(text, &mut uses);
    Ok(Template { pieces: vec![Piece::Expression(Expression::of(compiled, text, 0..text.len()))], text: text.to_owned(), uses })
}

/// The variables of an expression, each once.
fn note_uses(expression: &str, uses: &mut Vec<String>) {
    for name in names(expression).into_iter().filter(|name| name.role == Role::Variable) {
        if !uses.contains(&name.text) {
            uses.push(name.text);
        }
    }
}

fn one(text: &str, scope: Scope<'_>, place: &dyn Fn(Range<usize>) -> Place) -> Result<Compiled, Vec<Remark>> {
    let bad = |at: Range<usize>, message: String| Remark::error(codes::BAD_EXPRESSION, place(at), message);
    if text.len() > LONGEST {
        return Err(vec![bad(0..text.len(), format!("this expression has {} bytes, more than {LONGEST}", text.len()))]);
    }
    if let Some(at) = sign(text, '*') {
        return Err(vec![bad(at, "expressions have no `*`".to_owned()).help(["it would let a small file make a large value"])]);
    }
    let names = names(text);
    let refused: Vec<_> =
        names.iter().filter_map(|name| refused(name).map(|(message, help)| bad(name.at.clone(), message).help(help))).collect();
    if !refused.is_empty() {
        return Err(refused);
    }
    let compiled = engine::compile(text).map_err(|trouble| {
        let at = trouble.at.filter(|at| at.end <= text.len()).unwrap_or(0..text.len());
        let help = Some(text).filter(|text| text.trim_start().starts_with('.')).and_then(of_braces);
        vec![bad(at, format!("this expression cannot be read: {}", trouble.words)).help(help)]
    })?;
    let unknown = unknown(&compiled, &names, text, scope);
    if unknown.is_empty() { Ok(compiled) } else { Err(unknown.into_iter().map(|(at, remark)| remark(place(at))).collect()) }
}

/// Whether it is an expression, whatever its names stand for.
pub(super) fn is_readable(text: &str) -> bool {
    names(text).iter().all(|name| refused(name).is_none()) && engine::compile(text).is_ok()
}

/// Why a name may not be used in the role that it has, and what to try.
fn refused(name: &Name) -> Option<(String, Vec<String>)> {
    let (kind, known): (&str, &[&str]) = match name.role {
        Role::Filter if !FILTERS.contains(&name.text.as_str()) => ("filter", &FILTERS),
        Role::Test if !TESTS.contains(&name.text.as_str()) => ("test", &TESTS),
        Role::Call => {
            return Some(("expressions have no functions".to_owned(), vec!["they have filters, tests and `a if b else c`".to_owned()]));
        }
        Role::Filter | Role::Test | Role::Variable => return None,
    };
    let near = did_you_mean(&name.text, known.iter().copied()).unwrap_or_else(|| format!("there are {}", any_of(known.iter().copied())));
    Some((format!("expressions have no {kind} `{}`", name.text), vec![near]))
}

type Unknown = Box<dyn FnOnce(Place) -> Remark>;

/// The names that the engine finds undeclared and the scope does not know, in the order of the text.
fn unknown(compiled: &Compiled, names: &[Name], text: &str, scope: Scope<'_>) -> Vec<(Range<usize>, Unknown)> {
    let mut undeclared: Vec<_> = compiled.undeclared_variables(true).into_iter().collect();
    undeclared.sort();
    let mut unknown: Vec<(Range<usize>, Unknown)> = Vec::new();
    for name in undeclared {
        let Some((code, message, help)) = trouble(&name, scope) else { continue };
        let mut places: Vec<_> = names.iter().filter(|other| other.text == name).map(|other| other.at.clone()).collect();
        if places.is_empty() {
            places.push(0..text.len());
        }
        for at in places {
            let (message, help) = (message.clone(), help.clone());
            unknown.push((at, Box::new(move |place| Remark::error(code, place, message).help(help))));
        }
    }
    unknown.sort_by_key(|(at, _)| at.start);
    unknown
}

/// What is wrong with a name, and what to try.
fn trouble(name: &str, scope: Scope<'_>) -> Option<(&'static str, String, Option<String>)> {
    let (root, field) = name.split_once('.').map_or((name, None), |(root, field)| (root, Some(field)));
    if scope.items.iter().any(|item| item == root) {
        let known = scope.items.iter().any(|item| item == name || is_open(item, name));
        return (!known).then(|| (codes::UNKNOWN_VARIABLE, format!("unknown variable `{name}`"), Some(field_of(root, name, scope.items))));
    }
    if FACTUAL.contains(&root) {
        return fact((root, name), scope.facts);
    }
    let known = match (root, scope.matrix) {
        ("vars", _) => scope.vars,
        ("discover", _) => match scope.discovered {
            Some(names) => names,
            None => return Some((codes::UNKNOWN_VARIABLE, format!("`{name}` is not known here"), Some(UNDISCOVERED.to_owned()))),
        },
        ("secrets", _) => match scope.secrets {
            Some(names) => names,
            None => {
                return Some((
                    codes::NO_SECRETS,
                    format!("`{name}` is not known here"),
                    Some("secrets are for `token` and `headers` of a probe".to_owned()),
                ));
            }
        },
        ("matrix", Some(axes)) => axes,
        ("matrix", None) => {
            let help = "a matrix is known in its own test alone, but not in a `matrix` or a `forEach`: these are what cases are made by";
            return Some((codes::UNKNOWN_VARIABLE, format!("`{name}` is not known here"), Some(help.to_owned())));
        }
        (root, _) => return Some((codes::UNKNOWN_VARIABLE, format!("unknown variable `{name}`"), meant((root, name), &scope))),
    };
    match field {
        Some(field) if known.iter().any(|known| known == field || is_open(known, field)) => None,
        Some(field) => Some((codes::UNKNOWN_VARIABLE, format!("unknown variable `{name}`"), Some(among(root, field, known)))),
        None => {
            Some((codes::UNKNOWN_VARIABLE, format!("`{root}` is not a value"), Some(format!("name one of its variables: `{root}.NAME`"))))
        }
    }
}

/// What may have been meant by a name of no group.
fn meant((root, name): (&str, &str), scope: &Scope<'_>) -> Option<String> {
    if let Some((_, instead)) = NO_GROUPS.iter().find(|(group, _)| *group == root) {
        return Some((*instead).to_owned());
    }
    let all = scope.vars.iter().map(|var| format!("vars.{var}"));
    let all = all.chain(scope.matrix.unwrap_or_default().iter().map(|axis| format!("matrix.{axis}")));
    let all = all.chain(scope.discovered.unwrap_or_default().iter().map(|query| format!("discover.{query}")));
    let all = all.chain(scope.facts.unwrap_or_default().iter().map(|fact| fact.name.to_owned()));
    let all: Vec<_> = all.chain(scope.items.iter().cloned()).filter(|name| !name.ends_with(ANY)).collect();
    let same = all.iter().find(|other| other.split_once('.').is_some_and(|(_, field)| field == root));
    let near = same.map(|same| format!("did you mean `{same}`?")).or_else(|| did_you_mean(name, all.iter().map(String::as_str)));
    near.or_else(|| (root == name).then(|| format!("to declare it, write it under `vars` and call it `vars.{root}`")))
}

/// What is wrong with the name of a fact, and what to try.
fn fact((root, name): (&str, &str), facts: Option<&[Fact]>) -> Option<(&'static str, String, Option<String>)> {
    let Some(facts) = facts else {
        return Some((codes::UNKNOWN_VARIABLE, format!("`{name}` is not known here"), Some(NAMELESS.to_owned())));
    };
    if let Some(fact) = facts.iter().find(|fact| fact.name == name) {
        return fact.lacking.as_ref().map(|lacking| (codes::FACT_MISSING, lacking.message.clone(), Some(lacking.help.clone())));
    }
    let of_root = || facts.iter().map(|fact| fact.name).filter(|fact| fact.starts_with(root));
    if name == root {
        let all = of_root().map(|fact| format!("`{fact}`")).collect::<Vec<_>>();
        let help = format!("there is {}", any_of(all.iter().map(String::as_str)));
        return Some((codes::UNKNOWN_VARIABLE, format!("`{root}` is not a value"), Some(help)));
    }
    let near = did_you_mean(name, of_root()).unwrap_or_else(|| format!("there is {}", any_of(of_root())));
    Some((codes::UNKNOWN_VARIABLE, format!("unknown variable `{name}`"), Some(near)))
}

/// Where facts may stand.
const NAMELESS: &str =
    "`cluster` and `run` are known in tests and in `defaults` alone, and there in no `matrix` and no `forEach`: cases are called by these";

/// Where the names of `discover` may stand.
const UNDISCOVERED: &str =
    "what is discovered is known in tests and in `defaults`, but not in a `matrix`; to repeat a test over it, use `forEach`";

/// What an item has instead of the field that it has not.
fn field_of(item: &str, found: &str, items: &[String]) -> String {
    let fields: Vec<&str> = items.iter().map(String::as_str).filter(|name| name.starts_with(&format!("{item}."))).collect();
    did_you_mean(found, fields.iter().copied()).unwrap_or_else(|| match fields.as_slice() {
        [] => format!("`{item}` is a single value: write `{item}`"),
        fields => format!("there is {}", any_of(fields.iter().copied())),
    })
}

/// Whether `map.*` is known, of which `map.key` is one: the fields of a map without a value are not known beforehand.
fn is_open(known: &str, field: &str) -> bool {
    known.strip_suffix('*').is_some_and(|open| field.starts_with(open))
}

fn among(root: &str, field: &str, known: &[String]) -> String {
    // A field belongs to its variable: `vars.map.kye` is more likely `vars.map.key` than another variable.
    let near = field.rsplit_once('.').and_then(|(map, key)| {
        let fields = known.iter().filter_map(|name| name.strip_prefix(map)?.strip_prefix('.')).filter(|name| !name.contains(['.', '*']));
        let fields: Vec<_> = fields.collect();
        nearest(key, fields.iter().copied()).map(|near| format!("did you mean `{root}.{map}.{near}`?")).or_else(|| {
            let all: Vec<_> = fields.iter().take(20).map(|name| format!("`{root}.{map}.{name}`")).collect();
            (!all.is_empty()).then(|| format!("there is {}", any_of(all.iter().map(String::as_str))))
        })
    });
    if let Some(near) = near {
        return near;
    }
    let known: Vec<_> = known.iter().filter(|name| !name.contains('.')).collect();
    if let Some(near) = nearest(field, known.iter().map(|name| name.as_str())) {
        return format!("did you mean `{root}.{near}`?");
    }
    let all: Vec<_> = known.iter().take(20).map(|name| format!("`{root}.{name}`")).collect();
    match (root, all.as_slice()) {
        ("vars", []) => "the suite declares no variables".to_owned(),
        ("secrets", []) => "the suite declares no secrets: write one under `secrets:`".to_owned(),
        ("discover", []) => "the suite discovers nothing: write a query under `discover:`".to_owned(),
        (_, []) => "the test has no matrix".to_owned(),
        (_, all) => format!("there is {}", any_of(all.iter().map(String::as_str))),
    }
}
