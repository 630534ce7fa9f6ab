"""seccomp: which system calls, with which arguments, this process may still make. Irrevocable, inherited.

A deny list: Landlock and the namespaces say what may be reached, this closes the ways around them. Each entry
says by how it answers whether a library is meant to see "forbidden", "this kernel has no such call" (it then falls
back), or success without effect.
"""

from __future__ import annotations

import ctypes
import errno
import os
import platform
import struct
from dataclasses import dataclass

from intern.sandbox import linux

# name, number on x86_64, number on aarch64 ("-": no such call there)
TABLE = """
ptrace 101 117, process_vm_readv 310 270, process_vm_writev 311 271, kcmp 312 272, pidfd_getfd 438 438,
process_madvise 440 440, process_mrelease 448 448, get_robust_list 274 100, keyctl 250 219, add_key 248 217,
request_key 249 218, bpf 321 280, perf_event_open 298 241, userfaultfd 323 282, mount 165 40, umount2 166 39,
move_mount 429 429, open_tree 428 428, fsopen 430 430, fsconfig 431 431, fsmount 432 432, mount_setattr 442 442,
open_tree_attr 467 467, pivot_root 155 41, chroot 161 51, unshare 272 97, setns 308 268, swapon 167 224,
swapoff 168 225, reboot 169 142, kexec_load 246 104, kexec_file_load 320 294, init_module 175 105,
finit_module 313 273, delete_module 176 106, create_module 174 -, query_module 178 -, get_kernel_syms 177 -,
acct 163 89, quotactl 179 60, quotactl_fd 443 443, syslog 103 116, settimeofday 164 170, clock_settime 227 112,
clock_adjtime 305 266, adjtimex 159 171, sethostname 170 161, setdomainname 171 162, vhangup 153 58,
name_to_handle_at 303 264, open_by_handle_at 304 265, fanotify_init 300 262, fanotify_mark 301 263,
inotify_init 253 -, inotify_init1 294 26, inotify_add_watch 254 27, migrate_pages 256 238, move_pages 279 239,
set_mempolicy_home_node 450 450, shmget 29 194, shmat 30 196, shmctl 31 195, shmdt 67 197, msgget 68 186,
msgsnd 69 189, msgrcv 70 188, msgctl 71 187, semget 64 190, semop 65 193, semtimedop 220 192, semctl 66 191,
mq_open 240 180, mq_unlink 241 181, mq_timedsend 242 182, mq_timedreceive 243 183, mq_notify 244 184,
mq_getsetattr 245 185, ioperm 173 -, iopl 172 -, modify_ldt 154 -, vmsplice 278 75, lookup_dcookie 212 18,
uselib 134 -, ustat 136 -, sysfs 139 -, _sysctl 156 -, nfsservctl 180 42, clone3 435 435, io_uring_setup 425 425,
io_uring_enter 426 426, io_uring_register 427 427, memfd_create 319 279, memfd_secret 447 447, statmount 457 457,
listmount 458 458, lsm_set_self_attr 460 460, setxattrat 463 463, removexattrat 466 466, fchmodat2 452 452,
file_setattr 469 469, chmod 90 -, fchmod 91 52, fchmodat 268 53, chown 92 -, fchown 93 55, lchown 94 -,
fchownat 260 54, utime 132 -, utimes 235 -, futimesat 261 -, utimensat 280 88, setxattr 188 5, lsetxattr 189 6,
fsetxattr 190 7, removexattr 197 14, lremovexattr 198 15, fremovexattr 199 16, socket 41 198, connect 42 203,
sendto 44 206, clone 56 220, prlimit64 302 261, sched_setaffinity 203 122, sched_setscheduler 144 119,
sched_setparam 142 118, sched_setattr 314 274, setpriority 141 140, ioprio_set 251 30, ioctl 16 29,
personality 135 92, kill 62 129, tkill 200 130, tgkill 234 131, rt_sigqueueinfo 129 138, rt_tgsigqueueinfo 297 240,
pidfd_send_signal 424 424, fcntl 72 25, truncate 76 45, openat2 437 437, open 2 -, openat 257 56, socketpair 53 199,
fspick 433 433
"""

ARCHITECTURES = {"x86_64": (0xC000003E, 1), "aarch64": (0xC00000B7, 2)}
"""machine: (AUDIT_ARCH, column of TABLE)."""

FORBIDDEN = """
ptrace process_vm_readv process_vm_writev kcmp pidfd_getfd process_madvise process_mrelease get_robust_list
keyctl add_key request_key bpf perf_event_open userfaultfd mount umount2 move_mount open_tree open_tree_attr fsopen
fsconfig fsmount fspick mount_setattr pivot_root chroot unshare setns swapon swapoff reboot kexec_load
kexec_file_load init_module finit_module delete_module create_module query_module get_kernel_syms acct quotactl
quotactl_fd syslog settimeofday clock_settime clock_adjtime adjtimex sethostname setdomainname vhangup
name_to_handle_at open_by_handle_at fanotify_init fanotify_mark inotify_init inotify_init1 inotify_add_watch
migrate_pages move_pages set_mempolicy_home_node shmget shmat shmctl shmdt msgget msgsnd msgrcv msgctl semget semop
semtimedop semctl mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr ioperm iopl modify_ldt
vmsplice lookup_dcookie uselib ustat sysfs _sysctl nfsservctl
"""
MISSING = """
clone3 io_uring_setup io_uring_enter io_uring_register memfd_create memfd_secret statmount listmount
lsm_set_self_attr setxattrat removexattrat fchmodat2 file_setattr
"""
"""clone3: libc then uses clone, whose flags can be checked."""
PRETENDED = "chmod fchmod fchmodat chown fchown lchown fchownat utime utimes futimesat utimensat"
UNSUPPORTED = "setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr"
OTHER_SIGNALS = "tkill rt_sigqueueinfo rt_tgsigqueueinfo pidfd_send_signal"

NEW_NAMESPACES = 0x7E020000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
TERMINAL_AND_FLAG_IOCTLS = (0x5412, 0x541C, 0x5423, 0x40086602, 0x40046602, 0x401C5820, 0x40087602)
"""TIOCSTI, TIOCLINUX, TIOCSETD; FS_IOC_SETFLAGS (two sizes), FS_IOC_FSSETXATTR, FS_IOC_SETVERSION."""
OWNER_LEASE_NOTIFY = (8, 10, 15, 1024, 1026)
"""fcntl: F_SETOWN, F_SETSIG, F_SETOWN_EX, F_SETLEASE, F_NOTIFY."""
STREAM, DATAGRAM = 1, 2

ALLOW = 0x7FFF0000
KILL_PROCESS = 0x80000000
LOAD, AND, EQUAL, GREATER_EQUAL, RETURN = 0x20, 0x54, 0x15, 0x35, 0x06
NUMBER, ARCHITECTURE = 0, 4

Instruction = tuple[int, int, int, int]


@dataclass(frozen=True)
class Policy:
    """What else is in force, which decides what seccomp must close itself."""

    landlock: int
    namespaces: bool
    no_connect: bool


def fail(number: int) -> int:
    """The verdict "refused with this errno"; 0 is success without effect."""
    return 0x00050000 | number


def argument(place: int) -> int:
    """Where the low half of an argument lies: all that the kernel looks at for the arguments checked here."""
    return 16 + 8 * place


class Program:
    """Assembles a filter. Each check is one block that either answers or leaves the call's number loaded."""

    def __init__(self, column: int) -> None:
        self.numbers = {}
        for row in TABLE.replace("\n", " ").split(","):
            fields = row.split()
            if fields[column] != "-":
                self.numbers[fields[0]] = int(fields[column])
        self.code: list[Instruction] = []

    def answer(self, names: str, verdict: int) -> None:
        """The same verdict for all these calls."""
        for name in names.split():
            if name in self.numbers:
                self.code += [(EQUAL, 0, 1, self.numbers[name]), (RETURN, 0, 0, verdict)]

    def check(self, name: str, block: list[Instruction]) -> None:
        """A block of instructions, ending in a RETURN, for one call."""
        if name in self.numbers:
            self.code += [(EQUAL, 0, len(block), self.numbers[name]), *block]

    def only(self, name: str, place: int, values: tuple[int, ...], verdict: int, mask: int = 0xFFFFFFFF) -> None:
        """Allow the call when the masked argument is one of the values, else the verdict."""
        tests = [(EQUAL, len(values) - index, 0, value) for index, value in enumerate(values)]
        block = [(LOAD, 0, 0, argument(place)), (AND, 0, 0, mask), *tests]
        self.check(name, [*block, (RETURN, 0, 0, verdict), (RETURN, 0, 0, ALLOW)])

    def never(self, name: str, place: int, values: tuple[int, ...], verdict: int, mask: int = 0xFFFFFFFF) -> None:
        """The verdict when the masked argument is one of the values, else allow."""
        tests = [(EQUAL, len(values) - index, 0, value) for index, value in enumerate(values)]
        block = [(LOAD, 0, 0, argument(place)), (AND, 0, 0, mask), *tests]
        self.check(name, [*block, (RETURN, 0, 0, ALLOW), (RETURN, 0, 0, verdict)])

    def first_then(self, name: str, first: int, second: int, verdict: int) -> None:
        """Allow when argument 0 is `first` and argument 1 is `second`."""
        block = [
            (LOAD, 0, 0, argument(0)),
            (EQUAL, 0, 3, first),
            (LOAD, 0, 0, argument(1)),
            (EQUAL, 0, 1, second),
            (RETURN, 0, 0, ALLOW),
            (RETURN, 0, 0, verdict),
        ]
        self.check(name, block)


def build(policy: Policy, column: int, architecture: int) -> list[Instruction]:
    """The filter as instructions."""
    program = Program(column)
    program.code = [
        (LOAD, 0, 0, ARCHITECTURE),
        (EQUAL, 1, 0, architecture),
        (RETURN, 0, 0, KILL_PROCESS),
        (LOAD, 0, 0, NUMBER),
    ]
    if column == 1:  # the x32 calls, a second numbering of the same machine
        program.code += [(GREATER_EQUAL, 0, 1, 0x40000000), (RETURN, 0, 0, fail(errno.ENOSYS))]
    program.answer(FORBIDDEN, fail(errno.EPERM))
    program.answer(MISSING, fail(errno.ENOSYS))
    _check_processes(program)
    _check_sockets(program, policy)
    program.never("ioctl", 1, TERMINAL_AND_FLAG_IOCTLS, fail(errno.EPERM))
    program.never("fcntl", 1, OWNER_LEASE_NOTIFY, fail(errno.EPERM))
    if not policy.namespaces:
        _check_attributes(program)
    if policy.landlock < 6 and not policy.namespaces:
        own = os.getpid()
        program.only("kill", 0, (own,), fail(errno.EPERM))
        program.only("tgkill", 0, (own,), fail(errno.EPERM))
        program.answer(OTHER_SIGNALS, fail(errno.EPERM))
    if policy.landlock < 3 and not policy.namespaces:
        program.answer("truncate", fail(errno.EPERM))
        program.answer("openat2", fail(errno.ENOSYS))
        truncating = os.O_TRUNC | os.O_ACCMODE
        program.never("open", 1, (os.O_TRUNC,), fail(errno.EPERM), truncating)
        program.never("openat", 2, (os.O_TRUNC,), fail(errno.EPERM), truncating)
    program.code.append((RETURN, 0, 0, ALLOW))
    return program.code


def _check_processes(program: Program) -> None:
    refused = fail(errno.EPERM)
    # One block allows the flags' absence: masked to the namespace bits, only 0 passes.
    program.only("clone", 0, (0,), refused, NEW_NAMESPACES)
    program.only("prlimit64", 0, (0,), refused)
    for name in ("sched_setaffinity", "sched_setscheduler", "sched_setparam", "sched_setattr"):
        program.only(name, 0, (0,), refused)
    program.first_then("setpriority", 0, 0, refused)
    program.first_then("ioprio_set", 1, 0, refused)
    program.only("personality", 0, (0, 0xFFFFFFFF), refused)


def _check_sockets(program: Program, policy: Policy) -> None:
    refused = fail(errno.EACCES)
    unix = 1
    if not policy.no_connect:
        program.only("socket", 0, (unix,), refused)
        return
    block = [
        (LOAD, 0, 0, argument(0)),
        (EQUAL, 0, 4, unix),
        (LOAD, 0, 0, argument(1)),
        (AND, 0, 0, 0xF),
        (EQUAL, 1, 0, DATAGRAM),
        (RETURN, 0, 0, ALLOW),
        (RETURN, 0, 0, refused),
    ]
    program.check("socket", block)
    program.never("socketpair", 1, (DATAGRAM,), refused, 0xF)
    program.answer("connect", refused)
    program.only("sendto", 4, (0,), refused)


def _check_attributes(program: Program) -> None:
    """Owner's rights that Landlock does not know: they would reach every readable file of the same user."""
    program.answer(PRETENDED, fail(0))
    program.answer(UNSUPPORTED, fail(errno.ENOTSUP))


class _Filter(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))


def supported() -> bool:
    """Is there a call table for this machine?"""
    return linux.IS_LINUX and platform.machine() in ARCHITECTURES and struct.calcsize("P") == 8


def install(policy: Policy) -> None:
    """Apply the filter to this process. Needs no_new_privs. Raises OSError."""
    if not supported():
        raise OSError(errno.ENOSYS, "seccomp: no call table for this machine")
    architecture, column = ARCHITECTURES[platform.machine()]
    install_program(build(policy, column, architecture))


def install_program(code: list[Instruction]) -> None:
    """Apply a filter given as instructions. Raises OSError."""
    raw = b"".join(struct.pack("HBBI", *instruction) for instruction in code)
    buffer = ctypes.create_string_buffer(raw, len(raw))
    program = _Filter(len(code), ctypes.cast(buffer, ctypes.c_void_p))
    linux.prctl(linux.PR_SET_SECCOMP, 2, ctypes.addressof(program))
