//! The bodies on random bytes and on the bytes that fuzzing found worth keeping. `PROPTEST_CASES` says how many.

use std::fs;
use std::path::Path;

use proptest::collection::vec;
use proptest::prelude::*;

fn cases(usual: u32) -> ProptestConfig {
    let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = usual;
    }
    config
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn a_hostile_device_can_do_no_more_than_close_the_channel(bytes in vec(any::<u8>(), 0..1500)) {
        super::driver_ops(&bytes);
    }
}

#[test]
fn driver_ops() {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/driver_ops");
    let mut ran = 0;
    for file in fs::read_dir(corpora).expect("the corpora are part of the tree") {
        super::driver_ops(&fs::read(file.expect("it is listed").path()).expect("it can be read"));
        ran += 1;
    }
    assert!(ran > 0, "driver_ops has an empty corpus");
}
