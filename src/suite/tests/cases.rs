//! What suites become.

use super::*;
use crate::model::suite::{Beyond, Case, Group, PairStrategy, SameNode, Strategy, Traffic, VarOrigin};
use crate::model::vantage::Network;

/// A strategy, its limit and what follows; `circulant` after `full` goes without saying.
fn pairs(pairs: PairStrategy) -> String {
    let one = |strategy: Strategy| match strategy {
        Strategy::Ring { k } | Strategy::Random { k } | Strategy::PerZone { k } => format!("{} {k}", strategy.word()),
        Strategy::Full | Strategy::Circulant | Strategy::Representatives => strategy.word().to_owned(),
    };
    match pairs.beyond {
        Some(Beyond { limit, strategy: Strategy::Circulant }) if pairs.strategy == Strategy::Full => format!("full {limit}"),
        Some(Beyond { limit, strategy }) => format!("{} {limit} {}", one(pairs.strategy), one(strategy)),
        None => one(pairs.strategy),
    }
}

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
        assert_eq!(good(&with(&format!("probe: {word}"))).cases[0].probe.kind(), *word);
    }
}

#[test]
fn variables_say_where_their_values_came_from() {
    let text = "netcheck: v1\nsuite: s\nvars:\n  lossMax: 1%\n  count: 100\ndefaults: { from: pods, to: pods }\ntests:\n  - id: t\n    \
                matrix: { limit: { low: 5ms } }\n    probe: { type: icmp, count: \"${{ vars.count }}\" }\n    expect:\n      \
                loss: <= ${{ vars.lossMax }}\n      p99: <= ${{ matrix.limit }}\n      max: 1s\n";
    let origins = |pairs: &[(&str, &str)]| {
        let suite = read(FILE, text.as_bytes(), &sets(pairs)).suite.unwrap();
        let bound = |bound: &crate::model::expect::Bound| format!("{bound}: {}", bound.origin.clone().unwrap_or_default());
        (suite.cases[0].expect.iter().map(bound).collect::<Vec<_>>(), suite)
    };
    let (found, suite) = origins(&[]);
    assert_eq!(
        found,
        ["each.loss <= 1%: vars.lossMax = 1%, default at suite.yaml:4", "each.p99 <= 5ms: matrix.limit = 5ms", "each.max <= 1s: "]
    );
    let bound = &suite.cases[0].expect[0].span;
    assert_eq!((bound.to_string().as_str(), bound.length, &*bound.text), ("suite.yaml:12:13", 22, "      loss: <= ${{ vars.lossMax }}"));
    assert_eq!((suite.cases[0].span.to_string().as_str(), suite.cases[0].span.length), ("suite.yaml:8:5", 5));
    assert!(matches!(&suite.vars[1].origin, VarOrigin::Default(span) if span.line == 5 && span.column == 10));
    let (found, suite) = origins(&[("lossMax", "3%"), ("lossMax", "2%"), ("count", "200")]);
    assert_eq!(found[0], "each.loss <= 2%: vars.lossMax = 2%, set by --set");
    assert_eq!((suite.vars[1].value.as_str(), &suite.vars[1].origin), ("200", &VarOrigin::Set));
    assert_eq!(suite.cases[0].probe.burst().count.get(), 200);
}

/// The values of all variables and where they came from.
fn values(vars: &str, given: &[Given]) -> Vec<String> {
    let text = LEAST.replace("tests:", &format!("vars: {vars}\ntests:"));
    let reading = read(FILE, text.as_bytes(), given);
    let suite = reading.suite.unwrap_or_else(|| panic!("{text}\n{}", drawn(&reading.diagnostics)));
    assert_eq!(suite.vars, reading.vars);
    suite.vars.iter().map(|var| format!("{} {} = {} {}", var.kind, var.name, var.value, var.origin.words(&var.name))).collect()
}

#[test]
fn the_nearest_source_wins() {
    let (file, diagnostics) = read_values("values.yaml", b"# here\na: 4\nb: 4\nc: 4\nd: 4\n");
    assert_eq!(drawn(&diagnostics), "");
    let environment = ["a", "b", "c", "d", "e"].map(|name| environment(name, "5"));
    let flags = [set("a", "1"), set_string("a", "2"), set_string("b", "3"), set("b", "2")];
    let given: Vec<_> = environment.into_iter().chain(file).chain(flags).collect();
    let vars = "{ a: { type: string, optional: true }, b: x, c: 1, d: 1, e: 1, f: 6 }";
    // A file of values is YAML, in which 4 is a number.
    let error = drawn(&read(FILE, LEAST.replace("tests:", &format!("vars: {vars}\ntests:")).as_bytes(), &given).diagnostics);
    assert!(error.contains("the value of `a` does not fit") && error.contains("values.yaml:2:4"), "{error}");
    let (file, _) = read_values("values.yaml", b"# here\nc: 4\nd: 4\n");
    let given: Vec<_> = given[..5].iter().cloned().chain(file).chain(given[9..].iter().cloned()).collect();
    assert_eq!(
        values(vars, &given),
        [
            "string a = 2 set by --set-string",
            "string b = 2 set by --set",
            "int c = 4 set at values.yaml:2",
            "int d = 4 set at values.yaml:3",
            "int e = 5 set by NETCHECK_VAR_e",
            "int f = 6 default at suite.yaml:3",
        ]
    );
}

#[test]
fn a_later_file_wins() {
    let of = |text: &str| read_values("values.yaml", text.as_bytes()).0;
    let given: Vec<_> = of("a: 2\nb: 2").into_iter().chain(of("\n\na: 3")).collect();
    assert_eq!(values("{ a: 1, b: 1 }", &given), ["int a = 3 set at values.yaml:3", "int b = 2 set at values.yaml:2"]);
    assert_eq!(read_values("values.yaml", b"# nothing\n").1, Vec::new());
}

#[test]
fn types_are_those_of_the_default_or_stated() {
    let vars = "{ a: x, b: 1, c: true, d: 1s, e: 1%, f: [1, [x]], g: { h: { i: no } }, h: { type: size, default: 9KiB }, \
                i: { type: host, default: 10.0.0.1 }, j: { type: cidr, optional: true }, k: { default: 5ms, choices: [5ms, 1s] }, \
                l: { type: map, default: { type: x } }, m: { type: list, default: [] }, n: {} }";
    assert_eq!(
        values(vars, &[set("k", "1000ms"), set("j", "10.0.0.0/8"), set("f", "[]")]),
        [
            "string a = x default at suite.yaml:3",
            "int b = 1 default at suite.yaml:3",
            "bool c = true default at suite.yaml:3",
            "duration d = 1s default at suite.yaml:3",
            "percent e = 1% default at suite.yaml:3",
            "list f = [] set by --set",
            "map g = {\"h\": {\"i\": \"no\"}} default at suite.yaml:3",
            "size h = 9KiB default at suite.yaml:3",
            "host i = 10.0.0.1 default at suite.yaml:3",
            "cidr j = 10.0.0.0/8 set by --set",
            "duration k = 1000ms set by --set",
            "map l = {\"type\": \"x\"} default at suite.yaml:3",
            "list m = [] default at suite.yaml:3",
            "map n = {} default at suite.yaml:3",
        ]
    );
}

#[test]
fn what_a_value_is_written_as_gives_the_same_value() {
    let vars = "{ a: [x, 'it''s \"quoted\"', 1, true, '1'], b: { c: [1, { d: ' e ' }], 'f g': h } }";
    let default = values(vars, &[]);
    let text = |index: usize| default[index].split(" = ").nth(1).unwrap().rsplit_once(" default at").unwrap().0.to_owned();
    let again = values(vars, &[set("a", &text(0)), set("b", &text(1))]);
    assert_eq!(again, default.iter().map(|line| line.replace("default at suite.yaml:3", "set by --set")).collect::<Vec<_>>());
}

#[test]
fn lists_and_maps_stay_what_they_are() {
    let case = |expression: &str| {
        let text = with(&format!("probe: {{ type: \"${{{{ {expression} }}}}\", family: v4 }}"));
        let vars = "vars: { list: [icmp, tcp], map: { tcp: { port: 53 }, 'k/v': udp }, size: { default: 2KiB, type: size }, none: { type: map, optional: true } }\n";
        good(&text.replace("tests:", &format!("{vars}tests:"))).cases[0].probe.kind()
    };
    for expression in [
        "vars.list[1]",
        "vars.list | last",
        "'tcp' if vars.list | length == 2 else 'udp'",
        "'tcp' if 'icmp' in vars.list else 'udp'",
        "'tcp' if 'tcp' in vars.map and 'udp' not in vars.map else 'udp'",
        "'tcp' if vars.map.tcp.port + 1 == 54 else 'udp'",
        "'tcp' if vars.size == 2048 else 'udp'",
        "'tcp' if vars.none is none else vars.none.proto",
        "'tcp' if not vars.none else 'udp'",
    ] {
        assert_eq!(case(expression), "tcp", "{expression}");
    }
    assert_eq!(case("vars.map['k/v']"), "udp");
}

#[test]
fn a_bound_without_a_value_is_shown_and_not_judged() {
    let text = with("probe: { type: udp, count: 200, family: v4 }\nexpect: { loss: 1%, overall: { p99: \"<= ${{ vars.p99Max }}\" } }")
        .replace("tests:", "vars: { p99Max: { type: duration, optional: true } }\ntests:");
    let of = |given: &[Given]| {
        let suite = read(FILE, text.as_bytes(), given).suite.unwrap();
        let case = &suite.cases[0];
        let open =
            case.unjudged.iter().map(|open| format!("{}.{}: {}", open.scope, open.metric.name(), open.origin.clone().unwrap_or_default()));
        (case.expect.iter().map(ToString::to_string).collect::<Vec<_>>(), open.collect::<Vec<_>>())
    };
    let expected = "overall.p99: vars.p99Max has no value, optional at suite.yaml:3".to_owned();
    assert_eq!(of(&[]), (vec!["each.loss <= 1%".to_owned()], vec![expected]));
    assert_eq!(of(&[set("p99Max", "5ms")]), (vec!["each.loss <= 1%".to_owned(), "overall.p99 <= 5ms".to_owned()], Vec::new()));
}

#[test]
fn a_field_of_a_map_without_a_value_has_none_either() {
    let text = with("probe: { type: udp, count: 200, family: v4 }\nexpect: { loss: 1%, overall: { p99: \"<= ${{ vars.most.p99 }}\" } }")
        .replace("tests:", "vars: { most: { type: map, optional: true } }\ntests:");
    let reading = |given: &[Given]| read(FILE, text.as_bytes(), given);
    assert_eq!(reading(&[]).suite.unwrap().cases[0].unjudged.len(), 1);
    assert_eq!(reading(&[set("most", "{p99: 5ms}")]).suite.unwrap().cases[0].expect.len(), 2);
    // A map that is there and has no such field is another matter.
    assert!(drawn(&reading(&[set("most", "{p95: 5ms}")]).diagnostics).contains("unknown variable `vars.most.p99`"));
}

#[test]
fn a_value_is_undeclared_only_if_no_suite_declares_it() {
    let declared = |vars: &str| read(FILE, LEAST.replace("tests:", &format!("vars: {vars}\ntests:")).as_bytes(), &[]).declared.unwrap();
    let (first, second) = (declared("{ a: 1 }"), declared("{ b: 1 }"));
    let given = [set("a", "1"), set("b", "1"), set("c", "1"), set("c", "2"), set_string("c", "1"), environment("d", "1")];
    let found = drawn(&undeclared(&given, &[&first, &second]));
    let words: Vec<_> = found.lines().filter(|line| line.contains("[NC")).collect();
    assert_eq!(
        words,
        [
            "error[NC1016] `--set c=…`: no suite has a variable `c`",
            "error[NC1016] `--set-string c=…`: no suite has a variable `c`",
            "warning[NC1131] `NETCHECK_VAR_d=…`: no suite has a variable `d`",
        ]
    );
}

#[test]
fn the_envelope_arrives() {
    let suite = good(&LEAST.replace("suite: s\n", "suite: s\ntitle: A title\nexpectFamilies: [v6, v4]\n"));
    assert_eq!((&*suite.id, suite.title.as_deref(), &*suite.file), ("s", Some("A title"), FILE));
    assert_eq!(suite.expect_families, crate::model::probe::Family::ALL);
}

#[test]
fn the_shipped_suite_is_clean() {
    let text = include_str!("../../../suites/overlay.yaml");
    let reading = read("suites/overlay.yaml", text.as_bytes(), &[]);
    assert_eq!(drawn(&reading.diagnostics), "");
    let suite = reading.suite.unwrap();
    let mut expected = Vec::new();
    for test in ["pod-to-pod", "pod-to-node", "node-to-pod", "node-to-node"] {
        for proto in ["icmp", "udp", "tcp"] {
            expected.extend(["v4", "v6"].map(|family| format!("overlay/{test}[proto={proto},family={family}]")));
        }
    }
    assert_eq!(suite.cases.iter().map(|case| case.id.to_string()).collect::<Vec<_>>(), expected);
    for case in &suite.cases {
        assert_eq!(case.expect.iter().map(ToString::to_string).collect::<Vec<_>>(), ["each.loss <= 10%", "overall.loss <= 1%"]);
        assert_eq!(case.unjudged.iter().map(|open| open.metric.name()).collect::<Vec<_>>(), ["p99"]);
        let ends = [(&case.from, "pod-to-node"), (&case.to, "node-to-pod"), (&case.from, "pod-to-pod"), (&case.to, "pod-to-pod")];
        assert!(ends.iter().all(|(group, test)| *case.id.test != **test || **group == Group::PODS), "{}", case.id);
        let host = case.from.network == Network::Host || case.to.network == Network::Host;
        assert_eq!(case.tags, if host { ["overlay", "host"] } else { ["smoke", "overlay"] });
        let skip = case.skip.as_ref().map(|skip| (skip.code, skip.why.as_str()));
        assert_eq!(skip, host.then_some(("when", "vars.hosts is false: give --set hosts=true")), "{}", case.id);
    }
    let suite = read("suites/overlay.yaml", text.as_bytes(), &sets(&[("hosts", "true")])).suite.unwrap();
    assert!(suite.cases.len() == 24 && suite.cases.iter().all(|case| case.skip.is_none()));
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

/// The first case of the shortest suite, with these lines instead of its ends.
fn ends(lines: &str) -> Case {
    let lines = lines.lines().map(|line| format!("    {line}\n")).collect::<Vec<_>>().concat();
    good(&LEAST.replace("    from: pods\n    to: pods\n", &lines)).cases.remove(0)
}

#[test]
fn groups_are_networks_and_selections() {
    let groups = |from: &str, to: &str| {
        let case = ends(&format!("from: {from}\nto: {to}"));
        (case.from.to_string(), case.to.to_string())
    };
    let check = |from: &str, to: &str, expected: (&str, &str)| assert_eq!(groups(from, to), (expected.0.to_owned(), expected.1.to_owned()));
    check("nodes", "pods", ("nodes", "pods"));
    check("pods", "{ nodes: { zone: eu-1a } }", ("pods", "nodes: { zone: eu-1a }"));
    check("{ pods: { nodes: n1 } }", "{ pods: { nodes: [n2, n1, n2] } }", ("pods: { nodes: [n1] }", "pods: { nodes: [n1, n2] }"));
    check(
        "{ pods: { selector: 'a=b, !c' } }",
        "{ pods: { zone: \"${{ 1 + 1 }}\" } }",
        ("pods: { selector: a=b, !c }", "pods: { zone: 2 }"),
    );
}

#[test]
fn strategies_have_their_numbers() {
    let check = |written: &str, expected: &str| assert_eq!(pairs(ends(&format!("from: pods\nto: pods\npairs: {written}")).pairs), expected);
    check("full", "full 10000");
    check("{ limit: 7 }", "full 7");
    check("{ beyond: random, k: 5 }", "full 10000 random 5");
    check("{ limit: 9, beyond: representatives }", "full 9 representatives");
    check("ring", "ring 3");
    check("{ strategy: ring, k: 1 }", "ring 1");
    check("random", "random 3");
    check("{ strategy: random, k: 9, limit: 50, beyond: ring }", "random 9 50 ring 9");
    check("perZone", "perZone 3");
    check("{ strategy: perZone, k: \"${{ 2 + 2 }}\", limit: 50, beyond: representatives }", "perZone 4 50 representatives");
    check("representatives", "representatives");
    check("{ strategy: circulant, limit: 50, beyond: representatives }", "circulant 50 representatives");
}

#[test]
fn the_same_node_is_left_out_unless_the_suite_says_otherwise() {
    let same = |lines: &str| ends(lines).same_node;
    assert_eq!(same("from: pods\nto: nodes"), SameNode::Exclude);
    assert_eq!(same("from: pods\nto: nodes\nsameNode: include"), SameNode::Include);
    assert_eq!(same("from: nodes\nto: pods\nsameNode: only"), SameNode::Only);
    let text = LEAST.replace("tests:", "defaults: { sameNode: include }\ntests:");
    assert_eq!(good(&text).cases[0].same_node, SameNode::Exclude);
    assert_eq!(good(&text.replace("to: pods", "to: nodes")).cases[0].same_node, SameNode::Include);
}
