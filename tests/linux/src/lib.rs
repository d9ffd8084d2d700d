//! The tests are in `tests/`, one file a protocol; each boots a Linux guest with `scmi-test-kit`
//! and does what a user would do in it.
