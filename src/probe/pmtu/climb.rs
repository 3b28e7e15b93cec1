//! A ladder climbed over a real socket: its bursts sent within the pace, and what comes of them told to it. It must not know which
//! sizes are worth trying.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::model::burst::Burst;
use crate::model::outcome::{Miss, Obstacle};
use crate::model::path_mtu::Direction;

use super::super::errand::Errand;
use super::super::form::Datagram;
use super::super::heard::{HEAR_LIMIT, Quote};
use super::super::pace::{Cost, Ticket};
use super::super::packet::Question;
use super::super::packet::sized::SIZED_LIMIT;
use super::super::refusal::Refusal;
use super::super::socket::{Heard, Line, Sent};
use super::form::{Form, Told, proves};
use super::ladder::{Ladder, Step, Wait};

/// The questions of a ladder have numbers that no question before it can have.
const FIRST: u32 = Burst::MOST + 1;

/// The longest IP header and an ICMP header before a payload.
const HEADERS: usize = 60 + 8;

/// A climb in progress.
pub(super) struct Climb {
    errand: Errand,
    form: Form,
    line: Line,
    ladder: Ladder,
    /// From a send until its answer is late, while sizes are only searched.
    patience: Duration,
    /// All packets of the ladder, by their numbers.
    steps: Vec<Step>,
    /// Those that are waited for: each has a place among the outstanding.
    open: BTreeMap<u32, (Instant, Ticket)>,
    /// The line was left before it was empty.
    more: bool,
}

impl Climb {
    /// Nothing is sent yet. A round trip takes so long at most.
    pub(super) fn new(datagram: Datagram, errand: Errand, ladder: Ladder, round_trip: Duration) -> Result<Self, Obstacle> {
        let (socket, form) = Form::open(datagram, errand.burst.family)?;
        let only = matches!(form, Form::Icmp(_)).then_some(errand.to);
        let line = Line::over(socket, errand.source, only)?.unsplit(SIZED_LIMIT + HEADERS)?;
        let patience = (round_trip * 4 + Duration::from_millis(50)).min(errand.burst.timeout.duration());
        Ok(Self { errand, form, line, ladder, patience, steps: Vec::new(), open: BTreeMap::new(), more: false })
    }

    /// Climbs until everything is known that can be. The number of bursts is bounded, and so is the wait after each.
    pub(super) async fn climb(mut self) -> Result<Ladder, Obstacle> {
        loop {
            let burst = self.ladder.next_burst();
            if burst.is_empty() {
                return Ok(self.ladder);
            }
            let patience = match self.ladder.wait() {
                Wait::Briefly => self.patience,
                Wait::Fully => self.errand.burst.timeout.duration(),
            };
            self.send_all(&burst, patience).await?;
            while !self.ladder.is_settled() && !self.open.is_empty() {
                self.listen(patience).await?;
            }
            self.open.clear();
        }
    }

    async fn send_all(&mut self, burst: &[Step], patience: Duration) -> Result<(), Obstacle> {
        let pacer = self.errand.pacer.clone();
        for step in burst {
            let cost = if self.steps.is_empty() { Cost::Flow } else { Cost::Packet };
            let mut admission = std::pin::pin!(pacer.admit(tokio::time::Instant::now(), cost));
            let ticket = loop {
                tokio::select! {
                    ticket = &mut admission => break ticket,
                    // What it waits for may be places that this very burst holds.
                    heard = self.listen(patience) => heard?,
                }
            };
            self.send(*step, ticket).await?;
        }
        Ok(())
    }

    async fn send(&mut self, step: Step, ticket: Ticket) -> Result<(), Obstacle> {
        self.steps.push(step);
        let bytes = self.form.write(self.errand.question(FIRST + step.number), step, self.errand.burst.family);
        match self.line.send(&bytes, self.errand.to).await? {
            Sent::At(at) => {
                self.open.insert(step.number, (at, ticket));
            }
            Sent::Missed(_, Miss::TooBig { by, mtu }) if step.direction != Direction::Back => self.ladder.refused(step.number, by, mtu),
            Sent::Missed(..) => {}
        }
        Ok(())
    }

    /// Waits until something comes or the oldest packet is overdue; then takes in all that came.
    async fn listen(&mut self, patience: Duration) -> Result<(), Obstacle> {
        let oldest = self.open.values().map(|(sent, _)| *sent).min();
        let wake = oldest.unwrap_or_else(Instant::now) + patience;
        if self.more {
            tokio::task::yield_now().await;
        } else if let Ok(stirred) = tokio::time::timeout_at(wake.into(), self.line.stirred()).await {
            stirred?;
        }
        let (now, mut read_to) = (Instant::now(), None);
        self.more = true;
        for _ in 0..HEAR_LIMIT {
            let Some(heard) = self.line.hear()? else {
                self.more = false;
                self.give_up(now, patience);
                return Ok(());
            };
            read_to = heard.arrived().or(read_to);
            self.take(heard);
        }
        // The queue is in order: whatever had come before the last of these is read, however much comes behind it.
        if let Some(read_to) = read_to {
            self.give_up(read_to.min(now), patience);
        }
        Ok(())
    }

    /// Everything that had come by then is read: what is overdue by then is lost.
    fn give_up(&mut self, by: Instant, patience: Duration) {
        self.open.retain(|_, (sent, _)| by.saturating_duration_since(*sent) < patience);
    }

    fn take(&mut self, heard: Heard) {
        let (from, bytes) = match heard {
            Heard::Refused(refusal) => return self.refused(&refusal),
            Heard::Datagram { from, bytes, .. } => (from, bytes),
        };
        if from.ip() != self.errand.to.ip() || from.port() != self.errand.to.port() {
            return;
        }
        match self.form.read(&bytes, self.errand.burst.family) {
            Told::Answer { to, name, bytes } => {
                // An echo has no name: whose it is, its question proves.
                let (meant, family) = (self.errand.peer.name().map(str::as_bytes), self.errand.burst.family);
                let is_theirs = name.is_none() || meant.is_none() || name == meant;
                if let Some(step) = self.step_of(&to).filter(|step| is_theirs && proves(*step, bytes, family)) {
                    self.open.remove(&step.number);
                    self.ladder.arrived(step.number);
                }
            }
            Told::Notice(notice) => {
                if let Some(step) = self.step_of(&notice.to).filter(|step| step.direction == Direction::Back) {
                    self.open.remove(&step.number);
                    self.ladder.refused(step.number, notice.by, notice.mtu);
                }
            }
            Told::Nothing => {}
        }
    }

    fn refused(&mut self, refusal: &Refusal) {
        let Miss::TooBig { by, mtu } = refusal.miss else { return };
        let step = match self.form.quoted(&refusal.quoted, self.errand.burst.family) {
            Quote::Whole(question) => self.step_of(&question),
            Quote::Bits(bits) => {
                let [.., high, low] = FIRST.to_be_bytes();
                let number = bits.wrapping_sub(u16::from_be_bytes([high, low]));
                self.steps.get(usize::from(number)).copied()
            }
            Quote::Cut => self.ladder.oldest_open(mtu).and_then(|number| self.steps.get(number as usize)).copied(),
            Quote::Other | Quote::Elsewhere => None,
        };
        if let Some(step) = step.filter(|step| step.direction != Direction::Back) {
            self.open.remove(&step.number);
            self.ladder.refused(step.number, by, mtu);
        }
    }

    fn step_of(&self, question: &Question) -> Option<Step> {
        let number = self.errand.sequence_of(question)?.checked_sub(FIRST)?;
        self.steps.get(usize::try_from(number).ok()?).copied()
    }
}
