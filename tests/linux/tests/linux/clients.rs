//! Linux has eleven SCMI clients. A board with something of every protocol has work for all of them.

use anyhow::Result;
use scmi_test_kit::{Board, Guest};
use scmi_tests_linux::{CLIENTS, bound, check, due_on_demo};

#[test]
fn all_clients_bind_on_the_demo_board() -> Result<()> {
    for builder in [Guest::builder(), Guest::builder().mmio()] {
        let mut guest = builder.board(Board::demo()).cpus(2).boot()?;
        assert_eq!(bound(&mut guest)?, CLIENTS);
        check(&mut guest, &due_on_demo([])?, &[])?;
    }
    Ok(())
}
