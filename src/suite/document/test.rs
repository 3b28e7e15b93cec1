//! A test and its cases: every combination of its matrix, in every family that it asks for.

use std::sync::Arc;

use super::expect::{Expectation, Open, Wanted};
use super::reader::Reader;
use super::samples;
use super::settings::{AnyProbe, Families};
use crate::model::expect::{Bound, Unjudged};
use crate::model::probe::Family;
use crate::model::source::Span;
use crate::model::suite::{Case, CaseId, Group, PairStrategy};
use crate::model::verdict::Skip;
use crate::suite::codes;
use crate::suite::condition::Condition;
use crate::suite::expand::{Sight, compiled};
use crate::suite::expression::{Context, Group as Variables, Scope};
use crate::suite::matrix::{Axis, axes, combination, size};
use crate::suite::remarks::{Remark, Remarks};
use crate::suite::source::{Place, Source};
use crate::suite::tree::{Node, Scalar};
use crate::suite::vars::{self, Variable};

/// The most cases of a suite.
pub(crate) const CASES_LIMIT: usize = 10_000;

/// What all tests of a suite share.
pub(crate) struct Frame<'a> {
    /// The text.
    pub(crate) source: &'a Source,
    /// The suite's id.
    pub(crate) suite: Arc<str>,
    /// Its variables.
    pub(crate) variables: &'a [Variable],
    /// Their values, for expressions.
    pub(crate) group: Variables,
    /// Their names.
    pub(crate) names: &'a [String],
    /// Its defaults, expanded.
    pub(crate) defaults: Option<&'a Node>,
}

/// A case but for its family.
struct Settings {
    from: Group,
    to: Group,
    pairs: PairStrategy,
    probe: AnyProbe,
    expect: Expectation,
}

/// The cases of a test, added to those that are there.
pub(crate) fn cases(test: &Node, frame: &Frame<'_>, remarks: &mut Remarks, cases: &mut Vec<Case>) {
    let Some(id) = test.entry("id") else { return };
    let Some(name) = id.value.scalar() else { return };
    let place = id.key.at.to(id.value.at);
    missing(test, frame, &name.text, place, remarks);
    let sight = |matrix| Sight { source: frame.source, scope: Scope { vars: frame.names, matrix } };
    let axes = axes(test, sight(None), &frame.context(&[]), remarks);
    if cases.len().saturating_add(size(&axes)) > CASES_LIMIT {
        return remarks.add(too_many(place));
    }
    let labels: Vec<_> = axes.iter().map(|axis| axis.name.clone()).collect();
    let compiled = compiled(&body(test), sight(Some(&labels)), remarks);
    let when = test.entry("when").and_then(|entry| Condition::of(entry, sight(Some(&labels)), remarks));
    for number in 0..size(&axes) {
        let values = combination(&axes, number);
        one(&Combination { test: &compiled, name: Arc::clone(&name.text), place, values, when: when.as_ref() }, frame, remarks, cases);
        if cases.len() > CASES_LIMIT {
            return remarks.add(too_many(place));
        }
    }
}

/// The test without its matrix, which is a scope of its own, without its condition, which is an expression as it is, and without what is constant.
fn body(test: &Node) -> Node {
    let entries = test.entries().iter().filter(|entry| !matches!(&*entry.key.name, "id" | "tags" | "matrix" | "when")).cloned();
    Node { at: test.at, what: crate::suite::tree::What::Map(entries.chain(test.entry("tags").cloned()).collect()) }
}

fn missing(test: &Node, frame: &Frame<'_>, name: &str, place: Place, remarks: &mut Remarks) {
    let given = |key: &str| test.entry(key).is_some() || frame.defaults.is_some_and(|defaults| defaults.entry(key).is_some());
    let missing: Vec<_> = ["from", "to", "probe"].into_iter().filter(|key| !given(key)).map(|key| format!("`{key}`")).collect();
    if !missing.is_empty() {
        let message = format!("the test `{name}` has no {}, and neither have the defaults", missing.join(" and no "));
        remarks.add(Remark::error(codes::MISSING_KEY, place, message).help(["write for example `from: pods`, `to: pods`, `probe: icmp`"]));
    }
}

fn too_many(place: Place) -> Remark {
    Remark::error(codes::TOO_MANY_CASES, place, format!("with this test the suite has more than {CASES_LIMIT} cases"))
        .help(["a case is a line of the report: let a matrix stand for what a reader tells apart"])
}

struct Combination<'a> {
    test: &'a Node,
    name: Arc<str>,
    place: Place,
    values: Vec<(&'a Axis, &'a (String, Scalar))>,
    when: Option<&'a Condition>,
}

fn one(this: &Combination<'_>, frame: &Frame<'_>, remarks: &mut Remarks, cases: &mut Vec<Case>) {
    let key: Vec<_> = this.values.iter().map(|(axis, (label, _))| (axis.name.clone(), label.clone())).collect();
    let id = CaseId { suite: Arc::clone(&frame.suite), test: Arc::clone(&this.name), key };
    let case = (!this.values.is_empty()).then(|| id.name());
    let context = frame.context(&this.values);
    let test = this.test.keys_expanded(&context, case.as_deref(), frame.source, remarks);
    let skip = this.skip(&context, case.as_deref(), frame, remarks);
    let mut reader = Reader { test: &test, defaults: frame.defaults, case: case.as_deref(), remarks };
    let Some(settings) = settings(&mut reader, this.place) else { return };
    if settings.probe.families == Families::Each
        && let Some((axis, _)) = this.values.iter().find(|(axis, _)| axis.name == "family")
    {
        let remark = Remark::error(codes::BAD_MATRIX, axis.at, "the axis `family` collides with the families of the probe");
        return remarks
            .add(remark.help(["write `family: ${{ matrix.family }}` in the probe, or leave the axis out: each family is a case anyway"]));
    }
    let expect_place = test.entry("expect").map_or(this.place, |expect| expect.key.at);
    for remark in samples::remarks(&settings.expect.wanted, &settings.probe, expect_place) {
        remarks.add(remark.case(case.as_deref()));
    }
    let span = frame.source.span(this.place);
    let expect = bounds(&settings.expect.wanted, this, frame);
    let unjudged: Vec<_> = settings.expect.open.iter().map(|open| unjudged(open, this, frame)).collect();
    let families = match settings.probe.families {
        Families::Fixed(family) => vec![(family, None)],
        Families::Each => Family::ALL.into_iter().map(|family| (family, Some(("family".to_owned(), family.to_string())))).collect(),
    };
    let tags = tags(&test);
    cases.extend(families.into_iter().filter_map(|(family, label)| {
        let mut id = id.clone();
        id.key.extend(label);
        let Settings { from, to, pairs, probe, .. } = &settings;
        let (probe, tags, expect, span) = (probe.over(family)?, tags.clone(), expect.clone(), Span::clone(&span));
        let unjudged = unjudged.clone();
        Some(Case { id, span, tags, from: *from, to: *to, pairs: *pairs, probe, expect, unjudged, skip: skip.clone() })
    }));
}

/// All of them are read before the first that is wrong counts, so that no mistake hides another.
fn settings(reader: &mut Reader<'_>, place: Place) -> Option<Settings> {
    let (from, to) = (reader.group("from"), reader.group("to"));
    let (pairs, probe, expect) = (reader.pairs(), reader.probe(), reader.expect(place));
    Some(Settings { from: from?, to: to?, pairs: pairs?, probe: probe?, expect: expect? })
}

fn tags(test: &Node) -> Vec<String> {
    let items = test.get("tags").map_or(&[][..], Node::items);
    items.iter().filter_map(Node::scalar).map(|scalar| scalar.text.to_string()).collect()
}

fn bounds(wanted: &[Wanted], this: &Combination<'_>, frame: &Frame<'_>) -> Vec<Bound> {
    let bound = |wanted: &Wanted| {
        let origin = origin(&wanted.uses, this, frame);
        Bound { scope: wanted.scope, claim: wanted.claim.clone(), span: frame.source.span(wanted.at), origin }
    };
    wanted.iter().map(bound).collect()
}

fn unjudged(open: &Open, this: &Combination<'_>, frame: &Frame<'_>) -> Unjudged {
    let Open { scope, metric, at, uses } = open;
    Unjudged { scope: *scope, metric: *metric, span: frame.source.span(*at), origin: origin(uses, this, frame) }
}

/// Where the values of variables came from.
fn origin(uses: &[String], this: &Combination<'_>, frame: &Frame<'_>) -> Option<String> {
    let origins: Vec<_> = uses.iter().filter_map(|name| provenance(name, this, frame)).collect();
    Some(origins.join("; ")).filter(|origin| !origin.is_empty())
}

/// Where the value of a variable came from.
fn provenance(name: &str, this: &Combination<'_>, frame: &Frame<'_>) -> Option<String> {
    match name.split_once('.')? {
        ("vars", name) => vars::find(frame.variables, name).map(|variable| variable.provenance(frame.source)),
        ("matrix", name) => {
            let (_, (_, value)) = this.values.iter().find(|(axis, _)| axis.name == name)?;
            Some(format!("matrix.{name} = {}", value.text))
        }
        _ => None,
    }
}

impl Combination<'_> {
    /// Why it is left out, if its condition is false.
    fn skip(&self, context: &Context, case: Option<&str>, frame: &Frame<'_>, remarks: &mut Remarks) -> Option<Skip> {
        let when = self.when?;
        let holds = when.holds(context, frame.source).unwrap_or_else(|remark| {
            remarks.add((*remark).case(case));
            true
        });
        (!holds).then(|| when.reason(&|name| self.value(name, frame)))
    }

    /// The value that a variable has here: of `vars.x` or `matrix.x`.
    fn value(&self, name: &str, frame: &Frame<'_>) -> Option<String> {
        match name.split_once('.')? {
            ("vars", name) => vars::find(frame.variables, name).map(Variable::text),
            ("matrix", name) => self.values.iter().find(|(axis, _)| axis.name == name).map(|(_, (_, value))| value.text.to_string()),
            _ => None,
        }
    }
}

impl Frame<'_> {
    fn context(&self, matrix: &[(&Axis, &(String, Scalar))]) -> Context {
        let matrix = Variables::single(matrix.iter().map(|(axis, (_, value))| (axis.name.as_str(), value)));
        Context::new([("vars", self.group.clone()), ("matrix", matrix)])
    }
}
