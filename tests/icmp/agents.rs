//! Agents as processes of their own, told over their sockets what to ask.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking, and their helpers too")]

use std::io::{BufRead, BufReader, Lines, Write};
use std::net::IpAddr;
use std::os::unix::net::UnixStream;
use std::process::{Child, Command};

use netcheck::model::outcome::{Outcome, Tally};
use netcheck::model::probe::Probe;
use netcheck::model::secret::Secrets;
use netcheck::model::units::{Micros, Port};
use netcheck::wire::{self, AgentHello, ControllerHello, FromAgent, Pace, Peer, Share, ToAgent, Who};

/// An agent of the run of that name; killed with the value.
pub(crate) struct AgentProcess {
    child: Child,
    stream: UnixStream,
    lines: Lines<BufReader<UnixStream>>,
    run: String,
    _folder: tempfile::TempDir,
}

impl AgentProcess {
    /// In the host network of `node`, on these addresses.
    pub(crate) fn start(run: &str, node: &str, addresses: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let socket = folder.path().join("agent.sock");
        let mut child = Command::new(env!("CARGO_BIN_EXE_netcheck"))
            .args(["agent", "serve", "--run", run, "--node", node, "--network", "host", "--addresses", addresses, "--socket"])
            .arg(&socket)
            .spawn()
            .unwrap();
        let stream = loop {
            match UnixStream::connect(&socket) {
                Ok(stream) => break stream,
                Err(_) => assert_eq!(child.try_wait().unwrap(), None, "the agent ended"),
            }
            std::thread::yield_now();
        };
        let lines = BufReader::new(stream.try_clone().unwrap()).lines();
        Self { child, stream, lines, run: run.to_owned(), _folder: folder }
    }

    /// Exchanges hellos.
    pub(crate) fn greet(&mut self) -> AgentHello {
        let FromAgent::Hello(hello) = self.hear() else { panic!("no hello") };
        self.say(&ToAgent::Hello(ControllerHello { wire: wire::VERSION, run: self.run.clone(), from: 1 }));
        hello
    }

    /// Lets it ask one target.
    pub(crate) fn assign(&mut self, share: u32, probe: Probe, to: IpAddr) {
        let port = Port::new(7000).unwrap();
        let target = Peer { pair: 1, host: to.into(), who: Who::Agent { name: "node1".to_owned(), tcp: port, udp: port } };
        let deadline = Micros(60_000_000);
        self.say(&ToAgent::Assign(Share {
            share,
            attempt: 1,
            probe,
            targets: vec![target],
            deadline,
            pace: Pace::gentle(1),
            secrets: Secrets::default(),
        }));
    }

    /// What came of the next share.
    pub(crate) fn tally(&mut self) -> Tally {
        loop {
            if let FromAgent::Outcome(record) = self.hear() {
                let Outcome::Measured(tally) = record.outcome else { panic!("{record:?}") };
                return tally;
            }
        }
    }

    fn say(&mut self, message: &ToAgent) {
        writeln!(self.stream, "{}", wire::encode(message)).unwrap();
    }

    fn hear(&mut self) -> FromAgent {
        wire::decode(&self.lines.next().unwrap().unwrap()).unwrap()
    }
}

impl Drop for AgentProcess {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
