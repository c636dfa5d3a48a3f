"""JSON's types, and the two functions that cross its border."""

import json
from typing import Any, TypeAlias

import orjson

JsonValue: TypeAlias = Any
"""null, a Boolean, a number, a string, a list or an object of such: what `read_json` gives."""

JsonObject: TypeAlias = dict[str, JsonValue]
"""An object whose keys keep their order."""

RawJson = orjson.Fragment
"""A value that is JSON text already; `write_json` puts it in as it is."""

read_json = orjson.loads
"""UTF-8 bytes to a value; raises `orjson.JSONDecodeError`, a `ValueError`."""


def write_json(value: JsonValue) -> bytes:
    """A value to UTF-8 bytes without spaces.

    Raises:
        TypeError: it is no JSON value.
    """
    try:
        return orjson.dumps(value)
    except TypeError:
        # The fast writer stops at 254 levels, which an operation's answer may well have.
        text = json.dumps(
            value, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_read_raw
        )
        return text.encode()


def _read_raw(value: object) -> JsonValue:
    if isinstance(value, RawJson):
        return read_json(orjson.dumps(value))
    msg = f"a {type(value).__name__} is no JSON value"
    raise TypeError(msg)
