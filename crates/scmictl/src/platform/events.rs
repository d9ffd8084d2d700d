//! `platform events`.

use std::io::Write;

use serde_json::{Value, json};

use super::client::Client;
use crate::failure::Failure;
use crate::watching::Until;

/// Prints events until the end.
pub(super) fn print(
    client: &Client<'_>,
    until: &Until,
    json: bool,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let (mut name, mut left) = (String::new(), until.count);
    if left == Some(0) {
        return Ok(());
    }
    client.follow("/v1/events", until.seconds, &mut |line| {
        if let Some(event) = line.strip_prefix("event: ") {
            name = event.to_owned();
        }
        let Some(data) = line.strip_prefix("data: ") else { return Ok(true) };
        let data: Value = serde_json::from_str(data).unwrap_or_default();
        if json {
            writeln!(out, "{}", json!({ "event": name, "data": data }))?;
        } else {
            writeln!(out, "{}", in_words(&name, &data))?;
        }
        // Whoever reads it wants to see it now.
        out.flush()?;
        left = left.map(|left| left.saturating_sub(1));
        Ok(left != Some(0))
    })
}

fn in_words(event: &str, data: &Value) -> String {
    let text = |name: &str| data.get(name).and_then(Value::as_str).unwrap_or_default();
    let number = |name: &str| data.get(name).and_then(Value::as_u64).unwrap_or_default();
    let flag = |name: &str| data.get(name).and_then(Value::as_bool).unwrap_or_default();
    let how = || if flag("graceful") { "graceful" } else { "forceful" };
    match event {
        "agent" if text("what") == "gone" => format!("agent {} has gone", text("agent")),
        "agent" => format!("agent {} came, for the {}. time", text("agent"), number("lives")),
        "refusal" => format!(
            "agent {}: {} refused with {}, {} times",
            text("agent"),
            text("message"),
            text("status"),
            number("count")
        ),
        "request" => format!("agent {} asks for a {} {}", text("agent"), how(), text("state")),
        "order" => {
            let whom = match text("agent") {
                "" => "all agents".to_owned(),
                agent => format!("agent {agent}"),
            };
            let told = number("told");
            format!("ordered: a {} {} of {whom}; told: {told}", how(), text("state"))
        }
        "changed" => {
            let now = data.get("now").cloned().unwrap_or_default();
            let name = now.get("name").and_then(Value::as_str).unwrap_or_default();
            format!("{} {name}: {}", text("kind"), fields(&now))
        }
        "fault" => deeds(data),
        "reload" => reload(data),
        "dropped" => format!("{} events were lost: this is too slow", number("events")),
        other => format!("{other}: {data}"),
    }
}

/// What faults did, all of a look in one line.
fn deeds(data: &Value) -> String {
    let lines = data.get("done").and_then(Value::as_array).into_iter().flatten();
    let line = |line: &Value| {
        let text = |name: &str| line.get(name).and_then(Value::as_str).unwrap_or_default();
        let count = line.get("count").and_then(Value::as_u64).unwrap_or_default();
        let fault = match text("fault") {
            "" => "a fault that is gone".to_owned(),
            name => format!("fault {name}"),
        };
        format!("{fault} of agent {}: {} {count} times", text("agent"), text("kind"))
    };
    let mut lines: Vec<String> = lines.map(line).collect();
    let more = data.get("more").and_then(Value::as_u64).unwrap_or_default();
    lines.extend((more != 0).then(|| format!("faults: {more} times more")));
    lines.join("; ")
}

/// What came of a reload.
fn reload(data: &Value) -> String {
    let text = |name: &str| data.get(name).and_then(Value::as_str);
    let Some(file) = text("file") else {
        return format!("reload refused: {}", text("error").unwrap_or_default());
    };
    match data.get("changes").and_then(Value::as_u64) {
        Some(0) | None => format!("reload of {file}: nothing is different"),
        Some(changes) => format!("reload of {file}: {changes} changed"),
    }
}

/// What a state says beside its name, where it says anything.
fn fields(state: &Value) -> String {
    let shown = state.as_object().into_iter().flatten().filter_map(|(name, value)| {
        let value = match value {
            _ if ["id", "name"].contains(&name.as_str()) => return None,
            Value::String(text) => text.clone(),
            Value::Object(quantity) => quantity.get("text")?.as_str()?.to_owned(),
            Value::Array(items) if items.is_empty() => return None,
            other => other.to_string(),
        };
        Some(format!("{name}={value}"))
    });
    shown.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_read_as_sentences() {
        let clock = json!({
            "kind": "clock", "id": 1,
            "now": { "id": 1, "name": "pll", "rate": { "text": "800 MHz" }, "enabled_by": [],
                "running": true },
        });
        assert_eq!(in_words("changed", &clock), "clock pll: rate=800 MHz running=true");
        let order = json!({ "agent": null, "state": "suspend", "graceful": true, "told": 2 });
        let words = "ordered: a graceful suspend of all agents; told: 2";
        assert_eq!(in_words("order", &order), words);
        let faults = json!({ "more": 3, "done": [
            { "fault": "slow", "agent": "vm1", "kind": "delay", "count": 2 },
            { "fault": null, "agent": "vm2", "kind": "twice", "count": 1 },
        ] });
        let words = "fault slow of agent vm1: delay 2 times; \
            a fault that is gone of agent vm2: twice 1 times; faults: 3 times more";
        assert_eq!(in_words("fault", &faults), words);
        let reload = json!({ "file": "board.toml", "changes": 2, "changed": [] });
        assert_eq!(in_words("reload", &reload), "reload of board.toml: 2 changed");
        let refused = json!({ "status": 409, "error": "no", "reasons": [] });
        assert_eq!(in_words("reload", &refused), "reload refused: no");
        let gone = json!({ "agent": "vm1", "what": "gone", "lives": 1 });
        assert_eq!(in_words("agent", &gone), "agent vm1 has gone");
        assert_eq!(
            in_words("dropped", &json!({ "events": 3 })),
            "3 events were lost: this is too slow"
        );
    }
}
