//! Asking: the sockets that carry out a share, one file for each kind of probe.
//! It must not know what was expected, who plans the questions, or how outcomes travel.

pub mod packet;

mod pace;

mod latencies;

mod tally;

mod socket;

mod refusal;

mod stamps;

mod errand;

mod heard;

mod altered;

mod form;

mod datagram;

mod flow;

mod afterwards;

mod patience;

mod icmp;

mod udp;

mod kit;

mod connections;

mod tcp;

mod tls;

pub(crate) mod dns;
pub mod http;

#[cfg(test)]
mod floods;
mod stall;

pub(crate) mod interface;

pub(crate) mod rtnetlink;

mod gateway;

pub(crate) mod pmtu;

mod share;

pub(crate) use gateway::default_routes;
pub(crate) use http::note::of as note;
pub use icmp::icmp_mode;
pub use kit::Keeper;
pub(crate) use refusal::{Refusal, socket_address, take as take_refusal};
pub use share::{Asker, carry_out};
pub(crate) use socket::{forbid_splitting, keep_errors};
pub use stall::{LOOK, Longest, watch};
pub(crate) use tally::{Ledger, WARM_UP_LIMIT};
