//! A look at the cluster before a run: would it get through? Asks much, creates nothing, and ends by itself within 15 s.
//! Each check stands alone: what one of them cannot find out hides nothing of the others. It must not know how findings are told.
//!
//! | file | what it is for |
//! | --- | --- |
//! | `way` `version` | the API server |
//! | `access` | rights, one by one |
//! | `nodes` `room` `image` | the nodes |
//! | `examination` `snapshot` | what a look knows of the run, and of the nodes |
//! | `objects` `sample` `admission` `verdict` | what the cluster makes of a run's objects |
//! | `quota` `demand` `quantity` | whether there is enough for all of them |
//! | `upgrade` | websockets |

mod access;
mod admission;
mod demand;
mod examination;
mod image;
mod nodes;
mod objects;
mod quantity;
mod quota;
mod room;
mod sample;
mod snapshot;
mod upgrade;
mod verdict;
mod version;
mod way;

use std::time::Duration;

use futures::future::BoxFuture;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::ListParams;
use tokio::time::timeout;

use super::client::Link;
use super::needs::{Needs, Room};
use super::{Kubernetes, Limits, inventory, names, rights, services};
use crate::backend::BackendError;
use crate::model::agents::IcmpAccess;
use crate::model::finding::{Finding, Grade};
use crate::model::inventory::Inventory;
use crate::model::vantage::{Network, Station};
pub use examination::Examination;
use image::Image;
use sample::Sample;
use snapshot::Snapshot;

/// For one answer: whoever waits for a doctor is there, unlike at a run.
const CALL: Duration = Duration::from_secs(4);
/// For all checks that follow once the API server has answered.
const CHECKS: Duration = Duration::from_secs(9);
/// Namespaces in one answer, and pods.
const PAGE: u32 = 500;
/// Pages of pods that are looked through for room on the nodes.
const PAGES: usize = 5;
/// The namespace that is everywhere.
const STAND_IN: &str = "default";

/// The nodes, or why they could not be seen.
type Seen<'a> = Result<&'a Snapshot, &'a BackendError>;

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
            in_time("pod", objects::findings(&link, &samples, snapshot.as_ref().ok())),
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
