//! The signals that end a run: the first in order, the second at once. They are listened to on a thread of their own, so that
//! nothing that blocks the run (a report into a full pipe, a terminal that nobody reads) can block its end.

use std::sync::mpsc::{self as std_mpsc, SyncSender};
use std::thread;
use std::time::Duration;

use tokio::signal::unix::{Signal as Listener, SignalKind, signal};
use tokio::sync::mpsc;

use crate::model::exit::{Exit, Signal};

use super::{Refusal, say};

/// How long the last words may take: whoever reads the terminal may have stopped.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// Listens from now on. The second signal leaves at once, and says how to clean up.
pub(super) fn listen(clean_up_command: String) -> Result<mpsc::Receiver<Signal>, Refusal> {
    let (sender, receiver) = mpsc::channel(1);
    let (ready, listening) = std_mpsc::sync_channel(1);
    let refuse = |error: std::io::Error| Refusal::usage(format!("listening for signals: {error}"));
    thread::Builder::new().name("signals".to_owned()).spawn(move || attend(&sender, &ready, &clean_up_command)).map_err(refuse)?;
    match listening.recv() {
        Ok(Ok(())) => Ok(receiver),
        Ok(Err(error)) => Err(refuse(error)),
        Err(_) => Err(Refusal::usage("listening for signals: the listener ended")),
    }
}

fn attend(sender: &mpsc::Sender<Signal>, ready: &SyncSender<std::io::Result<()>>, clean_up_command: &str) {
    let attended = tokio::runtime::Builder::new_current_thread().enable_all().build().and_then(|runtime| {
        runtime.block_on(async {
            let mut listeners = Listeners::new()?;
            // If nobody waits for it, there is no run to be ended.
            let _ = ready.send(Ok(()));
            let first = listeners.next().await;
            // Nobody takes it any more when the verdict is there: then cleaning up goes on to its end.
            let _ = sender.try_send(first);
            say_in_time(format!("{}: ending in order; once more leaves at once", first.name()));
            leave(listeners.next().await, clean_up_command)
        })
    });
    if let Err(error) = attended {
        let _ = ready.send(Err(error));
    }
}

struct Listeners {
    hang_up: Listener,
    interrupt: Listener,
    terminate: Listener,
}

impl Listeners {
    fn new() -> std::io::Result<Self> {
        let (hang_up, interrupt) = (signal(SignalKind::hangup())?, signal(SignalKind::interrupt())?);
        Ok(Self { hang_up, interrupt, terminate: signal(SignalKind::terminate())? })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.hang_up.recv() => Signal::HangUp,
            _ = self.interrupt.recv() => Signal::Interrupt,
            _ = self.terminate.recv() => Signal::Terminate,
        }
    }
}

#[expect(clippy::exit, reason = "a second signal means now: there is nothing left to unwind")]
fn leave(signal: Signal, clean_up_command: &str) -> std::io::Result<()> {
    say_in_time(format!("{}: left at once; to remove what remains: {clean_up_command}", signal.name()));
    std::process::exit(i32::from(Exit::Signalled(signal).code()));
}

/// Says it, but waits for nobody who does not read.
fn say_in_time(text: String) {
    let (said, heard) = std_mpsc::sync_channel(1);
    let spoken = thread::Builder::new().spawn(move || {
        say(&text);
        let _ = said.send(());
    });
    if spoken.is_ok() {
        let _ = heard.recv_timeout(LAST_WORDS);
    }
}
