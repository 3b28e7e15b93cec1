//! The terms on which a suite takes agents. It must not know where these come from.

use super::reader::Reader;
use crate::model::agents::{AgentTerms, IcmpAccess};
use crate::model::taint::{Toleration, Tolerations};
use crate::suite::codes;
use crate::suite::files::Files;
use crate::suite::language::{ICMP_ACCESS, READY_WITHIN, TOLERATED, read_toleration};
use crate::suite::remarks::{Remark, Remarks};
use crate::suite::tree::{Entry, Node, What};

/// What `agents` of a suite says, expanded; what is wrong in it is among the remarks.
pub(crate) fn agent_terms(agents: &Node, remarks: &mut Remarks) -> AgentTerms {
    let mut reader = Reader { test: agents, defaults: None, case: None, files: Files::none(), remarks };
    AgentTerms {
        ready_within: agents.entry("readyWithin").and_then(|entry| reader.duration(entry, &READY_WITHIN)),
        tolerations: agents.entry("tolerations").map(|entry| tolerations(entry, &mut reader)).unwrap_or_default(),
        icmp: agents.entry("icmp").and_then(|entry| icmp(reader.word(entry, &ICMP_ACCESS)?)).unwrap_or_default(),
    }
}

/// A word, or a list; where it is wrong, whatever it may mean, which then nobody goes by.
fn tolerations(entry: &Entry, reader: &mut Reader<'_>) -> Tolerations {
    let node = &entry.value;
    let What::List(items) = &node.what else {
        return match reader.word(entry, &TOLERATED) {
            Some("none") => Tolerations::Those([].into()),
            Some(_) | None => Tolerations::All,
        };
    };
    if items.len() > Toleration::MOST {
        let message = format!("the suite tolerates {} taints", items.len());
        let label = format!("expected at most {}", Toleration::MOST);
        reader.remarks.add(Remark::error(codes::TOO_BIG, node.at, message).label(label).help(["`all` tolerates every taint"]));
        return Tolerations::All;
    }
    Tolerations::those(items.iter().filter_map(|item| reader.value("a taint", item, read_toleration)))
}

fn icmp(word: &str) -> Option<IcmpAccess> {
    [IcmpAccess::Auto, IcmpAccess::Raw].into_iter().find(|access| access.word() == word)
}
