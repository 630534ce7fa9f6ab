"""The wire's own code: values there and back, and whatever bytes a hostile worker may send."""

from __future__ import annotations

import contextlib
import json
import math
import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intern.sandbox.arguments import checked_arguments
from intern.sandbox.protocol import MAX_FRAME, FrameReader, ProtocolError, decode, encode, pack, parse

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(max_size=100)
keys = st.text(max_size=5) | st.integers() | st.booleans()
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4) | st.lists(inner, max_size=3).map(tuple)
    ),
    max_leaves=20,
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=15,
)
kinds = st.sampled_from(["dict", "tuple", "set", "int", "float", "bytes", "png", "repr", "array", "frozenset", "x"])
messages = st.fixed_dictionaries(
    {"t": st.sampled_from(["ready", "call", "dial", "signal", "done", "exec", "ret"]) | json_values},
    optional={
        "id": json_values,
        "tool": json_values,
        "args": json_values | st.fixed_dictionaries({"t": kinds, "v": json_values}),
        "value": json_values | st.fixed_dictionaries({"t": kinds, "v": json_values, "shape": json_values}),
        "error": json_values,
        "host": json_values,
        "port": json_values,
        "pid": json_values,
        "signal": json_values,
        "notes": json_values,
    },
)


@given(values)
def test_values_survive(value):
    (frame,) = FrameReader().feed(pack({"v": encode(value)}))
    assert decode(frame["v"]) == _without_lone_surrogates(value)


def _without_lone_surrogates(value):
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return value


@given(st.binary(max_size=200), st.integers(1, 50))
def test_any_bytes_are_frames_or_refused(data, step):
    reader = FrameReader()
    try:
        for start in range(0, len(data), step):
            assert all(isinstance(frame, dict) for frame in reader.feed(data[start : start + step]))
    except ProtocolError:
        pass


@given(st.lists(json_values.map(lambda value: {"a": value}), max_size=5), st.integers(1, 64))
def test_frames_arrive_whole_however_they_are_cut(sent, step):
    stream = b"".join(pack(frame) for frame in sent)
    reader, got = FrameReader(), []
    for start in range(0, len(stream), step):
        got += reader.feed(stream[start : start + step])
    assert got == sent


@settings(max_examples=150)
@given(messages)
def test_any_message_is_parsed_or_refused(frame):
    try:
        message = parse(frame)
    except ProtocolError:
        return
    json.dumps(repr(message))


@settings(max_examples=150)
@given(
    st.recursive(
        json_values | st.fixed_dictionaries({"t": kinds, "v": json_values}), lambda v: st.lists(v), max_leaves=8
    )
)
def test_any_value_is_decoded_or_refused(value):
    with contextlib.suppress(ProtocolError):
        decode(value)


@pytest.mark.parametrize(
    "body", [b"[" * 3_000_000, b"1" * 10_000, b'{"a":' * 500_000, b"\xff", b"NaN", b'{"a":Infinity}', b"", b"null"]
)
def test_bad_bodies_are_refused(body):
    with pytest.raises(ProtocolError):
        FrameReader().feed(struct.pack(">I", len(body)) + body)


def test_sizes_are_capped():
    with pytest.raises(ProtocolError, match="announced"):
        FrameReader().feed(struct.pack(">I", MAX_FRAME + 1))
    with pytest.raises(ProtocolError, match="too large"):
        pack({"v": "x" * (MAX_FRAME + 1)})


def test_arrays_cross_without_pickle():
    for array in (np.arange(6).reshape(2, 3), np.zeros((0, 3), "f4"), np.array(["a", "bc"]), np.array([True, False])):
        back = decode(json.loads(json.dumps(encode(array))))
        assert back.dtype == array.dtype and np.array_equal(back, array)
    assert decode(encode(np.array([object()], dtype=object))).startswith("array(")
    assert decode(encode(np.float32(0.5))) == 0.5 and math.isnan(decode(encode(np.float64("nan"))))
    for lie in (
        {"t": "array", "dtype": "|O", "shape": [1], "v": "AAAAAAAAAAA="},
        {"t": "array", "dtype": "<f8", "shape": [2], "v": "AAAAAAAAAAA="},
        {"t": "array", "dtype": "<f8", "shape": [-1], "v": "AAAAAAAAAAA="},
        {"t": "array", "dtype": "no such", "shape": [1], "v": ""},
        {"t": "array", "dtype": [["a", "<f8"]], "shape": [1], "v": "AAAAAAAAAAA="},
        {"t": "array", "dtype": "<f8", "shape": [2**39, 2**39], "v": ""},
    ):
        with pytest.raises(ProtocolError):
            decode(lie)


INPUTS = {
    "text": {"type": "string", "description": "a text", "enum": ["a", "b"]},
    "count": {"type": "integer", "description": "a number", "nullable": True},
    "rate": {"type": ["number", "string"], "description": "a rate", "nullable": True},
    "rows": {"type": "array", "description": "rows", "nullable": True},
    "options": {"type": "object", "description": "options", "nullable": True},
}


def test_arguments_are_checked():
    checked = checked_arguments("tool", INPUTS, {"text": "a", "count": 3.0, "rate": 0.5, "rows": np.arange(2)})
    assert checked == {"text": "a", "count": 3, "rate": 0.5, "rows": [0, 1]} and type(checked["count"]) is int
    for arguments, message in (
        ({}, "needs the argument 'text'"),
        ({"text": 1}, "text must be string, not int"),
        ({"text": "c"}, "one of 'a', 'b'"),
        ({"text": "a", "count": True}, "count must be integer"),
        ({"text": "a", "count": 1.5}, "count must be integer"),
        ({"text": "a", "rate": []}, "rate must be number or string"),
        ({"text": "a", "rows": "xy"}, "rows must be array"),
        ({"text": "a", "options": [1]}, "options must be object"),
        ({"text": "a", "other": 1}, "no argument 'other'"),
    ):
        with pytest.raises((TypeError, ValueError), match=message):
            checked_arguments("tool", INPUTS, arguments)
