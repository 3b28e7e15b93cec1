//! The signals that end a run: the first in order, the second at once.

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

use crate::model::exit::{Exit, Signal};

use super::{Refusal, say};

/// Listens from now on. The second signal leaves at once, and says how to clean up.
pub(super) fn listen(clean_up_command: String) -> Result<mpsc::Receiver<Signal>, Refusal> {
    let refuse = |error: std::io::Error| Refusal::usage(format!("listening for signals: {error}"));
    let mut hang_up = signal(SignalKind::hangup()).map_err(refuse)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(refuse)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(refuse)?;
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        for nth in 1_u32.. {
            let signal = tokio::select! {
                _ = hang_up.recv() => Signal::HangUp,
                _ = interrupt.recv() => Signal::Interrupt,
                _ = terminate.recv() => Signal::Terminate,
            };
            if nth == 1 {
                say(&format!("{}: ending in order; once more leaves at once", signal.name()));
                // Nobody listens any more when the verdict is there: then cleaning up goes on to its end.
                let _ = sender.send(signal).await;
            } else {
                leave(signal, &clean_up_command);
            }
        }
    });
    Ok(receiver)
}

#[expect(clippy::exit, reason = "a second signal means now: there is nothing left to unwind")]
fn leave(signal: Signal, clean_up_command: &str) {
    say(&format!("{}: left at once; to remove what remains: {clean_up_command}", signal.name()));
    std::process::exit(i32::from(Exit::Signalled(signal).code()));
}
