//! What the machine allows, and what is said where it does not.

use std::process::Command;

use crate::kit::{MESH, Place, Ran, three_nodes};

/// Runs a script in a mount namespace of its own, as root; `$NETCHECK` is the program, and `$USER_IS nobody` in front of it
/// makes it that user's.
fn in_script(place: &Place, script: &str) -> Ran {
    let mut command = Command::new("unshare");
    command.args(["--mount", "sh", "-euc", script]);
    command.env("NETCHECK", place.program()).env("AS_NOBODY", "setpriv --reuid 65534 --regid 65534 --clear-groups");
    place.ran(place.at_home(command))
}

const HIDE_TUN: &str = "mount -t tmpfs none /dev/net; ";

/// As most distributions have it: everybody may open the device, and do nothing outside their own namespaces.
const OPEN_TUN: &str = "mkdir dev; mount -t tmpfs none dev; mknod -m 666 dev/tun c 10 200; mount --bind dev/tun /dev/net/tun;";

const RUN: &str = "$NETCHECK run --backend sandbox suite.yaml ";

fn check(script: &str, exit: i32, says: &[&str]) {
    let place = Place::new();
    place.write("suite.yaml", MESH).write("world.yaml", &three_nodes("faults: [{ from: node1, to: node2, lose: 100% }]"));
    let ran = in_script(&place, script);
    assert_eq!(ran.exit, Some(exit));
    for part in says {
        ran.says(part);
    }
}

#[test]
fn without_tun_devices_auto_falls_to_loopback_and_says_so() {
    let note =
        "note: the sandbox falls back to loopback, because this machine refuses it network namespaces: opening /dev/net/tun: No such";
    check(&format!("{HIDE_TUN}{RUN}"), 0, &[note, "world three-nodes (sandbox, loopback)"]);
}

#[test]
fn without_tun_devices_namespaces_are_refused_with_a_remedy() {
    let error = "error: this machine refuses the sandbox its network namespaces: opening /dev/net/tun: No such file";
    check(&format!("{HIDE_TUN}{RUN}--isolation namespaces"), 3, &[error, "help:", "modprobe tun", "--isolation loopback"]);
}

#[test]
fn a_fault_that_cannot_be_made_is_an_error_that_names_it() {
    let fault = "all packets from node1 to node2: lost";
    check(&format!("{HIDE_TUN}{RUN}--world world.yaml"), 3, &["take network namespaces", "opening /dev/net/tun", fault]);
    check(&format!("{RUN}--isolation loopback --world world.yaml"), 2, &["--isolation loopback cannot make these faults", fault]);
}

#[test]
fn an_ordinary_user_gets_a_user_namespace() {
    check(&format!("{OPEN_TUN}$AS_NOBODY {RUN}--isolation namespaces"), 0, &["world three-nodes (sandbox, namespaces)", "6 passed"]);
}

#[test]
fn an_ordinary_user_makes_faults_too() {
    let world = "--world world.yaml --isolation namespaces";
    check(&format!("{OPEN_TUN}$AS_NOBODY {RUN}{world}"), 1, &["node1 → node2"]);
}

#[test]
fn whoever_may_have_no_user_namespace_is_told() {
    // Root of a user namespace of one user may make others; how many, is a setting (user_namespaces(7)).
    let script = format!(
        "{OPEN_TUN}$AS_NOBODY unshare --user --map-root-user sh -euc 'echo 0 >/proc/sys/user/max_user_namespaces; \
                          exec setpriv --bounding-set -sys_admin --inh-caps -all {RUN}'"
    );
    check(&script, 0, &["note: the sandbox falls back to loopback", "making a user namespace: "]);
}
