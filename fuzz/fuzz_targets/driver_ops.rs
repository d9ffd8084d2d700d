#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| scmi_virtio::proofs::driver_ops(bytes));
