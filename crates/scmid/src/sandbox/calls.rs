//! Seccomp: which system calls, and with what.
//!
//! Two filters, of which the kernel takes the stricter one. What is not on the lists is answered ENOSYS, as an older kernel would:
//! a C library that has learned a newer call goes back to the old one, and a daemon that many guests depend on lives on.
//! What a daemon never does, not even by a library's own choice, but somebody who has taken it over would, ends the process, and the kernel
//! logs it.

use core::error::Error;
use std::collections::BTreeMap;

use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter,
    SeccompRule, TargetArch, apply_filter_all_threads,
};

use super::SandboxError;
use super::lists;
use super::needs::Needs;

type Failure = Box<dyn Error + Send + Sync>;

/// The calls that a filter knows, and what their arguments must be; anything where nothing is said.
type Rules = BTreeMap<i64, Vec<SeccompRule>>;

/// Limits all threads. How many calls are left.
pub(super) fn restrict(needs: &Needs) -> Result<usize, SandboxError> {
    apply(needs).map_err(SandboxError::Calls)
}

fn apply(needs: &Needs) -> Result<usize, Failure> {
    let allowed = allowed(needs)?;
    let count = allowed.len();
    let nosys = u32::try_from(libc::ENOSYS)?;
    let deadly = lists::DEADLY.iter().map(|call| (*call, Vec::new())).collect();
    let deadly = program(deadly, SeccompAction::Allow, SeccompAction::KillProcess)?;
    let allowed = program(allowed, SeccompAction::Errno(nosys), SeccompAction::Allow)?;
    // The last one takes away what it takes to add another.
    apply_filter_all_threads(&deadly)?;
    apply_filter_all_threads(&allowed)?;
    Ok(count)
}

fn program(
    rules: Rules,
    otherwise: SeccompAction,
    then: SeccompAction,
) -> Result<BpfProgram, Failure> {
    let arch = TargetArch::try_from(std::env::consts::ARCH)?;
    Ok(SeccompFilter::new(rules, otherwise, then, arch)?.try_into()?)
}

/// The calls that are allowed.
fn allowed(needs: &Needs) -> Result<Rules, Failure> {
    let mut calls = vec![lists::ALWAYS, lists::ALWAYS_HERE];
    if !needs.replaced.is_empty() {
        calls.extend([lists::REPLACE, lists::REPLACE_HERE]);
    }
    let mut rules: Rules = calls.into_iter().flatten().map(|call| (*call, Vec::new())).collect();
    let bits = |number: libc::c_int| Ok::<u64, Failure>(u64::from(u32::try_from(number)?));
    let exactly = |at, value| condition(at, SeccompCmpOp::Eq, value);
    let among = |at, mask, value| condition(at, SeccompCmpOp::MaskedEq(mask), value);
    // Memory is for data.
    let executable = bits(libc::PROT_EXEC)?;
    for call in [libc::SYS_mmap, libc::SYS_mprotect] {
        rules.insert(call, vec![one(vec![among(2, executable, 0)?])?]);
    }
    // Threads, no processes. The arguments of clone3 cannot be looked at; the C library goes back to this one without it.
    let thread = bits(libc::CLONE_THREAD)?;
    rules.insert(libc::SYS_clone, vec![one(vec![among(0, thread, thread)?])?]);
    rules.insert(libc::SYS_prctl, vec![one(vec![exactly(0, bits(libc::PR_SET_NAME)?)?])?]);
    // Whether a socket waits, and how much waits at one.
    let requests = [libc::FIONBIO, libc::FIONREAD];
    let requests =
        requests.map(|request| one(vec![exactly(1, u64::from(u32::try_from(request)?))?]));
    rules.insert(libc::SYS_ioctl, requests.into_iter().collect::<Result<_, _>>()?);
    if needs.connects {
        let unix = bits(libc::AF_UNIX)?;
        rules.insert(libc::SYS_socket, vec![one(vec![exactly(0, unix)?])?]);
        rules.insert(libc::SYS_connect, Vec::new());
    }
    Ok(rules)
}

fn condition(at: u8, is: SeccompCmpOp, value: u64) -> Result<SeccompCondition, Failure> {
    Ok(SeccompCondition::new(at, SeccompCmpArgLen::Dword, is, value)?)
}

fn one(conditions: Vec<SeccompCondition>) -> Result<SeccompRule, Failure> {
    Ok(SeccompRule::new(conditions)?)
}
