//! The way to one agent: an exec into its pod, as a session. It must not know what is said over it.
//!
//! What is known of exec, and obeyed here: with its protocol v4 the end of stdin ends everything, so stdin never ends first;
//! output of a broken connection never ends, but its status does; what nobody reads holds all the rest up.

use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Status;
use kube::Api;
use kube::api::{AttachParams, AttachedProcess};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::time::{Duration, Instant, sleep, timeout, timeout_at};

use super::client::Link;
use super::manifest::{CONTAINER, SOCKET};
use super::progress::Failure;
use super::refusal::{Operation, Refusal, one_line};
use crate::backend::Session;
use crate::model::vantage::Vantage;

/// Of the agent's output, waiting to be read, in bytes.
const BUFFER: usize = 256 << 10;
/// How often opening is tried.
const ATTEMPTS: u32 = 3;
/// What is kept of stderr, in bytes.
const LAST_WORDS: usize = 2_000;

/// Attaches to the agent in the pod of that name.
pub(super) async fn attach(link: &Link, api: &Api<Pod>, pod: &str, vantage: &Vantage) -> Result<Session, Failure> {
    let deadline = Instant::now() + link.limits.attach;
    let mut attempt = 1;
    loop {
        let refusal = match timeout_at(deadline, open(api, pod)).await {
            Ok(Ok(process)) => return session(process, vantage),
            Ok(Err(error)) => Refusal::of(&error),
            Err(_) => Refusal::Silent(link.limits.attach),
        };
        let passes = refusal.is_silence() || refusal.code().is_some_and(|code| code >= 500 || code == 429);
        let pause = Duration::from_millis(250) * attempt;
        if !passes || attempt == ATTEMPTS || Instant::now() + pause >= deadline {
            return Err(failure(link, api, &refusal));
        }
        attempt += 1;
        sleep(pause).await;
    }
}

async fn open(api: &Api<Pod>, pod: &str) -> kube::Result<AttachedProcess> {
    let params = AttachParams::default()
        .container(CONTAINER)
        .stdin(true)
        .stdout(true)
        .stderr(true)
        .max_stdin_buf_size(BUFFER)
        .max_stdout_buf_size(BUFFER);
    api.exec(pod, ["/netcheck", "agent", "attach", "--socket", SOCKET], &params).await
}

fn failure(link: &Link, api: &Api<Pod>, refusal: &Refusal) -> Failure {
    let namespace = api.namespace().unwrap_or_default();
    // The handshake is a GET; since Kubernetes 1.35 it takes the right to `create` as well.
    let verb = if refusal.says("cannot get") { "get" } else { "create" };
    let error = link.error(refusal, &Operation::within(verb, "pods/exec", namespace));
    Failure { why: format!("its pod runs, but cannot be attached to: {}", error.message), help: error.help }
}

fn session(mut process: AttachedProcess, vantage: &Vantage) -> Result<Session, Failure> {
    let (Some(stdin), Some(stdout), Some(stderr), Some(status)) =
        (process.stdin(), process.stdout(), process.stderr(), process.take_status())
    else {
        return Err(Failure::plain("its exec has no streams"));
    };
    let ended = Box::pin(async move {
        let (status, said) = last_words(stderr, status).await;
        how_it_ended(status, &said, process).await
    });
    Ok(Session::over(vantage.clone(), stdout, stdin, ended))
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

async fn how_it_ended(status: Option<Status>, said: &[u8], process: AttachedProcess) -> String {
    // Only after the status: joining gives it up.
    let joined = timeout(Duration::from_secs(1), process.join()).await;
    let said = one_line(&String::from_utf8_lossy(said));
    let said = if said.is_empty() { said } else { format!(" ({said})") };
    match (status, joined) {
        (Some(status), _) => format!("{}{said}", words(&status)),
        (None, Ok(Err(error))) => format!("its connection broke: {}{said}", one_line(&error.to_string())),
        (None, Ok(Ok(())) | Err(_)) => format!("its connection was closed without a word{said}"),
    }
}

fn words(status: &Status) -> String {
    if status.status.as_deref() == Some("Success") {
        return "its agent closed the connection".to_owned();
    }
    let causes = status.details.as_ref().and_then(|details| details.causes.as_deref()).unwrap_or_default();
    let code = causes.iter().find(|cause| cause.reason.as_deref() == Some("ExitCode")).and_then(|cause| cause.message.as_deref());
    match code {
        Some(code) => format!("its connection ended: netcheck agent attach exited with code {code}"),
        None => format!("its connection ended: {}", one_line(status.message.as_deref().unwrap_or("no reason is given"))),
    }
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
