//! Files that nobody wrote for us: each is refused with words, at once, without harm.

use proptest::prelude::*;
use rustix::time::{ClockId, clock_gettime};

use super::worlds::HEAD;
use super::*;

/// The code of the first error; the file must not take long, nor make many or long words.
#[track_caller]
fn check(name: &str, bytes: &[u8], expected: Option<&str>) {
    let started = worked();
    let reading = read(FILE, bytes, &[]);
    // A bound against what grows with the square or worse: a thousand times what is usual.
    assert!(worked() - started < 10, "{name}: {} s", worked() - started);
    assert!(reading.diagnostics.len() <= 101, "{name}");
    let text = drawn(&reading.diagnostics);
    assert!(text.len() < 101 * 4_000, "{name}: {}", text.len());
    assert!(!text.contains(|character: char| character.is_control() && character != '\n'), "{name}: {text}");
    let first = reading.diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error);
    assert_eq!(first.map(|diagnostic| diagnostic.code), expected, "{name}: {text:.2000}");
}

/// Seconds of work of this thread: how busy the machine is does not matter.
fn worked() -> i64 {
    clock_gettime(ClockId::ThreadCPUTime).tv_sec
}

/// A repeatable noise.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut byte = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    (0..length).map(|_| byte()).collect()
}

#[test]
fn no_text_at_all() {
    check("nothing", b"", Some(codes::NOT_TEXT));
    check("a byte order mark", b"\xef\xbb\xbf", Some(codes::NOT_TEXT));
    check("noise", &noise(100_000), Some(codes::NOT_TEXT));
    check("UTF-16", b"\xff\xfen\0e\0", Some(codes::NOT_TEXT));
    check("zeros", &vec![0; 100_000], Some(codes::NOT_YAML));
    let printable: Vec<_> = noise(SIZE_LIMIT).into_iter().map(|byte| b' ' + byte % 95).collect();
    check("one long line", &printable, Some(codes::WRONG_VALUE));
    check("a long word", "a".repeat(SIZE_LIMIT).as_bytes(), Some(codes::WRONG_VALUE));
}

#[test]
fn too_much() {
    check("5 MB", "# comment\n".repeat(500_000).as_bytes(), Some(codes::TOO_BIG));
    check("brackets", "[".repeat(20_000).as_bytes(), Some(codes::TOO_BIG));
    check("braces", "{a: ".repeat(20_000).as_bytes(), Some(codes::TOO_BIG));
    check("dashes", "- ".repeat(20_000).as_bytes(), Some(codes::TOO_BIG));
    check("question marks", "? ".repeat(20_000).as_bytes(), Some(codes::TOO_BIG));
    let deep = (0..1_300).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect::<Vec<_>>().concat();
    check("indentation", deep.as_bytes(), Some(codes::TOO_BIG));
    check("items", "- \n".repeat(SIZE_LIMIT / 3).as_bytes(), Some(codes::TOO_BIG));
    let bomb = (1..30).map(|n| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 9].join(","))).collect::<Vec<_>>().concat();
    check("an alias bomb", format!("a0: &a0 [x]\n{bomb}").as_bytes(), Some(codes::TOO_BIG));
    let wide = format!("a: &a {}\nb: [{}]\n", "x".repeat(50_000), vec!["*a"; 2_000].join(", "));
    check("a wide anchor", wide.as_bytes(), Some(codes::TOO_BIG));
    check("an anchor in itself", b"a: &a [*a]", Some(codes::NOT_YAML));
    let unknown = (0..20_000).map(|number| format!("key{number}: 1\n")).collect::<Vec<_>>().concat();
    check("unknown keys", unknown.as_bytes(), Some(codes::MISSING_KEY));
    let reading = read(FILE, unknown.as_bytes(), &[]);
    assert_eq!(reading.diagnostics.last().unwrap().message, "and 19901 more");
    let letter = |number: usize| char::from(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_-"[number % 54]);
    let near = |number: usize| format!("ex{}ect{}ami{}ies: 1\n", letter(number), letter(number / 54), letter(number / 2_916));
    let resembling = (0..49_000).map(near).filter(|line| !line.starts_with("expectFamilies")).collect::<Vec<_>>().concat();
    let resembling = LEAST.replace("tests:", &format!("{resembling}expectFamilies: [v4]\ntests:"));
    check("keys that resemble one that is there", resembling.as_bytes(), Some(codes::UNKNOWN_KEY));
    let names = (0..5_500).map(|number| format!("  - {{ id: t{number} }}\n")).collect::<Vec<_>>().concat();
    let tests = format!("netcheck: v1\nsuite: s\ndefaults: {{ from: pods, to: pods, probe: icmp }}\ntests:\n{names}");
    check("tests", tests.as_bytes(), Some(codes::TOO_MANY_CASES));
    let taints = |count: usize| LEAST.replace("tests:", &format!("agents: {{ tolerations: [{}] }}\ntests:", vec!["a"; count].join(",")));
    check("many tolerations", taints(64).as_bytes(), None);
    check("too many tolerations", taints(65).as_bytes(), Some(codes::TOO_BIG));
    let axis: Vec<_> = (0..101).map(|number| number.to_string()).collect();
    let axes = with(&format!("probe: icmp\nmatrix: {{ a: [{0}], b: [{0}], c: [{0}], d: [{0}], e: [{0}] }}", axis.join(",")));
    check("a matrix", axes.as_bytes(), Some(codes::TOO_MANY_CASES));
    let combinations = "matrix: { a: [AXIS], b: [AXIS] }\nprobe: icmp".replace("AXIS", &axis[..70].join(","));
    let names = (0..3_000).map(|number| format!("n{number}")).collect::<Vec<_>>().join(",");
    check("combinations", with(&combinations).as_bytes(), None);
    check("combinations of many tags", with(&format!("tags: [{names}]\n{combinations}")).as_bytes(), Some(codes::TOO_BIG));
    let reasons = vec!["{ if: 1 > 2, because: x }"; 3_000].join(",");
    check("combinations of many reasons", with(&format!("skipIf: [{reasons}]\n{combinations}")).as_bytes(), Some(codes::TOO_BIG));
    let statuses = vec!["200"; 3_000].join(",");
    let web = combinations.replace("probe: icmp", &format!("probe: http\nexpect: {{ loss: 0%, status: [{statuses}] }}"));
    check("combinations of many statuses", with(&web).as_bytes(), Some(codes::TOO_BIG));
    let (axis, out): (Vec<_>, Vec<_>) = (0..100).map(|number| (number.to_string(), format!("{{ a: {number} }}"))).unzip();
    let empty = format!("matrix: {{ a: [{0}], b: [{0}], exclude: [{1}] }}", axis.join(","), out.join(","));
    let tests = (0..150).map(|number| format!("  - {{ id: t{number}, from: pods, to: pods, probe: icmp, {empty} }}\n")).collect::<Vec<_>>();
    let text = format!("netcheck: v1\nsuite: s\ntests:\n{}", tests.concat());
    check("matrices that leave all out", text.as_bytes(), Some(codes::BAD_COMBINATION));
}

#[test]
fn too_much_in_variables() {
    let suite = |vars: &str| LEAST.replace("tests:", &format!("vars:\n{vars}tests:"));
    let long = vec!["1"; 1_001].join(",");
    check("a long list", suite(&format!("  a: [{long}]\n")).as_bytes(), Some(codes::WRONG_VALUE));
    check("a long list by choice", suite(&format!("  a: {{ type: list, default: [{long}] }}\n")).as_bytes(), Some(codes::WRONG_VALUE));
    let missing = (0..20_000).map(|number| format!("  a{number}: {{ type: int }}\n")).collect::<Vec<_>>().concat();
    let cases =
        with("probe: { type: icmp, count: \"${{ vars.a7 + matrix.n }}\" }\nmatrix: { n: [1, 2, 3], m: [1, 2, 3, 4, 5, 6, 7, 8, 9] }");
    check("variables without values", cases.replace("tests:", &format!("vars:\n{missing}tests:")).as_bytes(), Some(codes::VALUE_MISSING));
    let text = suite("  a: { type: list, optional: true }\n  b: { type: map, optional: true }\n");
    let deep = "[".repeat(30_000) + &"]".repeat(30_000);
    for value in [deep.as_str(), &format!("[{long}]"), &"x".repeat(1 << 20), "[*a]", "&a [*a]", "{? [a] : b}", "", "\u{0}"] {
        for name in ["a", "b"] {
            assert!(read(FILE, text.as_bytes(), &[set(name, value)]).suite.is_none(), "{name}: {value:.80}");
        }
    }
    for file in ["[".repeat(20_000), noise(1_000).iter().map(|byte| char::from(*byte)).collect(), "a: 1\n".repeat(SIZE_LIMIT)] {
        assert!(!read_values("values.yaml", file.as_bytes()).1.is_empty(), "{file:.80}");
    }
}

#[test]
fn as_many_cases_as_there_may_be() {
    let axis: Vec<_> = (0..70).map(|number| number.to_string()).collect();
    let text = with(&format!(
        "probe: {{ type: \"${{{{ 'icmp' }}}}\", count: \"${{{{ matrix.a + matrix.b + 1 }}}}\" }}\nmatrix: {{ a: [{0}], b: [{0}] }}",
        axis.join(",")
    ));
    check("9,800 cases", text.as_bytes(), None);
}

#[test]
fn expressions_cannot_harm() {
    let nested = "(".repeat(400) + &")".repeat(400);
    let chain = "x ~ ".repeat(200) + "x";
    let texts = vars_of(&[
        "'a' * 100000000",
        &nested,
        &chain,
        "1 / 0",
        "9223372036854775807 + 1",
        "-9223372036854775808 // -1",
        "{'a': 1}.a.b",
        "1 if",
    ]);
    for text in texts {
        assert!(read(FILE, text.as_bytes(), &[]).suite.is_none(), "{text}");
    }
}

fn vars_of(expressions: &[&str]) -> Vec<String> {
    expressions.iter().map(|expression| with(&format!("probe: \"${{{{ {expression} }}}}\""))).collect()
}

#[test]
fn ways_of_writing_that_are_all_right() {
    check("line breaks of Windows", LEAST.replace('\n', "\r\n").as_bytes(), None);
    check("a byte order mark", format!("\u{feff}{LEAST}").as_bytes(), None);
    check("a document mark", format!("---\n{LEAST}...\n").as_bytes(), None);
    check("a version of YAML", format!("%YAML 1.2\n---\n{LEAST}").as_bytes(), None);
    check("JSON", br#"{"netcheck":"v1","suite":"s","tests":[{"id":"t","from":"pods","to":"pods","probe":"icmp"}]}"#, None);
    // In YAML 1.1 these were truth values, and `n: no` a suite's undoing.
    check("words that look like truth values", with("probe: icmp\nmatrix: { n: [no, on, y] }\ntags: [no, off]").as_bytes(), None);
    check("a tab behind a value", LEAST.replace("suite: s", "suite: s\t# s").as_bytes(), None);
}

const OVERLAY: &str = include_str!("../../../suites/overlay.yaml");

/// How many of each: 400, or more if `PROPTEST_CASES` says so, which the default goes by.
fn rounds() -> u32 {
    ProptestConfig::default().cases.max(400)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: rounds(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..2_000), behind in any::<bool>()) {
        let bytes = if behind { [OVERLAY.as_bytes(), &bytes].concat() } else { bytes };
        let _ = drawn(&read(FILE, &bytes, &[]).diagnostics);
    }


    #[test]
    fn mutations_never_panic(edits in proptest::collection::vec((0..OVERLAY.len(), 0..12_usize, "[ -~\n\t\u{e4}\u{0}]{0,6}"), 1..8)) {
        let mut bytes = OVERLAY.as_bytes().to_vec();
        for (at, length, text) in edits {
            let at = at.min(bytes.len());
            let end = (at + length).min(bytes.len());
            bytes.splice(at..end, text.into_bytes());
        }
        let reading = read(FILE, &bytes, &sets(&[("lossMax", "2%")]));
        prop_assert_eq!(reading.suite.is_none(), reading.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error));
        let _ = drawn(&reading.diagnostics);
    }

    #[test]
    fn expressions_never_panic(words in proptest::collection::vec(
        prop_oneof!["[a-z]{1,3}", "[0-9]{1,20}", Just("vars.lossMax".to_owned()), Just("'x'".to_owned()), "[-+/%~|.,()<>=!\\[\\]{}:]{1,2}",
            Just("if".to_owned()), Just("else".to_owned()), Just("is".to_owned()), Just("not".to_owned()), Just("in".to_owned()), Just("round".to_owned())],
        0..12,
    )) {
        let text = OVERLAY.replace("matrix.proto }}", &format!("{} }}}}", words.join(" ")));
        let reading = read(FILE, text.as_bytes(), &[]);
        let _ = drawn(&reading.diagnostics);
    }
}

#[test]
fn expressions_make_nothing_large_of_something_small() {
    let item = "x".repeat(900);
    let list = |items: usize| format!("vars: {{ l: [{}] }}\n", vec![format!("\"{item}\""); items].join(", "));
    let suite = |vars: &str, title: &str| {
        format!(
            "netcheck: v1\nsuite: s\n{vars}defaults: {{ from: pods, to: pods, probe: icmp }}\ntests:\n  - {{ id: t, title: \"{title}\" }}\n"
        )
    };
    check("a large list", suite(&list(100), "x").as_bytes(), Some(codes::WRONG_VALUE));
    let many = |times| "${{ vars.l | string }}".repeat(times);
    check("a list again and again", suite(&list(60), &many(100)).as_bytes(), Some(codes::NO_RESULT));
    check("more expressions than a text may have", suite(&list(60), &many(101)).as_bytes(), Some(codes::BAD_EXPRESSION));
    check("a megabyte of expressions", suite("", &"${{ 1 }}".repeat(120_000)).as_bytes(), Some(codes::BAD_EXPRESSION));
}

#[track_caller]
fn check_world(name: &str, bytes: &[u8], expected: &str) {
    let reading = read_world("world.yaml", bytes);
    assert!(reading.world.is_none(), "{name}");
    assert!(reading.diagnostics.len() <= 101, "{name}");
    assert!(reading.diagnostics.iter().any(|diagnostic| diagnostic.code == expected), "{name}: {:.2000}", drawn(&reading.diagnostics));
}

#[test]
fn worlds_that_nobody_wrote_for_us_are_refused_with_words() {
    check_world("nothing", b"", codes::NOT_TEXT);
    check_world("UTF-16", b"\xff\xfen\0e\0", codes::NOT_TEXT);
    check_world("5 MB", "# comment\n".repeat(500_000).as_bytes(), codes::TOO_BIG);
    check_world("brackets", "[".repeat(20_000).as_bytes(), codes::TOO_BIG);
    let nodes: Vec<_> = (0..5_001).map(|number| format!("- {{ name: n{number} }}\n")).collect();
    check_world("nodes", format!("netcheck: v1\nworld: w\nnodes:\n{}", nodes.concat()).as_bytes(), codes::TOO_BIG);
    check_world("faults", format!("{HEAD}faults:\n{}", "- lose: 5%\n".repeat(1_001)).as_bytes(), codes::TOO_BIG);
    let line = "{ after: 1, then: cut },".repeat(1_001);
    let taints = vec!["a:NoExecute"; 257].join(",");
    check_world("taints", HEAD.replace("zone: a", &format!("taints: [{taints}]")).as_bytes(), codes::TOO_BIG);
    check_world("line", format!("{HEAD}agents: {{ node1: {{ line: [{line}] }} }}").as_bytes(), codes::TOO_BIG);
    check_world("ends", format!("{HEAD}faults:\n{}", "- { at: nobody, lose: 5% }\n".repeat(1_000)).as_bytes(), codes::AND_MORE);
}
