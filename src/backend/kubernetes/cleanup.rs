//! Cleans up after our own run, however far it came.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout_at};

use super::client::Link;
use super::names;
use super::refusal::{Operation, Refusal};
use super::removal::{self, Remains};
use crate::model::run::CleanUp;

/// What the run has asked the API server to create so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Nothing: there is nothing to remove.
    Nothing,
    /// A namespace, and the answer is not here; pods in a namespace of others count as answered.
    Unanswered,
    /// There may be something.
    Something,
}

/// [`Asked`], shared between a launch that may be dropped at any moment and the cleaning-up.
#[derive(Debug)]
pub(super) struct Ledger(Mutex<Asked>);

impl Ledger {
    /// Nothing was asked for.
    pub(super) const fn new() -> Self {
        Self(Mutex::new(Asked::Nothing))
    }

    /// Notes how far it has come.
    pub(super) fn note(&self, asked: Asked) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = asked;
    }

    /// Whether there is nothing to remove.
    pub(super) fn is_empty(&self) -> bool {
        self.read() == Asked::Nothing
    }

    fn read(&self) -> Asked {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Removes the run's pods, then its own namespace, unless it works in one of others.
pub(super) async fn clean_up(link: &Link, run: &str, shared: Option<&str>, ledger: &Ledger) -> CleanUp {
    let asked = ledger.read();
    if asked == Asked::Nothing {
        return CleanUp::default();
    }
    let own = names::namespace(run);
    let namespace = shared.unwrap_or(&own);
    let remains = match shared {
        Some(namespace) => removal::from_shared(link, namespace, run).await,
        None => own_namespace(link, run, asked).await,
    };
    let left = lines(link, &remains, (run, namespace, shared));
    if left.is_empty() {
        ledger.note(Asked::Nothing);
    }
    CleanUp { kept: Vec::new(), left }
}

async fn own_namespace(link: &Link, run: &str, asked: Asked) -> Remains {
    let until = Instant::now() + link.limits.clean_up;
    let remains = removal::with_namespace(link, run).await;
    if remains != Remains::default() || asked != Asked::Unanswered {
        return remains;
    }
    // What was asked for and never answered may come to be a moment later.
    sleep(Duration::from_secs(1).min(link.limits.namespace_gone / 10)).await;
    let again = timeout_at(until, removal::with_namespace(link, run)).await;
    again.unwrap_or_else(|_| Remains { pods: Some(Refusal::Silent(link.limits.clean_up)), ..Remains::default() })
}

fn lines(link: &Link, remains: &Remains, (run, namespace, shared): (&str, &str, Option<&str>)) -> Vec<String> {
    let again = format!("to try again: {}", command(run, shared));
    let mut lines = remains.stuck.clone();
    // If the namespace has gone, the pods went along, whatever was said of them.
    let gone = shared.is_none() && remains.was_there && remains.namespace.is_none();
    if let Some(refusal) = remains.pods.as_ref().filter(|_| !gone) {
        let what = if shared.is_some() { "pods" } else { "namespace and pods" };
        let why = link.error(refusal, &Operation::within("delete", "pods", namespace)).message;
        lines.push(format!("{what} of run {run} in {namespace}: {why}; {again}"));
    }
    lines.extend(remains.namespace.as_ref().map(|why| format!("{why}; {again}")));
    lines
}

/// The command that removes what is left.
pub(super) fn command(run: &str, shared: Option<&str>) -> String {
    let namespace = shared.map(|namespace| format!(" -n {namespace}")).unwrap_or_default();
    format!("netcheck clean --run {run}{namespace}")
}
