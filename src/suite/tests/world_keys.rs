//! No key of a world without its effect: each key of the description changes what is read.

use super::worlds::{HEAD, reading};
use super::*;
use crate::suite::language::world::WORLD;

/// A key, and two worlds that differ by it alone.
const EFFECTS: &[(&str, &str, &str)] = &[
    ("netcheck", "world: w\nnodes: 1", "netcheck: v1\nworld: w\nnodes: 1"),
    ("world", "netcheck: v1\nworld: w\nnodes: 1", "netcheck: v1\nworld: u\nnodes: 1"),
    ("nodes", "netcheck: v1\nworld: w\nnodes: 1", "netcheck: v1\nworld: w\nnodes: 2"),
    ("nodes.name", "nodes: [{ name: a }]", "nodes: [{ name: b }]"),
    ("nodes.zone", "nodes: [{ name: a }]", "nodes: [{ name: a, zone: z }]"),
    ("nodes.taints", "nodes: [{ name: a }]", "nodes: [{ name: a, taints: [gpu=yes:NoSchedule] }]"),
    ("nodes.kernel", "nodes: [{ name: a }]", "nodes: [{ name: a, kernel: 6.8.0 }]"),
    ("nodes.labels", "nodes: [{ name: a }]", "nodes: [{ name: a, labels: { pool: blue } }]"),
    ("nodes.notReady", "nodes: [{ name: a }]", "nodes: [{ name: a, notReady: no }]"),
    ("nodes.goneAfter", "nodes: [{ name: a }]", "nodes: [{ name: a, goneAfter: 1s }]"),
    ("nodes.tcp", "nodes: [{ name: a }]", "nodes: [{ name: a, tcp: { 10250: answers } }]"),
    ("nodes.udp", "nodes: [{ name: a }]", "nodes: [{ name: a, udp: { 53: silent } }]"),
    (
        "nodes.kubeletPort",
        "nodes: [{ name: a, tcp: { 10250: answers } }]",
        "nodes: [{ name: a, tcp: { 10250: answers }, kubeletPort: 10250 }]",
    ),
    ("nodes.externalAddresses", "nodes: [{ name: a }]", "nodes: [{ name: a, externalAddresses: [198.51.100.1] }]"),
    ("nodes.listed", "nodes: [{ name: a }]", "nodes: [{ name: a, listed: { from: 1s } }]"),
    ("nodes.listed.from", "nodes: [{ name: a, listed: {} }]", "nodes: [{ name: a, listed: { from: 1s } }]"),
    ("nodes.listed.until", "nodes: [{ name: a, listed: {} }]", "nodes: [{ name: a, listed: { until: 1s } }]"),
    ("families", "", "families: [v6]"),
    ("latency", "", "latency: 1ms"),
    ("mtu", "", "mtu: { pods: 1300 }"),
    ("mtu.pods", "mtu: {}", "mtu: { pods: 1300 }"),
    ("mtu.hosts", "mtu: {}", "mtu: { hosts: 9000 }"),
    ("seed", "", "seed: 2"),
    ("faults", "", "faults: [{ lose: 5% }]"),
    ("faults.from", "faults: [{ lose: 5% }]", "faults: [{ from: node1, lose: 5% }]"),
    ("faults.from.zone", "faults: [{ from: {}, lose: 5% }]", "faults: [{ from: { zone: a }, lose: 5% }]"),
    ("faults.to", "faults: [{ lose: 5% }]", "faults: [{ to: node1, lose: 5% }]"),
    ("faults.to.zone", "faults: [{ to: {}, lose: 5% }]", "faults: [{ to: { zone: a }, lose: 5% }]"),
    ("faults.between", "faults: [{ lose: 5% }]", "faults: [{ between: [node1, node2], lose: 5% }]"),
    ("faults.between.zone", "faults: [{ between: [node1, {}], lose: 5% }]", "faults: [{ between: [node1, { zone: b }], lose: 5% }]"),
    ("faults.at", "faults: [{ lose: 5% }]", "faults: [{ at: node1, lose: 5% }]"),
    ("faults.at.zone", "faults: [{ at: {}, lose: 5% }]", "faults: [{ at: { zone: a }, lose: 5% }]"),
    ("faults.family", "faults: [{ lose: 5% }]", "faults: [{ family: v4, lose: 5% }]"),
    ("faults.protocol", "faults: [{ lose: 5% }]", "faults: [{ protocol: tcp, lose: 5% }]"),
    ("faults.port", "faults: [{ lose: 5% }]", "faults: [{ port: 53, lose: 5% }]"),
    ("faults.largerThan", "faults: [{ lose: 5% }]", "faults: [{ largerThan: 99, lose: 5% }]"),
    ("faults.share", "faults: [{ delay: 1s }]", "faults: [{ share: 5%, delay: 1s }]"),
    ("faults.during", "faults: [{ lose: 5% }]", "faults: [{ during: { from: 1s }, lose: 5% }]"),
    ("faults.during.from", "faults: [{ during: { until: 2s }, lose: 5% }]", "faults: [{ during: { until: 2s, from: 1s }, lose: 5% }]"),
    ("faults.during.until", "faults: [{ during: { from: 1s }, lose: 5% }]", "faults: [{ during: { from: 1s, until: 2s }, lose: 5% }]"),
    ("faults.lose", "faults: [{}]", "faults: [{ lose: 5% }]"),
    ("faults.delay", "faults: [{}]", "faults: [{ delay: 5ms }]"),
    ("faults.jitter", "faults: [{}]", "faults: [{ jitter: 5ms }]"),
    ("faults.duplicate", "faults: [{}]", "faults: [{ duplicate: 5% }]"),
    ("faults.reorder", "faults: [{}]", "faults: [{ reorder: 5% }]"),
    ("faults.refuse", "faults: [{}]", "faults: [{ refuse: router }]"),
    ("faults.mtu", "faults: [{}]", "faults: [{ mtu: { most: 99, tooBig: announced } }]"),
    ("faults.mtu.most", "faults: [{ mtu: { most: 98, tooBig: announced } }]", "faults: [{ mtu: { most: 99, tooBig: announced } }]"),
    ("faults.mtu.tooBig", "faults: [{ mtu: { most: 99, tooBig: swallowed } }]", "faults: [{ mtu: { most: 99, tooBig: announced } }]"),
    ("dns", "", "dns: { domain: corp.example }"),
    ("dns.domain", "dns: {}", "dns: { domain: corp.example }"),
    ("dns.records", "dns: {}", "dns: { records: { db.example: [10.0.0.1] } }"),
    ("dns.faults", "dns: {}", "dns: { faults: [{ says: nothing }] }"),
    ("dns.faults.name", "dns: { faults: [{ says: nothing }] }", "dns: { faults: [{ name: a.example, says: nothing }] }"),
    ("dns.faults.transport", "dns: { faults: [{ says: nothing }] }", "dns: { faults: [{ transport: tcp, says: nothing }] }"),
    ("dns.faults.says", "dns: { faults: [{ says: SERVFAIL }] }", "dns: { faults: [{ says: NXDOMAIN }] }"),
    ("dns.faults.says.address", "dns: { faults: [{ says: { address: 10.0.0.1 } }] }", "dns: { faults: [{ says: { address: 10.0.0.2 } }] }"),
    ("services", "", "services: { a/b: { ports: [{ port: 80, protocol: TCP }] } }"),
    ("services.ports", "services: { a/b: {} }", "services: { a/b: { ports: [{ port: 80, protocol: TCP }] } }"),
    (
        "services.ports.port",
        "services: { a/b: { ports: [{ port: 80, protocol: TCP }] } }",
        "services: { a/b: { ports: [{ port: 81, protocol: TCP }] } }",
    ),
    (
        "services.ports.protocol",
        "services: { a/b: { ports: [{ port: 80, protocol: TCP }] } }",
        "services: { a/b: { ports: [{ port: 80, protocol: UDP }] } }",
    ),
    (
        "services.ports.name",
        "services: { a/b: { ports: [{ port: 80, protocol: TCP }] } }",
        "services: { a/b: { ports: [{ name: web, port: 80, protocol: TCP }] } }",
    ),
    (
        "services.ports.nodePort",
        "services: { a/b: { ports: [{ port: 80, protocol: TCP }] } }",
        "services: { a/b: { ports: [{ nodePort: 30000, port: 80, protocol: TCP }] } }",
    ),
    (
        "services.labels",
        "services: { a/b: { ports: [{ port: 80, protocol: TCP }] } }",
        "services: { a/b: { ports: [{ port: 80, protocol: TCP }], labels: { a: b } } }",
    ),
    (
        "services.families",
        "services: { a/b: { ports: [{ port: 80, protocol: TCP }] } }",
        "services: { a/b: { ports: [{ port: 80, protocol: TCP }], families: [v4] } }",
    ),
    (
        "services.headless",
        "services: { a/b: { ports: [{ port: 80, protocol: TCP }] } }",
        "services: { a/b: { ports: [{ port: 80, protocol: TCP }], headless: true } }",
    ),
    (
        "services.loadBalancer",
        "services: { a/b: { ports: [{ port: 80, protocol: TCP }] } }",
        "services: { a/b: { ports: [{ port: 80, protocol: TCP }], loadBalancer: true } }",
    ),
    (
        "services.externalIPs",
        "services: { a/b: { ports: [{ port: 80, protocol: TCP }] } }",
        "services: { a/b: { ports: [{ port: 80, protocol: TCP }], externalIPs: true } }",
    ),
    (
        "services.ready",
        "services: { a/b: { ports: [{ port: 80, protocol: TCP }] } }",
        "services: { a/b: { ports: [{ port: 80, protocol: TCP }], ready: none } }",
    ),
    ("workloads", "", "workloads: [{ namespace: a, name: b, node: node1 }]"),
    ("workloads.namespace", "workloads: [{ name: b, node: node1 }]", "workloads: [{ namespace: a, name: b, node: node1 }]"),
    ("workloads.name", "workloads: [{ namespace: a, node: node1 }]", "workloads: [{ namespace: a, name: b, node: node1 }]"),
    ("workloads.node", "workloads: [{ namespace: a, name: b, node: node1 }]", "workloads: [{ namespace: a, name: b, node: node2 }]"),
    (
        "workloads.labels",
        "workloads: [{ namespace: a, name: b, node: node1 }]",
        "workloads: [{ namespace: a, name: b, node: node1, labels: { a: b } }]",
    ),
    (
        "workloads.notReady",
        "workloads: [{ namespace: a, name: b, node: node1 }]",
        "workloads: [{ namespace: a, name: b, node: node1, notReady: no }]",
    ),
    ("translation", "", "translation: { broken: [node1] }"),
    ("translation.broken", "translation: {}", "translation: { broken: [node1] }"),
    ("translation.dead", "translation: {}", "translation: { dead: [node1] }"),
    ("translation.stale", "translation: {}", "translation: { stale: [node1] }"),
    ("hosts", "", "hosts: { db: { addresses: [10.0.0.1] } }"),
    ("hosts.addresses", "hosts: { db: {} }", "hosts: { db: { addresses: [10.0.0.1] } }"),
    ("hosts.icmp", "hosts: { db: { addresses: [10.0.0.1] } }", "hosts: { db: { addresses: [10.0.0.1], icmp: silent } }"),
    ("hosts.tcp", "hosts: { db: { addresses: [10.0.0.1] } }", "hosts: { db: { addresses: [10.0.0.1], tcp: { 80: answers } } }"),
    ("hosts.udp", "hosts: { db: { addresses: [10.0.0.1] } }", "hosts: { db: { addresses: [10.0.0.1], udp: { 7: answers } } }"),
    (
        "faults.from.host",
        "faults: [{ from: {}, lose: 5% }]",
        "hosts: { db: { addresses: [10.0.0.1] } }\nfaults: [{ from: { host: db }, lose: 5% }]",
    ),
    (
        "faults.to.host",
        "faults: [{ to: {}, lose: 5% }]",
        "hosts: { db: { addresses: [10.0.0.1] } }\nfaults: [{ to: { host: db }, lose: 5% }]",
    ),
    (
        "faults.at.host",
        "faults: [{ at: {}, lose: 5% }]",
        "hosts: { db: { addresses: [10.0.0.1] } }\nfaults: [{ at: { host: db }, lose: 5% }]",
    ),
    (
        "faults.between.host",
        "faults: [{ between: [node1, {}], lose: 5% }]",
        "hosts: { db: { addresses: [10.0.0.1] } }\nfaults: [{ between: [node1, { host: db }], lose: 5% }]",
    ),
    ("hosts.apiServer", "hosts: { a: { addresses: [10.0.0.1] } }", "hosts: { a: { addresses: [10.0.0.1], apiServer: {} } }"),
    (
        "hosts.apiServer.port",
        "hosts: { a: { addresses: [10.0.0.1], apiServer: {} } }",
        "hosts: { a: { addresses: [10.0.0.1], apiServer: { port: 6443 } } }",
    ),
    (
        "hosts.apiServer.certificate",
        "hosts: { a: { addresses: [10.0.0.1], apiServer: {} } }",
        "hosts: { a: { addresses: [10.0.0.1], apiServer: { certificate: expired } } }",
    ),
    (
        "hosts.apiServer.failing",
        "hosts: { a: { addresses: [10.0.0.1], apiServer: {} } }",
        "hosts: { a: { addresses: [10.0.0.1], apiServer: { failing: [etcd] } } }",
    ),
    ("agents", "", "agents: { node1: noIcmp }"),
    ("agents.neverStarts", "agents: { node1: {} }", "agents: { node1: { neverStarts: no } }"),
    ("agents.diesAfter", "agents: { node1: {} }", "agents: { node1: { diesAfter: 1 } }"),
    ("agents.freezesAfter", "agents: { node1: {} }", "agents: { node1: { freezesAfter: 1 } }"),
    ("agents.line", "agents: { node1: {} }", "agents: { node1: { line: [{ after: 1, then: cut }] } }"),
    (
        "agents.line.after",
        "agents: { node1: { line: [{ after: 1, then: cut }] } }",
        "agents: { node1: { line: [{ after: 2, then: cut }] } }",
    ),
    (
        "agents.line.then",
        "agents: { node1: { line: [{ after: 1, then: cut }] } }",
        "agents: { node1: { line: [{ after: 1, then: double }] } }",
    ),
    (
        "agents.line.then.cutOff",
        "agents: { node1: { line: [{ after: 1, then: {} }] } }",
        "agents: { node1: { line: [{ after: 1, then: { cutOff: 1s } }] } }",
    ),
    (
        "agents.line.then.delay",
        "agents: { node1: { line: [{ after: 1, then: {} }] } }",
        "agents: { node1: { line: [{ after: 1, then: { delay: 1s } }] } }",
    ),
    ("agents.noAddress", "agents: { node1: {} }", "agents: { node1: { noAddress: v6 } }"),
    ("agents.speaks", "agents: { node1: {} }", "agents: { node1: { speaks: 9 } }"),
    ("agents.garblesAfter", "agents: { node1: {} }", "agents: { node1: { garblesAfter: 1 } }"),
    ("agents.doublesAfter", "agents: { node1: {} }", "agents: { node1: { doublesAfter: 1 } }"),
    ("agents.dropsAfter", "agents: { node1: {} }", "agents: { node1: { dropsAfter: 1 } }"),
];

#[test]
fn every_key_has_an_effect() {
    let mut all = key_paths(WORLD.keys);
    let mut known: Vec<&str> = EFFECTS.iter().map(|(path, ..)| *path).collect();
    all.sort();
    known.sort_unstable();
    assert_eq!(all, known);
    for (path, without, with) in EFFECTS {
        let whole = |text: &str| match text {
            whole if whole.contains("world:") => whole.to_owned(),
            nodes if nodes.starts_with("nodes:") => format!("netcheck: v1\nworld: w\n{nodes}"),
            rest => format!("{HEAD}{rest}"),
        };
        let (without, with) = (reading(&whole(without)), reading(&whole(with)));
        assert!(with.world.is_some(), "{path}: {}", drawn(&with.diagnostics));
        assert_ne!(without.world, with.world, "{path}");
    }
}
