"""What sandboxed code may see of the machine: the lists behind Landlock's rules and the namespaces' file tree."""

from __future__ import annotations

import glob
import os
import sys
from pathlib import Path

from intern.sandbox import landlock
from intern.sandbox.landlock import Rule
from intern.sandbox.namespaces import OwnView, View
from intern.sandbox.request import Layers, Request

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
ETC = (
    "ld.so.cache ld.so.conf ld.so.conf.d ssl pki ca-certificates passwd group nsswitch.conf hosts host.conf gai.conf "
    "protocols services localtime timezone mime.types fonts alternatives os-release debian_version lsb-release "
    "locale.alias magic papersize matplotlibrc OpenCL"
)
NEVER_LIBRARIES = ("/", "/home", "/root", "/tmp", "/var", "/etc", "/proc", "/dev", "/sys", "/opt")
PROC = "cpuinfo meminfo stat loadavg uptime version filesystems sys"
OWN_PROC = (
    "attr auxv cmdline comm environ fd fdinfo io limits maps oom_score oom_score_adj sched schedstat smaps "
    "smaps_rollup stat statm status wchan"
)
"""Of the own /proc/PID. Not the folder itself: net/, root/ and cwd/ would come with it."""
QUOTAS = ("/sys/fs/cgroup/cpu.max", "/sys/fs/cgroup/cpu/cpu.cfs_quota_us", "/sys/fs/cgroup/cpu/cpu.cfs_period_us")
"""How many processors there are to use: joblib, and scikit-learn with it, fails where it sees these and may not read."""
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
ACCELERATORS = ("/dev/nvidia*", "/dev/kfd", "/dev/dri", "/dev/accel*", "/dev/dxg")
ACCELERATOR_INFORMATION = (
    "/proc/driver/nvidia",
    "/proc/devices",
    "/sys/bus/pci",
    "/sys/class/drm",
    "/sys/module/nvidia",
)


def libraries() -> list[str]:
    """Folders that hold the interpreter and its packages, as real paths."""
    found = [*SYSTEM, sys.prefix, sys.base_prefix, str(Path(sys.executable).resolve().parent)]
    found += [entry for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))]
    found += [entry for entry in os.environ.get("LD_LIBRARY_PATH", "").split(":") if entry.startswith("/")]
    paths = [*found, *(os.path.realpath(entry) for entry in found)]
    return [path for path in dict.fromkeys(paths) if Path(path).is_dir() and path not in NEVER_LIBRARIES]


def accelerators(request: Request) -> list[str]:
    """Device files of GPUs, for jobs."""
    if request.kind != "job":
        return []
    return [path for pattern in ACCELERATORS for path in glob.glob(pattern)]  # noqa: PTH207


def rules(request: Request, layers: Layers) -> list[Rule]:
    """Landlock's rules for this session or job."""
    found = [Rule(path, landlock.LOOK_AND_RUN) for path in libraries()]
    found += [Rule(f"/etc/{name}", landlock.LOOK) for name in ETC.split()]
    found += [Rule(path, landlock.LOOK) for path in (*request.readonly, "/sys/devices/system", *QUOTAS)]
    found += [Rule(path, landlock.DEVICE) for path in DEVICES]
    found.append(Rule(request.workdir, landlock.OWN))
    if layers.namespaces:
        found += [Rule("/proc", landlock.LOOK | landlock.WRITE_FILE), Rule("/tmp", landlock.OWN)]
        found.append(Rule("/dev/shm", landlock.OWN))
    else:
        found += [Rule(f"/proc/{name}", landlock.LOOK) for name in PROC.split()]
        found += [Rule(f"/proc/{os.getpid()}/{name}", landlock.LOOK) for name in OWN_PROC.split()]
        found.append(Rule("/dev/shm", landlock.NAMED_ONLY))
    if devices := accelerators(request):
        found += [Rule(path, landlock.ACCELERATOR) for path in devices]
        found += [Rule(path, landlock.LOOK) for path in ACCELERATOR_INFORMATION]
    return found


def base_view() -> View:
    """What every session sees in namespaces."""
    etc = [f"/etc/{name}" for name in ETC.split()]
    return View((*libraries(), "/sys/devices/system", *etc), tuple(path for path in DEVICES if Path(path).exists()))


def own_view(request: Request) -> OwnView:
    """What this session sees besides."""
    devices = accelerators(request)
    information = [path for path in ACCELERATOR_INFORMATION if path.startswith("/sys")] if devices else []
    return OwnView(
        View((*request.readonly, *information), tuple(devices)),
        workdir=request.workdir,
        temporary=str(Path(request.workdir) / ".tmp"),
        shared_memory_mb=request.memory_mb,
    )


def open_sockets() -> bool:
    """Is there a socket file of some service that this user may connect to (or can that not be known)?"""
    try:
        with open("/proc/net/unix") as table:
            paths = {line.split(maxsplit=7)[7].strip() for line in table if line.count(" ") >= 7 and "/" in line}
    except (OSError, IndexError):
        return True
    return any(path.startswith("/") and os.access(path, os.W_OK) for path in paths)
