//! Brings the agents of one namespace up: creates, watches, and tells the way to each. What is to be done next is decided in
//! [`super::crew`].

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures::StreamExt;
use futures::future::BoxFuture;
use futures::stream::FuturesUnordered;
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use tokio::sync::{Semaphore, mpsc};
use tokio::time::{Instant, sleep_until};

use super::client::{AT_ONCE, Link};
use super::crew::{Crew, Step};
use super::manifest::{self, Ground, Pattern};
use super::outage::{Patience, shown};
use super::progress::Failure;
use super::refusal::{Operation, Refusal};
use super::security::Ping;
use super::site::Site;
use super::watch::{Sight, follow};
use super::workloads::Entry;
use super::{create, events, hosts, names, raw, stream};
use crate::backend::{BackendError, LaunchOrder, News, Session};
use crate::model::agents::IcmpAccess;
use crate::model::probe::Credential;
use crate::model::vantage::{PodName, Station, Vantage};

/// From one look at what has passed to the next, at least.
const LOOK: Duration = Duration::from_millis(20);
/// Execs that are being opened at once.
const OPENING: usize = 64;

/// A launch and what it needs to know.
pub(super) struct Launch<'a> {
    /// To the API server.
    pub(super) link: &'a Link,
    /// How the agents stand.
    pub(super) stations: BTreeSet<Station>,
    /// Where the pods go.
    pub(super) site: &'a Site,
    /// What they have in common.
    pub(super) pattern: &'a Pattern,
    /// What each has to know of its node, by node.
    pub(super) grounds: &'a BTreeMap<String, Ground>,
    /// By what each finds the pod that it is to enter, by pod.
    pub(super) entries: &'a BTreeMap<PodName, Entry>,
    /// What some of them need to ask the API server.
    pub(super) credentials: &'a BTreeMap<Vantage, Credential>,
    /// How agents in the pod network come by ICMP.
    pub(super) icmp: IcmpAccess,
    /// Set once the cluster refuses the sysctl to everybody.
    pub(super) no_ping: AtomicBool,
}

type Creations<'a> = FuturesUnordered<BoxFuture<'a, (String, Result<Pod, Failure>)>>;

/// The listener has gone.
struct Unheard;

impl Launch<'_> {
    /// Goes on until everything is told, or nobody listens.
    ///
    /// # Errors
    /// What keeps all of them from coming; nothing is told then.
    pub(super) async fn run(&self, order: &LaunchOrder, news: &mpsc::Sender<News>) -> Result<(), BackendError> {
        let patience = self.link.patience(order.ready_within);
        let Some((first, others)) = order.vantages.split_first() else { return Ok(()) };
        let api: Api<Pod> = Api::namespaced(self.link.client.clone(), &self.site.namespace);
        let pod_of = |vantage: &Vantage| (self.pod_name(vantage), vantage.clone());
        let mut crew = Crew::new(order.vantages.iter().map(pod_of), self.link.limits.image);
        // What refuses the first pod to us as such would refuse all.
        let steps = match self.create(&api, first).await {
            Ok(pod) => crew.created(&self.pod_name(first), Ok(pod), Instant::now()),
            Err(refusal) if concerns_all(&refusal) => return Err(self.create_error(&refusal)),
            Err(refusal) => crew.created(&self.pod_name(first), Err(self.failure(&refusal)), Instant::now()),
        };
        let work = Work { launch: self, api: &api, news, crew, opening: Arc::new(Semaphore::new(OPENING)), patience };
        let _ = Box::pin(work.go(others, steps)).await;
        Ok(())
    }

    fn pod_name(&self, vantage: &Vantage) -> String {
        names::pod(&self.pattern.mark.run, vantage)
    }

    async fn create(&self, api: &Api<Pod>, vantage: &Vantage) -> Result<Pod, Refusal> {
        let asks = self.icmp == IcmpAccess::Auto && !self.no_ping.load(Ordering::Relaxed);
        if asks {
            match create::pod(self.link, api, &self.object(vantage, Ping::Asked)).await {
                Err(refusal) if refusal.says("sysctl") => self.no_ping.store(true, Ordering::Relaxed),
                result => return result,
            }
        }
        create::pod(self.link, api, &self.object(vantage, Ping::without_sysctl(self.icmp))).await
    }

    fn object(&self, vantage: &Vantage, ping: Ping) -> Pod {
        let of_node = self.grounds.get(vantage.node()).cloned().unwrap_or_default();
        let entry = vantage.of_workload().and_then(|pod| self.entries.get(pod)).cloned().unwrap_or_default();
        manifest::pod(self.pattern, vantage, &Ground { entry, ..of_node }, ping, self.credentials.get(vantage).copied())
    }

    fn create_error(&self, refusal: &Refusal) -> BackendError {
        let error = self.link.error(refusal, &Operation::within("create", "pods", &self.site.namespace));
        match (self.stations.contains(&Station::Pod), self.icmp) {
            (true, IcmpAccess::Auto) => error,
            (true, IcmpAccess::Raw) => raw::explained(error, self.site),
            (false, _) => hosts::explained(error, self.site, &self.stations),
        }
    }

    fn failure(&self, refusal: &Refusal) -> Failure {
        let error = self.create_error(refusal);
        Failure { why: error.message, help: error.help }
    }
}

fn concerns_all(refusal: &Refusal) -> bool {
    match refusal {
        Refusal::Answered { code, .. } => matches!(code, 401 | 403 | 404) || refusal.is_absence(),
        Refusal::Silent(_) | Refusal::Broken(_) | Refusal::Cut(_) | Refusal::Credentials(_) => true,
    }
}

/// A launch under way.
struct Work<'a> {
    launch: &'a Launch<'a>,
    api: &'a Api<Pod>,
    news: &'a mpsc::Sender<News>,
    crew: Crew,
    opening: Arc<Semaphore>,
    /// Of whoever waits for the agents.
    patience: Patience,
}

/// What happened next.
enum Input {
    Created(String, Box<Result<Pod, Failure>>),
    Sight(Sight),
    Passed,
}

impl<'a> Work<'a> {
    async fn go(mut self, others: &'a [Vantage], steps: Vec<Step>) -> Result<(), Unheard> {
        let selector = names::of_run(&self.launch.pattern.mark.run);
        let (sender, mut sights) = mpsc::channel(256);
        let following = follow(self.launch.link, self.api, &selector, &sender);
        let mut following = std::pin::pin!(following);
        let (launch, api) = (self.launch, self.api);
        let mut creating = futures::stream::iter(others.to_vec()).map(|vantage| create_one(launch, api, vantage)).buffer_unordered(AT_ONCE);
        let mut remaking = Creations::new();
        self.carry_out(steps, &mut remaking).await?;
        while !self.crew.is_told() {
            let until = self.until();
            let next = self.crew.next_end().map_or(until, |end| end.min(until));
            let input = tokio::select! {
                never = &mut following => match never {},
                Some((pod, result)) = creating.next() => Input::Created(pod, Box::new(result)),
                Some((pod, result)) = remaking.next() => Input::Created(pod, Box::new(result)),
                Some(sight) = sights.recv() => Input::Sight(sight),
                // While the API server is away, the end moves along with us: that must not keep us busy.
                () = sleep_until(next.max(Instant::now() + LOOK)) => Input::Passed,
                () = self.news.closed() => return Err(Unheard),
            };
            let steps = self.take_in(input).await;
            self.carry_out(steps, &mut remaking).await?;
        }
        Ok(())
    }

    async fn take_in(&mut self, input: Input) -> Vec<Step> {
        let now = Instant::now();
        match input {
            Input::Created(pod, result) => self.crew.created(&pod, *result, now),
            Input::Sight(Sight::All(pods, moment)) => self.crew.all(pods, moment, now),
            Input::Sight(Sight::Pod(pod)) => self.crew.saw(*pod, now),
            Input::Sight(Sight::Gone(pod)) => self.crew.gone(&pod),
            Input::Sight(Sight::Blind(refusal)) => self.blind(&refusal),
            Input::Passed if now < self.until() => self.crew.passed(now),
            Input::Passed => {
                let waited = self.waited();
                let warnings = events::warnings(self.launch.link, &self.launch.site.namespace).await;
                self.crew.give_up(&waited, |pod| warnings.get(pod).map(|words| Failure::plain(words.clone())))
            }
        }
    }

    /// When nobody waits any longer.
    fn until(&self) -> Instant {
        self.launch.link.end(&self.patience)
    }

    /// How long was waited, in words.
    fn waited(&self) -> String {
        let waited = shown(self.patience.begun.elapsed(), self.patience.limit);
        match self.launch.link.away(&self.patience).as_secs() {
            0 => waited,
            away => format!("{waited} (the API server was away for {away} s of it)"),
        }
    }

    /// Without the right to look there will never be anything to see; everything else may pass.
    fn blind(&mut self, refusal: &Refusal) -> Vec<Step> {
        if !matches!(refusal.code(), Some(401 | 403)) || self.launch.link.is_unsettled() {
            return Vec::new();
        }
        let error = self.launch.link.error(refusal, &Operation::within("watch", "pods", &self.launch.site.namespace));
        self.crew.fail_all(&Failure { why: error.message, help: error.help })
    }

    async fn carry_out(&self, steps: Vec<Step>, remaking: &mut Creations<'a>) -> Result<(), Unheard> {
        for step in steps {
            match step {
                Step::Tell(news) => self.news.send(news).await.map_err(|_| Unheard)?,
                Step::Ready(pod, vantage) => {
                    let connect = stream::connect(self.launch.link, self.api, &pod, &self.opening);
                    let ready = News::Ready(Session::resuming(vantage, connect));
                    self.news.send(ready).await.map_err(|_| Unheard)?;
                }
                Step::Remake(pod, vantage) => remaking.push(Box::pin(remake_one(self.launch, self.api, (pod, vantage)))),
            }
        }
        Ok(())
    }
}

async fn create_one(launch: &Launch<'_>, api: &Api<Pod>, vantage: Vantage) -> (String, Result<Pod, Failure>) {
    let result = launch.create(api, &vantage).await.map_err(|refusal| launch.failure(&refusal));
    (launch.pod_name(&vantage), result)
}

async fn remake_one(launch: &Launch<'_>, api: &Api<Pod>, (pod, vantage): (String, Vantage)) -> (String, Result<Pod, Failure>) {
    let result = create::pod_anew(launch.link, api, &launch.object(&vantage, Ping::without_sysctl(launch.icmp))).await;
    (pod, result.map_err(|refusal| launch.failure(&refusal)))
}

/// Each of them will not come, for one and the same reason.
pub(super) async fn fail_all(vantages: Vec<Vantage>, error: &BackendError, news: &mpsc::Sender<News>) {
    for vantage in vantages {
        let failed = News::Failed { vantage, why: error.message.clone(), help: error.help.clone() };
        // Nobody listens any more: the run is over.
        if news.send(failed).await.is_err() {
            return;
        }
    }
}
