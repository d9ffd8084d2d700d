//! Trees that `dtc` made, and bytes that nobody made.

use std::io::Write as _;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use scmi_fdt::{Area, BadTree, Scmi, Transport, find};

/// The blob of a source.
fn dtb(source: &str) -> Vec<u8> {
    let mut dtc = Command::new("dtc")
        .args(["-q", "-I", "dts", "-O", "dtb", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("dtc (package device-tree-compiler) is there");
    let mut stdin = dtc.stdin.take().expect("it is a pipe");
    stdin.write_all(source.as_bytes()).expect("dtc reads");
    drop(stdin);
    let output = dtc.wait_with_output().expect("dtc ends");
    assert!(output.status.success(), "dtc: {}", output.status);
    output.stdout
}

const MAILBOX: &str = r#"/dts-v1/;
/ {
    #address-cells = <2>;
    #size-cells = <2>;
    soc {
        compatible = "simple-bus";
        #address-cells = <1>;
        #size-cells = <1>;
        ranges = <0x0 0x1 0x00000000 0x80000000>;
        sram@50000000 {
            compatible = "mmio-sram";
            reg = <0x50000000 0x10000>;
            #address-cells = <1>;
            #size-cells = <1>;
            ranges = <0x0 0x50000000 0x10000>;
            tx: scp-shmem@0 { compatible = "arm,scmi-shmem"; reg = <0x0 0x80>; };
            rx: scp-shmem@80 { compatible = "arm,scmi-shmem"; reg = <0x80 0x100>; };
        };
        mhu: mailbox@2b1f0000 { reg = <0x2b1f0000 0x1000>; #mbox-cells = <1>; };
    };
    firmware {
        off { compatible = "arm,scmi-smc"; status = "disabled"; };
        scmi {
            compatible = "arm,scmi";
            mboxes = <&mhu 0 &mhu 1>;
            shmem = <&tx &rx>;
            arm,max-rx-timeout-ms = <50>;
            arm,max-msg-size = <96>;
            arm,max-msg = <4>;
            atomic-threshold-us = <10000>;
            #address-cells = <1>;
            #size-cells = <0>;
            protocol@14 { reg = <0x14>; };
        };
    };
};
"#;

#[test]
fn a_node_with_mailboxes_says_where_and_how_much() {
    let blob = dtb(MAILBOX);
    let node = find(&blob).expect("it is a tree").expect("it is there");
    assert_eq!(node.transport, Transport::Mailbox);
    let tx = Area { address: 0x1_5000_0000, size: 0x80 };
    let rx = Area { address: 0x1_5000_0080, size: 0x100 };
    assert_eq!(node.areas, [Some(tx), Some(rx)]);
    assert_eq!(node.mailboxes.len(), 16);
    let limits = (node.max_rx_timeout_ms, node.max_message_size, node.max_messages);
    assert_eq!(limits, (Some(50), Some(96), Some(4)));
    assert_eq!((node.atomic_threshold_us, node.smc_id), (Some(10_000), None));
}

/// A root with two cells for addresses and sizes, reserved memory, and an SCMI node that says `properties`.
fn with_node(properties: &str) -> Vec<u8> {
    dtb(&format!(
        r#"/dts-v1/; / {{ #address-cells = <2>; #size-cells = <2>;
            reserved-memory {{ #address-cells = <2>; #size-cells = <2>; ranges;
                shm: shm@8 {{ compatible = "arm,scmi-shmem"; reg = <8 0 0 0x1000>; }};
                other: other@9 {{ reg = <9 0 0 0x1000>; }};
            }};
            i2c {{ #address-cells = <1>; #size-cells = <0>;
                lost: lost@1 {{ compatible = "arm,scmi-shmem"; reg = <1>; }};
            }};
            firmware {{ scmi {{ {properties} }}; }};
        }};"#
    ))
}

fn node(blob: &[u8]) -> Scmi<'_> {
    find(blob).expect("it is a tree").expect("it is there")
}

#[test]
fn a_node_with_an_smc_says_its_function() {
    let blob = with_node(
        r#"compatible = "acme,x", "arm,scmi-smc-param"; arm,smc-id = <0x82000010>; shmem = <&shm>; interrupts = <1>;"#,
    );
    let node = node(&blob);
    assert_eq!((node.transport, node.smc_id), (Transport::SmcWithAddress, Some(0x8200_0010)));
    assert!(node.interrupts);
    assert_eq!(node.areas, [Some(Area { address: 8 << 32, size: 0x1000 }), None]);
    assert_eq!(
        (node.max_rx_timeout_ms, node.max_message_size, node.max_messages),
        (None, None, None)
    );
}

#[test]
fn a_node_of_virtio_has_timeouts_and_no_areas() {
    let blob = with_node(r#"compatible = "arm,scmi-virtio"; arm,max-rx-timeout-ms = <500>;"#);
    let node = node(&blob);
    assert_eq!((node.transport, node.max_rx_timeout_ms), (Transport::Virtio, Some(500)));
    assert_eq!((node.areas, node.mailboxes), ([None; 2], &[][..]));
}

#[test]
fn what_is_no_area_and_what_has_no_address_is_none() {
    for shmem in ["<&other &lost>", "<77 0>", "[01 02]"] {
        let blob = with_node(&format!(r#"compatible = "arm,scmi"; shmem = {shmem};"#));
        assert_eq!(node(&blob).areas, [None; 2], "{shmem}");
    }
}

#[test]
fn numbers_that_cannot_be_are_none() {
    let blob = with_node(
        r#"compatible = "arm,scmi-smc"; arm,max-rx-timeout-ms = <0>; arm,max-msg-size = <1 2>; arm,smc-id = [01];"#,
    );
    let node = node(&blob);
    assert_eq!((node.max_rx_timeout_ms, node.max_message_size, node.smc_id), (None, None, None));
}

#[test]
fn a_tree_without_the_node_has_none_and_no_tree_is_an_error() {
    assert_eq!(find(&dtb("/dts-v1/; / { a { b { }; }; };")), Ok(None));
    let disabled = with_node(r#"compatible = "arm,scmi-smc"; status = "disabled";"#);
    assert_eq!(find(&disabled), Ok(None));
    assert_eq!(find(&[]), Err(BadTree::Header));
    let blob = dtb(MAILBOX);
    assert_eq!(find(&blob[..blob.len() - 1]), Err(BadTree::Header));
    let deep = format!(
        "/dts-v1/; / {{ {} {} s {{ compatible = \"arm,scmi\"; shmem = <1>; }}; }};",
        "n { ".repeat(20),
        "}; ".repeat(20)
    );
    assert_eq!(find(&dtb(&deep)), Err(BadTree::TooDeep));
}

proptest! {
    #[test]
    fn a_tree_with_bytes_changed_ends(changes in prop::collection::vec((0..4096_usize, any::<u8>()), 1..20)) {
        thread_local! {
            static BLOB: Vec<u8> = dtb(MAILBOX);
        }
        let mut blob = BLOB.with(Clone::clone);
        for (at, value) in changes {
            let len = blob.len();
            blob[at % len] = value;
        }
        let _whatever = find(&blob);
    }

    #[test]
    fn any_structure_ends(words in prop::collection::vec(prop_oneof![3 => 0..10_u32, 1 => any::<u32>()], 0..80)) {
        let size = u32::try_from(words.len() * 4).expect("small");
        let header = [0xD00D_FEED, 40 + size, 40, 40, 40, 17, 16, 0, size, size];
        let blob: Vec<u8> = header.iter().chain(&words).flat_map(|word| word.to_be_bytes()).collect();
        let _whatever = find(&blob);
    }
}
