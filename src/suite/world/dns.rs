//! The DNS server of a world.

use std::collections::BTreeMap;

use super::values::{scalar, text, word};
use crate::model::dns::{Rcode, Transport};
use crate::model::world::{DnsFault, Lie, WorldDns, WorldRecord};
use crate::suite::codes;
use crate::suite::language::names::{DNS_NAME, TRANSPORTS};
use crate::suite::language::read_address;
use crate::suite::language::world_dns::LIES;
use crate::suite::remarks::{Remark, Remarks};
use crate::suite::tree::{Entry, Node};

pub(super) fn read(root: &Node, remarks: &mut Remarks) -> WorldDns {
    let Some(dns) = root.get("dns") else { return WorldDns::default() };
    WorldDns {
        domain: text(dns, "domain").map_or_else(|| WorldDns::DOMAIN.to_owned(), plain),
        records: records(dns, remarks),
        faults: faults(dns, remarks),
    }
}

/// Small letters, without a dot at the end.
fn plain(name: &str) -> String {
    name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase()
}

fn records(dns: &Node, remarks: &mut Remarks) -> BTreeMap<String, Vec<WorldRecord>> {
    let entries = dns.get("records").map_or(&[][..], Node::entries);
    if too_many(dns, "records", entries.len(), WorldDns::RECORDS_LIMIT, remarks) {
        return BTreeMap::new();
    }
    let all = |entry: &Entry, remarks: &mut Remarks| entry.value.items().iter().filter_map(|item| record(item, remarks)).collect();
    entries.iter().map(|entry| (plain(&entry.key.name), all(entry, remarks))).collect()
}

fn record(node: &Node, remarks: &mut Remarks) -> Option<WorldRecord> {
    let written = &*node.scalar()?.text;
    let read = parse(written);
    if read.is_none() {
        let remark = Remark::error(codes::WRONG_VALUE, node.at, "this is no record");
        remarks.add(remark.label("expected an address, `PRIORITY WEIGHT PORT NAME.` (SRV), or `NAME.` with a dot at its end (PTR)"));
    }
    read
}

fn parse(written: &str) -> Option<WorldRecord> {
    if let Ok(address) = written.parse() {
        return Some(WorldRecord::Address(address));
    }
    let words: Vec<&str> = written.split_whitespace().collect();
    let whole = |name: &&str| name.ends_with('.') && (DNS_NAME.fits)(name);
    match words.as_slice() {
        [name] => Some(WorldRecord::Name(plain(Some(name).filter(|name| whole(name))?))),
        [priority, weight, port, target] => Some(WorldRecord::Server {
            priority: priority.parse().ok()?,
            weight: weight.parse().ok()?,
            port: port.parse().ok()?,
            target: plain(Some(target).filter(|name| whole(name))?),
        }),
        _ => None,
    }
}

fn faults(dns: &Node, remarks: &mut Remarks) -> Vec<DnsFault> {
    let items = dns.get("faults").map_or(&[][..], Node::items);
    if too_many(dns, "faults", items.len(), WorldDns::FAULTS_LIMIT, remarks) {
        return Vec::new();
    }
    items.iter().filter_map(fault).collect()
}

/// What is wrong with one is among the remarks.
fn fault(node: &Node) -> Option<DnsFault> {
    let transport = word(node, "transport", &TRANSPORTS).map(|word| if word == "tcp" { Transport::Tcp } else { Transport::Udp });
    Some(DnsFault { name: text(node, "name").map(plain), transport, says: lie(node)? })
}

fn lie(node: &Node) -> Option<Lie> {
    if let Some(address) = node.get("says").and_then(|says| says.get("address")) {
        return read_address(address.scalar()?).ok().map(Lie::Address);
    }
    scalar(node, "says")?;
    match word(node, "says", &LIES)? {
        "noRecords" => Some(Lie::NoRecords),
        "truncated" => Some(Lie::Truncated),
        "nothing" => Some(Lie::Nothing),
        rcode => Rcode::named(rcode).map(Lie::Rcode),
    }
}

fn too_many(dns: &Node, key: &str, count: usize, most: usize, remarks: &mut Remarks) -> bool {
    if let Some(entry) = dns.entry(key).filter(|_| count > most) {
        let message = format!("{count} {key} are more than the DNS server of a world may have");
        remarks.add(Remark::error(codes::TOO_BIG, entry.value.at, message).label(format!("expected at most {most}")));
    }
    count > most
}
