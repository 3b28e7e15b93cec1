//! What suites become.

use super::ends::pairs;
use super::*;
use crate::model::suite::{Case, Destination, Group, Source, Traffic};
use crate::model::vantage::Network;

/// A case in a line.
fn line(case: &Case) -> String {
    let pairs = pairs(case.pairs);
    let burst = case.probe.burst();
    let expect: Vec<_> = case.expect.iter().map(ToString::to_string).collect();
    format!(
        "{} {:?} {pairs} {} {} {}×{} {} | {}",
        case.id,
        case.tags,
        case.probe.kind(),
        burst.family,
        burst.count,
        burst.interval,
        burst.timeout,
        expect.join(", ")
    )
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let suite = good(text);
    assert_eq!(suite.cases.iter().map(line).collect::<Vec<_>>(), expected, "{text}");
}

#[test]
fn the_built_in_defaults() {
    check(
        LEAST,
        &[
            "s/t[family=v4] [] full 10000 icmp v4 20×10ms 1s | each.loss <= 0%",
            "s/t[family=v6] [] full 10000 icmp v6 20×10ms 1s | each.loss <= 0%",
        ],
    );
}

#[test]
fn the_last_axis_turns_fastest() {
    let names = |text: &str| good(text).cases.iter().map(|case| case.id.name()).collect::<Vec<_>>();
    let text = with("probe: { type: udp, family: v4 }\nmatrix: { b: [x, 1, true], a: { first: ' p ', second: q } }");
    let expected = ["t[b=x,a=first]", "t[b=x,a=second]", "t[b=1,a=first]", "t[b=1,a=second]", "t[b=true,a=first]", "t[b=true,a=second]"];
    assert_eq!(names(&text), expected);
    assert_eq!(names(&with("probe: udp\nmatrix: { a: [x] }")), ["t[a=x,family=v4]", "t[a=x,family=v6]"]);
    assert_eq!(names(&with("probe: { type: udp, family: v6 }")), ["t"]);
}

#[test]
fn combinations_are_left_out_and_added() {
    let check = |matrix: &str, expected: &[&str]| {
        let suite = good(&with(&format!("probe: {{ type: udp, family: v4, count: \"${{{{ matrix.n }}}}\" }}\nmatrix: {{ {matrix} }}")));
        let line = |case: &Case| format!("{} {}", case.id.name(), case.probe.burst().count);
        assert_eq!(suite.cases.iter().map(line).collect::<Vec<_>>(), expected, "{matrix}");
    };
    check("n: [1, 2], p: [a, b], exclude: [{ n: 1, p: b }]", &["t[n=1,p=a] 1", "t[n=2,p=a] 2", "t[n=2,p=b] 2"]);
    check("n: [1, 2], p: [a, b], exclude: [{ p: b }, { n: 2 }]", &["t[n=1,p=a] 1"]);
    check("n: [1], include: [{ n: 7 }, { n: 5 }]", &["t[n=1] 1", "t[n=7] 7", "t[n=5] 5"]);
    // In the order of the axes, with the value behind the label; what was left out may come back.
    let axes = "n: { few: 3, many: 300 }, p: [a, b]";
    check(
        &format!("{axes}, exclude: [{{ n: many }}], include: [{{ p: b, n: many }}, {{ p: c, n: few }}]"),
        &["t[n=few,p=a] 3", "t[n=few,p=b] 3", "t[n=many,p=b] 300", "t[n=few,p=c] 3"],
    );
    check("n: [1], exclude: [{ n: 1 }], include: [{ n: 1 }]", &["t[n=1] 1"]);
}

#[test]
fn expressions_keep_native_types() {
    check(
        &with(
            "matrix: { n: [5, 7], f: [v4] }\nprobe: { type: \"${{ 'udp' if matrix.n == 5 else 'tcp' }}\", count: \"${{ matrix.n + 100 }}\", \
             interval: \"${{ matrix.n }}0ms\", family: \"${{ matrix.f }}\" }\nexpect: { loss: \"< ${{ matrix.n }}%\" }",
        ),
        &[
            "s/t[n=5,f=v4] [] full 10000 udp v4 105×50ms 1s | each.loss < 5%",
            "s/t[n=7,f=v4] [] full 10000 tcp v4 107×70ms 1s | each.loss < 7%",
        ],
    );
}

#[test]
fn the_nearest_setting_wins() {
    let text = "netcheck: v1\nsuite: s\nvars: { n: 30 }\ndefaults:\n  from: pods\n  to: pods\n  timeout: 2s\n  pairs: circulant\n  \
                probe: { type: tcp, count: \"${{ vars.n }}\", family: v4 }\n  expect: { overall: { loss: 5% } }\ntests:\n  - { id: a }\n  \
                - { id: b, probe: udp, pairs: full, expect: { max: 3ms, p50: 1ms, loss: == 0%, overall: { p99: < 9ms } } }\n  \
                - { id: c, timeout: 3s, probe: { interval: 1ms } }\n  - { id: d, timeout: 3s, probe: { timeout: 4s } }\n";
    check(
        text,
        &[
            "s/a [] circulant tcp v4 30×10ms 2s | overall.loss <= 5%",
            "s/b [] full 10000 udp v4 30×10ms 2s | each.loss == 0%, each.p50 <= 1ms, each.max <= 3ms, overall.p99 < 9ms",
            "s/c [] circulant tcp v4 30×1ms 3s | overall.loss <= 5%",
            "s/d [] circulant tcp v4 30×10ms 4s | overall.loss <= 5%",
        ],
    );
}

#[test]
fn anchors_and_merges() {
    let text = "netcheck: v1\nsuite: s\ntests:\n  - &one\n    id: a\n    from: pods\n    to: pods\n    probe: { type: icmp, family: v4 }\n  \
                - { <<: *one, id: b, pairs: circulant }\n";
    check(text, &["s/a [] full 10000 icmp v4 20×10ms 1s | each.loss <= 0%", "s/b [] circulant icmp v4 20×10ms 1s | each.loss <= 0%"]);
}

#[test]
fn every_probe_type_becomes_a_probe() {
    for (word, _) in crate::suite::language::PROBE_TYPES.now {
        let probe = with(&format!("probe: {word}"));
        let text = match *word {
            "tls" => with("probe: tls\nexpect: { loss: 0%, tls: clusterCA }").replace("to: pods", "to: { host: 10.0.0.10, port: 443 }"),
            "dns" => probe.replace("    to: pods\n", "").replace("probe: dns", "probe: { type: dns, name: a.example }"),
            _ => probe,
        };
        assert_eq!(good(&text).cases[0].probe.kind(), *word);
    }
}

#[test]
fn the_envelope_arrives() {
    let suite = good(&LEAST.replace("suite: s\n", "suite: s\ntitle: A title\nexpectFamilies: [v6, v4]\n"));
    assert_eq!((&*suite.id, suite.title.as_deref(), &*suite.file), ("s", Some("A title"), FILE));
    assert_eq!(suite.expect_families, crate::model::family::Family::ALL);
}

#[test]
fn the_shipped_suite_is_clean() {
    let text = include_str!("../../../suites/overlay.yaml");
    let reading = read("suites/overlay.yaml", text.as_bytes(), &[]);
    assert_eq!(drawn(&reading.diagnostics), "");
    let suite = reading.suite.unwrap();
    let mut expected = Vec::new();
    for test in ["pod-to-pod", "pod-to-node", "node-to-pod", "node-to-node"] {
        let protos: &[&str] = if test == "pod-to-pod" { &["icmp", "udp", "tcp", "http"] } else { &["icmp", "udp", "tcp"] };
        for proto in protos {
            expected.extend(["v4", "v6"].map(|family| format!("overlay/{test}[proto={proto},family={family}]")));
        }
    }
    assert_eq!(suite.cases.iter().map(|case| case.id.to_string()).collect::<Vec<_>>(), expected);
    for case in &suite.cases {
        assert_eq!(case.expect.iter().map(ToString::to_string).collect::<Vec<_>>(), ["each.loss <= 10%", "overall.loss <= 1%"]);
        assert_eq!(case.unjudged.iter().map(|open| open.metric.name()).collect::<Vec<_>>(), ["p99"]);
        let (asks, asked) = (case.from == Source::Group(Group::PODS), case.to == Destination::Agents(Group::PODS));
        let ends = [(asks, "pod-to-node"), (asked, "node-to-pod"), (asks && asked, "pod-to-pod")];
        assert!(ends.iter().all(|(is_pods, test)| *case.id.test != **test || *is_pods), "{}", case.id);
        let host = case.from.network() == Network::Host || case.to.network() == Some(Network::Host);
        assert_eq!(case.tags, if host { ["overlay", "host"] } else { ["smoke", "overlay"] });
        let skip = case.skip.as_ref().map(|skip| (skip.code, skip.why.as_str()));
        assert_eq!(skip, host.then_some(("when", "vars.hosts is false: give --set hosts=true")), "{}", case.id);
    }
    let suite = read("suites/overlay.yaml", text.as_bytes(), &sets(&[("hosts", "true")])).suite.unwrap();
    assert!(suite.cases.len() == 26 && suite.cases.iter().all(|case| case.skip.is_none()));
}

#[test]
fn a_condition_decides_case_by_case() {
    let text = with("probe: { type: \"${{ matrix.p }}\", family: v4 }\nmatrix: { p: [icmp, tcp] }\nwhen: matrix.p == 'tcp'");
    let skips: Vec<_> = good(&text).cases.into_iter().map(|case| case.skip.map(|skip| skip.why)).collect();
    assert_eq!(skips, [Some("`matrix.p == 'tcp'` is false, as matrix.p = icmp".to_owned()), None]);
    assert_eq!(good(&with("probe: { type: icmp, family: v4 }\nwhen: true")).cases[0].skip, None);
}

#[test]
fn the_first_reason_to_skip_counts() {
    let skip = |keys: &str| {
        let mut cases = good(&with(&format!("probe: {{ type: icmp, family: v4 }}\n{keys}"))).cases;
        cases.pop().and_then(|case| case.skip).map(|skip| (skip.code, skip.why))
    };
    let both = "skipIf: [{ if: false, because: no }, { if: 1 < 2, because: first }, { if: true, because: second }]";
    assert_eq!(skip(both), Some(("skip-if", "first".to_owned())));
    assert_eq!(skip(&format!("when: false\n{both}")).unwrap().0, "when");
    assert_eq!(skip("skipIf: [{ if: false, because: no }]"), None);
    let of_an_axis = "matrix: { a: [x, y] }\nskipIf: [{ if: matrix.a == 'y', because: \"${{ matrix.a }} is not there\" }]";
    assert_eq!(skip(of_an_axis), Some(("skip-if", "y is not there".to_owned())));
}

#[test]
fn what_is_needed_comes_first() {
    let check = |tests: &[(&str, &str)], expected: &[&str]| {
        let line = |(id, needs): &(&str, &str)| format!("  - {{ id: {id}{needs} }}\n");
        let tests = tests.iter().map(line).collect::<Vec<_>>().concat();
        let text =
            format!("netcheck: v1\nsuite: s\ndefaults: {{ from: pods, to: pods, probe: {{ type: icmp, family: v4 }} }}\ntests:\n{tests}");
        assert_eq!(good(&text).cases.iter().map(|case| &*case.id.test).collect::<Vec<_>>(), expected, "{text}");
    };
    check(&[("a", ""), ("b", ""), ("c", "")], &["a", "b", "c"]);
    check(&[("a", ", needs: [c]"), ("b", ""), ("c", "")], &["c", "a", "b"]);
    check(&[("a", ""), ("b", ", needs: [a]"), ("c", "")], &["a", "b", "c"]);
    check(&[("a", ", needs: [d, c]"), ("b", ", needs: [d]"), ("c", ", needs: [b]"), ("d", "")], &["d", "b", "c", "a"]);
    // A chain through the whole file is no matter of the stack.
    let ids: Vec<String> = (0..3_000).map(|number| format!("t{number}")).collect();
    let needs: Vec<String> =
        (0..3_000).map(|number| if number < 2_999 { format!(", needs: [t{}]", number + 1) } else { String::new() }).collect();
    let chain: Vec<_> = ids.iter().map(String::as_str).zip(needs.iter().map(String::as_str)).collect();
    check(&chain, &ids.iter().rev().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn how_cases_go_among_others_arrives() {
    let text = with("probe: { type: icmp, family: v4 }\nexclusive: \"${{ matrix.x == 'a' }}\"\nmatrix: { x: [a, b] }\ndeadline: 90s");
    let text =
        text.replace("tests:", "vars: { long: 2m }\ndeadline: ${{ vars.long }}\ndefaults: { exclusive: false, deadline: 5s }\ntests:");
    let suite = good(&text);
    assert_eq!(suite.deadline, Some(crate::model::units::Micros(120_000_000)));
    let conduct = |case: &Case| (case.conduct.traffic, case.conduct.deadline.map(|deadline| deadline.0));
    let found: Vec<_> = suite.cases.iter().map(conduct).collect();
    assert_eq!(found, [(Traffic::Alone, Some(90_000_000)), (Traffic::Shared, Some(90_000_000))]);
}
