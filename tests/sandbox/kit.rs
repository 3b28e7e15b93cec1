//! Running the program in a folder of the test's own, and reading what it reports.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// Runs measure, and must not slow each other down.
static TURN: Mutex<()> = Mutex::new(());

/// A folder with worlds and suites, in which temporary files are made too, and the turn to run.
pub(crate) struct Place {
    folder: TempDir,
    _turn: Option<MutexGuard<'static, ()>>,
}

/// What a run came to.
pub(crate) struct Ran {
    pub(crate) exit: Option<i32>,
    pub(crate) stderr: String,
    results: Value,
}

/// Ten questions from every pod to every other, by every kind of probe.
pub(crate) const MESH: &str = "
netcheck: v1
suite: mesh
tests:
  - id: mesh
    from: pods
    to: pods
    matrix: { proto: [icmp, udp, tcp] }
    probe: { type: '${{ matrix.proto }}', count: 10, interval: 5ms, family: each }
    expect: { each: { loss: <= 10% } }
";

/// A world of three nodes with these lines behind.
pub(crate) fn three_nodes(lines: &str) -> String {
    format!(
        "netcheck: v1\nworld: test\nnodes: [{{ name: node1, zone: a }}, {{ name: node2, zone: b }}, {{ name: node3, zone: a }}]\n{lines}\n"
    )
}

/// Until it is dropped, nobody else runs.
fn turn() -> MutexGuard<'static, ()> {
    TURN.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Place {
    pub(crate) fn new() -> Self {
        Self::of(Some(turn()))
    }

    /// For whoever has the turn already, and shares it between several.
    pub(crate) fn beside() -> Self {
        Self::of(None)
    }

    fn of(turn: Option<MutexGuard<'static, ()>>) -> Self {
        // Not in a place that only root may look into: some tests are other users.
        let folder = tempfile::Builder::new().permissions(std::os::unix::fs::PermissionsExt::from_mode(0o755)).tempdir_in("/tmp").unwrap();
        let place = Self { folder, _turn: turn };
        fs::create_dir(place.temporary()).unwrap();
        fs::set_permissions(place.temporary(), std::os::unix::fs::PermissionsExt::from_mode(0o1777)).unwrap();
        place
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Where the program makes temporary files.
    pub(crate) fn temporary(&self) -> PathBuf {
        self.folder.path().join("tmp")
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> &Self {
        fs::write(self.path().join(name), text).unwrap();
        self
    }

    /// The program as any user may run it.
    pub(crate) fn program(&self) -> PathBuf {
        let program = self.path().join("netcheck");
        if !program.exists() {
            fs::copy(env!("CARGO_BIN_EXE_netcheck"), &program).unwrap();
        }
        program
    }

    /// `netcheck ARGUMENTS`, in the folder.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.program());
        command.args(arguments);
        self.at_home(command)
    }

    pub(crate) fn at_home(&self, mut command: Command) -> Command {
        command.current_dir(self.path()).env("TMPDIR", self.temporary()).env_remove("XDG_RUNTIME_DIR");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    }

    /// Runs `suite.yaml` in `world.yaml`, or in the built-in world if there is none.
    pub(crate) fn run(&self, isolation: &str, more: &[&str]) -> Ran {
        self.ran(self.run_command(isolation, more))
    }

    pub(crate) fn run_command(&self, isolation: &str, more: &[&str]) -> Command {
        let mut arguments = vec!["run", "--backend", "sandbox", "--isolation", isolation, "suite.yaml", "--report", "json=results.json"];
        if self.path().join("world.yaml").exists() {
            arguments.extend(["--world", "world.yaml"]);
        }
        arguments.extend(more);
        self.command(&arguments)
    }

    pub(crate) fn ran(&self, mut command: Command) -> Ran {
        let Output { status, stderr, .. } = command.output().unwrap();
        let results = fs::read(self.path().join("results.json")).map_or(Value::Null, |bytes| serde_json::from_slice(&bytes).unwrap());
        let stderr = String::from_utf8(stderr).unwrap();
        eprintln!("{stderr}");
        Ran { exit: status.code(), stderr, results }
    }
}

impl Ran {
    pub(crate) fn cases(&self) -> &[Value] {
        self.results["suites"][0]["cases"].as_array().unwrap()
    }

    /// Of every suite.
    pub(crate) fn all_cases(&self) -> Vec<Value> {
        let suites = self.results["suites"].as_array().unwrap().iter();
        suites.flat_map(|suite| suite["cases"].as_array().unwrap()).cloned().collect()
    }

    /// The states of the cases whose id contains that.
    pub(crate) fn states(&self, part: &str) -> BTreeSet<&str> {
        let cases = self.cases().iter().filter(|case| case["id"].as_str().unwrap().contains(part));
        cases.map(|case| case["status"].as_str().unwrap()).collect()
    }

    /// `SOURCE>TARGET` of the pairs that failed in cases whose id contains that.
    pub(crate) fn failing(&self, part: &str) -> BTreeSet<String> {
        self.pairs(part, "failingPairs")
    }

    /// In which ways cases lost something whose id contains that.
    pub(crate) fn ways(&self, part: &str) -> BTreeSet<&str> {
        let cases = self.cases().iter().filter(|case| case["id"].as_str().unwrap().contains(part));
        let missed = cases.flat_map(|case| case["metrics"]["missed"].as_array().unwrap());
        missed.map(|missed| missed["kind"].as_str().unwrap()).collect()
    }

    pub(crate) fn unmeasured(&self, part: &str) -> BTreeSet<String> {
        self.pairs(part, "unmeasuredPairs")
    }

    fn pairs(&self, part: &str, kind: &str) -> BTreeSet<String> {
        let cases = self.cases().iter().filter(|case| case["id"].as_str().unwrap().contains(part));
        let pairs = cases.flat_map(|case| case[kind].as_array().unwrap());
        pairs.map(|pair| format!("{}>{}", pair["source"].as_str().unwrap(), pair["target"].as_str().unwrap())).collect()
    }

    pub(crate) fn says(&self, part: &str) {
        assert!(self.stderr.contains(part), "expected {part:?} in:\n{}", self.stderr);
    }
}

/// Asks until it is so. What does not become so within a minute never will.
pub(crate) fn until<T>(what: &str, mut ask: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(answer) = ask() {
            return answer;
        }
        assert!(Instant::now() < deadline, "not within a minute: {what}");
        std::thread::sleep(Duration::from_millis(10));
    }
}

/// The numbers of the processes whose command line has that in it; zombies have none.
pub(crate) fn processes(part: &str) -> Vec<u32> {
    let numbers = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    numbers
        .filter(|number: &u32| {
            let line = fs::read(format!("/proc/{number}/cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line).replace('\0', " ").contains(part)
        })
        .collect()
}

/// A process that is killed with the test, if it still runs by then.
pub(crate) struct Background(pub(crate) Child);

impl Drop for Background {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
