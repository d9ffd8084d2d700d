//! Every body on random bytes. `PROPTEST_CASES` says how many.

use proptest::collection::vec;
use proptest::prelude::*;

/// So many cases, unless the environment says otherwise. What fails is told, and then belongs into
/// `regressions.rs`: no file is written.
pub(super) fn cases(usual: u32) -> ProptestConfig {
    let mut config = ProptestConfig { failure_persistence: None, ..ProptestConfig::default() };
    if std::env::var_os("PROPTEST_CASES").is_none() {
        config.cases = usual;
    }
    config
}

fn bytes(most: usize) -> impl Strategy<Value = std::vec::Vec<u8>> {
    vec(any::<u8>(), 0..most)
}

proptest! {
    #![proptest_config(cases(3000))]

    #[test]
    fn any_request_is_answered_or_dropped_and_counted(bytes in bytes(40)) {
        super::platform_request(&bytes);
    }

    #[test]
    fn anything_can_be_told_in_words(choice: u8, request in 0_u8..8, bytes in bytes(200)) {
        super::decode_any(&[&[choice][..], &bytes].concat());
        // With a header that means something, and success.
        let message = [choice, choice >> 4, 0x54 + (request & 2), request >> 2, 0, 0, 0, 0, 0];
        super::decode_any(&[&message[..], &bytes].concat());
    }

    #[test]
    fn typed_calls_end_whatever_the_platform_answers(bytes in bytes(150)) {
        super::typed_calls(&bytes);
    }
}

proptest! {
    #![proptest_config(cases(1000))]

    #[test]
    fn a_platform_keeps_what_it_promises(bytes in bytes(1500)) {
        super::platform_ops(&bytes);
    }

    #[test]
    fn an_agent_gives_each_answer_to_its_call(bytes in bytes(2500)) {
        super::agent_ops(&bytes);
    }

    #[test]
    fn calls_over_a_bad_channel_end(bytes in bytes(120)) {
        super::client_ops(&bytes);
    }

    #[test]
    fn pages_of_any_size_add_up(bytes in bytes(120)) {
        super::paging(&bytes);
    }
}
