"""Reading one level of a YAML file: every key is asked for by name, and what is left over is a mistake."""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

from router.config.expand import read_expanded
from router.config.without import WITHOUT
from router.kit.did_you_mean import suggest
from router.kit.json import JsonObject, JsonValue
from router.kit.patterns import Pattern, PatternError

Result = TypeVar("Result")

ANY: JsonObject = {}
"""The JSON Schema of whatever there is."""

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


@dataclass(slots=True)
class Findings:
    """What reading a whole file found: problems forbid its use, warnings do not."""

    problems: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


class Section:
    """The mapping at one place of the file. An absent section is an empty one."""

    def __init__(self, value: JsonValue, path: str, findings: Findings) -> None:
        self.path = path
        self.findings = findings
        self._asked: set[str] = set()
        if value is not None and not isinstance(value, dict):
            findings.problems.append(f"{path or 'the file'} must be a mapping")
        self._values: Mapping[str, JsonValue] = value if isinstance(value, dict) else {}

    def __contains__(self, key: str) -> bool:
        return self._values.get(key) is not None

    def name(self, key: str) -> str:
        """The key's whole path, for messages."""
        return f"{self.path}.{key}" if self.path else key

    def fail(self, key: str, what: str) -> None:
        """Report a problem with the value of `key`."""
        self.findings.problems.append(f"{self.name(key)} {what}")

    def warn(self, key: str, what: str) -> None:
        """Report what may not be meant about `key`."""
        self.findings.warnings.append(f"{self.name(key)} {what}")

    def section(self, key: str) -> "Section":
        """The section under `key`."""
        return Section(self._ask(key), self.name(key), self.findings)

    def sections(self, key: str) -> dict[str, "Section"]:
        """A mapping of names of the user's choice to sections."""
        value = self._ask(key)
        if value is not None and not isinstance(value, dict):
            self.fail(key, "must be a mapping")
            return {}
        return {
            str(name): Section(inner, self.name(f"{key}.{name}"), self.findings)
            for name, inner in (value or {}).items()
        }

    def section_list(self, key: str) -> list["Section"]:
        """A list of sections."""
        items = self._list(key)
        return [Section(item, self.name(f"{key}[{i}]"), self.findings) for i, item in enumerate(items)]

    def boolean(self, key: str, *, default: bool) -> bool:
        """A Boolean."""
        return self._measure(key, default, _read_boolean, "must be true or false")

    def text(self, key: str, default: str = "") -> str:
        """A string; numbers are taken as written."""
        value = self._ask(key)
        if value is None:
            return default
        if isinstance(value, str | int | float) and not isinstance(value, bool):
            return str(value)
        self.fail(key, "must be a string")
        return default

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """A list of strings."""
        if self._values.get(key) is None:
            self._asked.add(key)
            return default
        items = self._list(key)
        if all(isinstance(item, str) for item in items):
            return tuple(map(str, items))
        self.fail(key, "must be a list of strings")
        return default

    def names(self, key: str) -> tuple[str, ...]:
        """The names of the user's choice under `key`, where what they stand for has more than one form."""
        value = self._ask(key)
        return tuple(str(name) for name in value) if isinstance(value, dict) else ()

    def items(self) -> list[tuple[str, JsonValue]]:
        """The whole section as names of the user's choice and whatever stands under them."""
        self._asked.update(self._values)
        return [(str(name), read_expanded(value)) for name, value in self._values.items()]

    def find(self, key: str) -> JsonValue:
        """What stands under a name of the user's choice; None if it is not there."""
        return read_expanded(self._values.get(key))

    def switch(self, key: str) -> "bool | Section | None":
        """True or false, or a section for more than that; None if it is not there."""
        value = self.raw(key)
        return value if value is None or isinstance(value, bool) else self.section(key)

    def strings(self) -> dict[str, str]:
        """The whole section as names of the user's choice and their strings."""
        return {str(key): self.text(key) for key in self._values}

    def booleans(self) -> dict[str, bool]:
        """The same with true and false."""
        return {str(key): self.boolean(key, default=False) for key in self._values}

    def string_lists(self) -> dict[str, tuple[str, ...]]:
        """The same, where one name may have several strings."""
        return {
            str(key): self.texts(key) if isinstance(value, list) else (self.text(key),)
            for key, value in self._values.items()
        }

    def choice(self, key: str, default: str, choices: Iterable[str]) -> str:
        """One of some words."""
        value = self.text(key, default)
        if value in choices:
            return value
        self.fail(key, f"must be one of {', '.join(choices)}.{suggest(value, choices)}")
        return default

    def count(self, key: str, default: int) -> int:
        """A whole number that is not negative."""
        return self._measure(
            key, default, lambda value: _read_whole(value, 0), "must be a whole number, 0 or more"
        )

    def positive(self, key: str, default: int) -> int:
        """A whole number, 1 or more."""
        return self._measure(
            key, default, lambda value: _read_whole(value, 1), "must be a whole number, 1 or more"
        )

    def optional_positive(self, key: str) -> int | None:
        """A whole number, 1 or more; None if it is null or not there."""
        return None if self.raw(key) is None else self.positive(key, 1)

    def number(self, key: str, default: float) -> float:
        """A number that is not negative."""
        return self._measure(key, default, _read_number, "must be a number, 0 or more")

    def optional_number(self, key: str) -> float | None:
        """A number that is not negative; None if it is null or not there."""
        return None if self.raw(key) is None else self.number(key, 0)

    def size(self, key: str, default: int) -> int:
        """Bytes: a number, or one with a unit, `2mb`."""
        return self._measure(key, default, _read_size, "must be a size such as 2000000 or 2mb")

    def optional_count(self, key: str, default: int | None = None) -> int | None:
        """A whole number that is not negative; None if it is null, the default if it is not there."""
        if self.raw(key) is None:
            return None if key in self._values else default
        return self.count(key, 0)

    def duration_s(self, key: str, default: float) -> float:
        """Seconds from a time with its unit: `30s`, `1hour 30s`."""
        return self._measure(key, default, read_duration_s, "must be a time such as 30s or 500ms")

    def positive_duration_s(self, key: str, default: float) -> float:
        """Seconds, more than none."""
        seconds = self.duration_s(key, default)
        if seconds <= 0:
            self.fail(key, "must be a time of more than nothing, such as 30s or 500ms")
        return seconds or default

    def optional_duration_s(self, key: str) -> float | None:
        """Seconds; None if it is null or not there."""
        return None if self.raw(key) is None else self.duration_s(key, 0)

    def pattern(self, key: str) -> Pattern | None:
        """A regular expression."""
        text = self.text(key)
        try:
            return Pattern(text) if text else None
        except PatternError as error:
            self.fail(key, f"is no regular expression: {error}")
            return None

    def accept_unsupported(self, *keys: str) -> None:
        """Take keys of Apollo's that have no effect here (yet), with a warning that says what to do without; none is needed for false."""
        for key in keys:
            if self.raw(key) not in (None, False):
                self.warn(key, f"is not supported yet and has no effect: {WITHOUT[self.name(key)]}")

    def accept_ignored(self, *keys: str) -> None:
        """Take keys of Apollo's that have nothing to change here, without a word."""
        self._asked.update(keys)

    def finish(self) -> None:
        """Report every key that nobody has asked for."""
        for key in self._values:
            if key not in self._asked:
                self.findings.problems.append(
                    f"{self.name(str(key))} is not known.{suggest(str(key), self._asked)}"
                )

    def raw(self, key: str, form: JsonObject = ANY, default: JsonValue = None) -> JsonValue:  # noqa: ARG002 -- they are for those who describe
        """The value as it is, None if it is not there, for keys that have more than one form; `form` is the JSON Schema of these."""
        return read_expanded(self._ask(key))

    def _ask(self, key: str) -> JsonValue:
        """What may have strings in it that a number is to be read from."""
        self._asked.add(key)
        return self._values.get(key)

    def _list(self, key: str) -> list[JsonValue]:
        value = self._ask(key)
        if value is None or isinstance(value, list):
            return value or []
        self.fail(key, "must be a list")
        return []

    def _measure(
        self, key: str, default: Result, read: Callable[[JsonValue], Result | None], expected: str
    ) -> Result:
        value = self.raw(key)
        if value is None:
            return default
        measured = read(value)
        if measured is None:
            self.fail(key, expected)
            return default
        return measured


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


def _read_whole(value: JsonValue, least: int) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= least else None


def _read_number(value: JsonValue) -> float | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return value if is_number and 0 <= value < float("inf") else None


def _read_size(value: JsonValue) -> int | None:
    if isinstance(value, int):
        return _read_whole(value, 0)
    match = _SIZE.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    if match is None or match[2] not in _SIZE_UNITS:
        return None
    return int(Decimal(match[1]) * _SIZE_UNITS[match[2]])
