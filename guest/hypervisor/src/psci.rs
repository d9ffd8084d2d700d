//! PSCI and the calls that say which calls there are: what a Linux on one processor asks firmware beside SCMI.

use crate::calls::{NOT_SUPPORTED, SCMI};

/// Version 1.1 of both conventions: Linux uses no other call, SCMI's among them, where the second is older.
const VERSION_1_1: u64 = 0x1_0001;

const SMCCC_VERSION: u32 = 0x8000_0000;
const SMCCC_FEATURES: u32 = 0x8000_0001;
const VERSION: u32 = 0x8400_0000;
const CPU_OFF: u32 = 0x8400_0002;
const CPU_ON: [u32; 2] = [0x8400_0003, 0xC400_0003];
const AFFINITY_INFO: [u32; 2] = [0x8400_0004, 0xC400_0004];
const MIGRATE_INFO_TYPE: u32 = 0x8400_0006;
const SYSTEM_OFF: u32 = 0x8400_0008;
const SYSTEM_RESET: u32 = 0x8400_0009;
const FEATURES: u32 = 0x8400_000A;

const INVALID_PARAMETERS: u64 = (-2_i64).cast_unsigned();
const DENIED: u64 = (-3_i64).cast_unsigned();
/// There is nothing that would have to migrate.
const NO_MIGRATION: u64 = 2;

/// What becomes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// The guest goes on with this in x0.
    Value(u64),
    /// It wants the machine off.
    Off,
    /// It wants the machine to start anew.
    Restart,
}

/// Answers a call of this function with this first argument; none where it is none of these.
pub(crate) fn answer(function: u32, argument: u64) -> Option<Answer> {
    let value = match function {
        VERSION | SMCCC_VERSION => VERSION_1_1,
        // The standard counts functions in 32 bits.
        FEATURES | SMCCC_FEATURES => feature(u32::try_from(argument & 0xFFFF_FFFF).unwrap_or(0)),
        MIGRATE_INFO_TYPE => NO_MIGRATION,
        // There is one processor, and it stays.
        CPU_OFF => DENIED,
        function if CPU_ON.contains(&function) => INVALID_PARAMETERS,
        function if AFFINITY_INFO.contains(&function) => {
            if argument == 0 {
                0
            } else {
                INVALID_PARAMETERS
            }
        }
        SYSTEM_OFF => return Some(Answer::Off),
        SYSTEM_RESET => return Some(Answer::Restart),
        _ => return None,
    };
    Some(Answer::Value(value))
}

/// Whether there is a function, as both conventions tell it.
fn feature(function: u32) -> u64 {
    let single = [
        SMCCC_VERSION,
        SMCCC_FEATURES,
        VERSION,
        CPU_OFF,
        MIGRATE_INFO_TYPE,
        SYSTEM_OFF,
        SYSTEM_RESET,
        FEATURES,
        SCMI,
    ];
    let mut all = single.into_iter().chain(CPU_ON).chain(AFFINITY_INFO);
    if all.any(|one| one == function) { 0 } else { NOT_SUPPORTED }
}
