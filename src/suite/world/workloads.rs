//! The user's pods of a world.

use std::collections::HashMap;

use super::nodes::{Cast, labels};
use super::values::text;
use crate::model::vantage::{PodName, Vantage};
use crate::model::world::{World, WorldWorkload};
use crate::suite::codes;
use crate::suite::remarks::{Remark, Remarks};
use crate::suite::source::Place;
use crate::suite::tree::Node;

pub(super) fn read(root: &Node, cast: &Cast, remarks: &mut Remarks) -> Vec<WorldWorkload> {
    let Some(pods) = root.get("workloads") else { return Vec::new() };
    if pods.items().len() > World::WORKLOADS_LIMIT {
        let message = format!("{} pods are more than a world may have", pods.items().len());
        remarks.add(Remark::error(codes::TOO_BIG, pods.at, message).label(format!("expected at most {}", World::WORKLOADS_LIMIT)));
        return Vec::new();
    }
    let found: Vec<(Place, WorldWorkload)> = pods.items().iter().filter_map(|node| Some((node.at, one(node, cast, remarks)?))).collect();
    let mut seen: HashMap<PodName, Place> = HashMap::new();
    for (place, pod) in &found {
        if let Some(first) = seen.insert(pod.pod.clone(), *place) {
            let remark = Remark::error(codes::DUPLICATE_ID, *place, format!("two pods are called {}", pod.pod));
            remarks.add(remark.label("the second").related(first, "the first").help(["give each pod of a namespace a name of its own"]));
        }
    }
    found.into_iter().map(|(_, pod)| pod).collect()
}

/// What is wrong with it has its remark.
fn one(node: &Node, cast: &Cast, remarks: &mut Remarks) -> Option<WorldWorkload> {
    let pod = PodName { namespace: text(node, "namespace")?.into(), name: text(node, "name")?.into() };
    let on = cast.node(text(node, "node")?, node.get("node")?.at, remarks)?.name.clone();
    Some(WorldWorkload { pod, node: on, labels: labels(node), not_ready: text(node, "notReady").map(str::to_owned) })
}

/// Whether the world has the pod that is meant, if one is; a remark if not.
pub(super) fn is_there(vantage: &Vantage, pods: &[WorldWorkload], place: Place, remarks: &mut Remarks) -> bool {
    let Some(pod) = vantage.of_workload() else { return true };
    let is_there = pods.iter().any(|other| other.pod == *pod && *other.node == *vantage.node());
    if !is_there {
        let message = format!("the world has no pod {pod} on {}", vantage.node());
        remarks.error(|| Remark::error(codes::NOT_IN_WORLD, place, message).help(["`workloads` has the pods of a world"]));
    }
    is_there
}
