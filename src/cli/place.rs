//! Where to run: flags become a backend. It must not know what the backend is for.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use crate::backend::kubernetes::{Choice, Connection, Kubernetes, PullPolicy, Settings};
use crate::backend::sandbox::{Isolation, Sandbox, Settings as SandboxSettings, Wish};
use crate::backend::simulated::Simulated;
use crate::backend::{Backend, BackendError};
use crate::model::exit::Exit;
use crate::model::units::counted;
use crate::model::world::World;
use crate::report::Style;
use crate::suite;

use super::arguments::{BackendArgument, ConnectionArguments, IsolationArgument, PlaceArguments, PullArgument};
use super::content::content;
use super::remarks::{plain, tell};
use super::{Refusal, say};

/// What a backend has to know of the run.
pub(super) struct Occasion {
    pub(super) run: String,
    pub(super) expires_after: Duration,
    pub(super) command: String,
    /// How mistakes in the world file are drawn.
    pub(super) style: Style,
}

/// A place that this process is ready for.
pub(super) enum Prepared {
    Kubernetes,
    Sandbox(Isolation),
    Simulated,
}

impl PlaceArguments {
    /// Flags of one place have no effect in another: refused, not ignored. `--image` is let through: it may be in the environment,
    /// where it is in nobody's way.
    pub(super) fn check(&self) -> Result<(), Refusal> {
        let cluster = self.backend == BackendArgument::Kubernetes;
        let given = [
            ("--world", self.world.is_some(), !cluster),
            ("--isolation", self.isolation.is_some(), self.backend == BackendArgument::Sandbox),
            ("--kubeconfig", self.connection.kubeconfig.is_some(), cluster),
            ("--context", self.connection.context.is_some(), cluster),
            ("--namespace", self.connection.namespace.is_some(), cluster),
            ("--host-namespace", self.connection.host_namespace.is_some(), cluster),
            ("--host-ports", self.host_ports.is_some(), cluster),
            ("--image-pull-policy", self.image_pull_policy.is_some(), cluster),
            ("--image-pull-secret", self.image_pull_secret.is_some(), cluster),
            ("--node-selector", !self.node_selector.is_empty(), cluster),
            ("--ignore-rule", !self.ignore_rule.is_empty(), cluster),
        ];
        match given.iter().find(|(_, given, fits)| *given && !fits) {
            Some((flag, ..)) => Err(Refusal::usage(format!("{flag} has no effect with --backend {}", self.name())).help(match *flag {
                "--world" => "a world is for --backend sandbox or simulated",
                "--isolation" => "it belongs to --backend sandbox",
                _ => "it belongs to --backend kubernetes",
            })),
            None => Ok(()),
        }
    }

    /// What has to be done before this process has a second thread: call it before there is a runtime.
    pub(super) fn prepare(&self) -> Result<Prepared, Refusal> {
        Ok(match self.backend {
            BackendArgument::Kubernetes => Prepared::Kubernetes,
            BackendArgument::Sandbox => Prepared::Sandbox(isolation(self.isolation.unwrap_or(IsolationArgument::Auto))?),
            BackendArgument::Simulated => Prepared::Simulated,
        })
    }

    /// As the command line spells the backend.
    pub(super) const fn name(&self) -> &'static str {
        match self.backend {
            BackendArgument::Kubernetes => "kubernetes",
            BackendArgument::Sandbox => "sandbox",
            BackendArgument::Simulated => "simulated",
        }
    }

    /// The backend. Contacts nobody.
    pub(super) async fn backend(&self, prepared: Prepared, occasion: Occasion) -> Result<Box<dyn Backend>, Refusal> {
        Ok(match prepared {
            Prepared::Kubernetes => Box::new(self.kubernetes(occasion).await?),
            Prepared::Sandbox(isolation) => Box::new(sandbox(world(self.world.as_deref(), occasion.style)?, isolation, occasion.run)?),
            Prepared::Simulated => Box::new(Simulated::new(world(self.world.as_deref(), occasion.style)?, occasion.run)),
        })
    }

    /// The cluster. Contacts nobody.
    pub(super) async fn kubernetes(&self, occasion: Occasion) -> Result<Kubernetes, Refusal> {
        let settings = Settings {
            connection: connection(&self.connection),
            namespace: self.connection.namespace.clone(),
            host_namespace: self.connection.host_namespace.clone(),
            host_ports: self.host_ports,
            image: self.image.clone().unwrap_or_else(super::image::default_name),
            pull_policy: match self.image_pull_policy {
                Some(PullArgument::Always) => PullPolicy::Always,
                Some(PullArgument::IfNotPresent) | None => PullPolicy::IfNotPresent,
                Some(PullArgument::Never) => PullPolicy::Never,
            },
            pull_secret: self.image_pull_secret.clone(),
            nodes: Choice { selector: self.node_selector.clone(), ignored: self.ignore_rule.clone() },
            run: occasion.run,
            expires_after: occasion.expires_after,
            command: occasion.command,
        };
        Kubernetes::connect(settings).await.map_err(|error| refusal(error, Exit::Usage))
    }
}

/// As the machine gives it; where that is less than was hoped for, it is said.
pub(super) fn isolation(wish: IsolationArgument) -> Result<Isolation, Refusal> {
    let wish = match wish {
        IsolationArgument::Auto => Wish::Auto,
        IsolationArgument::Namespaces => Wish::Namespaces,
        IsolationArgument::Loopback => Wish::Loopback,
    };
    let isolation = Isolation::prepare(wish).map_err(|error| refusal(error, Exit::NotMeasured))?;
    if let Isolation::Loopback { because: Some(refused) } = &isolation {
        say(&format!("note: the sandbox falls back to loopback, because this machine refuses it network namespaces: {refused}"));
    }
    Ok(isolation)
}

fn sandbox(world: Arc<World>, isolation: Isolation, run: String) -> Result<Sandbox, Refusal> {
    let program = std::env::current_exe().map_err(|error| Refusal::usage(format!("finding this very program: {error}")))?;
    let settings = SandboxSettings { world, isolation, program, temporary: std::env::temp_dir(), run };
    Sandbox::new(settings).map_err(|error| {
        let exit = if error.is_configuration() { Exit::Usage } else { Exit::NotMeasured };
        refusal(error, exit)
    })
}

/// The world of that file, or the built-in one; what is wrong with it is drawn as in a suite.
pub(super) fn world(path: Option<&Path>, style: Style) -> Result<Arc<World>, Refusal> {
    let Some(path) = path else { return Ok(Arc::new(World::three_nodes())) };
    let content = content(path).map_err(|error| {
        Refusal::usage(format!("cannot read world {}: {error}", path.display())).help("name a world file, such as worlds/cut-pair.yaml")
    })?;
    let reading = suite::read_world(&path.to_string_lossy(), &content);
    let name = path.to_string_lossy();
    let errors = tell(&name, &reading.diagnostics, style);
    let refusal = || Refusal {
        told: plain(&name, &reading.diagnostics),
        ..Refusal::usage(format!("{} in the world file {}; nothing was run", counted(errors.max(1), "error"), path.display()))
    };
    reading.world.map(Arc::new).ok_or_else(refusal)
}

impl ConnectionArguments {
    /// The namespaces that the run is given: for agents in pods, and for those in the nodes' own network.
    pub(super) fn namespaces(&self) -> (Option<&str>, Option<&str>) {
        (self.namespace.as_deref(), self.host_namespace.as_deref())
    }
}

/// Which cluster, and what the environment says about the way to it.
pub(super) fn connection(arguments: &ConnectionArguments) -> Connection {
    let either = |names: [&str; 2]| names.iter().find_map(|name| std::env::var(name).ok());
    Connection {
        kubeconfig: arguments.kubeconfig.clone(),
        usual: usual_kubeconfigs(),
        context: arguments.context.clone(),
        https_proxy: either(["HTTPS_PROXY", "https_proxy"]),
        no_proxy: either(["NO_PROXY", "no_proxy"]),
    }
}

/// Where kubectl looks.
fn usual_kubeconfigs() -> Vec<PathBuf> {
    let listed = std::env::var_os("KUBECONFIG").unwrap_or_default();
    let listed: Vec<PathBuf> = std::env::split_paths(&listed).filter(|path| !path.as_os_str().is_empty()).collect();
    if listed.is_empty() { std::env::home_dir().map(|home| home.join(".kube/config")).into_iter().collect() } else { listed }
}

/// A backend's error as the end of the command.
pub(super) fn refusal(error: BackendError, exit: Exit) -> Refusal {
    Refusal { details: error.details, help: error.help, ..Refusal::new(exit, error.message) }
}
