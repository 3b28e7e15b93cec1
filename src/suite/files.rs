//! The files that a suite names beside the parts that it includes. It must not know where files are: whoever reads a suite gives their
//! content.

use super::include::{Parts, beside};
use super::source::{Place, Source};

/// Gives the content of files.
#[derive(Clone, Copy)]
pub(crate) struct Files<'a> {
    source: Option<&'a Source>,
    parts: Parts<'a>,
}

impl<'a> Files<'a> {
    pub(crate) const fn of(source: &'a Source, parts: Parts<'a>) -> Self {
        Self { source: Some(source), parts }
    }

    /// Where none is named.
    pub(crate) const fn none() -> Self {
        Self { source: None, parts: &|_| Err(String::new()) }
    }

    /// The content of the file that is named there.
    ///
    /// # Errors
    /// Why there is none.
    pub(crate) fn read(self, at: Place, path: &str) -> Result<Vec<u8>, String> {
        let file = self.source.map(|source| source.span(at).file).unwrap_or_default();
        (self.parts)(&beside(&file, path))
    }
}
