//! Services in a file of an inventory.

use std::collections::BTreeMap;
use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::LONGEST_NAME;
use crate::model::service::{Endpoint, Service, ServicePort, Transport};
use crate::model::units::Port;

/// A Service.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct ServiceDocument {
    /// Its namespace.
    namespace: String,
    /// Its name; no two of a namespace have one.
    name: String,
    /// Its labels.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    labels: BTreeMap<String, String>,
    /// Its cluster IPs, that of its first family first; a headless Service has none.
    #[serde(default)]
    addresses: Vec<IpAddr>,
    /// Where it listens.
    #[serde(default)]
    ports: Vec<PortDocument>,
    /// Where a load balancer has put it, as far as it gives addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    balancers: Vec<IpAddr>,
    /// Its `externalIPs`.
    #[serde(default, rename = "externalIPs", skip_serializing_if = "Vec::is_empty")]
    externals: Vec<IpAddr>,
    /// Who is ready to answer for it; left out where nobody looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    endpoints: Option<Vec<EndpointDocument>>,
}

/// A port of a Service.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct PortDocument {
    /// Its name, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Its protocol.
    protocol: TransportDocument,
    /// Its number, 1 to 65535.
    #[schemars(with = "u16", range(min = 1))]
    port: Port,
    /// Its number at every node, if it has one, 1 to 65535.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<u16>", range(min = 1))]
    node_port: Option<Port>,
}

/// One address behind a Service, with one port.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct EndpointDocument {
    /// Where it is.
    address: IpAddr,
    /// The name of the Service's port, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    /// Its protocol.
    protocol: TransportDocument,
    /// Its own port, 1 to 65535.
    #[schemars(with = "u16", range(min = 1))]
    port: Port,
    /// The node that it is on, if it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    node: Option<String>,
}

/// The protocol of a port.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
enum TransportDocument {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

impl ServiceDocument {
    pub(super) fn of(service: &Service) -> Self {
        let port = |port: &ServicePort| PortDocument {
            name: port.name.clone(),
            protocol: TransportDocument::of(port.protocol),
            port: port.port,
            node_port: port.node_port,
        };
        Self {
            namespace: service.namespace.to_string(),
            name: service.name.to_string(),
            labels: service.labels.clone(),
            addresses: service.addresses.clone(),
            ports: service.ports.iter().map(port).collect(),
            balancers: service.balancers.clone(),
            externals: service.externals.clone(),
            endpoints: service.endpoints.as_ref().map(|endpoints| endpoints.iter().map(EndpointDocument::of).collect()),
        }
    }

    /// # Errors
    /// What no Service is called.
    pub(super) fn service(&self) -> Result<Service, String> {
        for (what, name) in [("namespace", &self.namespace), ("name", &self.name)] {
            let fits = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit() || "-.".contains(character);
            if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(fits) {
                let found = name.chars().take(60).collect::<String>();
                return Err(format!("expected a {what} of lower-case letters, digits, `-` and `.`, found {found:?}"));
            }
        }
        let port = |port: &PortDocument| ServicePort {
            name: port.name.clone(),
            protocol: port.protocol.transport(),
            port: port.port,
            node_port: port.node_port,
        };
        Ok(Service {
            namespace: self.namespace.as_str().into(),
            name: self.name.as_str().into(),
            labels: self.labels.clone(),
            addresses: self.addresses.clone(),
            ports: self.ports.iter().map(port).collect(),
            balancers: self.balancers.clone(),
            externals: self.externals.clone(),
            endpoints: self.endpoints.as_ref().map(|endpoints| endpoints.iter().map(EndpointDocument::endpoint).collect()),
        })
    }
}

impl EndpointDocument {
    fn of(endpoint: &Endpoint) -> Self {
        Self {
            address: endpoint.address,
            name: endpoint.name.clone(),
            protocol: TransportDocument::of(endpoint.protocol),
            port: endpoint.port,
            node: endpoint.node.as_ref().map(ToString::to_string),
        }
    }

    fn endpoint(&self) -> Endpoint {
        Endpoint {
            address: self.address,
            name: self.name.clone(),
            protocol: self.protocol.transport(),
            port: self.port,
            node: self.node.as_deref().map(Into::into),
        }
    }
}

impl TransportDocument {
    const fn of(transport: Transport) -> Self {
        match transport {
            Transport::Tcp => Self::Tcp,
            Transport::Udp => Self::Udp,
            Transport::Sctp => Self::Sctp,
        }
    }

    const fn transport(self) -> Transport {
        match self {
            Self::Tcp => Transport::Tcp,
            Self::Udp => Transport::Udp,
            Self::Sctp => Transport::Sctp,
        }
    }
}

/// For tests: two Services, one of them headless and without a port's name.
#[cfg(test)]
pub(super) fn sample() -> Vec<Service> {
    let port = |number| Port::new(number).unwrap();
    let dns = |protocol, name: &str| ServicePort { name: Some(name.to_owned()), protocol, port: port(53), node_port: port(30_053).into() };
    let endpoint = |address: &str| Endpoint {
        address: address.parse().unwrap(),
        name: Some("dns".to_owned()),
        protocol: Transport::Udp,
        port: port(1053),
        node: Some("node1".into()),
    };
    let kube_dns = Service {
        namespace: "kube-system".into(),
        name: "kube-dns".into(),
        labels: [("k8s-app".to_owned(), "kube-dns".to_owned())].into(),
        addresses: vec!["10.96.0.10".parse().unwrap(), "fd00::a".parse().unwrap()],
        ports: vec![dns(Transport::Udp, "dns"), dns(Transport::Tcp, "dns-tcp")],
        balancers: vec!["192.0.2.7".parse().unwrap()],
        externals: vec!["192.0.2.8".parse().unwrap()],
        endpoints: Some(vec![endpoint("10.244.0.2"), endpoint("10.244.1.2")]),
    };
    let nameless = ServicePort { name: None, protocol: Transport::Sctp, port: port(9), node_port: None };
    let headless = Service {
        namespace: "shop".into(),
        name: "cart".into(),
        labels: BTreeMap::new(),
        addresses: Vec::new(),
        ports: vec![nameless],
        balancers: Vec::new(),
        externals: Vec::new(),
        endpoints: Some(vec![Endpoint { name: None, protocol: Transport::Sctp, node: None, ..endpoint("10.244.0.3") }]),
    };
    vec![kube_dns, headless]
}
