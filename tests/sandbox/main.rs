//! The sandbox with real network namespaces, through the real program. To be run as root:
//!
//!     cargo test --features privileged-tests --test sandbox
//!
//! It makes network, mount and user namespaces of its own, which end with it, and changes nothing outside them. It needs
//! `unshare`, `mount`, `setpriv` (util-linux) and `ping` (iputils).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests fail by panicking, what they share too; and they show evidence"
)]

mod agents;
mod api_server;
mod dns;
mod fabric;
#[path = "../fault_table/mod.rs"]
mod fault_table;
mod faults;
mod kit;
mod leftovers;
mod machine;
mod overlay;
mod services;
mod standing;
mod table;
