//! A world that stands for people to look around in: its networks, without agents. And the way into one of its nodes.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::sync::Arc;

use nix::sched::{CloneFlags, setns};

use super::isolation::no_namespaces;
use super::keeper::Keeper;
use super::network::{self, Networks};
use super::possible;
use super::refused::Step;
use super::register::{self, Entry, Place, Registered};
use crate::backend::BackendError;
use crate::model::agents::IcmpAccess;
use crate::model::vantage::Vantage;
use crate::model::world::World;

/// A world that is up. Dropping it takes it down.
#[derive(Debug)]
pub struct Standing {
    places: Vec<Place>,
    _registered: Registered,
    _networks: Networks,
    _keeper: Keeper,
}

impl Standing {
    /// Raises it, for whoever looks into `directory`. The process must have been prepared for
    /// [`super::Isolation::Namespaces`]. Needs a Tokio runtime.
    ///
    /// # Errors
    /// The machine refuses it, or a world of that name is up already.
    pub async fn raise(world: &Arc<World>, directory: &Path) -> Result<Self, BackendError> {
        possible::has_room(world)?;
        let keeper = Keeper::start().map_err(|error| no_namespaces(&Step::Thread.refused(error)))?;
        let networks = Networks::with_services(world, &keeper, IcmpAccess::Auto).await.map_err(|refused| no_namespaces(&refused))?;
        let place = |vantage: Vantage| {
            let descriptor = networks.namespace(&vantage)?.descriptor();
            Some(Place { addresses: network::addresses(world, &vantage), vantage, descriptor })
        };
        let places: Vec<Place> = network::vantages(world).filter_map(place).collect();
        let entry = Entry { world: world.name.clone(), process: std::process::id(), networks: places.clone() };
        let registered = register::register(directory, &entry).map_err(|error| not_registered(&world.name, directory, &error))?;
        Ok(Self { places, _registered: registered, _networks: networks, _keeper: keeper })
    }

    /// Its networks, in the order of the world.
    pub fn places(&self) -> &[Place] {
        &self.places
    }
}

fn not_registered(world: &str, directory: &Path, error: &io::Error) -> BackendError {
    if error.kind() == io::ErrorKind::AlreadyExists {
        let message = format!("a world called {world:?} is up already");
        return BackendError {
            code: "world",
            message,
            details: Vec::new(),
            help: vec!["end that one, or give this one another name".to_owned()],
        };
    }
    let message = format!("noting in {} that the world is up: {error}", directory.display());
    BackendError {
        code: "register",
        message,
        details: Vec::new(),
        help: vec!["XDG_RUNTIME_DIR or TMPDIR chooses another place".to_owned()],
    }
}

/// Moves this process into that network of the world of that name, or of the only one that is up. It must have but one thread.
///
/// # Errors
/// There is none, there are several, or the system refuses.
pub fn enter(directory: &Path, world: Option<&str>, vantage: &Vantage) -> Result<(), BackendError> {
    let entries = register::all(directory).map_err(|error| {
        let message = format!("looking into {} for worlds that are up: {error}", directory.display());
        BackendError { code: "register", message, details: Vec::new(), help: Vec::new() }
    })?;
    let entry = choose(&entries, world)?;
    let place = entry.networks.iter().find(|place| place.vantage == *vantage).ok_or_else(|| {
        let known: Vec<String> = entry.networks.iter().map(|place| place.vantage.to_string()).collect();
        misnamed(format!("world {:?} has no {vantage}", entry.world), vec![format!("it has {}", known.join(", "))])
    })?;
    enter_place(entry.process, place).map_err(|error| {
        let message = format!("entering {vantage} of world {:?}: {error}", entry.world);
        BackendError { code: "isolation", message, details: Vec::new(), help: vec!["enter a world as the user who keeps it up".to_owned()] }
    })
}

fn choose<'a>(entries: &'a [Entry], world: Option<&str>) -> Result<&'a Entry, BackendError> {
    let names: Vec<&str> = entries.iter().map(|entry| entry.world.as_str()).collect();
    let up = || vec![format!("up are {}", names.join(", "))];
    match (entries, world) {
        ([], _) => Err(misnamed("no world is up".to_owned(), vec!["`netcheck sandbox up` in another terminal keeps one up".to_owned()])),
        ([entry], None) => Ok(entry),
        (_, None) => Err(misnamed("several worlds are up".to_owned(), vec![format!("choose one with --name: {}", names.join(", "))])),
        (entries, Some(world)) => {
            entries.iter().find(|entry| entry.world == world).ok_or_else(|| misnamed(format!("no world {world:?} is up"), up()))
        }
    }
}

fn misnamed(message: String, help: Vec<String>) -> BackendError {
    BackendError { code: "world", message, details: Vec::new(), help }
}

/// The user namespace first: it gives the rights for the other.
fn enter_place(process: u32, place: &Place) -> io::Result<()> {
    let (own, theirs) = ("/proc/self/ns/user".to_owned(), format!("/proc/{process}/ns/user"));
    if fs::read_link(&own)? != fs::read_link(&theirs)? {
        setns(File::open(&theirs)?, CloneFlags::CLONE_NEWUSER)?;
    }
    let network = File::open(format!("/proc/{process}/fd/{}", place.descriptor))?;
    Ok(setns(network, CloneFlags::CLONE_NEWNET)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(up: &[&str], wanted: Option<&str>, expected: Result<&str, &str>) {
        let entry = |world: &&str| Entry { world: (*world).to_owned(), process: 1, networks: Vec::new() };
        let entries: Vec<Entry> = up.iter().map(entry).collect();
        let found = choose(&entries, wanted).map(|entry| entry.world.as_str());
        assert_eq!(found.map_err(|error| format!("{}; {}", error.message, error.help.join("; "))), expected.map_err(ToOwned::to_owned));
    }

    #[test]
    fn a_world_is_meant_beyond_doubt() {
        check(&[], None, Err("no world is up; `netcheck sandbox up` in another terminal keeps one up"));
        check(&["a"], None, Ok("a"));
        check(&["a", "b"], None, Err("several worlds are up; choose one with --name: a, b"));
        check(&["a", "b"], Some("b"), Ok("b"));
        check(&["a", "b"], Some("c"), Err("no world \"c\" is up; up are a, b"));
    }
}
