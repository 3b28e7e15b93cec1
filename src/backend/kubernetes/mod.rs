//! Agents in pods of a cluster: a namespace for the run, a pod for each node, an exec into each.
//! Nothing of Kubernetes leaves this folder; it must not know what the agents are asked to do.
//!
//! | file | what it is for |
//! | --- | --- |
//! | `config` `no_proxy` `client` `outage` | the way to the API server |
//! | `refusal` | what goes wrong on it, in words |
//! | `names` `claim` | how objects are known and found again |
//! | `standing` `inventory` | the nodes |
//! | `manifest` `create` | what is created |
//! | `progress` `crew` `watch` `events` `launch` | what becomes of it |
//! | `stream` | from a running pod to a session |
//! | `removal` `cleanup` `clean` | how it goes again |

mod claim;
mod clean;
mod cleanup;
mod client;
mod config;
mod create;
mod crew;
mod events;
mod inventory;
mod launch;
mod manifest;
mod names;
mod no_proxy;
mod outage;
mod progress;
mod refusal;
mod removal;
mod standing;
mod stream;
mod watch;

use std::collections::BTreeMap;
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::Toleration;
use tokio::sync::mpsc;
use tokio_util::task::AbortOnDropHandle;

use crate::backend::{Backend, BackendError, Disposal, LaunchOrder, News};
use crate::model::inventory::Inventory;
use crate::model::run::CleanUp;
use cleanup::{Asked, Ledger};
use client::Link;
use launch::Launch;
use manifest::Pattern;
use names::Mark;
use refusal::Operation;

pub use clean::{CleanScope, Cleaned, clean, clean_within};
pub use client::Limits;
pub use config::Connection;
pub use manifest::PullPolicy;

/// What a run wants of its cluster.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How to reach it.
    pub connection: Connection,
    /// The namespace to work in, which must exist; without it the run makes one of its own.
    pub namespace: Option<String>,
    /// The agents' image.
    pub image: String,
    /// When nodes fetch it.
    pub pull_policy: PullPolicy,
    /// The Secret that opens its registry; it has to be in the namespace.
    pub pull_secret: Option<String>,
    /// Labels that a node must have to take part.
    pub node_selector: Vec<(String, String)>,
    /// The run's id: eight hexadecimal digits.
    pub run: String,
    /// After this long pods end themselves, and `netcheck clean` removes what is left.
    pub expires_after: Duration,
    /// What made it all, for whoever finds it.
    pub command: String,
}

/// A cluster as a place for agents.
pub struct Kubernetes {
    link: Link,
    settings: Settings,
    pattern: Pattern,
    /// From the last inventory: what a pod must tolerate, by node.
    tolerations: Mutex<BTreeMap<String, Vec<Toleration>>>,
    ledger: Ledger,
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
        };
        Ok(Self { link, settings, pattern, tolerations: Mutex::default(), ledger: Ledger::new() })
    }

    /// What a launch of so many agents creates, a line each.
    pub fn objects(&self, vantages: usize) -> Vec<String> {
        let pods = format!("{vantages} pods of image {}, a node each, in namespace {}", self.settings.image, self.namespace());
        match self.settings.namespace {
            Some(_) => vec![pods],
            None => vec![format!("namespace {} (Pod Security: restricted)", self.namespace()), pods],
        }
    }

    /// Names of what stays if nobody cleans up, with the command that removes it.
    fn kept(&self) -> Vec<String> {
        if self.ledger.is_empty() {
            return Vec::new();
        }
        let what = match &self.settings.namespace {
            Some(namespace) => format!("pods with label {}={} in namespace {namespace}", names::INSTANCE, self.settings.run),
            None => format!("namespace {}", self.namespace()),
        };
        let command = cleanup::command(&self.settings.run, self.settings.namespace.as_deref());
        vec![format!("{what}, until {command}")]
    }

    fn namespace(&self) -> String {
        self.settings.namespace.clone().unwrap_or_else(|| names::namespace(&self.settings.run))
    }

    async fn take_inventory(&self) -> Result<Inventory, BackendError> {
        let (inventory, nodes) = inventory::take(&self.link, &self.settings.node_selector).await?;
        let tolerations = nodes.iter().map(|node| (node.metadata.name.clone().unwrap_or_default(), standing::tolerations(node))).collect();
        *self.tolerations.lock().unwrap_or_else(PoisonError::into_inner) = tolerations;
        Ok(inventory)
    }

    async fn bring_up(&self, order: &LaunchOrder, news: &mpsc::Sender<News>) {
        if order.vantages.is_empty() {
            return;
        }
        let link = self.link.clone();
        let _sweeping = AbortOnDropHandle::new(tokio::spawn(async move { clean::sweep(&link).await }));
        if let Err(error) = self.set_up().await {
            let _ = news.send(News::SetUpFailed(error)).await;
            return;
        }
        let launch = Launch {
            link: &self.link,
            namespace: &self.namespace(),
            pattern: &self.pattern,
            tolerations: self.tolerations.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            no_ping: AtomicBool::new(false),
        };
        launch.run(order, news).await;
    }

    async fn set_up(&self) -> Result<(), BackendError> {
        if self.settings.namespace.is_none() {
            self.ledger.note(Asked::Unanswered);
            let patience = self.link.patience(Duration::ZERO);
            let created = create::namespace(&self.link, &manifest::namespace(&self.pattern.mark)).await;
            if let Err(refusal) = created {
                // Whoever was refused may have been heard before, in an attempt that nobody answered.
                if refusal.code().is_some() && self.link.away(&patience).is_zero() {
                    self.ledger.note(Asked::Nothing);
                }
                return Err(self.link.error(&refusal, &Operation::cluster("create", "namespaces")));
            }
        }
        self.ledger.note(Asked::Something);
        Ok(())
    }
}

impl Backend for Kubernetes {
    fn inventory(&self) -> BoxFuture<'_, Result<Inventory, BackendError>> {
        Box::pin(self.take_inventory())
    }

    fn launch<'a>(&'a self, order: &'a LaunchOrder, news: mpsc::Sender<News>) -> BoxFuture<'a, ()> {
        Box::pin(async move { self.bring_up(order, &news).await })
    }

    fn cleanup(&self, disposal: Disposal) -> BoxFuture<'_, CleanUp> {
        match disposal {
            Disposal::Remove => {
                Box::pin(cleanup::clean_up(&self.link, &self.settings.run, self.settings.namespace.as_deref(), &self.ledger))
            }
            Disposal::Keep => Box::pin(async { CleanUp { kept: self.kept(), left: Vec::new() } }),
        }
    }
}
