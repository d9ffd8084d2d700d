//! The system calls, by purpose. A list `..._HERE` has those that only some architectures have.

/// What serving takes: memory, threads, descriptors, time, reading files, serving sockets that listen already.
pub(super) const ALWAYS: &[i64] = &[
    // Memory; mmap and mprotect are looked at closer.
    libc::SYS_brk,
    libc::SYS_madvise,
    libc::SYS_mremap,
    libc::SYS_munmap,
    // Threads and signals; clone and prctl are looked at closer.
    libc::SYS_exit,
    libc::SYS_exit_group,
    libc::SYS_futex,
    libc::SYS_getpid,
    libc::SYS_gettid,
    libc::SYS_membarrier,
    libc::SYS_restart_syscall,
    libc::SYS_rseq,
    libc::SYS_rt_sigaction,
    libc::SYS_rt_sigprocmask,
    libc::SYS_rt_sigreturn,
    libc::SYS_sched_getaffinity,
    libc::SYS_sched_yield,
    libc::SYS_set_robust_list,
    libc::SYS_sigaltstack,
    // What cannot fail, so that libraries do not think of it.
    libc::SYS_getegid,
    libc::SYS_geteuid,
    libc::SYS_getgid,
    libc::SYS_getppid,
    libc::SYS_getuid,
    libc::SYS_uname,
    // An abort; signals to other processes are Landlock's.
    libc::SYS_tgkill,
    // The end of the process that runs commands.
    libc::SYS_wait4,
    libc::SYS_waitid,
    // Time and chance.
    libc::SYS_clock_getres,
    libc::SYS_clock_gettime,
    libc::SYS_clock_nanosleep,
    libc::SYS_getrandom,
    libc::SYS_gettimeofday,
    libc::SYS_nanosleep,
    // Descriptors; ioctl is looked at closer.
    libc::SYS_close,
    libc::SYS_dup,
    libc::SYS_dup3,
    libc::SYS_epoll_create1,
    libc::SYS_epoll_ctl,
    libc::SYS_epoll_pwait,
    libc::SYS_epoll_pwait2,
    libc::SYS_eventfd2,
    libc::SYS_fcntl,
    libc::SYS_lseek,
    libc::SYS_pipe2,
    libc::SYS_ppoll,
    libc::SYS_pread64,
    libc::SYS_prlimit64,
    libc::SYS_pwrite64,
    libc::SYS_read,
    libc::SYS_readv,
    libc::SYS_write,
    libc::SYS_writev,
    // Files: which is Landlock's. The folders of sockets are locked while those are removed.
    libc::SYS_faccessat,
    libc::SYS_faccessat2,
    libc::SYS_flock,
    libc::SYS_fstat,
    libc::SYS_fstatfs,
    libc::SYS_getcwd,
    libc::SYS_newfstatat,
    libc::SYS_openat,
    libc::SYS_readlinkat,
    libc::SYS_statx,
    libc::SYS_unlinkat,
    // Sockets that are there.
    libc::SYS_accept4,
    libc::SYS_getpeername,
    libc::SYS_getsockname,
    libc::SYS_getsockopt,
    libc::SYS_recvfrom,
    libc::SYS_recvmsg,
    libc::SYS_sendmsg,
    libc::SYS_sendto,
    libc::SYS_setsockopt,
    libc::SYS_shutdown,
];

/// As [`ALWAYS`]: what aarch64 and riscv64 never had.
#[cfg(target_arch = "x86_64")]
pub(super) const ALWAYS_HERE: &[i64] = &[
    libc::SYS_access,
    libc::SYS_dup2,
    libc::SYS_epoll_wait,
    libc::SYS_lstat,
    libc::SYS_open,
    libc::SYS_pipe,
    libc::SYS_poll,
    libc::SYS_readlink,
    libc::SYS_stat,
    libc::SYS_unlink,
];

#[cfg(not(target_arch = "x86_64"))]
pub(super) const ALWAYS_HERE: &[i64] = &[];

/// What a file takes that is written beside another one and put in its place.
pub(super) const REPLACE: &[i64] = &[
    libc::SYS_fchmod,
    libc::SYS_fdatasync,
    libc::SYS_fsync,
    libc::SYS_ftruncate,
    libc::SYS_renameat2,
];

/// As [`REPLACE`]: riscv64 has renameat2 alone.
#[cfg(target_arch = "x86_64")]
pub(super) const REPLACE_HERE: &[i64] = &[libc::SYS_rename, libc::SYS_renameat];

#[cfg(target_arch = "aarch64")]
pub(super) const REPLACE_HERE: &[i64] = &[libc::SYS_renameat];

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) const REPLACE_HERE: &[i64] = &[];

/// What ends the process: no library that a daemon uses tries any of it.
pub(super) const DEADLY: &[i64] = &[
    // Other programs, other processes.
    libc::SYS_execve,
    libc::SYS_execveat,
    libc::SYS_pidfd_getfd,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_ptrace,
    // The kernel itself.
    libc::SYS_bpf,
    libc::SYS_delete_module,
    libc::SYS_finit_module,
    libc::SYS_init_module,
    libc::SYS_kexec_load,
    libc::SYS_perf_event_open,
    libc::SYS_reboot,
    libc::SYS_userfaultfd,
    // Another view of the system, or more rights in it.
    libc::SYS_capset,
    libc::SYS_chroot,
    libc::SYS_mount,
    libc::SYS_open_by_handle_at,
    libc::SYS_pivot_root,
    libc::SYS_setns,
    libc::SYS_setresuid,
    libc::SYS_setuid,
    libc::SYS_umount2,
    libc::SYS_unshare,
];

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_call_stands_twice_or_is_both_allowed_and_deadly() {
        let all = [ALWAYS, ALWAYS_HERE, REPLACE, REPLACE_HERE, DEADLY];
        let calls: Vec<i64> = all.into_iter().flatten().copied().collect();
        let different: BTreeSet<i64> = calls.iter().copied().collect();
        assert_eq!(different.len(), calls.len());
        let closer = [libc::SYS_mmap, libc::SYS_mprotect, libc::SYS_clone, libc::SYS_socket];
        assert!(closer.iter().all(|call| !different.contains(call)));
        assert!(!different.contains(&libc::SYS_clone3), "what it makes cannot be seen");
    }
}
