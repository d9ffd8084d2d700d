#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scmi_trace::proofs::read_any(bytes));
