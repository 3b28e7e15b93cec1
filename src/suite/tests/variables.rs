//! Variables from outside: types, sources and their order, and what expressions make of them.

use super::*;
use crate::model::suite::VarOrigin;

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
            "duration k = 1s set by --set",
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

/// A map that nobody gave a value has no fields, and each of them is none.
#[test]
fn conditions_ask_whether_an_optional_variable_has_a_value() {
    let why = |condition: &str, given: &[Given]| {
        let vars = "vars: { m: { type: map, optional: true }, l: { type: list, optional: true } }\ntests:";
        let text = with(&format!("probe: {{ type: icmp, family: v4 }}\nwhen: {condition}")).replace("tests:", vars);
        let reading = read(FILE, text.as_bytes(), given);
        let suite = reading.suite.unwrap_or_else(|| panic!("{text}\n{}", drawn(&reading.diagnostics)));
        suite.cases[0].skip.as_ref().map(|skip| skip.why.clone())
    };
    for condition in ["vars.m is none", "vars.m.a is none", "vars.l is none", "not vars.l is not none"] {
        assert_eq!(why(condition, &[]), None, "{condition}");
    }
    let skipped = "`vars.l is not none` is false, as vars.l = none: --set l=VALUE may change that";
    assert_eq!(why("vars.l is not none", &[]).as_deref(), Some(skipped));
    assert!(why("vars.m.a is not none", &[]).is_some());
    let given = sets(&[("m", "{a: 1}"), ("l", "[x]")]);
    assert_eq!(why("vars.m.a is not none and vars.l is not none", &given), None);
    assert!(why("vars.m.a is none", &given).is_some());
}

#[test]
fn a_list_and_a_map_have_at_most_1000_values() {
    let told = |value: &str| {
        let text = format!("netcheck: v1\nsuite: s\nvars: {{ a: {value} }}\ntests: [{{ id: t, from: pods, to: pods, probe: icmp }}]\n");
        let reading = read(FILE, text.as_bytes(), &[]);
        reading.diagnostics.into_iter().filter(|told| told.severity == Severity::Error).map(|told| told.message).collect::<Vec<_>>()
    };
    let list = |count: usize| format!("[{}]", vec!["x"; count].join(", "));
    let map = |count: usize| format!("{{ {} }}", (0..count).map(|number| format!("k{number}: x")).collect::<Vec<_>>().join(", "));
    for (most, more) in [(list(1_000), list(1_001)), (map(1_000), map(1_001))] {
        assert_eq!((told(&most), told(&more)), (Vec::new(), vec!["`a` has 1001 values".to_owned()]));
    }
    // Those inside of one are counted one by one, and so are the lists that they are in.
    assert_eq!(told(&format!("[{}]", vec!["[x]"; 500].join(", "))), Vec::<String>::new());
    assert_eq!(told(&format!("[{}, y]", vec!["[x]"; 500].join(", "))), ["`a` has 1001 values"]);
}

/// What would begin an expression is a text like any other where it is written so.
#[test]
fn what_variables_hold_may_have_braces_in_it() {
    let vars = r#"{ a: "$${{ x", b: ["$${{ y }}", z], c: { default: "$${{ n", choices: ["$${{ n", m] }, d: { k: "$${{ v" } }"#;
    assert_eq!(
        values(vars, &[]),
        [
            "string a = ${{ x default at suite.yaml:3",
            r#"list b = ["${{ y }}", "z"] default at suite.yaml:3"#,
            "string c = ${{ n default at suite.yaml:3",
            r#"map d = {"k": "${{ v"} default at suite.yaml:3"#,
        ]
    );
    let text = "netcheck: v1\nsuite: s\nvars: { a: \"$${{ x\" }\ntests:\n  - id: t\n    from: pods\n    to: pods\n    probe: icmp\n    \
                forEach: { e: [\"$${{ y\"] }\n    title: \"${{ vars.a }}, ${{ e }}\"\n";
    let title = |text: &str| good(text).cases[0].about.title.clone();
    assert_eq!(title(text).as_deref(), Some("${{ x, ${{ y"));
    let rendered = render(FILE, text.as_bytes(), &[], &|path| Err(path.to_owned())).unwrap();
    assert_eq!(title(&rendered).as_deref(), Some("${{ x, ${{ y"));
}
