//! For how long nothing was heard from an agent, and whose doing that is: only its own silence is held against it.
//! It must not know what a connection is.

use std::time::Duration;

use tokio::time::Instant;

/// Whose doing it is that nothing is heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Doing {
    /// The agent's: it is connected and says nothing, or does not answer.
    Agent,
    /// That of the way to it.
    Way,
    /// Our own: we have not called it.
    Ours,
}

/// A silence so far: periods one after the other, the last of which still goes on.
#[derive(Debug)]
pub(super) struct Silence {
    /// Of the periods before.
    agent: Duration,
    way: Duration,
    /// Of the last one.
    since: Instant,
    doing: Doing,
}

impl Silence {
    /// One that begins, by our own doing.
    pub(super) fn new() -> Self {
        Self { agent: Duration::ZERO, way: Duration::ZERO, since: Instant::now(), doing: Doing::Ours }
    }

    /// Something was heard from the agent, and more than a hello: all is forgotten. If nothing more comes, it is the agent's doing.
    pub(super) fn broken(&mut self) {
        *self = Self { doing: Doing::Agent, ..Self::new() };
    }

    /// The last period is over; the next one is this one's doing.
    pub(super) fn turn(&mut self, doing: Doing) {
        let (agent, way) = (self.agents(), self.ways());
        *self = Self { agent, way, since: Instant::now(), doing };
    }

    /// The last period was this one's doing after all, and goes on.
    pub(super) fn blame(&mut self, doing: Doing) {
        self.doing = doing;
    }

    /// All of it was the doing of the way to the agent, it turns out, and that goes on.
    pub(super) fn acquit(&mut self) {
        let way = self.agents() + self.ways();
        *self = Self { agent: Duration::ZERO, way, since: Instant::now(), doing: Doing::Way };
    }

    /// We stood still ourselves for so long.
    pub(super) fn excuse(&mut self, gap: Duration) {
        self.since += gap;
    }

    /// How long the agent has been silent.
    pub(super) fn agents(&self) -> Duration {
        self.agent + if self.doing == Doing::Agent { self.since.elapsed() } else { Duration::ZERO }
    }

    /// How long there was no way to it.
    pub(super) fn ways(&self) -> Duration {
        self.way + if self.doing == Doing::Way { self.since.elapsed() } else { Duration::ZERO }
    }

    /// Whose doing it is now.
    pub(super) const fn doing(&self) -> Doing {
        self.doing
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn pass(seconds: u64) {
        tokio::time::advance(Duration::from_secs(seconds)).await;
    }

    #[track_caller]
    fn check(silence: &Silence, agent: u64, way: u64) {
        assert_eq!((silence.agents().as_secs(), silence.ways().as_secs()), (agent, way));
    }

    #[tokio::test(start_paused = true)]
    async fn each_period_counts_for_whoever_made_it() {
        let mut silence = Silence::new();
        pass(100).await;
        check(&silence, 0, 0);
        silence.turn(Doing::Way);
        pass(2).await;
        silence.turn(Doing::Agent);
        pass(5).await;
        check(&silence, 5, 2);
        silence.turn(Doing::Way);
        pass(4).await;
        silence.blame(Doing::Agent);
        check(&silence, 9, 2);
        silence.turn(Doing::Ours);
        pass(50).await;
        check(&silence, 9, 2);
        silence.turn(Doing::Agent);
        pass(1).await;
        silence.acquit();
        pass(1).await;
        check(&silence, 0, 13);
        silence.broken();
        check(&silence, 0, 0);
        pass(3).await;
        silence.excuse(Duration::from_secs(2));
        check(&silence, 1, 0);
    }
}
