//! The integration tests: one binary, no privileges, no network beyond loopback.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests fail by panicking, and what they share too")]

mod agent;
mod any_cluster;
mod broken_agents;
mod cluster_secrets;
mod docs;
mod doctor;
mod explain;
mod golden;
mod honesty;
mod hostile;
mod init;
mod inventories;
mod kubernetes_api;
mod kubernetes_outages;
mod node_addresses;
mod pmtu_over_tcp;
mod probes;
mod recounts;
mod refused;
mod render;
mod reports;
mod rights;
mod schedules;
mod schemas;
mod seeds;
mod services;
mod sessions;
mod strangers;
mod tidy;
mod web;
mod worlds;

/// For suites that include nothing.
fn no_parts(path: &str) -> Result<Vec<u8>, String> {
    Err(format!("{path}: no such file"))
}
