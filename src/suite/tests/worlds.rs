//! Worlds from outside: text in, a world out; no word without a reading, and a schema that says what the reader says. Mistakes
//! are in `worlds.golden`.

use super::*;
use crate::model::family::Family;
use crate::model::units::{Bytes, Micros, Port, Ppm};
use crate::model::vantage::{Network, Vantage};
use crate::model::world::{AgentFault, During, Effect, End, Fault, LineEvent, LineFault, Protocol, Refuser, Scope, Way, World};
use crate::suite::language::Words;
use crate::suite::language::world::{AGENT_WORDS, LINE_WORDS, PROTOCOLS, REFUSERS, TOO_BIG};

/// The shortest world with two zones.
pub(super) const HEAD: &str = "netcheck: v1\nworld: w\nnodes: [{ name: node1, zone: a }, { name: node2, zone: b }]\n";

pub(super) fn reading(text: &str) -> WorldReading {
    read_world("world.yaml", text.as_bytes())
}

#[track_caller]
fn world(text: &str) -> World {
    let reading = reading(text);
    assert_eq!(reading.diagnostics, Vec::new(), "{text}");
    reading.world.unwrap()
}

fn valid(text: &str) -> bool {
    let value: serde_json::Value = serde_saphyr::from_str(text).unwrap();
    jsonschema::validator_for(&world_schema()).unwrap().is_valid(&value)
}

#[track_caller]
fn check_fault(written: &str, expected: &Fault) {
    let text = format!("{HEAD}faults: [{{ {written} }}]");
    assert_eq!(world(&text).faults, std::slice::from_ref(expected), "{written}");
    assert!(valid(&text), "{written}");
}

#[test]
fn a_world_says_what_its_defaults_say() {
    let least = world(HEAD);
    let usual = World::three_nodes();
    assert_eq!((least.latency, least.seed, least.families), (usual.latency, usual.seed, usual.families));
    assert_eq!((least.overlay_mtu, least.host_mtu), (Bytes(1_450), Bytes(1_500)));
    assert!(least.faults.is_empty() && least.agents.is_empty());
}

#[test]
fn nodes_may_just_be_counted() {
    let names = |text: &str| world(text).nodes.iter().map(|node| node.name.to_string()).collect::<Vec<_>>();
    assert_eq!(names("netcheck: v1\nworld: w\nnodes: 3"), ["node1", "node2", "node3"]);
    assert_eq!(names("netcheck: v1\nworld: w\nnodes: 0"), [""; 0]);
    assert_eq!(names("netcheck: v1\nworld: w\nnodes: 5000").len(), 5_000);
}

#[test]
fn ways_are_read() {
    let node = |name: &str| End::Node(name.into());
    for (written, way) in [
        ("", Way::Directed { from: None, to: None }),
        ("from: node1, to: node2,", Way::Directed { from: Some(node("node1")), to: Some(node("node2")) }),
        ("from: node1/pod,", Way::Directed { from: Some(End::Vantage(Vantage::pod("node1"))), to: None }),
        ("to: node1/host,", Way::Directed { from: None, to: Some(End::Vantage(Vantage::host("node1"))) }),
        ("between: [{ zone: a }, { zone: b }],", Way::Between(End::Zone("a".to_owned()), End::Zone("b".to_owned()))),
        ("between: [pods, hosts],", Way::Between(End::Network(Network::Pod), End::Network(Network::Host))),
        ("at: node2,", Way::At(node("node2"))),
    ] {
        check_fault(&format!("{written} delay: 1ms"), &Fault { scope: Scope { way, ..Scope::ALL }, effect: Effect::Delay(Micros(1_000)) });
    }
}

#[test]
fn conditions_are_read() {
    let (from, until) = (Micros(2_000_000), Some(Micros(5_000_000)));
    for (written, scope) in [
        ("family: v6", Scope { family: Some(Family::V6), ..Scope::ALL }),
        ("protocol: udp", Scope { protocol: Some(Protocol::Udp), ..Scope::ALL }),
        ("port: 53", Scope { port: Port::new(53), ..Scope::ALL }),
        ("largerThan: 1300", Scope { larger_than: Some(Bytes(1_300)), ..Scope::ALL }),
        ("share: 0.5%", Scope { share: Ppm(5_000), ..Scope::ALL }),
        ("during: { from: 2s, until: 5s }", Scope { during: During { from, until }, ..Scope::ALL }),
        ("during: { from: 2s }", Scope { during: During { from, until: None }, ..Scope::ALL }),
        ("during: { until: 5s }", Scope { during: During { from: Micros(0), until }, ..Scope::ALL }),
    ] {
        check_fault(&format!("{written}, refuse: target"), &Fault { scope, effect: Effect::Refuse(Refuser::Target) });
    }
}

#[test]
fn effects_are_read() {
    let part = Scope { share: Ppm(300_000), ..Scope::ALL };
    for (written, scope, effect) in [
        ("lose: 30%", part.clone(), Effect::Lose),
        ("lose: 100%", Scope::ALL, Effect::Lose),
        ("duplicate: 30%", part.clone(), Effect::Duplicate),
        ("reorder: 30%", part.clone(), Effect::Reorder),
        ("delay: 20ms", Scope::ALL, Effect::Delay(Micros(20_000))),
        ("jitter: 20ms, share: 30%", part, Effect::Jitter(Micros(20_000))),
        ("refuse: router", Scope::ALL, Effect::Refuse(Refuser::Router)),
        ("mtu: { most: 1300, tooBig: announced }", Scope::ALL, Effect::Mtu { most: Bytes(1_300), announced: true }),
        ("mtu: { most: 1300, tooBig: swallowed }", Scope::ALL, Effect::Mtu { most: Bytes(1_300), announced: false }),
    ] {
        check_fault(written, &Fault { scope, effect });
    }
}

#[track_caller]
fn check_agent(written: &str, expected: &AgentFault) {
    for (name, vantage) in [("node2", Vantage::pod("node2")), ("node2/host", Vantage::host("node2"))] {
        let text = format!("{HEAD}agents: {{ {name}: {written} }}");
        assert_eq!(world(&text).agents, [(vantage, expected.clone())].into(), "{written}");
        assert!(valid(&text), "{written}");
    }
}

#[test]
fn faults_of_agents_are_read() {
    check_agent("neverReady", &AgentFault::NeverReady);
    check_agent("otherRun", &AgentFault::OtherRun);
    check_agent("noIcmp", &AgentFault::NoIcmp);
    check_agent("noGateway", &AgentFault::NoGateway);
    check_agent("muteGateway", &AgentFault::MuteGateway);
    check_agent("{ neverStarts: no image }", &AgentFault::NeverStarts("no image".to_owned()));
    check_agent("{ diesAfter: 3 }", &AgentFault::DiesAfter(3));
    check_agent("{ freezesAfter: 3 }", &AgentFault::FreezesAfter(3));
    check_agent("{ garblesAfter: 3 }", &AgentFault::GarblesAfter(3));
    check_agent("{ doublesAfter: 3 }", &AgentFault::DoublesAfter(3));
    check_agent("{ dropsAfter: 3 }", &AgentFault::DropsAfter(3));
    check_agent("{ speaks: 9 }", &AgentFault::Speaks(9));
    check_agent("{ noAddress: v6 }", &AgentFault::NoAddress(Family::V6));
    for (written, event) in [
        ("cut", LineEvent::Cut),
        ("garble", LineEvent::Garble),
        ("double", LineEvent::Double),
        ("{ cutOff: 10s }", LineEvent::CutOff(Micros(10_000_000))),
        ("{ delay: 10s }", LineEvent::Delay(Micros(10_000_000))),
    ] {
        let line = AgentFault::Line(vec![LineFault { after: Bytes(300), event }; 2]);
        check_agent(&format!("{{ line: [{{ after: 300, then: {written} }}, {{ after: 300, then: {written} }}] }}"), &line);
    }
}

/// Each word of the description is one that a reader has an arm for.
#[test]
fn every_word_is_read() {
    let check = |words: &Words, text: &dyn Fn(&str) -> String| {
        for (word, _) in words.now {
            let text = format!("{HEAD}{}", text(word));
            assert!(reading(&text).world.is_some_and(|world| world.faults.len() + world.agents.len() == 1), "{text}");
        }
    };
    check(&PROTOCOLS, &|word| format!("faults: [{{ protocol: {word}, lose: 5% }}]"));
    check(&REFUSERS, &|word| format!("faults: [{{ refuse: {word} }}]"));
    check(&TOO_BIG, &|word| format!("faults: [{{ mtu: {{ most: 1300, tooBig: {word} }} }}]"));
    check(&AGENT_WORDS, &|word| format!("agents: {{ node1: {word} }}"));
    check(&LINE_WORDS, &|word| format!("agents: {{ node1: {{ line: [{{ after: 0, then: {word} }}] }} }}"));
}

#[test]
fn the_schema_is_a_schema_and_refuses_what_the_reader_refuses() {
    assert!(jsonschema::meta::is_valid(&world_schema()));
    for rest in [
        "faults: [{ from: node1 }]",
        "faults: [{ lose: 5%, delay: 1ms }]",
        "faults: [{ lose: 5 }]",
        "faults: [{ from: node1/router, lose: 5% }]",
        "faults: [{ loose: 5% }]",
        "faults: [{ cut: true }]",
        "faults: []",
        "agents: { node1: {} }",
        "agents: { node1: { diesAfter: 1, speaks: 2 } }",
        "agents: { node1/pod: noIcmp }",
        "agents: { node1: { line: [{ after: 1, then: snap }] } }",
        "mtu: { pods: 1 }",
        "latency: 5",
    ] {
        let text = format!("{HEAD}{rest}");
        assert!(reading(&text).world.is_none(), "{text}");
        assert!(!valid(&text), "{text}");
    }
}
