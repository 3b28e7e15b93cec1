//! What a run asks of the API server: the one table from needs to rights. `rbac` writes it down, `doctor` asks for each of it.
//! Pure. Whoever adds a call to this backend adds its right here: a run against a scripted API server that refuses everything
//! else (`tests/it/rights.rs`) finds what is missing, and what is too much.

use std::collections::BTreeSet;
use std::fmt;

use super::needs::{Needs, Room, Serving};
use crate::model::collect::Collect;
use crate::model::outlook::NeededRight;
use crate::model::service::Wanted;

/// Where a right has to hold.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Scope {
    /// On what belongs to no namespace.
    Cluster,
    /// In every namespace: rights cannot be given on names that begin so.
    Everywhere,
    /// In that namespace.
    Within(String),
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cluster => Ok(()),
            Self::Everywhere => f.write_str(" in all namespaces"),
            Self::Within(namespace) => write!(f, " in namespace {namespace}"),
        }
    }
}

/// What a run is like without a right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// It does not measure, or leaves something behind.
    Needed,
    /// It measures and cleans up all the same.
    Helpful,
}

/// One right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Right {
    /// As `kubectl auth can-i` spells it: `create`.
    pub(super) verb: &'static str,
    /// As `kubectl auth can-i` spells it: `pods/exec`; outside of the core group with the group behind it.
    pub(super) resource: &'static str,
    /// On that object alone; on all of them without it.
    pub(super) name: Option<String>,
    /// Where.
    pub(super) scope: Scope,
    /// What for.
    pub(super) why: &'static str,
    /// What without it.
    pub(super) weight: Weight,
}

impl Right {
    /// The resource and the group of the API that it is of; the core group has the empty name.
    pub(super) fn resource_and_group(&self) -> (&'static str, &'static str) {
        self.resource.split_once('.').unwrap_or((self.resource, ""))
    }
}

impl fmt::Display for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_ref().map(|name| format!("/{name}")).unwrap_or_default();
        write!(f, "{} {}{name}{}", self.verb, self.resource, self.scope)
    }
}

type Row = (&'static str, &'static str, &'static str, Weight);

/// Whatever the suite.
const ALWAYS: [Row; 1] = [("nodes", "list", "which nodes there are, and what speaks against an agent on one", Weight::Needed)];

/// Slices of the addresses behind Services.
pub(super) const SLICES: &str = "endpointslices.discovery.k8s.io";

/// For suites that discover Services.
const FOR_SERVICES: Row = ("services", "list", "the Services that the suite discovers", Weight::Needed);

/// For suites that discover who is behind one.
const FOR_ENDPOINTS: Row = (SLICES, "list", "who is behind the Services that the suite discovers", Weight::Needed);

/// For suites that ask from the user's pods.
const FOR_WORKLOADS: Row = ("pods", "list", "the pods that the suite asks from", Weight::Needed);

/// For namespaces of the run's own.
const TO_MAKE_NAMESPACES: [Row; 4] = [
    ("namespaces", "create", "a namespace for this run's agents", Weight::Needed),
    ("namespaces", "get", "whether it is this run's own, and whether it has gone", Weight::Needed),
    ("namespaces", "delete", "it goes with everything in it", Weight::Needed),
    ("namespaces", "list", "what killed runs have left, to remove it", Weight::Helpful),
];

/// Wherever agents are.
const FOR_AGENTS: [Row; 8] = [
    ("pods", "create", "an agent on each node", Weight::Needed),
    ("pods", "list", "what becomes of the agents", Weight::Needed),
    ("pods", "watch", "what becomes of the agents", Weight::Needed),
    ("pods", "delete", "agents at their end, and those that a node refused", Weight::Needed),
    ("pods", "deletecollection", "all agents of the run in one call instead of one each", Weight::Helpful),
    ("pods/exec", "get", "orders to agents, and their results", Weight::Needed),
    ("pods/exec", "create", "orders to agents, and their results: Kubernetes 1.35 and later ask for both", Weight::Needed),
    ("events", "list", "why a pod does not start", Weight::Helpful),
];

/// For Services of fixtures, where agents in the pod network are. With a namespace of the run's own they go with it.
const FOR_FIXTURES: [Row; 4] = [
    ("services", "create", "Services with the agents behind them, which the suite asks", Weight::Needed),
    ("services", "list", "their addresses, and which of them are left", Weight::Needed),
    ("services", "delete", "they go with the run", Weight::Needed),
    (SLICES, "list", "whether agents stand behind them", Weight::Needed),
];

/// For suites that want to know what agents wrote.
const FOR_LOGS: Row = ("pods/log", "get", "what agents wrote, which the suite wants collected when a case fails", Weight::Helpful);

/// The namespace in which events about nodes are.
pub(super) const OF_NODES: &str = "default";

/// For suites that want to know what is said of nodes, beside what is said of pods.
const FOR_EVENTS_OF_NODES: Row =
    ("events", "list", "what is said of nodes, which the suite wants collected when a case fails", Weight::Helpful);

/// For suites that take values from Secrets, on each of these alone.
const FOR_SECRETS: Row = ("secrets", "get", "values that the suite takes from it", Weight::Needed);

/// Every right that a run of these needs asks for, each once, in a fixed order.
pub(super) fn rights(needs: &Needs) -> Vec<Right> {
    let on = |rows: &[Row], scope: &Scope| -> Vec<Right> {
        let right = |&(resource, verb, why, weight): &Row| Right { verb, resource, name: None, scope: scope.clone(), why, weight };
        rows.iter().map(right).collect()
    };
    let mut rights = on(&ALWAYS, &Scope::Cluster);
    if needs.makes_namespaces() {
        rights.extend(on(&TO_MAKE_NAMESPACES, &Scope::Cluster));
    }
    rights.extend(needs.wanted.iter().flat_map(|wanted| discovering(wanted).into_iter().flat_map(|(scope, row)| on(&[row], &scope))));
    rights.extend(scopes(needs).iter().flat_map(|scope| on(&FOR_AGENTS, scope)));
    if needs.serving == Serving::Services {
        let scope = match &needs.pods {
            Some(Room::Given(namespace)) => Scope::Within(namespace.clone()),
            Some(Room::Own) | None => Scope::Everywhere,
        };
        let deletes = |row: &&Row| row.1 != "delete" || matches!(scope, Scope::Within(_));
        let rows: Vec<Row> = FOR_FIXTURES.iter().filter(deletes).copied().collect();
        rights.extend(on(&rows, &scope));
    }
    rights.extend(collecting(needs).into_iter().flat_map(|(scope, row)| on(&[row], &scope)));
    rights.extend(needs.secrets.iter().flat_map(|at| {
        let within = on(&[FOR_SECRETS], &Scope::Within(at.namespace.to_string()));
        within.into_iter().map(|right| Right { name: Some(at.name.to_string()), ..right })
    }));
    let mut seen = Vec::new();
    rights.retain(|right| {
        let known = seen.contains(right);
        seen.push(right.clone());
        !known
    });
    rights
}

/// What it takes to know that of the Services.
fn discovering(wanted: &Wanted) -> Vec<(Scope, Row)> {
    match wanted {
        Wanted::Everything => vec![(Scope::Cluster, FOR_SERVICES), (Scope::Cluster, FOR_ENDPOINTS)],
        Wanted::Pods { namespace, .. } => vec![(Scope::Within(namespace.to_string()), FOR_WORKLOADS)],
        Wanted::Services { namespace: None, .. } => vec![(Scope::Cluster, FOR_SERVICES)],
        Wanted::Services { namespace: Some(namespace), .. } => vec![(Scope::Within(namespace.to_string()), FOR_SERVICES)],
        Wanted::Endpoints { namespace, .. } => {
            let within = Scope::Within(namespace.to_string());
            vec![(within.clone(), FOR_SERVICES), (within, FOR_ENDPOINTS)]
        }
    }
}

/// What it takes to collect beyond what agents take anyway; what holds everywhere needs not be said of one namespace.
fn collecting(needs: &Needs) -> Vec<(Scope, Row)> {
    let (scopes, nodes) = (scopes(needs), Scope::Within(OF_NODES.to_owned()));
    let has_events = scopes.is_empty() || scopes.contains(&Scope::Everywhere) || scopes.contains(&nodes);
    let mut rows = Vec::new();
    if needs.collects.contains(&Collect::AgentLog) {
        rows.extend(scopes.into_iter().map(|scope| (scope, FOR_LOGS)));
    }
    if needs.collects.contains(&Collect::Events) && !has_events {
        rows.push((nodes, FOR_EVENTS_OF_NODES));
    }
    rows
}

/// The same for plans.
#[must_use]
pub fn needed(needs: &Needs) -> Vec<NeededRight> {
    let namespace = |scope| match scope {
        Scope::Cluster | Scope::Everywhere => None,
        Scope::Within(namespace) => Some(namespace),
    };
    let right = |Right { verb, resource, name, scope, why, weight }| NeededRight {
        verb,
        resource,
        name,
        namespace: namespace(scope),
        why,
        needed: weight == Weight::Needed,
    };
    rights(needs).into_iter().map(right).collect()
}

/// Where agents are; what holds everywhere needs not be said of one namespace.
fn scopes(needs: &Needs) -> BTreeSet<Scope> {
    if needs.makes_namespaces() {
        return BTreeSet::from([Scope::Everywhere]);
    }
    let given = needs.rooms().filter_map(|(_, room)| match room {
        Room::Own => None,
        Room::Given(namespace) => Some(Scope::Within(namespace.clone())),
    });
    given.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::secret::SecretKey;
    use crate::model::vantage::Station;

    fn check(stations: &[Station], namespaces: (Option<&str>, Option<&str>), expected: &[&str]) {
        let needs = Needs::of(&stations.iter().copied().collect(), namespaces.0, namespaces.1);
        let mut found: Vec<String> = Vec::new();
        for right in rights(&needs) {
            let helpful = if right.weight == Weight::Helpful { "?" } else { "" };
            let line = format!("{}{}:", right.resource, right.scope);
            match found.last_mut().filter(|last| last.starts_with(&line)) {
                Some(last) => last.extend([" ", right.verb, helpful]),
                None => found.push(format!("{line} {}{helpful}", right.verb)),
            }
        }
        assert_eq!(found, expected, "{stations:?} {namespaces:?}");
    }

    #[test]
    fn rights_follow_from_stations_and_namespaces() {
        let (nodes, spaces) = ("nodes: list", "namespaces: create get delete list?");
        let everywhere = [
            "pods in all namespaces: create list watch delete deletecollection?",
            "pods/exec in all namespaces: get create",
            "events in all namespaces: list?",
        ];
        let own = [&[nodes, spaces], everywhere.as_slice()].concat();
        let a = [
            "pods in namespace a: create list watch delete deletecollection?",
            "pods/exec in namespace a: get create",
            "events in namespace a: list?",
        ];
        let b = [
            "pods in namespace b: create list watch delete deletecollection?",
            "pods/exec in namespace b: get create",
            "events in namespace b: list?",
        ];
        let (pod, host) = (Station::Pod, Station::Host);
        check(&[pod], (None, None), &own);
        check(&[pod], (None, Some("b")), &own);
        check(&[pod], (Some("a"), None), &[&[nodes], a.as_slice()].concat());
        check(&[pod], (Some("a"), Some("b")), &[&[nodes], a.as_slice()].concat());
        check(&[pod, host], (None, None), &own);
        // One namespace of its own takes the rights everywhere, in the given one too.
        check(&[pod, host], (Some("a"), None), &own);
        check(&[pod, host], (None, Some("b")), &own);
        check(&[pod, host], (Some("a"), Some("b")), &[&[nodes], a.as_slice(), b.as_slice()].concat());
        check(&[pod, host], (Some("a"), Some("a")), &[&[nodes], a.as_slice()].concat());
        check(&[host], (Some("a"), Some("b")), &[&[nodes], b.as_slice()].concat());
        check(&[], (None, None), &[nodes]);
    }

    #[test]
    fn what_is_collected_takes_rights_where_agents_are_and_nodes_are_told_of() {
        let check = |namespace: Option<&str>, collects: &[Collect], expected: &[&str]| {
            let needs = || Needs::of(&BTreeSet::from([Station::Pod]), namespace, None);
            let without = rights(&needs());
            let with = rights(&needs().collecting(collects.iter().copied().collect()));
            let found: Vec<String> = with.iter().filter(|right| !without.contains(right)).map(ToString::to_string).collect();
            assert_eq!(found, expected, "{namespace:?} {collects:?}");
            assert!(with.iter().filter(|right| !without.contains(right)).all(|right| right.weight == Weight::Helpful));
        };
        check(None, &[], &[]);
        check(None, &Collect::ALL, &["get pods/log in all namespaces"]);
        check(Some("a"), &Collect::ALL, &["get pods/log in namespace a", "list events in namespace default"]);
        check(Some("default"), &Collect::ALL, &["get pods/log in namespace default"]);
        check(Some("a"), &[Collect::Routes], &[]);
        assert_eq!(rights(&Needs::of(&BTreeSet::new(), None, None).collecting(Collect::ALL.into())).len(), 1);
    }

    /// A right on one Secret is none on any other.
    #[test]
    fn a_value_from_a_secret_takes_a_right_on_that_one() {
        let at = |text: &str| SecretKey::of(text).unwrap();
        let secrets = vec![at("shop/token/a"), at("shop/token/b"), at("ops/key/a")];
        let rights = rights(&Needs::of(&BTreeSet::new(), None, None).reading(secrets));
        let found: Vec<String> = rights.iter().skip(1).map(ToString::to_string).collect();
        assert_eq!(found, ["get secrets/token in namespace shop", "get secrets/key in namespace ops"]);
    }

    #[test]
    fn what_is_discovered_takes_a_right_where_it_is() {
        let check = |wanted: &[Wanted], expected: &[&str]| {
            let rights = rights(&Needs::of(&BTreeSet::new(), None, None).discovering(wanted.to_vec()));
            assert_eq!(rights.iter().skip(1).map(ToString::to_string).collect::<Vec<_>>(), expected, "{wanted:?}");
        };
        let services = |namespace: Option<&str>| Wanted::Services { namespace: namespace.map(Into::into), selector: None };
        let dns = Wanted::Endpoints { namespace: "kube-system".into(), name: "kube-dns".into() };
        check(&[], &[]);
        check(&[Wanted::Everything, services(None)], &["list services", "list endpointslices.discovery.k8s.io"]);
        check(&[services(Some("shop"))], &["list services in namespace shop"]);
        let of_dns = ["list services in namespace kube-system", "list endpointslices.discovery.k8s.io in namespace kube-system"];
        check(&[dns.clone(), dns, services(Some("kube-system"))], &of_dns);
    }
}
