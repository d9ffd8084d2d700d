//! What is read from the wire and written again is the same.

use core::fmt::Debug;

use proptest::collection::vec;
use proptest::prelude::*;

use super::tests::cases;
use crate::protocol::common::{MessageAttributes, NegotiateVersion, ProtocolVersion};
use crate::protocol::sensor::SensorType;
use crate::protocol::sensor::wire::{
    AttributesHigh, AttributesHighV1, AttributesLow, AxisCount, ConfigWord, Count, Interval,
    Resolution, TripControl, TripMode,
};
use crate::protocol::{base::wire as base, sensor::wire as sensor};
use crate::wire::{
    Header, LongName, Message, MessageId, MessageType, ProtocolId, Reader, Record, ShortName,
    Version, Writer,
};

/// A record, read from the front of these bytes with a cursor and written with one.
fn whole<T: Record>(bytes: &[u8]) {
    let mut reader = Reader::new(bytes);
    let record: T = reader.take().expect("there are enough bytes");
    assert_eq!(reader.rest().len(), bytes.len() - size_of::<T>());
    let mut buffer = std::vec![0; size_of::<T>()];
    Writer::new(&mut buffer).put(&record).expect("it fits");
    assert_eq!(buffer, bytes[..size_of::<T>()]);
    let again: T = Reader::new(&buffer).take().expect("it was written");
    assert_eq!(again.as_bytes(), record.as_bytes());
    if let Some(short) = size_of::<T>().checked_sub(1) {
        assert!(Reader::new(&bytes[..short]).take::<T>().is_err());
        assert!(Writer::new(&mut buffer[..short]).put(&record).is_err());
    }
}

/// A command and the fixed part of its reply.
fn command<M: Message>(bytes: &[u8]) {
    whole::<M>(bytes);
    whole::<M::Reply>(bytes);
}

/// A value that is built, written and read again.
fn same<T: PartialEq + Debug>(built: &T, read: &T) {
    assert_eq!(built, read);
}

proptest! {
    #![proptest_config(cases(500))]

    #[test]
    fn records(bytes in vec(any::<u8>(), 80)) {
        let bytes = &bytes[..];
        command::<ProtocolVersion>(bytes);
        command::<MessageAttributes>(bytes);
        command::<NegotiateVersion>(bytes);
        command::<base::ProtocolAttributes>(bytes);
        command::<base::DiscoverVendor>(bytes);
        command::<base::DiscoverSubVendor>(bytes);
        command::<base::DiscoverImplementationVersion>(bytes);
        command::<base::ListProtocols>(bytes);
        command::<base::DiscoverAgent>(bytes);
        command::<base::NotifyErrors>(bytes);
        command::<base::SetDevicePermissions>(bytes);
        command::<base::SetProtocolPermissions>(bytes);
        command::<base::ResetAgentConfiguration>(bytes);
        whole::<base::ErrorEvent>(bytes);
        whole::<base::ErrorReport>(bytes);
        command::<sensor::ProtocolAttributes>(bytes);
        command::<sensor::DescriptionGet>(bytes);
        command::<sensor::TripPointNotify>(bytes);
        command::<sensor::TripPointConfig>(bytes);
        command::<sensor::ReadingGet>(bytes);
        command::<sensor::AxisDescriptionGet>(bytes);
        command::<sensor::ListUpdateIntervals>(bytes);
        command::<sensor::ConfigGet>(bytes);
        command::<sensor::ConfigSet>(bytes);
        command::<sensor::ContinuousUpdateNotify>(bytes);
        command::<sensor::NameGet>(bytes);
        command::<sensor::AxisNameGet>(bytes);
        whole::<sensor::Descriptor>(bytes);
        whole::<sensor::AxisDescriptor>(bytes);
        whole::<sensor::Range>(bytes);
        whole::<sensor::Reading>(bytes);
        whole::<sensor::AxisName>(bytes);
        whole::<sensor::TripPointEvent>(bytes);
        whole::<sensor::Update>(bytes);
    }

    #[test]
    fn a_header(word: u32, protocol: u8, message: u8, token in 0_u16..1024) {
        let header = Header::from_word(word);
        prop_assert_eq!(Header::parse(&word.to_le_bytes()), Some(header));
        let built = Header::command(header.protocol(), header.message(), header.token());
        prop_assert_eq!(built.word(), word & 0x0FFF_FCFF);
        let kind = u32::from(header.kind().0) << 8;
        prop_assert_eq!(built.word() | kind | word & 0xF000_0000, word);

        let built = Header::command(ProtocolId(protocol), MessageId(message), token);
        prop_assert_eq!((built.protocol().0, built.message().0), (protocol, message));
        prop_assert_eq!((built.kind(), built.token()), (MessageType::COMMAND, token));
    }

    #[test]
    fn a_version(word: u32) {
        let version = Version(word);
        prop_assert_eq!(Version::new(version.major(), version.minor()), version);
    }

    /// From any word, through its parts, back to the bits that have a meaning.
    #[test]
    fn words_from_their_parts(word: u32) {
        let low = AttributesLow(word);
        let flags = [
            AttributesLow::ASYNC, AttributesLow::UPDATES, AttributesLow::EXTENDED_NAME,
            AttributesLow::TIMESTAMPS, AttributesLow::EXTENDED,
        ];
        let set: u32 = flags.into_iter().filter(|flag| low.has(*flag)).sum();
        let exponent = AttributesLow::timestamp_exponent_bits(low.timestamp_exponent());
        prop_assert_eq!(set | exponent | u32::from(low.trip_points()), word & 0xE000_7FFF);

        let high = AttributesHigh(word);
        if high.has_axes() {
            prop_assert_eq!(AttributesHigh::axes(high.axis_count()).0, word & 0x003F_0100);
        } else {
            prop_assert_eq!(high.axis_count(), 0);
        }
        let scalar = AttributesHigh::scalar(high.kind(), high.exponent());
        prop_assert_eq!(scalar.0, word & 0xF8FF);
        let v1 = AttributesHighV1(word).interval();
        let v1 = AttributesHighV1::new(high.kind(), high.exponent(), v1);
        prop_assert_eq!(v1.0, word & 0xFFC0_F8FF);

        prop_assert_eq!(Resolution::from_word(word).to_word(), word);
        prop_assert_eq!(Interval::from_word(word).to_word(), word & 0x001F_FFFF);
        prop_assert_eq!(Count::from_word(word).to_word(), word & 0xFFFF_1FFF);
        prop_assert_eq!(AxisCount::from_word(word).to_word(), word & 0xFC00_003F);

        let config = ConfigWord(word);
        let built = ConfigWord::new(config.enabled(), config.timestamps(), config.interval());
        let built = built.with_rounding(config.rounding());
        // With bit 10 set, bit 9 has no meaning.
        let bit_9 = if word & 1 << 10 == 0 { 1 << 9 } else { 0 };
        prop_assert_eq!(built.0, word & (0xFFFF_FC03 | bit_9));

        let control = TripControl(word);
        let built = TripControl::new(control.trip_point(), control.mode());
        prop_assert_eq!(built.0, word & !TripControl::RESERVED);
    }

    /// From any parts, through the word, back to the parts.
    #[test]
    fn parts_from_their_words(
        seconds: u16, exponent in -16_i8..16, value in 0_u32..1 << 27, kind: u8, trip: u8,
        mode in 0_u8..4, flags: [bool; 3], returned in 0_u16..1 << 12, remaining: u16,
        axes in 0_u8..64,
    ) {
        let interval = Interval { seconds, exponent };
        same(&interval, &Interval::from_word(interval.to_word()));
        let resolution = Resolution { value, exponent };
        same(&resolution, &Resolution::from_word(resolution.to_word()));
        let count = Count { returned, remaining, triplet: flags[0] };
        same(&count, &Count::from_word(count.to_word()));
        let count = AxisCount { returned: axes, remaining: 63 - axes };
        same(&count, &AxisCount::from_word(count.to_word()));

        let high = AttributesHigh::scalar(SensorType(kind), exponent);
        prop_assert_eq!((high.kind(), high.exponent()), (SensorType(kind), exponent));
        prop_assert_eq!(AttributesHigh::axes(axes).axis_count(), axes);
        let short = Interval { seconds: seconds & 31, exponent };
        let v1 = AttributesHighV1::new(SensorType(kind), exponent, short);
        same(&short, &v1.interval());

        let config = ConfigWord::new(flags[1], flags[2], interval);
        let parts = (config.enabled(), config.timestamps(), config.interval());
        prop_assert_eq!(parts, (flags[1], flags[2], interval));
        prop_assert_eq!(config.0 & ConfigWord::RESERVED, 0);
        let control = TripControl::new(trip, TripMode(mode));
        prop_assert_eq!((control.trip_point(), control.mode()), (trip, TripMode(mode)));
        prop_assert_eq!(control.0 & TripControl::RESERVED, 0);
    }

    #[test]
    fn a_name_is_as_much_of_the_text_as_fits(text: std::string::String) {
        let text = text.replace('\0', " ");
        for (name, most) in [
            (std::string::String::from(ShortName::new(&text).as_str()), ShortName::MAX),
            (LongName::new(&text).as_str().into(), LongName::MAX),
        ] {
            prop_assert!(text.starts_with(&name) && name.len() <= most);
            let next = text[name.len()..].chars().next();
            prop_assert!(next.is_none_or(|next| name.len() + next.len_utf8() > most));
        }
    }
}
