//! How fast a case may ask at most. What would have no effect is refused. It must not know who keeps to it.

use std::num::NonZeroU32;

use super::reader::Reader;
use crate::model::pace::PaceLimit;
use crate::suite::codes;
use crate::suite::language::{PACE_PER_NODE, PACE_TOTAL};
use crate::suite::remarks::Remark;
use crate::suite::tree::{Entry, What};

impl Reader<'_> {
    /// `pace`: the test's own or the defaults', as a whole.
    pub(super) fn pace(&mut self) -> Option<PaceLimit> {
        let Some(pace) = self.entry("pace") else { return Some(PaceLimit::default()) };
        let [per_node, total] = ["perNode", "total"].map(|key| pace.value.entry(key));
        // What is not there is 0, which can not be written.
        let each = per_node.map_or(Some(0), |entry| self.whole(entry, &PACE_PER_NODE));
        let all = total.map_or(Some(0), |entry| self.whole(entry, &PACE_TOTAL));
        let limit = PaceLimit { per_node: NonZeroU32::new(each?), total: NonZeroU32::new(all?) };
        match (per_node, limit.per_node, limit.total) {
            (Some(entry), Some(each), Some(all)) if each >= all => self.never_reached(entry, all),
            // Whatever else is wrong with it, the shape check has said.
            _ if matches!(&pace.value.what, What::Map(entries) if entries.is_empty()) => self.limits_nothing(pace),
            _ => Some(limit),
        }
    }

    /// One agent has at most all of the total.
    fn never_reached(&mut self, entry: &Entry, total: NonZeroU32) -> Option<PaceLimit> {
        let message = format!("`perNode` has no effect with `total: {total}`");
        let remark = Remark::error(codes::WRONG_VALUE, entry.key.at, message).label("all agents together send no more than that");
        self.remarks.add(remark.help(["lower it below `total`, or leave it out"]).case(self.case));
        None
    }

    fn limits_nothing(&mut self, pace: &Entry) -> Option<PaceLimit> {
        let remark = Remark::error(codes::WRONG_VALUE, pace.key.at, "this `pace` limits nothing");
        self.remarks.add(remark.help(["write `perNode: 100`, `total: 1000` or both, or leave it out"]).case(self.case));
        None
    }
}
