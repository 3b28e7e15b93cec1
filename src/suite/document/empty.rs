//! What a test comes to whose `forEach` has nothing to go over. It must not know what such a test would ask.

use std::sync::Arc;

use super::conditions::{Conditions, Occasion};
use super::conduct::needs;
use super::frame::{Frame, tags};
use super::pending::Expanded;
use super::reader::Reader;
use crate::model::case_id::CaseId;
use crate::model::family::Family;
use crate::model::suite::{About, Case, Conduct};
use crate::model::verdict::Skip;
use crate::suite::codes;
use crate::suite::each::{Each, Nothing};
use crate::suite::remarks::{Remark, Remarks};
use crate::suite::source::Place;
use crate::suite::tree::{Node, What};

/// A test with a list without items.
pub(super) struct Empty<'a> {
    pub(super) test: &'a Node,
    pub(super) list: &'a Each,
    /// Where the test begins.
    pub(super) place: Place,
}

/// One case that is skipped, or a mistake.
pub(super) fn nothing(empty: &Empty<'_>, conditions: Conditions, frame: &Frame<'_>, remarks: &mut Remarks, all: &mut Expanded) {
    let Empty { test, list, place } = *empty;
    let Some(id) = test.get("id").and_then(Node::scalar) else { return };
    let context = frame.context(&[], &[]);
    let occasion = Occasion { context: &context, case: None, source: frame.source, value: &|name| frame.value(name) };
    let known = |name: &str| name.starts_with("vars.") || frame.discovered.find(name).is_some() || frame.surroundings.text(name).is_some();
    let skip = conditions.beforehand(&known, occasion, remarks);
    let may_be = test.get("empty").and_then(Node::scalar).is_some_and(|word| &*word.text == "skip");
    if skip.is_none() && !may_be {
        return remarks.add(nothing_to_repeat(list));
    }
    let id = CaseId { suite: Arc::clone(&frame.suite), test: Arc::clone(&id.text), key: Vec::new() };
    let why = || match &list.nothing {
        Some(Nothing { query, why, .. }) => format!("nothing to go over: `{query}` finds nothing, since {why}"),
        None => format!("nothing to go over: the list of `{}` has no items", list.name),
    };
    all.families.extend(Family::ALL);
    let skip = skip.unwrap_or_else(|| Skip { code: "empty", why: why() });
    let case = Case::of_nothing(id, frame.source.span(place), tags(test), Some(skip));
    let conduct = Conduct { needs: needs(test), ..Conduct::default() };
    all.cases.push(Case { about: about(test, frame), conduct, ..case });
}

/// What the test says of itself, but for what depends on values: there are none.
fn about(test: &Node, frame: &Frame<'_>) -> About {
    let fixed = |node: &Node| node.scalar().is_some_and(|scalar| !scalar.text.contains("${{"));
    let own = ["title", "owner", "runbook", "severity"].into_iter().filter_map(|key| test.entry(key)).filter(|entry| fixed(&entry.value));
    let test = Node { at: test.at, what: What::Map(own.cloned().collect()) };
    // What is wrong with them is told where the test has cases.
    let mut remarks = Remarks::default();
    Reader { test: &test, defaults: frame.defaults, case: None, files: frame.files, remarks: &mut remarks }.about().unwrap_or_default()
}

fn nothing_to_repeat(list: &Each) -> Remark {
    const HELP: &str = "if that is in order, write `empty: skip` beside `forEach`";
    let remark = Remark::error(codes::NOTHING_TO_REPEAT, list.at, format!("the list of `{}` has no items", list.name));
    let remark = remark.label("the test would have no case");
    match &list.nothing {
        Some(Nothing { query, at, why }) => remark.related(*at, format!("`{query}` finds nothing")).help([why.as_str(), HELP]),
        None => remark.help([HELP]),
    }
}
