//! What firmware links is small, and cannot panic.

use std::fs;

use anyhow::{Result, ensure};
use scmi_test_kit::{LINKED_MOST, Linked, workspace_root};

#[test]
fn agent_driver_and_four_clients_are_as_small_as_is_promised() -> Result<()> {
    let agent = Linked::find("agent")?;
    let bytes = agent.bytes()?;
    ensure!(bytes <= LINKED_MOST, "{bytes} bytes are linked; at most {LINKED_MOST} are promised");
    // All of it is there.
    let symbols = agent.symbols()?;
    for part in ["Queue", "PciTransport", "MmioTransport", "agent::engine", "Clocks", "Resets"] {
        ensure!(symbols.iter().any(|(_, name)| name.contains(part)), "nothing of {part} is linked");
    }
    Ok(())
}

#[test]
fn no_panic_is_linked_and_one_that_were_would_be_seen() -> Result<()> {
    let found = Linked::find("agent")?.panics()?;
    ensure!(found.is_empty(), "what can panic is linked:\n{}", found.join("\n"));
    let control = Linked::find("control")?.panics()?;
    ensure!(!control.is_empty(), "an image that can panic looks as if it could not");
    Ok(())
}

/// Each public function of a client is one of those that are linked.
#[test]
fn every_call_of_the_four_clients_is_among_what_is_measured() -> Result<()> {
    let root = workspace_root();
    let calls = fs::read_to_string(root.join("bench/size/src/agent/calls.rs"))?;
    let mut seen = 0;
    for (protocol, client) in [
        ("base", "base::agent"),
        ("clock", "Clocks"),
        ("reset", "Resets"),
        ("power", "PowerDomains"),
    ] {
        let file = root.join("crates/scmi/src/protocol").join(protocol).join("agent.rs");
        for line in fs::read_to_string(file)?.lines() {
            let Some((before, after)) = line.split_once("pub fn ") else { continue };
            let name = after.split(['(', '<']).next().unwrap_or_default();
            // Those of an event, and a question that a call asks.
            if ["parse", "reports", "discover_agent"].contains(&name) {
                continue;
            }
            ensure!(before.trim().is_empty(), "not understood: {line}");
            ensure!(calls.contains(&format!("    {client}::{name},\n")), "no {client}::{name}");
            seen += 1;
        }
        // Those that every client is given.
        for name in ["open", "find", "version", "count"] {
            let call = format!("    {client}::{name},\n");
            ensure!(protocol == "base" || calls.contains(&call), "no {client}::{name}");
        }
        let event = format!("    {protocol}::agent::Event::parse,\n");
        ensure!(calls.contains(&event), "no event of {protocol}");
    }
    ensure!(seen > 35, "only {seen} calls were found");
    Ok(())
}
