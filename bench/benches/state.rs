//! What it costs that a set is kept: rates are set over vhost-user, 32 at a time and one at a time, with a state file and
//! without one, and as reads, which change nothing, beside them.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use scmi::transport::{Channel, Received};
use scmi_bench::{ROOM, Running};
use scmi_vhost::frontend::{Frontend, Options};

const BOARD: &str = r#"
platform.vendor = "acme"
agent = [{ name = "vm1" }, { name = "vm2" }, { name = "vm3" }]
clock = [{ name = "uart", rates = { min = 1, max = 4e9, step = 1 } }]"#;

const RATE_SET: u32 = 0x14 << 10 | 5;
const RATE_GET: u32 = 0x14 << 10 | 6;

fn request(words: &[u32]) -> Vec<u8> {
    words.iter().flat_map(|word| word.to_le_bytes()).collect()
}

/// Sends commands, all at once, and waits for all answers.
fn burst(channel: &mut Frontend, requests: impl Iterator<Item = Vec<u8>>) {
    let mut owed = 0;
    for (tag, request) in (0..).zip(requests) {
        channel.send(tag, &request, ROOM).expect("sent");
        owed += 1;
    }
    let mut buffer = [0; ROOM];
    let end = channel.now().after(core::time::Duration::from_secs(10));
    while owed > 0 {
        match channel.receive(&mut buffer) {
            Some(Received::Reply { .. }) => {
                assert_eq!(buffer[4..8], [0; 4], "refused");
                owed -= 1;
            }
            Some(_) => {}
            None => channel.wait(end),
        }
    }
}

fn kept(criterion: &mut Criterion) {
    for (name, kept) in [("not kept", false), ("kept", true)] {
        let running = Running::scmid_kept(BOARD, "vm1", kept).expect("scmid");
        let options = Options::default();
        let mut channel = Frontend::connect(running.socket(), options).expect("connected");
        let mut rate = 0;
        let mut group = criterion.benchmark_group(name);
        for count in [1, 32] {
            group.throughput(Throughput::Elements(count));
            group.bench_function(BenchmarkId::new("set", count), |bencher| {
                bencher.iter(|| {
                    let sets = (0..count).map(|_| {
                        rate += 1;
                        request(&[RATE_SET, 0, 0, rate, 0])
                    });
                    burst(&mut channel, sets);
                });
            });
            group.bench_function(BenchmarkId::new("get", count), |bencher| {
                bencher.iter(|| burst(&mut channel, (0..count).map(|_| request(&[RATE_GET, 0]))));
            });
        }
        group.finish();
    }
}

criterion_group!(benches, kept);
criterion_main!(benches);
