"""Code that takes in the answers of one fetch: decode, check, set attributes.

A key that one source alone brings is simply set. Only a subgraph that sends keys it was not asked for can
have set it before; where that would make a difference, the answer is unusual.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal

from msgspec import UNSET, Raw, Struct, UnsetType, defstruct
from msgspec import field as struct_field
from msgspec.json import Decoder

from router.executor.compiled.code import Code, indent
from router.executor.compiled.merge import merge_values
from router.executor.compiled.places import Key, Kind, Place, UncompilableError
from router.executor.compiled.types import Annotation, Structs


def write_absorb_root(
    name: str, source: int, kind: Kind, structs: Structs, code: Code
) -> Callable[[bytes], Any]:
    """The function `name` of the run and the answer, which sets the root's keys; gives what decodes the answer."""
    keys = [kind.keys[each] for each in kind.brought[source]]
    fields = [
        (key.attribute, _annotate_together([key], [kind], structs), struct_field(name=key.name))
        for key in keys
    ]
    body = ["data = r.data; top = run.top"]
    body += [
        _write_set(key, source, f"data.{key.attribute}", "top", code) for key in keys if not key.is_typename
    ]
    code.define(name, "run, r", body)
    return _build_decode(_define("Data", fields))


def write_absorb_entities(
    name: str, answers: list[tuple[str, int, tuple[Kind, ...]]], structs: Structs, code: Code
) -> Callable[[bytes], Any]:
    """The function `name` of the run, the answer and the objects asked for, which sets what the entities bring.

    `answers` gives each list's response key, its source, and the kinds of its objects. Gives what decodes the answer.
    """
    fields: list[tuple[str, Annotation, Any]] = []
    body = ["data = r.data"]
    for i, (response_key, source, kinds) in enumerate(answers):
        entities = _Entities(source, kinds, structs, code)
        annotation = list[entities.struct | None] | None  # type: ignore[name-defined]
        fields.append((f"e{i}", annotation, struct_field(default=None, name=response_key)))
        body += [
            f"entities = data.e{i}; targets = groups[{i}]",
            "if entities is None:",
            " if targets and r.errors is None: raise UnusualError",
            " entities = targets = EMPTY; run.gaps = True",
            "if len(entities) != len(targets): raise UnusualError",
            "for e, t in zip(entities, targets):",
            " if e is None: run.gaps = True; continue",
            *indent(entities.write()),
        ]
    code.define(name, "run, r, groups", body)
    return _build_decode(_define("Data", fields))


_EACH = "for o in t if t.__class__ is list else (t,):"


class _Entities:
    """One list of entities: the struct that its items are decoded to, and the code that merges one."""

    def __init__(self, source: int, kinds: tuple[Kind, ...], structs: Structs, code: Code) -> None:
        self.source = source
        self.kinds = kinds
        self.structs = structs
        self.code = code
        names = list(dict.fromkeys(name for kind in kinds for name in kind.brought[source]))
        self.keys = {
            name: {kind: kind.keys[name] for kind in kinds if name in kind.brought[source]} for name in names
        }
        self.attributes = {name: f"a{i}" for i, name in enumerate(names)}
        self.raw = {name for name, keys in self.keys.items() if _is_copied(list(keys.values()))}
        self.struct = _define("Entity", [self._build_field(name) for name in names])

    def _build_field(self, name: str) -> tuple[str, Annotation, Any]:
        keys = self.keys[name]
        if name in self.raw:
            annotation: Annotation = Raw
        else:
            annotation = _annotate_together(list(keys.values()), list(keys), self.structs)
        attribute = self.attributes[name]
        if len(keys) == len(self.kinds):
            return attribute, annotation, struct_field(name=name)
        if annotation is Raw:
            # A union with raw text does not exist; its absence is empty text.
            return attribute, Raw, struct_field(default=Raw(b""), name=name)
        return attribute, annotation | UnsetType, struct_field(default=UNSET, name=name)

    def write(self) -> list[str]:
        """The lines that merge the entity `e` into the objects `t`."""
        if not self.kinds:
            return ["pass"]
        lines = [f"x{i} = e.{attribute}" for i, attribute in enumerate(self.attributes.values())]
        if len(self.kinds) == 1 or self._is_uniform():
            return lines + self._write_uniform()
        body = ["c = o.__class__"]
        for kind in self.kinds:
            body += [
                f"if c is {self.code.bind(self.structs.decoded[kind])}:",
                *indent([*self._write_kind(kind), "continue"]),
            ]
        return [*lines, _EACH, *indent(body)]

    def _is_uniform(self) -> bool:
        """Whether the same lines do for all kinds."""
        return not self.raw and all(
            len(keys) == len(self.kinds)
            and len({key.child for key in keys.values()}) == 1
            and not any(key.is_typename for key in keys.values())
            and all((key.sources == {self.source}) is self._is_own(keys) for key in keys.values())
            for keys in self.keys.values()
        )

    def _is_own(self, keys: dict[Kind, Key]) -> bool:
        return all(key.sources == {self.source} for key in keys.values())

    def _write_uniform(self) -> list[str]:
        kind = self.kinds[0]
        nullable: list[str] = []
        plain: list[str] = []
        careful: list[str] = []
        for i, (name, keys) in enumerate(self.keys.items()):
            key = keys[kind]
            if key.is_typename:
                continue
            value = self._read(i, name, kind)
            is_plain = key.sources == {self.source} and key.child is None
            setting = _write_set(key, self.source, value, "o", self.code)
            check = f"if o.{key.attribute} is not UNSET and o.{key.attribute} is not x{i}: raise UnusualError"
            if is_plain:
                nullable.append(f"x{i} is None")
                plain.append(setting)
                careful += [check, setting]
            else:
                lines = (
                    [check, setting] if key.sources == {self.source} and name not in self.raw else [setting]
                )
                plain += lines
                careful += lines
        if not plain:
            return []
        # Mostly an entity stands for one object.
        lines = [
            "if t.__class__ is list:",
            *indent(["for o in t:", *indent(plain)]),
            "else:",
            *indent(["o = t", *plain]),
        ]
        if nullable:
            return [
                f"if {' or '.join(nullable)}:",
                *indent([_EACH, *indent(careful)]),
                "else:",
                *indent(lines),
            ]
        return lines

    def _write_kind(self, kind: Kind) -> list[str]:
        lines: list[str] = []
        for i, (name, keys) in enumerate(self.keys.items()):
            key = keys.get(kind)
            absent = f"not bytes(x{i})" if name in self.raw else f"x{i} is UNSET"
            if key is None:
                lines.append(f"if not ({absent}): raise UnusualError")
                continue
            if len(keys) < len(self.kinds):
                lines.append(f"if {absent}: raise UnusualError")
            if key.is_typename:
                lines.append(f"if x{i} != {self.code.bind(kind.typename)}: raise UnusualError")
                continue
            if key.sources == {self.source} and name not in self.raw:
                read = f"o.{key.attribute}"
                condition = f"if {read} is not UNSET and {read} is not x{i}"
                lines.append(
                    f"{condition}: raise UnusualError"
                    if key.child is not None
                    else f"{condition} and x{i} is None: raise UnusualError"
                )
            lines.append(_write_set(key, self.source, self._read(i, name, kind), "o", self.code))
        return lines

    def _read(self, i: int, name: str, kind: Kind) -> str:
        if name not in self.raw:
            return f"x{i}"
        decoder = Decoder(self.structs.annotate(kind.keys[name]))
        return f"{self.code.bind(decoder.decode)}(x{i})"


def _write_set(key: Key, source: int, value: str, target: str, code: Code) -> str:
    if key.sources == {source}:
        return f"{target}.{key.attribute} = {value}"
    merge = code.bind(merge_values)
    return f"{target}.{key.attribute} = {merge}({target}.{key.attribute}, {value})"


def _build_decode(data: type[Struct]) -> Callable[[bytes], Any]:
    """What reads a GraphQL response with `data`; its errors stay text."""
    response = _define(
        "Response", [("data", data | None, None), ("errors", Raw, None), ("extensions", Any, None)]
    )
    return Decoder(response).decode


def _define(
    name: str, fields: Sequence[tuple[str, Annotation, Any] | tuple[str, Annotation]]
) -> type[Struct]:
    return defstruct(name, fields, kw_only=True, forbid_unknown_fields=True, gc=False)


def _annotate_together(keys: list[Key], kinds: list[Kind], structs: Structs) -> Annotation:
    """What is right for all keys of one name: the strictest, as what it refuses is only unusual."""
    if any(key.is_typename for key in keys):
        return Literal[tuple(sorted({kind.typename for kind in kinds}))]
    found = structs.annotate(keys[0])
    for key in keys[1:]:
        other = structs.annotate(key)
        if (found | None) != (other | None):
            msg = "one key, two types"
            raise UncompilableError(msg)
        if other != other | None:
            found = other
    return found


def _is_copied(keys: list[Key]) -> bool:
    """Whether each object needs a copy of its own of the value: of what another source may write into."""
    children = {key.child for key in keys}
    if children == {None}:
        return any(key.list_depth and len(key.sources) > 1 for key in keys)
    return len(children) > 1 or any(child is not None and not _is_from_one(child) for child in children)


def _is_from_one(place: Place) -> bool:
    """Whether nothing at or below `place` is brought from two sides, so that copies would stay equal."""
    return len(place.sources) <= 1 and all(
        len(key.sources) <= 1 and (key.child is None or _is_from_one(key.child))
        for kind in place.kinds.values()
        for key in kind.keys.values()
    )
