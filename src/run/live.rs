//! An agent that said hello: what was asked of it, what it has told, and whether it lived on. It must not know what a
//! record is evidence of.

use std::net::IpAddr;
use std::time::Duration;

use tokio::time::Instant;

use crate::model::family::Family;
use crate::model::units::Micros;
use crate::wire::{self, AgentHello, Beat, ControllerHello, Resolver, ToAgent};

use super::link::{Link, Mended};
use super::overdue::{Chance, Owed, Work};

/// An agent that is there, though perhaps not connected now.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) link: Link,
    /// Its first.
    pub(super) hello: AgentHello,
    /// The last question for a sign of life.
    asked: Option<Ask>,
    /// When that question was asked which it answered last.
    confirmed: Option<Instant>,
    stalls: Stalls,
    /// The last sequence number that arrived.
    received: u64,
    /// The last sequence number that was acknowledged.
    acknowledged: u64,
    /// The number of its next record when it said hello last.
    promised: u64,
    /// The highest share that it is known to have.
    pub(super) known: Option<u32>,
    /// It gave a sign of life since its last hello: so it has ours.
    beats: bool,
    work: Work,
}

/// A question for a sign of life.
#[derive(Debug, Clone, Copy)]
struct Ask {
    number: u64,
    /// When it was asked first.
    at: Instant,
    /// When it was asked over the present connection; none where that has not been possible.
    said: Option<Instant>,
    /// How long it was waited for over the connections before.
    waited: Duration,
}

/// From the question for a sign of life until the connection counts as broken.
const ANSWER_WITHIN: Duration = Duration::from_secs(10);

/// As long as this over all connections, and the agent counts as lost.
const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// How long ago each answer to a question told of a process that stood still. Only those that no later one exceeds.
#[derive(Debug, Default)]
struct Stalls(Vec<(Instant, Micros)>);

impl Stalls {
    fn tell(&mut self, stalled: Micros) {
        while self.0.pop_if(|(_, before)| *before <= stalled).is_some() {}
        self.0.push((Instant::now(), stalled));
    }

    fn since(&self, moment: Instant) -> Micros {
        let first = self.0.partition_point(|(told, _)| *told < moment);
        self.0.get(first).map_or(Micros(0), |(_, stalled)| *stalled)
    }
}

impl Live {
    /// It said its first hello; what it is answered goes over its link.
    pub(super) fn new(link: Link, hello: AgentHello) -> Self {
        let (promised, known) = (hello.next, hello.known);
        let (stalls, work) = (Stalls::default(), Work::default());
        Self { link, hello, asked: None, confirmed: None, stalls, received: 0, acknowledged: 0, promised, known, beats: false, work }
    }

    /// Its hello came, the first or another: answers it, goes on where the last connection ended, and says what was mended.
    pub(super) fn resume(&mut self, hello: &AgentHello) -> Result<Option<Mended>, String> {
        let same = |hello: &AgentHello| (hello.addresses.clone(), hello.tcp, hello.udp);
        if same(hello) != same(&self.hello) || hello.next <= self.received {
            return Err("it began anew: what it had measured is gone".to_owned());
        }
        (self.promised, self.known, self.beats) = (hello.next, hello.known, false);
        let mended = self.link.greeted();
        self.acknowledged = self.received;
        let (wire, run, from) = (wire::VERSION, hello.run.clone(), self.received + 1);
        self.link.say(ToAgent::Hello(ControllerHello { wire, run, from }));
        self.stop_waiting();
        // Even where nothing is to be known: it is the answer, not the hello, that shows that somebody is there.
        let number = self.unanswered().map_or(0, |asked| asked.number);
        self.link.say(ToAgent::Ask { number });
        if number > 0 {
            self.asked = self.asked.map(|asked| Ask { said: Some(Instant::now()), ..asked });
        }
        Ok(mended)
    }

    /// Whether the record with that number is new. One that was sent again is no harm; one that is missing before it is.
    pub(super) fn in_sequence(&mut self, sequence: u64) -> Result<bool, String> {
        let due = self.received + 1;
        if sequence > due {
            return Err(format!("record {sequence} came where {due} was due: something was lost on the way"));
        }
        if sequence == due {
            self.received = sequence;
            self.link.trusted();
            self.work.told();
        }
        Ok(sequence == due)
    }

    /// Acknowledges what was received, if that is at least so much.
    pub(super) fn acknowledge(&mut self, every: u64) {
        if self.received - self.acknowledged >= every {
            self.acknowledged = self.received;
            self.link.say(ToAgent::Ack { sequence: self.received });
        }
    }

    /// Whether it is known to have been there after that moment: it answered a question that was asked then. When its other
    /// words arrived says nothing of when they were said.
    pub(super) fn lived_past(&self, moment: Instant) -> bool {
        self.confirmed.is_some_and(|asked_at| asked_at >= moment)
    }

    /// How long it stood still at most, as far as it was told since that moment: perhaps a while before it.
    pub(super) fn stalled_since(&self, moment: Instant) -> Micros {
        self.stalls.since(moment)
    }

    /// Asks for a sign of life, unless that was asked. A question waits for the answer to the one before it, which may tell of a
    /// process that stood still, and tells it once.
    pub(super) fn ask(&mut self, lost_at: Instant) {
        if self.unanswered().is_some() || self.asked.is_some_and(|asked| asked.at >= lost_at) {
            return;
        }
        let number = self.asked.map_or(0, |asked| asked.number) + 1;
        let at = Instant::now();
        self.asked = Some(Ask { number, at, said: self.link.is_open().then_some(at), waited: Duration::ZERO });
        self.link.say(ToAgent::Ask { number });
    }

    /// Time has passed: ends a connection that does not work, and says why the agent is lost, if it is.
    pub(super) fn pass(&mut self) -> Option<String> {
        if !self.link.is_open() {
            self.stop_waiting();
        } else if let Some(asked) = self.unanswered() {
            let waited = asked.said.map_or(Duration::ZERO, |said| said.elapsed());
            if asked.waited + waited > ANSWER_LIMIT {
                return Some(format!("it gave no sign of life for {} s after packets to it were lost", ANSWER_LIMIT.as_secs()));
            }
            if waited > ANSWER_WITHIN {
                self.stop_waiting();
                self.link.hang_up(format!("it gave no sign of life for {} s", ANSWER_WITHIN.as_secs()));
            }
        }
        self.link.pass()
    }

    /// So much time has passed: says what is wrong if it does not finish the first share that it owes.
    pub(super) fn work(&mut self, owed: Option<Owed>, gap: Duration) -> Option<String> {
        let chance = if self.link.answers() {
            Chance::Tell
        } else if self.link.rests() && self.known >= owed.map(|owed| owed.share) {
            Chance::Work
        } else {
            Chance::Nothing
        };
        self.work.pass(owed, gap, chance)
    }

    fn stop_waiting(&mut self) {
        if let Some(asked) = &mut self.asked {
            asked.waited += asked.said.take().map_or(Duration::ZERO, |said| said.elapsed());
        }
    }

    fn unanswered(&self) -> Option<&Ask> {
        self.asked.as_ref().filter(|asked| self.confirmed.is_none_or(|confirmed| confirmed < asked.at))
    }

    /// It gave a sign of life.
    pub(super) fn beat(&mut self, beat: &Beat) {
        (self.known, self.beats) = (beat.known, true);
        if let Some(asked) = self.unanswered().copied().filter(|asked| asked.number == beat.answers) {
            self.stalls.tell(beat.stalled);
            self.confirmed = Some(asked.at);
        }
    }

    /// Whether everything that was said to it has arrived, the shares up to that one too, and everything that it had to say
    /// at its last hello. One that should have told more by now has its time for it.
    pub(super) fn is_done(&self, last_share: Option<u32>) -> bool {
        let has_told = self.received + 1 >= self.promised && !self.work.is_overdue();
        self.link.is_open() && self.beats && self.known >= last_share && has_told && self.unanswered().is_none()
    }

    /// We stood still ourselves for so long.
    pub(super) fn excuse(&mut self, gap: Duration) {
        self.link.excuse(gap);
        if let Some(Ask { said: Some(said), .. }) = &mut self.asked {
            *said += gap;
        }
    }

    /// The first name server of that family in its resolv.conf.
    pub(super) fn name_server(&self, family: Family) -> Option<IpAddr> {
        match &self.hello.resolver {
            Resolver::Conf(conf) => conf.of(family).next().map(|server| server.address),
            Resolver::Unreadable(_) => None,
        }
    }

    /// Where it answers in that family.
    pub(super) fn address(&self, family: Family) -> Option<std::net::IpAddr> {
        self.hello.addresses.iter().copied().find(|address| Family::of(*address) == family)
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;
    use crate::backend::Session;
    use crate::model::units::Port;
    use crate::model::vantage::Vantage;
    use crate::wire::IcmpMode;

    fn live() -> Live {
        let session = Session::over(Vantage::pod("n"), tokio::io::empty(), tokio::io::sink(), futures::future::pending().boxed());
        let port = Port::new(7411).unwrap();
        let (wire, version, run, node) = (wire::VERSION, String::new(), String::new(), "n".to_owned());
        let (addresses, icmp) = (Vec::new(), IcmpMode::Datagram);
        let hello = AgentHello {
            wire,
            version,
            run,
            node,
            addresses,
            tcp: port,
            udp: port,
            icmp,
            mtu: 0,
            resolver: wire::Resolver::default(),
            routes: Vec::new(),
            next: 1,
            known: None,
        };
        Live::new(Link::new(session.line), hello)
    }

    fn answer(live: &mut Live, number: u64, stalled: u64) {
        live.beat(&Beat { answers: number, share: None, stalled: Micros(stalled), known: None });
    }

    #[tokio::test(start_paused = true)]
    async fn only_the_first_answer_to_a_question_counts() {
        let mut live = live();
        let began = Instant::now();
        for number in [0, 1, 7] {
            answer(&mut live, number, 9);
        }
        assert_eq!(live.stalls.0, [], "nothing was asked");
        live.ask(began);
        answer(&mut live, 1, 1_000_000);
        assert!(live.lived_past(began));
        for stalled in (0..100_000).rev() {
            answer(&mut live, 1, stalled);
        }
        assert_eq!(live.stalls.0.len(), 1, "answers that nobody waits for take no room");
        assert_eq!(live.stalled_since(began), Micros(1_000_000));
    }

    /// What an answer tells of a process that stood still is told once: the next question must not take its place.
    #[tokio::test(start_paused = true)]
    async fn no_question_takes_the_place_of_one_that_was_not_answered() {
        let mut live = live();
        live.ask(Instant::now());
        tokio::time::advance(Duration::from_secs(1)).await;
        let lost_later = Instant::now();
        live.ask(lost_later);
        answer(&mut live, 2, 0);
        assert!(!live.lived_past(lost_later), "nobody asked that yet");
        answer(&mut live, 1, 3_000_000);
        assert!(!live.lived_past(lost_later), "it was asked before that");
        live.ask(lost_later);
        answer(&mut live, 2, 0);
        assert!(live.lived_past(lost_later));
        assert_eq!(live.stalled_since(lost_later), Micros(3_000_000));
    }
}
