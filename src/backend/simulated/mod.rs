//! No sockets: outcomes computed from a world, told through the same wire by the same agent as everywhere.
//! It must not know what is judged; with Tokio's clock paused, waiting costs no time.

mod lines;
mod packets;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::sync::Arc;

use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::sync::mpsc;

use crate::agent::{Agent, Ending, Identity, Prober};
use crate::model::inventory::Inventory;
use crate::model::probe::Family;
use crate::model::run::CleanUp;
use crate::model::units::Port;
use crate::model::vantage::Vantage;
use crate::model::world::{AgentFault, World};
use crate::wire::{self, IcmpMode};

use super::{Backend, BackendError, Connect, Connection, Disposal, LaunchOrder, News, Session, line_faults, world_inventory};

/// Where simulated agents answer, which is nowhere: any number will do.
const PORT: Port = Port(std::num::NonZeroU16::MAX);

/// The simulation of a world.
#[derive(Debug)]
pub struct Simulated {
    world: Arc<World>,
    run: String,
}

impl Simulated {
    /// Of that world, for that run.
    #[must_use]
    pub fn new(world: Arc<World>, run: String) -> Self {
        Self { world, run }
    }

    fn start(&self, index: usize, vantage: Vantage) -> Session {
        let fault = self.world.agents.get(&vantage).cloned();
        let agent = Agent::new(self.identity(index, &vantage, fault.as_ref()), self.prober(&vantage));
        let connect = match fault {
            Some(AgentFault::Line(faults)) => line_faults::disturbed(connect(agent), faults),
            Some(fault) => lines::afflicted(connect(agent), &fault),
            None => connect(agent),
        };
        Session::resuming(vantage, connect)
    }

    fn identity(&self, index: usize, vantage: &Vantage, fault: Option<&AgentFault>) -> Identity {
        let missing = |family| matches!(fault, Some(AgentFault::NoAddress(missing)) if *missing == family);
        let families = self.world.families.iter().filter(|family| !missing(**family));
        Identity {
            run: self.run.clone(),
            node: vantage.to_string(),
            addresses: families.map(|family| address(*family, index)).collect(),
            tcp: PORT,
            udp: PORT,
            icmp: IcmpMode::Datagram,
            mtu: 1450,
        }
    }

    fn prober(&self, source: &Vantage) -> Prober {
        let (world, source) = (self.world.clone(), source.clone());
        Arc::new(move |share, outcomes| {
            let (world, source) = (world.clone(), source.clone());
            Box::pin(async move { packets::carry_out(&world, &source, share, outcomes).await })
        })
    }
}

/// Connections with an agent that outlives each of them.
fn connect(agent: Agent) -> Connect {
    let agent = Arc::new(agent);
    Box::new(move || {
        let (ours, theirs) = tokio::io::duplex(wire::LINE_LIMIT);
        let agent = Arc::clone(&agent);
        let (reader, writer) = tokio::io::split(theirs);
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

/// Made up, but told apart: node i has 10.244.x.y and `fd44::i`.
fn address(family: Family, index: usize) -> IpAddr {
    let number = u16::try_from(index + 1).unwrap_or(u16::MAX);
    let [high, low] = number.to_be_bytes();
    match family {
        Family::V4 => Ipv4Addr::new(10, 244, high, low).into(),
        Family::V6 => Ipv6Addr::new(0xfd44, 0, 0, 0, 0, 0, 0, number).into(),
    }
}

impl Backend for Simulated {
    fn inventory(&self) -> BoxFuture<'_, Result<Inventory, BackendError>> {
        Box::pin(async { Ok(world_inventory::inventory(&self.world, Vec::new())) })
    }

    fn launch<'a>(&'a self, order: &'a LaunchOrder, news: mpsc::Sender<News>) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            let mut never_ready = Vec::new();
            for (index, vantage) in order.vantages.iter().enumerate() {
                let told = match self.world.agents.get(vantage) {
                    Some(AgentFault::NeverStarts(why)) => {
                        vec![News::Failed { vantage: vantage.clone(), why: why.clone(), help: Vec::new() }]
                    }
                    Some(AgentFault::NeverReady) => {
                        never_ready.push(vantage.clone());
                        vec![News::Created(vantage.clone())]
                    }
                    _ => vec![
                        News::Created(vantage.clone()),
                        News::Started(vantage.clone()),
                        News::Ready(self.start(index, vantage.clone())),
                    ],
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
                let why = format!("not ready after {} s", order.ready_within.as_secs());
                let _ = news.send(News::Failed { vantage, why, help: Vec::new() }).await;
            }
        })
    }

    fn cleanup(&self, _disposal: Disposal) -> BoxFuture<'_, CleanUp> {
        // Agents are tasks of this process, and end with their sessions.
        Box::pin(async { CleanUp::default() })
    }
}
