//! Suites that are no suites, through the real program: each is refused with a message, within 200 MB.

use std::process::Command;

/// Runs `lint` on these bytes with 200 MB of address space, which bounds the memory from above.
fn check(name: &str, bytes: &[u8], expected: &str) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("suite.yaml");
    std::fs::write(&path, bytes).unwrap();
    let output = Command::new("sh")
        .args(["-c", "ulimit -v 204800 && exec \"$0\" lint \"$1\"", env!("CARGO_BIN_EXE_netcheck"), path.to_str().unwrap()])
        .env("NO_COLOR", "1")
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{name}: {stderr}");
    assert!(stderr.contains(expected), "{name}: {expected:?} is not said in:\n{stderr}");
    assert!(stderr.len() < 64 * 1024, "{name}: {} bytes of message", stderr.len());
}

#[test]
fn what_is_no_suite_is_refused() {
    let noise: Vec<u8> = (0_u32..100_000).map(|number| number.wrapping_mul(2_654_435_761).to_be_bytes()[0]).collect();
    let test = "  - { id: a, from: pods, to: pods, probe: udp }\n";
    check("no bytes", b"", "error");
    check("noise", &noise, "error");
    check("zeros", &[0; 10_000], "error");
    check("5 MB", format!("netcheck: v1\nsuite: a\ntests:\n{}", test.repeat(5_000_000 / test.len())).as_bytes(), "1 MiB");
    check("20,000 brackets", "[".repeat(20_000).as_bytes(), "error");
    check("20,000 levels", format!("netcheck: {}v1{}", "[".repeat(20_000), "]".repeat(20_000)).as_bytes(), "error");
    check("20,000 braces", "{a: ".repeat(20_000).as_bytes(), "error");
    let indented: Vec<String> = (0..1_000).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    check("1,000 indents", indented.concat().as_bytes(), "error");
}

#[test]
fn alias_bombs_do_not_go_off() {
    let mut laughs = String::from("netcheck: v1\na0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for level in 1..12 {
        let alias = format!("*a{}, ", level - 1).repeat(9);
        laughs += format!("a{level}: &a{level} [{}]\n", alias.trim_end_matches(", ")).as_str();
    }
    check("a billion laughs", laughs.as_bytes(), "error");
    let long = format!("netcheck: v1\na: &a {}\nb: [{}]\n", "x".repeat(50_000), "*a, ".repeat(2_000).trim_end_matches(", "));
    check("one long anchor, many aliases", long.as_bytes(), "error");
}
