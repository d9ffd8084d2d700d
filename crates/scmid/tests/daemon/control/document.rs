//! The OpenAPI document: what is served is what the code says and what is shipped.

use serde_json::Value;

use super::Controlled;

/// The document that the project ships.
const SHIPPED: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");

#[test]
fn the_document_is_served_and_shipped() {
    let served = Controlled::start().get("/openapi.json");
    assert!(served.head.contains("content-type: application/json"), "{served:?}");
    assert_eq!(served.body, scmid::control::document());
    let shipped = std::fs::read_to_string(SHIPPED).expect("docs/openapi.json");
    assert!(
        shipped == served.body,
        "docs/openapi.json is not as the code says: write what `scmictl platform openapi` prints there"
    );
}

#[test]
fn every_path_of_the_document_is_there_and_says_how_it_refuses() {
    let controlled = Controlled::start();
    let document: Value = serde_json::from_str(&scmid::control::document()).expect("JSON");
    assert!(document["openapi"].as_str().is_some_and(|it| it.starts_with("3.1")));
    let paths = document["paths"].as_object().expect("paths");
    for (path, operations) in paths {
        let there = path.replace("{agent}", "vm1").replace("{sensor}", "cpu");
        let there = there.replace("{fault}", "some");
        for (method, operation) in operations.as_object().expect("operations") {
            let refusals = &operation["responses"]["400"]["content"];
            assert!(refusals["application/problem+json"].is_object(), "{method} {path}");
            let text = operation["summary"].as_str().unwrap_or_default();
            assert!(text.ends_with('.'), "{method} {path} has no summary");
            // One to be removed, where none stands.
            let fault =
                r#"{ "name": "some", "count": 1, "do": { "twice": true }, "agent": "vm2" }"#;
            assert!([201, 409].contains(&controlled.ask("POST", "/v1/faults", fault).status));
            if path != "/v1/events" {
                let answer = controlled.ask(&method.to_uppercase(), &there, "{}");
                assert!(![0, 404, 405].contains(&answer.status), "{method} {path}: {answer:?}");
                let known = operation["responses"].get(answer.status.to_string());
                assert!(known.is_some(), "{method} {path}: {answer:?} is not in the document");
            }
        }
    }
    // What steers is never done by a GET.
    for path in ["/v1/orders", "/v1/sensors/cpu/source"] {
        let (field, _) = controlled.get(path).refusal(405);
        assert_eq!(field, "method");
    }
}
