//! What a test is repeated over beside its matrix: the lists of its `forEach`, item by item. It must not know what the items are
//! used for.

use std::collections::HashMap;

use super::codes;
use super::data;
use super::discover::{Discoveries, Discovery};
use super::expand::{Sight, compiled};
use super::expression::{ANY, Context, NoResult, is_taken};
use super::language::{LABEL, NODE_NAME};
use super::remarks::{Remark, Remarks};
use super::source::Place;
use super::tree::{Entry, Node, Scalar, Value, What, place_within};

/// Fields of an item that name it, the first that it has.
const NAMING: [&str; 2] = ["key", "name"];

/// A list that a test is repeated over.
#[derive(Debug)]
pub(crate) struct Each {
    /// The name of its items.
    pub(crate) name: String,
    /// Where that was written.
    pub(crate) at: Place,
    /// In the order of the list; a single one that is not known where the list is not known yet.
    pub(crate) items: Vec<Item>,
    /// The fields of items that are not known yet; `*` where nobody can tell.
    fields: &'static [&'static str],
    /// The names that the list was made of.
    pub(crate) uses: Vec<String>,
    /// Where it has no items, why, if more can be said than that.
    pub(crate) nothing: Option<Nothing>,
}

/// Why a query has found nothing.
#[derive(Debug)]
pub(crate) struct Nothing {
    /// Which: `discover.zones`.
    pub(crate) query: String,
    /// Where it is.
    pub(crate) at: Place,
    /// As the end of a sentence.
    pub(crate) why: String,
}

/// An item of a list.
#[derive(Debug)]
pub(crate) struct Item {
    /// What its cases are called by.
    pub(crate) label: String,
    /// What expressions see; none if that is not known yet.
    pub(crate) value: Option<Value>,
}

/// What stands for the label of an item that is not known yet.
pub(crate) const UNKNOWN: &str = "?";

/// What lists are made of.
#[derive(Clone, Copy)]
pub(crate) struct Ground<'a> {
    /// What can be seen from them.
    pub(crate) sight: Sight<'a>,
    /// With which values.
    pub(crate) context: &'a Context,
    /// What the suite discovers.
    pub(crate) discovered: &'a Discoveries,
}

/// The lists of a test, in the order in which they were written; none if one of them is a mistake, which is then among the remarks.
pub(crate) fn each(test: &Node, ground: Ground<'_>, remarks: &mut Remarks) -> Option<Vec<Each>> {
    let entries = test.get("forEach").map_or(&[][..], Node::entries);
    if let Some(Entry { key, value: Node { what: What::Map(lists), .. } }) = test.entry("forEach")
        && lists.is_empty()
    {
        let remark = Remark::error(codes::NOTHING_TO_REPEAT, key.at, "`forEach` has no list to repeat the test over");
        remarks.add(remark.label("expected at least one, such as { zone: [a, b] }").help(["leave `forEach` out to run the test once"]));
    }
    let lists: Vec<_> = entries.iter().map(|entry| list(entry, test, ground, remarks)).collect();
    lists.into_iter().collect()
}

fn list(entry: &Entry, test: &Node, ground: Ground<'_>, remarks: &mut Remarks) -> Option<Each> {
    if let Some(remark) = taken(entry, test) {
        remarks.add(remark);
        return None;
    }
    let node = compiled(&entry.value, ground.sight, remarks);
    let template = if let What::Template(template) = &node.what { Some(template) } else { None };
    let uses = template.map_or_else(Vec::new, |template| template.uses.clone());
    let each = Each { name: entry.key.name.to_string(), at: entry.key.at, items: Vec::new(), fields: &[], uses, nothing: None };
    let query = template.and_then(|template| ground.discovered.find(template.variable()?));
    // A value that is a mistake has its remark: what its items would be only follows from it.
    if !ground.discovered.waited_for(each.uses.iter()).is_empty() || ground.context.is_broken(&each.uses) {
        let items = vec![Item { label: UNKNOWN.to_owned(), value: None }];
        return Some(Each { items, fields: query.map_or(&[ANY], |query| query.fields), ..each });
    }
    match query {
        Some(query) => found(each, query),
        None => written(each, entry, &node, ground, remarks),
    }
}

/// The items of a query as they are: there may be more of them than an expression may give. None if the query is a mistake.
fn found(each: Each, query: &Discovery) -> Option<Each> {
    let item = |(index, value): (usize, &Value)| Item { label: label(value, index), value: Some(value.clone()) };
    // Names of nodes may be longer than other labels, and no two nodes or zones have the same.
    let items: Vec<_> = query.items()?.iter().enumerate().map(item).collect();
    let why = query.nothing().map(str::to_owned);
    let nothing = why.map(|why| Nothing { query: each.uses.concat(), at: query.at, why });
    Some(Each { items, nothing, ..each })
}

fn written(each: Each, entry: &Entry, node: &Node, ground: Ground<'_>, remarks: &mut Remarks) -> Option<Each> {
    let name = &each.name;
    let values = match value(entry, node, ground, remarks)? {
        Value::List(values) => values,
        // An optional variable that nobody gave a value.
        Value::None => Vec::new(),
        other @ (Value::Scalar(_) | Value::Map(_)) => {
            let remark = Remark::error(codes::WRONG_VALUE, entry.value.at, format!("wrong value for `{name}`"));
            remarks.add(remark.label(format!("expected a list, such as ${{{{ vars.NAME }}}} or [a, b], {}", other.found())));
            return None;
        }
    };
    let is_found = each.uses.iter().any(|name| ground.discovered.find(name).is_some());
    if let Some(remark) = numbered(&values, entry).filter(|_| values.len() > 1 && !is_found) {
        remarks.add(remark);
    }
    let (mut items, mut before) = (Vec::new(), HashMap::new());
    for (index, value) in values.into_iter().enumerate() {
        let label = label(&value, index);
        if let Some(wrong) = trouble(&label, index, &mut before) {
            remarks.add(Remark::error(codes::BAD_NAME, entry.value.at, format!("{wrong} of `{name}`")).help([
                "a case is called by its item: by the value itself, or by its `key` or its `name`, of 1 to 63 characters without `,`, `=`, `[`, `]`",
            ]));
            return None;
        }
        items.push(Item { label, value: Some(value) });
    }
    Some(Each { items, ..each })
}

/// Why an item cannot have this name.
fn taken(entry: &Entry, test: &Node) -> Option<Remark> {
    let name = &*entry.key.name;
    let axis = test.get("matrix").and_then(|matrix| matrix.entry(name));
    let remark = Remark::error(codes::BAD_NAME, entry.key.at, format!("an item cannot be called `{name}`"));
    if let Some(axis) = axis {
        return Some(remark.label("an axis of the matrix has that name").related(axis.key.at, "here"));
    }
    is_taken(name).then(|| remark.label("expressions know something else by that name"))
}

/// What stands behind a name; none if that is a mistake. `node` is it compiled.
fn value(entry: &Entry, node: &Node, ground: Ground<'_>, remarks: &mut Remarks) -> Option<Value> {
    let What::Template(template) = &node.what else {
        let is_sound = !matches!(node.what, What::Broken) && data::is_sound(&entry.value);
        return if is_sound { data::value(&entry.value) } else { None };
    };
    template
        .value(ground.context)
        .map_err(|trouble| {
            if let NoResult::Wrong { message, at, expected } = trouble {
                let place = place_within(ground.sight.source, node.at, &template.text, at);
                remarks.add(Remark::error(codes::NO_RESULT, place, message).label(expected.unwrap_or("expected a list")));
            }
        })
        .ok()
}

/// What is to be said of items that have nothing to be called by: the first of them left out, each would have the name of another.
fn numbered(values: &[Value], entry: &Entry) -> Option<Remark> {
    let index = values.iter().position(|value| naming(value).is_none())?;
    let name = &entry.key.name;
    let message = format!("cases are called by the number of an item of `{name}`: another list gives them the names of others");
    let help = "give each item a `key` or a `name`, by which its cases are called: a report compares cases by their names";
    Some(
        Remark::warning(codes::NUMBERED, entry.value.at, message)
            .label(format!("item {} has no `key` and no `name`", index + 1))
            .help([help]),
    )
}

/// The value itself, or what names it, or its number.
fn label(value: &Value, index: usize) -> String {
    naming(value).map_or_else(|| (index + 1).to_string(), |scalar| scalar.text.to_string())
}

fn naming(value: &Value) -> Option<&Scalar> {
    value.scalar().or_else(|| NAMING.iter().find_map(|name| value.field(name)?.scalar()))
}

/// What is wrong with a label, as the beginning of a sentence.
fn trouble(label: &str, index: usize, before: &mut HashMap<String, usize>) -> Option<String> {
    // A namespace and a name may stand in it: `shop/cart`. Names of nodes may be longer than other labels.
    if !(LABEL.fits)(&label.replace('/', "-")) && !(NODE_NAME.fits)(label) {
        return Some(format!("no case can be called by item {}", index + 1));
    }
    let Some(first) = before.get(label) else {
        before.insert(label.to_owned(), index);
        return None;
    };
    Some(format!("`{label}` would name both item {} and item {}", first + 1, index + 1))
}

impl Each {
    /// The names under which expressions know its items and their fields.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names = vec![self.name.clone()];
        names.extend(self.fields.iter().map(|field| format!("{}.{field}", self.name)));
        for value in self.items.iter().filter_map(|item| item.value.as_ref()) {
            fields(&self.name, value, &mut names);
        }
        names.sort();
        names.dedup();
        names
    }
}

fn fields(before: &str, value: &Value, names: &mut Vec<String>) {
    let Value::Map(entries) = value else { return };
    for (name, value) in entries {
        let name = format!("{before}.{name}");
        fields(&name, value, names);
        names.push(name);
    }
}

/// How many combinations of items there are.
pub(crate) fn size(lists: &[Each]) -> usize {
    lists.iter().fold(1, |size, list| size.saturating_mul(list.items.len()))
}

/// Each list with one of its items.
pub(crate) type Picked<'a> = Vec<(&'a Each, &'a Item)>;

/// All combinations, the last list turning fastest; without lists there is one, of nothing.
pub(crate) fn combinations(lists: &[Each]) -> Vec<Picked<'_>> {
    let mut all = vec![Vec::new()];
    for list in lists {
        all = all.iter().flat_map(|picked| with_each(picked, list)).collect();
    }
    all
}

fn with_each<'a>(picked: &Picked<'a>, list: &'a Each) -> Vec<Picked<'a>> {
    list.items.iter().map(|item| [picked.clone(), vec![(list, item)]].concat()).collect()
}
