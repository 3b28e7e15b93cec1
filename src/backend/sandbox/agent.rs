//! An agent of the sandbox on its way: its socket, its process, its first word. It must not know what becomes of it.

use std::io;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use super::connecting::{Connecting, open};
use super::doom::Doom;
use super::door::Door;
use super::process::{Process, Start};
use super::{Ground, Isolation, Settings, failed, network};
use crate::backend::{News, Session};
use crate::model::agents::IcmpAccess;
use crate::model::probe::Credential;
use crate::model::vantage::{Network, Vantage};
use crate::model::world::AgentFault;

/// An agent whose process runs.
pub(super) struct Agent {
    vantage: Vantage,
    connecting: Connecting,
    /// It is never listened to.
    unheard: bool,
}

/// Which agent is started.
pub(super) struct Order<'o> {
    /// Tells it from the others.
    pub(super) index: usize,
    pub(super) vantage: &'o Vantage,
    /// What it needs of its cluster.
    pub(super) credential: Option<&'o Credential>,
}

/// From nothing to a process.
pub(super) async fn start(settings: &Settings, ground: &Ground, order: Order<'_>) -> io::Result<(Process, Agent)> {
    let Order { index, vantage, credential } = order;
    let fault = settings.world.agents.get(vantage);
    let bare = vantage.network() == Network::Pod && ground.icmp == IcmpAccess::Auto;
    let start = Start {
        program: settings.program.clone(),
        run: settings.run.clone(),
        vantage: vantage.clone(),
        addresses: addresses(settings, index, vantage),
        any_port: ground.networks.is_none(),
        unprivileged: ground.networks.is_some() && (bare || fault == Some(&AgentFault::NoIcmp)),
        among: ground.among,
        resolv_conf: resolv_conf(settings),
        credentials: ground.folders.as_ref().zip(credential).map(|(folders, credential)| folders.of(*credential)),
    };
    let namespace = ground.networks.as_ref().and_then(|networks| networks.namespace(vantage)).cloned();
    let (listener, door) = Door::make(&settings.temporary.join(format!("netcheck-{}-{index}", settings.run)))?;
    let started = ground.keeper.carry_out(move || {
        namespace.map_or(Ok(()), |namespace| namespace.enter())?;
        start.start(listener)
    });
    let process = started.await??;
    let doom = fault.and_then(|fault| Doom::of(fault, process.orders()));
    let connecting = Connecting { door: Arc::new(door), ended: process.ended(), doom: doom.map(Arc::new) };
    let unheard = fault == Some(&AgentFault::NeverReady);
    Ok((process, Agent { vantage: vantage.clone(), connecting, unheard }))
}

fn addresses(settings: &Settings, index: usize, vantage: &Vantage) -> Vec<IpAddr> {
    match settings.isolation {
        Isolation::Namespaces => network::addresses(&settings.world, vantage),
        Isolation::Loopback { .. } => vec![Ipv4Addr::new(127, 77, 0, u8::try_from(index + 1).unwrap_or(u8::MAX)).into()],
    }
}

/// The server of its world is reached by the fabric alone.
fn resolv_conf(settings: &Settings) -> String {
    match settings.isolation {
        Isolation::Namespaces => settings.world.resolv_conf(),
        Isolation::Loopback { .. } => String::new(),
    }
}

impl Agent {
    /// Waits for its first word; its connection is open by then.
    pub(super) async fn ready(self, deadline: Instant, within: Duration) -> News {
        let Self { vantage, connecting, unheard } = self;
        let mut ended = connecting.ended.clone();
        let first_word = async {
            if unheard {
                return std::future::pending().await;
            }
            let stream = open(&connecting.door).await?;
            stream.readable().await?;
            Ok::<_, io::Error>(stream)
        };
        tokio::select! {
            // What it does not live to say is its end that tells it.
            biased;
            how = ended.wait() => failed(&vantage, how),
            stream = first_word => match stream {
                Ok(stream) => News::Ready(Session::resuming(vantage, connecting.connect(stream))),
                Err(error) => failed(&vantage, format!("connecting with its process: {error}")),
            },
            () = sleep_until(deadline) => failed(&vantage, format!("not ready after {} s", within.as_secs_f32())),
        }
    }
}
