//! What a cluster offers under one address: its Services, and who answers behind each. It must not know who asks for them.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use super::selector::{Labels, Selector};
use super::units::Port;

/// A Service as it was when it was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its namespace.
    pub namespace: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
    /// Its labels.
    pub labels: Labels,
    /// Its cluster IPs, that of its first family first; a headless one has none.
    pub addresses: Vec<IpAddr>,
    /// Where it listens.
    pub ports: Vec<ServicePort>,
    /// Where a load balancer has put it, as far as it gives addresses.
    pub balancers: Vec<IpAddr>,
    /// Its `externalIPs`: addresses from outside the cluster, for which nodes take what is sent to its ports.
    pub externals: Vec<IpAddr>,
    /// Who is ready to answer for it, each address with each port; nothing where nobody looked.
    pub endpoints: Option<Vec<Endpoint>>,
}

impl Service {
    /// As people write it: `kube-system/kube-dns`.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}/{}", self.namespace, self.name)
    }
}

/// A port of a Service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServicePort {
    /// Its name; only a Service with a single port may do without.
    pub name: Option<String>,
    /// How it is spoken with.
    pub protocol: Transport,
    /// Its number at the Service's address.
    pub port: Port,
    /// Its number at every node, where it has one.
    pub node_port: Option<Port>,
}

impl ServicePort {
    /// Whether it is called so.
    #[must_use]
    pub fn is(&self, called: &PortRef) -> bool {
        match called {
            PortRef::Number(number) => self.port == *number,
            PortRef::Name(name) => self.name.as_deref() == Some(name),
        }
    }
}

impl fmt::Display for ServicePort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.name.as_ref().map(|name| format!("{name} ")).unwrap_or_default();
        write!(f, "{name}{}/{}", self.port, self.protocol)
    }
}

/// A port of a Service, as people call it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PortRef {
    /// By its number at the Service's address.
    Number(Port),
    /// By its name.
    Name(Arc<str>),
}

impl fmt::Display for PortRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => write!(f, "{number}"),
            Self::Name(name) => f.write_str(name),
        }
    }
}

/// One address behind a Service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Where it is.
    pub address: IpAddr,
    /// The name of the Service's port that it stands behind.
    pub name: Option<String>,
    /// How it is spoken with.
    pub protocol: Transport,
    /// Its own port, which need not be the Service's.
    pub port: Port,
    /// The node that it is on, where it says so.
    pub node: Option<Arc<str>>,
}

/// The protocols that a Service can have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

impl Transport {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Tcp, Self::Udp, Self::Sctp];

    /// As Kubernetes writes it: `TCP`.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::Sctp => "SCTP",
        }
    }

    /// The one that Kubernetes writes so.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|transport| transport.word() == word)
    }
}

impl fmt::Display for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// What somebody wants to know of a cluster beside its nodes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Wanted {
    /// Every Service, and who stands behind it.
    Everything,
    /// The Services with such labels; not who stands behind them.
    Services {
        /// Of that namespace; of all of them without it.
        namespace: Option<Arc<str>>,
        /// With such labels; all of them without it.
        selector: Option<Selector>,
    },
    /// One Service, and who stands behind it.
    Endpoints {
        /// Its namespace.
        namespace: Arc<str>,
        /// Its name.
        name: Arc<str>,
    },
    /// The pods with such labels.
    Pods {
        /// Of that namespace.
        namespace: Arc<str>,
        /// With such labels; all of them without it.
        selector: Option<Selector>,
    },
}

impl Wanted {
    /// Whether it is about Services.
    #[must_use]
    pub const fn is_of_services(&self) -> bool {
        match self {
            Self::Everything | Self::Services { .. } | Self::Endpoints { .. } => true,
            Self::Pods { .. } => false,
        }
    }
}
