"""What can be written into a `router.yaml`, found by letting the readers ask for everything.

The readers are the only place that says which keys there are, of which kind and with which defaults. A `Description`
is a section that answers each question with its default and takes down what was asked, so the JSON Schema and the
reference cannot differ from what is read.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

from router.config.kinds import Kind, Value
from router.config.section import ANY, Findings, Section
from router.kit.json import JsonObject, JsonValue

Path: TypeAlias = tuple[str, ...]

NAME, ITEM = "*", "[]"
"""Steps of a path: a name of the user's choice, and an item of a list."""


class Effect(StrEnum):
    """What becomes of a key."""

    FULL = "full"
    NONE_YET = "none yet"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Option:
    """One key.

    Attributes:
        path: from the top; `NAME` and `ITEM` stand for any.
        kind: for people: `boolean`, `time`, `mapping`, ...
        form: the JSON Schema of its value, without what is below it.
        default: as it would be written; None if there is none.
    """

    path: Path
    kind: str
    form: JsonObject = field(default_factory=dict)
    default: JsonValue = None
    effect: Effect = Effect.FULL

    @property
    def name(self) -> str:
        """The path as people write it: `headers.all.request[].remove`."""
        return ".".join(self.path).replace(f".{ITEM}", ITEM)

    @property
    def general_name(self) -> str:
        """The name of what it means: what `all` says of every subgraph is said of one under `subgraphs`."""
        return self.name.replace(f"subgraphs.{NAME}", "all")


class Description(Section):
    """A section that takes down what it is asked for; `options` has it in the order of asking."""

    def __init__(self, path: Path = (), options: dict[Path, Option] | None = None) -> None:
        super().__init__({}, ".".join(path), Findings())
        self._path = path
        self.options: dict[Path, Option] = {} if options is None else options

    def __contains__(self, key: str) -> bool:
        return True

    def section(self, key: str) -> Section:
        """Take down a mapping."""
        self._note(key, "mapping", {"type": "object"})
        return self._below(key)

    def sections(self, key: str) -> dict[str, Section]:
        """Take down a mapping of names of the user's choice."""
        self._note(key, "mapping", {"type": "object"})
        return {NAME: self._below(key, NAME)}

    def section_list(self, key: str) -> list[Section]:
        """Take down a list of mappings."""
        self._note(key, "list", {"type": "array"})
        return [self._below(key, ITEM)]

    def names(self, key: str) -> tuple[str, ...]:
        """Take down a mapping of names of the user's choice."""
        self._note(key, "mapping", {"type": "object"})
        return (NAME,)

    def switch(self, key: str) -> Section:
        """Take down a Boolean, or a mapping."""
        self._note(key, "boolean", {"type": "boolean"})
        return self.section(key)

    def value(self, key: str, kind: Kind[Value], default: Value) -> Value:
        """Take down a value of a kind."""
        self._note(key, kind.name, kind.form, f"{default:g}{kind.unit}" if kind.unit else default)
        return default

    def optional_value(self, key: str, kind: Kind[Value], default: Value | None = None) -> Value | None:
        """Take down a value of a kind, or null."""
        self._note(key, kind.name, {**kind.form, "type": [kind.form["type"], "null"]}, default)
        return default

    def text(self, key: str, default: str = "") -> str:
        """Take down a string."""
        self._note(key, "string", {"type": ["string", "number"]}, default or None)
        return default

    def texts(self, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Take down a list of strings."""
        form: JsonObject = {"type": "array", "items": {"type": "string"}}
        self._note(key, "list of strings", form, list(default))
        return default

    def strings(self) -> dict[str, str]:
        """Take down names of the user's choice and their strings."""
        self._note(NAME, "string", {"type": ["string", "number"]})
        return {}

    def booleans(self) -> dict[str, bool]:
        """Take down the same with true and false."""
        self.boolean(NAME, default=False)
        return {}

    def string_lists(self) -> dict[str, tuple[str, ...]]:
        """Take down the same, where one name may have several strings."""
        self.strings()
        self.texts(NAME)
        return {}

    def choice(self, key: str, default: str, choices: Iterable[str]) -> str:
        """Take down one of some words."""
        words = [str(choice) for choice in choices]
        self._note(key, "one of " + ", ".join(f"`{word}`" for word in words), {"enum": words}, str(default))
        return default

    def pattern(self, key: str) -> None:
        """Take down a regular expression."""
        self._note(key, "regular expression", {"type": ["string", "number"]})

    def raw(self, key: str, form: JsonObject = ANY, default: JsonValue = None) -> JsonValue:
        """Take down something of more than one form."""
        self._note(key, "any" if form is ANY else _describe_form(form), form, default)
        return None

    def fail(self, key: str, what: str) -> None:
        """Nothing was written, so nothing is wrong with it."""

    def accept_unsupported(self, *keys: str) -> None:
        """Take down keys of Apollo's."""
        for key in keys:
            self._note(key, "any", ANY, effect=Effect.NONE_YET)

    def accept_ignored(self, *keys: str) -> None:
        """Take down keys of Apollo's."""
        for key in keys:
            self._note(key, "any", ANY, effect=Effect.IGNORED)

    def finish(self) -> None:
        """What was not asked for does not exist."""

    def _note(
        self,
        key: str,
        kind: str,
        form: JsonObject,
        default: JsonValue = None,
        effect: Effect = Effect.FULL,
    ) -> None:
        path = (*self._path, key)
        known = self.options.get(path)
        if known is None or not known.form:
            self.options[path] = Option(path, kind, form, default, effect)
        elif form and form not in (known.form, *known.form.get("anyOf", ())):
            # A key of two forms, `true` or a mapping say, is asked for in both.
            both: JsonObject = {"anyOf": [*known.form.get("anyOf", [known.form]), form]}
            either = known.default if known.default is not None else default
            self.options[path] = Option(path, f"{known.kind}, or {kind}", both, either, effect)

    def _below(self, *steps: str) -> "Description":
        return Description((*self._path, *steps), self.options)


def _describe_form(form: JsonObject) -> str:
    if "anyOf" in form:
        return ", or ".join(_describe_form(each) for each in form["anyOf"])
    if "enum" in form:
        return "one of " + ", ".join(f"`{word}`" for word in form["enum"])
    if "const" in form:
        return f"`{form['const']}`"
    kinds = form.get("type", "any")
    names = {"object": "mapping", "array": "list", "integer": "number"}
    return ", or ".join(names.get(kind, kind) for kind in ([kinds] if isinstance(kinds, str) else kinds))
