"""The few Linux calls that Python does not offer, through ctypes. Harmless to import elsewhere."""

from __future__ import annotations

import ctypes
import os
import sys
from pathlib import Path

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_SECCOMP = 22
PR_CAPBSET_DROP = 24
PR_SET_SECUREBITS = 28
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
SECBITS_NO_ROOT = 0b101111  # root is nobody special, for good
CAPABILITY_VERSION_3 = 0x20080522

EMULATED = os.environ.get("INTERN_SANDBOX_EMULATE", "")
"""Tests only: "macos" does without all that is Linux's. Isolation is then weak, and says so."""
IS_LINUX = sys.platform == "linux" and Path("/proc/self/status").exists() and EMULATED != "macos"
_libc = ctypes.CDLL(None, use_errno=True) if IS_LINUX else None


def syscall(number: int, *arguments: object) -> int:
    """A raw system call. Raises OSError."""
    if _libc is None:
        raise OSError(38, "not Linux")
    result = _libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def prctl(option: int, *arguments: int) -> int:
    """prctl(2). Raises OSError."""
    if _libc is None:
        raise OSError(38, "not Linux")
    padded = [ctypes.c_ulong(a) for a in (*arguments, 0, 0, 0, 0)[:4]]
    result = _libc.prctl(option, *padded)
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def drop_capabilities() -> None:
    """Give up every capability for good, root's too. Raises OSError when some remain."""
    if has_capabilities():
        try:
            prctl(PR_SET_SECUREBITS, SECBITS_NO_ROOT)
            for capability in range(64):
                prctl(PR_CAPBSET_DROP, capability)
        except OSError:  # no CAP_SETPCAP, or past the last capability; no_new_privs stands in for both
            pass
    header = (ctypes.c_uint32 * 2)(CAPABILITY_VERSION_3, 0)
    data = (ctypes.c_uint32 * 6)()
    assert _libc is not None
    if _libc.capset(header, data) != 0:
        raise OSError(ctypes.get_errno(), "capset")


def has_capabilities() -> bool:
    """Does this process hold any effective capability?"""
    with open("/proc/self/status") as status:
        return any(line.startswith("CapEff:") and int(line.split()[1], 16) for line in status)


def protect_memory() -> None:
    """Close this process's /proc environ, memory and descriptors to others of its user. Does nothing off Linux."""
    if IS_LINUX:
        prctl(PR_SET_DUMPABLE, 0)


def unshare(flags: int) -> None:
    """unshare(2). Raises OSError."""
    assert _libc is not None
    if _libc.unshare(flags) != 0:
        raise OSError(ctypes.get_errno(), f"unshare: {os.strerror(ctypes.get_errno())}")


def mount(source: str | None, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    """mount(2). Raises OSError that names the target."""
    assert _libc is not None
    texts = [None if text is None else text.encode() for text in (source, target, kind, options)]
    if _libc.mount(texts[0], texts[1], texts[2], ctypes.c_ulong(flags), texts[3]) != 0:
        raise OSError(ctypes.get_errno(), f"mount {target}: {os.strerror(ctypes.get_errno())}")


def umount(target: str, flags: int) -> None:
    """umount2(2). Raises OSError."""
    assert _libc is not None
    if _libc.umount2(target.encode(), flags) != 0:
        raise OSError(ctypes.get_errno(), f"umount {target}: {os.strerror(ctypes.get_errno())}")
