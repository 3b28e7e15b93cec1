//! Values from Secrets of a cluster: read with the right on that one alone, and never shown; what is not there says what is.

use std::collections::BTreeSet;
use std::process::Command;

use netcheck::backend::kubernetes::{Needs, Subject, rbac};
use netcheck::backend::{Backend, BackendError};
use netcheck::model::finding::Grade;
use netcheck::model::secret::SecretKey;
use netcheck::model::vantage::Station;
use serde_json::json;
use tempfile::TempDir;
use tokio::time::timeout;

use crate::doctor::examine_reading;
use crate::kubernetes_api::scripted_api::rules::{Rule, rules};
use crate::kubernetes_api::scripted_api::{Script, ScriptedApi};
use crate::kubernetes_api::{PATIENCE, backend, connection, limits};

fn at(text: &str) -> SecretKey {
    SecretKey::of(text).unwrap()
}

fn printed(secrets: &[&str]) -> Vec<Rule> {
    let needs = Needs::of(&BTreeSet::from([Station::Pod]), None, None).reading(secrets.iter().map(|text| at(text)).collect());
    rules(&rbac(&needs, &Subject::default(), "a test"))
}

/// `hunter2` in base64, and what is no text.
fn script(rules: Option<Vec<Rule>>) -> Script {
    let secret =
        json!({ "metadata": { "namespace": "shop", "name": "token" }, "data": { "value": "aHVudGVyMgo=", "binary": "/w==", "none": "" } });
    let empty = json!({ "metadata": { "namespace": "shop", "name": "empty" } });
    Script { secrets: vec![secret, empty], rules, ..Script::default() }
}

async fn read(rules: Option<Vec<Rule>>, text: &str) -> Result<Vec<u8>, BackendError> {
    let api = ScriptedApi::start(script(rules)).await;
    let fixture = backend(&format!("http://{}", api.address), None, limits()).await;
    timeout(PATIENCE, fixture.kubernetes.secret(&at(text))).await.unwrap()
}

#[tokio::test]
async fn a_value_is_read_with_the_right_on_that_secret_alone() {
    let rules = printed(&["shop/token/value"]);
    assert_eq!(read(Some(rules.clone()), "shop/token/value").await.unwrap(), b"hunter2\n");
    let error = read(Some(rules), "shop/empty/value").await.unwrap_err();
    assert_eq!(error.code, "forbidden", "{error:?}");
    assert_eq!(error.help[0], "kubectl --context scripted auth can-i get secrets/empty -n shop");
    assert!(error.help[1].contains("netcheck rbac SUITE"), "{error:?}");
}

#[tokio::test]
async fn what_is_not_there_says_what_is() {
    for (text, message, help) in [
        ("shop/tokn/value", "there is no Secret shop/tokn", "kubectl --context scripted get secrets -n shop lists those of its namespace"),
        ("shop/token/valeu", "the Secret shop/token has no key valeu", "it has the keys binary, none, value"),
        ("shop/empty/value", "the Secret shop/empty has no key value", "it is empty"),
    ] {
        let error = read(None, text).await.unwrap_err();
        assert_eq!((error.code, error.message.as_str(), error.help[0].as_str()), ("no-secret", message, help));
    }
}

#[tokio::test]
async fn doctor_names_the_right_on_the_secret_that_is_missing() {
    let api = ScriptedApi::start(script(Some(printed(&["shop/token/value"])))).await;
    let told = |findings: Vec<netcheck::model::finding::Finding>| -> Vec<String> {
        findings.into_iter().filter(|finding| finding.grade == Grade::Wrong).map(|finding| finding.what).collect()
    };
    assert_eq!(told(examine_reading(&api, vec![at("shop/token/value")]).await), Vec::<String>::new());
    let missing = told(examine_reading(&api, vec![at("shop/token/value"), at("shop/empty/value")]).await);
    assert_eq!(missing, ["get secrets/empty in namespace shop is denied; it is for: values that the suite takes from it"]);
}

/// The program itself: exit and words, in which no value ever stands. Nothing is created.
#[tokio::test]
async fn a_run_that_gets_no_value_ends_before_it_creates_anything() {
    for (key, rules, exit, words) in [
        ("shop/tokn/value", None, 2, "suite.yaml:3:12: the secret `key` has no value: there is no Secret shop/tokn"),
        ("shop/token/none", None, 2, "the secret `key` has no value: the key none of the Secret shop/token is empty"),
        ("shop/token/binary", None, 2, "the secret `key` has no value: the key binary of the Secret shop/token is not text in UTF-8"),
        ("shop/token/value", Some(printed(&[])), 3, "the secret `key` has no value: get secrets in namespace shop: API server"),
    ] {
        let api = ScriptedApi::start(script(rules)).await;
        let directory = TempDir::new().unwrap();
        let kubeconfig = connection(directory.path(), &format!("http://{}", api.address)).kubeconfig.unwrap();
        let suite = directory.path().join("suite.yaml");
        let text = format!(
            "netcheck: v1\nsuite: s\nsecrets: {{ key: {{ k8s: {key} }} }}\ntests:\n  - id: t\n    from: pods\n    \
             to: {{ host: 10.0.0.10, port: 80 }}\n    probe: {{ type: http, token: \"${{{{ secrets.key }}}}\", family: v4 }}\n"
        );
        std::fs::write(&suite, text).unwrap();
        let mut program = Command::new(env!("CARGO_BIN_EXE_netcheck"));
        program.arg("run").arg(&suite).arg("--kubeconfig").arg(kubeconfig);
        let ran = tokio::task::spawn_blocking(move || program.output().unwrap()).await.unwrap();
        let told = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(exit), "{key}: {told}");
        assert!(told.contains(words) && !told.contains("hunter2"), "{key}: {told}");
        assert!(api.cluster().namespaces.is_empty() && api.cluster().pods.is_empty(), "{key}");
    }
}
