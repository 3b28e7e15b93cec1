//! How the nodes of the sandbox are kept apart, and what of that this machine allows. It must not know what is measured.

use std::fs::{self, OpenOptions};
use std::io;
use std::thread;

use nix::sched::{CloneFlags, unshare};
use nix::unistd::{getegid, geteuid};
use rustix::thread::{CapabilitySet, capabilities};

use super::namespace::{Furniture, Namespace, has_v6};
use super::refused::{Refused, Step};
use crate::backend::BackendError;
use crate::model::family::Family;
use crate::model::vantage::Network;
use crate::model::world::{Spot, World};
use crate::probe;
use crate::wire::IcmpMode;

/// What a user may want.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// Namespaces where the machine allows them, else loopback.
    Auto,
    /// Namespaces or nothing.
    Namespaces,
    /// Loopback.
    Loopback,
}

/// How nodes are kept apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Isolation {
    /// By two network namespaces a node, joined by a fabric that can break on purpose.
    Namespaces,
    /// By nothing but an address of `127.0.0.0/8` an agent.
    Loopback {
        /// What stood in the way of namespaces; none where loopback was wished for.
        because: Option<Refused>,
    },
}

impl Isolation {
    /// Tries what is wished for, whole: a namespace is made as those of a world are, and let go again. It must be called
    /// while this process has but one thread: whoever is not root gets a user namespace, and stays in it.
    ///
    /// # Errors
    /// The machine refuses namespaces, and nothing else was wished for.
    pub fn prepare(wish: Wish) -> Result<Self, BackendError> {
        match wish {
            Wish::Loopback => Ok(Self::Loopback { because: None }),
            Wish::Auto => Ok(try_namespaces().map_or_else(|refused| Self::Loopback { because: Some(refused) }, |()| Self::Namespaces)),
            Wish::Namespaces => try_namespaces().map(|()| Self::Namespaces).map_err(|refused| no_namespaces(&refused)),
        }
    }

    /// As the flag spells it.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Namespaces => "namespaces",
            Self::Loopback { .. } => "loopback",
        }
    }
}

/// The machine refused a step that was needed.
pub(super) fn no_namespaces(refused: &Refused) -> BackendError {
    let mut help = refused.step.help();
    help.push("--isolation loopback needs no namespaces, and makes no faults of the network".to_owned());
    let message = format!("this machine refuses the sandbox its network namespaces: {refused}");
    BackendError { code: "isolation", message, details: Vec::new(), help }
}

/// The step that cannot be taken back comes only after one that most machines without namespaces refuse.
fn try_namespaces() -> Result<(), Refused> {
    OpenOptions::new().read(true).write(true).open("/dev/net/tun").map_err(|error| Step::Tun.refused(error))?;
    if !is_capable().map_err(|error| Step::User.refused(error))? {
        enter_user_namespace().map_err(|error| Step::User.refused(error))?;
    }
    let trial = thread::Builder::new().name("trial".to_owned()).spawn(try_one).map_err(|error| Step::Thread.refused(error))?;
    trial.join().unwrap_or_else(|_| Err(Step::Thread.refused(io::Error::other("it panicked"))))
}

/// It goes with the thread.
fn try_one() -> Result<(), Refused> {
    let spot = Spot { node: 0, network: Network::Pod };
    let families = Family::ALL.into_iter().filter(|family| *family == Family::V4 || has_v6());
    let addresses = families.map(|family| spot.address(family)).collect();
    let mtu = u16::try_from(World::HOST_MTU.0).unwrap_or(u16::MAX);
    Namespace::create(&Furniture { addresses, gateways: Vec::new(), mtu, ping: true })?;
    match probe::icmp_mode() {
        IcmpMode::Datagram => Ok(()),
        IcmpMode::Raw => Err(Refused { step: Step::Ping, why: "only raw ones can be had".to_owned() }),
        IcmpMode::Unavailable(why) => Err(Refused { step: Step::Ping, why }),
    }
}

/// Whether this process may make network namespaces as it is.
fn is_capable() -> io::Result<bool> {
    Ok(capabilities(None)?.effective.contains(CapabilitySet::NET_ADMIN | CapabilitySet::SYS_ADMIN))
}

/// This user becomes the one user and group 0 of a namespace of its own (`user_namespaces(7)`).
fn enter_user_namespace() -> io::Result<()> {
    let (user, group) = (geteuid(), getegid());
    unshare(CloneFlags::CLONE_NEWUSER)?;
    // Whoever may set supplementary groups could drop one that takes rights away.
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("0 {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("0 {group} 1"))
}
