//! Whether the API server answers, which one it is, and who it takes us for. Where it does not answer, nothing else can be asked.

use k8s_openapi::api::authentication::v1::SelfSubjectReview;
use kube::Api;
use kube::api::PostParams;

use super::version;
use crate::backend::kubernetes::client::Link;
use crate::backend::kubernetes::rbac::Subject;
use crate::backend::kubernetes::refusal::{Operation, Refusal};
use crate::model::finding::{Finding, Grade};

/// What is known of the way to the API server.
pub(super) struct Way {
    /// Whether it answers to us.
    pub(super) open: bool,
    /// Its minor version, where it can be read.
    pub(super) minor: Option<u32>,
    /// Who we are to it; `you` if it does not say.
    pub(super) who: String,
    /// The same, to be given rights; none if it does not say, or if it is whom rights are given to anyway.
    pub(super) subject: Option<Subject>,
    pub(super) findings: Vec<Finding>,
}

/// Asks for the version, and who we are.
pub(super) async fn look(link: &Link) -> Way {
    let api: Api<SelfSubjectReview> = Api::all(link.client.clone());
    let (params, question) = (PostParams::default(), SelfSubjectReview::default());
    let (version, who) = tokio::join!(link.call(|| link.client.apiserver_version()), link.call(|| api.create(&params, &question)));
    let name = who.as_ref().ok().and_then(|review| review.status.as_ref()?.user_info.as_ref()?.username.clone());
    // Whoever is nobody to it may still ask for its version.
    if let Some(refusal) = [version.as_ref().err(), who.as_ref().err()].into_iter().flatten().find(|refusal| closes(refusal)) {
        return closed(link, refusal);
    }
    let mut findings = vec![open(link, name.as_deref())];
    let minor = version.as_ref().ok().and_then(|found| version::minor(&found.major, &found.minor));
    findings.push(match &version {
        Ok(found) => version::finding(&found.git_version, minor),
        Err(refusal) => Finding::new(Grade::Unchecked, "version", format!("not known: {refusal}")),
    });
    let subject = name.as_deref().map(subject).filter(|subject| *subject != Subject::default());
    Way { open: true, minor, who: name.unwrap_or_else(|| "you".to_owned()), subject, findings }
}

/// Whether nothing else will be answered either.
fn closes(refusal: &Refusal) -> bool {
    refusal.code() == Some(401) || matches!(refusal, Refusal::Silent(_) | Refusal::Broken(_) | Refusal::Credentials(_))
}

fn open(link: &Link, name: Option<&str>) -> Finding {
    let who = name.map(|name| format!(", to {name}")).unwrap_or_default();
    let place = &link.place;
    Finding::new(Grade::Fine, "api server", format!("{} (context {}) answers{}{who}", place.server, place.context, through(link)))
}

fn through(link: &Link) -> String {
    link.proxy.as_ref().map_or_else(|| " without a proxy".to_owned(), |proxy| format!(" through the proxy {proxy}"))
}

fn closed(link: &Link, refusal: &Refusal) -> Way {
    let error = link.error(refusal, &Operation::cluster("get", "/version"));
    let what = format!("{} (context {}), asked{}: {refusal}", link.place.server, link.place.context, through(link));
    let rest = "rights, nodes, image, namespaces, quotas, websockets: not looked at, for the API server does not answer";
    let findings = vec![Finding::new(Grade::Wrong, "api server", what).help(error.help), Finding::new(Grade::Unchecked, "the rest", rest)];
    Way { open: false, minor: None, who: String::new(), subject: None, findings }
}

/// Whom rights have to be given to (<https://kubernetes.io/docs/reference/access-authn-authz/authentication/>).
fn subject(name: &str) -> Subject {
    let account = name.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':'));
    match account {
        Some((namespace, name)) => Subject::ServiceAccount { namespace: namespace.to_owned(), name: name.to_owned() },
        None => Subject::User(name.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_and_accounts_are_told_apart() {
        for (name, expected) in [
            ("jane@example.com", "user:jane@example.com"),
            ("system:serviceaccount:ci:gate", "serviceaccount:ci/gate"),
            ("system:node:n1", "user:system:node:n1"),
        ] {
            assert_eq!(subject(name).to_string(), expected);
        }
    }
}
