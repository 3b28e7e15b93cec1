//! The way to one agent: open or not, what was heard over it last, and what speaks against it. It must not know what is said.

use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::backend::Line;
use crate::wire::ToAgent;

use super::silence::{Doing, Silence};

/// From the connection to the agent's hello.
const HELLO_WITHIN: Duration = Duration::from_secs(10);

/// A connection over which nothing comes for so long does not work, or its agent does not: four beats of 5 s.
const SILENCE: Duration = Duration::from_secs(20);

/// An agent that is silent for so long, and again over a second connection, is lost. A hello alone breaks no silence.
const AGENT_LIMIT: Duration = Duration::from_secs(30);

/// An agent to which there was no way for so long is lost as well.
const WAY_LIMIT: Duration = Duration::from_secs(120);

/// So many connections that broke after the hello and nothing else are the agent's doing: one that answers at once seldom meets
/// with that more than once in a row, even where the way to it breaks every second.
const MUTES: u32 = 5;

/// Connections that broke because of what came over them, within [`DOUBTS_WITHIN`] and without anything new: whoever is
/// behind them will not say it better the next time.
const DOUBTS: usize = 5;

/// How long a doubt lasts.
const DOUBTS_WITHIN: Duration = Duration::from_secs(60);

/// What was said over another connection is said for nothing.
type Orders = mpsc::UnboundedSender<ToAgent>;

/// The way to one agent.
#[derive(Debug)]
pub(super) struct Link {
    // Before the state: whoever loses its orders should see that nothing more is wanted.
    line: Line,
    /// There is to be a connection.
    called: bool,
    state: State,
    silence: Silence,
    /// Attempts since something was heard last that came to nothing because of the agent.
    failures: u32,
    /// Connections since then that broke after the hello and nothing else.
    mutes: u32,
    doubts: Vec<Instant>,
    /// What was in the way last.
    trouble: String,
    /// When the last connection of use ended and why, unless we wanted it so.
    broken: Option<(Instant, String)>,
}

#[derive(Debug)]
enum State {
    /// There is no connection.
    Closed,
    /// There is one, and no hello yet.
    Greeting { orders: Orders, since: Instant },
    /// There is one. Something was heard over it last at that time; if it is mute, nothing but the hello.
    Open { orders: Orders, heard: Instant, mute: bool },
}

/// How a connection came back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Mended {
    /// What had ended the one before it.
    pub(super) why: String,
    /// How long there was none.
    pub(super) away: Duration,
}

impl Link {
    /// Nobody has been called yet.
    pub(super) fn new(line: Line) -> Self {
        let (state, silence) = (State::Closed, Silence::new());
        Self { line, called: false, state, silence, failures: 0, mutes: 0, doubts: Vec::new(), trouble: String::new(), broken: None }
    }

    /// There is to be a connection.
    pub(super) fn call(&mut self) {
        if self.silence.doing() == Doing::Ours {
            self.silence.turn(Doing::Way);
        }
        self.called = true;
        self.line.call();
    }

    /// There is to be none. An agent that answered last is not to blame for what is not heard then.
    pub(super) fn rest(&mut self) {
        if let State::Open { heard, mute, .. } = &self.state {
            self.failures += u32::from(*mute && heard.elapsed() > HELLO_WITHIN);
            self.silence.turn(Doing::Ours);
        }
        self.called = false;
        self.state = State::Closed;
        self.line.rest();
    }

    /// Whether there is to be no connection for now.
    pub(super) const fn rests(&self) -> bool {
        !self.called
    }

    /// Whether hellos were exchanged, and the connection is there.
    pub(super) const fn is_open(&self) -> bool {
        matches!(self.state, State::Open { .. })
    }

    /// Whether more than a hello came over the present connection.
    pub(super) const fn answers(&self) -> bool {
        matches!(self.state, State::Open { mute: false, .. })
    }

    /// Whether there is a connection over which no hello has come yet.
    pub(super) const fn greets(&self) -> bool {
        matches!(self.state, State::Greeting { .. })
    }

    /// Says it over the connection, if there is one. Whatever is not said, or gets lost, follows from the state of the run
    /// once the agent says hello again.
    pub(super) fn say(&self, message: ToAgent) {
        if let State::Open { orders, .. } = &self.state {
            // If the connection is broken already, its session says so next.
            let _ = orders.send(message);
        }
    }

    /// There is a connection.
    pub(super) fn connected(&mut self, orders: Orders) {
        if self.called {
            self.silence.turn(Doing::Agent);
            self.state = State::Greeting { orders, since: Instant::now() };
        }
    }

    /// The agent's hello came over it. Says what was mended by that. Whether somebody is there shows in what follows.
    pub(super) fn greeted(&mut self) -> Option<Mended> {
        if let State::Greeting { orders, .. } = std::mem::replace(&mut self.state, State::Closed) {
            self.state = State::Open { orders, heard: Instant::now(), mute: true };
        }
        self.broken.take().map(|(since, why)| Mended { why, away: since.elapsed() })
    }

    /// Something was heard after the hello.
    pub(super) fn heard(&mut self) {
        self.silence.broken();
        (self.failures, self.mutes) = (0, 0);
        if let State::Open { heard, mute, .. } = &mut self.state {
            (*heard, *mute) = (Instant::now(), false);
        }
    }

    /// Something new arrived whole: what comes over this link can be believed.
    pub(super) fn trusted(&mut self) {
        self.doubts.clear();
    }

    /// The connection ended by itself.
    pub(super) fn broke(&mut self, why: String) {
        match &self.state {
            // It is one that we ended; what for is known.
            State::Closed => return,
            State::Greeting { .. } => {
                self.failures += 1;
                self.silence.turn(Doing::Agent);
            }
            State::Open { mute: true, .. } => {
                self.mutes += 1;
                self.silence.turn(Doing::Agent);
                return self.end(format!("it said hello and nothing else: {why}"));
            }
            State::Open { mute: false, .. } => self.silence.turn(Doing::Way),
        }
        self.end(why);
    }

    /// Ends the connection, because nothing comes over it that should; another follows.
    pub(super) fn hang_up(&mut self, why: String) {
        self.failures += 1;
        self.silence.turn(Doing::Way);
        self.end(why);
    }

    fn end(&mut self, why: String) {
        if self.is_open() {
            self.broken = Some((Instant::now(), why.clone()));
        }
        self.state = State::Closed;
        self.trouble = why;
    }

    /// There is no way to the agent now.
    pub(super) fn no_way(&mut self, why: String) {
        if self.called {
            self.silence.acquit();
            self.trouble = why;
        }
    }

    /// The agent does not answer now.
    pub(super) fn no_answer(&mut self, why: String) {
        if self.called {
            self.failures += 1;
            self.silence.blame(Doing::Agent);
            self.silence.turn(Doing::Agent);
            self.trouble = why;
        }
    }

    /// What came over the connection makes no sense. Ends it, and says whether there is still hope.
    pub(super) fn doubt(&mut self, why: &str) -> Result<(), String> {
        self.doubts.retain(|doubt| doubt.elapsed() < DOUBTS_WITHIN);
        self.doubts.push(Instant::now());
        self.silence.turn(Doing::Way);
        self.end(why.to_owned());
        if self.doubts.len() < DOUBTS { Ok(()) } else { Err(format!("{why} ({DOUBTS} times, over as many connections)")) }
    }

    /// Time has passed: ends a connection that does not work, and says why the agent is lost, if it is.
    pub(super) fn pass(&mut self) -> Option<String> {
        match &self.state {
            State::Greeting { since, .. } if since.elapsed() > HELLO_WITHIN => {
                let again = if self.broken.is_some() { " again" } else { "" };
                self.hang_up(format!("connected{again}, it said no hello within {} s", HELLO_WITHIN.as_secs()));
            }
            State::Open { heard, .. } if heard.elapsed() > SILENCE => {
                self.hang_up(format!("it said nothing for {} s", SILENCE.as_secs()));
            }
            State::Closed | State::Greeting { .. } | State::Open { .. } => {}
        }
        // Whoever has just said hello may be about to say more.
        let limit = if self.is_open() { AGENT_LIMIT + HELLO_WITHIN } else { AGENT_LIMIT };
        if self.silence.agents() > limit && (self.failures > 1 || self.mutes >= MUTES) {
            return Some(format!("nothing was heard from it for {} s: {}", AGENT_LIMIT.as_secs(), self.trouble));
        }
        let away = !self.is_open() && self.silence.ways() > WAY_LIMIT;
        away.then(|| format!("there was no way to it for {} s: {}", WAY_LIMIT.as_secs(), self.trouble))
    }

    /// We stood still ourselves for so long: nobody is to blame for what we did not hear then.
    pub(super) fn excuse(&mut self, gap: Duration) {
        self.silence.excuse(gap);
        match &mut self.state {
            State::Greeting { since: last, .. } | State::Open { heard: last, .. } => *last += gap,
            State::Closed => {}
        }
    }

    /// Says the last word, if there is a connection: it stays until the agent ends it.
    pub(super) fn farewell(self, last: ToAgent) {
        self.say(last);
        self.line.farewell();
    }
}
