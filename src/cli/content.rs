//! What a user's files say that have the size of a suite at most. It must not know what is in them.

use std::path::Path;

use crate::suite;

pub(super) use crate::backend::content::at_most;

/// At most one byte more than a suite may have.
pub(super) fn content(path: &Path) -> std::io::Result<Vec<u8>> {
    at_most(path, suite::SIZE_LIMIT)
}
