//! Collections among the files that were named: each stands for its suites. It must not know the language.

use std::path::{Path, PathBuf};

use crate::suite;

use super::arguments::ColorArgument;
use super::content::content;
use super::remarks::{style, tell};
use super::{Refusal, builtin};

/// The suite of that file, or those of the collection in it, with their content.
pub(super) fn opened(path: &Path) -> Result<Vec<(PathBuf, Vec<u8>)>, Refusal> {
    let content = bytes(path)?;
    let file = path.to_string_lossy();
    let Some(reading) = suite::read_collection(&file, &content) else { return Ok(vec![(path.to_owned(), content)]) };
    let errors = tell(&file, &reading.diagnostics, style(ColorArgument::Auto));
    let Some(suites) = reading.suites.filter(|_| errors == 0) else {
        return Err(Refusal::usage(format!("{file} cannot be read; nothing was run")));
    };
    let open = |written: &String| {
        let member = beside(path, written);
        let content = bytes(&member).map_err(|refusal| refusal.help(format!("{file} names it")))?;
        if suite::read_collection(&member.to_string_lossy(), &content).is_some() {
            let message = format!("{} is a collection in the collection {file}", member.display());
            return Err(Refusal::usage(message).help("name its suites themselves"));
        }
        Ok((member, content))
    };
    suites.iter().map(open).collect()
}

/// The text of a suite: of a file, or of one that is built in.
fn bytes(path: &Path) -> Result<Vec<u8>, Refusal> {
    match builtin::named(&path.to_string_lossy()) {
        Some(shipped) => Ok(shipped?.as_bytes().to_vec()),
        None => content(path).map_err(|error| unreadable(path, &error)),
    }
}

fn unreadable(path: &Path, error: &std::io::Error) -> Refusal {
    Refusal::usage(format!("cannot read suite {}: {error}", path.display()))
        .help("name suite files, or a suite that is built in, such as builtin:overlay")
}

/// A member of a collection: beside it, or built in as the collection is.
fn beside(collection: &Path, written: &str) -> PathBuf {
    if builtin::named(&collection.to_string_lossy()).is_some() {
        return builtin::path(written.strip_suffix(".yaml").unwrap_or(written));
    }
    collection.parent().unwrap_or(Path::new("")).join(written)
}
