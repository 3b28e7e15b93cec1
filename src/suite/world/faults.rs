//! What is wrong with the packets of a world: each fault with its scope and its effect. A fault that could never act is refused,
//! so that nobody takes its world for a broken one.

use super::nodes::Cast;
use super::values::{bytes, duration, family, share, whole, window, word};
use crate::model::family::Family;
use crate::model::units::{Bytes, Port, Ppm};
use crate::model::world::{Effect, Fault, Protocol, Refuser, Scope, Way, World};
use crate::suite::codes;
use crate::suite::language::PORT;
use crate::suite::language::world::{PROTOCOLS, REFUSERS, SIZE, SLOWNESS, TOO_BIG};
use crate::suite::remarks::{Remark, Remarks};
use crate::suite::tree::{Entry, Node};

/// What faults have to know of their world.
pub(super) struct Frame<'a> {
    pub(super) cast: &'a Cast,
    pub(super) families: Vec<Family>,
    /// The largest packet that there can be.
    pub(super) largest: Bytes,
}

pub(super) fn read(root: &Node, frame: &Frame<'_>, remarks: &mut Remarks) -> Vec<Fault> {
    let Some(faults) = root.get("faults") else { return Vec::new() };
    if faults.items().len() > World::FAULTS_LIMIT {
        let message = format!("{} faults are more than a world may have", faults.items().len());
        remarks.add(Remark::error(codes::TOO_BIG, faults.at, message).label(format!("expected at most {}", World::FAULTS_LIMIT)));
        return Vec::new();
    }
    faults.items().iter().filter_map(|node| Reader { node, frame, remarks }.fault()).collect()
}

/// One fault.
struct Reader<'a, 'r> {
    node: &'a Node,
    frame: &'a Frame<'a>,
    remarks: &'r mut Remarks,
}

/// The effects that say their share themselves.
const SHARED: [&str; 3] = ["lose", "duplicate", "reorder"];

impl Reader<'_, '_> {
    /// All of it is read before what is wrong counts, so that no mistake hides another.
    fn fault(&mut self) -> Option<Fault> {
        let (way, during) = (self.way(), window(self.node, "during", self.remarks));
        self.idle_family();
        self.idle_port();
        self.idle_size(self.node, "largerThan");
        let (share, effect) = (self.share(), self.effect());
        let node = self.node;
        let protocol = word(node, "protocol", &PROTOCOLS).and_then(protocol);
        let port = whole(node, "port", &PORT).and_then(Port::of);
        let larger_than = bytes(node, "largerThan", &SIZE);
        Some(Fault {
            scope: Scope { way: way?, family: family(node, "family"), protocol, port, larger_than, share, during },
            effect: effect?,
        })
    }

    fn way(&mut self) -> Option<Way> {
        self.exclusive();
        if let Some(between) = self.node.entry("between") {
            return self.between(between);
        }
        if let Some(at) = self.node.get("at") {
            return self.frame.cast.end(at, self.remarks).map(Way::At);
        }
        let mut end = |key: &str| match self.node.get(key) {
            Some(end) => self.frame.cast.end(end, self.remarks).map(Some),
            None => Some(None),
        };
        let (from, to) = (end("from"), end("to"));
        Some(Way::Directed { from: from?, to: to? })
    }

    /// `from` and `to` go together; `between` and `at` stand for themselves.
    fn exclusive(&mut self) {
        let given = |names: &[&str]| names.iter().find_map(|name| self.node.entry(name));
        let ways: Vec<&Entry> = [given(&["from", "to"]), given(&["between"]), given(&["at"])].into_iter().flatten().collect();
        if let [first, others @ ..] = &ways[..] {
            for other in others {
                let message = format!("`{}` and `{}` exclude each other", first.key.name, other.key.name);
                let remark = Remark::error(codes::EXCLUSIVE, other.key.at, message).related(first.key.at, "the first");
                self.remarks.add(remark.label("expected `from` and `to`, or `between`, or `at`"));
            }
        }
    }

    fn between(&mut self, entry: &Entry) -> Option<Way> {
        let ends: Vec<_> = entry.value.items().iter().map(|item| self.frame.cast.end(item, self.remarks)).collect();
        match ends.as_slice() {
            // None is among the remarks.
            [] => None,
            [one, other] => Some(Way::Between(one.clone()?, other.clone()?)),
            _ => {
                let remark = Remark::error(codes::WRONG_VALUE, entry.value.at, "`between` is between two ends");
                let help = ["for all packets of one end: `at: node1`"];
                self.remarks.add(remark.label(format!("expected 2 ends, found {}", ends.len())).help(help));
                None
            }
        }
    }

    /// `share`, or what the effect itself says.
    fn share(&mut self) -> Ppm {
        let own = SHARED.iter().find(|name| self.node.entry(name).is_some());
        if let Some((own, entry)) = own.zip(self.node.entry("share")) {
            let remark = Remark::error(codes::EXCLUSIVE, entry.key.at, format!("`share` and `{own}` exclude each other"));
            self.remarks.add(remark.label(format!("`{own}` says the share itself")).help(["leave `share` out"]));
        }
        share(self.node, own.unwrap_or(&"share")).unwrap_or(Ppm::WHOLE)
    }

    fn effect(&mut self) -> Option<Effect> {
        let slow = |key: &str| duration(self.node, key, &SLOWNESS);
        if let Some(mtu) = self.node.get("mtu") {
            self.idle_size(mtu, "most");
            let announced = word(mtu, "tooBig", &TOO_BIG)? == "announced";
            return Some(Effect::Mtu { most: bytes(mtu, "most", &SIZE)?, announced });
        }
        let named = SHARED.into_iter().chain(["delay", "jitter", "refuse"]).find(|name| self.node.entry(name).is_some())?;
        match named {
            "lose" => Some(Effect::Lose),
            "duplicate" => Some(Effect::Duplicate),
            "reorder" => Some(Effect::Reorder),
            "delay" => slow("delay").map(Effect::Delay),
            "jitter" => slow("jitter").map(Effect::Jitter),
            _ => match word(self.node, "refuse", &REFUSERS)? {
                "target" => Some(Effect::Refuse(Refuser::Target)),
                _ => Some(Effect::Refuse(Refuser::Router)),
            },
        }
    }

    fn idle(&mut self, node: &Node, message: String, label: &str) {
        self.remarks.add(Remark::error(codes::NO_EFFECT, node.at, message).label(label));
    }

    fn idle_family(&mut self) {
        let Some((family, node)) = family(self.node, "family").zip(self.node.get("family")) else { return };
        if !self.frame.families.contains(&family) {
            self.idle(node, format!("there are no {} packets in this world", family.words()), "`families` leaves it out");
        }
    }

    fn idle_port(&mut self) {
        let icmp = word(self.node, "protocol", &PROTOCOLS) == Some("icmp");
        if let Some(node) = self.node.get("port").filter(|_| icmp) {
            self.idle(node, "ICMP has no ports".to_owned(), "`port` is for TCP and UDP");
        }
    }

    fn idle_size(&mut self, holder: &Node, key: &str) {
        let Some((size, node)) = bytes(holder, key, &SIZE).zip(holder.get(key)) else { return };
        let largest = self.frame.largest;
        if size >= largest {
            let message = format!("no packet of this world is larger than {} bytes", size.0);
            self.idle(node, message, &format!("expected less than {}, the largest `mtu`, found {}", largest.0, size.0));
        }
    }
}

fn protocol(word: &str) -> Option<Protocol> {
    match word {
        "icmp" => Some(Protocol::Icmp),
        "udp" => Some(Protocol::Udp),
        "tcp" => Some(Protocol::Tcp),
        // Words are read from `PROTOCOLS`; a test goes through all of them.
        _ => None,
    }
}
