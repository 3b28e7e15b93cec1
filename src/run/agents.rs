//! The agents of a run as the controller knows them: who is coming, who is there, who is gone and why.
//! It must not know what they measure.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::model::probe::Family;
use crate::model::units::Micros;
use crate::model::vantage::Vantage;
use crate::wire::{self, AgentHello, ControllerHello, ToAgent};

/// An agent that says nothing for so long while it should is lost: four beats of 5 s.
pub(super) const SILENCE: Duration = Duration::from_secs(20);

/// The controller's own sign of life: agents that hear nothing for 5 minutes end themselves.
const SPEAK_EVERY: Duration = Duration::from_secs(30);

/// From the connection to the agent's hello.
const HELLO_WITHIN: Duration = Duration::from_secs(10);

/// How an agent stands.
#[derive(Debug)]
pub(super) enum Agent {
    /// The backend has not told of it yet.
    Coming,
    /// There is a connection, and no hello yet.
    Greeting { orders: mpsc::UnboundedSender<ToAgent>, since: Instant },
    /// It is there.
    Live(Live),
    /// It never came.
    Absent { why: String, help: Vec<String> },
    /// It was there, and is no more.
    Gone(Loss),
}

/// An agent that is there.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) orders: mpsc::UnboundedSender<ToAgent>,
    pub(super) hello: AgentHello,
    /// When it was last heard from.
    pub(super) heard: Instant,
    /// How long we stood still ourselves since the last question for a sign of life.
    pub(super) excused: Duration,
    /// The last question for a sign of life, and when it was asked.
    pub(super) asked: Option<Ask>,
    /// When that question was asked which it answered last.
    pub(super) confirmed: Option<Instant>,
    /// How long it stood still at most, between that question and the one before it.
    pub(super) stalled: Micros,
    /// The last sequence number that arrived.
    pub(super) received: u64,
    /// The last sequence number that was acknowledged.
    pub(super) acknowledged: u64,
}

/// A question for a sign of life.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask {
    pub(super) number: u64,
    pub(super) at: Instant,
}

/// How an agent was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Loss {
    /// Its connection ended, or it fell silent.
    Lost(String),
    /// What it said cannot be believed.
    Incredible(String),
}

impl Loss {
    pub(super) fn why(&self) -> &str {
        match self {
            Self::Lost(why) | Self::Incredible(why) => why,
        }
    }
}

/// All agents, by vantage.
#[derive(Debug)]
pub(super) struct Roster {
    run: String,
    agents: BTreeMap<Vantage, Agent>,
    /// When all agents were last spoken to.
    spoke: Instant,
}

impl Roster {
    pub(super) fn expecting(run: &str, vantages: &[Vantage]) -> Self {
        let agents = vantages.iter().map(|vantage| (vantage.clone(), Agent::Coming)).collect();
        Self { run: run.to_owned(), agents, spoke: Instant::now() }
    }

    pub(super) fn get(&self, vantage: &Vantage) -> Option<&Agent> {
        self.agents.get(vantage)
    }

    pub(super) fn live(&self, vantage: &Vantage) -> Option<&Live> {
        match self.agents.get(vantage) {
            Some(Agent::Live(live)) => Some(live),
            _ => None,
        }
    }

    pub(super) fn live_mut(&mut self, vantage: &Vantage) -> Option<&mut Live> {
        match self.agents.get_mut(vantage) {
            Some(Agent::Live(live)) => Some(live),
            _ => None,
        }
    }

    pub(super) fn all_live(&self) -> impl Iterator<Item = (&Vantage, &Live)> {
        self.agents.iter().filter_map(|(vantage, agent)| if let Agent::Live(live) = agent { Some((vantage, live)) } else { None })
    }

    /// Those that never came, with why and what to try.
    pub(super) fn absent(&self) -> impl Iterator<Item = (&Vantage, &str, &[String])> {
        self.agents.iter().filter_map(|(vantage, agent)| match agent {
            Agent::Absent { why, help } => Some((vantage, why.as_str(), help.as_slice())),
            _ => None,
        })
    }

    /// Those of whom nothing was heard yet.
    pub(super) fn coming(&self) -> Vec<Vantage> {
        self.agents.iter().filter(|(_, agent)| matches!(agent, Agent::Coming)).map(|(vantage, _)| vantage.clone()).collect()
    }

    pub(super) fn len(&self) -> usize {
        self.agents.len()
    }

    /// Whether of every agent it is known that it is there, or that it will not be.
    pub(super) fn settled(&self) -> bool {
        !self.agents.values().any(|agent| matches!(agent, Agent::Coming | Agent::Greeting { .. }))
    }

    /// There is a connection.
    pub(super) fn connect(&mut self, vantage: &Vantage, orders: mpsc::UnboundedSender<ToAgent>) {
        self.set(vantage, Agent::Greeting { orders, since: Instant::now() });
    }

    /// It said hello: it is there, or what it says of itself makes that impossible. False if nobody waits for its hello any more.
    pub(super) fn greet(&mut self, vantage: &Vantage, hello: AgentHello) -> Result<bool, String> {
        let Some(Agent::Greeting { orders, .. }) = self.agents.get(vantage) else {
            return Ok(false);
        };
        refusal(&self.run, vantage, &hello)?;
        let orders = orders.clone();
        // If it is gone already, its session says so next.
        let _ = orders.send(ToAgent::Hello(ControllerHello { wire: wire::VERSION, run: self.run.clone(), from: 1 }));
        self.set(vantage, Agent::Live(Live::new(orders, hello)));
        Ok(true)
    }

    /// It never came.
    pub(super) fn give_up(&mut self, vantage: &Vantage, why: String, help: Vec<String>) {
        self.set(vantage, Agent::Absent { why, help });
    }

    /// It is no more.
    pub(super) fn lose(&mut self, vantage: &Vantage, loss: Loss) {
        self.set(vantage, Agent::Gone(loss));
    }

    fn set(&mut self, vantage: &Vantage, agent: Agent) {
        self.agents.insert(vantage.clone(), agent);
    }

    /// Those that should have said something by now, and did not.
    pub(super) fn overdue(&self) -> Vec<(Vantage, String)> {
        let late = |since: &Instant, limit: Duration| since.elapsed() > limit;
        self.agents
            .iter()
            .filter_map(|(vantage, agent)| match agent {
                Agent::Greeting { since, .. } if late(since, HELLO_WITHIN) => {
                    Some((vantage.clone(), format!("it runs, but said no hello within {} s", HELLO_WITHIN.as_secs())))
                }
                Agent::Live(live) if late(&live.heard, SILENCE) => {
                    Some((vantage.clone(), format!("nothing was heard from it for {} s", SILENCE.as_secs())))
                }
                Agent::Coming | Agent::Greeting { .. } | Agent::Live(_) | Agent::Absent { .. } | Agent::Gone(_) => None,
            })
            .collect()
    }

    /// Lets every agent know that the controller is there, if it is time.
    pub(super) fn speak(&mut self) {
        if self.spoke.elapsed() < SPEAK_EVERY {
            return;
        }
        self.spoke = Instant::now();
        for (_, live) in self.all_live() {
            // If it is gone, its session says so next.
            let _ = live.orders.send(ToAgent::Ask { number: 0 });
        }
    }

    /// We stood still ourselves for so long: nobody is to blame for what we did not hear then.
    pub(super) fn excuse(&mut self, gap: Duration) {
        for agent in self.agents.values_mut() {
            match agent {
                Agent::Greeting { since, .. } => *since += gap,
                Agent::Live(live) => {
                    live.heard += gap;
                    live.excused += gap;
                }
                Agent::Coming | Agent::Absent { .. } | Agent::Gone(_) => {}
            }
        }
    }
}

impl Live {
    fn new(orders: mpsc::UnboundedSender<ToAgent>, hello: AgentHello) -> Self {
        let heard = Instant::now();
        Self {
            orders,
            hello,
            heard,
            excused: Duration::ZERO,
            asked: None,
            confirmed: None,
            stalled: Micros(0),
            received: 0,
            acknowledged: 0,
        }
    }

    /// Whether it is known to have been there after that moment: it answered a question that was asked then. When its other
    /// words arrived says nothing of when they were said.
    pub(super) fn lived_past(&self, moment: Instant) -> bool {
        self.confirmed.is_some_and(|asked_at| asked_at >= moment)
    }

    /// Asks for a sign of life, unless that was asked, and says how long it has been waited for.
    pub(super) fn ask(&mut self, lost_at: Instant) -> Duration {
        if let Some(asked) = self.asked.filter(|asked| asked.at >= lost_at) {
            return asked.at.elapsed().saturating_sub(self.excused);
        }
        self.excused = Duration::ZERO;
        let asked = Ask { number: self.asked.map_or(0, |asked| asked.number) + 1, at: Instant::now() };
        self.asked = Some(asked);
        // If it is gone, its session says so next.
        let _ = self.orders.send(ToAgent::Ask { number: asked.number });
        Duration::ZERO
    }

    /// It gave a sign of life.
    pub(super) fn beat(&mut self, answers: u64, stalled: Micros) {
        if let Some(asked) = self.asked.filter(|asked| asked.number == answers) {
            self.confirmed = Some(asked.at);
            self.stalled = stalled;
        }
    }

    /// Where it answers in that family.
    pub(super) fn address(&self, family: Family) -> Option<std::net::IpAddr> {
        self.hello.addresses.iter().copied().find(|address| Family::of(*address) == family)
    }
}

fn refusal(run: &str, vantage: &Vantage, hello: &AgentHello) -> Result<(), String> {
    if hello.wire != wire::VERSION {
        let (theirs, ours) = (hello.wire, wire::VERSION);
        return Err(format!(
            "its netcheck {} speaks wire version {theirs}, this one speaks {ours}: the image is of another version",
            hello.version
        ));
    }
    if hello.run != run {
        return Err(format!("it belongs to run {:?}, not to {run}", hello.run));
    }
    if hello.node != vantage.to_string() {
        return Err(format!("it says that it is on node {:?}", hello.node));
    }
    Ok(())
}
