"""Things outside the sandbox that code inside must not reach, and how one sees from outside that it did."""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

BYSTANDER = """
import ctypes, os, resource, signal, sys, time
note = lambda number, frame: os.write(log, b"%d\\n" % number)
log = os.open(sys.argv[1], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
for number in (signal.SIGUSR1, signal.SIGTERM, signal.SIGIO, signal.SIGHUP, signal.SIGURG):
    signal.signal(number, note)
print("up", flush=True)
while True:
    time.sleep(0.2)
"""


class World:
    """Files, sockets, processes and shared memory of the same user, each with a secret or a trace."""

    def __init__(self, socket_file: bool = True) -> None:
        self.secret = "canary-" + secrets.token_hex(12)
        self.stack = contextlib.ExitStack()
        self.base = Path(tempfile.mkdtemp(prefix="world-", dir="/var/tmp"))
        self.stack.callback(shutil.rmtree, self.base, ignore_errors=True)
        self.file = self.base / "secret.txt"
        self.file.write_text(self.secret)
        self.file.chmod(0o600)
        self.data = self.base / "data"
        self.data.mkdir()
        (self.data / "train.csv").write_text("public")
        self.script = self.base / "script.sh"
        self.script.write_text(f"#!/bin/sh\necho ran > {self.base}/script-ran\necho {self.secret}\n")
        self.script.chmod(0o755)
        self.heard: list[str] = []
        self._listen()
        if socket_file:
            self._listen_on_a_file()
        self._bystander()
        self._shared_memory()
        self.environment = {"HF_TOKEN": self.secret, "OPENAI_API_KEY": self.secret}
        os.environ.update(self.environment)
        self.before = self.state()

    def _serve(self, server: socket.socket, name: str) -> None:
        def accept() -> None:
            while True:
                try:
                    if server.type == socket.SOCK_DGRAM:
                        server.recvfrom(100)
                    else:
                        connection, _ = server.accept()
                        connection.close()
                except OSError:
                    return
                self.heard.append(name)

        threading.Thread(target=accept, daemon=True).start()

    def _open(self, family: int, kind: int, address, name: str) -> socket.socket:
        server = self.stack.enter_context(socket.socket(family, kind))
        server.bind(address)
        if kind != socket.SOCK_DGRAM:
            server.listen()
        self._serve(server, name)
        return server

    def _listen(self) -> None:
        self.tcp = self._open(socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0), "tcp").getsockname()[1]
        self.udp = self._open(socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0), "udp").getsockname()[1]
        self.abstract = "world-" + secrets.token_hex(6)
        self._open(socket.AF_UNIX, socket.SOCK_STREAM, "\0" + self.abstract, "abstract")
        self._open(socket.AF_UNIX, socket.SOCK_DGRAM, "\0" + self.abstract + "d", "abstract datagram")

    def _listen_on_a_file(self) -> None:
        self._open(socket.AF_UNIX, socket.SOCK_STREAM, str(self.base / "service.sock"), "socket file")
        self._open(socket.AF_UNIX, socket.SOCK_DGRAM, str(self.base / "log.sock"), "datagram socket file")

    def _bystander(self) -> None:
        self.log = self.base / "bystander.log"
        self.bystander = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", BYSTANDER, str(self.log), self.secret],
            env={"SECRET": self.secret},
            stdout=subprocess.PIPE,
        )
        self.bystander.stdout.readline()
        self.stack.callback(self.bystander.wait)
        self.stack.callback(self.bystander.kill)

    def _shared_memory(self) -> None:
        libc = ctypes.CDLL(None, use_errno=True)
        libc.shmat.restype = ctypes.c_void_p
        self.segment = libc.shmget(0, 4096, 0o1600)
        self.queue = libc.msgget(0, 0o1600)
        if self.segment >= 0:
            address = libc.shmat(self.segment, None, 0)
            ctypes.memmove(address, self.secret.encode(), len(self.secret))
            self.stack.callback(libc.shmctl, self.segment, 0, None)
            self.stack.callback(libc.msgctl, self.queue, 0, None)

    def state(self) -> dict[str, object]:
        """What an untouched world looks like; compare before and after."""
        status, data = self.file.stat(), self.data.stat()
        limits = Path(f"/proc/{self.bystander.pid}/limits").read_text()
        return {
            "the secret file": (self.file.read_text(), status.st_mode, int(status.st_mtime), status.st_nlink),
            "files outside": sorted(p.name for p in self.base.iterdir() if p.name != "bystander.log"),
            "the data folder": (sorted(p.name for p in self.data.iterdir()), data.st_mode),
            "the data": [
                (p.read_text(), p.stat().st_mode, int(p.stat().st_mtime), _attributes(p)) for p in self.data.iterdir()
            ],
            "signals to a bystander": self.log.read_text() if self.log.exists() else "",
            "the bystander's life": self.bystander.poll(),
            "the bystander's limits": limits,
            "the bystander's priority": os.getpriority(os.PRIO_PROCESS, self.bystander.pid),
            "the bystander's cores": len(os.sched_getaffinity(self.bystander.pid)),
            "connections": list(self.heard),
        }

    def changes(self) -> list[str]:
        """What has changed since the beginning."""
        try:
            now = self.state()
        except OSError as error:
            return [f"something is gone: {error}"]
        return [name for name, value in now.items() if value != self.before[name]]

    def names(self, workdir: Path, other: Path) -> str:
        """Python source that tells a probe where everything is."""
        known = {
            "SECRET_FILE": str(self.file),
            "BASE": str(self.base),
            "DATA": str(self.data),
            "SCRIPT": str(self.script),
            "TCP": self.tcp,
            "UDP": self.udp,
            "ABSTRACT": self.abstract,
            "BYSTANDER": self.bystander.pid,
            "HOST": os.getpid(),
            "SEGMENT": self.segment,
            "QUEUE": self.queue,
            "WORK": str(workdir),
            "OTHER": str(other),
        }
        lines = [f"{name} = {value!r}" for name, value in known.items()]
        return "\n".join(lines) + "\n" + HELPERS

    def close(self) -> None:
        for name in self.environment:
            os.environ.pop(name, None)
        self.bystander.send_signal(signal.SIGKILL)
        time.sleep(0.01)
        self.stack.close()


def _attributes(path: Path) -> list[str]:
    try:
        return os.listxattr(path)
    except OSError:
        return []


HELPERS = '''
import ctypes, errno, os, platform, signal, socket, subprocess, sys, threading, time
libc = ctypes.CDLL(None, use_errno=True)
X86 = platform.machine() == "x86_64"
def call(x86, arm, *arguments):
    """A raw system call; its result, or minus errno."""
    number = x86 if X86 else arm
    result = libc.syscall(ctypes.c_long(number), *[ctypes.c_long(a) if isinstance(a, int) else a for a in arguments])
    return -ctypes.get_errno() if result < 0 else result
def breach(condition, what=""):
    if condition:
        print("BREACH", what)
'''
