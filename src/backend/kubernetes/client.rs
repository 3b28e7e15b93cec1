//! The way to the API server: one client, and one rule for every call. It must not know what is asked.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kube::Client;
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::config::{self, Connection};
use super::outage::{Disturbance, Outages, Patience};
use super::refusal::{self, Operation, Place, Refusal, one_line};
use crate::backend::BackendError;

/// Objects of one kind that are made or deleted at once.
pub(super) const AT_ONCE: usize = 16;
/// Between two attempts, at first.
const SHORTEST: Duration = Duration::from_millis(100);
/// Between two attempts, in the end.
const LONGEST: Duration = Duration::from_secs(2);

/// How long this backend waits for what. Tests have less patience than users.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// For a connection to the API server, and for its credentials' plugin three times as long.
    pub connect: Duration,
    /// For the answer to a call, its repetitions included.
    pub call: Duration,
    /// For what a new namespace lacks at first: its service account. Controllers that were started anew, as by an upgrade, need tens of
    /// seconds.
    pub set_up: Duration,
    /// From the first refusal of the image to giving up.
    pub image: Duration,
    /// For an exec to open, its repetitions included.
    pub attach: Duration,
    /// Until pods are listed anew, whatever the watch says.
    pub relist: Duration,
    /// For deleted pods to be gone, before force is used.
    pub pods_gone: Duration,
    /// For all of cleaning up; what it asked to go has so long to be gone.
    pub clean_up: Duration,
    /// How long the API server may be away while a run is set up.
    pub outage: Duration,
    /// After that, how long the cluster may take at most until it is at work again.
    pub recovery: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let seconds = Duration::from_secs;
        Self {
            connect: seconds(5),
            call: seconds(10),
            set_up: seconds(60),
            image: seconds(15),
            attach: seconds(10),
            relist: seconds(10),
            pods_gone: seconds(10),
            clean_up: seconds(30),
            outage: seconds(90),
            recovery: seconds(90),
        }
    }
}

/// A client and what it leads to.
#[derive(Clone)]
pub(super) struct Link {
    /// kube's.
    pub(super) client: Client,
    /// For the words.
    pub(super) place: Arc<Place>,
    /// Our patience.
    pub(super) limits: Limits,
    /// The proxy in between, without its credentials.
    pub(super) proxy: Option<Arc<str>>,
    /// When nobody answered.
    outages: Arc<Mutex<Outages>>,
}

impl Link {
    /// Reads the configuration and makes a client; runs a credentials' plugin, if the kubeconfig names one.
    ///
    /// # Errors
    /// What is wrong with the configuration.
    pub(super) async fn open(connection: &Connection, limits: Limits) -> Result<Self, BackendError> {
        // A process has one provider; the first to say so wins, and whoever links us may have.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let loaded = config::load(connection, limits.connect)?;
        let server = loaded.config.cluster_url.to_string().trim_end_matches('/').to_owned();
        let place = Arc::new(Place { server, context: loaded.context });
        let proxy = loaded.config.proxy_url.as_ref().map(without_credentials);
        let failed = |why: String| BackendError {
            code: "credentials",
            message: format!("context {}: no client for {}: {why}", place.context, place.server),
            details: Vec::new(),
            help: vec![format!("does kubectl get through? kubectl --context {} auth whoami", place.context)],
        };
        // Plugins are run, and waited for, without a pause.
        let making = tokio::task::spawn_blocking(move || Client::try_from(loaded.config));
        let client = match timeout(limits.connect * 3, making).await {
            Ok(Ok(Ok(client))) => client,
            Ok(Ok(Err(error))) => return Err(failed(one_line(&error.to_string()))),
            Ok(Err(error)) => return Err(failed(one_line(&error.to_string()))),
            Err(_) => return Err(failed("the credentials' plugin does not end".to_owned())),
        };
        Ok(Self { client, place, limits, proxy, outages: Arc::default() })
    }

    /// The same way, with other limits.
    pub(super) fn within(&self, limits: Limits) -> Self {
        Self { limits, ..self.clone() }
    }

    /// Asks, and asks again while the answer is that it does not suit just now, until [`Limits::call`] is over. That there is no
    /// answer at all is told at once: whoever asks for the first time wants to know.
    pub(super) async fn call<T, F>(&self, question: impl Fn() -> F) -> Result<T, Refusal>
    where
        F: Future<Output = kube::Result<T>>,
    {
        let deadline = Instant::now() + self.limits.call;
        let mut pause = SHORTEST;
        loop {
            let asked = Instant::now();
            let answer = match timeout_at(deadline, question()).await {
                Ok(answer) => answer.map_err(|error| Refusal::of(&error)),
                Err(_) => Err(Refusal::Silent(self.limits.call)),
            };
            self.note(asked, &answer);
            match answer {
                Err(refusal) if refusal.passes() && Instant::now() + pause < deadline => {}
                answer => return answer,
            }
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST);
        }
    }

    /// [`Link::call`], through outages of the API server of up to [`Limits::outage`] in all.
    pub(super) async fn insist<T, F>(&self, question: impl Fn() -> F) -> Result<T, Refusal>
    where
        F: Future<Output = kube::Result<T>>,
    {
        let Limits { outage, .. } = self.limits;
        let patience = Patience { outage: Duration::ZERO, recovery: Duration::ZERO, ..self.patience(outage) };
        self.insist_within(&patience, question).await
    }

    /// [`Link::call`], through outages of the API server, to the end of that patience.
    pub(super) async fn insist_within<T, F>(&self, patience: &Patience, question: impl Fn() -> F) -> Result<T, Refusal>
    where
        F: Future<Output = kube::Result<T>>,
    {
        let begun = Instant::now();
        let (mut pause, mut before) = (SHORTEST, None);
        loop {
            let refusal = match timeout_at(self.end(patience), self.call(&question)).await {
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(refusal)) => refusal,
                // What was said at last tells more than that the time is up.
                Err(_) => return Err(before.unwrap_or(Refusal::Silent(begun.elapsed()))),
            };
            if !self.may_change(&refusal, begun) || Instant::now() + pause >= self.end(patience) {
                return Err(refusal);
            }
            before = Some(refusal);
            sleep(pause).await;
            pause = (pause * 2).min(LONGEST);
        }
    }

    /// Whether the API server may yet say something else: it is away, or it stumbles, or it came back so recently that it does not
    /// know our rights.
    pub(super) fn may_change(&self, refusal: &Refusal, begun: Instant) -> bool {
        match refusal.code() {
            Some(401 | 403) => self.is_unsettled(),
            Some(500) => begun.elapsed() < self.limits.call,
            Some(_) | None => refusal.is_absence(),
        }
    }

    /// Notes whether the API server answered a question that was asked at that moment.
    pub(super) fn note<T>(&self, asked: Instant, answer: &Result<T, Refusal>) {
        let mut outages = self.outages();
        match answer {
            Err(refusal) if refusal.is_absence() => outages.unanswered(asked),
            // It was not even asked.
            Err(Refusal::Credentials(_)) => {}
            Ok(_) | Err(_) => outages.answered(Instant::now()),
        }
    }

    /// Notes that a connection broke over which the API server was to tell us more.
    pub(super) fn note_break(&self) {
        self.outages().broke(Instant::now());
    }

    /// Whether the API server is away, or has only just come back.
    pub(super) fn is_unsettled(&self) -> bool {
        self.outages().is_unsettled(Instant::now())
    }

    /// A limit from now on that outages put off.
    pub(super) fn patience(&self, limit: Duration) -> Patience {
        let begun = Instant::now();
        let Limits { outage, recovery, .. } = self.limits;
        Patience { begun, limit, before: self.outages().total(begun), outage, recovery }
    }

    /// Of a clean-up that begins now: while nobody answers it waits twice as long at most, but whoever comes back gets the time
    /// that kubelets and controllers need to follow.
    pub(super) fn patience_to_clean_up(&self) -> Patience {
        let limit = self.limits.clean_up;
        let patience = self.patience(limit);
        // Of an outage that is hardly over, others have not recovered yet.
        let before = if self.outages().is_recent(patience.begun, self.limits.recovery) { Disturbance::default() } else { patience.before };
        Patience { outage: limit, before, ..patience }
    }

    /// The end of that patience, as far as it is known now.
    pub(super) fn end(&self, patience: &Patience) -> Instant {
        patience.ends(&self.outages(), Instant::now())
    }

    /// How long the API server was away since that patience began.
    pub(super) fn away(&self, patience: &Patience) -> Duration {
        self.outages().since(patience.before, Instant::now()).away
    }

    fn outages(&self) -> MutexGuard<'_, Outages> {
        self.outages.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A refusal as the error of the whole operation.
    pub(super) fn error(&self, refusal: &Refusal, operation: &Operation) -> BackendError {
        refusal::error(refusal, operation, &self.place)
    }
}

fn without_credentials(proxy: &http::Uri) -> Arc<str> {
    let port = proxy.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{}://{}{port}", proxy.scheme_str().unwrap_or("http"), proxy.host().unwrap_or_default()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proxys_password_is_not_told() {
        for (proxy, expected) in [
            ("http://jane:secret@proxy.example:3128/", "http://proxy.example:3128"),
            ("socks5://[fd30::2]:1080", "socks5://[fd30::2]:1080"),
        ] {
            assert_eq!(&*without_credentials(&proxy.parse().unwrap()), expected);
        }
    }
}
