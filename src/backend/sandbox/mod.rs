//! Agents as processes on this machine, each on a loopback address of its own: real sockets, no cluster, no privileges.
//! It must not know what is measured. Network namespaces and a fabric that breaks on purpose have their place beside it.

#[allow(dead_code)] // until namespaces call it
mod fabric;
mod netlink;

use std::collections::HashMap;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use tokio::process::{Child, Command};
use tokio::sync::{mpsc, oneshot};

use crate::model::inventory::{Ability, Inventory, Limit};
use crate::model::probe::Family;
use crate::model::run::CleanUp;
use crate::model::vantage::Vantage;
use crate::model::world::World;
use crate::probe;
use crate::wire::IcmpMode;

use super::{Backend, BackendError, Disposal, LaunchOrder, News, Session, world_inventory};

/// The most nodes: they share the processors of one machine, and beyond this its own slowness reads as loss.
const NODES_LIMIT: usize = 40;

/// The sandbox.
#[derive(Debug)]
pub struct Sandbox {
    world: Arc<World>,
    /// The program whose `agent serve` is an agent: this very one.
    program: PathBuf,
    run: String,
    /// Ends each agent when it is dropped.
    leashes: Mutex<HashMap<Vantage, oneshot::Sender<()>>>,
}

impl Sandbox {
    /// Of that world.
    ///
    /// # Errors
    /// The world asks for what loopback cannot give.
    pub fn new(world: Arc<World>, program: PathBuf, run: String) -> Result<Self, BackendError> {
        let refuse = |message: String| BackendError {
            code: "world",
            message,
            details: Vec::new(),
            help: vec!["--backend simulated takes every world".to_owned()],
        };
        if world.nodes.len() > NODES_LIMIT {
            return Err(refuse(format!("the sandbox has room for {NODES_LIMIT} nodes, world {:?} has {}", world.name, world.nodes.len())));
        }
        if !world.faults.is_empty() || !world.agents.is_empty() {
            return Err(refuse(format!("the sandbox's loopback isolation cannot make the faults of world {:?}", world.name)));
        }
        Ok(Self { world, program, run, leashes: Mutex::new(HashMap::new()) })
    }

    fn start(&self, index: usize, vantage: &Vantage) -> std::io::Result<Session> {
        let last = u8::try_from(index + 1).unwrap_or(u8::MAX);
        let address = Ipv4Addr::new(127, 77, 0, last);
        let mut child = Command::new(&self.program)
            .args(["agent", "serve", "--port", "0", "--run", &self.run, "--node", &vantage.to_string()])
            .args(["--addresses", &address.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            // Ctrl-C on the terminal is for the controller alone.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(std::io::Error::other("the child has no pipes"));
        };
        let (leash, held) = oneshot::channel();
        self.leashes.lock().unwrap_or_else(PoisonError::into_inner).insert(vantage.clone(), leash);
        let ended = tokio::spawn(watch(child, held));
        let ended = Box::pin(async move { ended.await.unwrap_or_else(|error| error.to_string()) });
        Ok(Session::over(vantage.clone(), stdout, stdin, ended))
    }
}

/// Until the agent ends by itself, or its leash is let go: then it is killed.
async fn watch(mut child: Child, held: oneshot::Receiver<()>) -> String {
    let status = tokio::select! {
        status = child.wait() => status,
        _ = held => match child.start_kill() {
            Ok(()) => child.wait().await,
            Err(error) => Err(error),
        },
    };
    status.map_or_else(|error| error.to_string(), |status: ExitStatus| format!("its process ended: {status}"))
}

impl Backend for Sandbox {
    fn inventory(&self) -> BoxFuture<'_, Result<Inventory, BackendError>> {
        let mut limits = vec![Limit {
            what: Ability::Family(Family::V6),
            why: "the sandbox's loopback isolation has no IPv6 address for each node".to_owned(),
        }];
        if let IcmpMode::Unavailable(why) = probe::icmp_mode() {
            let why = format!("this machine gives no unprivileged ICMP socket (sysctl net.ipv4.ping_group_range): {why}");
            limits.push(Limit { what: Ability::Icmp, why });
        }
        Box::pin(async { Ok(world_inventory::inventory(&self.world, limits)) })
    }

    fn launch<'a>(&'a self, order: &'a LaunchOrder, news: mpsc::Sender<News>) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            for (index, vantage) in order.vantages.iter().enumerate() {
                let told = match self.start(index, vantage) {
                    Ok(session) => vec![News::Created(vantage.clone()), News::Started(vantage.clone()), News::Ready(session)],
                    Err(error) => {
                        let why = format!("starting {}: {error}", self.program.display());
                        vec![News::Failed { vantage: vantage.clone(), why, help: Vec::new() }]
                    }
                };
                for piece in told {
                    // Nobody listens any more: the run is over.
                    if news.send(piece).await.is_err() {
                        return;
                    }
                }
            }
        })
    }

    fn cleanup(&self, _disposal: Disposal) -> BoxFuture<'_, CleanUp> {
        // Processes that outlive the command are no use to anybody, so nothing is kept: whoever is left is killed.
        Box::pin(async {
            self.leashes.lock().unwrap_or_else(PoisonError::into_inner).clear();
            CleanUp::default()
        })
    }
}
