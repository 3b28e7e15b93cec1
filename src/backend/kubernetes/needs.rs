//! What a run needs of a cluster, as far as rights are concerned. Pure. It must not know which rights follow.

use std::collections::BTreeSet;

use crate::model::collect::Collect;
use crate::model::secret::SecretKey;
use crate::model::service::Wanted;
use crate::model::vantage::{Network, Station};

use super::security::lodging;

/// Where agents of one network go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Room {
    /// To a namespace that the run makes, and whose name nobody knows before.
    Own,
    /// To that one, which is there.
    Given(String),
}

/// What a run needs of a cluster, as far as rights are concerned.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Needs {
    /// For agents in the pod network, if there are any.
    pub(super) pods: Option<Room>,
    /// For agents with the rights of their nodes, if there are any: in the host network, or in those of the user's pods.
    pub(super) hosts: Option<Room>,
    /// How the agents stand.
    pub(super) stations: BTreeSet<Station>,
    /// What suites discover beside the nodes.
    pub(super) wanted: Vec<Wanted>,
    /// What it makes beside agents.
    pub(super) serving: Serving,
    /// What suites want collected when a case fails.
    pub(super) collects: BTreeSet<Collect>,
    /// The values that suites take from Secrets.
    pub(super) secrets: Vec<SecretKey>,
}

/// What a run makes beside agents.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Serving {
    /// Nothing.
    #[default]
    Nothing,
    /// Services with agents behind them.
    Services,
}

impl Needs {
    /// Of a run with agents that stand so; a namespace that is not given is made.
    #[must_use]
    pub fn of(stations: &BTreeSet<Station>, namespace: Option<&str>, host_namespace: Option<&str>) -> Self {
        let room = |network, given: Option<&str>| {
            let anybody = stations.iter().any(|station| lodging(*station) == network);
            anybody.then(|| given.map_or(Room::Own, |name| Room::Given(name.to_owned())))
        };
        Self {
            pods: room(Network::Pod, namespace),
            hosts: room(Network::Host, host_namespace),
            stations: stations.clone(),
            wanted: Vec::new(),
            serving: Serving::Nothing,
            collects: BTreeSet::new(),
            secrets: Vec::new(),
        }
    }

    /// The same, of suites that want to know that of the cluster.
    #[must_use]
    pub fn discovering(self, wanted: Vec<Wanted>) -> Self {
        Self { wanted, ..self }
    }

    /// The same, of suites that bring such things along.
    #[must_use]
    pub fn serving(self, serving: Serving) -> Self {
        Self { serving, ..self }
    }

    /// The same, of suites that want that collected when a case fails.
    #[must_use]
    pub fn collecting(self, collects: BTreeSet<Collect>) -> Self {
        Self { collects, ..self }
    }

    /// The same, of suites that take these values from Secrets.
    #[must_use]
    pub fn reading(self, secrets: Vec<SecretKey>) -> Self {
        Self { secrets, ..self }
    }

    /// How the agents stand, with their rooms.
    pub(super) fn rooms(&self) -> impl Iterator<Item = (Station, &Room)> {
        let room = |station: &Station| match lodging(*station) {
            Network::Pod => self.pods.as_ref(),
            Network::Host => self.hosts.as_ref(),
        };
        self.stations.iter().filter_map(move |station| room(station).map(|room| (*station, room)))
    }

    /// Whether the run makes a namespace.
    pub(super) fn makes_namespaces(&self) -> bool {
        self.rooms().any(|(_, room)| *room == Room::Own)
    }
}
