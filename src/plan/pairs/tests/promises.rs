//! Every promise of [`Strategy`], over random inventories of 1 to 2,000 nodes in 1 to 9 zones, of which some are not ready and
//! some take no part.

use super::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn full_is_everything(inventory in clusters(), seed: u64) {
        if affordable(Strategy::Full, &inventory) {
            let nodes = taking_part(&inventory);
            prop_assert!(each(&names(&chosen(&plain(Strategy::Full), &inventory, seed)), &nodes, nodes.len().saturating_sub(1)));
        }
    }

    #[test]
    fn with_ring_and_random_each_asks_and_is_asked_k_times(inventory in clusters(), seed: u64, k in 1_u32..12) {
        let nodes = taking_part(&inventory);
        for strategy in [Strategy::Ring { k }, Strategy::Random { k }] {
            let found = chosen(&plain(strategy), &inventory, seed);
            prop_assert!(each(&names(&found), &nodes, (k as usize).min(nodes.len().saturating_sub(1))));
            prop_assert_eq!(found.total, (nodes.len() * nodes.len().saturating_sub(1)) as u64);
        }
    }

    #[test]
    fn with_circulant_each_asks_and_is_asked_log_n_times(inventory in clusters(), seed: u64) {
        let nodes = taking_part(&inventory);
        prop_assert!(each(&names(&chosen(&plain(Strategy::Circulant), &inventory, seed)), &nodes, log2(nodes.len())));
    }

    #[test]
    fn per_zone_covers_every_ordered_pair_of_zones_evenly(inventory in clusters(), seed: u64, k in 1_u32..6) {
        let nodes = taking_part(&inventory);
        let zones = zones(&nodes);
        let pairs = names(&chosen(&plain(Strategy::PerZone { k }), &inventory, seed));
        for (from, sources) in &zones {
            let own: HashSet<&str> = sources.iter().map(|node| &*node.name).collect();
            for (to, targets) in &zones {
                let others: HashSet<&str> = targets.iter().map(|node| &*node.name).collect();
                let between: Names = pairs.iter().filter(|(source, target)| own.contains(&**source) && others.contains(&**target)).cloned().collect();
                let (asks, asked) = counts(&between);
                let wanted = (k as usize).min(targets.len() - usize::from(from == to));
                prop_assert!(sources.iter().all(|node| asks.get(&*node.name).copied().unwrap_or(0) == wanted));
                let (least, rest) = (sources.len() * wanted / targets.len(), sources.len() * wanted % targets.len());
                let times = |node: &&&Node| asked.get(&*node.name).copied().unwrap_or(0);
                prop_assert!(targets.iter().all(|node| (least..=least + usize::from(rest > 0)).contains(&times(&node))));
            }
        }
    }

    #[test]
    fn representatives_are_one_of_each_and_ready_where_one_is(inventory in clusters(), seed: u64) {
        let nodes = taking_part(&inventory);
        let by_name: HashMap<&str, &Node> = nodes.iter().map(|node| (&*node.name, *node)).collect();
        for by in Division::ALL {
            let group = |name: &str| said(by, by_name[name]);
            let groups: BTreeSet<_> = nodes.iter().map(|node| said(by, node)).collect();
            let pairs = names(&chosen(&plain(Strategy::Representatives { by }), &inventory, seed));
            let covered: BTreeSet<_> = pairs.iter().map(|(source, target)| (group(source), group(target))).collect();
            let wanted = groups.len() * groups.len().saturating_sub(1);
            prop_assert_eq!((covered.len(), pairs.len()), (wanted, wanted));
            for name in pairs.iter().flat_map(|(source, target)| [source, target]) {
                let alike = nodes.iter().filter(|node| said(by, node) == group(name));
                prop_assert!(by_name[&**name].standing == Standing::Expected || alike.clone().all(|node| node.standing != Standing::Expected));
            }
        }
    }

    #[test]
    fn a_node_more_changes_at_most_3k_pairs_of_ring_and_random(inventory in clusters(), seed: u64, k in 1_u32..12, zone in 1_u8..10) {
        let grown = grown(&inventory, zone);
        for strategy in [Strategy::Ring { k }, Strategy::Random { k }] {
            let (before, after) = (names(&chosen(&plain(strategy), &inventory, seed)), names(&chosen(&plain(strategy), &grown, seed)));
            prop_assert!(before.symmetric_difference(&after).count() <= 3 * k as usize);
        }
    }

    #[test]
    fn a_node_more_exchanges_at_most_2n_pairs_among_the_others_of_circulant(inventory in clusters(), seed: u64, zone in 1_u8..10) {
        let grown = grown(&inventory, zone);
        let of = |inventory: &Inventory| names(&chosen(&plain(Strategy::Circulant), inventory, seed));
        let (before, mut after) = (of(&inventory), of(&grown));
        after.retain(|(source, target)| source != "another" && target != "another");
        let most = 2 * taking_part(&grown).len();
        prop_assert!(before.difference(&after).count() <= most, "gone");
        prop_assert!(after.difference(&before).count() <= most, "come");
    }

    #[test]
    fn the_order_of_nodes_decides_nothing_and_the_seed_what_is_seeded(inventory in clusters(), seed: u64) {
        let mut reversed = inventory.clone();
        reversed.nodes.reverse();
        for strategy in ALL.into_iter().filter(|strategy| affordable(*strategy, &inventory)) {
            let found = chosen(&plain(strategy), &inventory, seed);
            prop_assert_eq!(&found.pairs, &chosen(&plain(strategy), &reversed, seed).pairs);
            prop_assert!(found.pairs.is_sorted());
            if matches!(strategy, Strategy::Ring { .. } | Strategy::Full) {
                prop_assert_eq!(&found.pairs, &chosen(&plain(strategy), &inventory, seed ^ 1).pairs);
            }
        }
    }

    #[test]
    fn two_sets_are_met_evenly_and_their_total_is_right(inventory in clusters(), seed: u64, k in 1_u32..9, cut in 1_u8..9, overlap in 0_u8..3) {
        let nodes = taking_part(&inventory);
        let number = |node: &Node| node.name.bytes().map(u64::from).sum::<u64>() % 9;
        let named = |of: &dyn Fn(u64) -> bool| {
            let names: Vec<_> = nodes.iter().filter(|node| of(number(node))).map(|node| node.name.clone()).collect();
            Group { network: Network::Pod, only: Selection::Named(names) }
        };
        let from = named(&|number| number < u64::from(cut));
        let to = named(&|number| number + u64::from(overlap) >= u64::from(cut));
        let size = |group: &Group| if let Selection::Named(names) = &group.only { names.clone() } else { Vec::new() };
        let (sources, targets) = (size(&from), size(&to));
        let common = sources.iter().filter(|name| targets.contains(name)).count();
        prop_assume!(!sources.is_empty() && !targets.is_empty());
        for strategy in [Strategy::Ring { k }, Strategy::Random { k }, Strategy::Circulant, Strategy::PerZone { k }, REPRESENTATIVES] {
            let wish = Wish { from: Source::Group(from.clone()), to: Destination::Agents(to.clone()), pairs: PairStrategy::plain(strategy), same_node: SameNode::Exclude, by: None };
            let found = chosen(&wish, &inventory, seed);
            let pairs = names(&found);
            prop_assert!(pairs.iter().all(|(source, target)| source != target));
            prop_assert_eq!(found.total, (sources.len() * targets.len() - common) as u64);
            prop_assert_eq!((found.ends.sources, found.ends.targets), (sources.len() as u64, targets.len() as u64));
            let (asks, asked) = counts(&pairs);
            let of = |counts: &HashMap<&str, usize>, name: &Arc<str>| counts.get(&**name).copied().unwrap_or(0);
            match strategy {
                Strategy::Ring { .. } | Strategy::Random { .. } => {
                    let all = |name: &Arc<str>| targets.len() - usize::from(targets.contains(name));
                    prop_assert!(sources.iter().all(|name| of(&asks, name) == all(name).min(k as usize)));
                    let least = sources.len() * targets.len().min(k as usize) / targets.len();
                    let most = if common == 0 { (sources.len() * targets.len().min(k as usize)).div_ceil(targets.len()) } else { usize::MAX };
                    let expected = least.saturating_sub(usize::from(common > 0))..=most;
                    prop_assert!(targets.iter().all(|name| expected.contains(&of(&asked, name))), "{:?}", strategy);
                }
                Strategy::Circulant => {
                    let (many, few, counts) = if sources.len() >= targets.len() { (&sources, &targets, &asks) } else { (&targets, &sources, &asked) };
                    let all = |name: &Arc<str>| few.len() - usize::from(few.contains(name));
                    prop_assert!(many.iter().all(|name| of(counts, name) == log2(all(name) + 1)));
                    let other = if sources.len() >= targets.len() { &asked } else { &asks };
                    prop_assert!(common > 0 || few.iter().all(|name| of(other, name) > 0));
                }
                Strategy::Full | Strategy::PerZone { .. } | Strategy::Representatives { .. } => {}
            }
        }
    }

    #[test]
    fn the_same_node_is_there_when_it_is_asked_for(inventory in clusters(), seed: u64) {
        let nodes = taking_part(&inventory).len() as u64;
        for strategy in ALL.into_iter().filter(|strategy| affordable(*strategy, &inventory)) {
            let wish = |same_node| Wish { from: Source::Group(Group::PODS), to: Destination::Agents(Group::NODES), pairs: PairStrategy::plain(strategy), same_node, by: None };
            let [without, with, only] = [SameNode::Exclude, SameNode::Include, SameNode::Only].map(|same| chosen(&wish(same), &inventory, seed));
            let own = |chosen: &Chosen| names(chosen).iter().filter(|(source, target)| source == target).count() as u64;
            prop_assert_eq!((own(&without), own(&only), only.total), (0, nodes, nodes));
            prop_assert_eq!((without.total, with.total), (nodes * nodes.saturating_sub(1), nodes * nodes));
            let between: Names = names(&with).into_iter().filter(|(source, target)| source != target).collect();
            prop_assert_eq!(between, names(&without));
            let each = if strategy == REPRESENTATIVES { zones(&taking_part(&inventory)).len() as u64 } else { nodes };
            prop_assert_eq!(own(&with), each);
        }
    }

    #[test]
    fn what_follows_beyond_the_limit_measures_fewer(inventory in clusters(), seed: u64, limit in 1_u64..5_000, first in 0..6_usize, second in 1..6_usize) {
        let (first, second) = (ALL[first], ALL[second]);
        if affordable(first, &inventory) {
            let pairs = PairStrategy { strategy: first, beyond: Some(Beyond { limit, strategy: second }) };
            let [plainly, instead] = [first, second].map(|strategy| chosen(&plain(strategy), &inventory, seed));
            let found = chosen(&every(pairs), &inventory, seed);
            let expected = if plainly.pairs.len() as u64 > limit && instead.pairs.len() < plainly.pairs.len() { instead } else { plainly };
            prop_assert_eq!((found.pairs, found.strategy), (expected.pairs, expected.strategy));
        }
    }
}

#[test]
fn another_seed_gives_other_pairs() {
    let inventory = cluster(&[(1, 5); 50]);
    for strategy in [Strategy::Circulant, Strategy::Random { k: 3 }] {
        assert_ne!(chosen(&plain(strategy), &inventory, 1).pairs, chosen(&plain(strategy), &inventory, 2).pairs);
    }
}

/// Written down once: the same on every machine and in every version.
#[test]
fn samples_are_the_same_everywhere() {
    let inventory = cluster(&[(1, 5), (2, 5), (1, 5), (2, 5), (0, 5)]);
    let check = |strategy, expected: &str| {
        let pairs: Vec<_> = names(&chosen(&plain(strategy), &inventory, 1))
            .iter()
            .map(|(source, target)| format!("{}{}", &source[4..], &target[4..]))
            .collect();
        assert_eq!(pairs.join(" "), expected, "{strategy:?}");
    };
    check(Strategy::Ring { k: 1 }, "03 10 21 34 42");
    check(Strategy::Random { k: 1 }, "01 12 23 34 40");
    check(Strategy::Circulant, "01 02 04 10 12 13 21 23 24 30 32 34 40 41 43");
    check(Strategy::PerZone { k: 1 }, "02 03 04 12 13 14 20 21 24 30 31 34 40 41");
    check(REPRESENTATIVES, "23 24 32 34 42 43");
    check(Strategy::Representatives { by: Division::Pool }, "02 04 20 24 40 42");
    check(Strategy::Representatives { by: Division::Kernel }, "02 03 04 20 23 24 30 32 34 40 42 43");
}
