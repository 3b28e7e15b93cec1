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

mod share;

pub use icmp::icmp_mode;
pub use share::{Asker, carry_out};
pub use stall::{LOOK, Longest, watch};
pub(crate) use tally::{Ledger, WARM_UP_LIMIT};
