//! The fixtures of a suite. It must not know which tests ask them.

use std::collections::HashMap;
use std::sync::Arc;

use crate::model::fixture::{Fixture, Via};
use crate::model::service::Transport;
use crate::suite::codes;
use crate::suite::language::{FIXTURE_NAME, FRONTS, SERVED, Words, read_name, read_word};
use crate::suite::remarks::{Remark, Remarks};
use crate::suite::source::Place;
use crate::suite::tree::Node;

/// Those of a suite; what is none has been refused by the shape check.
pub(crate) fn fixtures(root: &Node, remarks: &mut Remarks) -> Vec<Fixture> {
    let mut seen: HashMap<Arc<str>, Place> = HashMap::new();
    let mut all = Vec::new();
    for echo in root.get("fixtures").map_or(&[][..], Node::items).iter().filter_map(|item| item.get("echo")) {
        let Some((fixture, at)) = fixture(echo) else { continue };
        if let Some(first) = seen.insert(Arc::clone(&fixture.name), at) {
            let remark = Remark::error(codes::DUPLICATE_ID, at, format!("two fixtures have the name `{}`", fixture.name));
            remarks.add(remark.label("the second").related(first, "the first").help(["give each fixture a name of its own"]));
            continue;
        }
        all.push(fixture);
    }
    all
}

fn fixture(echo: &Node) -> Option<(Fixture, Place)> {
    let node = echo.get("name")?;
    let name = read_name(node.scalar()?, &FIXTURE_NAME).ok()?;
    let serve = words(echo, "serve", &SERVED).map_or_else(|| Fixture::SERVES.to_vec(), |words| each(&words, transport));
    let vias = words(echo, "services", &FRONTS).map_or_else(|| Fixture::VIAS.to_vec(), |words| each(&words, via));
    Some((Fixture { name, serve, vias }, node.at))
}

/// None too if one of them is no such word: which it should be is not known.
fn words(echo: &Node, key: &str, words: &Words) -> Option<Vec<&'static str>> {
    let words = echo.get(key)?.items().iter().map(|item| read_word(item.scalar()?, words).ok());
    words.collect()
}

/// Each once, in a fixed order.
fn each<T: Ord>(words: &[&'static str], of: fn(&str) -> Option<T>) -> Vec<T> {
    let all: std::collections::BTreeSet<T> = words.iter().filter_map(|word| of(word)).collect();
    all.into_iter().collect()
}

/// Words are read from `SERVED`; a test goes through all of them.
fn transport(word: &str) -> Option<Transport> {
    Transport::of(&word.to_uppercase())
}

/// Words are read from `FRONTS`; a test goes through all of them.
fn via(word: &str) -> Option<Via> {
    match word {
        "clusterIP" => Some(Via::ClusterIp),
        "nodePort" => Some(Via::NodePort),
        "headless" => Some(Via::Endpoints),
        _ => None,
    }
}
