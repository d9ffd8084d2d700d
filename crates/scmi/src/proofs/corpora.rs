//! The bytes that fuzzing found worth keeping, those that once broke something among them, one after the other.

use std::fs;
use std::path::Path;

fn run(target: &str, body: fn(&[u8])) {
    let corpora = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus");
    let files = fs::read_dir(corpora.join(target)).expect("the corpora are part of the tree");
    let mut ran = 0;
    for file in files {
        body(&fs::read(file.expect("it is listed").path()).expect("it can be read"));
        ran += 1;
    }
    assert!(ran > 0, "{target} has an empty corpus");
}

#[test]
fn platform_request() {
    run("platform_request", super::platform_request);
}

#[test]
fn platform_ops() {
    run("platform_ops", super::platform_ops);
}

#[test]
fn agent_ops() {
    run("agent_ops", super::agent_ops);
}

#[test]
fn client_ops() {
    run("client_ops", super::client_ops);
}

#[test]
fn typed_calls() {
    run("typed_calls", super::typed_calls);
}

#[test]
fn paging() {
    run("paging", super::paging);
}

#[test]
fn decode() {
    run("decode", super::decode_any);
}
