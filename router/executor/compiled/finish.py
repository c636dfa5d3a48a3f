"""Code that makes the merged objects ready for encoding.

Keys that only the planner needed are unset, what the caller may not see becomes null, objects of abstract
places change to the class without a tag, and what was never brought becomes null. Only places where
something of this is to do are visited. What was never brought is mostly known in advance; where a fetch left
gaps it is looked for everywhere, and a null that may not be rises to the nearest place where it may (`write_settle`).
"""

from graphql import GraphQLList, GraphQLNonNull, GraphQLOutputType

from router.executor.compiled.code import Code, indent
from router.executor.compiled.places import Key, Kind, Place, UncompilableError
from router.executor.compiled.representations import may_be_unset
from router.executor.compiled.types import Structs, is_omitted, is_tag
from router.executor.interpret.complete import NullBubble, describe_null
from router.operation.shape import TYPENAME

LIST_DEPTH_MAX = 8
"""Python allows 20 blocks in each other, and each list may need two."""


def write_finish(name: str, root: Place, structs: Structs, code: Code) -> str:
    """A function of the root object, which changes the whole response in place."""
    return _Writer(name, structs, code).write(root, ()) or code.define(name, "o", [])


def is_added(kind: Kind, key: Key) -> bool:
    """Whether the client's `key` is written for objects for which no answer has it, where no fetch left gaps."""
    if key.entry is None or is_tag(kind, key):
        return False
    is_withheld = key.entry.is_withheld or not key.sources
    return is_withheld or (may_be_unset(kind, key) and (key.is_typename or _is_known_missing(kind, key)))


def _is_known_missing(kind: Kind, key: Key) -> bool:
    # Who comes later tells of a gap when it leaves one, but it has not seen the objects that another source still brings.
    sources = kind.place.sources
    return len(sources) > 1 or key.sources <= sources


def write_settle(name: str, root: Place, structs: Structs, code: Code) -> str:
    """The same for a response with gaps: a function of the root object, its path and the run.

    It raises `NullBubble` where a null rises to the root.
    """
    writer = _SettlingWriter(name, structs, code)
    inner = writer.write(root, ())
    if inner is not None and writer.has_violations(root):
        return inner
    return code.define(name, _SETTLING, [f"{inner}(o)"] if inner is not None else [])


_SETTLING = "o, at, run"


class _Writer:
    def __init__(self, name: str, structs: Structs, code: Code) -> None:
        self._name = name
        self._structs = structs
        self._code = code
        self._count = 0

    def write(self, place: Place, sources: tuple[int, ...]) -> str | None:
        """The function for the objects at `place`; None if there is nothing to do.

        `sources` have brought what `place` is a part of.
        """
        bodies = {kind: self._write_kind(kind, sources) for kind in place.kinds.values()}
        if not any(bodies.values()):
            return None
        body: list[str] = []
        for kind, lines in bodies.items():
            if place.is_tagged:
                # An object that stands in two places changes once.
                decoded = self._code.bind(self._structs.decoded[kind])
                body += [f"if c is {decoded}:", *indent(lines or ["pass"])] if lines else []
            else:
                body += lines
        if place.is_tagged:
            body.insert(0, "c = o.__class__")
        self._count += 1
        return self._code.define(f"{self._name}_{self._count}", self._find_parameters(place), body)

    def _write_kind(self, kind: Kind, sources: tuple[int, ...]) -> list[str]:
        lines = [line for key in kind.keys.values() for line in self._write_key(kind, key, sources)]
        encoded = self._structs.encoded.get(kind)
        if encoded is not None:
            shown = kind.keys.get(TYPENAME)
            if shown is not None and shown.entry is not None:
                lines.append(f"o.{shown.attribute} = {self._code.bind(kind.typename)}")
            lines.append(f"o.__class__ = {self._code.bind(encoded)}")
        return lines

    def _write_key(self, kind: Kind, key: Key, sources: tuple[int, ...]) -> list[str]:
        read = f"o.{key.attribute}"
        if is_tag(kind, key) or is_omitted(kind, key):
            return []
        if key.entry is None:
            return [f"{read} = UNSET"]
        if key.entry.is_withheld:
            return [f"{read} = None" if key.is_nullable else "raise UnusualError"]
        lines: list[str] = []
        if not key.is_typename and self._is_maybe_missing(kind, key):
            lines.append(f"if {read} is UNSET: {self._write_missing(kind, key, sources)}")
        inner = None
        if key.child is not None and key.sources:
            inner = self.write(key.child, tuple(sorted({*sources, *key.sources})))
        if inner is not None:
            if key.list_depth > LIST_DEPTH_MAX:
                msg = "lists too deep"
                raise UncompilableError(msg)
            assert key.child is not None
            lines += self._write_descent(key, key.child, inner)
        return lines

    def _find_parameters(self, _place: Place) -> str:
        return "o"

    def _is_maybe_missing(self, kind: Kind, key: Key) -> bool:
        return may_be_unset(kind, key) and _is_known_missing(kind, key)

    def _write_missing(self, _kind: Kind, key: Key, _sources: tuple[int, ...]) -> str:
        return f"o.{key.attribute} = None" if key.is_nullable else "raise UnusualError"

    def _write_descent(self, key: Key, _child: Place, function: str) -> list[str]:
        value = f"o.{key.attribute}"
        lines: list[str] = []
        for level in range(key.list_depth):
            lines.append(f"{' ' * level}for y{level} in {value} or EMPTY:")
            value = f"y{level}"
        pad = " " * key.list_depth
        if not key.list_depth:
            return [f"x = {value}", f"if x: {function}(x)"]
        return [*lines, f"{pad}if {value}: {function}({value})"]


class _SettlingWriter(_Writer):
    def __init__(self, name: str, structs: Structs, code: Code) -> None:
        super().__init__(name, structs, code)
        self._known: dict[Place, bool] = {}

    def has_violations(self, place: Place) -> bool:
        """Whether there may be a null at or below `place` where none may be."""
        if place not in self._known:
            self._known[place] = any(
                self._is_violable(kind, key) or (key.child is not None and self.has_violations(key.child))
                for kind in place.kinds.values()
                for key in kind.keys.values()
                if key.entry is not None and key.sources and not key.entry.is_withheld
            )
        return self._known[place]

    def _is_violable(self, kind: Kind, key: Key) -> bool:
        return not key.is_typename and not key.is_nullable and self._is_maybe_missing(kind, key)

    def _find_parameters(self, place: Place) -> str:
        return _SETTLING if self.has_violations(place) else super()._find_parameters(place)

    def _is_maybe_missing(self, kind: Kind, key: Key) -> bool:
        return may_be_unset(kind, key)

    def _write_missing(self, kind: Kind, key: Key, sources: tuple[int, ...]) -> str:
        if key.is_nullable or not key.sources:
            return super()._write_missing(kind, key, sources)
        bind = self._code.bind
        message = bind(describe_null((kind.typename, key.name)))
        return f"run.note_violation({message}, (*at, {bind(key.name)}), {sources}); raise {bind(NullBubble)}"

    def _write_descent(self, key: Key, child: Place, function: str) -> list[str]:
        if not self.has_violations(child):
            return super()._write_descent(key, child, function)
        assert key.type is not None
        read, name = f"o.{key.attribute}", self._code.bind(key.name)
        return [f"x = {read}", *self._write_value(key.type, "x", read, f"*at, {name}", function, 0)]

    def _write_value(
        self, type_: GraphQLOutputType, value: str, place: str, at: str, function: str, level: int
    ) -> list[str]:
        """The lines that settle `value`, or put a null in its `place`."""
        if isinstance(type_, GraphQLNonNull):
            # It rises on.
            return self._write_nullable(type_.of_type, value, at, function, level)
        return [
            "try:",
            *indent(self._write_nullable(type_, value, at, function, level)),
            f"except {self._code.bind(NullBubble)}: {place} = None",
        ]

    def _write_nullable(
        self, type_: GraphQLOutputType, value: str, at: str, function: str, level: int
    ) -> list[str]:
        if not isinstance(type_, GraphQLList):
            return [f"if {value}: {function}({value}, ({at},), run)"]
        item, index = f"y{level}", f"i{level}"
        inner = self._write_value(
            type_.of_type, item, f"{value}[{index}]", f"{at}, {index}", function, level + 1
        )
        return [f"for {index}, {item} in enumerate({value} or EMPTY):", *indent(inner)]
