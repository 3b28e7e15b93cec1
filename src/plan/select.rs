//! Which cases of the suites a run is about: `-t` and `--case`. It must not know how the words were given.

use crate::model::suite::{Case, Suite};

/// What is asked for. Empty lists ask for everything.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Selection {
    /// Each a list joined by commas that must hold as a whole, `!` before what must not be there; one of the lists is enough.
    pub tags: Vec<String>,
    /// Case ids, with or without the suite; one of them is enough.
    pub cases: Vec<String>,
}

/// Keeps the cases that are selected; suites stay, even when empty.
///
/// # Errors
/// Nothing is selected, or a name or a tag that was asked for is in no suite: then less would be tested than was meant.
pub fn select(suites: Vec<Suite>, selection: &Selection) -> Result<Vec<Suite>, NothingSelected> {
    let all: Vec<(String, Vec<String>)> = suites.iter().flat_map(of_suite).map(|case| (case.id.to_string(), case.tags.clone())).collect();
    if let Some(unknown) = unknown(&all, selection) {
        return Err(NothingSelected::among(&all, &unknown).waiting(&suites, &unknown));
    }
    let tagged_at_all = suites.iter().flat_map(of_suite).any(|case| tagged(case, &selection.tags));
    let selected: Vec<Suite> = suites
        .into_iter()
        .map(|mut suite| {
            let wanted = |case: &Case| tagged(case, &selection.tags) && named(case, &selection.cases);
            suite.cases.retain(wanted);
            suite.pending.retain(|pending| wanted(&pending.stand_in));
            suite
        })
        .collect();
    if selected.iter().any(|suite| of_suite(suite).next().is_some()) {
        return Ok(selected);
    }
    // Every name is somewhere, so that either the tags exclude each other, or the two ask for different cases.
    if tagged_at_all && !selection.cases.is_empty() {
        return Err(NothingSelected::of_both(&all, selection));
    }
    Err(NothingSelected::among(&all, &Selection { cases: Vec::new(), ..selection.clone() }))
}

/// The cases of a suite, and what stands for those that are not known yet.
fn of_suite(suite: &Suite) -> impl Iterator<Item = &Case> {
    suite.cases.iter().chain(suite.pending.iter().map(|pending| &pending.stand_in))
}

/// What of the selection is in no suite at all, one name or one list of tags; none if everything is somewhere.
fn unknown(all: &[(String, Vec<String>)], selection: &Selection) -> Option<Selection> {
    let is_named = |wanted: &String| all.iter().any(|(id, _)| is_called(id, wanted));
    let is_tag = |tag: &str| all.iter().any(|(_, tags)| tags.iter().any(|own| own == tag));
    let is_known = |list: &String| list.split(',').map(str::trim).map(|term| term.strip_prefix('!').unwrap_or(term)).all(is_tag);
    let cases: Vec<String> = selection.cases.iter().filter(|wanted| !is_named(wanted)).take(1).cloned().collect();
    let tags: Vec<String> = selection.tags.iter().filter(|list| !is_known(list)).take(1).cloned().collect();
    (!cases.is_empty() || !tags.is_empty()).then_some(Selection { tags, cases })
}

fn tagged(case: &Case, wanted: &[String]) -> bool {
    let holds = |term: &str| match term.strip_prefix('!') {
        Some(tag) => !case.tags.iter().any(|own| own == tag),
        None => case.tags.iter().any(|own| own == term),
    };
    wanted.is_empty() || wanted.iter().any(|list| list.split(',').map(str::trim).all(holds))
}

fn named(case: &Case, wanted: &[String]) -> bool {
    wanted.is_empty() || wanted.iter().any(|id| *id == case.id.to_string() || *id == case.id.name())
}

/// No case is selected: that is never a pass.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing is selected: {asked}")]
pub struct NothingSelected {
    /// What was asked for, in words.
    pub asked: String,
    /// What to try, a line each.
    pub help: Vec<String>,
}

impl NothingSelected {
    fn among(all: &[(String, Vec<String>)], selection: &Selection) -> Self {
        if all.is_empty() {
            return Self { asked: "the suites hold no tests".to_owned(), help: vec!["add a test under `tests:`".to_owned()] };
        }
        let mut asked = Vec::new();
        let mut help = Vec::new();
        if !selection.cases.is_empty() {
            asked.push(format!("no case of {} is named {}", all.len(), selection.cases.join(" or ")));
            help.push(nearest(&selection.cases, all));
        }
        if !selection.tags.is_empty() {
            asked.push(format!("no case of {} has the tags {}", all.len(), selection.tags.join(" or ")));
            let mut tags: Vec<&str> = all.iter().flat_map(|(_, tags)| tags).map(String::as_str).collect();
            tags.sort_unstable();
            tags.dedup();
            help.push(if tags.is_empty() { "no test has any tag".to_owned() } else { format!("there are the tags {}", tags.join(", ")) });
        }
        Self { asked: asked.join(", or "), help }
    }

    /// There are cases of these names and cases with these tags, but they are not the same.
    fn of_both(all: &[(String, Vec<String>)], selection: &Selection) -> Self {
        let asked = format!("no case is both named {} and tagged {}", selection.cases.join(" or "), selection.tags.join(" or "));
        let named = all.iter().filter(|(id, _)| selection.cases.iter().any(|wanted| is_called(id, wanted)));
        let tags = |(id, tags): &(String, Vec<String>)| match tags.as_slice() {
            [] => format!("{id} has no tags"),
            tags => format!("{id} has the tags {}", tags.join(", ")),
        };
        Self { asked, help: named.take(SHOWN).map(tags).chain(["leave out either `--case` or `--tag`".to_owned()]).collect() }
    }
}

/// The most cases whose tags are shown.
const SHOWN: usize = 3;

/// Whether a case has that name, with or without its suite.
fn is_called(id: &str, wanted: &str) -> bool {
    id == wanted || id.split_once('/').is_some_and(|(_, name)| name == wanted)
}

impl NothingSelected {
    /// A case that is not there may be one of those that are not known yet.
    fn waiting(mut self, suites: &[Suite], unknown: &Selection) -> Self {
        let of_test = |case: &Case, id: &str| {
            let name = id.split_once('[').map_or(id, |(name, _)| name);
            *name == *case.id.test || name.split_once('/') == Some((&*case.id.suite, &*case.id.test))
        };
        let pending = || suites.iter().flat_map(|suite| &suite.pending);
        let found = unknown.cases.iter().find_map(|id| Some((id, pending().find(|pending| of_test(&pending.stand_in, id))?)));
        if let Some((id, pending)) = found {
            self.help = vec![format!("{id} may be one of {}: {}; give --inventory FILE", pending.stand_in.id, pending.why())];
        }
        self
    }
}

/// What to try instead: the case whose name differs least, if what differs is less than half of it.
fn nearest(wanted: &[String], all: &[(String, Vec<String>)]) -> String {
    let names = |id: &'_ str| [id.to_lowercase(), id.split_once('/').map_or(id, |(_, name)| name).to_lowercase()];
    let best = wanted
        .iter()
        .flat_map(|word| all.iter().filter_map(move |(id, _)| Some((names(id).iter().filter_map(|name| distance(word, name)).min()?, id))));
    match best.min_by_key(|(distance, _)| *distance) {
        Some((_, id)) => format!("did you mean {id:?}? `netcheck plan` lists all cases"),
        None => "`netcheck plan` lists all cases".to_owned(),
    }
}

/// How far a name is from a word, whatever their case; none if they have nothing to do with each other. What a test's name is
/// followed by, its axes, is often left out.
fn distance(word: &str, name: &str) -> Option<usize> {
    let word = word.to_lowercase();
    let distance = |name: &str| strsim::damerau_levenshtein(&word, name);
    let whole = distance(name);
    let test = name.split_once('[').map(|(test, _)| distance(test) + 1);
    let best = test.map_or(whole, |test| test.min(whole));
    (best * 2 <= word.chars().count().max(2) && (best == 0 || word.chars().count() > 1 || test == Some(1))).then_some(best)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Cases and tags by name; what is asked for is compared with what there is.
    fn check(tags: &[&str], cases: &[&str], expected: Result<(), &str>) {
        let all: Vec<(String, Vec<String>)> = vec![("s/a".to_owned(), vec!["smoke".to_owned()]), ("s/b[x=1]".to_owned(), Vec::new())];
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        let found = unknown(&all, &Selection { tags: words(tags), cases: words(cases) });
        match (found.map(|unknown| NothingSelected::among(&all, &unknown).to_string()), expected) {
            (None, Ok(())) => {}
            (Some(message), Err(part)) => assert!(message.contains(part), "{message}"),
            (found, wanted) => panic!("{tags:?} {cases:?}: {found:?}, not {wanted:?}"),
        }
    }

    #[test]
    fn a_name_that_is_nowhere_is_refused_even_beside_others() {
        check(&[], &["s/a", "b[x=1]"], Ok(()));
        check(&[], &["s/a", "s/bb"], Err("no case of 2 is named s/bb"));
        check(&["smoke,!smoke"], &[], Ok(()));
        check(&["smoke", "slwo"], &[], Err("no case of 2 has the tags slwo"));
        check(&["smoke,!slow"], &[], Err("no case of 2 has the tags smoke,!slow"));
        check(&["!"], &[], Err("has the tags !"));
        check(&["!!smoke"], &[], Err("has the tags !!smoke"));
        check(&[""], &[], Err("has the tags"));
    }

    #[test]
    fn a_case_that_is_meant_is_one_that_resembles_it() {
        let all = ["sel/a", "sel/b", "sel/reach[proto=udp]"].map(|id| (id.to_owned(), Vec::new()));
        for (wanted, expected) in [
            ("B", "did you mean \"sel/b\"? "),
            ("sel/B", "did you mean \"sel/b\"? "),
            ("raech", "did you mean \"sel/reach[proto=udp]\"? "),
            ("reach[proto=ucp]", "did you mean \"sel/reach[proto=udp]\"? "),
            ("x", ""),
            ("something", ""),
        ] {
            assert_eq!(nearest(&[wanted.to_owned()], &all), format!("{expected}`netcheck plan` lists all cases"), "{wanted}");
        }
    }

    #[test]
    fn names_and_tags_that_have_no_case_in_common_are_told_as_that() {
        let all = [("s/a".to_owned(), vec!["smoke".to_owned()]), ("s/b".to_owned(), Vec::new())];
        let selection = Selection { tags: vec!["smoke".to_owned()], cases: vec!["b".to_owned()] };
        let nothing = NothingSelected::of_both(&all, &selection);
        assert_eq!(nothing.to_string(), "nothing is selected: no case is both named b and tagged smoke");
        assert_eq!(nothing.help, ["s/b has no tags", "leave out either `--case` or `--tag`"]);
    }
}
