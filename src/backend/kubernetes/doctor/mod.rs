//! A look at the cluster before a run: would it get through? Asks much, creates nothing, and ends by itself within 15 s.
//! Each check stands alone: what one of them cannot find out hides nothing of the others. It must not know how findings are told.
//!
//! | file | what it is for |
//! | --- | --- |
//! | `way` `version` | the API server |
//! | `access` | rights, one by one |
//! | `nodes` `room` `image` | the nodes |
//! | `sample` `admission` `verdict` | what the cluster makes of a run's objects |
//! | `quota` `demand` `quantity` | whether there is enough for all of them |
//! | `upgrade` | websockets |

mod access;
mod admission;
mod demand;
mod image;
mod nodes;
mod quantity;
mod quota;
mod room;
mod sample;
mod upgrade;
mod verdict;
mod version;
mod way;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures::future::{BoxFuture, join_all};
use k8s_openapi::api::core::v1::{Namespace, Node as ApiNode, Pod, ResourceQuota};
use kube::Api;
use kube::api::ListParams;
use tokio::time::timeout;

use super::client::Link;
use super::needs::{Needs, Room, Serving};
use super::rbac::Subject;
use super::refusal::Refusal;
use super::rights;
use super::{Kubernetes, Limits, inventory, names, services};
use crate::backend::BackendError;
use crate::model::agents::IcmpAccess;
use crate::model::collect::Collect;
use crate::model::finding::{Finding, Grade};
use crate::model::inventory::{Inventory, Standing};
use crate::model::secret::SecretKey;
use crate::model::service::Wanted;
use crate::model::vantage::{Network, Station, Vantage};
use admission::Tried;
use demand::Demand;
use image::Image;
use sample::Sample;

/// For one answer: whoever waits for a doctor is there, unlike at a run.
const CALL: Duration = Duration::from_secs(4);
/// For all checks that follow once the API server has answered.
const CHECKS: Duration = Duration::from_secs(9);
/// Namespaces in one answer, and pods.
const PAGE: u32 = 500;
/// Pages of pods that are looked through for room on the nodes.
const PAGES: usize = 5;

/// What a look before the run has to know of it.
pub struct Examination<'a> {
    /// How agents stand that the suites need, whatever the nodes.
    pub stations: BTreeSet<Station>,
    /// How agents in the pod network come by ICMP.
    pub icmp: IcmpAccess,
    /// What the suites have to know of Services, and what they make beside agents.
    pub wanted: (Vec<Wanted>, Serving),
    /// What suites want collected when a case fails.
    pub collects: BTreeSet<Collect>,
    /// The values that suites take from Secrets.
    pub secrets: Vec<SecretKey>,
    /// The plan that is made of that inventory: what it leaves of it, and its vantages.
    pub planned: &'a (dyn Fn(Inventory) -> (Inventory, Vec<Vantage>) + Sync),
    /// How many agents are enough, if so many nodes take part.
    pub enough: &'a (dyn Fn(usize) -> usize + Sync),
    /// The command that prints the rights for that subject, or for the default one.
    pub rights: &'a (dyn Fn(Option<&Subject>) -> String + Sync),
    /// The architecture of this program, as OCI calls it: `amd64`.
    pub architecture: &'a str,
}

/// The nodes, or why they could not be seen.
type Seen<'a> = Result<&'a Snapshot, &'a BackendError>;

/// The nodes, as the API server has them and as a run sees them.
struct Snapshot {
    inventory: Inventory,
    nodes: Vec<ApiNode>,
    vantages: Vec<Vantage>,
    enough: usize,
}

impl Kubernetes {
    /// Looks at everything that a run would need; tells the findings in a fixed order. Creates nothing.
    pub fn examine<'a>(&'a self, about: &'a Examination<'a>) -> BoxFuture<'a, Vec<Finding>> {
        Box::pin(self.look(about))
    }

    async fn look(&self, about: &Examination<'_>) -> Vec<Finding> {
        let limits = Limits { call: self.link.limits.call.min(CALL), ..self.link.limits };
        let link = self.link.within(limits);
        let taking = async {
            let (inventory, nodes) = inventory::take(&link, &self.settings.nodes).await?;
            let wanted = &about.wanted.0;
            let (services, workloads) = tokio::try_join!(services::wanted(&link, wanted), self.take_workloads(wanted))?;
            Ok::<_, BackendError>((Inventory { services, workloads, ..inventory }, nodes))
        };
        let (way, snapshot) = tokio::join!(way::look(&link), taking);
        let mut findings = way.findings;
        if !way.open {
            return findings;
        }
        let snapshot = snapshot.map(|(inventory, nodes)| Snapshot::of(inventory, nodes, about));
        let needs = Needs::of(&about.stations, self.settings.namespace.as_deref(), self.settings.host_namespace.as_deref());
        let needs = needs.discovering(about.wanted.0.clone()).serving(about.wanted.1);
        let needs = needs.collecting(about.collects.clone()).reading(about.secrets.clone());
        let samples = self.samples((&needs, about.icmp), snapshot.as_ref().ok());
        let made = samples.iter().find(|sample| sample.own.is_some());
        let own = made.map_or_else(|| names::namespace(&self.settings.run, Network::Pod), Sample::namespace);
        let first = samples.first().map_or_else(|| own.clone(), Sample::namespace);
        let reviewing = async {
            let review = access::review(&link, rights::rights(&needs), &own).await;
            access::findings(&review, &way.who, way.minor, &(about.rights)(way.subject.as_ref()))
        };
        let upgrading = async {
            let place = samples.first().and_then(|sample| sample.given.clone()).unwrap_or_else(|| STAND_IN.to_owned());
            Vec::from(<[Finding; 2]>::from(tokio::join!(upgrade::websockets(&link, &first), upgrade::exec(&link, &place))))
        };
        let (access, nodes, objects, upgrade) = tokio::join!(
            in_time("rights", reviewing),
            in_time("nodes", self.nodes(&link, about, &samples, snapshot.as_ref())),
            in_time("pod", objects(&link, &samples, snapshot.as_ref().ok())),
            in_time("websockets", upgrading),
        );
        let secret = if needs.hosts == Some(Room::Own) { self.secret_is_there(Network::Host, &needs.stations).err() } else { None };
        let secret = secret.map(|error| Finding::new(Grade::Wrong, "image", error.message).help(error.help));
        findings.extend([access, nodes, secret.into_iter().collect(), objects, upgrade].into_iter().flatten());
        findings
    }

    /// One for each station, for the first agent that is to stand so.
    fn samples(&self, (needs, icmp): (&Needs, IcmpAccess), snapshot: Option<&Snapshot>) -> Vec<Sample> {
        let sample = |(station, room): (Station, &Room)| {
            let first = snapshot.and_then(|snapshot| snapshot.vantages.iter().find(|vantage| vantage.station() == station));
            let vantage = first.cloned().unwrap_or_else(|| sample::any(station));
            let ground = snapshot.and_then(|snapshot| snapshot.node(vantage.node())).map(inventory::ground).unwrap_or_default();
            Sample::of(&self.pattern, (room, icmp), &vantage, &ground)
        };
        needs.rooms().map(sample).collect()
    }

    async fn nodes(&self, link: &Link, about: &Examination<'_>, samples: &[Sample], snapshot: Seen<'_>) -> Vec<Finding> {
        let snapshot = match snapshot {
            Ok(snapshot) => snapshot,
            // Rights are asked for by themselves.
            Err(error) if error.code == "forbidden" => {
                return vec![Finding::new(Grade::Unchecked, "nodes", "not looked at: it takes the right to list nodes")];
            }
            Err(error) => return vec![Finding::new(Grade::Wrong, "nodes", error.message.clone()).help(error.help.clone())],
        };
        let mut findings = nodes::findings(&snapshot.inventory, &snapshot.nodes, &snapshot.vantages, snapshot.enough);
        if snapshot.vantages.is_empty() {
            return findings;
        }
        findings.extend(match running(link).await {
            Ok(pods) => room::findings(&snapshot.nodes, &room::load(&pods), &snapshot.demand(samples), snapshot.enough),
            Err(why) => vec![Finding::new(Grade::Unchecked, "nodes", format!("their room for agents is not known: {why}"))],
        });
        let Kubernetes { settings, .. } = self;
        let image = Image { name: &settings.image, pull_policy: settings.pull_policy, architecture: about.architecture };
        findings.extend(image::findings(image, &snapshot.with_agents()));
        findings
    }
}

impl Snapshot {
    fn of(inventory: Inventory, nodes: Vec<ApiNode>, about: &Examination<'_>) -> Self {
        // Nodes that no suite tolerates take no part.
        let (inventory, vantages) = (about.planned)(inventory);
        let taking_part = inventory.nodes.iter().filter(|node| !matches!(node.standing, Standing::Excluded { .. })).count();
        Self { inventory, nodes, vantages, enough: (about.enough)(taking_part) }
    }

    fn node(&self, name: &str) -> Option<&ApiNode> {
        self.nodes.iter().find(|node| node.metadata.name.as_deref() == Some(name))
    }

    /// Each node that gets an agent, once.
    fn with_agents(&self) -> Vec<&ApiNode> {
        let names: BTreeSet<&str> = self.vantages.iter().map(Vantage::node).collect();
        names.into_iter().filter_map(|name| self.node(name)).collect()
    }

    /// What the agents of each node ask for.
    fn demand(&self, samples: &[Sample]) -> BTreeMap<String, Demand> {
        let mut demand: BTreeMap<String, Demand> = BTreeMap::new();
        for vantage in &self.vantages {
            for sample in samples.iter().filter(|sample| sample.station == vantage.station()) {
                demand.entry(vantage.node().to_owned()).or_default().join(&Demand::of(&sample.pod));
            }
        }
        demand
    }
}

async fn in_time(topic: &'static str, checking: impl Future<Output = Vec<Finding>>) -> Vec<Finding> {
    let late = |_| vec![Finding::new(Grade::Unchecked, topic, format!("not looked at to the end within {} s", CHECKS.as_secs()))];
    timeout(CHECKS, checking).await.unwrap_or_else(late)
}

/// The pods that ask something of their nodes, in all namespaces; or why they are not known.
async fn running(link: &Link) -> Result<Vec<Pod>, String> {
    let api: Api<Pod> = Api::all(link.client.clone());
    let mut page = ListParams::default().fields("status.phase!=Succeeded,status.phase!=Failed").limit(PAGE);
    let mut pods = Vec::new();
    for _ in 0..PAGES {
        let list = match link.call(|| api.list(&page)).await {
            Ok(list) => list,
            Err(refusal) if refusal.code() == Some(403) => {
                return Err("that takes the right to list pods in all namespaces".to_owned());
            }
            Err(refusal) => return Err(refusal.to_string()),
        };
        pods.extend(list.items);
        match list.metadata.continue_.filter(|token| !token.is_empty()) {
            Some(token) => page = page.continue_token(&token),
            None => return Ok(pods),
        }
    }
    Err(format!("more than {} pods to be counted", pods.len()))
}

/// What the cluster makes of the run's objects, and whether its quotas leave room for all of them.
async fn objects(link: &Link, samples: &[Sample], snapshot: Option<&Snapshot>) -> Vec<Finding> {
    let given: BTreeSet<&str> = samples.iter().filter_map(|sample| sample.given.as_deref()).collect();
    let namespaces = if samples.iter().any(|sample| sample.own.is_some()) { namespaces(link).await } else { Vec::new() };
    let trials = join_all(samples.iter().map(|sample| tried(link, sample, &namespaces)));
    let quotas = join_all(given.iter().map(|namespace| quotas(link, namespace)));
    let (trials, quotas) = tokio::join!(trials, quotas);
    let mut findings: Vec<Finding> = trials.iter().flat_map(|(findings, _)| findings.clone()).collect();
    let Some(snapshot) = snapshot else { return findings };
    for (namespace, quotas) in given.iter().zip(quotas) {
        let (mut agents, mut demand) = (0, Demand::default());
        for (sample, (_, accepted)) in samples.iter().zip(&trials).filter(|(sample, _)| sample.given.as_deref() == Some(*namespace)) {
            let count = snapshot.vantages.iter().filter(|vantage| vantage.station() == sample.station).count();
            agents += count;
            demand.join(&Demand::of(accepted.as_ref().unwrap_or(&sample.pod)).times(count));
        }
        findings.extend(match quotas {
            Ok(quotas) => quota::findings(namespace, &quotas, agents, &demand),
            Err(refusal) if refusal.code() == Some(404) => Vec::new(),
            Err(refusal) => {
                let why = if refusal.code() == Some(403) {
                    "that takes the right to list resourcequotas, which a run does not need".to_owned()
                } else {
                    refusal.to_string()
                };
                vec![Finding::new(Grade::Unchecked, "quota", format!("namespace {namespace}: not looked at: {why}"))]
            }
        });
    }
    findings
}

async fn tried(link: &Link, sample: &Sample, namespaces: &[Namespace]) -> Tried {
    let stand_in = stand_in(namespaces, sample.level());
    let (space, (pod, accepted)) = tokio::join!(admission::namespace(link, sample), admission::pod(link, sample, stand_in));
    ([space, pod].concat(), accepted)
}

/// Without the right to look, `default` has to do: it is everywhere.
async fn namespaces(link: &Link) -> Vec<Namespace> {
    let api: Api<Namespace> = Api::all(link.client.clone());
    let params = ListParams::default().limit(PAGE);
    link.call(|| api.list(&params)).await.map(|list| list.items).unwrap_or_default()
}

async fn quotas(link: &Link, namespace: &str) -> Result<Vec<ResourceQuota>, Refusal> {
    let api: Api<ResourceQuota> = Api::namespaced(link.client.clone(), namespace);
    let params = ListParams::default();
    Ok(link.call(|| api.list(&params)).await?.items)
}

/// The namespace that is everywhere.
const STAND_IN: &str = "default";

/// Where pods of that level can be tried while the run's own namespace is not there: one that does not refuse the level as such.
fn stand_in<'a>(namespaces: &'a [Namespace], level: &str) -> &'a str {
    let fits = |namespace: &&Namespace| {
        let labels = namespace.metadata.labels.as_ref();
        let enforced = labels.and_then(|labels| labels.get("pod-security.kubernetes.io/enforce")).map_or("privileged", String::as_str);
        level == "restricted" || enforced == "privileged"
    };
    let names: Vec<&str> = namespaces.iter().filter(fits).filter_map(|namespace| namespace.metadata.name.as_deref()).collect();
    if names.contains(&STAND_IN) { STAND_IN } else { names.first().copied().unwrap_or(STAND_IN) }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(namespaces: &[(&str, &str)], level: &str, expected: &str) {
        let namespace = |(name, enforced): &(&str, &str)| -> Namespace {
            let labels = if enforced.is_empty() { json!({}) } else { json!({ "pod-security.kubernetes.io/enforce": enforced }) };
            serde_json::from_value(json!({ "metadata": { "name": name, "labels": labels } })).unwrap()
        };
        let namespaces: Vec<Namespace> = namespaces.iter().map(namespace).collect();
        assert_eq!(stand_in(&namespaces, level), expected);
    }

    #[test]
    fn a_stand_in_does_not_refuse_the_level_as_such() {
        check(&[], "restricted", "default");
        check(&[("a", ""), ("default", "")], "privileged", "default");
        check(&[("a", ""), ("default", "baseline")], "privileged", "a");
        check(&[("a", "restricted"), ("default", "baseline"), ("z", "privileged")], "privileged", "z");
        check(&[("a", "restricted"), ("default", "baseline")], "privileged", "default");
        check(&[("a", ""), ("default", "restricted")], "restricted", "default");
    }
}
