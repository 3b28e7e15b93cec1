//! The namespaces of a run: where the pods of each network stand, whose the namespace is, and what was asked for there.
//! It asks nobody.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};

use super::names;
use super::needs::Serving;
use super::security::{lodging, security_level};
use crate::model::agents::IcmpAccess;
use crate::model::outlook::Creation;
use crate::model::vantage::{Network, Station};

/// Whose a namespace is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Holder {
    /// The run's own, made and removed with it.
    Run,
    /// Somebody else's: nothing in it is touched that does not bear the run's label.
    Others,
}

/// What the run has asked the API server to create so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Asked {
    /// Nothing: there is nothing to remove.
    Nothing,
    /// A namespace, and the answer is not here; pods in a namespace of others count as answered.
    Unanswered,
    /// There may be something.
    Something,
}

/// A namespace of a run.
#[derive(Debug)]
pub(super) struct Site {
    /// Its name.
    pub(super) namespace: String,
    /// Whose it is.
    pub(super) holder: Holder,
    /// Shared between a launch that may be dropped at any moment and the cleaning-up.
    asked: Mutex<Asked>,
    /// The same of Services.
    served: AtomicBool,
}

impl Site {
    fn new(run: &str, network: Network, given: Option<&str>) -> Self {
        let (namespace, holder) = match given {
            Some(name) => (name.to_owned(), Holder::Others),
            None => (names::namespace(run, network), Holder::Run),
        };
        Self { namespace, holder, asked: Mutex::new(Asked::Nothing), served: AtomicBool::new(false) }
    }

    /// Notes how far it has come.
    pub(super) fn note(&self, asked: Asked) {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner) = asked;
    }

    /// Notes that Services are asked for.
    pub(super) fn note_services(&self) {
        self.served.store(true, Ordering::Relaxed);
    }

    /// Whether there may be Services.
    pub(super) fn serving(&self) -> Serving {
        if self.served.load(Ordering::Relaxed) { Serving::Services } else { Serving::Nothing }
    }

    /// How far it has come.
    pub(super) fn asked(&self) -> Asked {
        *self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Where the pods of each network stand.
#[derive(Debug)]
pub(super) struct Sites {
    pods: Site,
    /// None where it is the same as that of the others.
    hosts: Option<Site>,
}

impl Sites {
    /// In the namespaces that are given, and in the run's own where none is.
    pub(super) fn new(run: &str, namespace: Option<&str>, host_namespace: Option<&str>) -> Self {
        let hosts = (host_namespace.is_none() || host_namespace != namespace).then(|| Site::new(run, Network::Host, host_namespace));
        Self { pods: Site::new(run, Network::Pod, namespace), hosts }
    }

    /// Where pods of that network stand.
    pub(super) fn of(&self, network: Network) -> &Site {
        match network {
            Network::Pod => &self.pods,
            Network::Host => self.hosts.as_ref().unwrap_or(&self.pods),
        }
    }

    /// Each once.
    pub(super) fn all(&self) -> impl Iterator<Item = &Site> {
        std::iter::once(&self.pods).chain(&self.hosts)
    }

    /// The command that removes what is left of the run.
    pub(super) fn clean_command(&self, run: &str) -> String {
        let given = |flag: &str, site: &Site| match site.holder {
            Holder::Others => format!(" {flag} {}", site.namespace),
            Holder::Run => String::new(),
        };
        let hosts = self.hosts.as_ref().map(|site| given("--host-namespace", site)).unwrap_or_default();
        format!("netcheck clean --run {run}{}{hosts}", given("-n", &self.pods))
    }

    /// What a launch of so many agents that stand so, and come by ICMP so, creates.
    pub(super) fn objects(&self, image: &str, services: usize, icmp: IcmpAccess, count: impl Fn(Station) -> usize) -> Vec<Creation> {
        let mut objects = Vec::new();
        let mut add = |kind, count, site: &Site, words| objects.push(Creation { kind, count, namespace: site.namespace.clone(), words });
        let mut made: Vec<Network> = Vec::new();
        for station in Station::ALL {
            let network = lodging(station);
            let (site, count) = (self.of(network), count(station));
            if count == 0 {
                continue;
            }
            if site.holder == Holder::Run && !made.contains(&network) {
                made.push(network);
                let words = format!("namespace {} (Pod Security: {})", site.namespace, security_level(station, icmp));
                add("Namespace", 1, site, words);
            }
            let (how, each) = match (station, icmp) {
                (Station::Pod, IcmpAccess::Auto) => ("", "a node each"),
                (Station::Pod, IcmpAccess::Raw) => (" (user 0, capability NET_RAW)", "a node each"),
                (Station::Host, _) => (" in the nodes' own network (user 0, capability NET_RAW)", "a node each"),
                (Station::Workload, _) => (
                    " that enter the network of a pod of yours (user 0, hostPID, AppArmor unconfined, capabilities SYS_ADMIN, SYS_PTRACE, NET_RAW)",
                    "a pod of yours each",
                ),
            };
            add("Pod", count, site, format!("{count} pods{how} of image {image}, {each}, in namespace {}", site.namespace));
            if station == Station::Pod && services > 0 {
                let noun = if services == 1 { "Service" } else { "Services" };
                add("Service", services, site, format!("{services} {noun} with these pods behind them, in namespace {}", site.namespace));
            }
        }
        objects
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(given: [Option<&str>; 2], command: &str, objects: &[&str]) {
        check_with(IcmpAccess::Auto, given, command, objects);
    }

    fn check_with(icmp: IcmpAccess, given: [Option<&str>; 2], command: &str, objects: &[&str]) {
        let sites = Sites::new("0a1b2c3d", given[0], given[1]);
        assert_eq!(sites.clean_command("0a1b2c3d"), command);
        let found: Vec<_> = sites
            .objects("i:1", 0, icmp, |station| if station == Station::Workload { 0 } else { 3 })
            .into_iter()
            .map(|creation| creation.words)
            .collect();
        assert_eq!(found, objects);
    }

    #[test]
    fn each_network_has_its_namespace_and_the_command_names_those_of_others() {
        let own =
            ["namespace netcheck-0a1b2c3d (Pod Security: restricted)", "3 pods of image i:1, a node each, in namespace netcheck-0a1b2c3d"];
        let own_hosts = [
            "namespace netcheck-0a1b2c3d-host (Pod Security: privileged)",
            "3 pods in the nodes' own network (user 0, capability NET_RAW) of image i:1, a node each, in namespace netcheck-0a1b2c3d-host",
        ];
        let a = "3 pods of image i:1, a node each, in namespace a";
        let b = "3 pods in the nodes' own network (user 0, capability NET_RAW) of image i:1, a node each, in namespace b";
        let both = b.replace("namespace b", "namespace a");
        check([None, None], "netcheck clean --run 0a1b2c3d", &[own[0], own[1], own_hosts[0], own_hosts[1]]);
        check([Some("a"), None], "netcheck clean --run 0a1b2c3d -n a", &[a, own_hosts[0], own_hosts[1]]);
        check([None, Some("b")], "netcheck clean --run 0a1b2c3d --host-namespace b", &[own[0], own[1], b]);
        check([Some("a"), Some("b")], "netcheck clean --run 0a1b2c3d -n a --host-namespace b", &[a, b]);
        check([Some("a"), Some("a")], "netcheck clean --run 0a1b2c3d -n a", &[a, &both]);
    }

    #[test]
    fn raw_icmp_changes_the_pods_and_their_own_namespace_alone() {
        let own = [
            "namespace netcheck-0a1b2c3d (Pod Security: privileged)",
            "3 pods (user 0, capability NET_RAW) of image i:1, a node each, in namespace netcheck-0a1b2c3d",
        ];
        let a = own[1].replace("netcheck-0a1b2c3d", "a");
        let hosts = "3 pods in the nodes' own network (user 0, capability NET_RAW) of image i:1, a node each, in namespace b";
        check_with(IcmpAccess::Raw, [None, Some("b")], "netcheck clean --run 0a1b2c3d --host-namespace b", &[own[0], own[1], hosts]);
        check_with(IcmpAccess::Raw, [Some("a"), Some("b")], "netcheck clean --run 0a1b2c3d -n a --host-namespace b", &[&a, hosts]);
    }

    #[test]
    fn a_namespace_for_both_is_cleaned_once() {
        assert_eq!(Sites::new("0a1b2c3d", Some("a"), Some("a")).all().count(), 1);
        assert_eq!(Sites::new("0a1b2c3d", None, None).all().count(), 2);
    }
}
