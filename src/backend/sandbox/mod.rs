//! Agents as processes on this machine: real sockets, no cluster. Each network of each node is a network namespace, and a fabric
//! between them breaks on purpose; or each agent has but a loopback address of its own, where the machine gives no more.
//! It must not know what is measured.

mod agent;
mod api_server;
mod certificates;
mod collecting;
mod connecting;
mod credentials;
mod doom;
mod door;
mod fabric;
mod hosts;
mod isolation;
mod keeper;
mod limits;
mod listening;
mod names;
mod namespace;
mod netlink;
mod network;
mod node_ports;
mod possible;
mod process;
mod refused;
mod register;
mod standing;

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use tokio::sync::mpsc;
use tokio::time::{Instant, timeout};
use tokio_util::task::AbortOnDropHandle;

use crate::agent as agent_program;
use crate::model::agents::IcmpAccess;
use crate::model::collect::Collect;
use crate::model::event::CleanUp;
use crate::model::inventory::Inventory;
use crate::model::service::{Service, Wanted};
use crate::model::units::Micros;
use crate::model::vantage::Vantage;
use crate::model::world::{AgentFault, World};

use super::{Backend, BackendError, Disposal, LaunchOrder, News, OfferOrder, world_inventory};
use credentials::Folders;
use keeper::Keeper;
use network::Networks;
use process::{Order, Process};

pub use isolation::{Isolation, Wish};
pub use refused::{Refused, Step};
pub use register::Place;
pub use standing::{Standing, enter};

/// The sandbox.
#[derive(Debug)]
pub struct Sandbox {
    settings: Settings,
    crew: Mutex<Crew>,
}

/// What a sandbox is made of.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What it imitates.
    pub world: Arc<World>,
    /// As this process has prepared it.
    pub isolation: Isolation,
    /// The program whose `agent serve` is an agent: this very one.
    pub program: PathBuf,
    /// A directory for files that exist but for a moment.
    pub temporary: PathBuf,
    /// The run's id.
    pub run: String,
}

/// Everything that was started; it ends when this is dropped.
#[derive(Debug, Default)]
struct Crew {
    processes: Vec<(Vantage, Process)>,
    /// When the world began.
    began: Option<Instant>,
    timers: Vec<AbortOnDropHandle<()>>,
    /// Kept for the agents, which read them when they ask.
    folders: Option<Arc<Folders>>,
    /// Kept for its namespaces and its fabric.
    networks: Option<Arc<Networks>>,
    /// Kept for the agents, which the system ends with it.
    keeper: Option<Arc<Keeper>>,
}

/// Where agents are started.
struct Ground {
    keeper: Arc<Keeper>,
    /// None with loopback isolation.
    networks: Option<Arc<Networks>>,
    /// Where agents that need it find what pods have of their cluster.
    folders: Option<Arc<Folders>>,
    /// When the world began.
    began: Instant,
    /// How many agents are started.
    among: NonZeroU32,
    /// How those in the pod network come by ICMP.
    icmp: IcmpAccess,
}

/// How often it is asked whether the fabric is well: more often than any loss takes to be told.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// How long killed processes may take to be gone.
const GONE_WITHIN: Duration = Duration::from_secs(10);

impl Sandbox {
    /// Of that world. Starts nothing.
    ///
    /// # Errors
    /// The world asks for what this isolation cannot give.
    pub fn new(settings: Settings) -> Result<Self, BackendError> {
        possible::check(&settings.world, &settings.isolation)?;
        Ok(Self { settings, crew: Mutex::default() })
    }

    async fn set_up(&self, order: &LaunchOrder) -> Result<Ground, BackendError> {
        let keeper = Keeper::start().map_err(|error| isolation::no_namespaces(&Step::Thread.refused(error)))?;
        let networks = match self.settings.isolation {
            Isolation::Namespaces => {
                let raised = Networks::with_services(&self.settings.world, &keeper, order.icmp).await;
                Some(raised.map_err(|refused| isolation::no_namespaces(&refused))?)
            }
            Isolation::Loopback { .. } => None,
        };
        let among = self.among(order.vantages.len());
        let folders = self.folders(order, networks.as_ref())?;
        let (keeper, networks, icmp) = (Arc::new(keeper), networks.map(Arc::new), order.icmp);
        let ground = Ground { keeper, networks, folders, began: Instant::now(), among, icmp };
        let mut crew = self.crew();
        crew.began = Some(ground.began);
        crew.keeper = Some(Arc::clone(&ground.keeper));
        crew.networks.clone_from(&ground.networks);
        crew.folders.clone_from(&ground.folders);
        Ok(ground)
    }

    /// If anybody needs them, and there is a cluster to need them of.
    fn folders(&self, order: &LaunchOrder, networks: Option<&Networks>) -> Result<Option<Arc<Folders>>, BackendError> {
        let Some(networks) = networks.filter(|_| !order.credentials.is_empty()) else { return Ok(None) };
        Folders::make(&self.settings.temporary, networks.cluster()).map(Arc::new).map(Some)
    }

    /// Keeps the process for the clean-up, and lets its node be gone when its time has come.
    fn enlist(&self, vantage: &Vantage, process: Process, began: Instant) {
        let node = self.settings.world.nodes.iter().find(|node| *node.name == *vantage.node());
        let mut crew = self.crew();
        if let Some(after) = node.and_then(|node| node.gone_after) {
            let orders = process.orders();
            crew.timers.push(AbortOnDropHandle::new(tokio::spawn(async move {
                tokio::time::sleep_until(began + after.duration()).await;
                orders.give(Order::Freeze);
            })));
        }
        crew.processes.push((vantage.clone(), process));
    }

    /// The networks and who enters them, as far as they are there.
    fn raised(&self) -> (Option<Arc<Networks>>, Option<Arc<Keeper>>) {
        let crew = self.crew();
        (crew.networks.clone(), crew.keeper.clone())
    }

    fn crew(&self) -> MutexGuard<'_, Crew> {
        self.crew.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Starts an agent on each vantage, then tells of each when it is ready. Ends early when nobody listens any more.
    async fn launch_all(&self, order: &LaunchOrder, news: &mpsc::Sender<News>) -> Result<(), mpsc::error::SendError<News>> {
        let deadline = Instant::now() + order.ready_within;
        let ground = match self.set_up(order).await {
            Ok(ground) => ground,
            Err(error) => return news.send(News::SetUpFailed(error)).await,
        };
        let mut coming = FuturesUnordered::new();
        for (index, vantage) in order.vantages.iter().enumerate() {
            if let Some(AgentFault::NeverStarts(why)) = self.settings.world.agents.get(vantage) {
                news.send(failed(vantage, why.clone())).await?;
                continue;
            }
            match agent::start(&self.settings, &ground, agent::Order { index, vantage, credential: order.credentials.get(vantage) }).await {
                Ok((process, agent)) => {
                    self.enlist(vantage, process, ground.began);
                    news.send(News::Created(vantage.clone())).await?;
                    news.send(News::Started(vantage.clone())).await?;
                    coming.push(agent.ready(deadline, order.ready_within));
                }
                Err(error) => news.send(failed(vantage, format!("starting {}: {error}", self.settings.program.display()))).await?,
            }
        }
        while let Some(told) = coming.next().await {
            news.send(told).await?;
        }
        if let Some(networks) = ground.networks {
            self.crew().timers.push(AbortOnDropHandle::new(tokio::spawn(watch(networks, news.clone()))));
        }
        Ok(())
    }
}

/// Tells when the fabric itself fails, since losses are nobody's fault from then on.
async fn watch(networks: Arc<Networks>, news: mpsc::Sender<News>) {
    let mut looks = tokio::time::interval(LOOK_EVERY);
    loop {
        looks.tick().await;
        if let Some(message) = networks.trouble() {
            let help = vec!["ask for less at once, or of fewer nodes: this machine cannot carry it".to_owned()];
            let error = BackendError { code: "fabric", message, details: Vec::new(), help };
            // Nobody listens once the run is over.
            let _ = news.send(News::SetUpFailed(error)).await;
            return;
        }
    }
}

fn failed(vantage: &Vantage, why: String) -> News {
    News::Failed { vantage: vantage.clone(), why, help: Vec::new() }
}

impl Backend for Sandbox {
    fn among(&self, agents: usize) -> NonZeroU32 {
        u32::try_from(agents).ok().and_then(NonZeroU32::new).unwrap_or(NonZeroU32::MIN)
    }

    fn inventory(&self) -> BoxFuture<'_, Result<Inventory, BackendError>> {
        Box::pin(async {
            let age = self.crew().began.map(|began| Micros::of(began.elapsed()));
            let inventory = world_inventory::inventory(&self.settings.world, limits::of(&self.settings.isolation), age);
            Ok(Inventory { version: format!("(sandbox, {})", self.settings.isolation.name()), ..inventory })
        })
    }

    fn services<'a>(&'a self, _wanted: &'a [Wanted]) -> BoxFuture<'a, Result<Option<Vec<Service>>, BackendError>> {
        Box::pin(async {
            let world = &*self.settings.world;
            Ok(Some(match self.settings.isolation {
                Isolation::Namespaces => world_inventory::services(world, agent_program::PORT),
                // No host is reached over loopback.
                Isolation::Loopback { .. } => world_inventory::services(&World { hosts: Vec::new(), ..world.clone() }, agent_program::PORT),
            }))
        })
    }

    fn offer(&self, order: OfferOrder) -> BoxFuture<'_, Result<Vec<Service>, BackendError>> {
        Box::pin(async move {
            let (networks, keeper) = self.raised();
            let Some((networks, keeper)) = networks.zip(keeper) else {
                let message = "the sandbox's loopback isolation has no Services".to_owned();
                return Err(BackendError { code: "services", message, details: Vec::new(), help: Vec::new() });
            };
            let made = self.settings.world.made(&order.stands, &order.backends, agent_program::PORT);
            let services: Vec<_> = made.iter().zip(&order.stands).map(|(service, stand)| (service, stand.front.policy())).collect();
            networks.add(&services, &keeper).await.map_err(|refused| isolation::no_namespaces(&refused))?;
            Ok(made)
        })
    }

    fn launch<'a>(&'a self, order: &'a LaunchOrder, news: mpsc::Sender<News>) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            // An error means that nobody listens any more: the run is over.
            let _ = self.launch_all(order, &news).await;
        })
    }

    fn collect<'a>(&'a self, vantage: &'a Vantage, what: Collect) -> BoxFuture<'a, Result<Option<String>, String>> {
        Box::pin(self.collected(vantage, what))
    }

    fn cleanup(&self, _disposal: Disposal) -> BoxFuture<'_, CleanUp> {
        // Processes that outlive the command are no use to anybody, so nothing is kept: whoever is left is killed.
        Box::pin(async {
            let crew = std::mem::take(&mut *self.crew());
            let mut left = Vec::new();
            for (_, process) in &crew.processes {
                process.orders().give(Order::Kill);
            }
            for (vantage, process) in &crew.processes {
                if timeout(GONE_WITHIN, process.ended().wait()).await.is_err() {
                    left.push(format!("the process of the agent on {vantage}, which was killed and has not ended"));
                }
            }
            CleanUp { left, ..CleanUp::default() }
        })
    }
}
