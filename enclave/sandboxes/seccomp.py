"""The system-call filter of a sandbox, justified group by group; `docs/reference/seccomp.md` is printed from here.

Everything that no group names is answered EPERM. A call stands in exactly one group or conditional rule, and what is
kept out on purpose stands in `KEPT_OUT` with its reason (a test holds both). Sources: seccomp(2), the engine's default
profile (which allows AF_VSOCK and clone's namespaces to whoever has the capability, and once io_uring), and the
families and calls that the kernel's published exploits of recent years needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

EPERM, ENOSYS = 1, 38


@dataclass(frozen=True)
class Group:
    """Calls that are allowed whatever their arguments, and why a researcher's programs need them."""

    name: str
    why: str
    calls: tuple[str, ...]


@dataclass(frozen=True)
class Condition:
    """A call's argument: its position, the comparison, and the value (for MASKED_EQ the mask, then the value)."""

    index: int
    op: str
    value: int
    second: int | None = None


@dataclass(frozen=True)
class Rule:
    """A call that is allowed under conditions; `answer` is an error number for one that is answered so instead."""

    call: str
    why: str
    conditions: tuple[Condition, ...] = ()
    answer: int | None = None


def _calls(text: str) -> tuple[str, ...]:
    return tuple(text.split())


GROUPS = (
    Group(
        "files",
        "Reading, writing, naming, locking and watching files below the mounts.",
        _calls("""
            access chdir chmod chown close close_range copy_file_range creat dup dup2 dup3 faccessat
            faccessat2 fadvise64 fallocate fchdir fchmod fchmodat fchown fchownat fcntl fdatasync fgetxattr
            flistxattr flock fremovexattr fsetxattr fstat fstatfs fsync ftruncate futimesat getcwd getdents
            getdents64 getxattr inotify_add_watch inotify_init inotify_init1 inotify_rm_watch lchown
            lgetxattr link linkat listxattr llistxattr lremovexattr lseek lsetxattr lstat mkdir mkdirat
            newfstatat open openat openat2 pread64 preadv preadv2 pwrite64 pwritev pwritev2 read readahead
            readlink readlinkat readv removexattr rename renameat renameat2 rmdir sendfile setxattr splice
            stat statfs statx symlink symlinkat sync sync_file_range syncfs tee truncate umask unlink
            unlinkat utime utimensat utimes vmsplice write writev
        """),
    ),
    Group(
        "memory",
        "Memory of the process itself.",
        _calls("""
            brk madvise membarrier memfd_create mincore mlock mlock2 mlockall mmap mprotect mremap msync
            munlock munlockall munmap pkey_alloc pkey_free pkey_mprotect remap_file_pages
        """),
    ),
    Group(
        "processes",
        "Processes, threads, signals and their limits; asking who one is.",
        _calls("""
            alarm arch_prctl capget execve execveat exit exit_group fork futex futex_waitv get_robust_list
            get_thread_area getcpu getegid geteuid getgid getgroups getitimer getpgid getpgrp getpid getppid
            getpriority getresgid getresuid getrlimit getrusage getsid gettid getuid kill pause pidfd_open
            pidfd_send_signal prctl prlimit64 restart_syscall rseq rt_sigaction rt_sigpending rt_sigprocmask
            rt_sigqueueinfo rt_sigreturn rt_sigsuspend rt_sigtimedwait rt_tgsigqueueinfo
            sched_get_priority_max sched_get_priority_min sched_getaffinity sched_getattr sched_getparam
            sched_getscheduler sched_rr_get_interval sched_setaffinity sched_setattr sched_setparam
            sched_setscheduler sched_yield seccomp set_robust_list set_thread_area set_tid_address setitimer
            setpgid setpriority setrlimit setsid sigaltstack tgkill tkill vfork wait4 waitid
        """),
    ),
    Group(
        "time",
        "Reading the time and waiting; never setting it.",
        _calls("""
            clock_getres clock_gettime clock_nanosleep gettimeofday nanosleep time timer_create timer_delete
            timer_getoverrun timer_gettime timer_settime timerfd_create timerfd_gettime timerfd_settime
            times
        """),
    ),
    Group(
        "waiting",
        "Waiting for many files at once. Linux AIO stays: databases such as DuckDB may use it.",
        _calls("""
            epoll_create epoll_create1 epoll_ctl epoll_pwait epoll_pwait2 epoll_wait eventfd eventfd2
            io_cancel io_destroy io_getevents io_pgetevents io_setup io_submit ioprio_get ioprio_set pipe
            pipe2 poll ppoll pselect6 select signalfd signalfd4
        """),
    ),
    Group(
        "shared memory",
        "System V and POSIX shared memory of the container's own ipc namespace (multiprocessing, joblib).",
        _calls("""
            mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedsend mq_unlink msgctl msgget msgrcv
            msgsnd semctl semget semop semtimedop shmat shmctl shmdt shmget
        """),
    ),
    Group(
        "sockets",
        "Talking over sockets that exist; which may be made is a conditional rule.",
        _calls("""
            accept accept4 bind connect getpeername getsockname getsockopt listen recvfrom recvmmsg recvmsg
            sendmmsg sendmsg sendto setsockopt shutdown
        """),
    ),
    Group(
        "machine",
        "Facts about the machine, and randomness.",
        _calls("""
            getrandom sysinfo uname
        """),
    ),
    Group(
        "restricting oneself",
        "Giving up more rights is always allowed.",
        _calls("""
            landlock_add_rule landlock_create_ruleset landlock_restrict_self
        """),
    ),
)

_NAMESPACES = 0x7E020000
_TIOCSTI = 0x5412
_PROTOCOLS = {"none": 0, "TCP": 6, "UDP": 17}


def _equal(index: int, value: int) -> Condition:
    return Condition(index, "EQ", value)


_INTERNET = tuple(
    Rule(
        "socket",
        f"{name}, protocol {protocol}: kernels talk to their server over the loopback of a network namespace that has "
        "nothing else. MPTCP, SCTP, DCCP, L2TP and ping sockets have no use there and have had holes.",
        (_equal(0, family), _equal(2, number)),
    )
    for name, family in (("AF_INET", 2), ("AF_INET6", 10))
    for protocol, number in _PROTOCOLS.items()
)

RULES = (
    Rule(
        "clone",
        "A new process or thread without any new namespace (mask of CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, "
        "NEWPID, NEWNET).",
        (Condition(0, "MASKED_EQ", _NAMESPACES, 0),),
    ),
    Rule(
        "clone3",
        "Hides its flags from a filter: answered as an old kernel would, so that the C library falls back to clone.",
        answer=ENOSYS,
    ),
    Rule("ioctl", "Everything but pushing characters into a terminal (TIOCSTI).", (Condition(1, "NE", _TIOCSTI),)),
    Rule("socket", "AF_UNIX: the server's and the relay's socket.", (_equal(0, 1),)),
    *_INTERNET,
    Rule(
        "socket",
        "AF_NETLINK, routing protocol only: libzmq and getifaddrs list the interfaces.",
        (_equal(0, 16), _equal(2, 0)),
    ),
    Rule("socketpair", "Pairs of unix sockets.", (_equal(0, 1),)),
    Rule("personality", "The plain execution domain.", (_equal(0, 0),)),
    Rule("personality", "Asking for the execution domain.", (_equal(0, 0xFFFFFFFF),)),
)

#: What stays out on purpose, by the reason.
KEPT_OUT: dict[str, tuple[str, ...]] = {
    "New namespaces give capabilities inside and kernel code that only root met before.": _calls("unshare setns"),
    "Mounts would change what the profile mounted.": _calls(
        "mount umount2 pivot_root chroot open_tree move_mount fsopen fsconfig fsmount fspick mount_setattr"
    ),
    "Nobody changes identity or takes capabilities.": _calls(
        "setuid setgid setreuid setregid setresuid setresgid setgroups setfsuid setfsgid capset"
    ),
    "No process reads or drives another.": _calls(
        "ptrace process_vm_readv process_vm_writev pidfd_getfd kcmp process_madvise"
    ),
    "Acts past this filter.": _calls("io_uring_setup io_uring_enter io_uring_register"),
    "Programs inside the kernel, and its measuring instruments.": _calls("bpf perf_event_open"),
    "Keys of the kernel are not divided by containers.": _calls("keyctl add_key request_key"),
    "Shapes the kernel's heap for exploits, or hides memory from the operator.": _calls("userfaultfd memfd_secret"),
    "The machine: its kernel, modules, clock, name, swap, accounts, quotas, ports, log.": _calls(
        "kexec_load kexec_file_load init_module finit_module delete_module reboot swapon swapoff acct quotactl "
        "quotactl_fd settimeofday clock_settime adjtimex clock_adjtime sethostname setdomainname ioperm iopl syslog "
        "vhangup lookup_dcookie"
    ),
    "Reaches around the mounts.": _calls(
        "mknod mknodat name_to_handle_at open_by_handle_at fanotify_init fanotify_mark"
    ),
    "Old doors with no use: segments of the processor, placement of memory.": _calls(
        "modify_ldt move_pages migrate_pages mbind set_mempolicy get_mempolicy"
    ),
}


def filter_profile() -> dict[str, Any]:
    """The filter in the engine's form."""
    plain = [{"names": list(group.calls), "action": "SCMP_ACT_ALLOW"} for group in GROUPS]
    return {
        "defaultAction": "SCMP_ACT_ERRNO",
        "defaultErrnoRet": EPERM,
        "archMap": [
            {"architecture": "SCMP_ARCH_X86_64", "subArchitectures": []},
            {"architecture": "SCMP_ARCH_AARCH64", "subArchitectures": []},
        ],
        "syscalls": [*plain, *map(_rule, RULES)],
    }


def _rule(rule: Rule) -> dict[str, Any]:
    if rule.answer is not None:
        return {"names": [rule.call], "action": "SCMP_ACT_ERRNO", "errnoRet": rule.answer}
    return {"names": [rule.call], "action": "SCMP_ACT_ALLOW", "args": [_argument(each) for each in rule.conditions]}


def _argument(condition: Condition) -> dict[str, Any]:
    found = {"index": condition.index, "value": condition.value, "op": f"SCMP_CMP_{condition.op}"}
    return found if condition.second is None else {**found, "valueTwo": condition.second}
