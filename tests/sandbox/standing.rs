//! `netcheck sandbox up` and `exec`.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Command, Output};

use crate::kit::{Background, Place, three_nodes, until};

/// A world that is up, and what it says of itself.
pub(crate) fn up(place: &Place, more: &[&str]) -> (Background, String) {
    raise(place.command(&[&["sandbox", "up"], more].concat()))
}

fn raise(mut command: Command) -> (Background, String) {
    let mut up = Background(command.spawn().unwrap());
    let mut said = String::new();
    let mut lines = BufReader::new(up.0.stdout.take().unwrap());
    while !said.contains("end it") {
        let read = lines.read_line(&mut said).unwrap();
        assert!(read > 0, "it ended: {said}");
    }
    (up, said)
}

pub(crate) fn exec(place: &Place, words: &str) -> (Option<i32>, String) {
    let words: Vec<&str> = ["sandbox", "exec"].into_iter().chain(words.split(' ')).collect();
    told(place.command(&words))
}

fn told(mut command: Command) -> (Option<i32>, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    (status.code(), [stdout, stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat())
}

pub(crate) fn end(mut up: Background) {
    let sent = Command::new("kill").args(["-INT", &up.0.id().to_string()]).status().unwrap();
    assert!(sent.success());
    assert_eq!(up.0.wait().unwrap().code(), Some(0));
}

pub(crate) fn check(place: &Place, words: &str, exit: i32, says: &str) {
    let (code, said) = exec(place, words);
    assert!(code == Some(exit) && said.contains(says), "{words}: {code:?} {said}");
}

#[test]
fn commands_run_in_the_nodes_of_a_world_that_is_up() {
    let place = Place::new();
    let faults = "faults: [{ from: node1, to: node3, lose: 100% }]";
    place.write("world.yaml", &three_nodes(faults));
    check(&place, "node1 -- true", 2, "no world is up");
    let (world, said) = up(&place, &["--world", "world.yaml"]);
    for part in ["world test is up: 3 nodes", "node2/host", "10.244.0.2", "all packets from node1 to node3: lost", "sandbox exec"] {
        assert!(said.contains(part), "{part:?} in {said}");
    }
    check(&place, "node1 -- ping -c 3 -i 0.2 10.244.0.2", 0, "3 received, 0% packet loss");
    check(&place, "node2 -- ping -c 1 fd44::3", 0, "1 received");
    check(&place, "node1/host -- ping -c 1 10.245.0.2", 0, "1 received");
    check(&place, "node1 -- ping -c 2 -i 0.2 -W 1 10.244.0.3", 1, "0 received, 100% packet loss");
    check(&place, "node1 -- no-such-command", 2, "running no-such-command: No such file");
    check(&place, "node9 -- true", 2, "it has node1, node1/host, node2");
    check(&place, "--name other node1 -- true", 2, "no world \"other\" is up");
    end(world);
    check(&place, "node1 -- true", 2, "no world is up");
    assert_eq!(fs::read_dir(place.temporary()).unwrap().count(), 0);
}

#[test]
fn several_worlds_are_told_apart_by_name() {
    let place = Place::new();
    place.write("one.yaml", "netcheck: v1\nworld: one\nnodes: 1\n").write("two.yaml", "netcheck: v1\nworld: two\nnodes: 2\n");
    let (one, _) = up(&place, &["--world", "one.yaml"]);
    let (two, _) = up(&place, &["--world", "two.yaml"]);
    check(&place, "node2 -- true", 2, "choose one with --name: one, two");
    check(&place, "--name two node2 -- true", 0, "");
    let (code, said) = told(place.command(&["sandbox", "up", "--world", "one.yaml"]));
    assert!(code == Some(2) && said.contains("is up already"), "{code:?} {said}");
    end(one);
    check(&place, "node2 -- true", 0, "");
    end(two);
}

#[test]
fn a_world_that_was_killed_is_down() {
    let place = Place::new();
    let (mut world, _) = up(&place, &[]);
    world.0.kill().unwrap();
    world.0.wait().unwrap();
    check(&place, "node1 -- true", 2, "no world is up");
    let (world, _) = up(&place, &[]);
    check(&place, "node1 -- true", 0, "");
    end(world);
    until("nothing is left", || (fs::read_dir(place.temporary()).unwrap().count() == 0).then_some(()));
}

#[test]
fn an_ordinary_user_keeps_worlds_up_and_enters_them() {
    let place = Place::new();
    let script = "mkdir dev; mount -t tmpfs none dev; mknod -m 666 dev/tun c 10 200; mount --bind dev/tun /dev/net/tun; \
                  exec setpriv --reuid 65534 --regid 65534 --clear-groups $NETCHECK sandbox up";
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-euc", script]).env("NETCHECK", place.program());
    let (world, _) = raise(place.at_home(command));
    let mut enter = Command::new("setpriv");
    enter.args(["--reuid", "65534", "--regid", "65534", "--clear-groups"]).arg(place.program());
    enter.args(["sandbox", "exec", "node1", "--", "ping", "-c", "1", "10.244.0.2"]);
    let (code, said) = told(place.at_home(enter));
    assert!(code == Some(0) && said.contains("1 received"), "{code:?} {said}");
    end(world);
}
