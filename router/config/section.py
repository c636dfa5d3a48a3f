"""Reading one level of a YAML file: every key is asked for by name, and what is left over is a mistake."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from router.config.expand import read_expanded
from router.config.kinds import (
    BOOLEAN,
    COUNT,
    DURATION_S,
    NUMBER,
    POSITIVE,
    SIZE,
    Kind,
    Value,
)
from router.config.without import WITHOUT
from router.kit.did_you_mean import suggest
from router.kit.json import JsonObject, JsonValue
from router.kit.patterns import Pattern, PatternError

ANY: JsonObject = {}
"""The JSON Schema of whatever there is."""


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

    def value(self, key: str, kind: Kind[Value], default: Value) -> Value:
        """A value of a kind."""
        value = self.raw(key)
        read = default if value is None else kind.read(value)
        if read is None:
            self.fail(key, kind.expected)
        return default if read is None else read

    def optional_value(self, key: str, kind: Kind[Value], default: Value | None = None) -> Value | None:
        """A value of a kind; None if it is null, or not what it must be, and the default if it is not there."""
        value = self.raw(key)
        if value is None:
            return None if key in self._values else default
        read = kind.read(value)
        if read is None:
            self.fail(key, kind.expected)
        return read

    def boolean(self, key: str, *, default: bool) -> bool:
        """A Boolean."""
        return self.value(key, BOOLEAN, default)

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
        return self.value(key, COUNT, default)

    def positive(self, key: str, default: int) -> int:
        """A whole number, 1 or more."""
        return self.value(key, POSITIVE, default)

    def optional_positive(self, key: str) -> int | None:
        """A whole number, 1 or more; None if it is null or not there."""
        return self.optional_value(key, POSITIVE)

    def number(self, key: str, default: float) -> float:
        """A number that is not negative."""
        return self.value(key, NUMBER, default)

    def optional_number(self, key: str) -> float | None:
        """A number that is not negative; None if it is null or not there."""
        return self.optional_value(key, NUMBER)

    def size(self, key: str, default: int) -> int:
        """Bytes: a number, or one with a unit, `2mb`."""
        return self.value(key, SIZE, default)

    def optional_count(self, key: str, default: int | None = None) -> int | None:
        """A whole number that is not negative; None if it is null, the default if it is not there."""
        return self.optional_value(key, COUNT, default)

    def duration_s(self, key: str, default: float) -> float:
        """Seconds from a time with its unit: `30s`, `1hour 30s`."""
        return self.value(key, DURATION_S, default)

    def positive_duration_s(self, key: str, default: float) -> float:
        """Seconds, more than none."""
        seconds = self.duration_s(key, default)
        if seconds <= 0:
            self.fail(key, "must be a time of more than nothing, such as 30s or 500ms")
        return seconds or default

    def optional_duration_s(self, key: str) -> float | None:
        """Seconds; None if it is null or not there."""
        return self.optional_value(key, DURATION_S)

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
