# ruff: noqa: E501  (a probe is one line, so that the table can be read as one)
"""A worker that lies on the wire: its own session ends, the host and other sessions go on."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from pathlib import Path

import pytest

from intern.sandbox import make_session
from intern.sandbox.hostfiles import copy_file, read_file

ROOT = Path(__file__).resolve().parents[2]
SEND = """
import json, os, socket, struct
wire = socket.socket(fileno=os.dup(3))
def send(body):
    wire.sendall(struct.pack('>I', len(body)) + body)
def message(**fields):
    send(json.dumps(fields).encode())
"""
LIES = {
    "garbage": "wire.sendall(b'\\xff' * 100)",
    "a huge announcement": "wire.sendall(struct.pack('>I', 2**32 - 1))",
    "endless bytes": "while True: wire.sendall(bytes(65536))",
    "no JSON": "send(b'{')",
    "no object": "send(b'[1]')",
    "not UTF-8": "send(b'\\xff\\xfe{}')",
    "NaN": 'send(b\'{"t":"done","id":1,"value":NaN}\')',
    "deep nesting": "send(b'[' * 1000000)",
    "deep value": "v = 1\nfor _ in range(200): v = [v]\nmessage(t='done', id=1, error=None, value=v, final=False)",
    "an unknown message": "message(t='own', id=1)",
    "ready again": "message(t='ready', notes=[])",
    "a negative id": "message(t='done', id=-1, error=None, value=None, final=False)",
    "an id that is no number": "message(t='call', id='1', tool='x', args={'t': 'dict', 'v': []})",
    "arguments without names": "message(t='call', id=1, tool='x', args=[1])",
    "an unknown value": "message(t='done', id=1, error=None, value={'t': 'pickle', 'v': 'gASV'}, final=False)",
    "a value without a kind": "message(t='done', id=1, error=None, value={'a': 1}, final=False)",
    "an array that lies": "message(t='done', id=1, error=None, value={'t': 'array', 'dtype': '<f8', 'shape': [10**12], 'v': ''}, final=False)",
    "an array of objects": "message(t='done', id=1, error=None, value={'t': 'array', 'dtype': '|O', 'shape': [1], 'v': 'AAAAAAAAAAA='}, final=False)",
    "an unhashable key": "message(t='done', id=1, error=None, value={'t': 'dict', 'v': [[[], 1]]}, final=False)",
    "a number of a million digits": "send(b'{\"t\":\"done\",\"id\":' + b'9' * 1000000 + b'}')",
    "a dial without permission": "message(t='dial', id=1, host='example.com', port=443)",
    "a signal to the host": "import os; message(t='signal', id=1, pid=os.getppid(), signal=9)",
    "a closed wire": "import os; os.close(3); wire.close(); import time; time.sleep(9)",
    "all descriptors closed": "import os; os.closerange(0, 100)",
}


@pytest.mark.parametrize("name", LIES)
def test_a_lie_ends_that_session_only(name):
    with make_session({"output_mb": 2}) as session, make_session() as other:
        session.run(SEND + LIES[name], 4.0)
        session.run("print(1)", 10)  # may hear that the session has ended
        assert session.run("print(1)", 10) == ("1\n", None)
        assert other.run("print(2)", 10) == ("2\n", None)


def test_a_step_may_lie_about_itself_but_no_more():
    with make_session() as session:
        _, error = session.run(SEND + "message(t='done', id=1, error=None, value='mine', final=True)\nprint('x')", 5)
        assert error is None
        assert session.answer == "mine"


ODD_ANSWERS = {
    "final_answer(lambda: 1)": str,
    "final_answer(open('x', 'w'))": str,
    "class A:\n    def __reduce__(self): import os; return (os.system, ('touch owned',))\nfinal_answer(A())": str,
    "class R:\n    def __repr__(self): raise SystemExit\nfinal_answer(R())": str,
    "class D(dict):\n    def items(self): raise ValueError\nfinal_answer(D(a=1))": (str, dict),
    "x = []\nx.append(x)\nfinal_answer(x)": list,
    "final_answer('y' * (20 << 20))": str,
    "final_answer(10 ** 6000)": int,
    "final_answer({1: {2: {3: (4, {5})}}})": dict,
    "final_answer('\\ud800')": str,
    "final_answer(b'\\x00' * (9 << 20))": str,
}


@pytest.mark.parametrize("code", ODD_ANSWERS)
def test_odd_answers_arrive_as_something_harmless(code):
    with make_session() as session:
        session.answer = None
        _, error = session.run(code, 10)
        assert error is None
        assert isinstance(session.answer, ODD_ANSWERS[code])
        if isinstance(session.answer, str):
            session.answer.encode()
            assert len(session.answer) < 1 << 20


def test_special_floats_survive():
    with make_session() as session:
        session.run("final_answer([float('inf'), float('-inf'), float('nan')])", 5)
        assert session.answer[0] == math.inf and session.answer[1] == -math.inf and math.isnan(session.answer[2])


def test_errors_that_cannot_be_shown():
    with make_session() as session:
        _, error = session.run("class E(Exception):\n    def __str__(self): raise RuntimeError('no')\nraise E()", 5)
        assert "E" in error
        _, error = session.run("raise ValueError('z' * (30 << 20))", 20)
        assert len(error) < 200_000 and "ValueError" in error
        _, error = session.run("def f(): f()\nf()", 20)
        assert "RecursionError" in error
        _, error = session.run("x = (", 5)
        assert "SyntaxError" in error
        _, error = session.run("raise SystemExit(3)", 5)
        assert "SystemExit" in error


TRICKS = {
    "link to a file": "import os; os.symlink('/etc/passwd', 'f')",
    "link to a folder": "import os; os.symlink('/etc', 'd')",
    "hard link": "import os; open('g', 'w').write('x'); os.link('g', 'f')",
    "pipe": "import os; os.mkfifo('f')",
    "folder": "import os; os.mkdir('f')",
    "socket": "import socket; socket.socket(socket.AF_UNIX).bind('f')",
}


@pytest.mark.parametrize("name", TRICKS)
def test_the_host_reads_plain_files_only(name):
    with make_session() as session:
        assert session.run(TRICKS[name], 5)[1] is None
        with pytest.raises(OSError):
            session.fetch("d/passwd" if name == "link to a folder" else "f")


def test_fetch_reads_what_was_written(tmp_path):
    with make_session() as session:
        session.run(
            "import os; os.makedirs('a/b'); open('a/b/c', 'wb').write(b'\\x00data'); os.truncate('a/b/c', 5)", 5
        )
        assert session.fetch("a/b/c") == b"\x00data"
        for name in ("../x", "/etc/passwd", "a/../../x", "", "a\0b", "missing", "a"):
            with pytest.raises(OSError):
                session.fetch(name)
        assert copy_file(session.workdir, "a/b/c", tmp_path / "copy") == 5
        session.run("open('large', 'wb').truncate(10_000)", 5)
        with pytest.raises(OSError, match="larger"):
            read_file(session.workdir, "large", limit=9_999)
        with pytest.raises(OSError, match="larger"):
            copy_file(session.workdir, "large", tmp_path / "other", limit=9_999)
        assert not (tmp_path / "other").exists()


def test_sessions_do_not_share_variables_or_environment():
    with make_session() as one, make_session() as two:
        one.run("import os; x = 1; os.environ['LD_PRELOAD'] = '/tmp/evil.so'; import builtins; builtins.evil = 1", 5)
        assert (
            two.run("import os; print('LD_PRELOAD' in os.environ, 'evil' in dir(__builtins__))", 5)[0]
            == "False False\n"
        )
        assert "LD_PRELOAD" not in os.environ
        values = [s.run("import random, os; print(random.random())", 5)[0] for s in (one, two)]
        assert values[0] != values[1]


def test_limits_are_checked():
    with pytest.raises(ValueError, match="unknown limit 'memory'"):
        make_session({"memory": 1})


def test_folders_of_dead_hosts_are_removed():
    host = "from intern.sandbox import make_session; s = make_session(); print(s.workdir); import os; os._exit(0)"
    done = subprocess.run([sys.executable, "-c", host], cwd=ROOT, capture_output=True, text=True, check=True)
    left = Path(done.stdout.strip())
    assert left.exists()
    with make_session() as session:
        assert not left.exists() and session.workdir.exists()
