//! How long an agent takes to find everything on a big board: with the platform in its own process, and with `scmid` in
//! another one, over vhost-user.

use criterion::{Criterion, criterion_group, criterion_main};
use scmi::agent::Client;
use scmi::platform::Link;
use scmi::transport::Loopback;
use scmi_bench::{Running, inventory};
use scmi_board::Board;
use scmi_test_kit::big;
use scmi_vhost::frontend::{Frontend, Options};

fn big_board(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("a big board");
    let text = big::text();
    let platform = Board::parse(&text, "big").expect("a board").platform().expect("a platform");
    let agent = platform.agent("vm1").expect("an agent");
    let mut channel = Loopback::new(platform, agent, Link::new(true));
    let mut client = Client::<16>::new(&mut channel);
    group.bench_function("in one process", |bencher| {
        bencher.iter(|| assert_eq!(inventory(&mut client), Ok(big::ITEMS)));
    });

    let running = Running::scmid(&text, "vm1").expect("scmid");
    let mut channel = Frontend::connect(running.socket(), Options::default()).expect("connected");
    let mut client = Client::<16>::new(&mut channel);
    group.bench_function("over vhost-user", |bencher| {
        bencher.iter(|| assert_eq!(inventory(&mut client), Ok(big::ITEMS)));
    });
    group.finish();
}

criterion_group!(benches, big_board);
criterion_main!(benches);
