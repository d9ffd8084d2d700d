//! What is done, and printed.

use core::ptr::with_exposed_provenance;

use scmi::Time;
use scmi::agent::{Client, Timeouts};
use scmi::protocol::base::agent as base;
use scmi::wire::Status;
use scmi_guest::{println, timer};
use scmi_shmem::agent::{AgentEnd, Clock};
use scmi_shmem::{Line, Unheard};

use crate::area::Shared;
use crate::calls::{hvc, smc};
use crate::registers;

/// Where the hypervisor is.
const FORBIDDEN: usize = 0x4020_0000;

/// Rounds of garbage.
const ROUNDS: u32 = 10_000;

struct Counter;

impl Clock for Counter {
    fn now(&self) -> Time {
        timer::now()
    }
}

/// A right question: who the platform is.
pub(crate) fn ask(shared: &Shared) {
    let Some(area) = shared.area() else { return println!("no area") };
    let ring = |_: Line| if smc(shared.function) == 0 { Ok(()) } else { Err(Unheard) };
    let mut end = AgentEnd::new(area, ring, Counter);
    let mut client: Client<'_> = Client::new(&mut end);
    client.set_timeouts(Timeouts::default());
    match base::discover(&mut client) {
        Ok(who) => {
            println!("asked: {} {}, {} protocols", who.vendor, who.sub_vendor, who.protocols)
        }
        Err(error) => println!("asked: {error}"),
    }
}

/// Functions beside the right one, by both ways.
pub(crate) fn call_what_is_not_there(shared: &Shared) {
    for function in [shared.function + 1, shared.function | 1 << 30, 0xFFFF_FFFF, 0] {
        let [by_smc, by_hvc] = [smc(function), hvc(function)].map(u64::cast_signed);
        println!("function {function:#x}: {by_smc} by smc, {by_hvc} by hvc");
    }
}

/// The doorbell without a command.
pub(crate) fn ring_for_nothing(shared: &Shared) {
    let (returned, status) = shared.ring();
    println!("nothing: returned {returned}, free {}", status.is_free());
}

/// What calls leave in the registers: one of a command that takes its time, and one of nothing that there is.
pub(crate) fn look_at_registers(shared: &Shared) {
    shared.take();
    // RESET of domain 0, a whole cycle.
    shared.message(16, &[0x16 << 10 | 4, 0, 1, 0]);
    let (by_command, by_nothing) =
        (registers::survive(shared.function), registers::survive(shared.function + 1));
    let [_, _, code] = shared.answer();
    println!(
        "registers: {by_command} by a reset, {}, {by_nothing} by nothing",
        Status(code.cast_signed())
    );
}

/// Lengths that cannot be, or that no message has.
pub(crate) fn lie_about_lengths(shared: &Shared) {
    let most = u32::try_from(shared.words() * 4).unwrap_or(u32::MAX);
    for length in [0, 3, 137, most - 24, most - 23, most, u32::MAX] {
        shared.take();
        // Base PROTOCOL_VERSION, with a token.
        shared.message(length, &[0x10 << 10 | 0x155 << 18]);
        let (returned, status) = shared.ring();
        let [_, header, code] = shared.answer();
        println!(
            "length {length}: returned {returned}, free {}, error {}, header {header:#x}, {}",
            status.is_free(),
            status.is_error(),
            if status.is_error() { Status(0) } else { Status(code.cast_signed()) }
        );
    }
}

/// Messages that there are not.
pub(crate) fn ask_nonsense(shared: &Shared) {
    let asked: [(&str, u32); 4] = [
        ("protocol 0x42", 0x42 << 10),
        ("message 0xee of Clock", 0x14 << 10 | 0xEE),
        ("a notification", 0x15 << 10 | 3 << 8),
        ("a header of ones", u32::MAX),
    ];
    for (what, header) in asked {
        shared.take();
        shared.message(8, &[header, 0]);
        let (returned, status) = shared.ring();
        let [length, echoed, code] = shared.answer();
        println!(
            "{what}: returned {returned}, free {}, {length} bytes, header {}, {}",
            status.is_free(),
            if echoed == header { "echoed" } else { "changed" },
            Status(code.cast_signed())
        );
    }
}

/// All words at random, and commands that might be with parameters at random.
pub(crate) fn fill_with_garbage(shared: &Shared) {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let (mut failed, mut stuck) = (0_u32, 0_u32);
    for round in 0..ROUNDS {
        for word in 0..shared.words() {
            shared.put(word, random.word());
        }
        if round % 2 == 0 {
            let (protocol, message) = (0x10 + random.word() % 8, random.word() % 0x20);
            let length = 4 + random.word() % 6 * 4;
            shared
                .message(length, &[protocol << 10 | message, random.word() % 4, random.word() % 4]);
        }
        shared.take();
        let (returned, status) = shared.ring();
        failed += u32::from(returned != 0);
        stuck += u32::from(!status.is_free());
    }
    println!("garbage: {ROUNDS} times, {failed} calls failed, {stuck} areas stuck");
}

/// The hypervisor's memory.
pub(crate) fn read_what_is_not_ours() {
    println!("reading {FORBIDDEN:#x}");
    // SAFETY: there is no memory of ours; the processor takes an exception, whose handler does not come back.
    let there = unsafe { with_exposed_provenance::<u32>(FORBIDDEN).read_volatile() };
    println!("read {there:#x}");
}

/// xorshift, from a seed that is not 0.
struct Random(u64);

impl Random {
    fn word(&mut self) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u32::try_from(self.0 >> 32).unwrap_or(0)
    }
}
