//! Which cases are in a shard: decided by each case's id alone, so that a case stays in its shard whatever comes or goes beside it,
//! on every machine and in every version. It must not know what the cases are about.

use sha2::{Digest, Sha256};

use crate::model::case_id::CaseId;
use crate::model::shard::Shard;
use crate::model::suite::Suite;

/// Whether the case is in the shard: every case is in exactly one of as many. The first 8 bytes of the SHA-256 of its id, as a
/// number, big end first, modulo the number of shards: that is a promise, since jobs of one pipeline may run different versions.
#[must_use]
pub fn holds(shard: Shard, id: &CaseId) -> bool {
    let digest = Sha256::digest(id.to_string());
    let number = digest.iter().take(8).fold(0_u64, |number, byte| (number << 8) | u64::from(*byte));
    number % u64::from(shard.of()) == u64::from(shard.index()) - 1
}

/// The suites with the cases of the shard, and with those of all others; suites stay, even when empty.
#[must_use]
pub fn split(suites: Vec<Suite>, shard: Shard) -> (Vec<Suite>, Vec<Suite>) {
    let part = |mut suite: Suite| {
        let (here, elsewhere) = std::mem::take(&mut suite.cases).into_iter().partition(|case| holds(shard, &case.id));
        (Suite { cases: here, ..suite.clone() }, Suite { cases: elsewhere, ..suite })
    };
    suites.into_iter().map(part).unzip()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn id(test: &str, label: &str) -> CaseId {
        CaseId { suite: "overlay".into(), test: test.into(), key: vec![("proto".to_owned(), label.to_owned())] }
    }

    fn shard_of(id: &CaseId, of: u32) -> Vec<u32> {
        (1..=of).filter(|index| holds(Shard::new(*index, of).unwrap(), id)).collect()
    }

    proptest! {
        #[test]
        fn every_case_is_in_exactly_one_shard(test in "[a-z-]{1,20}", label in ".{1,20}", of in 1_u32..200) {
            prop_assert_eq!(shard_of(&id(&test, &label), of).len(), 1);
        }
    }

    /// A version that puts them elsewhere breaks pipelines whose jobs run different versions.
    #[test]
    fn cases_stay_where_they_are() {
        for (label, of, expected) in EXPECTED {
            assert_eq!(shard_of(&id("pod-to-pod", label), *of), [*expected], "{label} of {of}");
        }
    }

    /// By `printf 'overlay/pod-to-pod[proto=icmp]' | sha256sum`.
    const EXPECTED: &[(&str, u32, u32)] = &[("icmp", 3, 2), ("icmp", 7, 6), ("udp", 3, 2), ("udp", 7, 1), ("tcp", 3, 1), ("tcp", 7, 1)];

    #[test]
    fn shards_are_about_as_large_as_each_other() {
        let mut sizes = [0_u32; 4];
        for number in 0..4_000 {
            sizes[shard_of(&id("t", &number.to_string()), 4)[0] as usize - 1] += 1;
        }
        assert!(sizes.iter().all(|size| (900..1_100).contains(size)), "{sizes:?}");
    }
}
