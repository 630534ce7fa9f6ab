"""A process of its own around each job, run as a plain script: it starts the command, and ends it whatever happens.

It reads one line of JSON from its standard input: `command`, `cwd`, `environment`, `mounts` [[folder, path, read_only]],
`hide` (a folder the job must not see but for `keep`, or null), `namespaces`. While that input stays open the job runs;
when it closes (a cancelled job, or a dead server) the whole family is stopped. When the command ends, so do all
processes that it left behind. The exit status is the command's; 128 means that it could not be started.
"""

from __future__ import annotations

import ctypes
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

GRACE_SECONDS = 2.0
PR_SET_PDEATHSIG, PR_SET_CHILD_SUBREAPER = 1, 36
CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
MS_RDONLY, MS_REMOUNT, MS_BIND, MS_REC, MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18

LIBC = ctypes.CDLL(None, use_errno=True)


def prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        LIBC.prctl(option, value, 0, 0, 0)


# -- a root of the job's own ---------------------------------------------------------------------------------


def mount(source: str, target: Path, kind: str | None, flags: int) -> None:
    if LIBC.mount(source.encode(), str(target).encode(), kind.encode() if kind else None, flags, None) != 0:
        raise OSError(ctypes.get_errno(), f"mount {target}")


def own_namespace() -> None:
    """A mount namespace; as an ordinary user through a user namespace. Raises OSError where that is forbidden."""
    user, group = os.getuid(), os.getgid()
    if LIBC.unshare(CLONE_NEWNS | (0 if user == 0 else CLONE_NEWUSER)) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    if user != 0:
        Path("/proc/self/setgroups").write_text("deny")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1")
    mount("none", Path("/"), None, MS_REC | MS_PRIVATE)


def build_root(root: Path, mounts: list[list], hide: str | None, keep: list[str]) -> None:
    """The host's files under `root`, without `hide`, with the volumes where the job wants them."""
    mount("none", root, "tmpfs", 0)
    targets = [Path(path) for _, path, _ in mounts]
    _mirror(Path("/"), root, root, targets, Path(hide) if hide else None, [Path(path) for path in keep])
    for source, target, read_only in mounts:
        place = root / target.lstrip("/")
        place.mkdir(parents=True, exist_ok=True)
        mount(source, place, None, MS_BIND)
        if read_only:
            mount("none", place, None, MS_REMOUNT | MS_BIND | MS_RDONLY)


def _mirror(folder: Path, new: Path, root: Path, targets: list[Path], hide: Path | None, keep: list[Path]) -> None:
    for entry in folder.iterdir():
        place = new / entry.name
        inside_hidden = hide is not None and hide in entry.parents
        if (
            entry == root
            or entry in targets
            or (inside_hidden and not any(k == entry or entry in k.parents for k in keep))
        ):
            continue
        if entry.is_symlink():
            place.symlink_to(entry.readlink())
        elif (
            entry == hide
            or any(entry in other.parents for other in [*targets, *([hide] if hide else [])])
            or (inside_hidden and entry not in keep)
        ):
            place.mkdir()
            _mirror(entry, place, root, targets, hide, keep)
        elif entry.is_dir():
            place.mkdir()
            mount(str(entry), place, None, MS_BIND | MS_REC)
        elif entry.is_file():
            place.touch()
            mount(str(entry), place, None, MS_BIND)


def rewritten(text: str, mounts: list[list]) -> str:
    """A text with the mount paths replaced by the folders: the way without namespaces."""
    for source, target, _ in sorted(mounts, key=lambda item: -len(item[1])):
        text = re.sub(rf"(?<![\w./-]){re.escape(target.rstrip('/'))}(?![\w.-])", lambda _, to=source: to, text)
    return text


# -- the job -------------------------------------------------------------------------------------------------


def family(parent: int) -> list[int]:
    """All processes below one, by /proc."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            above = int(entry.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):
            continue
        children.setdefault(above, []).append(int(entry.parent.name))
    found, left = [], [parent]
    while left:
        below = children.get(left.pop(), [])
        found += below
        left += below
    return found


def signal_all(number: int, leader: int) -> None:
    for process in {*family(os.getpid()), leader}:
        try:
            os.kill(process, number)
        except ProcessLookupError:
            continue


def stop_when_input_closes(process: subprocess.Popen) -> None:
    sys.stdin.buffer.read()
    if process.poll() is None:
        signal_all(signal.SIGTERM, process.pid)
        end = time.monotonic() + GRACE_SECONDS
        while process.poll() is None and time.monotonic() < end:
            time.sleep(0.05)
        signal_all(signal.SIGKILL, process.pid)


def main() -> int:
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    spec = json.loads(sys.stdin.buffer.readline())
    command, environment, mounts = spec["command"], spec["environment"], spec["mounts"]
    root = None
    if spec["namespaces"]:
        own_namespace()
        root = Path(spec["root"])
        build_root(root, mounts, spec["hide"], spec["keep"])
    else:
        command = [rewritten(part, mounts) for part in command]
        environment = {name: rewritten(value, mounts) for name, value in environment.items()}

    def enter() -> None:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if root is not None:
            os.chroot(root)
        os.chdir(spec["cwd"])

    try:
        process = subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT,
                                   start_new_session=True, preexec_fn=enter)  # fmt: skip
    except (OSError, subprocess.SubprocessError) as error:
        print(f"failed to start {command[0]!r}: {error}", flush=True)
        return 128
    threading.Thread(target=stop_when_input_closes, args=(process,), daemon=True).start()
    code = process.wait()
    signal_all(signal.SIGKILL, process.pid)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    os._exit(main())
