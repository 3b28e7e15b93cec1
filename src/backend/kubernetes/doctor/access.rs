//! Whether the API server would let a run do what it has to do: an access review for each right of the table.
//! It must not know which rights there are.

use futures::StreamExt;
use k8s_openapi::api::authorization::v1::{ResourceAttributes, SelfSubjectAccessReview, SelfSubjectAccessReviewSpec};
use kube::Api;
use kube::api::PostParams;

use crate::backend::kubernetes::client::Link;
use crate::backend::kubernetes::refusal::{Refusal, one_line};
use crate::backend::kubernetes::rights::{Right, Scope, Weight};
use crate::model::finding::{Finding, Grade};

/// Reviews at once.
const AT_ONCE: usize = 8;

/// A right, and what the API server says to it.
#[derive(Debug)]
pub(super) struct Review {
    right: Right,
    answer: Result<Decision, Refusal>,
}

#[derive(Debug)]
struct Decision {
    allowed: bool,
    /// In the words of whoever decided; mostly empty.
    reason: String,
}

/// Asks for all rights. `own` is the name that a namespace of the run's own would have: whoever decides by names sees that one.
pub(super) async fn review(link: &Link, rights: Vec<Right>, own: &str) -> Vec<Review> {
    let asking = each_once(rights).into_iter().map(|right| async move {
        let answer = ask(link, attributes(&right, own)).await;
        Review { right, answer }
    });
    futures::stream::iter(asking).buffered(AT_ONCE).collect().await
}

/// What is wanted for two reasons is one right; that a run does not measure without it is the weightier one.
fn each_once(rights: Vec<Right>) -> Vec<Right> {
    let mut once: Vec<Right> = Vec::new();
    for right in rights {
        match once.iter_mut().find(|known| known.to_string() == right.to_string()) {
            Some(known) if known.weight == Weight::Helpful => *known = right,
            Some(_) => {}
            None => once.push(right),
        }
    }
    once
}

async fn ask(link: &Link, attributes: ResourceAttributes) -> Result<Decision, Refusal> {
    let api: Api<SelfSubjectAccessReview> = Api::all(link.client.clone());
    let spec = SelfSubjectAccessReviewSpec { resource_attributes: Some(attributes), non_resource_attributes: None };
    let question = SelfSubjectAccessReview { spec, ..SelfSubjectAccessReview::default() };
    let params = PostParams::default();
    let status = link.call(|| api.create(&params, &question)).await?.status.unwrap_or_default();
    let words = [status.reason, status.evaluation_error].into_iter().flatten().filter(|words| !words.is_empty());
    Ok(Decision { allowed: status.allowed, reason: one_line(&words.collect::<Vec<_>>().join("; ")) })
}

/// The attributes that the request itself would have: requests on a namespace of that name count as being within it.
fn attributes(right: &Right, own: &str) -> ResourceAttributes {
    let (resource, group) = right.resource_and_group();
    let (resource, subresource) = resource.split_once('/').map_or((resource, None), |(resource, part)| (resource, Some(part)));
    let named = resource == "namespaces" && matches!(right.verb, "get" | "delete");
    let namespace = match &right.scope {
        Scope::Cluster => named.then(|| own.to_owned()),
        Scope::Everywhere => Some(own.to_owned()),
        Scope::Within(namespace) => Some(namespace.clone()),
    };
    ResourceAttributes {
        verb: Some(right.verb.to_owned()),
        group: Some(group.to_owned()).filter(|group| !group.is_empty()),
        resource: Some(resource.to_owned()),
        subresource: subresource.map(str::to_owned),
        version: Some("v1".to_owned()),
        namespace,
        name: right.name.clone().or_else(|| named.then(|| own.to_owned())),
        ..ResourceAttributes::default()
    }
}

/// What the reviews say; `who` is asking, `minor` is the server's version, and `command` prints the rights for them.
pub(super) fn findings(reviews: &[Review], who: &str, minor: Option<u32>, command: &str) -> Vec<Finding> {
    let mut findings: Vec<Finding> = reviews.iter().filter_map(|review| finding(review, minor)).collect();
    if let Some(last) = findings.iter_mut().rfind(|finding| finding.grade != Grade::Unchecked) {
        last.help.push(format!("whoever may give rights away: {command} | kubectl apply -f -"));
    }
    if findings.is_empty() {
        findings.push(Finding::new(Grade::Fine, "rights", format!("{who} has all {} rights that these suites need", reviews.len())));
    }
    findings
}

/// Nothing of a right that is there.
fn finding(review: &Review, minor: Option<u32>) -> Option<Finding> {
    let Review { right, answer } = review;
    let decision = match answer {
        Ok(decision) => decision,
        Err(refusal) => return Some(Finding::new(Grade::Unchecked, "rights", format!("{right}: not checked: {refusal}"))),
    };
    if decision.allowed {
        return None;
    }
    // Before 1.35 the API server asks nobody for it.
    let not_yet = (right.verb, right.resource) == ("create", "pods/exec") && minor.is_some_and(|minor| minor < 35);
    let grade = if not_yet || right.weight == Weight::Helpful { Grade::Doubtful } else { Grade::Wrong };
    let reason = if decision.reason.is_empty() { String::new() } else { format!(" ({})", decision.reason) };
    Some(Finding::new(grade, "rights", format!("{right} is denied{reason}; it is for: {}", right.why)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn right(verb: &'static str, resource: &'static str, scope: Scope, weight: Weight) -> Right {
        Right { verb, resource, name: None, scope, why: "the reason", weight }
    }

    fn within() -> Scope {
        Scope::Within("tests".to_owned())
    }

    type Answer = Result<(bool, &'static str), u16>;

    fn check(answers: Vec<(Right, Answer)>, minor: u32, expected: &[(Grade, &str)]) {
        let review = |(right, answer): (Right, Answer)| Review {
            right,
            answer: answer
                .map(|(allowed, reason)| Decision { allowed, reason: reason.to_owned() })
                .map_err(|code| Refusal::Answered { code, message: "no".to_owned() }),
        };
        let reviews: Vec<Review> = answers.into_iter().map(review).collect();
        let found = findings(&reviews, "jane", Some(minor), "netcheck rbac a.yaml");
        let lines: Vec<(Grade, &str)> = found.iter().map(|finding| (finding.grade, finding.what.as_str())).collect();
        assert_eq!(lines, expected);
        let helps: usize = found.iter().map(|finding| finding.help.len()).sum();
        let worth = expected.iter().any(|(grade, _)| matches!(grade, Grade::Doubtful | Grade::Wrong));
        assert_eq!(helps, usize::from(worth), "the command is told once: {found:?}");
    }

    #[test]
    fn a_right_for_two_reasons_is_reviewed_once() {
        let list = |weight| right("list", "services", Scope::Everywhere, weight);
        let other = || right("list", "services", within(), Weight::Needed);
        let once = each_once(vec![list(Weight::Helpful), other(), list(Weight::Needed), list(Weight::Helpful)]);
        assert_eq!(once, [list(Weight::Needed), other()]);
    }

    #[test]
    fn each_denied_right_is_named_and_the_remedy_once() {
        let list = || right("list", "nodes", Scope::Cluster, Weight::Needed);
        let events = || right("list", "events", Scope::Everywhere, Weight::Helpful);
        let exec = || right("create", "pods/exec", within(), Weight::Needed);
        let yes = Ok((true, ""));
        let no = Ok((false, ""));
        check(vec![(list(), yes), (exec(), yes)], 35, &[(Grade::Fine, "jane has all 2 rights that these suites need")]);
        check(
            vec![(list(), no), (events(), no), (exec(), Ok((false, "not today")))],
            35,
            &[
                (Grade::Wrong, "list nodes is denied; it is for: the reason"),
                (Grade::Doubtful, "list events in all namespaces is denied; it is for: the reason"),
                (Grade::Wrong, "create pods/exec in namespace tests is denied (not today); it is for: the reason"),
            ],
        );
        check(vec![(exec(), no)], 34, &[(Grade::Doubtful, "create pods/exec in namespace tests is denied; it is for: the reason")]);
        check(vec![(list(), Err(403)), (exec(), yes)], 35, &[(Grade::Unchecked, "list nodes: not checked: refused (403): no")]);
    }

    #[test]
    fn a_review_has_the_attributes_of_the_request() {
        let check = |right: Right, expected: &str| {
            let found = attributes(&right, "netcheck-0a1b2c3d");
            let words = [found.verb, found.resource, found.subresource, found.namespace, found.name];
            assert_eq!(words.map(|word| word.unwrap_or_else(|| "-".to_owned())).join(" "), expected);
        };
        let needed = |verb, resource, scope| right(verb, resource, scope, Weight::Needed);
        check(needed("list", "nodes", Scope::Cluster), "list nodes - - -");
        check(needed("create", "namespaces", Scope::Cluster), "create namespaces - - -");
        check(needed("delete", "namespaces", Scope::Cluster), "delete namespaces - netcheck-0a1b2c3d netcheck-0a1b2c3d");
        check(needed("create", "pods/exec", Scope::Everywhere), "create pods exec netcheck-0a1b2c3d -");
        check(needed("watch", "pods", within()), "watch pods - tests -");
        check(Right { name: Some("token".to_owned()), ..needed("get", "secrets", within()) }, "get secrets - tests token");
    }
}
