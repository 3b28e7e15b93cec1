//! What a suite discovers: its queries, what expressions know of them, and what each finds in an inventory, once there is one.
//! It must not know what that is used for. A further kind of query is a variant of `Query` and an arm where that is matched.

mod endpoints;
mod named;
mod nodes;
mod reading;
mod services;

use super::codes;
use super::expand::{Sight, Stage, compiled};
use super::expression::{ANY, Context, Group, Scope};
use super::language::SUITE;
use super::remarks::{Remark, Remarks};
use super::source::{Place, Source, printable};
use super::tree::{Entry, Node, Value};
use crate::model::inventory::Inventory;
use crate::model::service::Wanted;
use endpoints::Endpoints;
use nodes::Nodes;
use services::Services;

/// What expressions call the group of all queries by.
pub(crate) const ROOT: &str = "discover";

/// The most queries of a suite: each may find every node.
const MOST: usize = 100;

/// The longest text of a value that a message quotes, in characters.
const QUOTED: usize = 100;

/// A query of a suite.
#[derive(Debug)]
pub(crate) struct Discovery {
    /// Its name, without `discover.`.
    name: String,
    /// Where that was written.
    pub(crate) at: Place,
    /// The fields of what it finds; none if that are single values, `*` where the query is a mistake.
    pub(crate) fields: &'static [&'static str],
    /// What it has to know of the cluster's Services.
    wanted: Option<Wanted>,
    /// What it has found; none without an inventory, or where the query is a mistake, which has its remark.
    found: Option<Found>,
}

/// What a query has found.
#[derive(Debug)]
struct Found {
    items: Vec<Value>,
    /// If that is nothing: why, as the end of a sentence.
    nothing: String,
    /// In a few words, for messages.
    text: String,
}

/// What a query asks for.
#[derive(Debug)]
enum Query {
    Nodes(Nodes),
    Services(Services),
    Endpoints(Endpoints),
}

/// All queries of a suite.
#[derive(Debug)]
pub(crate) struct Discoveries {
    all: Vec<Discovery>,
    /// Their names.
    names: Vec<String>,
    /// What expressions see.
    group: Group,
    /// Whether there is an inventory.
    looked: bool,
}

impl Discoveries {
    /// Those of a suite. `vars` are the variables that queries may use, with their names.
    pub(crate) fn read(
        root: &Node,
        (vars, names): (Group, &[String]),
        inventory: Option<&Inventory>,
        source: &Source,
        remarks: &mut Remarks,
    ) -> Self {
        let sight = Sight { source, scope: Scope { vars: names, matrix: None, items: &[], discovered: None, secrets: None, facts: None } };
        let context = Context::new([("vars", vars)], []);
        let entries = root.get(ROOT).map_or(&[][..], Node::entries);
        let expanded = |entry: &Entry, remarks: &mut Remarks| {
            let compiled = compiled(&entry.value, sight, remarks);
            let shape = SUITE.behind(ROOT).and_then(|queries| queries.behind(&entry.key.name));
            let value = Stage::new(&context, source).expanded(&compiled, shape, remarks);
            Discovery::of(&Entry { key: entry.key.clone(), value }, inventory, remarks)
        };
        if let Some(entry) = entries.get(MOST) {
            let message = format!("the suite has {} queries", entries.len());
            remarks.add(Remark::error(codes::TOO_BIG, entry.key.at, message).label(format!("expected at most {MOST}")));
        }
        let all: Vec<_> = entries.iter().take(MOST).map(|entry| expanded(entry, remarks)).collect();
        let values: Vec<_> = all.iter().map(|discovery| discovery.items().map(|items| Value::List(items.to_vec()))).collect();
        let group = Group::of(all.iter().zip(&values).map(|(discovery, value)| (discovery.name.as_str(), value.as_ref())));
        Self { names: all.iter().map(|discovery| discovery.name.clone()).collect(), group, looked: inventory.is_some(), all }
    }

    /// The same, of which there may be more than are known.
    pub(crate) fn open(mut self) -> Self {
        self.names.push(ANY.to_owned());
        Self { group: self.group.open(), ..self }
    }

    /// The names that expressions may use behind `discover.`.
    pub(crate) fn names(&self) -> &[String] {
        &self.names
    }

    /// What expressions see.
    pub(crate) fn group(&self) -> Group {
        self.group.clone()
    }

    /// The query of a name such as `discover.zones`.
    pub(crate) fn find(&self, name: &str) -> Option<&Discovery> {
        let name = name.strip_prefix(ROOT)?.strip_prefix('.')?;
        self.all.iter().find(|discovery| discovery.name == name)
    }

    /// What the queries have to know of the cluster's Services, each once.
    pub(crate) fn wanted(&self) -> Vec<Wanted> {
        let mut all: Vec<Wanted> = Vec::new();
        for wanted in self.all.iter().filter_map(|discovery| discovery.wanted.as_ref()) {
            if !all.contains(wanted) {
                all.push(wanted.clone());
            }
        }
        all
    }

    /// Those of the names that nobody knows the values of without an inventory, each once; nothing once there is one.
    pub(crate) fn waited_for<'a>(&self, uses: impl Iterator<Item = &'a String>) -> Vec<String> {
        let mut waited: Vec<String> = uses.filter(|name| !self.looked && self.find(name).is_some()).cloned().collect();
        waited.sort();
        waited.dedup();
        waited
    }
}

impl Discovery {
    /// Of an entry of `discover` that the shape check has seen, with the values of its expressions.
    fn of(entry: &Entry, inventory: Option<&Inventory>, remarks: &mut Remarks) -> Self {
        let name = entry.key.name.to_string();
        let query = Query::of(&entry.value, remarks);
        let fields = query.as_ref().map_or(&[ANY][..], Query::fields);
        let wanted = query.as_ref().and_then(Query::wanted);
        let found = query.zip(inventory).and_then(|(query, inventory)| query.ask(&name, inventory, remarks));
        Self { name, at: entry.key.at, fields, wanted, found }
    }

    /// What it has found, if that is known.
    pub(crate) fn items(&self) -> Option<&[Value]> {
        self.found.as_ref().map(|found| found.items.as_slice())
    }

    /// Why it has found nothing, as the end of a sentence.
    pub(crate) fn nothing(&self) -> Option<&str> {
        self.found.as_ref().filter(|found| found.items.is_empty()).map(|found| found.nothing.as_str())
    }

    /// What it has found, in a few words.
    pub(crate) fn text(&self) -> Option<&str> {
        self.found.as_ref().map(|found| found.text.as_str())
    }
}

impl Query {
    /// None if it is a mistake, which has its remark.
    fn of(node: &Node, remarks: &mut Remarks) -> Option<Self> {
        let entry = node.entries().first()?;
        let query = match &*entry.key.name {
            "nodes" => Nodes::of(&entry.value, remarks).map(Self::Nodes),
            "services" => Services::of(entry, remarks).map(Self::Services),
            "endpoints" => Endpoints::of(entry, remarks).map(Self::Endpoints),
            // The shape check has told of it.
            _ => return None,
        };
        query.ok()
    }

    const fn fields(&self) -> &'static [&'static str] {
        match self {
            Self::Nodes(nodes) => nodes.fields(),
            Self::Services(_) => services::FIELDS,
            Self::Endpoints(_) => endpoints::FIELDS,
        }
    }

    fn wanted(&self) -> Option<Wanted> {
        match self {
            Self::Nodes(_) => None,
            Self::Services(services) => Some(services.wanted()),
            Self::Endpoints(endpoints) => Some(endpoints.wanted()),
        }
    }

    fn ask(&self, name: &str, inventory: &Inventory, remarks: &mut Remarks) -> Option<Found> {
        let (items, nothing) = match self {
            Self::Nodes(nodes) => nodes.ask(name, inventory, remarks)?,
            Self::Services(services) => services.ask(inventory, remarks)?,
            Self::Endpoints(endpoints) => endpoints.ask(inventory, remarks)?,
        };
        let text = shortened(&Value::List(items.iter().take(QUOTED).cloned().collect()).to_string());
        Some(Found { items, nothing, text })
    }
}

fn shortened(text: &str) -> String {
    let mut characters = text.chars().map(printable);
    let short: String = characters.by_ref().take(QUOTED).collect();
    if characters.next().is_some() { short + "…" } else { short }
}
