//! What only the search after the largest packet of a path has: between which sizes, carried by what. It must not know how it is
//! searched.

use super::reader::Reader;
use super::settings::Ask;
use crate::model::expect::Claim;
use crate::model::path_mtu::{Carrier, PmtuProbe};
use crate::model::wish::Wish;
use crate::suite::codes;
use crate::suite::language::{PACKET_SIZE, PROBE_OVER};
use crate::suite::remarks::Remark;
use crate::suite::tree::Entry;

/// `floor`, where nobody says it: what every link takes that carries IPv6 (RFC 8200).
const FLOOR: u32 = 1_280;

/// The keys of a probe that only this one has.
pub(super) const KEYS: [&str; 3] = ["floor", "ceiling", "over"];

impl Reader<'_> {
    /// The keys of `pmtu`. All are read before the first that is wrong counts.
    pub(super) fn search(&mut self) -> Option<Ask> {
        let (floor, ceiling) = (self.parameter("floor"), self.parameter("ceiling"));
        let least = floor.map_or(Some(FLOOR), |entry| self.whole(entry, &PACKET_SIZE));
        let most = ceiling.map_or(Some(PmtuProbe::MOST), |entry| self.whole(entry, &PACKET_SIZE));
        let over = self.carrier();
        let (least, most, over) = (least?, most?, over?);
        if least > most {
            // What was written is wrong, not what was left out.
            self.upside_down(ceiling.or(floor)?, least, most);
            return None;
        }
        Some(Ask::Pmtu { floor: least, ceiling: most, over })
    }

    fn carrier(&mut self) -> Option<Carrier> {
        let to_host = self.entry("to").is_some_and(|to| to.value.entry("host").is_some());
        let to_gateway = self.entry("to").and_then(|to| to.value.scalar()).is_some_and(|word| &*word.text == "gateway");
        let Some(entry) = self.parameter("over") else {
            return Some(if to_host || to_gateway { Carrier::Icmp } else { Carrier::Udp });
        };
        match self.word(entry, &PROBE_OVER)? {
            "icmp" => Some(Carrier::Icmp),
            "tcp" => Some(Carrier::Tcp),
            _ if to_host => {
                let remark = Remark::error(codes::NO_RESPONDER, entry.value.at, "a host does not answer `pmtu` over udp");
                let remark = remark.label("only agents answer it").help(["write `over: icmp`, which is the default for hosts"]);
                self.remarks.add(remark.case(self.case));
                None
            }
            _ => Some(Carrier::Udp),
        }
    }

    /// Agents answer by UDP what TCP cannot tell of them: each direction by itself, and who refuses.
    pub(super) fn agents_over_tcp(&mut self) {
        let Some(entry) = self.parameter("over") else { return };
        let remark = Remark::error(codes::NO_RESPONDER, entry.value.at, "agents are not asked for `pmtu` over tcp");
        let remark = remark.label("for targets that are no agents").help([
            "leave `over` out: agents answer over udp, each direction by itself",
            "to ask whoever listens on a port of nodes, write `to: { nodes: all, port: 10250 }`",
        ]);
        self.remarks.add(remark.case(self.case));
    }

    fn upside_down(&mut self, entry: &Entry, floor: u32, ceiling: u32) {
        let message = format!("nothing lies between a floor of {floor} and a ceiling of {ceiling} bytes");
        let remark = Remark::error(codes::NO_SIZE, entry.value.at, message)
            .help(["write a `ceiling` that is not below the `floor`, which is 1280 by default"]);
        self.remarks.add(remark.case(self.case));
    }

    /// Keys of the test itself that its probe does not have; those of the defaults are for the tests that can use them.
    pub(super) fn of_other_probes(&mut self, kind: &str, theirs: &str, keys: &[&str]) {
        let probe = self.test.entry("probe");
        let found = keys.iter().filter_map(|key| probe.and_then(|probe| probe.value.entry(key)));
        for entry in found {
            let message = format!("`{}` belongs to {theirs}, and this probe is {kind}", entry.key.name);
            let remark = Remark::error(codes::OTHER_PROBE, entry.key.at, message);
            self.remarks.add(remark.help([format!("leave it out, or write `type: {theirs}`")]).case(self.case));
        }
    }
}

/// Whether it says something of the sizes of packets.
pub(super) const fn is_of_paths(claim: &Claim) -> bool {
    matches!(claim, Claim::Seen(Wish::Mtu(_) | Wish::NoBlackHole))
}
