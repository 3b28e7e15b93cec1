//! The agents of the scripted cluster: real ones but for their packets, which arrive unless the script says otherwise.

use std::sync::Arc;
use std::time::Duration;

use netcheck::agent::{Agent, Ending, Identity, Prober};
use netcheck::model::outcome::{Miss, Missed, Outcome, Samples, Tally, WarmUp};
use netcheck::model::units::{Micros, Port};
use netcheck::wire::{IcmpMode, Share};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::sync::mpsc::Sender;

/// Whether everything is lost from the one node to the other.
pub(crate) type Cut = fn(&str, &str) -> bool;

/// How long a share takes.
const TAKES: Duration = Duration::from_millis(20);

/// The agent in the pod on that node.
pub(super) fn agent(run: &str, node: &str, cut: Cut) -> Arc<Agent> {
    let port = Port::new(7411).unwrap();
    let number: u8 = node.trim_start_matches("node").split(['/', ':']).next().unwrap().parse().unwrap();
    let identity = Identity {
        run: run.to_owned(),
        node: node.to_owned(),
        addresses: vec![[10, 0, 0, number].into()],
        tcp: port,
        udp: port,
        icmp: IcmpMode::Datagram,
        mtu: 1450,
        resolver: netcheck::wire::Resolver::default(),
        routes: Vec::new(),
    };
    let source = node.to_owned();
    let prober: Prober = Arc::new(move |share, outcomes| Box::pin(probe(source.clone(), cut, share, outcomes)));
    Arc::new(Agent::new(identity, prober))
}

async fn probe(source: String, cut: Cut, share: Share, outcomes: Sender<(u32, Outcome)>) {
    tokio::time::sleep(TAKES).await;
    for peer in &share.targets {
        let tally = tally(share.probe.burst().count.get(), cut(&source, peer.name().unwrap_or_default()));
        if outcomes.send((peer.pair, Outcome::Measured(tally))).await.is_err() {
            return;
        }
    }
}

fn tally(sent: u32, cut: bool) -> Tally {
    let (answered, missed) = if cut { (0, vec![Missed { how: Miss::TimedOut, count: sent }]) } else { (sent, Vec::new()) };
    let warm_up = if cut { WarmUp::Unanswered } else { WarmUp::Answered(Micros(100)) };
    let samples = Samples::Raw(vec![Micros(100); answered as usize]);
    Tally { sent, answered, missed, warm_up, samples, ..Tally::empty() }
}

/// Lets an agent talk with whoever is attached: what comes from `input` is said to it, what it says goes to `output`. Says whether
/// it was told to end.
pub(super) async fn talk(agent: &Agent, mut input: DuplexStream, mut output: DuplexStream) -> bool {
    let (near, far) = tokio::io::duplex(64 << 10);
    let (reader, writer) = tokio::io::split(far);
    let (mut from_agent, mut to_agent) = tokio::io::split(near);
    let said = async {
        let _ = tokio::io::copy(&mut input, &mut to_agent).await;
        let _ = to_agent.shutdown().await;
        std::future::pending::<()>().await;
    };
    let heard = async {
        let mut chunk = vec![0; 16 << 10];
        while let Ok(length @ 1..) = from_agent.read(&mut chunk).await {
            if output.write_all(&chunk[..length]).await.is_err() {
                return;
            }
        }
    };
    let (ending, ()) = tokio::select! {
        both = async { tokio::join!(agent.converse(reader, writer), heard) } => both,
        () = said => unreachable!("it waits for ever"),
    };
    ending == Ending::Stopped
}
