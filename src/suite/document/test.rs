//! A test and its cases: every combination of its matrix, in every family that it asks for.

use std::cell::Cell;
use std::sync::Arc;

use super::conditions::{Conditions, Occasion};
use super::deadline;
use super::expect::{Expectation, Open, Wanted};
use super::reader::Reader;
use super::samples;
use super::settings::{AnyProbe, Families};
use crate::model::expect::{Bound, Unjudged};
use crate::model::probe::Family;
use crate::model::suite::{About, Case, CaseId, Conduct, Destination, Endpoint, Group, PairStrategy, SameNode};
use crate::model::verdict::Skip;
use crate::suite::codes;
use crate::suite::each::{self, Each, Item, Picked, each};
use crate::suite::expand::{Sight, compiled};
use crate::suite::expression::{Context, Group as Variables, Scope};
use crate::suite::matrix::{Chosen, matrix};
use crate::suite::remarks::{Remark, Remarks, nearest};
use crate::suite::source::{Place, Source};
use crate::suite::tree::Node;
use crate::suite::vars::{self, Variable};

/// The most cases of a suite.
pub(crate) const CASES_LIMIT: usize = 10_000;

/// The most combinations of a suite's matrices, with those that are left out: each is looked at.
const COMBINATIONS_LIMIT: usize = 2 * CASES_LIMIT;

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
    /// Combinations that were looked at so far.
    pub(crate) combinations: Cell<usize>,
}

/// A case but for its family.
struct Settings {
    about: About,
    conduct: Conduct,
    from: Group,
    to: Destination,
    pairs: PairStrategy,
    same_node: SameNode,
    probe: AnyProbe,
    expect: Expectation,
}

/// The cases of a test, added to those that are there.
pub(crate) fn cases(test: &Node, frame: &Frame<'_>, remarks: &mut Remarks, cases: &mut Vec<Case>) {
    let Some(id) = test.entry("id") else { return };
    let Some(name) = id.value.scalar() else { return };
    let place = id.key.at.to(id.value.at);
    missing(test, frame, &name.text, place, remarks);
    let outside = Sight { source: frame.source, scope: Scope { vars: frame.names, matrix: None, items: &[] } };
    let context = frame.context(&[], &[]);
    let (matrix, lists) = (matrix(test, outside, &context, remarks), each(test, outside, &context, remarks));
    // A list that is a mistake would make everything that follows from it one.
    let Some(lists) = lists else { return };
    let size = matrix.size().saturating_mul(each::size(&lists));
    frame.combinations.set(frame.combinations.get().saturating_add(size));
    if cases.len().saturating_add(size) > CASES_LIMIT || frame.combinations.get() > COMBINATIONS_LIMIT {
        return remarks.add(too_many(place));
    }
    if let Some(empty) = lists.iter().find(|list| list.items.is_empty()) {
        return nothing(test, (empty, place), frame, remarks, cases);
    }
    if let Some(place) = matrix.left_out() {
        let remark = Remark::error(codes::BAD_COMBINATION, place, "with this, every combination is left out");
        remarks.add(remark.label("the test has no case left"));
    }
    let labels: Vec<_> = matrix.axes.iter().map(|axis| axis.name.clone()).collect();
    let items: Vec<_> = lists.iter().flat_map(Each::names).collect();
    let sight = Sight { scope: Scope { vars: frame.names, matrix: Some(&labels), items: &items }, ..outside };
    let (compiled, conditions) = (compiled(&body(test), sight, remarks), Conditions::of(test, sight, remarks));
    let picks = each::combinations(&lists);
    for (values, items) in matrix.combinations().iter().flat_map(|values| picks.iter().map(move |items| (values, items))) {
        let (name, values, items) = (Arc::clone(&name.text), values.clone(), items.clone());
        one(&Combination { test: &compiled, name, place, values, items, conditions: &conditions }, frame, remarks, cases);
        if cases.len() > CASES_LIMIT {
            return remarks.add(too_many(place));
        }
    }
}

/// A test whose `forEach` has a list without items: a mistake, or one case that is skipped.
fn nothing(test: &Node, (list, place): (&Each, Place), frame: &Frame<'_>, remarks: &mut Remarks, cases: &mut Vec<Case>) {
    let Some(id) = test.get("id").and_then(Node::scalar) else { return };
    if test.get("empty").and_then(Node::scalar).is_none_or(|word| &*word.text != "skip") {
        let remark = Remark::error(codes::NOTHING_TO_REPEAT, list.at, format!("the list of `{}` has no items", list.name));
        return remarks
            .add(remark.label("the test would have no case").help(["if that is in order, write `empty: skip` beside `forEach`"]));
    }
    let id = CaseId { suite: Arc::clone(&frame.suite), test: Arc::clone(&id.text), key: Vec::new() };
    let why = format!("nothing to go over: the list of `{}` has no items", list.name);
    cases.push(Case::of_nothing(id, frame.source.span(place), tags(test), Skip { code: "empty", why }));
}

/// The test without its matrix and its lists, which are scopes of their own, without its conditions, which are expressions as they are, and without what is constant.
fn body(test: &Node) -> Node {
    let apart = |name: &str| matches!(name, "id" | "tags" | "matrix" | "forEach" | "empty" | "when" | "skipIf");
    let entries = test.entries().iter().filter(|entry| !apart(&entry.key.name)).cloned();
    Node { at: test.at, what: crate::suite::tree::What::Map(entries.chain(test.entry("tags").cloned()).collect()) }
}

fn missing(test: &Node, frame: &Frame<'_>, name: &str, place: Place, remarks: &mut Remarks) {
    const NEEDED: [&str; 3] = ["from", "to", "probe"];
    let given = |key: &str| test.entry(key).is_some() || frame.defaults.is_some_and(|defaults| defaults.entry(key).is_some());
    // A misspelt key has its remark already.
    let misspelt = |key: &str| test.entries().iter().any(|entry| nearest(&entry.key.name, NEEDED) == Some(key));
    let missing: Vec<_> = NEEDED.into_iter().filter(|key| !given(key) && !misspelt(key)).map(|key| format!("`{key}`")).collect();
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
    values: Vec<Chosen<'a>>,
    items: Picked<'a>,
    conditions: &'a Conditions,
}

fn one(this: &Combination<'_>, frame: &Frame<'_>, remarks: &mut Remarks, cases: &mut Vec<Case>) {
    let axes = this.values.iter().map(|(axis, (label, _))| (axis.name.clone(), label.clone()));
    let items = this.items.iter().map(|(list, item)| (list.name.clone(), item.label.clone()));
    let id = CaseId { suite: Arc::clone(&frame.suite), test: Arc::clone(&this.name), key: axes.chain(items).collect() };
    let case = (!id.key.is_empty()).then(|| id.name());
    let context = frame.context(&this.values, &this.items);
    let test = this.test.keys_expanded(&context, case.as_deref(), frame.source, remarks);
    let value = |name: &str| this.value(name, frame);
    let occasion = Occasion { context: &context, case: case.as_deref(), source: frame.source, value: &value };
    let skip = this.conditions.skip(occasion, remarks);
    let mut reader = Reader { test: &test, defaults: frame.defaults, case: case.as_deref(), remarks };
    let Some(settings) = settings(&mut reader, this.place) else { return };
    let family = this.values.iter().find(|(axis, _)| axis.name == "family").map(|(axis, _)| (axis.at, "axis", "matrix.family"));
    let family = family.or_else(|| this.items.iter().find(|(list, _)| list.name == "family").map(|(list, _)| (list.at, "item", "family")));
    if settings.probe.families == Families::Each
        && let Some((at, noun, value)) = family
    {
        let remark = Remark::error(codes::BAD_MATRIX, at, format!("the {noun} `family` collides with the families of the probe"));
        let help = format!("write `family: ${{{{ {value} }}}}` in the probe, or leave the {noun} out: each family is a case anyway");
        return remarks.add(remark.help([help]));
    }
    let expect_place = test.entry("expect").map_or(this.place, |expect| expect.key.at);
    for remark in samples::remarks(&settings.expect.wanted, &settings.probe, expect_place) {
        remarks.add(remark.case(case.as_deref()));
    }
    if let Some(remark) = deadline::remark(&settings.conduct, &settings.probe, deadline_place(&test, frame, this.place)) {
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
        let Settings { about, conduct, from, to, pairs, same_node, probe, .. } = &settings;
        Some(Case {
            id,
            span: span.clone(),
            tags: tags.clone(),
            about: about.clone(),
            conduct: conduct.clone(),
            from: from.clone(),
            to: to.clone(),
            pairs: *pairs,
            same_node: *same_node,
            probe: probe.over(family)?,
            expect: expect.clone(),
            unjudged: unjudged.clone(),
            skip: skip.clone().or_else(|| of_the_other(to, family)),
        })
    }));
}

/// Why there is nothing to ask over that family: the address that the suite names is of the other one.
fn of_the_other(to: &Destination, family: Family) -> Option<Skip> {
    let Destination::Host(Endpoint { address, .. }) = to else { return None };
    let own = Family::of(*address);
    (own != family).then(|| Skip { code: "no-family", why: format!("{address} is an {} address", own.words()) })
}

/// Where the deadline of a case was written.
fn deadline_place(test: &Node, frame: &Frame<'_>, place: Place) -> Place {
    let entry = test.entry("deadline").or_else(|| frame.defaults.and_then(|defaults| defaults.entry("deadline")));
    entry.map_or(place, |entry| entry.value.at)
}

/// All of them are read before the first that is wrong counts, so that no mistake hides another.
fn settings(reader: &mut Reader<'_>, place: Place) -> Option<Settings> {
    let (about, conduct, from, to) = (reader.about(), reader.conduct(), reader.group("from"), reader.aim());
    let same_node = from.as_ref().zip(to.as_ref()).and_then(|(from, to)| reader.same_node(from, to));
    let (pairs, probe, expect) = (reader.pairs(to.as_ref()), reader.probe(), reader.expect(place));
    let to = to.zip(probe.as_ref()).and_then(|(to, probe)| reader.destination(to, probe));
    Some(Settings {
        about: about?,
        conduct: conduct?,
        from: from?,
        to: to?,
        pairs: pairs?,
        same_node: same_node?,
        probe: probe?,
        expect: expect?,
    })
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
    match name.split_once('.') {
        Some(("vars", name)) => vars::find(frame.variables, name).map(|variable| variable.provenance(frame.source)),
        _ => Some(format!("{name} = {}", this.value(name, frame)?)),
    }
}

impl Combination<'_> {
    /// The value that a variable has here: of `vars.x`, `matrix.x`, or of an item or a field of one.
    fn value(&self, name: &str, frame: &Frame<'_>) -> Option<String> {
        match name.split_once('.') {
            Some(("vars", name)) => vars::find(frame.variables, name).map(Variable::text),
            Some(("matrix", name)) => self.values.iter().find(|(axis, _)| axis.name == name).map(|(_, (_, value))| value.text.to_string()),
            _ => {
                let mut steps = name.split('.');
                let item = steps.next()?;
                let (_, item) = self.items.iter().find(|(list, _)| list.name == item)?;
                steps.try_fold(&item.value, |value, field| value.field(field)).map(ToString::to_string)
            }
        }
    }
}

impl Frame<'_> {
    fn context(&self, matrix: &[Chosen<'_>], items: &[(&Each, &Item)]) -> Context {
        let matrix = Variables::single(matrix.iter().map(|(axis, (_, value))| (axis.name.as_str(), value)));
        let items = items.iter().map(|(list, item)| (list.name.as_str(), &item.value));
        Context::new([("vars", self.group.clone()), ("matrix", matrix)], items)
    }
}
