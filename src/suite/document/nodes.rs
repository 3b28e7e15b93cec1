//! The nodes' own addresses as targets, whoever answers there: a port of each, or its kernel over icmp. It must not know which nodes
//! there are.

use super::reader::Reader;
use super::settings::{AnyProbe, Ask};
use crate::model::path_mtu::Carrier;
use crate::model::suite::{Destination, Group, NodeAddress, PortOfNode, Selection};
use crate::model::vantage::Network;
use crate::suite::codes;
use crate::suite::language::{NODE_ADDRESSES, read_node_port};
use crate::suite::remarks::Remark;
use crate::suite::tree::Entry;

/// What of nodes is asked, as it was written.
pub(super) struct OwnAddress<'e> {
    only: Selection,
    address: Option<(NodeAddress, &'e Entry)>,
    port: Option<(PortOfNode, &'e Entry)>,
}

impl<'a> Reader<'a> {
    /// Of pods nobody but our own agents could be asked: each has a network of its own. Every key is read before the first that is
    /// wrong counts.
    pub(super) fn own_address(
        &mut self,
        group: Option<Group>,
        address: Option<&'a Entry>,
        port: Option<&'a Entry>,
    ) -> Option<OwnAddress<'a>> {
        let number = port.map(|entry| self.value("port", &entry.value, read_node_port).map(|port| (port, entry)));
        let kind = address.map(|entry| self.kind_of_address(entry).map(|kind| (kind, entry)));
        let Group { network, only } = group?;
        if network == Network::Pod {
            if let Some(port) = port {
                let help = "leave it out: agents answer on ports of their own; a port of nodes is `to: { nodes: all, port: 10250 }`";
                self.idle::<()>(port, "agents as targets", help);
            }
            return address
                .and_then(|address| self.idle(address, "agents as targets", "leave it out: agents answer at addresses of their own"));
        }
        // What is there has to be readable.
        let port = if let Some(number) = number { Some(number?) } else { None };
        let address = if let Some(kind) = kind { Some(kind?) } else { None };
        Some(OwnAddress { only, address, port })
    }

    fn kind_of_address(&mut self, entry: &Entry) -> Option<NodeAddress> {
        let word = self.word(entry, &NODE_ADDRESSES)?;
        NodeAddress::ALL.into_iter().find(|kind| kind.word() == word)
    }

    /// Over icmp the address alone; over all else a port of it, since without one an agent is asked there.
    pub(super) fn at_own_address(&mut self, own: OwnAddress<'a>, probe: &AnyProbe) -> Option<Destination> {
        let OwnAddress { only, address, port } = own;
        let kind = address.map_or(NodeAddress::default(), |(kind, _)| kind);
        match (port, address) {
            (Some((port, entry)), _) => {
                self.asks_ports(entry, probe).then_some(Destination::Nodes { only, address: kind, port: Some(port) })
            }
            (None, Some((_, entry))) if !probe.is_icmp() => {
                let help = "leave it out, or say which port of the nodes is asked, as in `to: { nodes: all, port: kubelet, address: external }`: agents answer at addresses of their own";
                self.idle(entry, "agents as targets", help)
            }
            (None, _) => Some(Destination::Nodes { only, address: kind, port: None }),
        }
    }

    /// Whoever listens there; nobody but agents knows what the search for a path's largest packet says by UDP.
    fn asks_ports(&mut self, entry: &Entry, probe: &AnyProbe) -> bool {
        let remark = match &probe.ask {
            Ask::Udp(_) | Ask::Tcp | Ask::Http(_) | Ask::Tls(_) | Ask::Pmtu { over: Carrier::Tcp, .. } => return true,
            Ask::Icmp { .. } | Ask::Dns(_) | Ask::Pmtu { over: Carrier::Icmp, .. } => {
                let remark = Remark::error(codes::HOST_PORT, entry.key.at, format!("{} asks a node, not a port of it", probe.kind()));
                remark.help(["leave `port` out, or ask by `tcp`, `udp`, `http` or `tls`"])
            }
            Ask::Pmtu { over: Carrier::Udp, .. } => {
                let remark = Remark::error(codes::NO_RESPONDER, entry.key.at, "a port of a node does not answer `pmtu` over udp");
                remark.label("only agents answer it").help(["leave `port` out: agents answer on ports of their own"])
            }
        };
        self.remarks.add(remark.case(self.case));
        false
    }
}
