//! The first look at a file of any language: bytes to text, and whether it is such a file at all. It must not know what is in it.

use super::codes;
use super::language::Language;
use super::remarks::{Remark, Remarks};
use super::source::{Place, Source};
use super::tree::{Node, What};
use crate::model::diagnostic::Diagnostic;

/// The most bytes of a suite.
pub const SIZE_LIMIT: usize = 1 << 20;

/// Reads a file of that language: what `parse` makes of its text, unless there are errors, and all remarks.
pub(super) fn read_with<T>(
    language: &Language,
    file: &str,
    bytes: &[u8],
    parse: impl FnOnce(&mut Source, &mut Remarks) -> Option<T>,
) -> (Option<T>, Vec<Diagnostic>) {
    let mut remarks = Remarks::default();
    let decoded = decode(bytes, language.file);
    let mut source = Source::new(file, decoded.text);
    let parsed = match decoded.wrong {
        Some(remark) => {
            remarks.add(*remark);
            None
        }
        None => parse(&mut source, &mut remarks),
    };
    (parsed.filter(|_| !remarks.failed()), remarks.finish(&source))
}

/// A file's bytes as text.
pub(super) struct Decoded {
    /// As far as it is text; empty if it is too large.
    pub(super) text: String,
    /// Why it cannot be read, with its place in that text.
    pub(super) wrong: Option<Box<Remark>>,
}

/// The text of a file; `what` it should be.
pub(super) fn decode(bytes: &[u8], what: &str) -> Decoded {
    if bytes.len() > SIZE_LIMIT {
        let message = format!("the file is larger than the {} MiB that a {what} may have", SIZE_LIMIT >> 20);
        let remark = Remark::error(codes::TOO_BIG, None, message).help([format!("is it a {what} at all? one has a few kilobytes")]);
        // Of a file that is too large nothing is looked at.
        return Decoded { text: String::new(), wrong: Some(Box::new(remark)) };
    }
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let wrong = std::str::from_utf8(bytes).err().map(|error| Box::new(not_text(bytes, error.valid_up_to(), what)));
    Decoded { text: String::from_utf8_lossy(bytes).into_owned(), wrong }
}

fn not_text(bytes: &[u8], valid: usize, what: &str) -> Remark {
    let wide = matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..]);
    let help =
        if wide { "it looks like UTF-16: save it as UTF-8".to_owned() } else { format!("is it a {what} at all? one is text in UTF-8") };
    let place = Place { start: valid, end: valid + 1 };
    Remark::error(codes::NOT_TEXT, place, "the file is not text in UTF-8").label("the first byte that does not fit").help([help])
}

/// What is wrong with a file that is of no language of ours.
pub(super) fn of_another_kind(root: &Node, source: &Source, language: &Language) -> Option<Remark> {
    let what = language.file;
    let first = [format!("a {what} begins with `netcheck: v1` and `{what}: NAME`")];
    match &root.what {
        What::Nothing => {
            let place = (!source.of(root.at).as_str().is_empty()).then_some(root.at);
            return Some(Remark::error(codes::NOT_TEXT, place, "the file is empty").help(first));
        }
        What::Scalar(_) | What::Template(_) | What::Unset(_) | What::List(_) => {
            let remark = Remark::error(codes::WRONG_VALUE, root.at, format!("the file is not a {what}"));
            return Some(remark.label(format!("expected a map, {}", root.found())).help(first));
        }
        What::Map(_) | What::Broken => {}
    }
    let kubernetes = root.entry("apiVersion").filter(|_| root.entry("netcheck").is_none() && root.entry("kind").is_some());
    kubernetes.map(|entry| {
        let remark = Remark::error(codes::UNKNOWN_KEY, entry.key.at, format!("this is a Kubernetes object, not a {what}"));
        remark.help(first)
    })
}
