//! Cleans up after our own run, however far it came.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::sleep;

use super::client::Link;
use super::names;
use super::refusal::{Operation, Refusal};
use super::removal::{self, Removed};
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
    let again = format!("to try again: {}", command(run, shared));
    let (mut left, refused) = match removal::pods(link, namespace, run).await {
        Ok(stuck) => (stuck, None),
        Err(refusal) => (Vec::new(), Some(refusal)),
    };
    let refused = refused.map(|refusal| (refusal.is_silence(), words(link, &refusal, namespace)));
    if let Some((true, why)) = &refused {
        // Nobody is there to ask for more.
        let what = if shared.is_some() { "pods" } else { "namespace and pods" };
        return left_behind(format!("{what} of run {run} in {namespace}: {why}; {again}"));
    }
    let pods_left = refused.map(|(_, why)| format!("pods of run {run} in namespace {namespace}: {why}; {again}"));
    if shared.is_some() {
        left.extend(pods_left);
    } else if let Err(why) = remove_own(link, run, asked).await {
        left.extend(pods_left); // had the namespace gone, they would have gone along
        left.push(format!("{why}; {again}"));
    }
    if left.is_empty() {
        ledger.note(Asked::Nothing);
    }
    CleanUp { kept: Vec::new(), left }
}

fn left_behind(line: String) -> CleanUp {
    CleanUp { kept: Vec::new(), left: vec![line] }
}

fn words(link: &Link, refusal: &Refusal, namespace: &str) -> String {
    link.error(refusal, &Operation::within("delete", "pods", namespace)).message
}

/// The command that removes what is left.
pub(super) fn command(run: &str, shared: Option<&str>) -> String {
    let namespace = shared.map(|namespace| format!(" -n {namespace}")).unwrap_or_default();
    format!("netcheck clean --run {run}{namespace}")
}

async fn remove_own(link: &Link, run: &str, asked: Asked) -> Result<(), String> {
    match removal::namespace(link, run).await? {
        // What was asked for and never answered may come to be a moment later.
        Removed::Absent if asked == Asked::Unanswered => {
            sleep(Duration::from_secs(1).min(link.limits.namespace_gone / 10)).await;
            removal::namespace(link, run).await.map(|_| ())
        }
        Removed::Absent | Removed::Gone => Ok(()),
    }
}
