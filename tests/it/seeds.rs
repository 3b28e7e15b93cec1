//! `--seed date`, through the real binary: each day has a seed of its own, which is told as a number that repeats it.

use std::path::Path;
use std::process::{Command, Output};

use jiff::Timestamp;
use jiff::tz::TimeZone;

fn netcheck(arguments: &[&str]) -> Output {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/pairs-seed");
    let mut command = Command::new(env!("CARGO_BIN_EXE_netcheck"));
    command.args(arguments).args(["suite.yaml", "--backend", "simulated", "--world", "world.yaml"]).current_dir(root);
    command.env("NO_COLOR", "1").output().unwrap()
}

fn today() -> String {
    Timestamp::now().to_zoned(TimeZone::UTC).strftime("%Y%m%d").to_string()
}

/// The seed that is told, which is that of the day on which it was asked for, or of the next.
#[track_caller]
fn told(told: impl Fn() -> String) -> String {
    let before = today();
    let text = told();
    let seed = text.split("seed ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
    assert!([before, today()].contains(&seed), "{text}");
    seed
}

#[test]
fn todays_seed_is_told_as_the_number_that_repeats_its_plan() {
    let plan = |seed: &str| {
        let output = netcheck(&["plan", "--seed", seed]);
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let seed = told(|| plan("date"));
    let of_that_day = plan(&seed);
    assert!(of_that_day.contains(&format!("seed {seed} ")));
    assert_ne!(of_that_day, plan(&(seed.parse::<u64>().unwrap() + 1).to_string()), "another day, another plan");
    if today() == seed {
        let again = plan("date");
        assert!(again == of_that_day || today() != seed, "{again}");
    }
}

#[test]
fn a_run_tells_todays_seed() {
    told(|| String::from_utf8(netcheck(&["run", "--seed", "date"]).stderr).unwrap());
}
