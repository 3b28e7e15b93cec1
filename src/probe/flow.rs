//! A single question over a port of its own: a flow that nobody has seen before, and what comes over it yet when the question is settled.
//! It must not know the others of its burst.

use std::time::{Duration, Instant};

use crate::model::outcome::{Miss, Obstacle, Sight};

use super::errand::Errand;
use super::form::{Datagram, Form};
use super::heard::{Came, HEAR_LIMIT};
use super::pace::{Cost, Ticket};
use super::packet::printable;
use super::patience::Patience;
use super::socket::{Heard, Line, Sent};
use super::tally::Ledger;

/// What became of it.
pub(super) struct Fate {
    pub(super) sequence: u32,
    pub(super) end: End,
    /// What came to its socket and was not ours.
    pub(super) foreign: u32,
    /// Its socket, where something may come yet.
    pub(super) flow: Option<Flow>,
    _ticket: Ticket,
}

/// How it ended.
pub(super) enum End {
    /// Answered after so long; what the answer said of a backend.
    Answered(Duration, Option<Box<Sight>>),
    /// Nothing came in time.
    TimedOut,
    /// It is known why there is no answer.
    Missed(Miss),
    /// It could not be asked.
    NotAsked(Obstacle),
}

impl End {
    /// Whether its answer came, in time or not: what comes then came twice.
    const fn is_answered(&self) -> bool {
        matches!(self, Self::Answered(..) | Self::Missed(Miss::Late))
    }
}

/// Asks, and waits no longer than `limit`.
pub(super) async fn question(errand: &Errand, sequence: u32, limit: Duration, ticket: Ticket) -> Fate {
    let mut flow = match Flow::asked(errand, sequence).await {
        Ok(flow) => flow,
        Err(end) => return Fate { sequence, end, foreign: 0, flow: None, _ticket: ticket },
    };
    let mut foreign = 0;
    let end = match tokio::time::timeout(limit, flow.answer(errand, &mut foreign)).await {
        Ok(Ok(Answered { latency, sight })) if latency <= limit => End::Answered(latency, sight.map(Box::new)),
        // Who was not run for a while sees the answer before its own alarm, though both are due.
        Ok(Ok(_)) => End::Missed(Miss::Late),
        Ok(Err(end)) => end,
        Err(_elapsed) => End::TimedOut,
    };
    flow.answered = end.is_answered();
    let flow = Some(flow).filter(|flow| flow.answered || matches!(end, End::TimedOut));
    Fate { sequence, end, foreign, flow, _ticket: ticket }
}

/// Until a Service answers that has just been made, or should have.
pub(super) async fn ready(errand: &Errand) -> Result<(), Obstacle> {
    let mut patience = Patience::with(errand);
    while patience.lasts() {
        let ticket = errand.pacer.admit(patience.due(), Cost::Flow).await;
        match question(errand, 0, Patience::OF_ONE, ticket).await.end {
            End::Answered(..) => return Ok(()),
            End::TimedOut | End::Missed(_) => {}
            End::NotAsked(obstacle) => return Err(obstacle),
        }
    }
    Ok(())
}

struct Answered {
    latency: Duration,
    sight: Option<Sight>,
}

/// What came over the socket of a question.
enum Word {
    /// It is known why there is no answer.
    Missed(Miss),
    Answer {
        arrived: Instant,
        sight: Option<Sight>,
    },
    /// Nothing that was meant for it.
    Foreign,
    Elsewhere,
}

/// The socket of a question that was asked.
pub(super) struct Flow {
    line: Line,
    form: Form,
    sequence: u32,
    asked: Instant,
    answered: bool,
}

impl Flow {
    async fn asked(errand: &Errand, sequence: u32) -> Result<Self, End> {
        let family = errand.burst.family;
        let (socket, form) = Datagram::Udp.open(family, &errand.peer).map_err(End::NotAsked)?;
        let mut line = Line::over(socket, errand.source, None).map_err(End::NotAsked)?;
        let bytes = form.write(&errand.question(sequence), family);
        match line.send(&bytes, errand.to).await.map_err(End::NotAsked)? {
            Sent::Missed(_, miss) => Err(End::Missed(miss)),
            Sent::At(asked) => Ok(Self { line, form, sequence, asked, answered: false }),
        }
    }

    async fn answer(&mut self, errand: &Errand, foreign: &mut u32) -> Result<Answered, End> {
        let mut read = 0_usize;
        loop {
            let Some(heard) = self.line.hear().map_err(End::NotAsked)? else {
                self.line.stirred().await.map_err(End::NotAsked)?;
                continue;
            };
            match self.read(errand, heard) {
                Word::Missed(miss) => return Err(End::Missed(miss)),
                Word::Answer { arrived, sight } => return Ok(Answered { latency: arrived.saturating_duration_since(self.asked), sight }),
                Word::Foreign => *foreign += 1,
                Word::Elsewhere => {}
            }
            read += 1;
            // However much comes, others have their turn, and the time is over when it is.
            if read.is_multiple_of(HEAR_LIMIT) {
                tokio::task::yield_now().await;
            }
        }
    }

    /// Books what has come since its question was settled: its answer, too late, or copies of it. Of a flood no more than is read in
    /// one go.
    pub(super) fn hear_rest(&mut self, errand: &Errand, ledger: &mut Ledger) -> Result<(), Obstacle> {
        for _ in 0..HEAR_LIMIT {
            let Some(heard) = self.line.hear()? else { return Ok(()) };
            match self.read(errand, heard) {
                // An error after an answer says nothing of the question, and the books know that.
                Word::Missed(miss) => ledger.missed(self.sequence, miss),
                Word::Answer { arrived, .. } if self.answered => _ = ledger.answered(self.sequence, arrived),
                Word::Answer { arrived, sight } => {
                    self.answered = true;
                    // One that was in time after all, and nobody ran to read, is no late one.
                    if ledger.answered_after(self.sequence, arrived.saturating_duration_since(self.asked))
                        && let Some(sight) = sight
                    {
                        ledger.saw(sight);
                    }
                }
                Word::Foreign => ledger.foreign(1),
                Word::Elsewhere => {}
            }
        }
        Ok(())
    }

    fn read(&self, errand: &Errand, heard: Heard) -> Word {
        let (from, bytes, arrived) = match heard {
            Heard::Refused(refusal) => return Word::Missed(refusal.miss),
            Heard::Datagram { from, bytes, arrived } => (from, bytes, arrived),
        };
        match self.form.read(&bytes, errand.burst.family) {
            Came::Answer(said) if from == errand.to && errand.sequence_of(&said.to) == Some(self.sequence) => {
                match said.name.filter(|name| errand.is_wrong(name)) {
                    Some(name) => Word::Missed(Miss::WrongPeer { name: printable(name) }),
                    None => Word::Answer { arrived, sight: said.name.and_then(|name| errand.sight(name)) },
                }
            }
            Came::Answer(_) | Came::Altered { .. } | Came::Noise => Word::Foreign,
            Came::Elsewhere => Word::Elsewhere,
        }
    }
}
