"""Checks what model-written code hands to a tool against the tool's own description of its inputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from intern.sandbox.protocol import Png


def _is_array(value: Any) -> bool:
    return isinstance(value, list | tuple) or hasattr(value, "tolist")


CHECKS: dict[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: type(value) is int or (type(value) is float and value.is_integer()),
    "number": lambda value: type(value) in (int, float),
    "array": _is_array,
    "object": lambda value: isinstance(value, dict),
    "image": lambda value: isinstance(value, Png | str),
    "audio": lambda value: isinstance(value, bytes | str) or _is_array(value),
    "null": lambda value: value is None,
    "any": lambda value: True,
}


def checked_arguments(tool: str, inputs: Mapping[str, Any], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments as the tool wants them. Raises TypeError with a message that names the argument."""
    if unknown := sorted(set(arguments) - set(inputs)):
        raise TypeError(f"{tool}() has no argument {unknown[0]!r}; it takes {', '.join(inputs) or 'none'}")
    checked = {}
    for name, schema in inputs.items():
        if name in arguments:
            checked[name] = _checked(tool, name, schema, arguments[name])
        elif not schema.get("nullable"):
            raise TypeError(f"{tool}() needs the argument {name!r}: {schema.get('description', '')}")
    return checked


def _checked(tool: str, name: str, schema: Mapping[str, Any], value: Any) -> Any:
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    if value is None and schema.get("nullable"):
        return None
    kind = next((kind for kind in kinds if CHECKS[kind](value)), None)
    if kind is None:
        raise TypeError(f"{tool}(): {name} must be {' or '.join(kinds)}, not {type(value).__name__}")
    if (allowed := schema.get("enum")) and value not in allowed:
        raise ValueError(f"{tool}(): {name} must be one of {', '.join(map(repr, allowed))}, not {value!r}")
    if kind == "integer":
        return int(value)
    if kind == "array":
        return value.tolist() if hasattr(value, "tolist") else list(value)
    return value
