//! What the machine can refuse on the way to network namespaces, in the order in which it is asked. It must not know who asks.

use std::fmt;
use std::io;

/// A step on the way to network namespaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Opening `/dev/net/tun`.
    Tun,
    /// A user namespace, for whoever is not root.
    User,
    /// A network namespace.
    Network,
    /// A setting of it, by its path below `/proc/sys/net`.
    Setting(&'static str),
    /// A TUN device in it.
    Device,
    /// An interface of that name, switched on.
    Interface(&'static str),
    /// An address.
    Address,
    /// A default route.
    Route,
    /// Rules for the node ports of a node that asks itself.
    NodePorts,
    /// An unprivileged ICMP socket.
    Ping,
    /// The fabric between the devices.
    Fabric,
    /// The sockets of the DNS server.
    Names,
    /// The sockets of a host.
    Host,
    /// The certificates of the API server.
    Certificate,
    /// A thread to enter namespaces with.
    Thread,
}

/// A step that was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{step}: {why}")]
pub struct Refused {
    /// Which.
    pub step: Step,
    /// What the system said.
    pub why: String,
}

impl Step {
    /// Refused with these words of the system.
    pub(super) fn refused(self, error: impl Into<io::Error>) -> Refused {
        Refused { step: self, why: error.into().to_string() }
    }

    /// What to try, a line each.
    pub(super) fn help(self) -> Vec<String> {
        let text: &[&str] = match self {
            Self::Tun | Self::Device => &[
                "TUN devices need the module (modprobe tun), and /dev/net/tun readable and writable for this user",
                "in a container: --device /dev/net/tun --cap-add NET_ADMIN --cap-add SYS_ADMIN",
            ],
            Self::User | Self::Network => &[
                "run it as root, or allow users their own namespaces: sysctl user.max_user_namespaces, kernel.unprivileged_userns_clone=1, \
                 kernel.apparmor_restrict_unprivileged_userns=0, as far as this system has them",
                "in a container: --cap-add SYS_ADMIN --cap-add NET_ADMIN --device /dev/net/tun",
            ],
            Self::Setting(_) => &["/proc/sys must be writable: a container needs --privileged, or --security-opt systempaths=unconfined"],
            Self::Interface(_)
            | Self::Address
            | Self::Route
            | Self::NodePorts
            | Self::Ping
            | Self::Fabric
            | Self::Names
            | Self::Host
            | Self::Certificate
            | Self::Thread => &["run it as root, outside any container, to see whether the machine or its confinement refuses"],
        };
        text.iter().map(|line| (*line).to_owned()).collect()
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tun => f.write_str("opening /dev/net/tun"),
            Self::User => f.write_str("making a user namespace"),
            Self::Network => f.write_str("making a network namespace"),
            Self::Setting(path) => write!(f, "writing /proc/sys/net/{path} in a network namespace"),
            Self::Device => f.write_str("making a TUN device in a network namespace"),
            Self::Interface(name) => write!(f, "switching on the interface {name} in a network namespace"),
            Self::Address => f.write_str("giving an interface its address"),
            Self::Route => f.write_str("setting a default route"),
            Self::NodePorts => f.write_str("setting routing rules for node ports"),
            Self::Ping => f.write_str("opening an unprivileged ICMP socket in a network namespace"),
            Self::Fabric => f.write_str("starting the fabric between the network namespaces"),
            Self::Names => f.write_str("opening the sockets of the DNS server"),
            Self::Host => f.write_str("opening the sockets of a host"),
            Self::Certificate => f.write_str("making the certificate of the API server"),
            Self::Thread => f.write_str("starting a thread that enters network namespaces"),
        }
    }
}
