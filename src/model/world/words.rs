//! The faults of a world in a line each, as people would say them. It must not know who reads it.

use std::fmt;

use super::{AgentFault, Effect, End, Fault, LineEvent, Protocol, Refuser, Scope, Way};
use crate::model::units::Micros;
use crate::model::vantage::Network;

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.scope, self.effect)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.share < Self::ALL.share {
            write!(f, "{} of ", self.share)?;
        }
        match (self.family, self.protocol) {
            (None, None) => f.write_str("all packets")?,
            (Some(family), None) => write!(f, "{family} packets")?,
            (None, Some(protocol)) => write!(f, "{protocol} packets")?,
            (Some(family), Some(protocol)) => write!(f, "{family} {protocol} packets")?,
        }
        if let Some(port) = self.port {
            write!(f, " of port {}", port.get())?;
        }
        if let Some(size) = self.larger_than {
            write!(f, " larger than {} B", size.0)?;
        }
        write!(f, " {}", self.way)?;
        match (self.during.from, self.during.until) {
            (Micros(0), None) => Ok(()),
            (from, None) => write!(f, " from {from} on"),
            (from, Some(until)) => write!(f, " from {from} to {until}"),
        }
    }
}

impl fmt::Display for Way {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Directed { from: None, to: None } => f.write_str("everywhere"),
            Self::Directed { from: Some(from), to: None } => write!(f, "from {from}"),
            Self::Directed { from: None, to: Some(to) } => write!(f, "to {to}"),
            Self::Directed { from: Some(from), to: Some(to) } => write!(f, "from {from} to {to}"),
            Self::Between(one, other) => write!(f, "between {one} and {other}"),
            Self::At(end) => write!(f, "from and to {end}"),
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node(node) => f.write_str(node),
            Self::Vantage(vantage) => match vantage.network() {
                Network::Pod => write!(f, "the pod network of {}", vantage.node()),
                Network::Host => write!(f, "the host network of {}", vantage.node()),
            },
            Self::Zone(zone) => write!(f, "zone {zone}"),
            Self::Network(Network::Pod) => f.write_str("all pods"),
            Self::Network(Network::Host) => f.write_str("all hosts"),
            Self::Host(name) => write!(f, "the host {name}"),
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Icmp => "ICMP",
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
        })
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lose => f.write_str("lost"),
            Self::Delay(time) => write!(f, "{time} late"),
            Self::Jitter(time) => write!(f, "up to {time} late"),
            Self::Duplicate => f.write_str("twice"),
            Self::Reorder => f.write_str("out of order"),
            Self::Refuse(Refuser::Target) => f.write_str("refused as by the target"),
            Self::Refuse(Refuser::Router) => f.write_str("refused by a router"),
            Self::Mtu { most, announced: true } => write!(f, "at most {} B, and \"too big\" is said", most.0),
            Self::Mtu { most, announced: false } => write!(f, "at most {} B, and larger ones vanish", most.0),
        }
    }
}

impl fmt::Display for AgentFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NeverStarts(why) => write!(f, "never starts: {why}"),
            Self::NeverReady => f.write_str("never says hello"),
            Self::DiesAfter(outcomes) => write!(f, "dies after {outcomes} outcomes"),
            Self::FreezesAfter(outcomes) => write!(f, "freezes after {outcomes} outcomes"),
            Self::Speaks(version) => write!(f, "speaks version {version} of the wire"),
            Self::OtherRun => f.write_str("belongs to another run"),
            Self::GarblesAfter(outcomes) => write!(f, "tells noise after {outcomes} outcomes"),
            Self::DoublesAfter(outcomes) => write!(f, "tells an outcome twice after {outcomes}"),
            Self::DropsAfter(outcomes) => write!(f, "leaves an outcome out after {outcomes}"),
            Self::NoIcmp => f.write_str("has no ICMP socket"),
            Self::NoGateway => f.write_str("has no default gateway"),
            Self::MuteGateway => f.write_str("has a default gateway that answers nothing"),
            Self::NoAddress(family) => write!(f, "has no {family} address"),
            Self::Line(faults) => {
                f.write_str("its line ")?;
                for (index, fault) in faults.iter().enumerate() {
                    let and = if index == 0 { "" } else { ", " };
                    write!(f, "{and}{} after {} B", fault.event, fault.after.0)?;
                }
                Ok(())
            }
        }
    }
}

impl fmt::Display for LineEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cut => f.write_str("breaks"),
            Self::CutOff(time) => write!(f, "is away for {time}"),
            Self::Garble => f.write_str("changes a byte"),
            Self::Double => f.write_str("doubles a line"),
            Self::Delay(time) => write!(f, "stands still for {time}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::family::Family;
    use crate::model::units::{Bytes, Port, Ppm};
    use crate::model::vantage::Vantage;
    use crate::model::world::{During, LineFault};

    fn check(scope: Scope, effect: Effect, expected: &str) {
        assert_eq!(Fault { scope, effect }.to_string(), expected);
    }

    #[test]
    fn a_fault_is_said_in_a_line() {
        let node = |name: &str| Some(End::Node(name.into()));
        check(Scope::ALL, Effect::Lose, "all packets everywhere: lost");
        let way = Way::Directed { from: node("node1"), to: node("node2") };
        check(
            Scope { way: way.clone(), family: Some(Family::V4), protocol: Some(Protocol::Udp), share: Ppm(500_000), ..Scope::ALL },
            Effect::Lose,
            "50% of v4 UDP packets from node1 to node2: lost",
        );
        let during = During { from: Micros(2_000_000), until: Some(Micros(3_000_000)) };
        check(
            Scope { way, port: Port::new(53), larger_than: Some(Bytes(1_200)), during, ..Scope::ALL },
            Effect::Refuse(Refuser::Router),
            "all packets of port 53 larger than 1200 B from node1 to node2 from 2s to 3s: refused by a router",
        );
        let way = Way::Between(End::Zone("a".to_owned()), End::Vantage(Vantage::host("node1")));
        check(
            Scope { way, ..Scope::ALL },
            Effect::Mtu { most: Bytes(1_400), announced: false },
            "all packets between zone a and the host network of node1: at most 1400 B, and larger ones vanish",
        );
    }

    #[test]
    fn an_agents_fault_is_said_in_a_line() {
        let line = |after, event| LineFault { after: Bytes(after), event };
        let faults = vec![line(100, LineEvent::Cut), line(200, LineEvent::CutOff(Micros(2_000_000)))];
        assert_eq!(AgentFault::Line(faults).to_string(), "its line breaks after 100 B, is away for 2s after 200 B");
        assert_eq!(AgentFault::NoAddress(Family::V6).to_string(), "has no v6 address");
    }
}
