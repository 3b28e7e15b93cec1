//! What can be told from files alone: which networks there are to enter, and the words where there is none.

use std::os::unix::fs::symlink;

use super::*;

const UID: &str = "0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9";

/// A folder that looks like that of processes: of each its number, its control group, and the file that stands for its network.
fn proc(processes: &[(u32, &str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let add = |number: &str, group: &str, network: &str| {
        let process = folder.path().join(number);
        fs::create_dir_all(process.join("ns")).unwrap();
        fs::create_dir_all(process.join("task/1")).unwrap();
        fs::write(process.join("cgroup"), format!("0::{group}\n")).unwrap();
        let file = folder.path().join(network);
        fs::write(&file, network).unwrap();
        symlink(file, process.join("ns/net")).unwrap();
    };
    add("1", "/init.scope", "host");
    add("self", "/", "host");
    for (number, group, network) in processes {
        add(&number.to_string(), group, network);
    }
    folder
}

fn pod(uid: &str) -> String {
    format!("/kubepods/besteffort/pod{uid}/9f")
}

#[track_caller]
fn refused(processes: &[(u32, &str, &str)], uid: &str, expected: &str) {
    let folder = proc(processes);
    let entrance = Entrance { names: &[uid.to_owned()], addresses: &[[192, 0, 2, 7].into()] };
    let why = enter(folder.path(), entrance).unwrap_err().to_string();
    assert!(why.contains(expected), "{why}");
    assert!(why.contains(uid), "{why}");
}

#[test]
fn where_there_is_nothing_to_enter_it_is_said_why() {
    let (own, other) = (pod(UID), pod("ffffffff-4e5f-6071-8293-a4b5c6d7e8f9"));
    refused(&[(7, &other, "other")], UID, "none of 2 processes here is one of it: the pod has gone, or hostPID is missing");
    refused(&[(7, &own, "host")], UID, "it is in the network of its host, which `from: nodes` asks from");
    refused(&[], "", "nothing is known of the pod");
    let folder = proc(&[(7, &own, "pod")]);
    let why = enter(folder.path(), Entrance { names: &[UID.to_owned()], addresses: &[] }).unwrap_err().to_string();
    assert!(why.contains("nothing is known of the pod"), "{why}");
    fs::create_dir(folder.path().join("self/task/2")).unwrap();
    let why = enter(folder.path(), Entrance { names: &[UID.to_owned()], addresses: &[[192, 0, 2, 7].into()] }).unwrap_err().to_string();
    assert!(why.contains("this process has 2 threads already"), "{why}");
}

#[test]
fn networks_are_told_apart_and_the_hosts_is_none_of_them() {
    let own = pod(UID);
    let folder = proc(&[(9, &own, "inner"), (7, &own, "pod"), (8, &own, "pod"), (10, &own, "host"), (11, "/", "else")]);
    let members = members(folder.path(), &[UID.to_owned()]).unwrap();
    let numbers: Vec<_> = members.iter().map(|member| member.process.file_name().unwrap().to_owned()).collect();
    assert_eq!(numbers, ["7", "8", "9", "10"]);
    let host = identity(&folder.path().join("1")).unwrap();
    let named = |name: &str| fs::metadata(folder.path().join(name)).map(|found| (found.dev(), found.ino())).unwrap();
    assert_eq!(networks(&members, Some(host)).unwrap(), [named("pod"), named("inner")]);
}

#[test]
fn a_resolv_conf_is_a_file_of_the_pods() {
    let own = pod(UID);
    let folder = proc(&[(7, &own, "pod"), (8, &own, "pod"), (9, &own, "pod")]);
    let etc = |number: &str| {
        let etc = folder.path().join(number).join("root/etc");
        fs::create_dir_all(&etc).unwrap();
        etc.join("resolv.conf")
    };
    let told = || match resolver(members(folder.path(), &[UID.to_owned()]).unwrap().iter()) {
        Resolver::Conf(conf) => format!("{} servers", conf.nameservers.len()),
        Resolver::Unreadable(why) => why,
    };
    assert_eq!(told(), "reading the pod's resolv.conf: No such file or directory (os error 2)");
    // Neither what leads elsewhere nor what is no file.
    symlink("/etc/hostname", etc("7")).unwrap();
    fs::create_dir(etc("8")).unwrap();
    assert!(told().starts_with("reading the pod's resolv.conf: "), "{}", told());
    fs::write(etc("9"), "nameserver 10.96.0.10\n").unwrap();
    assert_eq!(told(), "1 servers");
}
