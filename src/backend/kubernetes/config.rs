//! From a kubeconfig, or from inside a pod, to kube's configuration. It contacts nobody.
//!
//! kube could assemble this itself, but reads proxies from the environment as it does so, wrongly (see [`super::no_proxy`]),
//! and gives up altogether on `NO_PROXY=a,`.

use std::path::PathBuf;
use std::time::Duration;

use k8s_openapi::ByteString;
use kube::Config;
use kube::config::{AuthInfo, Cluster, ExecAuthCluster, Kubeconfig};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;

use super::kubeconfig::{self, Unread};
use super::no_proxy::proxy_for;
use super::refusal::one_line;
use crate::backend::BackendError;

/// How to reach the API server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Connection {
    /// The file; without it the usual ones, or the pod that we run in.
    pub kubeconfig: Option<PathBuf>,
    /// Those of `KUBECONFIG`, or `~/.kube/config`.
    pub usual: Vec<PathBuf>,
    /// The context in it; without it the current one.
    pub context: Option<String>,
    /// The value of `HTTPS_PROXY`. A `proxy-url` in the kubeconfig outranks it, whatever `no_proxy` says, as with kubectl.
    pub https_proxy: Option<String>,
    /// The value of `NO_PROXY`.
    pub no_proxy: Option<String>,
}

/// A configuration, and what people call the place that it leads to.
pub(super) struct Loaded {
    /// For kube.
    pub(super) config: Config,
    /// The context's name, or `in-cluster`.
    pub(super) context: String,
}

/// Reads the kubeconfig. `connect` bounds the making of each connection.
pub(super) fn load(connection: &Connection, connect: Duration) -> Result<Loaded, BackendError> {
    let mut loaded = match read(connection)? {
        Some(kubeconfig) => of_kubeconfig(&kubeconfig, connection)?,
        None => in_cluster()?,
    };
    loaded.config.connect_timeout = Some(connect);
    // Streams are silent for long; every other call has a deadline of its own, and its own way to try again.
    loaded.config.read_timeout = None;
    loaded.config.default_retry = false;
    Ok(loaded)
}

fn read(connection: &Connection) -> Result<Option<Kubeconfig>, BackendError> {
    let result = match &connection.kubeconfig {
        Some(path) => kubeconfig::from_file(path),
        None => kubeconfig::of_files(&connection.usual),
    };
    let chosen = connection.kubeconfig.is_some() || connection.context.is_some();
    match result {
        Ok(kubeconfig) => Ok(Some(kubeconfig)),
        Err(Unread::Nowhere) if !chosen => Ok(None),
        Err(Unread::File(error, _)) if !chosen && error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(unusable(format!("cannot read kubeconfig {}", one_line(&error.to_string())))),
    }
}

fn unusable(message: String) -> BackendError {
    BackendError {
        code: "kubeconfig",
        message,
        details: Vec::new(),
        help: vec!["kubectl config view shows what kubectl makes of it; another file: --kubeconfig PATH".to_owned()],
    }
}

fn in_cluster() -> Result<Loaded, BackendError> {
    let config = Config::incluster().map_err(|_| BackendError {
        code: "kubeconfig",
        message: "no kubeconfig: neither KUBECONFIG nor ~/.kube/config leads to a file, and this is no pod of a cluster".to_owned(),
        details: Vec::new(),
        help: vec!["name one: --kubeconfig PATH".to_owned(), "without a cluster: --backend sandbox".to_owned()],
    })?;
    Ok(Loaded { config, context: "in-cluster".to_owned() })
}

fn of_kubeconfig(kubeconfig: &Kubeconfig, connection: &Connection) -> Result<Loaded, BackendError> {
    let name = match (&connection.context, &kubeconfig.current_context) {
        (Some(name), _) => name,
        (None, Some(name)) if !name.is_empty() => name,
        (None, _) => return Err(no_context("the kubeconfig has no current context", kubeconfig)),
    };
    let named = kubeconfig.contexts.iter().find(|context| context.name == *name);
    let context = named
        .and_then(|named| named.context.as_ref())
        .ok_or_else(|| no_context(&format!("no context {name:?} in the kubeconfig"), kubeconfig))?;
    let cluster = kubeconfig
        .clusters
        .iter()
        .find(|cluster| cluster.name == context.cluster)
        .and_then(|named| named.cluster.as_ref())
        .ok_or_else(|| unusable(format!("context {name:?} names cluster {:?}, which the kubeconfig does not have", context.cluster)))?;
    let user = context.user.as_ref().and_then(|user| kubeconfig.auth_infos.iter().find(|named| named.name == *user));
    let credentials = user.and_then(|named| named.auth_info.clone()).unwrap_or_default();
    let config = assemble(cluster, credentials, connection).map_err(|why| unusable(format!("context {name:?}: {why}")))?;
    Ok(Loaded { config, context: name.clone() })
}

fn no_context(message: &str, kubeconfig: &Kubeconfig) -> BackendError {
    let names: Vec<&str> = kubeconfig.contexts.iter().take(50).map(|context| context.name.as_str()).collect();
    let there = if names.is_empty() { "it has none".to_owned() } else { format!("it has: {}", names.join(", ")) };
    BackendError {
        code: "no-context",
        message: message.to_owned(),
        details: vec![there],
        help: vec!["choose one: --context NAME; another file: --kubeconfig PATH".to_owned()],
    }
}

fn assemble(cluster: &Cluster, mut credentials: AuthInfo, connection: &Connection) -> Result<Config, String> {
    let server = cluster.server.as_deref().unwrap_or_default();
    let url: http::Uri = server.parse().map_err(|error| format!("server {server:?} is no URL: {error}"))?;
    let encrypted = url.scheme_str() == Some("https");
    if !encrypted && url.scheme_str() != Some("http") {
        return Err(format!("server {server:?} is no URL: expected https://HOST:PORT"));
    }
    if let Some(plugin) = credentials.exec.as_mut().filter(|plugin| plugin.provide_cluster_info) {
        plugin.cluster = Some(ExecAuthCluster::try_from(cluster).map_err(|error| one_line(&error.to_string()))?);
    }
    let in_file = cluster.proxy_url.clone().filter(|proxy| !proxy.is_empty());
    let proxy = in_file.or_else(|| proxy_for(&url, connection.https_proxy.as_deref(), connection.no_proxy.as_deref()));
    let mut config = Config::new(url);
    config.proxy_url = proxy.map(|proxy| proxy.parse().map_err(|error| format!("proxy {proxy:?} is no URL: {error}"))).transpose()?;
    // Without authorities those of the system are read, which takes a while, and which plain HTTP has no use for.
    let no_use = (!encrypted).then(Vec::new);
    config.root_cert = authorities(cluster)?.or(no_use);
    config.accept_invalid_certs = cluster.insecure_skip_tls_verify.unwrap_or(false);
    config.tls_server_name.clone_from(&cluster.tls_server_name);
    config.auth_info = credentials;
    Ok(config)
}

/// The certificates that the cluster's own may be signed by, in DER.
fn authorities(cluster: &Cluster) -> Result<Option<Vec<Vec<u8>>>, String> {
    let pem = match (&cluster.certificate_authority_data, &cluster.certificate_authority) {
        (Some(data), _) => {
            let bytes: Result<ByteString, _> = serde_json::from_value(serde_json::Value::String(data.clone()));
            bytes.map_err(|error| format!("certificate-authority-data is no base64: {error}"))?.0
        }
        (None, Some(path)) => kubeconfig::whole(path.as_ref()).map_err(|error| format!("certificate-authority {path}: {error}"))?,
        (None, None) => return Ok(None),
    };
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&pem).collect();
    match certificates {
        Ok(found) if !found.is_empty() => Ok(Some(found.into_iter().map(|certificate| certificate.to_vec()).collect())),
        Ok(_) => Err("certificate-authority has no certificate in it".to_owned()),
        Err(error) => Err(format!("certificate-authority is no PEM: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    const KUBECONFIG: &str = "
apiVersion: v1
kind: Config
current-context: a
clusters:
- {name: here, cluster: {server: 'https://10.0.0.1:6443'}}
- {name: behind, cluster: {server: 'https://10.0.0.1:6443', proxy-url: 'http://corporate:3128'}}
- {name: bare, cluster: {server: '10.0.0.1:6443'}}
- {name: torn, cluster: {server: 'https://10.0.0.1', certificate-authority-data: 'bm8gcGVt'}}
contexts:
- {name: a, context: {cluster: here, user: u}}
- {name: b, context: {cluster: gone, user: u}}
- {name: c, context: {cluster: bare, user: u}}
- {name: d, context: {cluster: torn, user: u}}
- {name: e, context: {cluster: behind, user: u}}
";

    fn check(text: &str, context: Option<&str>, expected: Result<&str, (&str, &str)>) {
        let connection = Connection { context: context.map(str::to_owned), ..Connection::default() };
        let kubeconfig = kubeconfig::from_yaml(text).unwrap();
        match (of_kubeconfig(&kubeconfig, &connection), expected) {
            (Ok(loaded), Ok(name)) => assert_eq!(loaded.context, name),
            (Err(error), Err((code, part))) => {
                assert_eq!(error.code, code, "{error:?}");
                assert!(format!("{} {}", error.message, error.details.join(" ")).contains(part), "{error:?}");
            }
            (Ok(_), Err(wanted)) => panic!("{context:?} was taken, not {wanted:?}"),
            (Err(error), Ok(_)) => panic!("{context:?}: {error:?}"),
        }
    }

    #[test]
    fn what_is_wrong_with_a_kubeconfig_is_told_with_what_there_is() {
        check(KUBECONFIG, Some("nowhere"), Err(("no-context", "no context \"nowhere\" in the kubeconfig it has: a, b, c, d, e")));
        check("", None, Err(("no-context", "no current context it has none")));
        check(KUBECONFIG, Some("b"), Err(("kubeconfig", "context \"b\" names cluster \"gone\"")));
        check(KUBECONFIG, Some("c"), Err(("kubeconfig", "\"10.0.0.1:6443\" is no URL")));
        check(KUBECONFIG, Some("d"), Err(("kubeconfig", "certificate-authority has no certificate in it")));
        check(KUBECONFIG, None, Ok("a"));
    }

    #[test]
    fn a_broken_file_is_named() {
        let file = tempfile::NamedTempFile::new().unwrap();
        fs::write(file.path(), "{[").unwrap();
        let connection = Connection { kubeconfig: Some(file.path().to_owned()), ..Connection::default() };
        let error = load(&connection, Duration::from_secs(1)).err().unwrap();
        assert_eq!(error.code, "kubeconfig");
        assert!(error.message.contains(&file.path().display().to_string()), "{error:?}");
    }

    #[test]
    fn the_proxy_is_the_kubeconfigs_or_the_environments() {
        let proxy = |context: &str, no_proxy: &str| {
            let connection = Connection {
                context: Some(context.to_owned()),
                https_proxy: Some("http://environment:3128".to_owned()),
                no_proxy: Some(no_proxy.to_owned()),
                ..Connection::default()
            };
            let kubeconfig = kubeconfig::from_yaml(KUBECONFIG).unwrap();
            of_kubeconfig(&kubeconfig, &connection).unwrap().config.proxy_url.map(|url| url.to_string())
        };
        assert_eq!(proxy("a", "example.com,").as_deref(), Some("http://environment:3128/"));
        assert_eq!(proxy("a", "10.0.0.0/8,"), None);
        assert_eq!(proxy("e", "10.0.0.0/8").as_deref(), Some("http://corporate:3128/"));
    }
}
