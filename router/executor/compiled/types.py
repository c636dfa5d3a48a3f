"""The structs of a program: one for each kind of object, with the client's keys in the client's order.

A decoder for these checks what completion would check: leaf types, nulls, typenames, and that no key is
missing or too many. It takes nothing that the interpreter would have changed: an ID sent as a number, say,
is unusual. What it lets pass is encoded byte for byte as the interpreter's answer is.
"""

from collections.abc import Iterable
from typing import Annotated, Any, Literal, TypeAlias, get_args

from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLOutputType,
)
from msgspec import UNSET, Meta, Struct, UnsetType, defstruct
from msgspec import field as struct_field

from router.executor.compiled.places import Key, Kind, Place, Places, UncompilableError
from router.executor.interpret.leaves import INT_MAX, INT_MIN
from router.operation.shape import TYPENAME

Annotation: TypeAlias = Any
"""A type as msgspec's decoders take it, made at run time."""

# Outside of these bounds the two JSON libraries differ: in what an integer becomes, in how a float is written.
_INTEGER = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
_FLOAT = Annotated[float, Meta(gt=-1e16, lt=1e16)]

_LEAVES: dict[str, Annotation] = {
    "Int": Annotated[int, Meta(ge=INT_MIN, le=INT_MAX)],
    "Float": _INTEGER | _FLOAT,
    "String": str,
    "Boolean": bool,
    "ID": str,
}
_CUSTOM_SCALAR = str | bool | _INTEGER | _FLOAT
"""Lists and objects in a custom scalar are unusual: only one of the libraries rounds the numbers in them."""

_SLOT = " "
"""The name of a field that is not decoded: no response key can be spelt so."""


class _Nobody(Struct, tag_field=TYPENAME, tag=""):
    """Makes a union of one type insist on its typename."""

    def __post_init__(self) -> None:
        msg = "no object has this type"
        raise ValueError(msg)


class Structs:
    """The structs of all kinds.

    Attributes:
        decoded: by kind; its objects are what the generated functions see.
        encoded: by kind, the class to change to before encoding, where it is another one.
    """

    def __init__(self, places: Places) -> None:
        self.decoded: dict[Kind, type[Struct]] = {}
        self.encoded: dict[Kind, type[Struct]] = {}
        # A kind is numbered before those below it, so these have their structs already.
        for kind in sorted(places.kinds, key=lambda kind: -kind.number):
            self._build(kind)

    def annotate(self, key: Key) -> Annotation:
        """The type of what a fetch may bring under `key`."""
        if key.type is None:
            return _CUSTOM_SCALAR | None
        if key.entry is None or key.entry.is_withheld:
            # The interpreter hands it on as it comes.
            nullable = key.type.of_type if isinstance(key.type, GraphQLNonNull) else key.type
            return self._annotate(nullable, key.child)
        return self._annotate(key.type, key.child)

    def _annotate(self, type_: GraphQLOutputType, child: Place | None) -> Annotation:
        if isinstance(type_, GraphQLNonNull):
            return self._annotate_nullable(type_.of_type, child)
        return self._annotate_nullable(type_, child) | None

    def _annotate_nullable(self, type_: GraphQLOutputType, child: Place | None) -> Annotation:
        if isinstance(type_, GraphQLList):
            return list[self._annotate(type_.of_type, child)]  # type: ignore[misc]
        if child is None:
            return _annotate_leaf(type_)  # type: ignore[arg-type]
        return self.annotate_objects(child.kinds.values(), is_tagged=child.is_tagged)

    def annotate_objects(self, kinds: Iterable[Kind], *, is_tagged: bool) -> Annotation:
        """Any object of `kinds`."""
        annotation: Annotation = _Nobody if is_tagged else None
        for kind in kinds:
            annotation = self.decoded[kind] if annotation is None else annotation | self.decoded[kind]
        return annotation

    def _build(self, kind: Kind) -> None:
        place = kind.place
        fields = [self._build_field(kind, key) for key in kind.keys.values() if not is_tag(kind, key)]
        first = next(iter(kind.keys.values()), None)
        name = f"{kind.typename}_{kind.number}"
        tagged = {"tag_field": TYPENAME, "tag": kind.typename} if place.is_tagged else {}
        shown = kind.keys.get(TYPENAME)
        is_shown = shown is not None and shown.entry is not None
        if place.is_tagged and is_shown and shown is not first:
            assert shown is not None
            fields = [self._build_field(kind, key) for key in kind.keys.values()]
            slots = [
                (shown.attribute, str, struct_field(default="", name=_SLOT))
                if each[0] == shown.attribute
                else each
                for each in fields
            ]
            self.decoded[kind] = _define(name, slots, tagged)
            self.encoded[kind] = _define(name, fields, {})
        else:
            self.decoded[kind] = _define(name, fields, tagged)
            if place.is_tagged and not is_shown:
                self.encoded[kind] = _define(name, fields, {})

    def _build_field(self, kind: Kind, key: Key) -> tuple[str, Annotation, Any]:
        sources = kind.place.sources
        is_always_brought = bool(sources) and sources <= key.sources
        if key.is_typename:
            literal: Annotation = Literal[kind.typename]
            if is_omitted(kind, key):
                # Identical with the default, it is not encoded. Equal literals may share one of their strings.
                (default,) = get_args(literal)
                return key.attribute, literal, struct_field(default=default, name=key.name)
            if is_always_brought:
                return key.attribute, literal, struct_field(name=key.name)
            # msgspec keeps the last 64 unions for the whole process: a type must not know its place, which knows the schema.
            typename = kind.typename
            own = struct_field(default_factory=lambda: typename, name=key.name)
            return key.attribute, literal, own
        if is_always_brought:
            return key.attribute, self.annotate(key), struct_field(name=key.name)
        annotation = self.annotate(key) if key.sources else None
        return (
            key.attribute,
            annotation | UnsetType if annotation else UnsetType,
            struct_field(default=UNSET, name=key.name),
        )


def is_omitted(kind: Kind, key: Key) -> bool:
    """Whether `key` is a typename that need not be taken away before encoding."""
    return key.name == TYPENAME and key.is_typename and key.entry is None and not kind.is_typename_checked


def is_tag(kind: Kind, key: Key) -> bool:
    """Whether the struct's own tag holds `key`."""
    return kind.place.is_tagged and key.name == TYPENAME


def _define(name: str, fields: list[tuple[str, Annotation, Any]], options: dict[str, Any]) -> type[Struct]:
    # Objects of JSON hold no cycles; the collector need not look at them.
    return defstruct(
        name, fields, kw_only=True, forbid_unknown_fields=True, omit_defaults=True, gc=False, **options
    )


def _annotate_leaf(type_: GraphQLNamedType) -> Annotation:
    if isinstance(type_, GraphQLEnumType):
        if not type_.values:
            msg = "an enum without values"
            raise UncompilableError(msg)
        return Literal[tuple(type_.values)]
    return _LEAVES.get(type_.name, _CUSTOM_SCALAR)
