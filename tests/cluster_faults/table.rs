//! Every shipped suite under every fault of a cluster. It must not know what a fault does.

use crate::Fault;
use crate::fault_table::{Came, Row, check, rows};
use crate::kit::Cluster;

fn wrong(row: &Row) -> Vec<String> {
    let cluster = Cluster::turn();
    // What came before may have left the cluster's own parts behind: that would be a fault of its own.
    cluster.settled();
    let faults: Vec<Fault> = row.faults.iter().map(|fault| Fault::make(&fault.split(' ').collect::<Vec<_>>())).collect();
    let mut words = vec![row.suite.as_str()];
    words.extend(row.set.iter().flat_map(|set| ["--set", set]));
    let run = cluster.run(&words);
    // One heals all.
    faults.into_iter().skip(1).for_each(std::mem::forget);
    let mut all = row.wrong(&Came { exit: run.status.code(), cases: &run.cases(), terminal: &run.stderr });
    all.extend(cluster.ours().iter().map(|left| format!("left behind: {left}")));
    if !all.is_empty() {
        eprintln!("--- {}\n{}", row.name, run.stderr);
    }
    all
}

#[test]
fn every_fault_is_found_and_nothing_else() {
    let addresses = Cluster::turn().addresses();
    let table = addresses
        .iter()
        .fold(include_str!("table.yaml").to_owned(), |table, (node, address)| table.replace(&format!("{{{node}}}"), address));
    check(&rows(&table), 1, wrong);
}
