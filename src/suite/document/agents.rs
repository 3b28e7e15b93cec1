//! The terms on which a suite takes agents. It must not know where these come from.

use super::reader::Reader;
use crate::model::agents::{AgentTerms, IcmpAccess};
use crate::suite::files::Files;
use crate::suite::language::{ICMP_ACCESS, READY_WITHIN};
use crate::suite::remarks::Remarks;
use crate::suite::tree::Node;

/// What `agents` of a suite says, expanded; what is wrong in it is among the remarks.
pub(crate) fn agent_terms(agents: &Node, remarks: &mut Remarks) -> AgentTerms {
    let mut reader = Reader { test: agents, defaults: None, case: None, files: Files::none(), remarks };
    AgentTerms {
        ready_within: agents.entry("readyWithin").and_then(|entry| reader.duration(entry, &READY_WITHIN)),
        icmp: agents.entry("icmp").and_then(|entry| icmp(reader.word(entry, &ICMP_ACCESS)?)).unwrap_or_default(),
    }
}

fn icmp(word: &str) -> Option<IcmpAccess> {
    [IcmpAccess::Auto, IcmpAccess::Raw].into_iter().find(|access| access.word() == word)
}
