//! Which tests need which others: unknown ones and circles are refused, and the others put into an order in which what is needed
//! comes first. It must not know what a test measures.

use std::collections::HashMap;

use super::codes;
use super::remarks::{Remark, Remarks, did_you_mean};
use super::source::Place;
use super::tree::Node;

/// What a test needs: the index of another, and where that is written.
type Need = (usize, Place);

/// The tests, each behind those that it needs; where nothing is needed, in the order of the file.
pub(crate) fn in_order<'a>(tests: &'a [Node], remarks: &mut Remarks) -> Vec<&'a Node> {
    let mut ids: HashMap<&str, usize> = HashMap::new();
    for (index, test) in tests.iter().enumerate() {
        if let Some(id) = id(test) {
            ids.entry(id).or_insert(index);
        }
    }
    let needs: Vec<Vec<Need>> = tests.iter().map(|test| needs(test, &ids, remarks)).collect();
    let mut walk = Walk { tests, needs: &needs, states: vec![State::New; tests.len()], order: Vec::new() };
    for index in 0..tests.len() {
        walk.visit(index, remarks);
    }
    walk.order.into_iter().map(|index| &tests[index]).collect()
}

fn id(test: &Node) -> Option<&str> {
    Some(&*test.get("id")?.scalar()?.text)
}

fn needs(test: &Node, ids: &HashMap<&str, usize>, remarks: &mut Remarks) -> Vec<Need> {
    let items = test.get("needs").map_or(&[][..], Node::items);
    let (mut needs, mut told) = (Vec::new(), HashMap::new());
    for item in items {
        let Some(scalar) = item.scalar() else { continue };
        match ids.get(&*scalar.text) {
            Some(index) => match told.insert(*index, item.at) {
                None => needs.push((*index, item.at)),
                Some(first) => remarks.error(|| {
                    let remark = Remark::error(codes::WRONG_VALUE, item.at, format!("`{}` is needed twice", scalar.text));
                    remark.label("the second").related(first, "the first").help(["leave one of them out"])
                }),
            },
            None => remarks.error(|| {
                let known = ids.keys().copied();
                let remark = Remark::error(codes::UNKNOWN_TEST, item.at, format!("the suite has no test `{}`", scalar.text));
                remark.label("expected the id of another test of this suite").help(did_you_mean(&scalar.text, known))
            }),
        }
    }
    needs
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    New,
    /// On the way from the test where the walk began.
    Open,
    Done,
}

/// A walk along the needs, without recursion: a chain may be as long as the file.
struct Walk<'a> {
    tests: &'a [Node],
    needs: &'a [Vec<Need>],
    states: Vec<State>,
    order: Vec<usize>,
}

impl Walk<'_> {
    fn visit(&mut self, first: usize, remarks: &mut Remarks) {
        if self.states[first] != State::New {
            return;
        }
        self.states[first] = State::Open;
        // Each test on the way, with how many of its needs were looked at.
        let mut way: Vec<(usize, usize)> = vec![(first, 0)];
        while let Some((test, looked_at)) = way.last_mut() {
            let Some((needed, at)) = self.needs[*test].get(*looked_at).copied() else {
                self.states[*test] = State::Done;
                self.order.push(*test);
                way.pop();
                continue;
            };
            *looked_at += 1;
            match self.states[needed] {
                State::New => {
                    self.states[needed] = State::Open;
                    way.push((needed, 0));
                }
                State::Open => remarks.error(|| self.circle(&way, needed, at)),
                State::Done => {}
            }
        }
    }

    /// `at` is where the circle closes; the others are shown with it.
    fn circle(&self, way: &[(usize, usize)], needed: usize, at: Place) -> Remark {
        let name = |index: usize| id(&self.tests[index]).unwrap_or_default();
        let from = way.iter().position(|(test, _)| *test == needed).unwrap_or_default();
        let circle = &way[from..];
        if let [(only, _)] = circle {
            let remark = Remark::error(codes::NEEDS_CIRCLE, at, format!("the test `{}` needs itself", name(*only)));
            return remark.help(["leave it out"]);
        }
        let names: Vec<_> = circle.iter().map(|(test, _)| format!("`{}`", name(*test))).collect();
        let message = format!(
            "tests need each other in a circle: {} needs {}, which needs {}",
            names[0],
            names[1..].join(", which needs "),
            names[0]
        );
        let steps = circle.iter().zip(&circle[1..]).take(SHOWN);
        let remark = Remark::error(codes::NEEDS_CIRCLE, at, message).label("this closes the circle");
        let remark = remark.help(["none of them could be the first: leave one of these needs out"]);
        steps.fold(remark, |remark, ((test, looked_at), (next, _))| {
            let place = self.needs[*test].get(looked_at.saturating_sub(1)).map_or(at, |(_, place)| *place);
            remark.related(place, format!("`{}` needs `{}`", name(*test), name(*next)))
        })
    }
}

/// The most steps of a circle that are shown.
const SHOWN: usize = 10;
