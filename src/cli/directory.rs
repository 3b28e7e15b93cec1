//! Directories among the files that were named: each stands for the suites in it. It must not know the language.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use crate::model::diagnostic::Diagnostic;
use crate::suite::{self, FileKind};

use super::content::content;
use super::opened::{By, Opened, wrong};
use crate::model::units::counted;

/// The most entries of a directory that stands for its suites: more are some other directory.
const MOST: usize = 10_000;

/// The suites that are directly in it, in the order of their names. What is wrong with the directory has its remark.
pub(super) fn opened(directory: &Path) -> Vec<Opened> {
    let listing = match Listing::of(directory, MOST) {
        Ok(listing) => listing,
        Err(remark) => return refused(directory, *remark),
    };
    let found: Vec<Found> = listing.yaml.iter().map(|name| Found::of(directory.join(name))).collect();
    let nothing = nothing(&listing, &found);
    let suites: Vec<Opened> = found.into_iter().filter_map(Found::suite).collect();
    if suites.is_empty() { refused(directory, nothing) } else { suites }
}

fn refused(directory: &Path, remark: Diagnostic) -> Vec<Opened> {
    vec![Opened { path: directory.to_owned(), content: Err(vec![remark]), by: By::Name }]
}

/// What is in a directory and does not hide.
#[derive(Debug, PartialEq, Eq)]
struct Listing {
    /// The names of YAML, in order.
    yaml: Vec<OsString>,
    /// How many others there are.
    others: usize,
}

impl Listing {
    fn of(directory: &Path, most: usize) -> Result<Self, Box<Diagnostic>> {
        let unreadable = |error: std::io::Error| Box::new(wrong(format!("cannot look into this directory: {error}"), NAME_THEM));
        let mut listing = Self { yaml: Vec::new(), others: 0 };
        for (count, entry) in std::fs::read_dir(directory).map_err(unreadable)?.enumerate() {
            if count == most {
                let message = format!("this directory has more than {most} entries, and its suites are not looked for among so many");
                return Err(Box::new(wrong(message, NAME_THEM)));
            }
            let name = entry.map_err(unreadable)?.file_name();
            match name.as_bytes() {
                [b'.', ..] => {}
                _ if is_yaml(Path::new(&name)) => listing.yaml.push(name),
                _ => listing.others += 1,
            }
        }
        listing.yaml.sort();
        Ok(listing)
    }
}

const NAME_THEM: &str = "name the suite files themselves";

fn is_yaml(name: &Path) -> bool {
    name.extension().is_some_and(|ending| ["yaml", "yml"].iter().any(|yaml| ending.eq_ignore_ascii_case(yaml)))
}

/// What an entry that is called YAML turns out to be.
enum Found {
    /// Suites, and what nobody can tell apart from one: its remark is an error.
    Suite(Opened),
    /// Something else of our language.
    Ours(FileKind, PathBuf),
    /// Nothing of ours, or a directory.
    Passed,
}

impl Found {
    fn of(path: PathBuf) -> Self {
        let unreadable = |path: PathBuf, why: String| {
            let message = format!("cannot tell whether this is a suite: {why}");
            let help = "make it a file that can be read, or give it a name without .yaml: of a directory no suite is left out in silence";
            Self::Suite(Opened { path, content: Err(vec![wrong(message, help)]), by: By::Directory })
        };
        match std::fs::metadata(&path) {
            Ok(entry) if entry.is_dir() => return Self::Passed,
            Ok(entry) if !entry.is_file() => return unreadable(path, "it is no regular file".to_owned()),
            Ok(_) => {}
            Err(error) => return unreadable(path, error.to_string()),
        }
        let bytes = match content(&path) {
            Ok(bytes) => bytes,
            Err(error) => return unreadable(path, error.to_string()),
        };
        match suite::kind_of(&bytes) {
            FileKind::Suite => Self::Suite(Opened { path, content: Ok(bytes), by: By::Directory }),
            FileKind::Other => Self::Passed,
            kind @ (FileKind::Collection | FileKind::Part | FileKind::World) => Self::Ours(kind, path),
        }
    }

    fn suite(self) -> Option<Opened> {
        if let Self::Suite(opened) = self { Some(opened) } else { None }
    }
}

/// That there is no suite: what there is, and what to do.
fn nothing(listing: &Listing, found: &[Found]) -> Diagnostic {
    let of = |wanted: FileKind| {
        let ours = found.iter().filter_map(|found| if let Found::Ours(kind, path) = found { Some((*kind, path)) } else { None });
        ours.filter(move |(kind, _)| *kind == wanted).map(|(_, path)| path)
    };
    let ours = [(FileKind::Collection, "collection"), (FileKind::Part, "part"), (FileKind::World, "world")];
    let ours: Vec<_> = ours.into_iter().map(|(kind, noun)| (of(kind).count(), noun)).filter(|(count, _)| *count > 0).collect();
    let known = ours.iter().map(|(count, noun)| counted(*count, noun)).collect::<Vec<_>>().join(", ");
    let yaml = match listing.yaml.len() {
        0 if listing.others == 0 => "it is empty".to_owned(),
        0 => format!("no YAML file in it, and {} of other names", listing.others),
        1 => "1 YAML file in it, and it is no suite".to_owned(),
        count => format!("{count} YAML files in it, and none is a suite"),
    };
    let known = if known.is_empty() { known } else { format!(" ({known})") };
    let help = "a directory stands for the files *.yaml and *.yml directly in it that have `netcheck` and `suite` at their top; what is in further directories is named by itself";
    let mut remark = wrong(format!("there is no suite in this directory: {yaml}{known}"), help);
    remark.help.extend(of(FileKind::Collection).next().map(|path| format!("a collection is run by its own name: {}", path.display())));
    remark
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUITE: &str = "netcheck: v1\nsuite: s\ntests: []\n";

    fn home(files: &[(&str, &str)]) -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = home.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        home
    }

    /// The names of what was found, each with its remark if it has one.
    fn told(home: &tempfile::TempDir) -> Vec<(String, Option<String>)> {
        let name = |path: &Path| path.strip_prefix(home.path()).unwrap().to_string_lossy().into_owned();
        let remark = |opened: &Opened| opened.content.as_ref().err().map(|remarks| remarks[0].message.clone());
        opened(home.path()).iter().map(|opened| (name(&opened.path), remark(opened))).collect()
    }

    #[test]
    fn suites_are_found_by_what_they_are_in_the_order_of_their_names() {
        let home = home(&[
            ("b.yml", SUITE),
            ("a.netcheck.yaml", SUITE),
            ("C.YAML", SUITE),
            (".hidden.yaml", SUITE),
            ("no-yaml.txt", SUITE),
            ("further/d.yaml", SUITE),
            ("further.yaml/e.yaml", SUITE),
            ("part.yaml", "netcheck: v1\npart: p\n"),
            ("all.yaml", "netcheck: v1\ncollection: c\nsuites: [b.yml]\n"),
            ("world.yaml", "netcheck: v1\nworld: w\n"),
            ("values.yaml", "lossMax: 1%\n"),
            ("broken.yaml", "a: [\n"),
        ]);
        assert_eq!(told(&home), ["C.YAML", "a.netcheck.yaml", "b.yml"].map(|name| (name.to_owned(), None)));
    }

    #[test]
    fn what_could_be_a_suite_and_cannot_be_read_is_told() {
        let home = home(&[("a.yaml", SUITE), ("b.yaml", "netcheck: v1\nsuite: [\n")]);
        std::os::unix::fs::symlink("gone", home.path().join("c.yaml")).unwrap();
        nix::unistd::mkfifo(&home.path().join("d.yaml"), nix::sys::stat::Mode::S_IRWXU).unwrap();
        let why = |why: &str| Some(format!("cannot tell whether this is a suite: {why}"));
        let expected = [
            ("a.yaml", None),
            ("b.yaml", None),
            ("c.yaml", why("No such file or directory (os error 2)")),
            ("d.yaml", why("it is no regular file")),
        ];
        assert_eq!(told(&home), expected.map(|(name, remark)| (name.to_owned(), remark)));
    }

    #[test]
    fn a_directory_without_a_suite_says_what_is_there() {
        let none = "there is no suite in this directory: ";
        for (files, expected) in [
            (&[][..], "it is empty"),
            (&[("a.txt", SUITE), ("further/a.yaml", SUITE)], "no YAML file in it, and 2 of other names"),
            (&[("a.yaml", "a: b\n")], "1 YAML file in it, and it is no suite"),
            (
                &[("a.yaml", "netcheck: v1\npart: p\n"), ("b.yml", "a: b\n"), ("c.yml", "netcheck: v1\nsuites: [a.yaml]\n")],
                "3 YAML files in it, and none is a suite (1 collection, 1 part)",
            ),
        ] {
            assert_eq!(told(&home(files)), [(String::new(), Some(format!("{none}{expected}")))]);
        }
    }

    #[test]
    fn a_directory_of_anything_is_not_searched_for_ever() {
        let home = home(&[("a.yaml", SUITE), ("b", ""), ("c", "")]);
        let error = Listing::of(home.path(), 2).unwrap_err();
        assert_eq!(error.message, "this directory has more than 2 entries, and its suites are not looked for among so many");
        assert_eq!(Listing::of(home.path(), 3), Ok(Listing { yaml: vec!["a.yaml".into()], others: 2 }));
        let error = Listing::of(&home.path().join("gone"), 2).unwrap_err();
        assert!(error.message.starts_with("cannot look into this directory: "), "{}", error.message);
    }
}
