//! Linux's own account of the SCMI messages of a boot, byte for byte: its trace event `scmi_msg_dump`.

use anyhow::{Result, ensure};

use crate::builder::GuestBuilder;
use crate::guest::Guest;

const TRACING: &str = "/sys/kernel/tracing";

/// The event, and how its lines go on.
const EVENT: &str = "scmi_msg_dump: ";

impl GuestBuilder {
    /// Linux keeps all its SCMI messages from the first on, for [`Guest::message_dump`].
    ///
    /// Linux dumps a command after it has sent it, and has the answer written to the same memory. So that the dump does
    /// not show the answer twice, interrupts are left to a thread, which runs later.
    pub fn dumping_messages(self) -> Self {
        self.kernel_args("trace_event=scmi:scmi_msg_dump trace_buf_size=16M threadirqs")
    }
}

impl Guest {
    /// The messages so far, a line each, as Linux tells them: `t=CMND` for commands, `RESP` for responses, `DLYD` for
    /// delayed ones, `NOTI` for notifications, in small letters where raw mode sent the command; `pt` the protocol,
    /// `msg_id` the message and `seq` the token, in hex; `s` the status; `pyld` what
    /// follows the header, or the status.
    ///
    /// # Errors
    /// When the guest was not built for it, or has forgotten some.
    pub fn message_dump(&mut self) -> Result<Vec<String>> {
        let trace = self.ok(&format!(
            "mountpoint -q {TRACING} || mount -t tracefs none {TRACING}; cat {TRACING}/trace"
        ))?;
        let messages = trace.lines().filter_map(|line| Some(line.split_once(EVENT)?.1.to_owned()));
        let messages: Vec<String> = messages.collect();
        ensure!(!messages.is_empty(), "no messages were dumped:\n{trace}");
        // "entries-in-buffer/entries-written: 1055/1055"
        let counts = trace.lines().find_map(|line| line.split_once("entries-written: "));
        let counts = counts.and_then(|(_, rest)| rest.split_whitespace().next()?.split_once('/'));
        ensure!(
            counts.is_some_and(|(kept, written)| kept == written),
            "of the trace's lines are there: {counts:?}"
        );
        Ok(messages)
    }
}
