//! Runs over lines that break, in the simulation with its paused clock: thousands of schedules of cuts, delays, doubled and
//! changed bytes. What can be healed changes nothing; what cannot is an error, and never the other verdict.
//!
//! Each schedule comes from a number, which is told when it fails: `NETCHECK_SCHEDULE=NUMBER cargo test --test it schedules`.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use netcheck::backend::simulated::Simulated;
use netcheck::model::case::CaseReport;
use netcheck::model::event::Event;
use netcheck::model::family::Family;
use netcheck::model::run::{Header, Run};
use netcheck::model::suite::Suite;
use netcheck::model::units::{Bytes, Micros, Ppm};
use netcheck::model::vantage::Vantage;
use netcheck::model::verdict::Verdict;
use netcheck::model::world::{AgentFault, Effect, End, Fault, LineEvent, LineFault, Protocol, Refuser, Scope, Way, World};
use netcheck::report::Reporter;
use netcheck::run::{AgentsMin, Finished, Keep, Orders, run};

const SUITE: &str = "
netcheck: v1
suite: s
tests:
  - { id: short, from: pods, to: pods, probe: { type: udp, count: 20, family: v4 } }
  - { id: icmp, from: pods, to: pods, probe: { type: icmp, count: 5, family: v4 } }
  - { id: long, from: pods, to: pods, probe: { type: udp, count: 20, interval: 500ms, family: v6 }, expect: { loss: < 40% } }
  - { id: last, from: pods, to: pods, probe: { type: tcp, count: 3, family: v6 } }
  - { id: again, from: pods, to: pods, probe: { type: tcp, count: 1, family: v4 }, retry: { attempts: 3, backoff: 2s } }
";

fn suite() -> Arc<Suite> {
    let reading = netcheck::suite::read("suite.yaml", SUITE.as_bytes(), &[], &crate::no_parts);
    assert!(reading.diagnostics.is_empty(), "{:?}", reading.diagnostics);
    Arc::new(reading.suite.unwrap())
}

fn orders(suite: &Arc<Suite>) -> Orders {
    let (id, version, backend) = ("0a1b2c3d".to_owned(), "test", "simulated");
    let header = Header { id, version, backend, started: SystemTime::UNIX_EPOCH, suites: vec![Arc::clone(suite)], seed: 1, shard: None };
    let (deadline, ready_within) = (Duration::from_secs(900), Duration::from_secs(60));
    Orders { header, agents_min: AgentsMin::All, deadline, ready_within, keep: Keep::Never, secrets: std::collections::BTreeMap::new() }
}

/// Loss between two nodes that some cases must find and others must not.
fn world() -> World {
    let mut world = World::three_nodes();
    let end = |node: &str| Some(End::Node(node.into()));
    let half = Scope { way: Way::Directed { from: end("node1"), to: end("node2") }, protocol: Some(Protocol::Udp), ..Scope::ALL };
    world.faults.push(Fault { scope: Scope { share: Ppm(500_000), ..half }, effect: Effect::Lose });
    let refused = Scope { way: Way::Directed { from: end("node3"), to: end("node1") }, protocol: Some(Protocol::Tcp), ..Scope::ALL };
    world.faults.push(Fault { scope: Scope { family: Some(Family::V4), ..refused }, effect: Effect::Refuse(Refuser::Target) });
    world
}

/// Counts how often a connection was mended.
struct Mended(Arc<std::sync::atomic::AtomicUsize>);

impl Reporter for Mended {
    fn event(&mut self, event: &Event, _: &Run) -> std::io::Result<()> {
        if matches!(event, Event::VantageResumed { .. }) {
            self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Runs the suite in that world, and tells how often a connection was mended.
fn finished(suite: &Arc<Suite>, world: World) -> (Run, usize) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
    let mended = Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let Finished { run, .. } = runtime.block_on(async {
        let orders = orders(suite);
        let simulated = Simulated::new(Arc::new(world), orders.header.id.clone());
        let (_nobody, signals) = tokio::sync::mpsc::channel(1);
        run(&simulated, orders, signals, vec![Box::new(Mended(Arc::clone(&mended)))]).await
    });
    (run, mended.load(std::sync::atomic::Ordering::Relaxed))
}

/// What a run says of the network: all but the time it took.
fn cases(run: &Run) -> Vec<CaseReport> {
    run.cases.iter().map(|case| CaseReport { duration: Micros(0), ..case.clone() }).collect()
}

/// Numbers from a number (splitmix64).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn of(&mut self, range: Range<u64>) -> u64 {
        range.start + self.next() % (range.end - range.start)
    }
}

/// The most that an agent says in an undisturbed run, and a little more: some things never happen.
const SAID: u64 = 4_000;

const SECOND: u64 = 1_000_000;

/// What happens to one agent's line and can be healed: no more than four bytes changed, 20 s of silence and 90 s without a way.
fn healing(chance: &mut Chance) -> Vec<LineFault> {
    let (mut garbles, mut silence, mut away) = (4, 20 * SECOND, 90 * SECOND);
    let mut events = Vec::new();
    for _ in 0..chance.of(0..8) {
        events.push(match chance.of(0..8) {
            0 => LineEvent::Double,
            1 if garbles > 0 => {
                garbles -= 1;
                LineEvent::Garble
            }
            2 => {
                let time = chance.of(0..silence + 1);
                silence -= time;
                LineEvent::Delay(Micros(time))
            }
            3 => {
                let time = chance.of(0..away + 1);
                away -= time;
                LineEvent::CutOff(Micros(time))
            }
            _ => LineEvent::Cut,
        });
    }
    at_bytes(chance, events)
}

/// Some of them close together, the most of them anywhere.
fn at_bytes(chance: &mut Chance, events: Vec<LineEvent>) -> Vec<LineFault> {
    let mut after: Vec<u64> = events.iter().map(|_| chance.of(0..SAID)).collect();
    after.sort_unstable();
    for index in 1..after.len() {
        if chance.of(0..3) == 0 {
            after[index] = after[index - 1] + chance.of(0..20);
        }
    }
    events.into_iter().zip(after).map(|(event, after)| LineFault { after: Bytes(after), event }).collect()
}

fn schedule(chance: &mut Chance) -> BTreeMap<Vantage, AgentFault> {
    (1..=3).map(|number| (Vantage::pod(&format!("node{number}")), AgentFault::Line(healing(chance)))).collect()
}

/// Something that cannot be healed.
fn fatal(chance: &mut Chance) -> AgentFault {
    let outcomes = u32::try_from(chance.of(0..9)).unwrap();
    match chance.of(0..9) {
        0 => AgentFault::OtherRun,
        1 => AgentFault::Speaks(9),
        2 => AgentFault::GarblesAfter(outcomes),
        3 => AgentFault::DoublesAfter(outcomes),
        4 => AgentFault::DropsAfter(outcomes),
        5 => AgentFault::DiesAfter(outcomes),
        6 => AgentFault::FreezesAfter(outcomes),
        7 => {
            let event = LineEvent::Delay(Micros(chance.of(60..600) * SECOND));
            AgentFault::Line(at_bytes(chance, vec![event]))
        }
        _ => {
            let event = LineEvent::CutOff(Micros(chance.of(200..2_000) * SECOND));
            AgentFault::Line(at_bytes(chance, vec![event]))
        }
    }
}

/// The numbers of the schedules: those of the test, or the one that somebody wants to see again.
fn numbers(count: u64) -> Range<u64> {
    match std::env::var("NETCHECK_SCHEDULE") {
        Ok(number) => number.parse().map(|number| number..number + 1).expect("NETCHECK_SCHEDULE is a number"),
        Err(_) => 0..count,
    }
}

#[test]
fn what_can_be_healed_changes_no_verdict() {
    let suite = suite();
    let (truth, _) = finished(&suite, world());
    let words: Vec<&str> = truth.cases.iter().map(|case| case.verdict.word()).collect();
    assert_eq!(words, ["failed", "passed", "failed", "passed", "failed"], "both verdicts are there to be changed");
    let mut mended = 0;
    for number in numbers(1_500) {
        let agents = schedule(&mut Chance(number));
        let (run, resumed) = finished(&suite, World { agents: agents.clone(), ..world() });
        assert!(
            run.problems.is_empty() && cases(&run) == cases(&truth),
            "schedule {number}: {agents:#?}\n{:#?}",
            differences(&run, &truth)
        );
        mended += resumed;
    }
    assert!(mended > 0, "no schedule disturbed anything");
}

fn differences(run: &Run, truth: &Run) -> Vec<String> {
    let told = |case: &CaseReport| format!("{}: {:?} {:?} {:?} {:?}", case.id, case.verdict, case.coverage, case.figures, case.pairs);
    let cases = cases(run).iter().zip(cases(truth)).filter(|(case, truth)| *case != truth).map(|(case, _)| told(case)).collect::<Vec<_>>();
    cases.into_iter().chain(run.problems.iter().map(|problem| format!("{problem:?}"))).collect()
}

#[test]
fn what_cannot_be_healed_is_an_error_and_never_the_other_verdict() {
    let suite = suite();
    let (truth, _) = finished(&suite, world());
    let mut errored = 0;
    for number in numbers(1_000) {
        let chance = &mut Chance(number);
        let mut agents = schedule(chance);
        let whose = Vantage::pod(&format!("node{}", chance.of(1..4)));
        agents.insert(whose, fatal(chance));
        let (run, _) = finished(&suite, World { agents: agents.clone(), ..world() });
        assert_eq!(run.cases.len(), truth.cases.len(), "schedule {number}: {agents:#?}");
        for (case, true_case) in run.cases.iter().zip(&truth.cases) {
            let (found, expected) = (case.verdict.word(), true_case.verdict.word());
            assert!(found == expected || found == "errored", "schedule {number}: {agents:#?}\n{}: {:?}", case.id, case.verdict);
            let whole = case.coverage.measured == true_case.coverage.measured;
            assert!(whole || !matches!(case.verdict, Verdict::Passed), "schedule {number}: {agents:#?}\n{} passed with a gap", case.id);
        }
        errored += run.totals().errored;
    }
    assert!(errored > 0, "no schedule was fatal");
}

/// An agent that answers for a family that another one lacks is no part of this: every agent has both.
#[test]
fn the_undisturbed_run_measures_both_families() {
    let (truth, mended) = finished(&suite(), world());
    assert_eq!(mended, 0);
    for family in Family::ALL {
        assert!(truth.cases.iter().any(|case| case.probe.burst().family == family && case.coverage.measured == 6));
    }
}
