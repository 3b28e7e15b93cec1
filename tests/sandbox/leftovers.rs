//! Nothing outlives a run, however it ends.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::kit::{Background, Place, processes, until};

/// It would take an hour.
const LONG: &str = "
netcheck: v1
suite: long
tests:
  - { id: long, from: pods, to: pods, probe: { type: udp, count: 3600, interval: 1s, family: v4 } }
";

fn signal(process: u32, name: &str) {
    let sent = std::process::Command::new("kill").args([&format!("-{name}"), &process.to_string()]).status().unwrap();
    assert!(sent.success());
}

/// A long run whose agents are there, their numbers, and what tells them from the agents of others.
fn begun(place: &Place, isolation: &str) -> (Background, Vec<u32>, String) {
    place.write("suite.yaml", LONG);
    let mut run = Background(place.run_command(isolation, &["--deadline", "2h"]).stderr(Stdio::piped()).spawn().unwrap());
    let lines = BufReader::new(run.0.stderr.take().unwrap()).lines();
    // Read on, so that nobody waits for a reader.
    let (ready, is_ready) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        for line in lines.map_while(Result::ok) {
            if line.contains("3 of 3 ready") {
                let _ = ready.send(());
            }
        }
    });
    is_ready.recv_timeout(std::time::Duration::from_secs(60)).unwrap();
    let parent = format!("--ends-with {}", run.0.id());
    let found = processes(&parent);
    assert_eq!(found.len(), 3, "agents that end with this run");
    (run, found, parent)
}

fn nothing_is_left(place: &Place, agents: &str) {
    until("no agent is left", || processes(agents).is_empty().then_some(()));
    let files: Vec<_> = fs::read_dir(place.temporary()).unwrap().collect();
    assert!(files.is_empty(), "{files:?}");
}

#[test]
fn agents_end_with_a_controller_that_is_killed() {
    for isolation in ["namespaces", "loopback"] {
        let place = Place::new();
        let (mut run, agents, which) = begun(&place, isolation);
        // Not even one that cannot do anything by itself any more.
        signal(agents[0], "STOP");
        run.0.kill().unwrap();
        run.0.wait().unwrap();
        nothing_is_left(&place, &which);
    }
}

#[test]
fn a_signal_ends_a_run_in_order() {
    let place = Place::new();
    let (mut run, agents, which) = begun(&place, "namespaces");
    signal(agents[0], "STOP");
    signal(run.0.id(), "TERM");
    assert_eq!(run.0.wait().unwrap().code(), Some(143));
    nothing_is_left(&place, &which);
}
