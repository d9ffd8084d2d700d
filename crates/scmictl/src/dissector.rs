//! `scmictl dissector`: traces in Wireshark.

use std::io::Write;

use clap::Args;

use crate::failure::Failure;

/// Print the dissector with which Wireshark and tshark read traces.
///
/// It knows every message that this tool knows: both are made from the same tables.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES, after_long_help = EXAMPLES)]
pub(crate) struct Arguments {}

const EXAMPLES: &str = "\
Examples:
  scmictl dissector > ~/.local/lib/wireshark/plugins/scmi.lua    from then on Wireshark has it
  scmictl dissector > scmi.lua && tshark -X lua_script:scmi.lua -r boot.pcapng";

/// Prints it.
pub(crate) fn run(out: &mut dyn Write) -> Result<(), Failure> {
    Ok(out.write_all(scmi_trace::dissector().as_bytes())?)
}
