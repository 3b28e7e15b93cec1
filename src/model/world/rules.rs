//! Which faults act on which packets: the faults of a world made ready to be asked for every packet. Pure: no clock and no
//! dice, so that simulation and fabric decide alike. It must not know how a fault is made.
//!
//! Ask [`Rules::between`] once for two ends and keep the answer; then [`Rule::fits`] is a few comparisons for each packet.
//! Of the packets that fit, [`Rule::share`] are struck: chance decides in the fabric, even spreading in the simulation.

use std::collections::HashMap;

use crate::model::family::Family;
use crate::model::units::{Bytes, Micros, Port, Ppm};
use crate::model::vantage::Network;

use super::{During, Effect, End, Protocol, Refuser, Scope, Site, Spot, Way, World, WorldDns};

/// What a fault may ask about a packet besides where it comes from and where it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Packet {
    /// Of the IP header.
    pub family: Family,
    /// Of what is in it.
    pub protocol: Protocol,
    /// From which port to which; none for ICMP.
    pub ports: Option<(Port, Port)>,
    /// Of the whole IP packet, its header with it.
    pub size: Bytes,
    /// Whether it begins something.
    pub turn: Turn,
}

/// Whose turn it is with a packet. Only questions can be refused: who refuses everything would refuse answers as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It asks: an echo request, a TCP SYN without ACK, a datagram of a flow in which nobody spoke before the other way.
    Question,
    /// Everything else, ICMP errors too.
    Answer,
}

/// A fault between two given ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Tells it from the other rules of the world, whatever the ends: for counters that belong to it.
    pub number: u16,
    /// What becomes of what it strikes.
    pub effect: Effect,
    /// How much of what fits it strikes; more than 0.
    pub share: Ppm,
    family: Option<Family>,
    protocol: Option<Protocol>,
    port: Option<Port>,
    larger_than: Bytes,
    during: During,
}

impl Rule {
    /// Whether it concerns a packet between its ends, this long after the world began.
    #[must_use]
    pub fn fits(&self, packet: &Packet, moment: Micros) -> bool {
        self.family.is_none_or(|family| family == packet.family)
            && self.protocol.is_none_or(|protocol| protocol == packet.protocol)
            && self.port.is_none_or(|port| packet.ports.is_some_and(|(from, to)| from == port || to == port))
            && packet.size > self.larger_than
            && self.during.holds(moment)
            && match self.effect {
                Effect::Refuse(Refuser::Target | Refuser::Router) => packet.turn == Turn::Question,
                Effect::Mtu { most, .. } => packet.size > most,
                Effect::Lose | Effect::Delay(_) | Effect::Jitter(_) | Effect::Duplicate | Effect::Reorder => true,
            }
    }

    /// Whether it says that a packet is too big.
    #[must_use]
    pub const fn is_announced(&self) -> bool {
        matches!(self.effect, Effect::Mtu { announced: true, .. })
    }

    fn of(number: usize, scope: &Scope, effect: Effect) -> Self {
        let Scope { way: _, family, protocol, port, larger_than, share, during } = scope;
        Self {
            number: u16::try_from(number).unwrap_or(u16::MAX),
            effect,
            share: *share,
            family: *family,
            protocol: *protocol,
            port: *port,
            larger_than: larger_than.unwrap_or(Bytes(0)),
            during: *during,
        }
    }
}

impl During {
    /// Whether a moment is in it: its beginning is, its end is not.
    #[must_use]
    pub fn holds(&self, moment: Micros) -> bool {
        self.from <= moment && self.until.is_none_or(|until| moment < until)
    }
}

/// All rules of a world: first that nodes which are gone are lost to everybody, then its faults in the order of the file.
#[derive(Debug, Clone)]
pub struct Rules {
    rules: Vec<(Stretch, Rule)>,
    /// The number of each node's zone.
    zones: Vec<Option<usize>>,
}

/// A way whose names are numbers.
#[derive(Debug, Clone, Copy)]
enum Stretch {
    Directed(Ends, Ends),
    Between(Ends, Ends),
    At(Ends),
}

/// An end whose name is a number.
#[derive(Debug, Clone, Copy)]
enum Ends {
    All,
    /// A name that the world does not have.
    Nobody,
    Node(u16),
    Spot(Spot),
    Zone(usize),
    Network(Network),
    Host(u16),
}

impl World {
    /// Its faults, ready to be asked.
    #[must_use]
    pub fn rules(&self) -> Rules {
        let names = Names::of(self);
        let gone = self.nodes.iter().zip(0_u16..).filter_map(|(node, number)| {
            let during = During { from: node.gone_after?, until: None };
            Some((Stretch::At(Ends::Node(number)), Scope { during, ..Scope::ALL }, Effect::Lose))
        });
        let faults = self.faults.iter().map(|fault| (names.stretch(&fault.scope.way), fault.scope.clone(), fault.effect));
        let numbered = gone.chain(faults).enumerate();
        let rules = numbered.map(|(number, (stretch, scope, effect))| (stretch, Rule::of(number, &scope, effect))).collect();
        Rules { rules, zones: self.nodes.iter().map(|node| names.zone(node.zone.as_deref()?)).collect() }
    }
}

impl Rules {
    /// The rules for packets from there to there, in the order in which they act.
    #[must_use]
    pub fn between(&self, from: impl Into<Site>, to: impl Into<Site>) -> Vec<Rule> {
        let (from, to) = (from.into(), to.into());
        // What a node asks itself never leaves its kernel.
        let within = matches!(from, Site::Spot(Spot { network: Network::Host, .. })) && from == to;
        if within || matches!(from, Site::Router(_)) || matches!(to, Site::Router(_)) {
            return Vec::new();
        }
        self.rules.iter().filter(|(stretch, _)| self.covers(stretch, from, to)).map(|(_, rule)| *rule).collect()
    }

    /// The same on a way that may lead through a node: those of both its legs.
    #[must_use]
    pub fn along(&self, from: Site, through: Option<Spot>, to: Site) -> Vec<Rule> {
        match through.map(Site::Spot) {
            Some(node) if node != from && node != to => [self.between(from, node), self.between(node, to)].concat(),
            Some(_) | None => self.between(from, to),
        }
    }

    fn covers(&self, stretch: &Stretch, from: Site, to: Site) -> bool {
        let directed = |one: &Ends, other: &Ends| self.holds(one, from) && self.holds(other, to);
        match stretch {
            Stretch::Directed(one, other) => directed(one, other),
            Stretch::Between(one, other) => directed(one, other) || directed(other, one),
            Stretch::At(end) => self.holds(end, from) || self.holds(end, to),
        }
    }

    fn holds(&self, ends: &Ends, site: Site) -> bool {
        match (ends, site) {
            (Ends::All, _) => true,
            (Ends::Host(host), Site::Host(other)) => *host == other,
            (Ends::Node(node), Site::Spot(spot)) => *node == spot.node,
            (Ends::Spot(other), Site::Spot(spot)) => *other == spot,
            (Ends::Zone(zone), Site::Spot(spot)) => self.zones.get(usize::from(spot.node)).is_some_and(|own| *own == Some(*zone)),
            (Ends::Network(network), Site::Spot(spot)) => *network == spot.network,
            (Ends::Nobody | Ends::Host(_), _)
            | (Ends::Node(_) | Ends::Spot(_) | Ends::Zone(_) | Ends::Network(_), Site::Host(_) | Site::Router(_)) => false,
        }
    }
}

/// The names of a world's nodes, zones and hosts with their numbers.
struct Names<'w> {
    nodes: HashMap<&'w str, u16>,
    hosts: HashMap<&'w str, u16>,
    zones: HashMap<&'w str, usize>,
}

impl<'w> Names<'w> {
    fn of(world: &'w World) -> Self {
        let nodes = world.nodes.iter().zip(0..).map(|(node, number)| (&*node.name, number)).collect();
        let zones = world.nodes.iter().enumerate().filter_map(|(number, node)| Some((node.zone.as_deref()?, number))).collect();
        let hosts = world.hosts.iter().zip(0..).map(|(host, number)| (&*host.name, number)).collect();
        Self { nodes, hosts, zones }
    }

    fn zone(&self, name: &str) -> Option<usize> {
        self.zones.get(name).copied()
    }

    fn stretch(&self, way: &Way) -> Stretch {
        let side = |end: &Option<End>| end.as_ref().map_or(Ends::All, |end| self.ends(end));
        match way {
            Way::Directed { from, to } => Stretch::Directed(side(from), side(to)),
            Way::Between(one, other) => Stretch::Between(self.ends(one), self.ends(other)),
            Way::At(end) => Stretch::At(self.ends(end)),
        }
    }

    fn ends(&self, end: &End) -> Ends {
        let node = |name: &str| self.nodes.get(name).copied();
        match end {
            End::Node(name) => node(name).map_or(Ends::Nobody, Ends::Node),
            End::Vantage(vantage) => {
                node(vantage.node()).map_or(Ends::Nobody, |node| Ends::Spot(Spot { node, network: vantage.network() }))
            }
            End::Zone(name) => self.zone(name).map_or(Ends::Nobody, Ends::Zone),
            End::Network(network) => Ends::Network(*network),
            End::Host(name) if **name == *WorldDns::NAME => Ends::Spot(Spot::DNS),
            End::Host(name) => self.hosts.get(&**name).map_or(Ends::Nobody, |host| Ends::Host(*host)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::vantage::Vantage;
    use crate::model::world::Fault;

    const ECHO: Packet = Packet { family: Family::V4, protocol: Protocol::Icmp, ports: None, size: Bytes(84), turn: Turn::Question };

    fn port(number: u16) -> Port {
        Port::new(number).unwrap()
    }

    fn world(way: Way) -> World {
        World { faults: vec![Fault { scope: Scope { way, ..Scope::ALL }, effect: Effect::Lose }], ..World::three_nodes() }
    }

    /// Which directed ways between the vantages of the three nodes a fault covers, each as `1>2` or `1h>2`; those within a
    /// vantage are left out.
    fn covered(world: &World) -> String {
        let rules = world.rules();
        let spots = (0..3).flat_map(|node| [Network::Pod, Network::Host].map(|network| Spot { node, network }));
        let spots: Vec<Spot> = spots.collect();
        let name = |spot: Spot| format!("{}{}", spot.node + 1, if spot.network == Network::Host { "h" } else { "" });
        let ways = spots.iter().flat_map(|from| spots.iter().map(move |to| (*from, *to))).filter(|(from, to)| from != to);
        let fitting = ways.filter(|(from, to)| rules.between(*from, *to).iter().any(|rule| rule.fits(&ECHO, Micros(0))));
        fitting.map(|(from, to)| format!("{}>{}", name(from), name(to))).collect::<Vec<_>>().join(" ")
    }

    #[track_caller]
    fn check_way(way: &Way, expected: &str) {
        assert_eq!(covered(&world(way.clone())), expected, "{way:?}");
    }

    #[test]
    fn ways_cover_what_they_say() {
        let node = |name: &str| End::Node(name.into());
        let zone = |name: &str| End::Zone(name.to_owned());
        let directed = |from, to| Way::Directed { from, to };
        check_way(&directed(Some(End::Vantage(Vantage::pod("node1"))), Some(node("node2"))), "1>2 1>2h");
        check_way(&directed(None, Some(End::Vantage(Vantage::host("node2")))), "1>2h 1h>2h 2>2h 3>2h 3h>2h");
        check_way(&directed(Some(zone("zone-b")), Some(End::Network(Network::Pod))), "2>1 2>3 2h>1 2h>2 2h>3");
        check_way(&Way::Between(node("node1"), End::Vantage(Vantage::pod("node3"))), "1>3 1h>3 3>1 3>1h");
        check_way(&Way::Between(zone("zone-b"), zone("zone-b")), "2>2h 2h>2");
        check_way(&Way::At(End::Vantage(Vantage::host("node1"))), "1>1h 1h>1 1h>2 1h>2h 1h>3 1h>3h 2>1h 2h>1h 3>1h 3h>1h");
        check_way(&Way::At(node("node9")), "");
        check_way(&directed(Some(zone("zone-c")), None), "");
    }

    #[test]
    fn everywhere_is_every_way() {
        assert_eq!(covered(&world(Scope::ALL.way)).split(' ').count(), 30);
        assert_eq!(covered(&World::three_nodes()), "");
    }

    #[test]
    fn a_way_through_a_node_has_the_rules_of_both_its_legs() {
        let between = |one: &str, other: &str| Way::Between(End::Vantage(Vantage::pod(one)), End::Node(other.into()));
        let ways = [between("node1", "node3"), between("node3", "node2"), between("node1", "node2")];
        let faults = ways.map(|way| Fault { scope: Scope { way, ..Scope::ALL }, effect: Effect::Lose });
        let rules = World { faults: faults.to_vec(), ..World::three_nodes() }.rules();
        let (pod, host) = (|node| Spot { node, network: Network::Pod }, |node| Spot { node, network: Network::Host });
        let numbers = |from: Spot, through, to: Spot| {
            let rules = rules.along(from.into(), through, to.into());
            rules.iter().map(|rule| rule.number).collect::<Vec<_>>()
        };
        for (from, through, to, expected) in [
            (pod(0), None, pod(2), vec![0]),
            (pod(0), Some(host(1)), pod(2), vec![2, 1]),
            (pod(2), Some(host(1)), pod(0), vec![1, 2]),
            // Whoever is there already takes the direct way.
            (host(1), Some(host(1)), pod(2), vec![1]),
        ] {
            assert_eq!(numbers(from, through, to), expected, "{from:?} {through:?} {to:?}");
        }
    }

    #[test]
    fn a_node_that_is_gone_is_gone_for_everybody_before_any_fault() {
        let mut world = world(Way::At(End::Node("node1".into())));
        world.nodes[1].gone_after = Some(Micros(5));
        let pod = |node| Spot { node, network: Network::Pod };
        let rules = world.rules().between(pod(1), pod(0));
        assert_eq!(rules.iter().map(|rule| rule.number).collect::<Vec<_>>(), [0, 1]);
        assert!(!rules[0].fits(&ECHO, Micros(4)));
        assert!(rules[0].fits(&ECHO, Micros(5)));
        assert_eq!(world.rules().between(pod(0), pod(2)).len(), 1);
    }

    #[track_caller]
    fn check(scope: &Scope, effect: Effect, packet: Packet, moment: u64, expected: bool) {
        assert_eq!(Rule::of(0, scope, effect).fits(&packet, Micros(moment)), expected, "{scope:?} {effect:?} {packet:?} {moment}");
    }

    #[test]
    fn a_scope_is_all_of_its_conditions() {
        let udp = Packet { protocol: Protocol::Udp, ports: Some((port(40_000), port(53))), ..ECHO };
        let back = Packet { ports: Some((port(53), port(40_000))), turn: Turn::Answer, ..udp };
        let during = During { from: Micros(2), until: Some(Micros(4)) };
        for (scope, packet, moment, expected) in [
            (Scope { family: Some(Family::V4), ..Scope::ALL }, ECHO, 0, true),
            (Scope { family: Some(Family::V6), ..Scope::ALL }, ECHO, 0, false),
            (Scope { protocol: Some(Protocol::Udp), ..Scope::ALL }, ECHO, 0, false),
            (Scope { protocol: Some(Protocol::Udp), ..Scope::ALL }, udp, 0, true),
            (Scope { port: Some(port(53)), ..Scope::ALL }, udp, 0, true),
            (Scope { port: Some(port(53)), ..Scope::ALL }, back, 0, true),
            (Scope { port: Some(port(54)), ..Scope::ALL }, udp, 0, false),
            (Scope { port: Some(port(53)), ..Scope::ALL }, ECHO, 0, false),
            (Scope { port: Some(port(53)), family: Some(Family::V6), ..Scope::ALL }, udp, 0, false),
            (Scope { larger_than: Some(Bytes(83)), ..Scope::ALL }, ECHO, 0, true),
            (Scope { larger_than: Some(Bytes(84)), ..Scope::ALL }, ECHO, 0, false),
            (Scope { during, ..Scope::ALL }, ECHO, 1, false),
            (Scope { during, ..Scope::ALL }, ECHO, 2, true),
            (Scope { during, ..Scope::ALL }, ECHO, 3, true),
            (Scope { during, ..Scope::ALL }, ECHO, 4, false),
        ] {
            check(&scope, Effect::Lose, packet, moment, expected);
        }
    }

    #[test]
    fn refusals_are_for_questions_and_limits_for_what_is_larger() {
        let answer = Packet { turn: Turn::Answer, ..ECHO };
        for refuser in [Refuser::Target, Refuser::Router] {
            check(&Scope::ALL, Effect::Refuse(refuser), ECHO, 0, true);
            check(&Scope::ALL, Effect::Refuse(refuser), answer, 0, false);
        }
        for (most, expected) in [(83, true), (84, false)] {
            check(&Scope::ALL, Effect::Mtu { most: Bytes(most), announced: true }, answer, 0, expected);
        }
    }
}
