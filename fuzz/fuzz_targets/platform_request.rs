#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scmi::proofs::platform_request(bytes));
