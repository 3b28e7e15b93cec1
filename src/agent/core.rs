//! An agent's lasting state, which conversations and the worker share. It must not know lines or sockets.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use crate::model::units::Micros;
use crate::probe::Longest;
use crate::wire::{self, AgentHello, Beat, FromAgent, Share};

use super::duties::Duties;
use super::outbox::Outbox;
use super::{Identity, Prober};

/// What conversations and the worker share.
pub(super) struct Core {
    pub(super) identity: Identity,
    pub(super) prober: Prober,
    state: Mutex<State>,
    /// There may be something to do.
    duty: Notify,
    /// There may be something to tell.
    news: watch::Sender<()>,
    /// How many conversations there were: an older one ends when a newer begins.
    conversations: watch::Sender<u64>,
}

/// What changes.
#[derive(Debug)]
pub(super) struct State {
    pub(super) outbox: Outbox,
    pub(super) duties: Duties,
    /// When a controller last said anything. That a connection is there says nothing: whoever carries it may keep it open
    /// long after the controller has gone.
    pub(super) heard: Instant,
    /// The longest that the process stood still; none where nobody watches.
    stalled: Option<Longest>,
    /// The last question with a number, and what was told with its answer.
    answered: Option<(u64, Micros)>,
}

impl std::fmt::Debug for Core {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Core").field("identity", &self.identity).field("state", &self.state).finish_non_exhaustive()
    }
}

/// Work stops at so many unconfirmed records, and goes on when they are confirmed: bounds the memory.
const UNCONFIRMED_LIMIT: usize = 10 * wire::TARGETS_LIMIT;

impl Core {
    /// One that has nothing to do yet.
    pub(super) fn new(identity: Identity, prober: Prober) -> Self {
        let state = State { outbox: Outbox::new(), duties: Duties::default(), heard: Instant::now(), stalled: None, answered: None };
        Self {
            identity,
            prober,
            state: Mutex::new(state),
            duty: Notify::new(),
            news: watch::Sender::new(()),
            conversations: watch::Sender::new(0),
        }
    }

    /// When a controller last said anything.
    pub(super) fn heard(&self) -> Instant {
        self.state().heard
    }

    /// From now on somebody looks whether the process runs.
    pub(super) fn watched(&self, now: std::time::Instant) {
        self.state().stalled = Some(Longest::new(now));
    }

    /// It ran.
    pub(super) fn ran(&self, now: std::time::Instant) {
        if let Some(stalled) = &mut self.state().stalled {
            stalled.ran(now);
        }
    }

    /// Reads or changes the state; whoever waits for duties or news then looks again.
    pub(super) fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        let result = change(&mut self.state());
        self.duty.notify_one();
        self.news.send_replace(());
        result
    }

    /// The next share to do, as soon as there is one and room for its outcomes.
    pub(super) async fn next_duty(&self) -> (Share, tokio_util::sync::CancellationToken) {
        loop {
            let next = {
                let mut state = self.state();
                if state.outbox.len() < UNCONFIRMED_LIMIT { state.duties.start(Instant::now()) } else { None }
            };
            match next {
                Some(next) => return next,
                None => self.duty.notified().await,
            }
        }
    }

    /// The first record with this number or a higher one, as soon as there is one, and its number.
    pub(super) async fn next_record(&self, news: &mut watch::Receiver<()>, number: u64) -> (u64, FromAgent) {
        loop {
            news.mark_unchanged();
            if let Some((number, record)) = self.state().outbox.from(number) {
                return (number, record.clone());
            }
            if news.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// For [`Core::next_record`].
    pub(super) fn news(&self) -> watch::Receiver<()> {
        self.news.subscribe()
    }

    /// A new conversation begins; what is returned changes when a newer one does.
    pub(super) fn enter(&self) -> watch::Receiver<u64> {
        self.conversations.send_modify(|conversations| *conversations += 1);
        self.conversations.subscribe()
    }

    pub(super) fn hello(&self) -> FromAgent {
        let Identity { run, node, addresses, tcp, udp, icmp, mtu, resolver, routes } = self.identity.clone();
        let (version, wire) = (env!("CARGO_PKG_VERSION").to_owned(), wire::VERSION);
        let state = self.state();
        let (next, known) = (state.outbox.next(), state.duties.known());
        FromAgent::Hello(AgentHello { wire, version, run, node, addresses, tcp, udp, icmp, mtu, resolver, routes, next, known })
    }

    pub(super) fn beat(&self, answers: u64) -> FromAgent {
        let mut state = self.state();
        let stalled = state.stalled(answers, std::time::Instant::now());
        FromAgent::Beat(Beat { answers, share: state.duties.current(), stalled, known: state.duties.known() })
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The longest that the process stood still, as the answer to that number tells it.
    fn stalled(&mut self, answers: u64, now: std::time::Instant) -> Micros {
        let watched = |longest: Option<Duration>| Micros::of(longest.unwrap_or_default());
        match self.answered {
            // A beat that nobody waits for may be dropped unread: it must not use up what it tells.
            _ if answers == 0 => watched(self.stalled.as_mut().map(|stalled| stalled.ran(now))),
            // Whoever asks again may not have got it.
            Some((number, told)) if number == answers => told,
            Some(_) | None => {
                let told = watched(self.stalled.as_mut().map(|stalled| stalled.take(now)));
                self.answered = Some((answers, told));
                told
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_asked_again_gets_the_same_answer() {
        let start = std::time::Instant::now();
        let at = |millis: u64| start + Duration::from_millis(millis);
        let longest = Some(Longest::new(start));
        let mut state = State { outbox: Outbox::new(), duties: Duties::default(), heard: Instant::now(), stalled: longest, answered: None };
        // The process stands still for 3 s, is asked, and runs well from then on.
        let stall = Micros(2_980_000);
        assert_eq!(state.stalled(1, at(3_000)), stall);
        assert_eq!(state.stalled(0, at(3_020)), Micros(0));
        assert_eq!(state.stalled(1, at(3_030)), stall);
        assert_eq!(state.stalled(2, at(3_040)), Micros(0));
        assert_eq!(state.stalled(2, at(4_060)), Micros(0), "what came since is for the next number");
        assert_eq!(state.stalled(3, at(4_060)), Micros(1_000_000));
    }
}
