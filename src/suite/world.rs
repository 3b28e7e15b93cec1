//! World files: YAML text → [`World`], or what is wrong with it. It must not know what a world is used for.

use std::collections::BTreeSet;

use crate::model::world::World;

/// Reads a world file.
///
/// # Errors
/// In words, with line and column where the text is at fault.
pub fn world(text: &str) -> Result<World, String> {
    let options = serde_saphyr::options! { strict_booleans: true };
    let world: World = serde_saphyr::from_str_with_options(text, options).map_err(|error| in_words(&error.to_string()))?;
    let mut names = BTreeSet::new();
    for node in &world.nodes {
        if !names.insert(node.name.as_str()) {
            return Err(format!("two nodes are called {:?}", node.name));
        }
    }
    let ends = world.faults.iter().flat_map(|fault| [&fault.from, &fault.to]).flatten();
    if let Some(unknown) = ends.chain(world.agents.keys()).find(|name| !names.contains(name.as_str())) {
        return Err(format!("there is no node {unknown:?}; the nodes are {}", names.into_iter().collect::<Vec<_>>().join(", ")));
    }
    if let Some(number) = world.faults.iter().position(|fault| fault.lose.is_none() && !fault.refuse && fault.delay.is_none()) {
        return Err(format!("fault {} does nothing: give it lose, refuse or delay", number + 1));
    }
    Ok(world)
}

/// The reader's message in one line, without the drawing behind it: `line 5 column 3: unknown field …`.
fn in_words(message: &str) -> String {
    let line = message.lines().next().unwrap_or_default();
    line.trim_start_matches("error: ").split(" --> ").next().unwrap_or_default().trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: Result<usize, &str>) {
        match (world(&format!("netcheck: v1\nworld: w\nnodes: [{{name: a}}, {{name: b}}]\n{text}")), expected) {
            (Ok(world), Ok(faults)) => assert_eq!(world.faults.len(), faults, "{text}"),
            (Err(error), Err(part)) => assert!(error.contains(part), "{text}: {error}"),
            (found, wanted) => panic!("{text}: {found:?}, not {wanted:?}"),
        }
    }

    #[test]
    fn faults_and_agents_are_read_and_checked() {
        check("", Ok(0));
        check("faults: [{from: a, lose: 50%}, {protocol: udp, family: v6, refuse: true}, {delay: 10ms}]", Ok(3));
        check("agents: {a: {diesAfter: 3}, b: neverReady}", Ok(0));
        check("faults: [{from: c, lose: 50%}]", Err("there is no node \"c\"; the nodes are a, b"));
        check("agents: {c: neverReady}", Err("there is no node \"c\""));
        check("faults: [{from: a}]", Err("fault 1 does nothing"));
        check("faults: [{lose: 50}]", Err("expected a percentage"));
        check("faults: [{loose: 50%}]", Err("loose"));
        check("agents: {a: {explodes: 1}}", Err("explodes"));
    }

    #[test]
    fn nodes_have_names_of_their_own() {
        let error = world("netcheck: v1\nworld: w\nnodes: [{name: a}, {name: a}]").unwrap_err();
        assert_eq!(error, "two nodes are called \"a\"");
    }
}
