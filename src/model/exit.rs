//! The exit codes of `netcheck`: a promise to pipelines.

/// How `netcheck` ends. The number is a public, stable promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Exit {
    /// 0: every selected case passed, or was skipped with a reason. Go on.
    Passed,
    /// 1: at least one case failed on evidence. It outranks 3: no retry makes it green. Stop.
    Failed,
    /// 2: usage, configuration or suite error; no or broken kubeconfig; no such context; a report path that cannot be
    /// written. Nothing was created. Fix the change.
    Usage,
    /// 3: no case failed, but at least one could not be measured, or a report could not be written in the end. Retry the job.
    NotMeasured,
    /// 4: nothing ran: nothing was selected, or everything was skipped. Fix the filter.
    NothingRan,
    /// 129, 130, 143: hung up, interrupted, terminated. Partial reports were written, everything was cleaned up.
    Signalled(Signal),
}

/// The signals that end a run in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Signal {
    /// `SIGHUP`.
    HangUp,
    /// `SIGINT`: Ctrl-C.
    Interrupt,
    /// `SIGTERM`.
    Terminate,
}

impl Signal {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::HangUp => "SIGHUP",
            Self::Interrupt => "SIGINT",
            Self::Terminate => "SIGTERM",
        }
    }
}

impl Exit {
    /// The number that the shell sees.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Passed => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::NotMeasured => 3,
            Self::NothingRan => 4,
            Self::Signalled(Signal::HangUp) => 129,
            Self::Signalled(Signal::Interrupt) => 130,
            Self::Signalled(Signal::Terminate) => 143,
        }
    }

    /// What it means, for the last line of a report.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "network: do not retry",
            Self::Usage => "usage: nothing was created",
            Self::NotMeasured => "could not be measured: safe to retry",
            Self::NothingRan => "nothing ran: none selected, or all skipped",
            Self::Signalled(Signal::HangUp) => "hung up",
            Self::Signalled(Signal::Interrupt) => "interrupted",
            Self::Signalled(Signal::Terminate) => "terminated",
        }
    }
}
