//! A short name for a plan, equal for equal plans. It must not depend on the run or on time.

use sha2::{Digest, Sha256};

use crate::model::plan::PlannedCase;

/// 12 hexadecimal digits over everything that decides what is measured and what is wanted of it.
pub(super) fn of(cases: &[PlannedCase], seed: u64) -> String {
    let mut digest = Sha256::new();
    digest.update(format!("netcheck plan 1\nseed {seed}\n"));
    for planned in cases {
        digest.update(format!("{} {:?} {}\n", planned.case.id, planned.case.probe, planned.strategy));
        for bound in &planned.case.expect {
            digest.update(format!("{bound}\n"));
        }
        for pair in &planned.pairs {
            digest.update(format!("{}>{}\n", pair.source, pair.target));
        }
    }
    let digest = digest.finalize();
    let first = digest.iter().take(6).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    format!("{first:012x}")
}
