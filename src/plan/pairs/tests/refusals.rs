//! Why a case has no pair, in words that say what was asked for and what there is.

use super::*;

#[track_caller]
fn refuses(inventory: &Inventory, from: Selection, expected: &str) {
    let wish = Wish { from: Source::Group(Group { network: Network::Pod, only: from }), ..plain(Strategy::Full) };
    let found = chosen(&wish, inventory, 1);
    assert_eq!((found.pairs.len(), words(found.why_none).as_str()), (0, expected));
}

#[test]
fn what_is_not_there_is_said_with_what_is() {
    let mut inventory = cluster(&[(1, 5), (2, 5), (0, 2)]);
    inventory.nodes[0].labels.insert("pool".to_owned(), "blue".to_owned());
    let named = |names: &[&str]| Selection::Named(names.iter().map(|name| (*name).into()).collect());
    let labelled = |text: &str| Selection::Labelled(Selector::parse(text).unwrap());
    refuses(
        &inventory,
        Selection::Zone("a".to_owned()),
        "`from: pods: { zone: a }` fits none of 2 nodes; there are the zones zone1, zone2",
    );
    let excluded = "node2, which the rule not-linux leaves out (kubernetes.io/os=windows)";
    let absent = format!(
        "`from: pods: {{ nodes: [node0, node2, x] }}` asks for {excluded}, x, which is no node of the cluster; there are the nodes node0, node1"
    );
    refuses(&inventory, named(&["node0", "node2", "x"]), &absent);
    refuses(
        &inventory,
        labelled("pool=red"),
        "`from: pods: { selector: pool=red }` fits none of 2 nodes; of the label pool there are the values blue",
    );
    refuses(
        &inventory,
        labelled("pool,disk=ssd"),
        "`from: pods: { selector: pool,disk=ssd }` fits none of 2 nodes; none has the label disk",
    );
    refuses(&cluster(&[(0, 5)]), Selection::Zone("a".to_owned()), "`from: pods: { zone: a }` fits none of 1 node; none is in a zone");
    let excluded = Standing::Excluded { rule: "not-linux".into(), why: "kubernetes.io/os=windows".to_owned() };
    refuses(
        &super::inventory(vec![node("a", None, Standing::Expected), node("b", None, excluded)]),
        Selection::All,
        "fewer than two nodes take part",
    );
    assert_eq!(chosen(&plain(Strategy::Full), &cluster(&[(0, 5)]), 1).why_none, Some(Nothing::Alone));
    refuses(&cluster(&[]), Selection::All, "fewer than two nodes take part");
}

#[test]
fn ends_without_a_pair_say_why() {
    let there = cluster(&[(1, 5), (1, 5), (2, 5)]);
    let group = |name: &str| Group { network: Network::Pod, only: Selection::Named(vec![name.into()]) };
    let why = |wish: Wish| words(chosen(&wish, &there, 1).why_none);
    let one = Wish { from: Source::Group(group("node0")), to: Destination::Agents(group("node0")), ..plain(Strategy::Full) };
    assert_eq!(why(one), "`from: pods: { nodes: [node0] }` and `to: pods: { nodes: [node0] }` are one and the same node");
    let zone = Group { network: Network::Pod, only: Selection::Zone("zone1".to_owned()) };
    let one = Wish { from: Source::Group(zone.clone()), to: Destination::Agents(zone), ..plain(REPRESENTATIVES) };
    assert_eq!(why(one), "the strategy representatives takes one node of each zone, and there is one zone");
    let alone = |by, inventory: &Inventory| words(chosen(&plain(Strategy::Representatives { by }), inventory, 1).why_none);
    let known = inventory(vec![told(node("a", None, Standing::Expected), 1), told(node("b", None, Standing::Expected), 1)]);
    let unknown = inventory(vec![node("a", None, Standing::Expected), node("b", None, Standing::Expected)]);
    let takes = "the strategy representatives takes one node of each";
    assert_eq!(alone(Division::Zone, &known), format!("{takes} zone, and no node is in a zone"));
    assert_eq!(alone(Division::Pool, &known), format!("{takes} pool, and there is one pool"));
    assert_eq!(alone(Division::Kernel, &known), format!("{takes} kernel, and there is one kernel"));
    assert!(
        alone(Division::Pool, &unknown).starts_with(&format!("{takes} pool, and no node has one of the labels karpenter.sh/nodepool, "))
    );
    let old = format!("{takes} kernel, and no node tells its kernel; an inventory of an older netcheck does not have it");
    assert_eq!(alone(Division::Kernel, &unknown), old);
    let apart = Wish {
        from: Source::Group(group("node0")),
        to: Destination::Agents(Group { network: Network::Host, ..group("node1") }),
        same_node: SameNode::Only,
        ..plain(Strategy::Full)
    };
    assert!(why(apart).ends_with("`from: pods: { nodes: [node0] }` and `to: nodes: { nodes: [node1] }` have none in common"));
}

fn words(nothing: Option<Nothing>) -> String {
    match nothing {
        Some(Nothing::Impossible(why)) => why,
        other => panic!("{other:?}"),
    }
}
