//! An agent as a child process: started, watched to its end, stopped and killed. It must not know what the agent is for.

use std::collections::VecDeque;
use std::ffi::OsStr;
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixListener;
use std::path::PathBuf;
use std::process::Stdio;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures::StreamExt;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::{Child, ChildStderr, Command};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;
use tokio_util::codec::{FramedRead, LinesCodec};

use crate::model::vantage::{Network, Vantage};

/// The program and what it is told.
#[derive(Debug, Clone)]
pub(super) struct Start {
    /// Whose `agent serve` is an agent: this very one.
    pub(super) program: PathBuf,
    pub(super) run: String,
    pub(super) vantage: Vantage,
    pub(super) addresses: Vec<IpAddr>,
    /// Whether it shares the machine's own network, where ports are others' too.
    pub(super) any_port: bool,
    /// Whether it has no capability, as a pod has none.
    pub(super) unprivileged: bool,
    /// How many agents share the machine.
    pub(super) among: NonZeroU32,
    /// What it takes for its resolv.conf: that of the machine names nobody of the world.
    pub(super) resolv_conf: String,
    /// Where it finds what pods have of their cluster, if it needs that.
    pub(super) credentials: Option<PathBuf>,
}

/// A process that was started. It is killed when this is dropped.
#[derive(Debug)]
pub(super) struct Process {
    orders: Orders,
    ended: Ended,
    said: Said,
    _leash: oneshot::Sender<()>,
}

/// Where a process is given orders.
#[derive(Debug, Clone)]
pub(super) struct Orders(mpsc::UnboundedSender<Order>);

/// What can be done to a process from outside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// It stands still, for good.
    Freeze,
    /// It ends at once.
    Kill,
}

/// Whether a process has ended, and how.
#[derive(Debug, Clone)]
pub(super) struct Ended(watch::Receiver<Option<String>>);

/// The longest of an agent's last words that is told.
const WORDS: usize = 300;

/// What a process has said on its standard error, its last lines.
#[derive(Debug, Clone, Default)]
struct Said(Arc<Mutex<VecDeque<String>>>);

/// Lines of it that are kept.
const LINES: usize = 200;

/// How long those words may take to arrive after its end.
const LAST_WORDS: Duration = Duration::from_secs(1);

impl Start {
    /// Starts it in the network namespace of the calling thread, with which it ends. Needs a Tokio runtime.
    pub(super) fn start(&self, listener: UnixListener) -> std::io::Result<Process> {
        let addresses: Vec<String> = self.addresses.iter().map(ToString::to_string).collect();
        let network = match self.vantage.network() {
            Network::Pod => "pod",
            Network::Host => "host",
        };
        let mut child = Command::new(&self.program)
            .args(["agent", "serve", "--run", &self.run, "--node", self.vantage.node(), "--network", network])
            .args(["--addresses", &addresses.join(","), "--among", &self.among.to_string()])
            .args(["--resolv-conf", &self.resolv_conf])
            .args(self.credentials.iter().flat_map(|folder| [OsStr::new("--credentials"), folder.as_os_str()]))
            .args(self.any_port.then_some(["--port", "0"]).into_iter().flatten())
            .args(["--ends-with", &std::process::id().to_string()])
            .args(self.unprivileged.then_some("--unprivileged"))
            .stdin(OwnedFd::from(listener))
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            // Ctrl-C on the terminal is for the controller alone.
            .process_group(0)
            .kill_on_drop(true)
            .spawn()?;
        let words = child.stderr.take();
        let (orders, ordered) = mpsc::unbounded_channel();
        let (leash, held) = oneshot::channel();
        let (ending, ended) = watch::channel(None);
        let said = Said::default();
        let heard = said.clone();
        tokio::spawn(async move {
            let last_words = tokio::spawn(async move { heard.listen(words).await });
            let status = attend(&mut child, ordered, held).await;
            let words = timeout(LAST_WORDS, last_words).await.ok().and_then(Result::ok).flatten();
            let words = words.map_or_else(String::new, |words| format!(", and said: {words}"));
            ending.send_replace(Some(format!("its process ended with {status}{words}")));
        });
        Ok(Process { orders: Orders(orders), ended: Ended(ended), said, _leash: leash })
    }
}

/// Until it has ended. Only here is it known that the number is still its own.
async fn attend(child: &mut Child, mut ordered: mpsc::UnboundedReceiver<Order>, mut held: oneshot::Receiver<()>) -> String {
    let mut wanted = true;
    loop {
        let order = tokio::select! {
            status = child.wait() => return status.map_or_else(|error| error.to_string(), |status| status.to_string()),
            Some(order) = ordered.recv() => order,
            _ = &mut held, if wanted => {
                wanted = false;
                Order::Kill
            }
        };
        let signal = match order {
            Order::Freeze => Signal::SIGSTOP,
            Order::Kill => Signal::SIGKILL,
        };
        let number = child.id().and_then(|number| i32::try_from(number).ok());
        if let Some(Err(error)) = number.map(|number| kill(Pid::from_raw(number), signal)) {
            return error.to_string();
        }
    }
}

impl Said {
    /// Keeps what it says until it says no more; then the last of its lines.
    async fn listen(&self, words: Option<ChildStderr>) -> Option<String> {
        let mut lines = FramedRead::new(words?, LinesCodec::new_with_max_length(64 * WORDS));
        while let Some(line) = lines.next().await {
            if let Some(line) = line.ok().filter(|line| !line.trim().is_empty()) {
                self.keep(line);
            }
        }
        let last = self.lines().back()?.clone();
        Some(last.trim_start_matches("error: ").chars().take(WORDS).collect())
    }

    fn keep(&self, line: String) {
        let mut lines = self.lines();
        if lines.len() == LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }

    fn lines(&self) -> MutexGuard<'_, VecDeque<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Process {
    /// The last lines that it said on its standard error so far.
    pub(super) fn said(&self) -> String {
        Vec::from(self.said.lines().clone()).join("\n")
    }

    pub(super) fn orders(&self) -> Orders {
        self.orders.clone()
    }

    pub(super) fn ended(&self) -> Ended {
        self.ended.clone()
    }
}

impl Orders {
    /// It is carried out as soon as can be, unless the process has ended.
    pub(super) fn give(&self, order: Order) {
        // Nobody takes orders for a process that is no more.
        let _ = self.0.send(order);
    }
}

impl Ended {
    /// How it ended; none while it runs.
    pub(super) fn now(&self) -> Option<String> {
        self.0.borrow().clone()
    }

    /// When it has ended: how.
    pub(super) async fn wait(&mut self) -> String {
        match self.0.wait_for(Option::is_some).await {
            Ok(how) => how.clone().unwrap_or_default(),
            Err(_) => "nobody watches its process any more".to_owned(),
        }
    }
}
