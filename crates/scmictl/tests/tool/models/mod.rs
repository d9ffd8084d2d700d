//! A platform in memory that has everything, and agents of it.

mod clocks;
mod domains;
mod pins;
mod rails;

use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::thread::JoinHandle;

use scmi::platform::{AgentId, Platform};
use scmi::protocol::base::platform::Identity;
use scmi::protocol::clock::platform::ClockServer;
use scmi::protocol::perf::platform::PerfServer;
use scmi::protocol::pinctrl::platform::PinServer;
use scmi::protocol::power::platform::PowerServer;
use scmi::protocol::powercap::platform::PowercapServer;
use scmi::protocol::reset::platform::ResetServer;
use scmi::protocol::system::platform::SystemServer;
use scmi::protocol::voltage::platform::VoltageServer;
use scmi_vhost::MonotonicClock;
use scmi_vhost::backend::{Hub, Server, Stop};
use serde_json::Value;

use crate::common::{scmictl, stderr, stdout};

/// The platform, with the agents vm1 and vm2 on sockets; it ends when this is dropped.
pub(crate) struct World {
    folder: tempfile::TempDir,
    stop: Stop,
    threads: Vec<JoinHandle<()>>,
}

const AGENTS: [&str; 2] = ["vm1", "vm2"];

impl World {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let hub = Arc::new(Hub::new(platform(), MonotonicClock::new()));
        let stop = Stop::new().expect("an eventfd");
        let mut threads = Vec::new();
        for (index, name) in AGENTS.into_iter().enumerate() {
            let server = Server::bind(folder.path().join(format!("{name}.sock"))).expect("bound");
            let (hub, stop) = (Arc::clone(&hub), stop.clone());
            let agent = AgentId::from_index(index).expect("an agent");
            threads.push(std::thread::spawn(move || {
                server.serve(&hub, agent, &stop).expect("served");
            }));
        }
        Self { folder, stop, threads }
    }

    fn target(&self, agent: &str) -> String {
        let socket: PathBuf = self.folder.path().join(format!("{agent}.sock"));
        format!("vhost-user:{}", socket.display())
    }

    /// Runs the tool as an agent.
    pub(crate) fn run_as(&self, agent: &str, arguments: &[&str]) -> Output {
        let target = self.target(agent);
        scmictl(&[&["--connect", &target], arguments].concat())
    }

    fn run(&self, arguments: &[&str]) -> Output {
        self.run_as("vm1", arguments)
    }

    /// Starts the tool as vm1.
    pub(crate) fn begin(&self, arguments: &[&str]) -> Child {
        Command::new(env!("CARGO_BIN_EXE_scmictl"))
            .args(["--connect", &self.target("vm1")])
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("scmictl starts")
    }

    /// What the tool prints as vm1.
    pub(crate) fn text(&self, arguments: &[&str]) -> String {
        stdout(&self.run(arguments))
    }

    /// The same as a document.
    pub(crate) fn json(&self, arguments: &[&str]) -> Value {
        let text = self.text(&[&["--json"], arguments].concat());
        serde_json::from_str(&text).expect("a document")
    }

    /// What the tool complains of as vm1, with this exit code.
    pub(crate) fn fails(&self, arguments: &[&str], code: i32) -> String {
        stderr(&self.run(arguments), code)
    }

    /// Has vm1 watch until one event came, while vm2 does something again and again; gives the event.
    pub(crate) fn watched(&self, watch: &[&str], meanwhile: &[&[&str]]) -> Value {
        let end = ["--count", "1", "--seconds", "60"];
        let mut child = self.begin(&[&["--json"], watch, &end].concat());
        // When it begins to watch is not seen from outside.
        while running(&mut child) {
            for act in meanwhile {
                stdout(&self.run_as("vm2", act));
            }
        }
        let text = stdout(&child.wait_with_output().expect("it ends"));
        serde_json::from_str(&text).expect("one event")
    }
}

fn running(child: &mut Child) -> bool {
    child.try_wait().expect("a child").is_none()
}

impl Drop for World {
    fn drop(&mut self) {
        self.stop.stop();
        for thread in self.threads.drain(..) {
            thread.join().expect("it served to the end");
        }
    }
}

fn platform() -> Platform {
    let identity =
        Identity { vendor: "test".into(), sub_vendor: "verbs".into(), implementation_version: 1 };
    let builder = Platform::builder(identity);
    let builder = AGENTS.into_iter().fold(builder, |builder, name| builder.agent(name, &[]));
    builder
        .server(Box::new(PowerServer::new(Box::new(domains::Power::new())).expect("power")))
        .server(Box::new(SystemServer::new(Box::new(domains::Machine::new()))))
        .server(Box::new(PerfServer::new(Box::new(domains::Perf::new())).expect("perf")))
        .server(Box::new(ClockServer::new(Box::new(clocks::Clocks::new())).expect("clocks")))
        .server(Box::new(ResetServer::new(Box::new(domains::Resets::new())).expect("resets")))
        .server(Box::new(VoltageServer::new(Box::new(rails::Rails::new())).expect("rails")))
        .server(Box::new(PowercapServer::new(Box::new(rails::Caps::new())).expect("caps")))
        .server(Box::new(PinServer::new(Box::new(pins::Pins::new())).expect("pins")))
        .build()
        .expect("a platform")
}
