//! Messages of the wrong length: a byte less, and a byte more.

use scmi::agent::{CallError, Malformed};
use scmi::decode::Words;
use scmi::wire::Status;

use crate::entry::find;
use crate::text::{Kind, Vector};
use crate::{all, records};

fn is_described(vector: &Vector, message: &[u8]) -> bool {
    let text = Words::new(message, vector.direction()).version(vector.newest()).to_string();
    !text.lines().any(|line| line.trim_start().starts_with('!'))
}

#[test]
fn a_byte_less_or_more_is_seen_by_the_decoder() {
    for vector in all() {
        let whole = vector.message();
        assert!(is_described(&vector, &whole), "{vector}");
        assert!(!is_described(&vector, &whole[..whole.len() - 1]), "{vector}");
        assert!(!is_described(&vector, &[&whole[..], &[0]].concat()), "{vector}");
    }
}

#[test]
fn a_command_of_the_wrong_length_is_a_protocol_error() {
    let entries = records::all();
    let vectors = all();
    let commands = vectors.iter().filter(|vector| vector.kind == Kind::Command);
    let mut tried = 0;
    for vector in commands {
        let Some(take) = find(vector, vector.newest(), &entries).platform else { continue };
        let params = vector.payload();
        assert_eq!(take(&params), Ok(()), "{vector}");
        assert_eq!(take(&[&params[..], &[0]].concat()), Err(Status::PROTOCOL_ERROR), "{vector}");
        if let Some((_, less)) = params.split_last() {
            assert_eq!(take(less), Err(Status::PROTOCOL_ERROR), "{vector}");
        }
        tried += 1;
    }
    assert!(tried > 80, "{tried} commands");
}

/// Newer platforms append words, so more is taken as far as it is known; less is malformed.
#[test]
fn a_response_that_is_too_short_is_malformed_and_what_is_appended_is_left_alone() {
    let entries = records::all();
    let vectors = all();
    let responses = vectors.iter().filter(|vector| vector.kind == Kind::Response);
    let mut tried = 0;
    for vector in responses {
        let Some(take) = find(vector, vector.newest(), &entries).agent else { continue };
        let values = &vector.payload()[4..];
        assert_eq!(take(values).expect("understood"), values, "{vector}");
        assert_eq!(take(&[values, &[0xEE]].concat()).expect("understood"), values, "{vector}");
        if let Some((_, less)) = values.split_last() {
            let [came, wanted] =
                [less, values].map(|bytes| u16::try_from(bytes.len()).expect("few"));
            let short = Malformed::Short { came, wanted };
            let error = take(less).expect_err("too short");
            assert!(
                matches!(error, CallError::Malformed(why) if why == short),
                "{vector}: {error}"
            );
        }
        tried += 1;
    }
    assert!(tried > 80, "{tried} responses");
}
