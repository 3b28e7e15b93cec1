//! Temporary.
use super::*;
use std::process::Command;

fn sh(command: &str) -> String {
    let out = Command::new("sh").args(["-ec", command]).output().unwrap();
    format!("{}{}", String::from_utf8_lossy(&out.stdout), String::from_utf8_lossy(&out.stderr))
}

/// A thread in a namespace of its own; runs what it is sent.
struct Space {
    orders: std::sync::mpsc::Sender<String>,
    answers: std::sync::mpsc::Receiver<String>,
    device: Option<OwnedFd>,
}

fn space(v4: &'static str, v6: &'static str) -> Space {
    let (orders, inbox) = std::sync::mpsc::channel::<String>();
    let (outbox, answers) = std::sync::mpsc::channel();
    let (give, get) = std::sync::mpsc::channel();
    thread::spawn(move || {
        nix::sched::unshare(nix::sched::CloneFlags::CLONE_NEWNET).unwrap();
        give.send(device("eth0", 1500).unwrap()).unwrap();
        println!(
            "{}",
            sh(&format!(
                "ip link set lo up; ip addr add {v4}/32 dev eth0; ip route add default dev eth0; ip -6 addr add {v6}/128 dev eth0 nodad; ip -6 route add default dev eth0; sysctl -qw net.ipv4.ping_group_range='0 2147483647'"
            ))
        );
        outbox.send(String::new()).unwrap();
        for order in inbox {
            outbox.send(sh(&order)).unwrap();
        }
    });
    let device = Some(get.recv().unwrap());
    answers.recv().unwrap();
    Space { orders, answers, device }
}

impl Space {
    fn run(&self, order: &str) -> String {
        self.orders.send(order.to_owned()).unwrap();
        self.answers.recv().unwrap()
    }
}

#[test]
fn play() {
    let mut a = space("10.244.0.1", "fd44::1");
    let mut b = space("10.244.0.2", "fd44::2");
    let mut world = World::three_nodes();
    world.latency = crate::model::units::Micros(std::env::var("LATENCY").ok().and_then(|l| l.parse().ok()).unwrap_or(0));
    let ports = vec![
        Port { vantage: Vantage::pod("node1"), device: a.device.take().unwrap() },
        Port { vantage: Vantage::pod("node2"), device: b.device.take().unwrap() },
    ];
    let _fabric = start(Arc::new(world), ports).unwrap();
    b.orders.send(std::env::var("THERE").unwrap_or_else(|_| "ping -c3 -i0.2 10.244.0.1".into())).unwrap();
    println!("A: {}", a.run(&std::env::var("HERE").unwrap_or_else(|_| "ping -c3 -i0.2 10.244.0.2; ping -c3 -i 0.2 fd44::2".into())));
    println!("B: {}", b.answers.recv().unwrap());
    println!("{}", a.run("ip -s link show eth0"));
    println!("{}", b.run("ip -s link show eth0"));
}
