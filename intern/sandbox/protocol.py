"""What crosses the wall between host and worker: length-prefixed JSON frames and typed values, never pickle.

Everything that comes from a worker is hostile. A frame that is too long, not JSON, or not one of the known
messages raises ProtocolError, and the caller ends that session (and only that one).
Standard library only: the worker loads this before it is confined.
"""

from __future__ import annotations

import base64
import json
import math
import struct
from collections.abc import Callable
from dataclasses import asdict, dataclass, is_dataclass
from pathlib import PurePath
from typing import Any

MAX_FRAME = 4 * 1024 * 1024
MAX_DEPTH = 40
MAX_TEXT = 64 * 1024
"""Longest text (error, repr) that a worker's message may carry, in characters."""
HEADER = struct.Struct(">I")
BASE64_SLACK = 3 * MAX_FRAME // 4 - 4096
ARRAY_KINDS = "biufcSU"


class ProtocolError(Exception):
    """The other side sent something that is no message of ours."""


@dataclass(frozen=True)
class Png:
    """A picture from a worker. The host passes the bytes on and never decodes them."""

    data: bytes


@dataclass(frozen=True)
class Ready:
    """The worker is confined and listens. `notes` are one-line remarks for the code's author."""

    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Call:
    """The code calls a tool."""

    id: int
    tool: str
    arguments: dict[str, Any]


@dataclass(frozen=True)
class Dial:
    """The code wants a connection to a host outside; the broker decides."""

    id: int
    host: str
    port: int


@dataclass(frozen=True)
class Signal:
    """The code signals one of its processes (only where the kernel cannot confine signals itself)."""

    id: int
    pid: int
    signal: int


@dataclass(frozen=True)
class Done:
    """A code step ended. `error` is the traceback as text, None when it went well."""

    id: int
    error: str | None
    value: Any
    final: bool


Message = Ready | Call | Dial | Signal | Done


def clean(text: str) -> str:
    """`text` with lone surrogates replaced, so that it can be written anywhere as UTF-8."""
    return text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def pack(message: dict[str, Any]) -> bytes:
    """One frame. Raises ProtocolError when it is too large or cannot be written as JSON."""
    try:
        body = json.dumps(message, allow_nan=False, separators=(",", ":")).encode()
    except (ValueError, TypeError, RecursionError) as error:
        raise ProtocolError(f"cannot be sent: {error}") from error
    if len(body) > MAX_FRAME:
        raise ProtocolError(f"too large to send: {len(body):,} bytes, {MAX_FRAME:,} are allowed")
    return HEADER.pack(len(body)) + body


class FrameReader:
    """Cuts a byte stream into JSON objects. Feed it whatever arrives; it keeps at most one frame and a read."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def feed(self, data: bytes) -> list[dict[str, Any]]:
        """The complete frames so far. Raises ProtocolError for a bad one."""
        self._buffer += data
        frames = []
        while len(self._buffer) >= HEADER.size:
            (length,) = HEADER.unpack_from(self._buffer)
            if length > MAX_FRAME:
                raise ProtocolError(f"a frame of {length:,} bytes was announced")
            if len(self._buffer) < HEADER.size + length:
                break
            body = bytes(self._buffer[HEADER.size : HEADER.size + length])
            del self._buffer[: HEADER.size + length]
            frames.append(_load(body))
        return frames


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is not allowed")


def _load(body: bytes) -> dict[str, Any]:
    try:
        frame = json.loads(body.decode(), parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ProtocolError(f"a frame is not JSON: {type(error).__name__}") from error
    if not isinstance(frame, dict):
        raise ProtocolError("a frame is not an object")
    return frame


# --- typed values -------------------------------------------------------------------------------------------------


def encode(value: Any, depth: int = 0) -> Any:
    """`value` as JSON with type marks; what has no mark becomes its repr. Never raises for odd objects."""
    if value is None or isinstance(value, bool):
        return value
    if type(value) is str:
        return value
    if type(value) is int:
        return value if -(2**63) <= value < 2**63 else {"t": "int", "v": hex(value)}
    if type(value) is float:
        return value if math.isfinite(value) else {"t": "float", "v": repr(value)}
    if depth >= MAX_DEPTH:
        return _encode_repr(value)
    if type(value) is dict:
        return {"t": "dict", "v": [[encode(k, depth + 1), encode(v, depth + 1)] for k, v in value.items()]}
    if type(value) is list:
        return [encode(item, depth + 1) for item in value]
    if type(value) in (tuple, set, frozenset):
        return {"t": type(value).__name__, "v": [encode(item, depth + 1) for item in value]}
    try:
        return _encode_special(value, depth)
    except Exception:  # noqa: BLE001  (the object is the user's: any of its methods may raise anything)
        return _encode_repr(value)


def _encode_special(value: Any, depth: int) -> Any:
    if isinstance(value, bytes | bytearray):
        return (
            {"t": "bytes", "v": base64.b64encode(value).decode()} if len(value) < BASE64_SLACK else _encode_repr(value)
        )
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, Png):
        return {"t": "png", "v": base64.b64encode(value.data).decode()}
    module, name = type(value).__module__.partition(".")[0], type(value).__name__
    if module == "numpy" and hasattr(value, "dtype"):
        return _encode_array(value, depth)
    if module == "torch" and hasattr(value, "detach"):
        return _encode_array(value.detach().cpu().numpy(), depth)
    if module == "PIL" and hasattr(value, "save"):
        return {"t": "png", "v": base64.b64encode(_png_bytes(value)).decode()}
    if is_dataclass(value) and not isinstance(value, type):
        return encode(asdict(value), depth + 1)
    if hasattr(value, "model_dump") and module != "unittest":
        return encode(value.model_dump(mode="json"), depth + 1)
    if isinstance(value, str | int | float):  # subclasses, such as enum members
        return encode(next(kind for kind in (str, int, float) if isinstance(value, kind))(value), depth)
    if isinstance(value, dict) and name in ("OrderedDict", "defaultdict", "Counter"):
        return encode(dict(value), depth)
    return _encode_repr(value)


def _encode_array(value: Any, depth: int) -> Any:
    if value.ndim == 0:
        return encode(value.item(), depth + 1)
    if value.dtype.kind not in ARRAY_KINDS or value.nbytes > BASE64_SLACK:
        return _encode_repr(value)
    data = base64.b64encode(value.tobytes()).decode()
    return {"t": "array", "dtype": value.dtype.str, "shape": list(value.shape), "v": data}


def _png_bytes(image: Any) -> bytes:
    import io

    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def _encode_repr(value: Any) -> dict[str, str]:
    try:
        text = repr(value)
    except BaseException as error:  # noqa: BLE001  (a repr is the user's code)
        text = f"<{type(value).__name__}: its repr raised {type(error).__name__}>"
    return {"t": "repr", "v": text[:MAX_TEXT]}


def _items(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ProtocolError("a value's items are no list")
    return value


def _decode_array(value: dict[str, Any]) -> Any:
    import numpy

    shape, data = _items(value.get("shape")), base64.b64decode(value["v"], validate=True)
    dtype = numpy.dtype(str(value["dtype"]))
    if dtype.kind not in ARRAY_KINDS or len(shape) > 32 or not all(type(n) is int and 0 <= n < 2**40 for n in shape):
        raise ProtocolError("an array of a kind that is not allowed")
    if math.prod(shape) * dtype.itemsize != len(data):
        raise ProtocolError("an array's shape does not fit its data")
    return numpy.frombuffer(data, dtype).reshape(shape).copy()


def decode(value: Any, depth: int = 0) -> Any:
    """The inverse of `encode` for what crossed the wall (a repr comes back as text). Raises ProtocolError."""
    if depth > MAX_DEPTH + 4:
        raise ProtocolError("a value is nested too deeply")
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [decode(item, depth + 1) for item in value]
    if not isinstance(value, dict):
        return value
    kind = value.get("t")
    decoder = DECODERS.get(kind) if isinstance(kind, str) else None
    if decoder is None:
        raise ProtocolError("a value of an unknown kind")
    try:
        return decoder(value, depth)
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        raise ProtocolError(f"a malformed {kind} value: {type(error).__name__}") from error


def _decode_dict(value: dict[str, Any], depth: int) -> dict[Any, Any]:
    pairs = [_items(pair) for pair in _items(value["v"])]
    return {decode(key, depth + 1): decode(item, depth + 1) for key, item in pairs}


def _decode_float(value: dict[str, Any], depth: int) -> float:
    return {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}[value["v"]]


DECODERS: dict[str, Callable[[dict[str, Any], int], Any]] = {
    "dict": _decode_dict,
    "tuple": lambda value, depth: tuple(decode(item, depth + 1) for item in _items(value["v"])),
    "set": lambda value, depth: {decode(item, depth + 1) for item in _items(value["v"])},
    "frozenset": lambda value, depth: frozenset(decode(item, depth + 1) for item in _items(value["v"])),
    "int": lambda value, depth: int(value["v"], 16),
    "float": _decode_float,
    "bytes": lambda value, depth: base64.b64decode(value["v"], validate=True),
    "png": lambda value, depth: Png(base64.b64decode(value["v"], validate=True)),
    "repr": lambda value, depth: clean(str(value["v"])),
    "array": lambda value, depth: _decode_array(value),
}


# --- messages from the worker -------------------------------------------------------------------------------------


def parse(frame: dict[str, Any]) -> Message:
    """A worker's frame as a message. Raises ProtocolError."""
    kind = frame.get("t")
    if kind == "ready":
        return Ready(tuple(_text(note) for note in _items(frame.get("notes", []))[:8]))
    number = frame.get("id")
    if type(number) is not int or not 0 <= number < 2**53:
        raise ProtocolError("a message without a number")
    if kind == "call":
        arguments = decode(frame.get("args"))
        if not isinstance(arguments, dict) or not all(isinstance(name, str) for name in arguments):
            raise ProtocolError("a tool call's arguments are not named")
        return Call(number, _text(frame.get("tool"))[:200], arguments)
    if kind == "dial":
        port = frame.get("port")
        if type(port) is not int or not 0 < port < 65536:
            raise ProtocolError("a dial to no port")
        return Dial(number, _text(frame.get("host"))[:300], port)
    if kind == "signal":
        pid, value = frame.get("pid"), frame.get("signal")
        if type(pid) is not int or not 1 < pid < 2**31 or type(value) is not int or not 0 < value < 65:
            raise ProtocolError("a signal to nobody")
        return Signal(number, pid, value)
    if kind == "done":
        error = frame.get("error")
        final = frame.get("final") is True
        return Done(number, None if error is None else _text(error), decode(frame.get("value")), final)
    raise ProtocolError("an unknown message")


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ProtocolError("a text was expected")
    return clean(value[:MAX_TEXT])
