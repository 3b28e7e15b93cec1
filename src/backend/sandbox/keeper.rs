//! A thread that goes from one network namespace to the next, and does there what it is told: a thread's namespace is its own,
//! and what it starts begins in it. It must not know what it is told to do.

use std::io;
use std::sync::mpsc;
use std::thread;

use tokio::runtime::Handle;
use tokio::sync::oneshot;

type Job = Box<dyn FnOnce() + Send>;

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
