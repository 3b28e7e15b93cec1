//! Whether websockets get through to the API server: without them no agent can be attached to. It creates nothing.
//!
//! The API server upgrades watches to websockets as well as execs, and by itself: so a watch shows whether everything on the way
//! passes an upgrade on. An exec into a pod that is not there is answered with 404 whether or not the upgrade arrived; it shows
//! whether a policy forbids execs. What comes behind the API server, its way to the kubelets, shows only with a pod.

use http::header::{CONNECTION, ORIGIN, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use http::{Request, StatusCode};
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::AttachParams;
use kube::client::Body;

use crate::backend::kubernetes::client::Link;
use crate::backend::kubernetes::refusal::{Refusal, one_line};
use crate::model::finding::{Finding, Grade};

/// Of an answer that is shown, in bytes.
const ANSWER: usize = 1_000;

/// Whether a watch of the pods in that namespace, which need not be there, can be upgraded.
pub(super) async fn websockets(link: &Link, namespace: &str) -> Finding {
    let answer = tokio::time::timeout(link.limits.call, ask(link, namespace)).await;
    let answer = match answer {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(Refusal::of(&error)),
        Err(_) => Err(Refusal::Silent(link.limits.call)),
    };
    websockets_finding(answer, link.proxy.as_deref())
}

/// The status, and the beginning of what is no upgrade.
async fn ask(link: &Link, namespace: &str) -> kube::Result<(StatusCode, String)> {
    let path = format!("/api/v1/namespaces/{namespace}/pods?watch=true&timeoutSeconds=1&resourceVersion=0");
    let request = Request::get(path)
        .header(CONNECTION, "Upgrade")
        .header(UPGRADE, "websocket")
        .header(SEC_WEBSOCKET_VERSION, "13")
        // Sixteen bytes in base64 (RFC 6455, 4.1). Nothing is said over this connection that a cache could mistake.
        .header(SEC_WEBSOCKET_KEY, "bmV0Y2hlY2sgZG9jdG9yIQ==")
        // The API server refuses a watch without one.
        .header(ORIGIN, "http://localhost")
        .body(Body::empty())
        .map_err(kube::Error::HttpError)?;
    let response = link.client.send(request).await?;
    let status = response.status();
    if status.is_informational() || status.is_success() {
        return Ok((status, String::new())); // a watch that goes on has no end to be read to
    }
    let body = response.into_body().collect_bytes().await?;
    Ok((status, String::from_utf8_lossy(&body[..body.len().min(ANSWER)]).into_owned()))
}

fn websockets_finding(answer: Result<(StatusCode, String), Refusal>, proxy: Option<&str>) -> Finding {
    let about = |grade, what: String| Finding::new(grade, "websockets", what);
    let on_the_way = match proxy {
        Some(proxy) => format!("the proxy {proxy}, or a gateway or load balancer on the way"),
        None => "a gateway, proxy or load balancer on the way".to_owned(),
    };
    let help = "agents are attached to by websockets: have them allowed there, or reach the API server another way (--context, NO_PROXY)";
    match answer {
        Ok((StatusCode::SWITCHING_PROTOCOLS, _)) => {
            about(Grade::Fine, "they reach the API server; its own way to the kubelets shows only with a pod".to_owned())
        }
        Ok((status, _)) if status.is_success() => {
            about(Grade::Wrong, format!("{on_the_way} takes the upgrade out of requests: a watch was answered without one")).help([help])
        }
        Ok((StatusCode::FORBIDDEN, words)) if words.contains(" cannot watch ") => {
            about(Grade::Unchecked, "not tried: that takes the right to watch pods".to_owned())
        }
        Ok((status, words)) => {
            about(Grade::Wrong, format!("{on_the_way} answers {} to an upgrade: {}", status.as_u16(), one_line(&words))).help([help])
        }
        Err(refusal) => about(Grade::Wrong, format!("an upgrade is not answered: {refusal}; perhaps by {on_the_way}")).help([help]),
    }
}

/// Whether an exec gets as far as looking for its pod.
pub(super) async fn exec(link: &Link, namespace: &str) -> Finding {
    let api: Api<Pod> = Api::namespaced(link.client.clone(), namespace);
    let params = AttachParams::default().container("agent").stdin(true).stdout(true).stderr(true);
    let asked = tokio::time::timeout(link.limits.call, api.exec("netcheck-doctor-no-such-pod", ["/netcheck"], &params)).await;
    let refusal = match asked {
        Ok(Ok(_)) => None,
        Ok(Err(error)) => Some(Refusal::of(&error)),
        Err(_) => Some(Refusal::Silent(link.limits.call)),
    };
    exec_finding(refusal.as_ref(), namespace)
}

fn exec_finding(refusal: Option<&Refusal>, namespace: &str) -> Finding {
    let about = |grade, what: String| Finding::new(grade, "exec", what);
    let Some(refusal) = refusal else {
        let help = "is that address an API server's?";
        return about(Grade::Wrong, format!("an exec into a pod that is not there, in namespace {namespace}, succeeds")).help([help]);
    };
    match refusal {
        Refusal::Answered { code: 404, message } if message.contains("not found") => {
            about(Grade::Fine, format!("no rule forbids it in namespace {namespace}, as far as can be asked without a pod"))
        }
        refusal if refusal.wants_a_right() => {
            about(Grade::Unchecked, "not tried: that takes the rights to get and to create pods/exec".to_owned())
        }
        Refusal::Answered { .. } => about(Grade::Wrong, format!("an exec into a pod of namespace {namespace} is {refusal}"))
            .help(["orders and results travel through execs: ask whoever owns that rule to spare the agents' namespaces"]),
        Refusal::Silent(_) | Refusal::Broken(_) | Refusal::Cut(_) | Refusal::Credentials(_) => {
            about(Grade::Wrong, format!("an exec is not answered: {refusal}"))
                .help(["does a gateway on the way to the API server forbid execs?"])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(status: u16, words: &str, expected: (Grade, &str)) {
        let found = websockets_finding(Ok((StatusCode::from_u16(status).unwrap(), words.to_owned())), Some("http://proxy:3128"));
        assert_eq!((found.grade, found.what.as_str()), expected);
        assert_eq!(found.grade == Grade::Wrong, !found.help.is_empty());
    }

    #[test]
    fn an_upgrade_arrives_or_is_taken_out_or_refused() {
        check(101, "", (Grade::Fine, "they reach the API server; its own way to the kubelets shows only with a pod"));
        check(
            200,
            "",
            (
                Grade::Wrong,
                "the proxy http://proxy:3128, or a gateway or load balancer on the way takes the upgrade out of requests: a watch was answered without one",
            ),
        );
        check(
            403,
            "<html>\nno websockets",
            (
                Grade::Wrong,
                "the proxy http://proxy:3128, or a gateway or load balancer on the way answers 403 to an upgrade: <html> no websockets",
            ),
        );
        let right = "{\"kind\":\"Status\",\"message\":\"User \\\"u\\\" cannot watch resource \\\"pods\\\"\"}";
        check(403, right, (Grade::Unchecked, "not tried: that takes the right to watch pods"));
        let broken = websockets_finding(Err(Refusal::Broken("reset".to_owned())), None);
        assert_eq!(
            broken.what,
            "an upgrade is not answered: cannot be reached: reset; perhaps by a gateway, proxy or load balancer on the way"
        );
    }

    #[test]
    fn an_exec_is_let_through_or_forbidden() {
        let check = |code: u16, message: &str, expected: Grade| {
            let found = exec_finding(Some(&Refusal::Answered { code, message: message.to_owned() }), "tests");
            assert_eq!(found.grade, expected, "{found:?}");
        };
        check(404, "pods \"netcheck-doctor-no-such-pod\" not found", Grade::Fine);
        check(404, "page missing", Grade::Wrong);
        check(403, "User \"u\" cannot create resource \"pods/exec\"", Grade::Unchecked);
        check(403, "pods \"netcheck-doctor-no-such-pod\" is forbidden:", Grade::Unchecked);
        check(403, "admission webhook \"no-exec\" denied the request", Grade::Wrong);
        assert_eq!(exec_finding(None, "tests").grade, Grade::Wrong);
        assert_eq!(exec_finding(Some(&Refusal::Broken("x".to_owned())), "tests").grade, Grade::Wrong);
    }
}
