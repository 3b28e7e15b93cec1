//! Source text as the house rules see it: no comments, no tests, grouped imports written out. It must not know any rule.

use std::collections::BTreeSet;
use std::path::Path;
use std::{fs, io};

/// A file of `src/` as the rules see it.
pub(super) struct Source {
    pub(super) path: String,
    /// All its code: no comments, grouped imports written out.
    pub(super) all: String,
    /// The same without what is compiled for tests alone.
    pub(super) code: String,
    pub(super) lines: usize,
    pub(super) opens_well: bool,
}

impl Source {
    pub(super) fn new(path: &str, text: &str) -> Self {
        let own = without_tests(path, text);
        let (all, code) = (written_out(&without_comments(text)), written_out(&without_comments(&own)));
        Self { path: path.to_owned(), all, code, lines: own.lines().count(), opens_well: text.starts_with("//! ") }
    }

    /// `run` for `src/run/agents.rs`; none for `lib.rs` and `main.rs`, which are above all layers.
    pub(super) fn module(&self) -> Option<&str> {
        let inner = self.path.strip_prefix("src/")?;
        let module = inner.split('/').next()?.trim_end_matches(".rs");
        (!matches!(module, "lib" | "main")).then_some(module)
    }

    /// How many `super::` lead from the file's own module to the root of the crate.
    pub(super) fn depth(&self) -> usize {
        let path = self.path.trim_start_matches("src/").trim_end_matches(".rs");
        path.trim_end_matches("/mod").split('/').count()
    }
}

fn without_comments(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    lines.map(|line| line.split(" // ").next().unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

/// Leaves out every item at the margin that has `#[cfg(test)]` before it, and files of tests altogether.
fn without_tests(path: &str, text: &str) -> String {
    if path.ends_with("/tests.rs") || path.contains("/tests/") {
        return String::new();
    }
    let (mut kept, mut in_tests) = (Vec::new(), false);
    for line in text.lines() {
        if in_tests {
            in_tests = !(line == "}" || (!line.starts_with([' ', '#', '/']) && line.ends_with(';')));
        } else if line == "#[cfg(test)]" {
            in_tests = true;
        } else {
            kept.push(line);
        }
    }
    kept.join("\n")
}

/// `use a::{b, c::{d, e}};` becomes `a::b a::c::d a::c::e`; everything else stays.
fn written_out(code: &str) -> String {
    let Some(start) = position_of_word(code, "use") else { return code.to_owned() };
    let (before, rest) = code.split_at(start);
    let (tree, after) = rest["use".len()..].split_once(';').unwrap_or((&rest["use".len()..], ""));
    let mut paths = Vec::new();
    flatten("", tree.trim(), &mut paths);
    format!("{before}\n{}\n{}", paths.join("\n"), written_out(after))
}

fn flatten(prefix: &str, tree: &str, paths: &mut Vec<String>) {
    let Some((head, group)) = tree.split_once('{') else { return paths.push(format!("{prefix}{tree}")) };
    let group = group.trim_end().trim_end_matches('}');
    let (mut depth, mut start) = (0_usize, 0);
    for (index, character) in group.char_indices().chain([(group.len(), ',')]) {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 || index == group.len() => {
                let item = group.get(start..index).unwrap_or_default().trim();
                if !item.is_empty() {
                    flatten(&format!("{prefix}{head}"), item, paths);
                }
                start = index + 1;
            }
            _ => {}
        }
    }
}

pub(super) fn is_part_of_name(character: Option<char>) -> bool {
    character.is_some_and(|character| character.is_alphanumeric() || character == '_')
}

pub(super) fn position_of_word(code: &str, word: &str) -> Option<usize> {
    code.match_indices(word).map(|(position, _)| position).find(|position| {
        let after = &code[position + word.len()..];
        !is_part_of_name(code[..*position].chars().next_back()) && (word.ends_with(['!', ':']) || !is_part_of_name(after.chars().next()))
    })
}

/// The modules of this crate that the code names by `crate::`.
pub(super) fn imports(code: &str) -> BTreeSet<&str> {
    let after = code.match_indices("crate::").map(|(position, path)| &code[position + path.len()..]);
    after.map(|rest| rest.split(|character: char| !is_part_of_name(Some(character))).next().unwrap_or_default()).collect()
}

pub(super) fn files_under(directory: &str, endings: &[&str]) -> io::Result<Vec<(String, String)>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut found, mut directories) = (Vec::new(), vec![root.join(directory)]);
    while let Some(directory) = directories.pop() {
        for entry in fs::read_dir(&directory).into_iter().flatten() {
            let path = entry?.path();
            let name = path.strip_prefix(root).unwrap_or(&path).to_string_lossy().into_owned();
            if path.is_dir() {
                directories.push(path);
            } else if endings.iter().any(|ending| name.ends_with(ending)) {
                found.push((name, fs::read_to_string(&path)?));
            }
        }
    }
    found.sort();
    Ok(found)
}
