"""Refuses system calls to this process as some platforms do, then says what `detect` finds and whether code runs.

`python -m tests.sandbox.emulate docker,no-landlock`: prints JSON.
"""

from __future__ import annotations

import errno
import json
import platform
import sys

from intern.sandbox import linux, make_session, seccomp
from intern.sandbox.detect import detect
from intern.sandbox.pool import SandboxUnavailable

DOCKER = "unshare setns mount umount2 move_mount open_tree fsopen fsmount pivot_root"
LANDLOCK = (444, 445, 446)


def refuse(kinds: list[str]) -> None:
    """Put a filter around this process, inherited by everything it starts."""
    _, column = seccomp.ARCHITECTURES[platform.machine()]
    program = seccomp.Program(column)
    program.code = [(seccomp.LOAD, 0, 0, seccomp.NUMBER)]
    if "docker" in kinds:
        program.answer(DOCKER, seccomp.fail(errno.EPERM))
        program.only("clone", 0, (0,), seccomp.fail(errno.EPERM), seccomp.NEW_NAMESPACES)
        program.answer("clone3", seccomp.fail(errno.ENOSYS))
    if "no-landlock" in kinds:
        for number in LANDLOCK:
            verdict = seccomp.fail(errno.ENOSYS)
            program.code += [(seccomp.EQUAL, 0, 1, number), (seccomp.RETURN, 0, 0, verdict)]
    if "no-seccomp" in kinds:
        block = [
            (seccomp.LOAD, 0, 0, seccomp.argument(0)),
            (seccomp.EQUAL, 0, 1, linux.PR_SET_SECCOMP),
            (seccomp.RETURN, 0, 0, seccomp.fail(errno.EINVAL)),
            (seccomp.RETURN, 0, 0, seccomp.ALLOW),
        ]
        number = {1: 157, 2: 167}[column]
        program.code += [(seccomp.EQUAL, 0, len(block), number), *block]
    program.code.append((seccomp.RETURN, 0, 0, seccomp.ALLOW))
    linux.prctl(linux.PR_SET_NO_NEW_PRIVS, 1)
    seccomp.install_program(program.code)


def main(kinds: list[str]) -> None:
    refuse(kinds)
    found = detect()
    try:
        with make_session() as session:
            ran = session.run("print(6 * 7)", 10)
    except SandboxUnavailable as error:
        ran = ("", str(error))
    print(json.dumps({"level": found.level, "line": found.line, "missing": found.missing, "ran": ran}))


if __name__ == "__main__":
    main(sys.argv[1].split(","))
