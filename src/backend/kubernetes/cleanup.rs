//! Cleans up after our own run, however far it came: all its namespaces at once.

use std::time::Duration;

use futures::future::join_all;
use tokio::time::{sleep, timeout_at};

use super::client::Link;
use super::refusal::{Operation, Refusal};
use super::removal::{self, Remains};
use super::site::{Asked, Holder, Site, Sites};
use crate::model::event::CleanUp;

/// Removes the run's pods and Services, then its own namespaces.
pub(super) async fn clean_up(link: &Link, run: &str, sites: &Sites) -> CleanUp {
    let command = sites.clean_command(run);
    let cleaned = join_all(sites.all().map(|site| clean_site(link, run, site, &command))).await;
    CleanUp { kept: Vec::new(), left: cleaned.concat() }
}

/// What is left of one of them, a line each.
async fn clean_site(link: &Link, run: &str, site: &Site, command: &str) -> Vec<String> {
    let asked = site.asked();
    if asked == Asked::Nothing {
        return Vec::new();
    }
    let remains = match site.holder {
        Holder::Others => removal::from_shared(link, &site.namespace, run, site.serving()).await,
        Holder::Run => own_namespace(link, run, &site.namespace, asked).await,
    };
    let left = lines(link, &remains, (run, site), command);
    if left.is_empty() {
        site.note(Asked::Nothing);
    }
    left
}

async fn own_namespace(link: &Link, run: &str, name: &str, asked: Asked) -> Remains {
    let patience = link.patience_to_clean_up();
    let remains = removal::with_namespace(link, run, name).await;
    if remains != Remains::default() || asked != Asked::Unanswered {
        return remains;
    }
    // What was asked for and never answered may come to be a moment later.
    sleep(Duration::from_secs(1).min(link.limits.clean_up / 30)).await;
    let again = timeout_at(link.end(&patience), removal::with_namespace(link, run, name)).await;
    again.unwrap_or_else(|_| Remains { pods: Some(Refusal::Silent(link.limits.clean_up)), ..Remains::default() })
}

fn lines(link: &Link, remains: &Remains, (run, site): (&str, &Site), command: &str) -> Vec<String> {
    let again = format!("to try again: {command}");
    let mut lines = remains.stuck.clone();
    // If the namespace has gone, the pods went along, whatever was said of them.
    let gone = site.holder == Holder::Run && remains.was_there && remains.namespace.is_none();
    if let Some(refusal) = remains.pods.as_ref().filter(|_| !gone) {
        let what = match site.holder {
            Holder::Others => "pods",
            Holder::Run => "namespace and pods",
        };
        let why = link.error(refusal, &Operation::within("delete", "pods", &site.namespace)).message;
        lines.push(format!("{what} of run {run} in {}: {why}; {again}", site.namespace));
    }
    lines.extend(remains.services.as_ref().map(|why| format!("{why}; {again}")));
    lines.extend(remains.namespace.as_ref().map(|why| format!("{why}; {again}")));
    lines
}
