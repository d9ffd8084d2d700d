//! Clients that send nonsense, too much, or nothing.

use std::io::{ErrorKind, Read, Write};

use scmi::protocol::clock::agent::Clocks;

use super::{Controlled, answer};

#[test]
fn nonsense_is_answered_or_ends_the_connection() {
    let controlled = Controlled::start();
    for path in ["/", "/v1", "/v2/board", "/v1/board/", "/v1/sensors", "/openapi.yaml"] {
        assert_eq!(controlled.get(path).refusal(404).0, "path", "{path}");
    }
    assert_eq!(controlled.get("/v1/board?pretty").refusal(400).0, "query");
    let header = |name: &str, value: &str| {
        controlled.send(&format!(
            "POST /v1/orders HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{name}: {value}\r\n\
             Content-Length: 2\r\n\r\n{{}}"
        ))
    };
    for kind in ["text/plain", "application/jsonx", "application/xml"] {
        let (field, expected) = header("Content-Type", kind).refusal(415);
        assert_eq!((field.as_str(), expected.as_str()), ("content-type", "application/json"));
    }
    assert_eq!(header("Content-Type", "application/json; charset=utf-8").status, 422);
    for bytes in
        ["\r\n\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\u{0}\u{1}\u{2}\r\n\r\n"]
    {
        let mut stream = controlled.connect();
        stream.write_all(bytes.as_bytes()).expect("sent");
        stream.shutdown(std::net::Shutdown::Write).expect("ended");
        let answer = answer(stream);
        assert!([0, 400, 505].contains(&answer.status), "{bytes:?}: {answer:?}");
    }
    assert_eq!(controlled.get("/health").status, 200);
}

#[test]
fn bodies_and_heads_have_limits() {
    let controlled = Controlled::start();
    let body = format!("{{ \"order\": \"{}\" }}", "x".repeat(16 << 10));
    let (field, expected) = controlled.ask("POST", "/v1/orders", &body).refusal(413);
    assert_eq!((field.as_str(), expected.as_str()), ("body", "at most 16384 bytes"));
    let mut stream = controlled.connect();
    let head = format!("GET /health HTTP/1.1\r\nHost: x\r\nX: {}\r\n\r\n", "x".repeat(64 << 10));
    // It may be refused before all of it is sent.
    let _sent = stream.write_all(head.as_bytes());
    let mut bytes = Vec::new();
    let _reset = stream.read_to_end(&mut bytes);
    let text = String::from_utf8_lossy(&bytes);
    assert!(text.is_empty() || text.starts_with("HTTP/1.1 431"), "{text}");
}

/// 32 clients have places. They say nothing, which costs them their places after ten seconds; others wait until then, and
/// agents are served all the time.
#[test]
fn clients_that_say_nothing_lose_their_places_and_agents_feel_nothing() {
    let controlled = Controlled::start();
    let mut silent: Vec<_> = (0..40).map(|_| controlled.connect()).collect();
    let half: Vec<_> = silent.iter_mut().take(20).collect();
    for stream in half {
        stream.write_all(b"GET /v1/board HTTP/1.1\r\nHost: x\r\n").expect("sent");
    }
    controlled.daemon.with("vm1", |client| {
        let mut clocks = Clocks::open(client).expect("clocks");
        assert_eq!((0..1000).filter(|_| clocks.rate(1).is_ok()).count(), 1000);
    });
    assert_eq!(controlled.get("/health").status, 200, "when the first have lost their places");
    let mut rest = Vec::new();
    silent[0].read_to_end(&mut rest).expect("it was ended");
}

/// It asks again and again and reads nothing: what waits for it is bounded by the socket, and then it is put out.
#[test]
fn a_client_that_does_not_read_is_put_out() {
    let controlled = Controlled::start();
    let mut stream = controlled.connect();
    stream.set_write_timeout(Some(super::PATIENCE)).expect("set");
    let request = b"GET /v1/board HTTP/1.1\r\nHost: x\r\n\r\n";
    let error = loop {
        if let Err(error) = stream.write_all(request) {
            break error;
        }
    };
    let ended = [ErrorKind::BrokenPipe, ErrorKind::ConnectionReset];
    assert!(ended.contains(&error.kind()), "{error}");
    assert_eq!(controlled.get("/health").status, 200);
}
