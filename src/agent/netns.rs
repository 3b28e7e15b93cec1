//! Enters the network namespace of a pod on this machine: finds a process of the pod, makes sure of it, and moves this process there
//! before it has a second thread. It must not know what is measured there.

mod cgroup;
#[cfg(test)]
mod tests;

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read};
use std::net::IpAddr;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use nix::fcntl::OFlag;
use nix::sched::{CloneFlags, setns};
use rustix::thread::{CapabilitySet, CapabilitySets, capabilities, set_capabilities, set_no_new_privs};

use super::error::AgentError;
use crate::model::resolv_conf::ResolvConf;
use crate::probe::interface;
use crate::wire::Resolver;

/// Where the kernel shows processes.
pub const PROC: &str = "/proc";

/// What is read of a process's control groups.
const CGROUP_LIMIT: u64 = 64 << 10;

/// The pod whose network is entered.
#[derive(Debug, Clone, Copy)]
pub struct Entrance<'a> {
    /// After what its control groups are called: its uid, as its kubelet knows it, and the ids of its containers.
    pub names: &'a [String],
    /// Its addresses, all of which have to be there.
    pub addresses: &'a [IpAddr],
}

/// A network namespace, as the kernel tells one from another.
type Identity = (u64, u64);

/// A process of the pod, and the network namespace that it is in.
struct Member {
    process: PathBuf,
    network: Identity,
}

/// Moves this process into the pod's network, and gives up all rights but that to raw sockets. What is told is whom applications
/// in the pod ask for names.
///
/// # Errors
/// Why not. The process may then be in a network that is not the one that was meant, and has to end.
pub fn enter(proc: &Path, entrance: Entrance<'_>) -> Result<Resolver, AgentError> {
    let entered =
        entered(proc, entrance).map_err(|why| AgentError::NotEntered { uid: entrance.names.first().cloned().unwrap_or_default(), why })?;
    keep_raw_sockets().map_err(AgentError::Capable)?;
    Ok(entered)
}

fn entered(proc: &Path, Entrance { names, addresses }: Entrance<'_>) -> Result<Resolver, String> {
    if names.is_empty() || !names.iter().all(|name| cgroup::is_name(name)) || addresses.is_empty() {
        return Err("nothing is known of the pod: it was gone when its agent was made".to_owned());
    }
    alone(proc)?;
    // Where the machine is itself inside another, nobody in it may look at its first process: then the pod's addresses alone tell.
    let host = identity(&proc.join("1")).ok();
    let members = members(proc, names)?;
    let networks = networks(&members, host)?;
    for network in &networks {
        let Some(inside) = members.iter().find(|member| member.network == *network) else { continue };
        move_to(inside, names)?;
        if addresses.iter().all(|address| interface::holds(*address)) {
            interface::leave_sysfs();
            return Ok(resolver(members.iter().filter(|member| member.network == *network)));
        }
    }
    let listed: Vec<String> = addresses.iter().map(ToString::to_string).collect();
    Err(format!("no network of its processes has all of its addresses ({}): it is not the pod that was meant", listed.join(", ")))
}

/// What to look at where the system refuses.
const NEEDS: &str = "that takes hostPID, the capabilities SYS_PTRACE and SYS_ADMIN, and neither AppArmor nor SELinux in the way";

/// `setns(2)` moves the calling thread alone.
fn alone(proc: &Path) -> Result<(), String> {
    let threads = fs::read_dir(proc.join("self/task")).map(Iterator::count);
    match threads {
        Ok(1) => Ok(()),
        Ok(several) => Err(format!("this process has {several} threads already, of which one alone would go")),
        Err(error) => Err(format!("counting the threads of this process: {error}")),
    }
}

/// Which network namespace a process is in.
fn identity(process: &Path) -> io::Result<Identity> {
    fs::metadata(process.join("ns/net")).map(|found| (found.dev(), found.ino()))
}

/// The processes of the pod, by number. One that ends while we look is none.
fn members(proc: &Path, names: &[String]) -> Result<Vec<Member>, String> {
    let entries = fs::read_dir(proc).map_err(|error| format!("listing processes: {error}"))?;
    let number = |entry: fs::DirEntry| entry.file_name().to_str()?.parse::<u32>().ok();
    let mut numbers: Vec<u32> = entries.filter_map(Result::ok).filter_map(number).collect();
    numbers.sort_unstable();
    let processes: Vec<PathBuf> = numbers.iter().map(|number| proc.join(number.to_string())).filter(|path| is_of(path, names)).collect();
    let Some(first) = processes.first() else {
        return Err(format!("none of {} processes here is one of it: the pod has gone, or hostPID is missing", numbers.len()));
    };
    let found: Vec<Member> =
        processes.iter().filter_map(|process| Some(Member { process: process.clone(), network: identity(process).ok()? })).collect();
    if found.is_empty() {
        let why = identity(first).err().map_or_else(|| "they have ended".to_owned(), |error| error.to_string());
        return Err(format!("looking at the network of its processes: {why}; {NEEDS}"));
    }
    Ok(found)
}

fn is_of(process: &Path, names: &[String]) -> bool {
    let mut text = String::new();
    let read = File::open(process.join("cgroup")).and_then(|file| file.take(CGROUP_LIMIT).read_to_string(&mut text));
    read.is_ok() && cgroup::is_of_pod(&text, names)
}

/// The networks that its processes are in, each once; several, where one of them has made another of its own.
fn networks(members: &[Member], host: Option<Identity>) -> Result<Vec<Identity>, String> {
    let mut networks: Vec<Identity> = Vec::new();
    for member in members.iter().filter(|member| Some(member.network) != host) {
        if !networks.contains(&member.network) {
            networks.push(member.network);
        }
    }
    if networks.is_empty() { Err("it is in the network of its host, which `from: nodes` asks from".to_owned()) } else { Ok(networks) }
}

/// The number of a process may be another's by now: whose the namespace is, is asked again once it is held.
fn move_to(member: &Member, names: &[String]) -> Result<(), String> {
    let file = File::open(member.process.join("ns/net")).map_err(|error| format!("opening its network: {error}; {NEEDS}"))?;
    let held = file.metadata().map(|found| (found.dev(), found.ino()));
    if !is_of(&member.process, names) || held.ok() != Some(member.network) {
        return Err("its process ended while its network was being entered".to_owned());
    }
    setns(&file, CloneFlags::CLONE_NEWNET).map_err(|errno| format!("entering its network: {}; {NEEDS}", errno.desc()))
}

/// What resolv.conf says to the applications in the pod: its containers share one.
fn resolver<'m>(members: impl Iterator<Item = &'m Member>) -> Resolver {
    let mut first = None;
    for member in members {
        let path = member.process.join("root/etc/resolv.conf");
        match conf(&path) {
            Ok(text) => return Resolver::Conf(ResolvConf::parse(&text)),
            Err(error) => _ = first.get_or_insert_with(|| format!("reading the pod's resolv.conf: {error}")),
        }
    }
    Resolver::Unreadable(first.unwrap_or_default())
}

/// A file in a pod is whatever the pod makes of it: neither a pipe nor a way elsewhere is followed.
fn conf(path: &Path) -> io::Result<String> {
    let flags = OFlag::O_NONBLOCK | OFlag::O_NOFOLLOW | OFlag::O_CLOEXEC;
    let file = OpenOptions::new().read(true).custom_flags(flags.bits()).open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no file"));
    }
    let mut text = Vec::new();
    let length = file.take(ResolvConf::SIZE_LIMIT + 1).read_to_end(&mut text)?;
    if length as u64 > ResolvConf::SIZE_LIMIT {
        return Err(io::Error::other(format!("it has more than {} bytes", ResolvConf::SIZE_LIMIT)));
    }
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Of what it took to come here nothing is needed any more; raw sockets ask by ICMP where the pod allows no others. What is given up
/// does not come back with another program either.
fn keep_raw_sockets() -> io::Result<()> {
    set_no_new_privs(true)?;
    let kept = capabilities(None)?.permitted & CapabilitySet::NET_RAW;
    set_capabilities(None, CapabilitySets { effective: kept, permitted: kept, inheritable: CapabilitySet::empty() })?;
    Ok(())
}
