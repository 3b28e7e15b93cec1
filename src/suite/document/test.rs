//! A test and its cases: every combination of its matrix, in every family that it asks for.

use std::sync::Arc;

use super::combination::{Combination, one};
use super::conditions::Conditions;
use super::conduct::needs;
use super::empty::{Empty, nothing};
use super::frame::Frame;
use super::pending::Expanded;
use crate::model::units::thousands;
use crate::suite::codes;
use crate::suite::each::{self, Each, Ground, each};
use crate::suite::expand::{Sight, compiled};
use crate::suite::expression::Scope;
use crate::suite::matrix::matrix;
use crate::suite::remarks::{Remark, Remarks};
use crate::suite::source::Place;
use crate::suite::surroundings;
use crate::suite::tree::{Node, What};
use crate::suite::unused;

/// The most cases of a suite.
pub(crate) const CASES_LIMIT: usize = 10_000;

/// The most combinations of a suite's matrices, with those that are left out: each is looked at.
const COMBINATIONS_LIMIT: usize = 2 * CASES_LIMIT;

/// The most values of a suite's cases, all in all: some hundred in each of as many cases as there may be.
const VALUES_LIMIT: usize = 1_500_000;

/// The cases of a test, added to those that are there.
pub(crate) fn cases(test: &Node, frame: &Frame<'_>, remarks: &mut Remarks, all: &mut Expanded) {
    let Some(id) = test.entry("id") else { return };
    let Some(name) = id.value.scalar() else { return };
    let place = id.key.at.to(id.value.at);
    missing(test, frame, &name.text, place, remarks);
    empty_of_nothing(test, remarks);
    let scope =
        Scope { vars: frame.names, matrix: None, items: &[], discovered: Some(frame.discovered.names()), secrets: None, facts: None };
    let outside = Sight { source: frame.source, scope };
    let fixed = Sight { scope: Scope { discovered: None, ..scope }, ..outside };
    let context = frame.context(&[], &[]);
    let matrix = matrix(test, fixed, &context, remarks);
    let lists = each(test, Ground { sight: outside, context: &context, discovered: frame.discovered }, remarks);
    // A list that is a mistake would make everything that follows from it one.
    let Some(lists) = lists else { return };
    let size = matrix.size().saturating_mul(each::size(&lists));
    let combinations = &frame.so_far.combinations;
    combinations.set(combinations.get().saturating_add(size));
    if all.cases.len().saturating_add(size) > CASES_LIMIT || combinations.get() > COMBINATIONS_LIMIT {
        return remarks.add(too_many(place));
    }
    if let Some(place) = matrix.left_out() {
        let remark = Remark::error(codes::BAD_COMBINATION, place, "with this, every combination is left out");
        remarks.add(remark.label("the test has no case left").help(["leave an entry of `exclude` out, or the whole test"]));
    }
    let labels: Vec<_> = matrix.axes.iter().map(|axis| axis.name.clone()).collect();
    let items: Vec<_> = lists.iter().flat_map(Each::names).collect();
    let sight =
        Sight { scope: Scope { matrix: Some(&labels), items: &items, facts: Some(frame.surroundings.facts()), ..scope }, ..outside };
    let conditions = Conditions::of(test, sight, remarks);
    if let Some(empty) = lists.iter().find(|list| list.items.is_empty()) {
        return nothing(&Empty { test, list: empty, place }, conditions, frame, remarks, all);
    }
    let within = Sight { scope: Scope { secrets: Some(frame.secrets), ..sight.scope }, ..sight };
    let compiled = compiled(&body(test), within, remarks);
    let uses = compiled.uses().into_iter().chain(conditions.uses()).chain(lists.iter().flat_map(|list| &list.uses)).chain(frame.waits_for);
    let uses: Vec<_> = uses.collect();
    if !remarks.failed() {
        let axes = matrix.axes.iter().map(|axis| (format!("matrix.{}", axis.name), axis.at));
        unused::axes(axes.chain(lists.iter().map(|list| (list.name.clone(), list.at))), &uses, remarks);
    }
    let waits_for = frame.waited_for(&uses);
    all.want(surroundings::wanted(uses.into_iter()));
    let picks = each::combinations(&lists);
    let needs = needs(test);
    for (values, items) in matrix.combinations().iter().flat_map(|values| picks.iter().map(move |items| (values, items))) {
        let (name, values, items) = (Arc::clone(&name.text), values.clone(), items.clone());
        let combination = Combination {
            test: &compiled,
            name,
            place,
            values,
            items,
            conditions: &conditions,
            needs: Arc::clone(&needs),
            waits_for: &waits_for,
        };
        one(&combination, frame, remarks, all);
        if let Some(remark) = beyond(frame, all, place) {
            return remarks.add(remark);
        }
    }
}

/// The test without its matrix and its lists, which are scopes of their own, without its conditions, which are expressions as they are, and without what is constant.
fn body(test: &Node) -> Node {
    let apart = |name: &str| matches!(name, "id" | "tags" | "matrix" | "forEach" | "empty" | "when" | "skipIf" | "needs");
    let entries = test.entries().iter().filter(|entry| !apart(&entry.key.name)).cloned();
    Node { at: test.at, what: crate::suite::tree::What::Map(entries.chain(test.entry("tags").cloned()).collect()) }
}

fn missing(test: &Node, frame: &Frame<'_>, name: &str, place: Place, remarks: &mut Remarks) {
    const NEEDED: [&str; 3] = ["from", "to", "probe"];
    // What the type is, if it is an expression, shows when each case is read.
    let needs_no_target = may_be_dns(test).or_else(|| may_be_dns(frame.defaults?)).unwrap_or(false);
    let given = |key: &str| test.entry(key).is_some() || frame.defaults.is_some_and(|defaults| defaults.entry(key).is_some());
    let missing: Vec<_> =
        NEEDED.into_iter().filter(|key| *key != "to" || !needs_no_target).filter(|key| !given(key)).map(|key| format!("`{key}`")).collect();
    if !missing.is_empty() {
        let message = format!("the test `{name}` has no {}, and neither have the defaults", missing.join(" and no "));
        remarks.add(Remark::error(codes::MISSING_KEY, place, message).help(["write for example `from: pods`, `to: pods`, `probe: icmp`"]));
    }
}

/// Whether the probe may be one of dns, which has no `to`; none if it says no type.
fn may_be_dns(holder: &Node) -> Option<bool> {
    let probe = holder.get("probe")?;
    let kind = if matches!(probe.what, What::Map(_)) { probe.get("type")? } else { probe };
    Some(kind.scalar().is_none_or(|scalar| &*scalar.text == "dns" || scalar.text.contains("${{")))
}

/// `empty` says what to do with a list that `forEach` goes over.
fn empty_of_nothing(test: &Node, remarks: &mut Remarks) {
    if let (Some(empty), None) = (test.entry("empty"), test.entry("forEach")) {
        let remark = Remark::error(codes::MISSING_KEY, empty.key.at, "`empty` has no effect without `forEach`");
        remarks.add(remark.label("it is about a list of `forEach` that has no items").help(["leave it out"]));
    }
}

fn beyond(frame: &Frame<'_>, all: &Expanded, place: Place) -> Option<Remark> {
    let large = frame.so_far.values.get() > VALUES_LIMIT;
    large.then(|| too_large(place)).or_else(|| (all.cases.len() > CASES_LIMIT).then(|| too_many(place)))
}

fn too_large(place: Place) -> Remark {
    let message = format!("with this test the suite's cases have more than {} values", thousands(VALUES_LIMIT as u64));
    Remark::error(codes::TOO_BIG, place, message)
        .help(["a list is read again for each combination of the matrix: shorten it, or make fewer of these"])
}

fn too_many(place: Place) -> Remark {
    Remark::error(codes::TOO_MANY_CASES, place, format!("with this test the suite has more than {CASES_LIMIT} cases"))
        .help(["a case is a line of the report: let a matrix stand for what a reader tells apart"])
}
