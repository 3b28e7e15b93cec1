//! What an agent's own faults do to the lines that it says, over one connection after the other. It knows the wire, and
//! nothing of packets.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures::FutureExt;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, DuplexStream};

use crate::backend::line_faults::{Lines, through};
use crate::backend::session::{Connect, NoConnection};
use crate::model::world::AgentFault;
use crate::wire::{self, AgentHello, FromAgent, OutcomeRecord};

/// Opens the same connections, over which an agent speaks that has this fault.
pub(super) fn afflicted(mut connect: Connect, fault: &AgentFault) -> Connect {
    let Some(habit) = Habit::of(fault) else { return connect };
    let patient = Arc::new(Mutex::new(Patient { habit, greeted: false, told: 0, last: 0, marked: None, dead: false }));
    Box::new(move || {
        if lock(&patient).dead {
            return futures::future::ready(Err(NoConnection::Gone(LAST_WORDS.to_owned()))).boxed();
        }
        let (patient, attempt) = (Arc::clone(&patient), connect());
        async move { attempt.await.map(|connection| through(connection, |from, to| speak(patient, from, to))) }.boxed()
    })
}

/// As of a process that was killed.
const LAST_WORDS: &str = "its process ended with exit code 137";

fn lock(patient: &Mutex<Patient>) -> MutexGuard<'_, Patient> {
    patient.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn speak(patient: Arc<Mutex<Patient>>, from: Lines, mut to: DuplexStream) -> Option<String> {
    let mut lines = from.lines();
    while let Ok(Some(line)) = lines.next_line().await {
        let says = lock(&patient).says(&line);
        let Says::Lines(said) = says else { return std::future::pending().await };
        for line in said {
            to.write_all(format!("{line}\n").as_bytes()).await.ok()?;
        }
        if lock(&patient).dead {
            return Some(LAST_WORDS.to_owned());
        }
    }
    None
}

/// What is wrong with what an agent says.
#[derive(Debug, Clone, Copy)]
enum Habit {
    /// It says that it speaks this version of the wire.
    Speaks(u32),
    /// It says that it belongs to another run.
    OtherRun,
    /// It is gone after so many outcomes.
    DiesAfter(u32),
    /// It says nothing more after so many outcomes.
    FreezesAfter(u32),
    /// The outcome after so many is told so, however often.
    Spoils(u32, Spoiled),
}

/// How an outcome is told wrongly.
#[derive(Debug, Clone, Copy)]
enum Spoiled {
    Garbled,
    Doubled,
    Dropped,
}

impl Habit {
    fn of(fault: &AgentFault) -> Option<Self> {
        Some(match fault {
            AgentFault::Speaks(version) => Self::Speaks(*version),
            AgentFault::OtherRun => Self::OtherRun,
            AgentFault::DiesAfter(after) => Self::DiesAfter(*after),
            AgentFault::FreezesAfter(after) => Self::FreezesAfter(*after),
            AgentFault::GarblesAfter(after) => Self::Spoils(*after, Spoiled::Garbled),
            AgentFault::DoublesAfter(after) => Self::Spoils(*after, Spoiled::Doubled),
            AgentFault::DropsAfter(after) => Self::Spoils(*after, Spoiled::Dropped),
            AgentFault::NeverStarts(_)
            | AgentFault::NeverReady
            | AgentFault::NoIcmp
            | AgentFault::NoGateway
            | AgentFault::MuteGateway
            | AgentFault::NoAddress(_)
            | AgentFault::Line(_) => return None,
        })
    }
}

/// An agent with such a habit.
#[derive(Debug)]
struct Patient {
    habit: Habit,
    /// It has said hello.
    greeted: bool,
    /// Outcomes that it has told, each once.
    told: u32,
    /// The number of the last of them.
    last: u64,
    /// The number of the one that it tells wrongly.
    marked: Option<u64>,
    dead: bool,
}

/// What comes of a line.
#[derive(Debug, PartialEq, Eq)]
enum Says {
    /// These.
    Lines(Vec<String>),
    /// Nothing, from now on.
    Nothing,
}

impl Patient {
    fn says(&mut self, line: &str) -> Says {
        if matches!(self.habit, Habit::FreezesAfter(after) if self.greeted && self.told >= after) {
            return Says::Nothing;
        }
        Says::Lines(match wire::decode::<FromAgent>(line) {
            Ok(FromAgent::Hello(hello)) => vec![self.hello(hello)],
            Ok(FromAgent::Outcome(record)) => self.outcome(line, record),
            Ok(FromAgent::End(_) | FromAgent::Beat(_)) | Err(_) => vec![line.to_owned()],
        })
    }

    fn hello(&mut self, mut hello: AgentHello) -> String {
        self.greeted = true;
        match self.habit {
            Habit::Speaks(version) => hello.wire = version,
            Habit::OtherRun => "0ther".clone_into(&mut hello.run),
            Habit::DiesAfter(_) | Habit::FreezesAfter(_) | Habit::Spoils(..) => {}
        }
        wire::encode(&FromAgent::Hello(hello))
    }

    fn outcome(&mut self, line: &str, record: OutcomeRecord) -> Vec<String> {
        let is_new = record.sequence > self.last;
        match self.habit {
            Habit::Spoils(after, _) if is_new && self.told == after => self.marked = Some(record.sequence),
            Habit::DiesAfter(after) => self.dead = self.told + u32::from(is_new) >= after,
            Habit::Speaks(_) | Habit::OtherRun | Habit::FreezesAfter(_) | Habit::Spoils(..) => {}
        }
        self.told += u32::from(is_new);
        self.last = self.last.max(record.sequence);
        match self.habit {
            Habit::Spoils(_, how) if self.marked == Some(record.sequence) => spoiled(how, line, record),
            _ => vec![line.to_owned()],
        }
    }
}

fn spoiled(how: Spoiled, line: &str, mut record: OutcomeRecord) -> Vec<String> {
    match how {
        Spoiled::Garbled => vec!["\u{1}noise".to_owned()],
        Spoiled::Dropped => Vec::new(),
        Spoiled::Doubled => {
            record.sequence += 1;
            vec![line.to_owned(), wire::encode(&FromAgent::Outcome(record))]
        }
    }
}
