//! Asking: the sockets that carry out a share, one file for each kind of probe.
//! It must not know what was expected, who plans the questions, or how outcomes travel.

pub mod packet;

mod pace;

mod latencies;

mod tally;

mod socket;

mod refusal;

mod errand;

mod heard;

mod datagram;

mod icmp;

mod udp;

mod tcp;

pub(crate) mod dns;

mod stall;

pub(crate) mod interface;

pub(crate) mod pmtu;

mod share;

pub use icmp::icmp_mode;
pub(crate) use refusal::{Refusal, socket_address, take as take_refusal};
pub use share::{Asker, carry_out};
pub(crate) use socket::{forbid_splitting, keep_errors};
pub use stall::{LOOK, Longest, watch};
pub(crate) use tally::{Ledger, WARM_UP_LIMIT};
