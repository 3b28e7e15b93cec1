//! Agents in pods of a cluster: namespaces for the run, a pod for each vantage, an exec into each.
//! Nothing of Kubernetes leaves this folder; it must not know what the agents are asked to do.
//!
//! | file | what it is for |
//! | --- | --- |
//! | `config` `no_proxy` `client` `outage` | the way to the API server |
//! | `refusal` | what goes wrong on it, in words |
//! | `names` `claim` `site` | how objects are known and found again |
//! | `standing` `inventory` `workloads` | the nodes, and the user's pods |
//! | `manifest` `security` `create` | what is created |
//! | `progress` `crew` `watch` `events` `launch` `hosts` `raw` | what becomes of it |
//! | `stream` | from a running pod to a session |
//! | `collecting` | what there is of agents of failed cases |
//! | `fixtures` `services` | the Services of fixtures, and those of others |
//! | `removal` `withdrawal` `cleanup` `clean` | how it goes again |
//! | `rights` `rbac` `doctor` | what it takes, and whether it is there |

mod claim;
mod clean;
mod cleanup;
mod client;
mod collecting;
mod config;
mod create;
mod credentials;
mod crew;
mod doctor;
mod events;
mod fixtures;
mod hosts;
mod inventory;
mod kubeconfig;
mod launch;
mod manifest;
mod names;
mod needs;
mod no_proxy;
mod outage;
mod pages;
mod progress;
mod pull_policy;
mod raw;
mod rbac;
mod refusal;
mod removal;
mod rights;
mod secrets;
mod security;
mod services;
mod settings;
mod site;
mod standing;
mod stream;
mod watch;
mod withdrawal;
mod workloads;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use crate::backend::{Backend, BackendError, Disposal, LaunchOrder, News, OfferOrder};
use crate::model::agents::IcmpAccess;
use crate::model::collect::Collect;
use crate::model::event::CleanUp;
use crate::model::fixture::Stand;
use crate::model::inventory::Inventory;
use crate::model::outlook::Creation;
use crate::model::secret::SecretKey;
use crate::model::service::{Service, Wanted};
use crate::model::vantage::{Network, PodName, Station, Vantage};
use crate::model::workload::WorkloadPod;
use client::Link;
use launch::Launch;
use manifest::{Ground, Pattern};
use names::Mark;
use refusal::Operation;
use security::lodging;
use site::{Asked, Holder, Sites};
use workloads::Entry;

pub use clean::{CleanScope, Cleaned, clean, clean_within};
pub use client::Limits;
pub use config::Connection;
pub use doctor::Examination;
pub use needs::{Needs, Serving};
pub use pull_policy::PullPolicy;
pub use rbac::{Subject, label, rbac};
pub use rights::needed;
pub use settings::Settings;
pub use standing::Choice;

/// The command that removes what a run in these namespaces has left, for whoever has to leave at once.
#[must_use]
pub fn clean_command(run: &str, namespace: Option<&str>, host_namespace: Option<&str>) -> String {
    Sites::new(run, namespace, host_namespace).clean_command(run)
}

/// A cluster as a place for agents.
pub struct Kubernetes {
    link: Link,
    settings: Settings,
    pattern: Pattern,
    /// From the last inventory: what a pod has to know of its node, by node.
    grounds: Mutex<BTreeMap<String, Ground>>,
    /// From the last look at the user's pods: by what an agent finds each.
    entries: Mutex<BTreeMap<PodName, Entry>>,
    sites: Sites,
}

/// What a launch of agents on these vantages, which come by ICMP so, creates in the given namespaces, or in the run's own.
#[must_use]
pub fn creations(
    run: &str,
    namespaces: (Option<&str>, Option<&str>),
    (image, icmp): (&str, IcmpAccess),
    (vantages, stands): (&[Vantage], &[Stand]),
) -> Vec<Creation> {
    let count = |station| vantages.iter().filter(|vantage| vantage.station() == station).count();
    Sites::new(run, namespaces.0, namespaces.1).objects(image, stands.len(), icmp, count)
}

impl Kubernetes {
    /// Reads the kubeconfig and makes a client. It contacts no API server; a credentials' plugin that the kubeconfig names is run.
    ///
    /// # Errors
    /// What is wrong with the configuration: codes `kubeconfig`, `no-context` (with the contexts that there are), `credentials`.
    pub async fn connect(settings: Settings) -> Result<Self, BackendError> {
        Self::connect_within(settings, Limits::default()).await
    }

    /// [`Kubernetes::connect`], with other limits.
    ///
    /// # Errors
    /// As there.
    pub async fn connect_within(settings: Settings, limits: Limits) -> Result<Self, BackendError> {
        let link = Link::open(&settings.connection, limits).await?;
        let lifetime = SignedDuration::try_from(settings.expires_after).unwrap_or(SignedDuration::MAX);
        let expires = Timestamp::now().checked_add(lifetime).unwrap_or(Timestamp::MAX);
        let pattern = Pattern {
            mark: Mark { run: settings.run.clone(), expires, command: settings.command.clone() },
            image: settings.image.clone(),
            pull_policy: settings.pull_policy,
            pull_secret: settings.pull_secret.clone(),
            lifetime: settings.expires_after,
            host_ports: settings.host_ports,
        };
        let sites = Sites::new(&settings.run, settings.namespace.as_deref(), settings.host_namespace.as_deref());
        Ok(Self { link, settings, pattern, grounds: Mutex::default(), entries: Mutex::default(), sites })
    }

    /// Names of what stays if nobody cleans up, with the command that removes it.
    fn kept(&self) -> Vec<String> {
        let command = self.sites.clean_command(&self.settings.run);
        let there = self.sites.all().filter(|site| site.asked() != Asked::Nothing);
        there
            .map(|site| match site.holder {
                Holder::Others => {
                    let what = if site.serving() == Serving::Services { "pods and Services" } else { "pods" };
                    format!("{what} with label {}={} in namespace {}, until {command}", names::INSTANCE, self.settings.run, site.namespace)
                }
                Holder::Run => format!("namespace {}, until {command}", site.namespace),
            })
            .collect()
    }

    async fn take_inventory(&self) -> Result<Inventory, BackendError> {
        let (inventory, nodes) = inventory::take(&self.link, &self.settings.nodes).await?;
        let grounds = nodes.iter().map(|node| (node.metadata.name.clone().unwrap_or_default(), inventory::ground(node))).collect();
        *self.grounds.lock().unwrap_or_else(PoisonError::into_inner) = grounds;
        Ok(inventory)
    }

    /// The pods' network decides: without it there is no run. The hosts' may be missing, and then its agents say so, each.
    async fn bring_up(&self, order: &LaunchOrder, news: &mpsc::Sender<News>) {
        let in_network = |network| {
            let vantages = order.vantages.iter().filter(|vantage| lodging(vantage.station()) == network).cloned().collect();
            LaunchOrder { vantages, ..order.clone() }
        };
        let (pods, hosts) = (in_network(Network::Pod), in_network(Network::Host));
        let _sweeping = self.makes_a_namespace(&[&pods, &hosts]).then(|| {
            let link = self.link.clone();
            AbortOnDropHandle::new(tokio::spawn(async move { clean::sweep(&link).await }))
        });
        let pods = self.bring_up_in(Network::Pod, &pods, news);
        let hosts = async {
            if let Err(error) = self.bring_up_in(Network::Host, &hosts, news).await {
                launch::fail_all(hosts.vantages.clone(), &error, news).await;
            }
            Ok(())
        };
        if let Err(error) = futures::try_join!(pods, hosts) {
            let _ = news.send(News::SetUpFailed(error)).await;
        }
    }

    fn makes_a_namespace(&self, orders: &[&LaunchOrder]) -> bool {
        let networks = orders.iter().filter_map(|order| order.vantages.first()).map(|vantage| lodging(vantage.station()));
        networks.map(|network| self.sites.of(network)).any(|site| site.holder == Holder::Run)
    }

    /// # Errors
    /// What keeps all agents of the network from coming.
    async fn bring_up_in(&self, network: Network, order: &LaunchOrder, news: &mpsc::Sender<News>) -> Result<(), BackendError> {
        if order.vantages.is_empty() {
            return Ok(());
        }
        let stations: BTreeSet<Station> = order.vantages.iter().map(Vantage::station).collect();
        self.set_up(network, &stations, order.icmp).await?;
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let grounds = self.grounds.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let launch = Launch {
            credentials: &order.credentials,
            link: &self.link,
            stations,
            site: self.sites.of(network),
            pattern: &self.pattern,
            grounds: &grounds,
            entries: &entries,
            icmp: order.icmp,
            no_ping: AtomicBool::new(false),
        };
        launch.run(order, news).await
    }

    async fn set_up(&self, network: Network, stations: &BTreeSet<Station>, icmp: IcmpAccess) -> Result<(), BackendError> {
        let site = self.sites.of(network);
        if site.holder == Holder::Run {
            self.secret_is_there(network, stations)?;
            site.note(Asked::Unanswered);
            let patience = self.link.patience(Duration::ZERO);
            let created = create::namespace(&self.link, &manifest::namespace(&self.pattern.mark, network, icmp)).await;
            if let Err(refusal) = created {
                // Whoever was refused may have been heard before, in an attempt that nobody answered.
                if refusal.code().is_some() && self.link.away(&patience).is_zero() {
                    site.note(Asked::Nothing);
                }
                let error = self.link.error(&refusal, &Operation::cluster("create", "namespaces"));
                return Err(match (network, icmp) {
                    (Network::Pod, IcmpAccess::Auto) => error,
                    (Network::Pod, IcmpAccess::Raw) => raw::explained(error, site),
                    (Network::Host, _) => hosts::explained(error, site, stations),
                });
            }
        }
        site.note(Asked::Something);
        Ok(())
    }
}

impl Backend for Kubernetes {
    fn icmp_remedy(&self) -> Option<&'static str> {
        Some(raw::REMEDY)
    }

    fn inventory(&self) -> BoxFuture<'_, Result<Inventory, BackendError>> {
        Box::pin(self.take_inventory())
    }

    fn services<'a>(&'a self, wanted: &'a [Wanted]) -> BoxFuture<'a, Result<Option<Vec<Service>>, BackendError>> {
        Box::pin(async { services::take(&self.link, wanted).await.map(Some) })
    }

    fn workloads<'a>(&'a self, wanted: &'a [Wanted]) -> BoxFuture<'a, Result<Option<Vec<WorkloadPod>>, BackendError>> {
        Box::pin(self.take_workloads(wanted))
    }

    fn secret<'a>(&'a self, at: &'a SecretKey) -> BoxFuture<'a, Result<Vec<u8>, BackendError>> {
        Box::pin(secrets::read(&self.link, at))
    }

    fn offer(&self, order: OfferOrder) -> BoxFuture<'_, Result<Vec<Service>, BackendError>> {
        let site = self.sites.of(Network::Pod);
        site.note_services();
        Box::pin(async move { fixtures::offer(&self.link, &self.pattern.mark, site, &order).await })
    }

    fn launch<'a>(&'a self, order: &'a LaunchOrder, news: mpsc::Sender<News>) -> BoxFuture<'a, ()> {
        Box::pin(async move { self.bring_up(order, &news).await })
    }

    fn collect<'a>(&'a self, vantage: &'a Vantage, what: Collect) -> BoxFuture<'a, Result<Option<String>, String>> {
        Box::pin(async move { self.collected(vantage, what).await.map(Some) })
    }

    fn cleanup(&self, disposal: Disposal) -> BoxFuture<'_, CleanUp> {
        match disposal {
            Disposal::Remove => Box::pin(cleanup::clean_up(&self.link, &self.settings.run, &self.sites)),
            Disposal::Keep => Box::pin(async { CleanUp { kept: self.kept(), left: Vec::new() } }),
        }
    }
}
