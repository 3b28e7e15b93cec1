//! What expressions know of the place and of the run, beside what a suite discovers: the groups `cluster` and `run`.
//! It must not know where they are used, nor what for.

use super::expression::{Fact, Group, Lacking};
use super::tree::{Literal, Scalar, Value};
use crate::model::family::Family;
use crate::model::inventory::{Inventory, Standing};
use crate::model::run::Start;
use crate::model::service::Wanted;

/// What a suite is completed with.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// What the place has.
    pub inventory: &'a Inventory,
    /// The run that it is for.
    pub start: &'a Start,
}

/// The namespace of the API server's Service.
const NAMESPACE: &str = "default";

/// Its name there.
const SERVICE: &str = "kubernetes";

/// The fact that takes a look at Services.
const API_SERVER: &str = "cluster.apiServiceIP";

/// Every fact, with the name that expressions call it by, and what it says.
pub(crate) const FACTS: [(&str, &str); 8] = [
    (API_SERVER, "The cluster IP of the API server's Service, `default/kubernetes`: of its first family, if it has two."),
    (
        "cluster.families",
        "Of which families the nodes that take part have addresses: a list of `v4` and `v6`. Pods may have fewer, or more: for them write `family: each` and `expectFamilies`.",
    ),
    ("cluster.name", "What the place is called: the context, or the world."),
    ("cluster.nodes", "How many nodes take part: all but those that a rule leaves out."),
    ("cluster.version", "What the API server says of itself: `Kubernetes v1.35.4`."),
    ("run.id", "The run's id, eight hexadecimal digits."),
    ("run.seed", "Its seed (`--seed`)."),
    ("run.startedAt", "When it began: `2026-05-01T03:00:00.25Z`."),
];

/// The groups, as far as they are known.
#[derive(Debug)]
pub(crate) struct Surroundings {
    facts: Vec<Fact>,
    /// In the order of the facts; none where there is none, or nobody knows.
    values: Vec<Option<Value>>,
    groups: [(&'static str, Group); 2],
    /// Whether somebody has looked.
    looked: bool,
}

impl Surroundings {
    /// Those that are seen; without them every fact is known by its name alone.
    pub(crate) fn of(seen: Option<Seen<'_>>) -> Self {
        let found: Vec<Result<Option<Value>, Lacking>> =
            FACTS.iter().map(|(name, _)| seen.map(|seen| value(name, seen)).transpose()).collect();
        let fact = |((name, _), found): (&(&'static str, &str), &Result<_, Lacking>)| Fact { name, lacking: found.as_ref().err().cloned() };
        let facts = FACTS.iter().zip(&found).map(fact).collect();
        let values: Vec<Option<Value>> = found.into_iter().map(|found| found.ok().flatten()).collect();
        let group = |root: &str| {
            let own = FACTS.iter().zip(&values).filter_map(|((name, _), value)| Some((behind(name, root)?, value.as_ref())));
            Group::of(own)
        };
        let groups = [("cluster", group("cluster")), ("run", group("run"))];
        Self { facts, groups, values, looked: seen.is_some() }
    }

    /// What expressions may use.
    pub(crate) fn facts(&self) -> &[Fact] {
        &self.facts
    }

    /// What expressions see.
    pub(crate) fn groups(&self) -> [(&'static str, Group); 2] {
        self.groups.clone()
    }

    /// The value of a fact in words, as `cluster.nodes` calls it.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let place = self.facts.iter().position(|fact| fact.name == name)?;
        self.values.get(place)?.as_ref().map(ToString::to_string)
    }

    /// Those of the names that are facts which nobody knows yet, each once.
    pub(crate) fn waited_for<'a>(&self, uses: impl Iterator<Item = &'a String>) -> Vec<String> {
        let is_fact = |name: &&String| self.facts.iter().any(|fact| fact.name == **name);
        let mut waited: Vec<String> = uses.filter(|name| !self.looked && is_fact(name)).cloned().collect();
        waited.sort();
        waited.dedup();
        waited
    }
}

/// What has to be known of the cluster's Services for these names.
pub(crate) fn wanted<'a>(mut uses: impl Iterator<Item = &'a String>) -> Option<Wanted> {
    uses.any(|name| name == API_SERVER).then(|| Wanted::Services { namespace: Some(NAMESPACE.into()), selector: None })
}

fn behind<'n>(name: &'n str, root: &str) -> Option<&'n str> {
    name.strip_prefix(root)?.strip_prefix('.')
}

/// # Errors
/// There is no such fact here.
fn value(name: &str, Seen { inventory, start }: Seen<'_>) -> Result<Value, Lacking> {
    let taking_part = || inventory.nodes.iter().filter(|node| !matches!(node.standing, Standing::Excluded { .. }));
    match name {
        API_SERVER => api_server(inventory),
        "cluster.families" => {
            let there = |family: &Family| taking_part().any(|node| node.address(*family).is_some());
            Ok(Value::List(Family::ALL.into_iter().filter(there).map(|family| text(&family.to_string())).collect()))
        }
        "cluster.name" => Ok(text(&inventory.cluster)),
        "cluster.nodes" => Ok(whole(u64::try_from(taking_part().count()).unwrap_or(u64::MAX))),
        "cluster.version" if inventory.version.is_empty() => Err(Lacking {
            message: format!("the version of {} is not known", inventory.cluster),
            help: "worlds have none, and a cluster tells it only to whoever may get /version; leave it out there".to_owned(),
        }),
        "cluster.version" => Ok(text(&inventory.version)),
        "run.id" => Ok(text(&start.id)),
        "run.seed" => Ok(whole(start.seed)),
        _ => Ok(text(&start.at)),
    }
}

fn api_server(inventory: &Inventory) -> Result<Value, Lacking> {
    let Some(services) = &inventory.services else {
        return Err(Lacking {
            message: format!("nothing is known of Services in {}", inventory.cluster),
            help: "for an inventory with those of a cluster: netcheck discover --services -o FILE".to_owned(),
        });
    };
    let service = services.iter().find(|service| *service.namespace == *NAMESPACE && *service.name == *SERVICE);
    let Some(service) = service else {
        return Err(Lacking {
            message: format!("there is no Service {NAMESPACE}/{SERVICE} in {}", inventory.cluster),
            help: format!("kubectl get services -n {NAMESPACE} lists those of its namespace; every API server keeps its own there"),
        });
    };
    service.addresses.first().map(|address| text(&address.to_string())).ok_or_else(|| Lacking {
        message: format!("the Service {NAMESPACE}/{SERVICE} has no cluster IP"),
        help: format!("kubectl get service {SERVICE} -n {NAMESPACE} shows it; every API server gives its own one"),
    })
}

fn text(text: &str) -> Value {
    Value::Scalar(Scalar::new(Literal::Text, text))
}

/// Beyond what expressions reckon with it is text.
fn whole(number: u64) -> Value {
    let literal = i64::try_from(number).map_or(Literal::Text, Literal::Whole);
    Value::Scalar(Scalar::new(literal, &number.to_string()))
}
