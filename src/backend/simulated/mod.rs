//! No sockets: outcomes computed from a world, told through the same wire by the same agent as everywhere.
//! It must not know what is judged; with Tokio's clock paused, waiting costs no time.

mod books;
mod echoes;
mod exchange;
mod gone;
mod lane;
mod messages;
mod names;
mod packets;
mod paths;
mod resolving;
mod scene;
mod services;
mod sizes;
mod web;

use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::agent::{self, Agent, Ending, Identity, Prober};
use crate::model::event::CleanUp;
use crate::model::family::Family;
use crate::model::gateway::DefaultRoute;
use crate::model::inventory::Inventory;
use crate::model::resolv_conf::ResolvConf;
use crate::model::service::{Service, Wanted};
use crate::model::units::Port;
use crate::model::vantage::{Network, Vantage};
use crate::model::workload::WorkloadPod;
use crate::model::world::{AgentFault, Spot, World};
use crate::wire::{self, IcmpMode, Resolver};

use super::{
    Backend, BackendError, Connect, Connection, Disposal, LaunchOrder, News, OfferOrder, Session, lies, line_faults, world_inventory,
};
use gone::Fading;
use packets::Asker;
use scene::Scene;

/// What the device of every agent is called.
const DEVICE: &str = "eth0";

/// Where simulated agents answer: nowhere, but faults may ask for the port.
const PORT: Port = agent::PORT;

/// The simulation of a world.
#[derive(Debug)]
pub struct Simulated {
    world: Arc<World>,
    scene: Arc<Scene>,
    run: String,
}

impl Simulated {
    /// Of that world, for that run.
    #[must_use]
    pub fn new(world: Arc<World>, run: String) -> Self {
        Self { scene: Arc::new(Scene::new(world.clone())), world, run }
    }

    fn start(&self, vantage: Vantage) -> Session {
        let fault = self.world.agents.get(&vantage).cloned();
        let agent = Agent::new(self.identity(&vantage, fault.as_ref()), self.prober(&vantage));
        let connect = connect(agent, self.gone(&vantage));
        let connect = match fault {
            Some(AgentFault::Line(faults)) => line_faults::disturbed(connect, faults),
            Some(fault) => lies::afflicted(connect, &fault),
            None => connect,
        };
        Session::resuming(vantage, connect)
    }

    fn identity(&self, vantage: &Vantage, fault: Option<&AgentFault>) -> Identity {
        let missing = |family| matches!(fault, Some(AgentFault::NoAddress(missing)) if *missing == family);
        let families = self.world.families.iter().filter(|family| !missing(**family));
        let spot = self.world.spot(vantage);
        Identity {
            run: self.run.clone(),
            node: vantage.to_string(),
            addresses: families.filter_map(|family| Some(spot?.address(*family))).collect(),
            tcp: PORT,
            udp: PORT,
            icmp: IcmpMode::Datagram,
            mtu: u32::try_from(self.world.mtu(vantage.network(), Network::Pod).0).unwrap_or(u32::MAX),
            resolver: Resolver::Conf(ResolvConf::parse(&self.world.resolv_conf())),
            routes: self.routes(spot, fault),
        }
    }

    fn routes(&self, spot: Option<Spot>, fault: Option<&AgentFault>) -> Vec<DefaultRoute> {
        let via = |family| spot.filter(|_| fault != Some(&AgentFault::NoGateway)).map(|spot| spot.router(family));
        let route = |family: &Family| DefaultRoute { family: *family, via: via(*family), device: DEVICE.to_owned() };
        self.world.families.iter().map(route).collect()
    }

    /// When the node of that vantage goes away, if it does.
    fn gone(&self, vantage: &Vantage) -> Option<Instant> {
        let node = self.world.nodes.iter().find(|node| *node.name == *vantage.node())?;
        self.scene.began().checked_add(node.gone_after?.duration())
    }

    fn prober(&self, source: &Vantage) -> Prober {
        let asker = Arc::new(Asker::new(self.scene.clone(), source));
        Arc::new(move |share, outcomes| {
            let asker = asker.clone();
            Box::pin(async move { asker.carry_out(share, outcomes).await })
        })
    }
}

/// Connections with an agent that outlives each of them.
fn connect(agent: Agent, gone: Option<Instant>) -> Connect {
    let agent = Arc::new(agent);
    Box::new(move || {
        let (ours, theirs) = tokio::io::duplex(wire::LINE_LIMIT);
        let agent = Arc::clone(&agent);
        let (reader, writer) = tokio::io::split(Fading::new(theirs, gone));
        // It ends when the other end of its pipe does.
        let conversation = tokio::spawn(async move { agent.converse(reader, writer).await });
        let ended = async move { conversation.await.map_or_else(|error| error.to_string(), in_words) };
        let (reader, writer) = tokio::io::split(ours);
        let connection = Connection { reader: Box::new(reader), writer: Box::new(writer), ended: ended.boxed() };
        futures::future::ready(Ok(connection)).boxed()
    })
}

fn in_words(ending: Ending) -> String {
    match ending {
        Ending::Stopped => "it was stopped".to_owned(),
        Ending::Lost(why) | Ending::Refused(why) => why,
        Ending::Replaced => "it is connected otherwise".to_owned(),
    }
}

impl Backend for Simulated {
    fn inventory(&self) -> BoxFuture<'_, Result<Inventory, BackendError>> {
        Box::pin(async { Ok(world_inventory::inventory(&self.world, Vec::new(), self.scene.known_age())) })
    }

    fn services<'a>(&'a self, _wanted: &'a [Wanted]) -> BoxFuture<'a, Result<Option<Vec<Service>>, BackendError>> {
        Box::pin(async { Ok(Some(world_inventory::services(&self.world, PORT))) })
    }

    fn workloads<'a>(&'a self, wanted: &'a [Wanted]) -> BoxFuture<'a, Result<Option<Vec<WorkloadPod>>, BackendError>> {
        let of_pods = wanted.iter().any(|wanted| !wanted.is_of_services());
        Box::pin(async move { Ok(of_pods.then(|| world_inventory::workloads(&self.world))) })
    }

    fn launch<'a>(&'a self, order: &'a LaunchOrder, news: mpsc::Sender<News>) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let mut never_ready = Vec::new();
            self.scene.began();
            for vantage in &order.vantages {
                let told = match self.world.agents.get(vantage) {
                    Some(AgentFault::NeverStarts(why)) => {
                        vec![News::Failed { vantage: vantage.clone(), why: why.clone(), help: Vec::new() }]
                    }
                    Some(AgentFault::NeverReady) => {
                        never_ready.push(vantage.clone());
                        vec![News::Created(vantage.clone())]
                    }
                    _ => vec![News::Created(vantage.clone()), News::Started(vantage.clone()), News::Ready(self.start(vantage.clone()))],
                };
                for piece in told {
                    // Nobody listens any more: the run is over.
                    if news.send(piece).await.is_err() {
                        return;
                    }
                }
            }
            if never_ready.is_empty() {
                return;
            }
            tokio::time::sleep(order.ready_within).await;
            for vantage in never_ready {
                let why = format!("not ready after {} s", order.ready_within.as_secs_f64());
                let _ = news.send(News::Failed { vantage, why, help: Vec::new() }).await;
            }
        })
    }

    fn offer(&self, order: OfferOrder) -> BoxFuture<'_, Result<Vec<Service>, BackendError>> {
        Box::pin(async move {
            let made = self.world.made(&order.stands, &order.backends, PORT);
            for (stand, service) in order.stands.iter().zip(&made) {
                self.scene.add(service, stand.front.policy());
            }
            Ok(made)
        })
    }

    fn cleanup(&self, _disposal: Disposal) -> BoxFuture<'_, CleanUp> {
        // Agents are tasks of this process, and end with their sessions.
        Box::pin(async { CleanUp::default() })
    }
}
