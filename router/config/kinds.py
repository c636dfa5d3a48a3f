"""Kinds of single values: what they are called, how they are written, and how they are read."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

from router.kit.json import JsonObject, JsonValue

Value = TypeVar("Value")

_UNITS_S = {
    1e-9: "nanos nsec ns",
    1e-6: "usec us",
    1e-3: "millis msec ms",
    1.0: "seconds second secs sec s",
    60.0: "minutes minute mins min m",
    3600.0: "hours hour hrs hr h",
    86400.0: "days day d",
    7 * 86400.0: "weeks week w",
    30.44 * 86400: "months month M",
    365.25 * 86400: "years year y",
}
"""Rust's humantime, which Apollo Router reads times with: `m` are minutes, `M` months."""

DURATION_MAX_S = 100 * 365.25 * 86400
"""Longer ones would overflow some clock."""

_DURATION_UNITS_S = {unit: seconds for seconds, units in _UNITS_S.items() for unit in units.split()}
_SIZE_UNITS = {"": 1, "b": 1}
_SIZE_UNITS |= {f"{unit}{b}": 1000**power for power, unit in enumerate("kmgtp", 1) for b in ("", "b")}
_SIZE_UNITS |= {f"{unit}i{b}": 1024**power for power, unit in enumerate("kmgtp", 1) for b in ("", "b")}
_DURATION = re.compile(r"(?:\d+(?:\.\d+)?\s*[A-Za-z]+\s*)+", re.ASCII)
_DURATION_PART = re.compile(r"(\d+(?:\.\d+)?)\s*([A-Za-z]+)", re.ASCII)
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([a-z]*)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Kind(Generic[Value]):
    """A kind of value.

    Attributes:
        name: for people.
        form: its JSON Schema.
        read: gives the value; None for what is none of the kind.
        expected: ends the sentence that refuses another.
        unit: behind a default that is written as a number; empty for defaults as they are.
    """

    name: str
    form: JsonObject
    read: Callable[[JsonValue], Value | None]
    expected: str
    unit: str = ""


def read_duration_s(value: JsonValue) -> float | None:
    """Seconds from a time with its unit; None if it is none."""
    if not isinstance(value, str) or not _DURATION.fullmatch(value.strip()):
        return None
    total = 0.0
    for number, unit in _DURATION_PART.findall(value):
        if unit not in _DURATION_UNITS_S:
            return None
        total += float(number) * _DURATION_UNITS_S[unit]
    return total if total <= DURATION_MAX_S else None


def _read_boolean(value: JsonValue) -> bool | None:
    return value if isinstance(value, bool) else None


def _read_count(value: JsonValue) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _read_number(value: JsonValue) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and 0 <= value < float("inf") else None


def _read_size(value: JsonValue) -> int | None:
    if isinstance(value, int):
        return _read_count(value)
    match = _SIZE.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    if match is None or match[2] not in _SIZE_UNITS:
        return None
    return int(Decimal(match[1]) * _SIZE_UNITS[match[2]])


BOOLEAN = Kind("boolean", {"type": "boolean"}, _read_boolean, "must be true or false")
COUNT = Kind("number", {"type": "integer", "minimum": 0}, _read_count, "must be a whole number, 0 or more")
POSITIVE = Kind(
    "number",
    {"type": "integer", "minimum": 1},
    lambda value: _read_count(value) or None,
    "must be a whole number, 1 or more",
)
NUMBER = Kind("number", {"type": "number", "minimum": 0}, _read_number, "must be a number, 0 or more")
SIZE = Kind(
    "size",
    {"type": ["integer", "string"], "pattern": "^\\s*\\d+(\\.\\d+)?\\s*[A-Za-z]*\\s*$", "minimum": 0},
    _read_size,
    "must be a size such as 2000000 or 2mb",
)
DURATION_S = Kind(
    "time",
    {"type": "string", "pattern": "^\\s*(\\d+(\\.\\d+)?\\s*[A-Za-z]+\\s*)+$"},
    read_duration_s,
    "must be a time such as 30s or 500ms",
    unit="s",
)
