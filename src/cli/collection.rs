//! Files that were named, collections and directories among them: each stands for its suites. It must not know the language.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::model::diagnostic::Diagnostic;
use crate::suite::{self, Member};

use super::builtin;
use super::content::content;
use super::directory;
use super::opened::{By, Opened, wrong};

/// The suites of all that was named, with their content. What a directory brings that is named otherwise too is there once.
pub(super) fn all(paths: &[PathBuf]) -> Vec<Opened> {
    let mut known: BTreeMap<PathBuf, By> = BTreeMap::new();
    let once = |opened: &Opened| {
        // What is built in is no file, and what cannot be found has a remark that is told twice at worst.
        let Ok(real) = opened.path.canonicalize() else { return true };
        let before = known.get(&real).copied();
        // Once a directory brings it, it is there once, however often it is named beside.
        known.insert(real, if before == Some(By::Directory) { By::Directory } else { opened.by });
        before.is_none_or(|before| before == By::Name && opened.by == By::Name)
    };
    paths.iter().flat_map(|path| if path.is_dir() { directory::opened(path) } else { opened(path) }).filter(once).collect()
}

/// The suite of that file, or those of the collection in it. What cannot be read has its remarks.
fn opened(path: &Path) -> Vec<Opened> {
    let one = |content| vec![Opened { path: path.to_owned(), content, by: By::Name }];
    let content = match bytes(path) {
        Ok(content) => content,
        Err(unreadable) => return one(Err(vec![*unreadable])),
    };
    let file = path.to_string_lossy();
    let Some(reading) = suite::read_collection(&file, &content) else { return one(Ok(content)) };
    let Some(suites) = reading.suites else { return one(Err(reading.diagnostics)) };
    let open = |Member { file, span }: &Member| {
        let member = beside(path, file);
        let at = |remark: Box<Diagnostic>| vec![Diagnostic { span: Some(span.clone()), ..*remark }];
        Opened { content: of_member(&member).map_err(at), path: member, by: By::Name }
    };
    suites.iter().map(open).collect()
}

/// The text of a suite that a collection names.
fn of_member(member: &Path) -> Result<Vec<u8>, Box<Diagnostic>> {
    let name = member.display();
    if member.is_dir() {
        let help = "name the suites in it, or name the directory on the command line, beside the collection";
        return Err(Box::new(wrong(format!("{name} is a directory, and a collection names files"), help)));
    }
    let unread = |unreadable: Box<Diagnostic>| {
        let help = vec!["a collection names files as seen from where it is itself".to_owned()];
        Box::new(Diagnostic { message: format!("{name}: {}", unreadable.message), help, ..*unreadable })
    };
    let content = bytes(member).map_err(unread)?;
    if suite::read_collection(&name.to_string(), &content).is_some() {
        return Err(Box::new(wrong(format!("{name} is a collection itself"), "name its suites themselves")));
    }
    Ok(content)
}

/// The text of a suite: of a file, or of one that is built in.
fn bytes(path: &Path) -> Result<Vec<u8>, Box<Diagnostic>> {
    const NAME_ONE: &str = "name suite files, or a suite that is built in, such as builtin:overlay";
    match builtin::named(&path.to_string_lossy()) {
        Some(Ok(shipped)) => Ok(shipped.as_bytes().to_vec()),
        Some(Err(refusal)) => Err(Box::new(Diagnostic { help: refusal.help, ..wrong("no suite of that name is built in".to_owned(), "") })),
        None => content(path).map_err(|error| Box::new(wrong(format!("cannot read this suite: {error}"), NAME_ONE))),
    }
}

/// A member of a collection: beside it, or built in as the collection is.
fn beside(collection: &Path, written: &str) -> PathBuf {
    if builtin::named(&collection.to_string_lossy()).is_some() {
        return builtin::path(written.strip_suffix(".yaml").unwrap_or(written));
    }
    collection.parent().unwrap_or(Path::new("")).join(written)
}
