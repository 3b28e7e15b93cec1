//! Files of suites, and what belongs to them, from the disk: read within bounds. It must not know what is in them.

use std::io::Read;
use std::path::Path;

use crate::suite;

/// At most one byte more than a suite may have: that one is enough to refuse it.
pub(super) fn content(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(suite::SIZE_LIMIT as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
