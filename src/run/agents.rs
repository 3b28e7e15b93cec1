//! The agents of a run as the controller knows them: who is coming, who is there, who is gone and why.
//! It must not know what they measure.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::backend::Line;
use crate::model::vantage::Vantage;
use crate::wire::{self, AgentHello, ToAgent};

use super::link::{Link, Mended};
use super::live::Live;
use super::overdue::Owed;

/// The controller's own sign of life: agents that hear nothing for 5 minutes end themselves.
const SPEAK_EVERY: Duration = Duration::from_secs(30);

/// How an agent stands.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "nearly every agent is the largest of these for nearly all of a run")]
pub(super) enum Agent {
    /// The backend has not told of it yet.
    Coming,
    /// There is a way to it, and it has not said hello yet.
    Called(Link),
    /// It is there.
    Live(Live),
    /// It never came.
    Absent { why: String, help: Vec<String> },
    /// It was there, and is no more.
    Gone { loss: Loss, hello: AgentHello },
}

/// How an agent was lost.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Loss {
    /// Nothing is heard from it any more.
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

/// What a hello made of an agent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Greeted {
    /// It is there now.
    First,
    /// It was there before, and is connected again; what that mended, if the connection had broken.
    Again(Option<Mended>),
    /// Nothing: it said it twice over one connection, or nobody waits for it.
    Ignored,
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

    /// The way to an agent that may still be heard.
    pub(super) fn link_mut(&mut self, vantage: &Vantage) -> Option<&mut Link> {
        match self.agents.get_mut(vantage) {
            Some(Agent::Called(link) | Agent::Live(Live { link, .. })) => Some(link),
            Some(Agent::Coming | Agent::Absent { .. } | Agent::Gone { .. }) | None => None,
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

    /// What an agent said of itself, whether it is still there or not.
    pub(super) fn hello(&self, vantage: &Vantage) -> Option<&AgentHello> {
        match self.agents.get(vantage) {
            Some(Agent::Live(Live { hello, .. }) | Agent::Gone { hello, .. }) => Some(hello),
            Some(Agent::Coming | Agent::Called(_) | Agent::Absent { .. }) | None => None,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.agents.len()
    }

    /// Whether of every agent it is known that it is there, or that it will not be.
    pub(super) fn settled(&self) -> bool {
        !self.agents.values().any(|agent| matches!(agent, Agent::Coming | Agent::Called(_)))
    }

    /// There is a way to it.
    pub(super) fn expect(&mut self, vantage: &Vantage, line: Line) {
        self.set(vantage, Agent::Called(Link::new(line)));
    }

    /// It said hello: it is there, or what it says of itself makes that impossible.
    pub(super) fn greet(&mut self, vantage: &Vantage, hello: &AgentHello) -> Result<Greeted, String> {
        if !self.link_mut(vantage).is_some_and(|link| link.greets()) {
            return Ok(Greeted::Ignored);
        }
        refusal(&self.run, vantage, hello)?;
        let (mut live, first) = match self.agents.remove(vantage) {
            Some(Agent::Called(link)) => (Live::new(link, hello.clone()), true),
            Some(Agent::Live(live)) => (live, false),
            Some(Agent::Coming | Agent::Absent { .. } | Agent::Gone { .. }) | None => return Ok(Greeted::Ignored),
        };
        let resumed = live.resume(hello);
        self.set(vantage, Agent::Live(live));
        resumed.map(|mended| if first { Greeted::First } else { Greeted::Again(mended) })
    }

    /// It never came.
    pub(super) fn give_up(&mut self, vantage: &Vantage, why: String, help: Vec<String>) {
        self.set(vantage, Agent::Absent { why, help });
    }

    /// It is no more.
    pub(super) fn lose(&mut self, vantage: &Vantage, loss: Loss) {
        if let Some(Live { hello, .. }) = self.live(vantage) {
            let hello = hello.clone();
            self.set(vantage, Agent::Gone { loss, hello });
        }
    }

    /// What became of its node is a part of why it was lost.
    pub(super) fn explain(&mut self, vantage: &Vantage, fate: &str) {
        if let Some(Agent::Absent { why, .. } | Agent::Gone { loss: Loss::Lost(why), .. }) = self.agents.get_mut(vantage) {
            *why = format!("{fate}: {why}");
        }
    }

    fn set(&mut self, vantage: &Vantage, agent: Agent) {
        self.agents.insert(vantage.clone(), agent);
    }

    /// Time has passed: ends connections that do not work, and names those agents that are lost, with why.
    pub(super) fn pass(&mut self) -> Vec<(Vantage, String)> {
        let lost = |agent: &mut Agent| match agent {
            Agent::Called(link) => link.pass(),
            Agent::Live(live) => live.pass(),
            Agent::Coming | Agent::Absent { .. } | Agent::Gone { .. } => None,
        };
        self.agents.iter_mut().filter_map(|(vantage, agent)| Some((vantage.clone(), lost(agent)?))).collect()
    }

    /// So much time has passed: names those agents that are there and do not finish the first share that they owe, with why.
    pub(super) fn work(&mut self, gap: Duration, owed: impl Fn(&Vantage) -> Option<Owed>) -> Vec<(Vantage, String)> {
        let late = |(vantage, agent): (&Vantage, &mut Agent)| match agent {
            Agent::Live(live) => Some((vantage.clone(), live.work(owed(vantage), gap)?)),
            Agent::Coming | Agent::Called(_) | Agent::Absent { .. } | Agent::Gone { .. } => None,
        };
        self.agents.iter_mut().filter_map(late).collect()
    }

    /// Lets every agent that is connected know that the controller is there, if it is time.
    pub(super) fn speak(&mut self) {
        if self.spoke.elapsed() < SPEAK_EVERY {
            return;
        }
        self.spoke = Instant::now();
        for (_, live) in self.all_live() {
            live.link.say(ToAgent::Ask { number: 0 });
        }
    }

    /// We stood still ourselves for so long: nobody is to blame for what we did not hear then.
    pub(super) fn excuse(&mut self, gap: Duration) {
        for agent in self.agents.values_mut() {
            match agent {
                Agent::Called(link) => link.excuse(gap),
                Agent::Live(live) => live.excuse(gap),
                Agent::Coming | Agent::Absent { .. } | Agent::Gone { .. } => {}
            }
        }
    }

    /// Says `stop` to those that are connected. They end their connections, and none follows.
    pub(super) fn stop(self) {
        for agent in self.agents.into_values() {
            if let Agent::Live(live) = agent {
                live.link.farewell(ToAgent::Stop);
            }
        }
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
