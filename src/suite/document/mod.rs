//! From expanded trees to typed cases: the readers of tests, probes, pairs and expectations. What they accept is in
//! `language`; what they do not know, the shape check has refused already.

mod about;
mod agents;
mod combination;
mod conditions;
mod conduct;
mod deadline;
mod dns;
mod echoes;
mod empty;
mod ends;
mod expect;
mod fixtures;
mod frame;
mod measured;
mod misfit;
mod named;
mod nodes;
mod offer;
mod pace;
mod pairs;
mod pending;
mod reader;
mod retry;
mod samples;
mod search;
mod settings;
mod test;
mod together;
mod trivial;
mod web;
mod workload;

pub(crate) use agents::agent_terms;
pub(crate) use conduct::suite_deadline;
pub(crate) use deadline::Deadline;
pub(crate) use fixtures::fixtures;
pub(crate) use frame::{Frame, SoFar};
pub(crate) use pending::Expanded;
pub(crate) use test::cases;
pub(crate) use together::remark as never_together;
