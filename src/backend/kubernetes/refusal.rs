//! What the API server did not do for us, and the words that say so. It must not know what the operation was for.

use std::io::ErrorKind;
use std::time::Duration;

use super::rights::Scope;
use crate::backend::BackendError;

/// An operation on the API, as its errors name it.
#[derive(Debug, Clone)]
pub(super) struct Operation {
    /// As `kubectl auth can-i` spells it: `create`.
    pub(super) verb: &'static str,
    /// As `kubectl auth can-i` spells it: `pods`, `pods/exec`.
    pub(super) resource: &'static str,
    /// Where.
    pub(super) scope: Scope,
}

impl Operation {
    /// On something that belongs to no namespace.
    pub(super) const fn cluster(verb: &'static str, resource: &'static str) -> Self {
        Self { verb, resource, scope: Scope::Cluster }
    }

    /// On something in every namespace.
    pub(super) const fn everywhere(verb: &'static str, resource: &'static str) -> Self {
        Self { verb, resource, scope: Scope::Everywhere }
    }

    /// On something in a namespace.
    pub(super) fn within(verb: &'static str, resource: &'static str, namespace: &str) -> Self {
        Self { verb, resource, scope: Scope::Within(namespace.to_owned()) }
    }

    fn question(&self, context: &str) -> String {
        let resource = match self.resource.split_once('/') {
            Some((resource, part)) => format!("{resource} --subresource={part}"),
            None => self.resource.to_owned(),
        };
        let namespace = match &self.scope {
            Scope::Cluster => String::new(),
            Scope::Everywhere => " --all-namespaces".to_owned(),
            Scope::Within(name) => format!(" -n {name}"),
        };
        format!("kubectl --context {context} auth can-i {} {resource}{namespace}", self.verb)
    }
}

impl std::fmt::Display for Operation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}{}", self.verb, self.resource, self.scope)
    }
}

/// Why an operation did not come about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// The API server answered, and said no.
    Answered {
        /// HTTP's.
        code: u16,
        /// In its words, on one line.
        message: String,
    },
    /// Nothing came back in that time.
    Silent(Duration),
    /// There is no connection, in the words of whoever noticed.
    Broken(String),
    /// There was a connection, and it was cut off before the answer was complete: the question may have been heard.
    Cut(String),
    /// Our own credentials could not be had.
    Credentials(String),
}

impl Refusal {
    /// What kube calls an error.
    pub(super) fn of(error: &kube::Error) -> Self {
        match error {
            kube::Error::Api(status) => {
                let words = if status.message.is_empty() { &status.reason } else { &status.message };
                Self::Answered { code: status.code, message: one_line(words) }
            }
            kube::Error::Auth(error) => Self::Credentials(one_line(&error.to_string())),
            kube::Error::UpgradeConnection(kube::client::UpgradeConnectionError::ProtocolSwitch(code)) => {
                Self::Answered { code: code.as_u16(), message: "no switch to a websocket (does a gateway forbid them?)".to_owned() }
            }
            other => {
                let deepest = deepest(other);
                if is_cut(deepest) { Self::Cut(words(deepest)) } else { Self::Broken(words(deepest)) }
            }
        }
    }

    /// Whether the same question may be answered differently in a moment (429, 502, 503, 504, cut off, or not looked into).
    pub(super) fn passes(&self) -> bool {
        matches!(self, Self::Answered { code: 429 | 502 | 503 | 504, .. } | Self::Cut(_)) || self.could_not_look()
    }

    /// Whether there was no answer at all.
    pub(super) const fn is_silence(&self) -> bool {
        matches!(self, Self::Silent(_) | Self::Broken(_) | Self::Cut(_))
    }

    /// Whether the API server is not there, or not at work: nothing that it says of the question itself.
    pub(super) fn is_absence(&self) -> bool {
        self.is_silence() || self.passes()
    }

    /// HTTP's code, if there was an answer.
    pub(super) const fn code(&self) -> Option<u16> {
        match self {
            Self::Answered { code, .. } => Some(*code),
            Self::Silent(_) | Self::Broken(_) | Self::Cut(_) | Self::Credentials(_) => None,
        }
    }

    /// Whether a right is missing, as RBAC says it in every version: `… cannot create resource "pods" in API group …`. Asked about
    /// execs, Kubernetes 1.35 gives no reason at all: `pods "a" is forbidden:`.
    pub(super) fn wants_a_right(&self) -> bool {
        matches!(self, Self::Answered { code: 403, message } if message.contains(" cannot ") || message.ends_with("is forbidden:"))
    }

    /// Whether a fresh namespace has no service account yet, or an API server that goes down or comes up cannot look it up: that
    /// passes.
    pub(super) fn lacks_account(&self) -> bool {
        let passes = self.says("not found") || self.says("error looking up");
        self.code() == Some(403) && self.says("service account") && passes
    }

    /// Whether no rule refused, but the API server could not ask itself what its rules (quotas, limit ranges, service accounts)
    /// are, since it goes down or comes up: `… is forbidden: Get "https://[::1]:6443/api/v1/…": dial tcp …: connection refused`, or
    /// `not yet ready to handle request` (`k8s.io/apiserver/pkg/admission`).
    fn could_not_look(&self) -> bool {
        let unread = ["is forbidden: Get \"https://", "is forbidden: not yet ready to handle request"];
        self.code() == Some(403) && unread.into_iter().any(|words| self.says(words))
    }

    /// Whether the answer has these words.
    pub(super) fn says(&self, words: &str) -> bool {
        matches!(self, Self::Answered { message, .. } if message.contains(words))
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Answered { code, message } => write!(f, "refused ({code}): {message}"),
            Self::Silent(limit) => write!(f, "no answer within {} s", limit.as_secs_f32()),
            Self::Broken(words) => write!(f, "cannot be reached: {words}"),
            Self::Cut(words) => write!(f, "broke off: {words}"),
            Self::Credentials(words) => write!(f, "not asked, for want of credentials: {words}"),
        }
    }
}

/// The place that refused, for the words.
#[derive(Debug, Clone)]
pub(super) struct Place {
    /// The API server's address.
    pub(super) server: String,
    /// The kubeconfig's context.
    pub(super) context: String,
}

/// A refusal as the error of the whole operation.
pub(super) fn error(refusal: &Refusal, operation: &Operation, place: &Place) -> BackendError {
    let Place { server, context } = place;
    let (code, help) = match refusal {
        Refusal::Silent(_) | Refusal::Broken(_) | Refusal::Cut(_) => ("api-unreachable", unreachable_help(place)),
        Refusal::Credentials(_) | Refusal::Answered { code: 401, .. } => ("unauthorized", credentials_help(context)),
        refusal if refusal.could_not_look() => ("api-error", ready_help(context)),
        Refusal::Answered { code: 403, .. } => forbidden(refusal, operation, context),
        Refusal::Answered { code: 404, .. } => ("not-found", missing_help(operation)),
        Refusal::Answered { .. } => ("api-error", ready_help(context)),
    };
    BackendError { code, message: format!("{operation}: API server {server}: {refusal}"), details: Vec::new(), help }
}

fn ready_help(context: &str) -> Vec<String> {
    vec![format!("kubectl --context {context} get --raw /readyz")]
}

fn unreachable_help(place: &Place) -> Vec<String> {
    vec![
        format!("is {} right, and is it up? kubectl --context {} get --raw /readyz", place.server, place.context),
        "another cluster: --context NAME or --kubeconfig PATH; behind a proxy: HTTPS_PROXY and NO_PROXY".to_owned(),
    ]
}

fn credentials_help(context: &str) -> Vec<String> {
    vec![
        format!("who are you to the cluster? kubectl --context {context} auth whoami"),
        "log in again, or renew the credentials in the kubeconfig".to_owned(),
    ]
}

fn missing_help(operation: &Operation) -> Vec<String> {
    match &operation.scope {
        Scope::Within(namespace) => vec![format!("is there a namespace {namespace}? Without -n, netcheck makes one of its own")],
        Scope::Cluster | Scope::Everywhere => Vec::new(),
    }
}

fn forbidden(refusal: &Refusal, operation: &Operation, context: &str) -> (&'static str, Vec<String>) {
    if refusal.says("exceeded quota") || refusal.says("failed quota") {
        return ("quota", vec!["another namespace: -n NAME; or a wider quota: each agent asks for 20m CPU and 24Mi of memory".to_owned()]);
    }
    if refusal.lacks_account() {
        let ask = format!("is kube-controller-manager at work? It makes them: kubectl --context {context} get serviceaccounts -A");
        return ("no-service-account", vec![ask]);
    }
    if refusal.wants_a_right() {
        let rights = "everything that is missing: netcheck doctor SUITE; what a run needs, for kubectl apply: netcheck rbac SUITE";
        return ("forbidden", vec![operation.question(context), rights.to_owned()]);
    }
    (
        "admission",
        vec![
            "an admission rule of the cluster refuses it: ask whoever owns that rule, or name a namespace that it spares: -n NAME"
                .to_owned(),
        ],
    )
}

/// Text from elsewhere on one line, at most 600 characters of it, without control characters.
pub(super) fn one_line(text: &str) -> String {
    let words: Vec<&str> = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
    let line = words.join(" ");
    match line.char_indices().nth(600) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// The innermost reason: what wraps it says `client error` and the like.
fn deepest(error: &kube::Error) -> &(dyn std::error::Error + 'static) {
    let mut reason: &dyn std::error::Error = error;
    while let Some(inner) = reason.source() {
        reason = inner;
    }
    reason
}

fn kind(reason: &(dyn std::error::Error + 'static)) -> Option<ErrorKind> {
    reason.downcast_ref::<std::io::Error>().map(std::io::Error::kind)
}

/// Whether somebody was there: then the connection broke, where else there was none.
fn is_cut(reason: &(dyn std::error::Error + 'static)) -> bool {
    let kinds = [ErrorKind::ConnectionReset, ErrorKind::ConnectionAborted, ErrorKind::BrokenPipe, ErrorKind::UnexpectedEof];
    // The last is what hyper calls a connection that ends where an answer should begin.
    kind(reason).is_some_and(|kind| kinds.contains(&kind)) || reason.to_string() == "connection closed before message completed"
}

fn words(reason: &(dyn std::error::Error + 'static)) -> String {
    match kind(reason) {
        Some(ErrorKind::TimedOut) => "no connection in time".to_owned(),
        _ => one_line(&reason.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(refusal: &Refusal, expected: [&str; 3]) {
        let place = Place { server: "https://10.0.0.1:6443".to_owned(), context: "prod".to_owned() };
        let error = error(refusal, &Operation::within("create", "pods", "netcheck-1"), &place);
        let [code, message, help] = expected;
        assert_eq!(error.code, code);
        assert!(error.message.contains(message), "{}", error.message);
        assert!(error.help.iter().any(|line| line.contains(help)), "{:?}", error.help);
    }

    fn answered(code: u16, message: &str) -> Refusal {
        Refusal::Answered { code, message: message.to_owned() }
    }

    #[test]
    fn each_refusal_says_what_where_and_what_to_try() {
        check(
            &Refusal::Broken("Connection refused (os error 111)".to_owned()),
            [
                "api-unreachable",
                "create pods in namespace netcheck-1: API server https://10.0.0.1:6443: cannot be reached: Connection refused (os error 111)",
                "get --raw /readyz",
            ],
        );
        check(&Refusal::Cut("Connection reset by peer".to_owned()), ["api-unreachable", "broke off: Connection reset by peer", "readyz"]);
        check(&Refusal::Silent(Duration::from_secs(10)), ["api-unreachable", "no answer within 10 s", "NO_PROXY"]);
        check(&answered(401, "Unauthorized"), ["unauthorized", "refused (401): Unauthorized", "kubectl --context prod auth whoami"]);
        check(&Refusal::Credentials("no plugin".to_owned()), ["unauthorized", "no plugin", "log in again"]);
        check(
            &answered(403, r#"pods is forbidden: User "x" cannot create resource "pods" in API group "" in the namespace "netcheck-1""#),
            ["forbidden", "cannot create resource", "kubectl --context prod auth can-i create pods -n netcheck-1"],
        );
        // So says Kubernetes 1.35 where the right to create execs is missing.
        check(&answered(403, "pods \"a\" is forbidden:"), ["forbidden", "is forbidden:", "netcheck rbac SUITE"]);
        check(&answered(403, "pods \"a\" is forbidden: exceeded quota: q, requested: pods=1"), ["quota", "exceeded quota", "20m"]);
        for late in ["service account n/default was not found, retry after", "error looking up service account n/default: serviceaccount"] {
            check(&answered(403, late), ["no-service-account", late, "is kube-controller-manager at work?"]);
        }
        check(&answered(403, "admission webhook \"w\" denied the request: no"), ["admission", "denied the request", "owns that rule"]);
        for unready in [LIMITS, "pods \"a\" is forbidden: not yet ready to handle request"] {
            check(&answered(403, unready), ["api-error", unready, "get --raw /readyz"]);
        }
        check(&answered(404, "namespaces \"netcheck-1\" not found"), ["not-found", "not found", "is there a namespace netcheck-1?"]);
        check(&answered(500, "etcd"), ["api-error", "refused (500): etcd", "readyz"]);
    }

    /// So says Kubernetes 1.35 while it goes down.
    const LIMITS: &str = "pods \"a\" is forbidden: Get \"https://[::1]:6443/api/v1/namespaces/n/limitranges\": dial tcp [::1]:6443: \
        connect: connection refused";

    #[test]
    fn what_no_rule_refused_is_asked_again() {
        for (code, message, passes) in [
            (403, LIMITS, true),
            (403, "pods \"a\" is forbidden: not yet ready to handle request", true),
            (403, "pods \"a\" is forbidden: exceeded quota: q", false),
            (403, "pods is forbidden: User \"x\" cannot create resource \"pods\"", false),
            (403, "admission webhook \"w\" denied the request: no manifest: Get \"https://registry/v2/\": dial tcp: no route", false),
            (404, LIMITS, false),
            (503, "", true),
        ] {
            assert_eq!(answered(code, message).passes(), passes, "{code} {message}");
        }
    }

    #[test]
    fn a_part_of_a_resource_is_asked_for_as_kubectl_wants_it() {
        let question = Operation::within("create", "pods/exec", "n").question("c");
        assert_eq!(question, "kubectl --context c auth can-i create pods --subresource=exec -n n");
    }

    #[test]
    fn foreign_text_stays_on_one_line() {
        assert_eq!(one_line(" a\n\tb\u{1b}[31m  c\r\n"), "a b [31m c");
        assert_eq!(one_line(&"x".repeat(700)).chars().count(), 601);
    }
}
