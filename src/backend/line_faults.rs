//! What a world does to the lines between an agent and its controller, over one connection after the other: the same for
//! simulated agents and for real ones. It must not know what a line says.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use futures::FutureExt;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWriteExt, BufReader, DuplexStream, ReadBuf};
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until};
use tokio_util::task::AbortOnDropHandle;

use super::session::{Connect, Connection, NoConnection};
use crate::model::units::Micros;
use crate::model::world::{LineEvent, LineFault};

/// Opens the same connections, on which these things happen: each once, in this order, counted over all of them.
pub(super) fn disturbed(mut connect: Connect, faults: Vec<LineFault>) -> Connect {
    let way = Arc::new(Mutex::new(Way { course: Course { faults: faults.into(), said: 0 }, held_until: None, cut_until: None }));
    Box::new(move || {
        if lock(&way).cut_until.is_some_and(|until| Instant::now() < until) {
            let why = NoConnection::NoWay("the world cuts it off".to_owned());
            return futures::future::ready(Err(why)).boxed();
        }
        let (way, attempt) = (Arc::clone(&way), connect());
        async move { attempt.await.map(|connection| through(connection, |from, to| pass(way, from, to))) }.boxed()
    })
}

/// A connection over which everything that the agent says goes through `pass`, until that ends: with a word of its own, or
/// because nothing more comes.
pub(super) fn through<F>(connection: Connection, pass: impl FnOnce(Lines, DuplexStream) -> F) -> Connection
where
    F: Future<Output = Option<String>> + Send + 'static,
{
    let Connection { reader, writer, ended } = connection;
    let (near, far) = tokio::io::duplex(BUFFER);
    let (tell, told) = oneshot::channel();
    let passing = pass(BufReader::new(reader), far);
    let pump = tokio::spawn(async move {
        if let Some(word) = passing.await {
            let _ = tell.send(word);
        }
    });
    let word = async move {
        match told.await {
            Ok(word) => word,
            Err(_) => std::future::pending().await,
        }
    };
    let ended = async move {
        tokio::select! {
            biased;
            word = word => word,
            why = ended => why,
        }
    };
    let reader = Pumped { near, _pump: AbortOnDropHandle::new(pump) };
    Connection { reader: Box::new(reader), writer, ended: ended.boxed() }
}

/// What an agent says, to be read line by line.
pub(super) type Lines = BufReader<Box<dyn AsyncRead + Send + Unpin>>;

/// Of lines that were passed and not read yet, in bytes.
const BUFFER: usize = 64 << 10;

/// What comes out of a pump, and the pump.
struct Pumped {
    near: DuplexStream,
    _pump: AbortOnDropHandle<()>,
}

impl AsyncRead for Pumped {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.near).poll_read(context, buffer)
    }
}

/// The way between an agent and its controller, which outlives every connection.
struct Way {
    course: Course,
    /// Nothing goes through before.
    held_until: Option<Instant>,
    /// No connection comes about before.
    cut_until: Option<Instant>,
}

fn lock(way: &Mutex<Way>) -> MutexGuard<'_, Way> {
    way.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Passes lines on as the way lets them, until it cuts them off or nothing more comes.
async fn pass(way: Arc<Mutex<Way>>, mut from: Lines, mut to: DuplexStream) -> Option<String> {
    let mut line = Vec::new();
    while let Ok(1..) = from.read_until(b'\n', &mut line).await {
        let steps = lock(&way).course.take(&std::mem::take(&mut line));
        for step in steps {
            match step {
                Step::Pass(bytes) => {
                    let held = lock(&way).held_until;
                    if let Some(held) = held {
                        sleep_until(held).await;
                    }
                    to.write_all(&bytes).await.ok()?;
                }
                Step::Hold(time) => lock(&way).held_until = Some(Instant::now() + time.duration()),
                Step::Cut(time) => {
                    lock(&way).cut_until = Some(Instant::now() + time.duration());
                    return Some("the world cut its connection".to_owned());
                }
            }
        }
    }
    None
}

/// What is still to happen, and how far it is.
#[derive(Debug)]
struct Course {
    faults: VecDeque<LineFault>,
    /// Bytes that the agent has said.
    said: u64,
}

/// What becomes of a part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Step {
    /// It goes through.
    Pass(Vec<u8>),
    /// Nothing does, for so long.
    Hold(Micros),
    /// The connection ends, and no other comes for so long.
    Cut(Micros),
}

impl Course {
    /// A line with its line break. What a cut leaves of it was never said.
    fn take(&mut self, line: &[u8]) -> Vec<Step> {
        let (mut bytes, mut steps, mut passed, mut doubled) = (line.to_vec(), Vec::new(), 0, false);
        let end = self.said + line.len() as u64;
        while let Some(fault) = self.faults.front().copied().filter(|fault| fault.after.0 < end) {
            self.faults.pop_front();
            let at = usize::try_from(fault.after.0.saturating_sub(self.said)).unwrap_or(passed).max(passed);
            match fault.event {
                LineEvent::Garble => bytes[at] ^= 1 << (at % 8),
                LineEvent::Double => doubled = true,
                LineEvent::Delay(time) => {
                    steps.extend([Step::Pass(bytes[passed..at].to_vec()), Step::Hold(time)]);
                    passed = at;
                }
                LineEvent::Cut => return self.cut(steps, &bytes, (passed, at), Micros(0)),
                LineEvent::CutOff(time) => return self.cut(steps, &bytes, (passed, at), time),
            }
        }
        self.said = end;
        steps.push(Step::Pass(bytes[passed..].to_vec()));
        if doubled {
            steps.push(Step::Pass(bytes));
        }
        steps
    }

    fn cut(&mut self, mut steps: Vec<Step>, bytes: &[u8], (passed, at): (usize, usize), time: Micros) -> Vec<Step> {
        self.said += at as u64;
        steps.extend([Step::Pass(bytes[passed..at].to_vec()), Step::Cut(time)]);
        steps
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::units::Bytes;

    /// Lines said one after the other, with what becomes of them.
    fn check(faults: &[(u64, LineEvent)], lines: &[&str], expected: &[&str]) {
        let faults = faults.iter().map(|(after, event)| LineFault { after: Bytes(*after), event: *event }).collect();
        let mut course = Course { faults, said: 0 };
        let mut told: Vec<String> = Vec::new();
        for step in lines.iter().flat_map(|line| course.take(line.as_bytes())) {
            match step {
                Step::Pass(bytes) if bytes.is_empty() => {}
                Step::Pass(bytes) => told.push(String::from_utf8(bytes).unwrap()),
                Step::Hold(time) => told.push(format!("hold {time}")),
                Step::Cut(Micros(0)) => told.push("cut".to_owned()),
                Step::Cut(time) => told.push(format!("cut {time}")),
            }
        }
        assert_eq!(told, expected, "{faults:?}", faults = course.faults);
    }

    const SECOND: Micros = Micros(1_000_000);

    #[test]
    fn each_thing_happens_at_its_byte_and_once() {
        let two = ["abcd\n", "efgh\n"];
        check(&[], &two, &["abcd\n", "efgh\n"]);
        check(&[(0, LineEvent::Cut)], &two, &["cut", "efgh\n"]);
        check(&[(2, LineEvent::Cut)], &two, &["ab", "cut", "efgh\n"]);
        check(&[(5, LineEvent::Cut)], &two, &["abcd\n", "cut"]);
        check(&[(7, LineEvent::CutOff(SECOND))], &two, &["abcd\n", "ef", "cut 1s"]);
        check(&[(1, LineEvent::Garble)], &two, &["a`cd\n", "efgh\n"]);
        check(&[(6, LineEvent::Double)], &two, &["abcd\n", "efgh\n", "efgh\n"]);
        check(&[(6, LineEvent::Delay(SECOND))], &two, &["abcd\n", "e", "hold 1s", "fgh\n"]);
        check(&[(99, LineEvent::Cut)], &two, &["abcd\n", "efgh\n"]);
    }

    #[test]
    fn things_happen_in_their_order_over_all_connections() {
        let (garble, cut) = (LineEvent::Garble, LineEvent::Cut);
        // The first connection ends after two bytes: only they were said.
        check(&[(2, cut), (4, cut)], &["abcd\n", "abcd\n", "abcd\n"], &["ab", "cut", "ab", "cut", "abcd\n"]);
        // What was due before a cut that came first happens at once.
        check(&[(3, cut), (1, garble)], &["abcd\n", "abcd\n"], &["abc", "cut", "`bcd\n"]);
        check(&[(1, garble), (1, LineEvent::Double)], &["abcd\n"], &["a`cd\n", "a`cd\n"]);
    }
}
