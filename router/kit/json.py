"""JSON's types, and the two functions that cross its border."""

import json
import re
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

# An escaped pair of surrogates, or one alone. What is before it is no backslash, or a pair of them for each backslash.
_SURROGATES = re.compile(
    r"(?<!\\)((?:\\\\)*)(?:(\\u[dD][89abAB].{2}\\u[dD][c-fC-F].{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2})"
)


def read_faulty_json(text: bytes) -> JsonValue:
    """As `read_json`, but what is no character becomes U+FFFD and costs nothing else.

    That is bytes that are no UTF-8, and half of a surrogate pair: JavaScript writes it where it has cut a text in the
    middle of a character. Spec: RFC 8259, 8.2 Unicode Characters.
    """
    try:
        return read_json(text)
    except ValueError as fault:
        mended = _SURROGATES.sub(_mend, text.decode("utf-8", "replace"))
        try:
            return read_json(mended)
        except ValueError:
            raise fault from None


def _mend(found: re.Match[str]) -> str:
    slashes, pair = found.groups()
    return slashes + (pair or "\N{REPLACEMENT CHARACTER}")


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
