//! The platform's engine alone, without rings and threads: nanoseconds for each command.

use core::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use scmi::Time;
use scmi::platform::{Link, Outcome};
use scmi_bench::{Message, ROOM};
use scmi_board::Board;

fn engine(criterion: &mut Criterion) {
    let board = Board::load(concat!(env!("CARGO_MANIFEST_DIR"), "/board.toml")).expect("a board");
    let mut platform = board.platform().expect("a platform");
    let agent = platform.agent("bench").expect("the board's agent");
    platform.connect(Time::ZERO, agent, Link::new(true));
    let mut reply = [0; ROOM];
    let mut group = criterion.benchmark_group("Platform::handle");
    for message in [Message::ProtocolVersion, Message::SensorReadingGet] {
        let request = message.request(1);
        let mut nanos = 0;
        group.bench_function(message.to_string(), |bencher| {
            bencher.iter(|| {
                nanos += 1000;
                let now = Time::from_nanos(nanos);
                let outcome = platform.handle(now, agent, black_box(&request), &mut reply);
                assert_eq!(outcome, Outcome::Reply(message.answer_len()));
                black_box(&reply);
            });
        });
    }
    group.finish();
}

criterion_group!(benches, engine);
criterion_main!(benches);
