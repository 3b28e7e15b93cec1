//! What is wrong with the agents of a world.

use std::collections::BTreeMap;

use super::nodes::Cast;
use super::values::{bytes, duration, family, text, whole, word};
use super::workloads::is_there;
use crate::model::family::Family;
use crate::model::vantage::Vantage;
use crate::model::world::{AgentFault, LineEvent, LineFault, WorldWorkload};
use crate::suite::codes;
use crate::suite::language::read_word;
use crate::suite::language::world::{AGENT_WORDS, LINE_WORDS, OUTCOMES, SAID, WIRE};
use crate::suite::language::world_words::SPAN;
use crate::suite::remarks::{Remark, Remarks};
use crate::suite::tree::{Entry, Node};

/// The most events of a line.
const EVENTS_LIMIT: usize = 1_000;

pub(super) fn read(
    root: &Node,
    cast: (&Cast, &[WorldWorkload]),
    families: &[Family],
    remarks: &mut Remarks,
) -> BTreeMap<Vantage, AgentFault> {
    let entries = root.get("agents").map_or(&[][..], Node::entries);
    entries.iter().filter_map(|entry| one(entry, cast, families, remarks)).collect()
}

fn one(
    entry: &Entry,
    (cast, pods): (&Cast, &[WorldWorkload]),
    families: &[Family],
    remarks: &mut Remarks,
) -> Option<(Vantage, AgentFault)> {
    // A name that is no vantage is among the remarks.
    let vantage: Vantage = entry.key.name.parse().ok()?;
    let node = cast.node(vantage.node(), entry.key.at, remarks)?;
    if node.not_ready.is_some() {
        let message = format!("`{}` has no agent that could have a fault", entry.key.name);
        let remark = Remark::error(codes::NO_EFFECT, entry.key.at, message).label("the node is not ready, so no agent is sent there");
        remarks.add(remark.help(["leave the fault out, or `notReady`"]));
    }
    if !is_there(&vantage, pods, entry.key.at, remarks) {
        return None;
    }
    let fault = fault(&entry.value, families, remarks)?;
    Some((vantage, fault))
}

fn fault(node: &Node, families: &[Family], remarks: &mut Remarks) -> Option<AgentFault> {
    if let Some(scalar) = node.scalar() {
        return match read_word(scalar, &AGENT_WORDS).ok()? {
            "neverReady" => Some(AgentFault::NeverReady),
            "otherRun" => Some(AgentFault::OtherRun),
            "noIcmp" => Some(AgentFault::NoIcmp),
            "noGateway" => Some(AgentFault::NoGateway),
            "muteGateway" => Some(AgentFault::MuteGateway),
            // Words are read from `AGENT_WORDS`; a test goes through all of them.
            _ => None,
        };
    }
    let count = |key: &str| whole(node, key, &OUTCOMES);
    let key = node.entries().first()?;
    match &*key.key.name {
        "neverStarts" => text(node, "neverStarts").map(|why| AgentFault::NeverStarts(why.to_owned())),
        "diesAfter" => count("diesAfter").map(AgentFault::DiesAfter),
        "freezesAfter" => count("freezesAfter").map(AgentFault::FreezesAfter),
        "garblesAfter" => count("garblesAfter").map(AgentFault::GarblesAfter),
        "doublesAfter" => count("doublesAfter").map(AgentFault::DoublesAfter),
        "dropsAfter" => count("dropsAfter").map(AgentFault::DropsAfter),
        "speaks" => whole(node, "speaks", &WIRE).map(AgentFault::Speaks),
        "noAddress" => no_address(node, families, remarks).map(AgentFault::NoAddress),
        "line" => line(&key.value, remarks).map(AgentFault::Line),
        // It is among the remarks.
        _ => None,
    }
}

fn no_address(node: &Node, families: &[Family], remarks: &mut Remarks) -> Option<Family> {
    let family = family(node, "noAddress")?;
    if !families.contains(&family) {
        let message = format!("no agent of this world has an {} address", family.words());
        let remark = Remark::error(codes::NO_EFFECT, node.get("noAddress")?.at, message);
        remarks.add(remark.label("`families` leaves it out for all of them"));
    }
    Some(family)
}

fn line(node: &Node, remarks: &mut Remarks) -> Option<Vec<LineFault>> {
    if node.items().len() > EVENTS_LIMIT {
        let message = format!("{} events are more than a line may have", node.items().len());
        remarks.add(Remark::error(codes::TOO_BIG, node.at, message).label(format!("expected at most {EVENTS_LIMIT}")));
        return None;
    }
    let mut faults: Vec<LineFault> = Vec::new();
    for item in node.items() {
        let Some(fault) = line_fault(item) else { continue };
        if let Some((last, after)) = faults.last().zip(item.get("after")).filter(|(last, _)| last.after > fault.after) {
            let message = "events of a line stand in the order in which they happen";
            let remark = Remark::error(codes::WRONG_VALUE, after.at, message);
            remarks.add(remark.label(format!("expected at least {}, as before it, found {}", last.after.0, fault.after.0)));
        }
        faults.push(fault);
    }
    Some(faults)
}

fn line_fault(node: &Node) -> Option<LineFault> {
    let then = node.get("then")?;
    let event = match word(node, "then", &LINE_WORDS) {
        Some("cut") => LineEvent::Cut,
        Some("garble") => LineEvent::Garble,
        Some("double") => LineEvent::Double,
        Some(_) | None => {
            let cut_off = duration(then, "cutOff", &SPAN).map(LineEvent::CutOff);
            cut_off.or_else(|| duration(then, "delay", &SPAN).map(LineEvent::Delay))?
        }
    };
    Some(LineFault { after: bytes(node, "after", &SAID)?, event })
}
