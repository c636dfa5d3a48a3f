"""Code that makes the merged objects ready for encoding.

Keys that only the planner needed are unset, what the caller may not see becomes null, objects of abstract
places change to the class without a tag, and what was never brought becomes null. Only places where
something of this is to do are visited; what was never brought is mostly known in advance, and where an
entity was null it is looked for everywhere (`is_settling`).
"""

from router.executor.compiled.code import Code, indent
from router.executor.compiled.places import Key, Kind, Place
from router.executor.compiled.representations import may_be_unset
from router.executor.compiled.types import Structs, is_omitted, is_tag
from router.operation.shape import TYPENAME


def write_finish(name: str, root: Place, structs: Structs, code: Code, *, is_settling: bool) -> str:
    """A function of the root object, which changes the whole response in place."""
    writer = _Writer(name, structs, code, is_settling=is_settling)
    inner = writer.write(root)
    return inner or code.define(name, "o", [])


class _Writer:
    def __init__(self, name: str, structs: Structs, code: Code, *, is_settling: bool) -> None:
        self._name = name
        self._structs = structs
        self._code = code
        self._is_settling = is_settling
        self._count = 0

    def write(self, place: Place) -> str | None:
        """The function for the objects at `place`; None if there is nothing to do."""
        bodies = {kind: self._write_kind(kind) for kind in place.kinds.values()}
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
        return self._code.define(f"{self._name}_{self._count}", "o", body)

    def _write_kind(self, kind: Kind) -> list[str]:
        lines = [line for key in kind.keys.values() for line in self._write_key(kind, key)]
        encoded = self._structs.encoded.get(kind)
        if encoded is not None:
            shown = kind.keys.get(TYPENAME)
            if shown is not None and shown.entry is not None:
                lines.append(f"o.{shown.attribute} = {self._code.bind(kind.typename)}")
            lines.append(f"o.__class__ = {self._code.bind(encoded)}")
        return lines

    def _write_key(self, kind: Kind, key: Key) -> list[str]:
        read = f"o.{key.attribute}"
        if is_tag(kind, key) or is_omitted(kind, key):
            return []
        if key.entry is None:
            return [f"{read} = UNSET"]
        if key.entry.is_withheld:
            return [f"{read} = None" if key.is_nullable else "raise UnusualError"]
        lines: list[str] = []
        if not key.is_typename and self._is_maybe_missing(kind, key):
            lines.append(
                f"if {read} is UNSET: " + (f"{read} = None" if key.is_nullable else "raise UnusualError")
            )
        inner = self.write(key.child) if key.child is not None and key.sources else None
        if inner is not None:
            lines += _write_loops(read, key.list_depth, inner)
        return lines

    def _is_maybe_missing(self, kind: Kind, key: Key) -> bool:
        if not may_be_unset(kind, key):
            return False
        if self._is_settling:
            return True
        # Who comes later tells of a gap when it leaves one.
        is_tracked = any(source not in kind.place.sources for source in key.sources)
        return not is_tracked


def _write_loops(read: str, depth: int, function: str) -> list[str]:
    lines: list[str] = []
    value = read
    for level in range(depth):
        lines.append(f"{' ' * level}for y{level} in {value} or EMPTY:")
        value = f"y{level}"
    pad = " " * depth
    if not depth:
        return [f"x = {value}", f"if x: {function}(x)"]
    return [*lines, f"{pad}if {value}: {function}({value})"]
