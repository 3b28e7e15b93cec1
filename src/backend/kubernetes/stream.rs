//! The way to one agent: execs into its pod, one after the other. It must not know what is said over them.
//!
//! What is known of exec, and obeyed here: with its protocol v4 the end of stdin ends everything, so stdin never ends first;
//! output of a broken connection never ends, but its status does; what nobody reads holds all the rest up; and the API server
//! agrees to an exec before it has reached the kubelet, so that only the agent's first word says that somebody is there.

use std::sync::{Arc, Mutex, PoisonError};

use futures::future::BoxFuture;
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Status;
use kube::Api;
use kube::api::{AttachParams, AttachedProcess};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::sync::Semaphore;
use tokio::time::{Duration, Instant, sleep_until, timeout, timeout_at};

use super::client::Link;
use super::events::warnings;
use super::manifest::{CONTAINER, SOCKET};
use super::progress::{Failure, Progress, progress, vanished};
use super::refusal::{Operation, Refusal, one_line};
use super::watch::look;
use crate::backend::{Connect, Connection, NoConnection};

/// Of the agent's output, waiting to be read, in bytes.
const BUFFER: usize = 256 << 10;
/// What is kept of stderr, in bytes.
const LAST_WORDS: usize = 2_000;

/// Opens connections with the agent in the pod of that name. No more of them are being opened at once than `opening` allows.
pub(super) fn connect(link: &Link, api: &Api<Pod>, pod: &str, opening: &Arc<Semaphore>) -> Connect {
    let way = Arc::new(Way {
        link: link.clone(),
        api: api.clone(),
        pod: pod.to_owned(),
        opening: Arc::clone(opening),
        rights: Mutex::new(Rights::Unknown),
    });
    Box::new(move || {
        let way = Arc::clone(&way);
        Box::pin(async move { way.attempt().await })
    })
}

/// The way to one agent, and what is known of it.
struct Way {
    link: Link,
    api: Api<Pod>,
    pod: String,
    opening: Arc<Semaphore>,
    rights: Mutex<Rights>,
}

/// Whether we may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rights {
    /// Nobody said anything of it.
    Unknown,
    /// We could.
    Had,
    /// We could, or may have been able to; since then we were refused.
    Refused(Instant),
}

impl Way {
    async fn attempt(&self) -> Result<Connection, NoConnection> {
        // The semaphore is never closed.
        let _one_of_few = self.opening.acquire().await;
        let asked = Instant::now();
        let deadline = asked + self.link.limits.attach;
        let refusal = match timeout_at(deadline, self.open()).await {
            Ok(Ok(process)) => match first_word(process, deadline).await {
                Ok(connection) => {
                    self.link.note(asked, &Ok(()));
                    *self.rights() = Rights::Had;
                    return Ok(connection);
                }
                Err(Silence::Refused(refusal)) => refusal,
                Err(Silence::NoWay(why)) => return Err(NoConnection::NoWay(why)),
                Err(Silence::NoAnswer(why)) => return Err(self.state(why).await),
            },
            Ok(Err(error)) => Refusal::of(&error),
            Err(_) => Refusal::Silent(self.link.limits.attach),
        };
        match Obstacle::of(&refusal) {
            Obstacle::Way => {
                self.link.note::<()>(asked, &Err(refusal.clone()));
                Err(NoConnection::NoWay(format!("API server {}: {refusal}", self.link.place.server)))
            }
            Obstacle::Answer => Err(self.state(refusal.to_string()).await),
            Obstacle::Rights => Err(self.refused(&refusal)),
        }
    }

    async fn open(&self) -> kube::Result<AttachedProcess> {
        let params = AttachParams::default()
            .container(CONTAINER)
            .stdin(true)
            .stdout(true)
            .stderr(true)
            .max_stdin_buf_size(BUFFER)
            .max_stdout_buf_size(BUFFER);
        self.api.exec(&self.pod, ["/netcheck", "agent", "attach", "--socket", SOCKET], &params).await
    }

    /// What the agent's silence comes from, as far as its pod tells.
    async fn state(&self, why: String) -> NoConnection {
        match look(&self.link, &self.api, &self.pod).await {
            Ok(Some(pod)) => match progress(&pod) {
                Progress::Failed(failure) => NoConnection::Gone(failure.why),
                Progress::Waiting(_) | Progress::Running | Progress::Refused(_) | Progress::SysctlRefused => NoConnection::NoAnswer(why),
            },
            Ok(None) => {
                let said = warnings(&self.link, self.api.namespace().unwrap_or_default()).await.remove(&self.pod);
                NoConnection::Gone(said.map_or(vanished().why, |said| format!("{}: {said}", vanished().why)))
            }
            Err(refusal) if refusal.is_absence() => NoConnection::NoWay(format!("{why}; API server {}: {refusal}", self.link.place.server)),
            Err(_) => NoConnection::NoAnswer(why),
        }
    }

    /// Rights that were never there will not come. Those that were there may come back: an API server that has just been started
    /// knows nobody's, and credentials are renewed.
    fn refused(&self, refusal: &Refusal) -> NoConnection {
        let mut rights = self.rights();
        let since = match *rights {
            Rights::Unknown if !self.link.is_unsettled() => None,
            Rights::Unknown | Rights::Had => Some(Instant::now()),
            Rights::Refused(since) => Some(since),
        };
        let why = self.without_rights(refusal);
        match since {
            Some(since) if since.elapsed() < self.link.limits.attach => {
                *rights = Rights::Refused(since);
                NoConnection::NoWay(why)
            }
            Some(_) | None => NoConnection::Gone(why),
        }
    }

    fn without_rights(&self, refusal: &Refusal) -> String {
        let namespace = self.api.namespace().unwrap_or_default();
        // The handshake is a GET; since Kubernetes 1.35 it takes the right to `create` as well.
        let verb = if refusal.says("cannot get") { "get" } else { "create" };
        let error = self.link.error(refusal, &Operation::within(verb, "pods/exec", namespace));
        let Failure { why, .. } = Failure::plain(format!("its pod runs, but cannot be attached to: {}", error.message));
        error.help.first().map_or(why.clone(), |help| format!("{why} ({help})"))
    }

    fn rights(&self) -> std::sync::MutexGuard<'_, Rights> {
        self.rights.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What stands between us and the agent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Obstacle {
    /// The API server is away, or not at work.
    Way,
    /// The API server is well, the agent's end is not: its kubelet, its container.
    Answer,
    /// We may not.
    Rights,
}

impl Obstacle {
    fn of(refusal: &Refusal) -> Self {
        match refusal {
            // `error dialing backend: dial tcp 10.0.0.3:10250: …`, with the code of whoever dialled.
            Refusal::Answered { code: 500.., message } if message.contains("dial") => Self::Answer,
            Refusal::Silent(_) | Refusal::Broken(_) | Refusal::Cut(_) => Self::Way,
            Refusal::Answered { .. } if refusal.passes() => Self::Way,
            Refusal::Answered { code: 404 | 409 | 500.., .. } => Self::Answer,
            Refusal::Answered { .. } | Refusal::Credentials(_) => Self::Rights,
        }
    }
}

/// Why an exec that was agreed to led to nobody.
enum Silence {
    /// The API server, or whoever is behind it, says why.
    Refused(Refusal),
    /// It broke on the way.
    NoWay(String),
    /// Nobody spoke, or what should have joined us with the agent could not.
    NoAnswer(String),
}

/// An exec; dropping it ends it, which kube does not do.
struct Exec(Option<AttachedProcess>);

impl Drop for Exec {
    fn drop(&mut self) {
        if let Some(process) = &self.0 {
            process.abort();
        }
    }
}

/// Waits until the agent speaks: only then there is a connection.
async fn first_word(mut process: AttachedProcess, deadline: Instant) -> Result<Connection, Silence> {
    let (Some(stdin), Some(mut stdout), Some(stderr), Some(status)) =
        (process.stdin(), process.stdout(), process.stderr(), process.take_status())
    else {
        return Err(Silence::NoAnswer("its exec has no streams".to_owned()));
    };
    let exec = Exec(Some(process));
    let mut over: BoxFuture<'static, (Option<Status>, Vec<u8>)> = Box::pin(last_words(stderr, status));
    let mut first = vec![0; 4 << 10];
    let ended = tokio::select! {
        biased;
        read = stdout.read(&mut first) => match read {
            Ok(length @ 1..) => {
                first.truncate(length);
                let ended = Box::pin(async move {
                    let (status, said) = over.await;
                    how_it_ended(status, &said, exec).await
                });
                let reader = Box::new(std::io::Cursor::new(first).chain(stdout));
                return Ok(Connection { reader, writer: Box::new(stdin), ended });
            }
            Ok(_) | Err(_) => timeout_at(deadline, over).await.ok(),
        },
        ended = &mut over => Some(ended),
        () = sleep_until(deadline) => None,
    };
    Err(match ended {
        Some((Some(status), said)) => unheard(&status, &said),
        Some((None, said)) => Silence::NoWay(how_it_ended(None, &said, exec).await),
        None => Silence::NoAnswer("its pod was attached to, but its agent said nothing".to_owned()),
    })
}

/// What a status means that came before the agent's first word.
fn unheard(status: &Status, said: &[u8]) -> Silence {
    match u16::try_from(status.code.unwrap_or(0)) {
        Ok(code @ 400..) if exit_code(status).is_none() => {
            Silence::Refused(Refusal::Answered { code, message: one_line(status.message.as_deref().unwrap_or("no reason is given")) })
        }
        _ => Silence::NoAnswer(format!("{}{}", words(status), in_brackets(said))),
    }
}

/// Reads stderr for as long as there is no status: unread, it would hold stdout and the pings up.
async fn last_words(mut stderr: impl AsyncRead + Unpin, status: impl Future<Output = Option<Status>>) -> (Option<Status>, Vec<u8>) {
    let mut status = std::pin::pin!(status);
    let mut said = Vec::new();
    let mut chunk = [0_u8; 1_024];
    let mut open = true;
    loop {
        tokio::select! {
            biased;
            read = stderr.read(&mut chunk), if open => match read {
                Ok(0) | Err(_) => open = false,
                Ok(length) => {
                    said.extend_from_slice(&chunk[..length]);
                    said.drain(..said.len().saturating_sub(LAST_WORDS));
                }
            },
            status = &mut status => return (status, said),
        }
    }
}

async fn how_it_ended(status: Option<Status>, said: &[u8], mut exec: Exec) -> String {
    // Only after the status: joining gives it up.
    let joined = match exec.0.take() {
        Some(process) => timeout(Duration::from_secs(1), process.join()).await.unwrap_or(Ok(())),
        None => Ok(()),
    };
    let said = in_brackets(said);
    match (status, joined) {
        (Some(status), _) => format!("{}{said}", words(&status)),
        (None, Err(error)) => format!("its connection broke: {}{said}", one_line(&error.to_string())),
        (None, Ok(())) => format!("its connection was closed without a word{said}"),
    }
}

/// What was said on stderr, behind whatever else is said.
fn in_brackets(said: &[u8]) -> String {
    let said = one_line(&String::from_utf8_lossy(said));
    if said.is_empty() { said } else { format!(" ({said})") }
}

fn words(status: &Status) -> String {
    if status.status.as_deref() == Some("Success") {
        return "its agent closed the connection".to_owned();
    }
    match exit_code(status) {
        Some(code) => format!("its connection ended: netcheck agent attach exited with code {code}"),
        None => format!("its connection ended: {}", one_line(status.message.as_deref().unwrap_or("no reason is given"))),
    }
}

fn exit_code(status: &Status) -> Option<&str> {
    let causes = status.details.as_ref()?.causes.as_deref()?;
    causes.iter().find(|cause| cause.reason.as_deref() == Some("ExitCode"))?.message.as_deref()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn check(status: &serde_json::Value, expected: &str) {
        assert_eq!(words(&serde_json::from_value(status.clone()).unwrap()), expected);
    }

    #[test]
    fn a_status_is_put_in_words() {
        check(&json!({ "status": "Success" }), "its agent closed the connection");
        check(
            &json!({ "status": "Failure", "reason": "NonZeroExitCode", "message": "command terminated with non-zero exit code",
                     "details": { "causes": [{ "reason": "ExitCode", "message": "137" }] } }),
            "its connection ended: netcheck agent attach exited with code 137",
        );
        check(&json!({ "status": "Failure", "message": "container\nnot found" }), "its connection ended: container not found");
        check(&json!({}), "its connection ended: no reason is given");
    }

    #[test]
    fn what_is_in_the_way_is_told_apart() {
        let answered = |code: u16, message: &str| Refusal::Answered { code, message: message.to_owned() };
        for (refusal, expected) in [
            (Refusal::Broken("Connection refused (os error 111)".to_owned()), Obstacle::Way),
            (Refusal::Cut("Connection reset by peer".to_owned()), Obstacle::Way),
            (Refusal::Silent(Duration::from_secs(10)), Obstacle::Way),
            (answered(429, "too many requests"), Obstacle::Way),
            (answered(503, "apiserver is shutting down"), Obstacle::Way),
            (answered(502, "Bad Gateway"), Obstacle::Way),
            (answered(500, "error dialing backend: dial tcp 10.0.0.3:10250: connect: no route to host"), Obstacle::Answer),
            (answered(502, "error dialing backend: proxy error from 127.0.0.1:9345 while dialing 10.0.0.3:10250"), Obstacle::Answer),
            (answered(500, "unable to upgrade connection: container not found (\"agent\")"), Obstacle::Answer),
            (answered(404, "pods \"p\" not found"), Obstacle::Answer),
            (answered(401, "Unauthorized"), Obstacle::Rights),
            (answered(403, "cannot create resource \"pods/exec\""), Obstacle::Rights),
            (answered(400, "no switch to a websocket"), Obstacle::Rights),
            (Refusal::Credentials("no plugin".to_owned()), Obstacle::Rights),
        ] {
            assert_eq!(Obstacle::of(&refusal), expected, "{refusal}");
        }
    }

    #[tokio::test]
    async fn stderr_is_drained_and_only_its_end_is_kept() {
        let (mut writer, reader) = tokio::io::duplex(16);
        let (tell, told) = tokio::sync::oneshot::channel::<()>();
        let write = async {
            tokio::io::AsyncWriteExt::write_all(&mut writer, &[b'x'; 10_000]).await.unwrap();
            tell.send(()).unwrap();
        };
        let ((status, said), ()) = tokio::join!(last_words(reader, async { told.await.ok().and(None) }), write);
        assert!(status.is_none());
        assert!(said.len() <= LAST_WORDS && said.len() > LAST_WORDS - 100, "{}", said.len());
    }
}
