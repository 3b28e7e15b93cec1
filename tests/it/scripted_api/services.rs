//! Services of the scripted cluster: what is there, what runs make, and who stands behind it. It does no I/O.

use std::net::Ipv4Addr;

use serde_json::{Value, json};

use super::Fault;
use super::cluster::{Answer, Cluster, list, not_found};
use super::connection::Request;

/// An address of its own for each Service that is made, and a port at the nodes.
const FIRST: (Ipv4Addr, u16) = (Ipv4Addr::new(10, 96, 1, 0), 30_000);

impl Cluster {
    /// Takes a request about Services or slices in, if it is one.
    pub(super) fn of_services(&mut self, method: &str, path: &[&str], query: &str, body: &Value) -> Option<Answer> {
        let slices = |namespace, cluster: &Self| (200, list("EndpointSlice", &chosen(&cluster.script.slices, namespace, query), 0));
        Some(match (method, path) {
            ("GET", ["api", "v1", "services"]) => (200, list("Service", &chosen(&self.script.services, None, query), 0)),
            ("GET", ["api", "v1", "namespaces", name, "services"]) => self.services_within(name, query),
            ("POST", ["api", "v1", "namespaces", name, "services"]) => self.create_service(name, body),
            ("DELETE", ["api", "v1", "namespaces", name, "services", service]) => self.delete_service(name, service),
            ("GET", ["apis", "discovery.k8s.io", "v1", "endpointslices"]) => slices(None, self),
            ("GET", ["apis", "discovery.k8s.io", "v1", "namespaces", name, "endpointslices"]) => slices(Some(*name), self),
            _ => return None,
        })
    }

    /// Whether it is a creation that is carried out later and never answered.
    pub(super) fn puts_off(&mut self, request: &Request) -> bool {
        let late = self.script.has(Fault::LateServices) && request.method == "POST" && request.path.ends_with("/services");
        if late {
            let namespace = request.path.split('/').nth(4).unwrap_or_default().to_owned();
            self.put_off.push((namespace, request.body.clone()));
            self.changed.notify_waiters();
        }
        late
    }

    fn services_within(&mut self, namespace: &str, query: &str) -> Answer {
        let answer = (200, list("Service", &chosen(&self.script.services, Some(namespace), query), 0));
        for (namespace, body) in std::mem::take(&mut self.put_off) {
            self.create_service(&namespace, &body);
        }
        answer
    }

    /// Behind it is at once whoever it selects.
    fn create_service(&mut self, namespace: &str, body: &Value) -> Answer {
        let name = body["metadata"]["name"].as_str().unwrap();
        if self.services().iter().any(|there| there == name) {
            return super::cluster::status(409, &format!("services \"{name}\" already exists"));
        }
        let number = u8::try_from(self.script.services.len()).unwrap();
        let address = Ipv4Addr::from_bits(FIRST.0.to_bits() + u32::from(number));
        let mut service = body.clone();
        service["metadata"]["namespace"] = json!(namespace);
        if body["spec"]["clusterIP"] != "None" {
            service["spec"]["clusterIP"] = json!(address);
        }
        service["spec"]["clusterIPs"] = json!([service["spec"]["clusterIP"]]);
        if body["spec"]["type"] == "NodePort" {
            for port in service["spec"]["ports"].as_array_mut().unwrap() {
                port["nodePort"] = json!(FIRST.1 + u16::from(number));
            }
        }
        self.script.slices.push(self.slice(namespace, name, &body["spec"]));
        self.script.services.push(service.clone());
        (201, service)
    }

    fn slice(&self, namespace: &str, of: &str, spec: &Value) -> Value {
        let selected = |pod: &Value| {
            spec["selector"].as_object().is_some_and(|labels| labels.iter().all(|(key, value)| pod["metadata"]["labels"][key] == *value))
        };
        let pods = self.pods.iter().filter(|((there, _), pod)| there == namespace && selected(pod));
        let endpoints = pods.map(|((namespace, name), _)| {
            let (_, node) = self.identity(namespace, name);
            json!({ "addresses": [format!("10.0.0.{}", node.trim_start_matches("node"))], "conditions": { "ready": true }, "nodeName": node })
        });
        let ports = spec["ports"].as_array().unwrap().iter();
        let ports = ports.map(|port| json!({ "name": port["name"], "port": port["targetPort"], "protocol": port["protocol"] }));
        json!({
            "metadata": { "namespace": namespace, "name": format!("{of}-x"), "labels": { "kubernetes.io/service-name": of } },
            "addressType": "IPv4", "endpoints": endpoints.collect::<Vec<_>>(), "ports": ports.collect::<Vec<_>>(),
        })
    }

    fn delete_service(&mut self, namespace: &str, name: &str) -> Answer {
        let before = self.script.services.len();
        self.script.services.retain(|one| one["metadata"]["namespace"] != namespace || one["metadata"]["name"] != name);
        if self.script.services.len() < before { (200, json!({})) } else { not_found() }
    }

    /// The names of the Services that are there.
    pub(crate) fn services(&self) -> Vec<String> {
        self.script.services.iter().filter_map(|service| service["metadata"]["name"].as_str()).map(str::to_owned).collect()
    }
}

/// The labels that a query asks for.
pub(super) fn labels(query: &str) -> Vec<(String, String)> {
    let selector = query.split('&').find_map(|part| part.strip_prefix("labelSelector=")).unwrap_or_default();
    let selector = selector.replace("%3D", "=").replace("%2C", ",").replace("%2F", "/");
    selector.split(',').filter_map(|term| term.split_once('=')).map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// Those of a namespace that a query asks for: by labels, or by their name.
fn chosen(items: &[Value], namespace: Option<&str>, query: &str) -> Vec<Value> {
    let field = query.split('&').find_map(|part| part.strip_prefix("fieldSelector=metadata.name"));
    let name = field.map(|field| field.trim_start_matches("%3D").trim_start_matches('='));
    let labels = labels(query);
    let fits = |item: &&Value| {
        let metadata = &item["metadata"];
        namespace.is_none_or(|namespace| metadata["namespace"] == namespace)
            && name.is_none_or(|name| metadata["name"] == name)
            && labels.iter().all(|(label, value)| metadata["labels"][label] == value.as_str())
    };
    items.iter().filter(fits).cloned().collect()
}
