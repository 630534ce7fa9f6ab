"""Landlock: which files, TCP ports, sockets and processes this process may still reach. Irrevocable, inherited."""

from __future__ import annotations

import ctypes
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass

from intern.sandbox import linux

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # the same on every architecture
VERSION_FLAG = 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, REMOVE_DIR, REMOVE_FILE = (1 << n for n in range(6))
MAKE_CHAR, MAKE_DIR, MAKE_REG, MAKE_SOCK, MAKE_FIFO, MAKE_BLOCK, MAKE_SYM = (1 << n for n in range(6, 13))
REFER, TRUNCATE, IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
BIND_AND_CONNECT_TCP = 0b11
ABSTRACT_SOCKETS_AND_SIGNALS = 0b11

LOOK = READ_FILE | READ_DIR
LOOK_AND_RUN = LOOK | EXECUTE
CHANGE = (
    WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | MAKE_SOCK | MAKE_FIFO | MAKE_SYM | REFER | TRUNCATE
)
OWN = LOOK_AND_RUN | CHANGE
DEVICE = READ_FILE | WRITE_FILE | TRUNCATE
ACCELERATOR = DEVICE | READ_DIR | IOCTL_DEV
NAMED_ONLY = READ_FILE | WRITE_FILE | MAKE_REG | REMOVE_FILE | TRUNCATE
"""Open, make and remove by name, but not list: what named semaphores and shared memory need."""
FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV


@dataclass(frozen=True)
class Rule:
    """`rights` on a file, or on everything below a folder."""

    path: str
    rights: int


class _RulesetAttributes(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def abi() -> int:
    """The kernel's Landlock version, 0 when there is none. A number promises nothing: see detect.py."""
    try:
        return linux.syscall(CREATE_RULESET, 0, 0, VERSION_FLAG)
    except OSError:
        return 0


def file_rights(version: int) -> int:
    """All file system rights that this version can refuse."""
    bits = {1: 13, 2: 14, 3: 15, 4: 15}.get(version, 16)
    return (1 << bits) - 1


def restrict(version: int, rules: Iterable[Rule] | None) -> None:
    """Refuse everything but `rules` to this thread and its future children. Raises OSError.

    `rules` None: no file or network rules, only the scopes (needs version 6).
    """
    files = 0 if rules is None else file_rights(version)
    network = BIND_AND_CONNECT_TCP if version >= 4 and rules is not None else 0
    attributes = _RulesetAttributes(files, network, ABSTRACT_SOCKETS_AND_SIGNALS if version >= 6 else 0)
    size = 8 if version < 4 else 16 if version < 6 else 24
    ruleset = linux.syscall(CREATE_RULESET, ctypes.byref(attributes), size, 0)
    try:
        for rule in rules or ():
            _add(ruleset, rule, files)
        linux.syscall(RESTRICT_SELF, ruleset, 0)
    finally:
        os.close(ruleset)


def _add(ruleset: int, rule: Rule, handled: int) -> None:
    try:
        parent = os.open(rule.path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # not on this machine: nothing to allow
    try:
        rights = rule.rights & handled
        if not stat.S_ISDIR(os.fstat(parent).st_mode):
            rights &= FILE_RIGHTS
        if rights:
            linux.syscall(ADD_RULE, ruleset, 1, ctypes.byref(_PathBeneath(rights, parent)), 0)
    finally:
        os.close(parent)
