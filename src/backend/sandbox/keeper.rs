//! A thread that goes from one network namespace to the next, and does there what it is told: a thread's namespace is its own,
//! and what it starts begins in it. It must not know what it is told to do.

use std::io;
use std::sync::mpsc;
use std::thread;

use rustix::process::{getpriority_process, setpriority_process};
use tokio::runtime::Handle;
use tokio::sync::oneshot;

type Job = Box<dyn FnOnce() + Send>;

/// A nice value, of -20 to 19 (sched(7)).
const PREFERRED: i32 = -15;

/// That thread. It ends when this is dropped, and agents that it has started with it: they ask the system for that.
#[derive(Debug)]
pub(super) struct Keeper {
    jobs: mpsc::Sender<Job>,
}

impl Keeper {
    /// Jobs find themselves in the Tokio runtime of the caller.
    pub(super) fn start() -> io::Result<Self> {
        let (jobs, todo) = mpsc::channel::<Job>();
        let runtime = Handle::current();
        thread::Builder::new().name("keeper".to_owned()).spawn(move || {
            let _entered = runtime.enter();
            for job in todo {
                job();
            }
        })?;
        Ok(Self { jobs })
    }

    /// The same; threads that it starts go before others where processors are few, as far as the system lets us prefer them.
    pub(super) async fn carry_out_preferred<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
        self.carry_out(|| {
            // A thread begins with the priority of the one that starts it (sched(7)).
            let own = getpriority_process(None).unwrap_or(0);
            let raised = setpriority_process(None, PREFERRED).is_ok();
            let done = work();
            if raised {
                // To give priority up is allowed to everybody.
                let _ = setpriority_process(None, own);
            }
            done
        })
        .await
    }

    /// Does it on that thread, after everything that was asked for before.
    pub(super) async fn carry_out<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> io::Result<T> {
        let ended = || io::Error::other("the thread that enters network namespaces has ended");
        let (done, result) = oneshot::channel();
        let job = move || {
            // Whoever asked may have given up waiting.
            let _ = done.send(work());
        };
        self.jobs.send(Box::new(job)).map_err(|_| ended())?;
        result.await.map_err(|_| ended())
    }
}
