//! The tests are in `tests/`: each runs a program of `guest/` in QEMU and reads what it printed.
