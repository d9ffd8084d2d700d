//! What Linux learns through the Base protocol.

use anyhow::Result;
use scmi_test_kit::{Board, Guest};

#[test]
fn linux_shows_who_the_platform_is() -> Result<()> {
    for builder in [Guest::builder(), Guest::builder().mmio()] {
        let mut guest = builder.board(Board::demo()).boot()?;
        let identity = guest.ok(
            "cd /sys/bus/platform/drivers/arm-scmi/*.auto && grep -H . protocol_version vendor_id sub_vendor_id \
             firmware_version",
        )?;
        let said: Vec<&str> = identity.lines().collect();
        let expected = [
            "protocol_version:2.1",
            "vendor_id:acme",
            "sub_vendor_id:demo",
            "firmware_version:0x10000",
        ];
        assert_eq!(said, expected);
        assert_eq!(guest.scmi_complaints()?, [""; 0]);
    }
    Ok(())
}

#[test]
fn a_message_nobody_knows_is_refused_and_the_next_one_is_served() -> Result<()> {
    let mut guest = Guest::builder().board(Board::demo()).boot()?;
    // NOT_FOUND for a message, NOT_SUPPORTED for a protocol, PROTOCOL_ERROR for a wrong length.
    assert_eq!(guest.raw().call(0x10, 0x7f, &[])?.status()?, -4);
    assert_eq!(guest.raw().call(0x7f, 0x0, &[])?.status()?, -1);
    assert_eq!(guest.raw().call(0x10, 0x6, &[0, 0])?.status()?, -10);
    assert_eq!(guest.raw().call(0x10, 0x0, &[])?.word(2)?, 0x20001, "PROTOCOL_VERSION of Base");
    assert_eq!(guest.counters()?.faults(), [].into());
    Ok(())
}
