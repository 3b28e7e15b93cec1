//! Where agents run: the trait that the run layer knows, and the three places behind it.
//! A backend brings agents up and down and carries lines. It must not know what is measured or what it means.

pub mod content;
mod dns;
pub mod kubernetes;
mod lies;
mod line_faults;
pub mod sandbox;
mod saying;
pub mod session;
pub mod simulated;
mod whole_lines;
mod world_inventory;

use std::collections::BTreeMap;
use std::num::NonZeroU32;

use futures::future::BoxFuture;
use tokio::sync::mpsc;

use crate::model::agents::IcmpAccess;
use crate::model::collect::Collect;
use crate::model::event::CleanUp;
use crate::model::fixture::Stand;
use crate::model::inventory::Inventory;
use crate::model::probe::Credential;
use crate::model::secret::SecretKey;
use crate::model::service::{Service, Wanted};
use crate::model::vantage::Vantage;
use crate::model::workload::WorkloadPod;

pub use session::{Connect, Connection, Heard, Line, NoConnection, Session};

/// A place where agents can run.
pub trait Backend: Send + Sync {
    /// What there is now: asked before the launch, and again while agents run. Creates nothing. Ends by itself within 15 s.
    fn inventory(&self) -> BoxFuture<'_, Result<Inventory, BackendError>>;

    /// The Services that are wanted, by namespace and name; of each at least what was wanted of it; nothing at all where
    /// there can be none. Creates nothing. Ends by itself within 15 s.
    fn services<'a>(&'a self, _wanted: &'a [Wanted]) -> BoxFuture<'a, Result<Option<Vec<Service>>, BackendError>> {
        Box::pin(async { Ok(None) })
    }

    /// The user's pods that are wanted, each once, by namespace and name; nothing at all where none are wanted, or there can be none.
    /// Creates nothing. Ends by itself within 15 s.
    fn workloads<'a>(&'a self, _wanted: &'a [Wanted]) -> BoxFuture<'a, Result<Option<Vec<WorkloadPod>>, BackendError>> {
        Box::pin(async { Ok(None) })
    }

    /// What there is now, with what is wanted beside the nodes; where nothing is, nobody looks at it. Ends by itself within 30 s.
    fn inventory_with<'a>(&'a self, wanted: &'a [Wanted]) -> BoxFuture<'a, Result<Inventory, BackendError>> {
        Box::pin(async move {
            let inventory = self.inventory().await?;
            let services = async { if wanted.iter().any(Wanted::is_of_services) { self.services(wanted).await } else { Ok(None) } };
            let (services, workloads) = futures::try_join!(services, self.workloads(wanted))?;
            Ok(Inventory { services, workloads, ..inventory })
        })
    }

    /// The value of a key of one of this place's Secrets: nobody may show it. Creates nothing. Ends by itself within 15 s.
    /// The code of an error is `no-secret` where it is not there, as far as this place knows.
    fn secret<'a>(&'a self, _at: &'a SecretKey) -> BoxFuture<'a, Result<Vec<u8>, BackendError>> {
        Box::pin(async {
            let (message, details) = ("only a cluster has Secrets".to_owned(), Vec::new());
            let help = vec!["with `env` or `file` in the place of `k8s` the value can be had everywhere".to_owned()];
            Err(BackendError { code: NO_SECRET, message, details, help })
        })
    }

    /// What helps agents in pods that have no ICMP socket, where raw ones would.
    fn icmp_remedy(&self) -> Option<&'static str> {
        None
    }

    /// Brings an agent up on each vantage, and tells of each exactly one [`News::Ready`] or [`News::Failed`], unless set-up
    /// as a whole fails: then one [`News::SetUpFailed`] and no more. Returns when all is told; dropping it stops the work. A place
    /// that fails later says [`News::SetUpFailed`] then.
    fn launch<'a>(&'a self, order: &'a LaunchOrder, news: mpsc::Sender<News>) -> BoxFuture<'a, ()>;

    /// Makes the Services of fixtures, with agents that were launched behind them, and waits until all of these are. They are told in
    /// the order of the stands, each with its addresses, its ports and who is behind it. Ends by itself within 35 s; where the place is
    /// away meanwhile, within 4 minutes.
    fn offer(&self, _order: OfferOrder) -> BoxFuture<'_, Result<Vec<Service>, BackendError>> {
        Box::pin(async {
            let (message, nothing) = ("this place makes no Services".to_owned(), Vec::new);
            Err(BackendError { code: "services", message, details: nothing(), help: nothing() })
        })
    }

    /// How many of so many agents divide the pace of a machine between them ([`crate::wire::Pace::among`]): one, where each has
    /// a node of its own.
    fn among(&self, _agents: usize) -> NonZeroU32 {
        NonZeroU32::MIN
    }

    /// What there is of that kind about the agent of that vantage, whether it still lives or not, as text of several lines; nothing
    /// where this place has none of that kind. An error says why it is not to be had, in one line. Changes nothing. Whoever asks
    /// bounds how long that takes, and asks only after [`Backend::launch`].
    fn collect<'a>(&'a self, _vantage: &'a Vantage, _what: Collect) -> BoxFuture<'a, Result<Option<String>, String>> {
        Box::pin(async { Ok(None) })
    }

    /// Removes everything that was created for the run, or names what is left; or keeps it, and names it. Harmless twice,
    /// and without a launch. Ends by itself within 30 s; where the place is away meanwhile, within a minute, and where it comes
    /// back, within 2 minutes.
    fn cleanup(&self, disposal: Disposal) -> BoxFuture<'_, CleanUp>;
}

/// The code of an error about a Secret, or a key of one, that is not there.
pub const NO_SECRET: &str = "no-secret";

/// What becomes of what was created.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposal {
    /// It goes.
    Remove,
    /// It stays, until it expires by itself.
    Keep,
}

/// What is to be launched.
#[derive(Debug, Clone)]
pub struct LaunchOrder {
    /// One agent each.
    pub vantages: Vec<Vantage>,
    /// What some of them need to ask the API server; the others get nothing.
    pub credentials: BTreeMap<Vantage, Credential>,
    /// An agent that has not answered after this long will not: the backend says why as far as it knows.
    pub ready_within: std::time::Duration,
    /// How agents in the pod network come by ICMP.
    pub icmp: IcmpAccess,
}

/// Which Services are to be made.
#[derive(Debug, Clone)]
pub struct OfferOrder {
    /// Each once.
    pub stands: Vec<Stand>,
    /// The agents that stand behind each of them: all in the pod network.
    pub backends: Vec<Vantage>,
}

/// What a launch tells while it goes on.
#[derive(Debug)]
pub enum News {
    /// The agent's object was accepted.
    Created(Vantage),
    /// The agent's process runs.
    Started(Vantage),
    /// Lines can be exchanged with the agent; it has not said hello yet.
    Ready(Session),
    /// There will be no agent on that vantage.
    Failed {
        /// Which.
        vantage: Vantage,
        /// Why, in one line, in the words of whoever knows.
        why: String,
        /// What to try, a line each; the same failure gives the same help.
        help: Vec<String>,
    },
    /// There will be no agents at all; or the place itself has failed, and what agents measure from now on is worth nothing.
    SetUpFailed(BackendError),
}

/// An operation of a backend that failed as a whole.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct BackendError {
    /// Stable: `api-unreachable`, `unauthorized`, `forbidden`, `quota`, …
    pub code: &'static str,
    /// One line: operation, object and what was answered.
    pub message: String,
    /// What belongs to it, a line each.
    pub details: Vec<String>,
    /// What to try, a line each.
    pub help: Vec<String>,
}

impl BackendError {
    /// Whether it is the user's configuration that is wrong, before anybody was contacted: nothing to try again.
    #[must_use]
    pub fn is_configuration(&self) -> bool {
        matches!(self.code, "kubeconfig" | "no-context" | "credentials" | "world")
    }
}
