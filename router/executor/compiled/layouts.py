"""What a representation looks like for each kind of object: which values, under which names, in which order.

The same rules as in `interpret.representations`, applied once to what is known of the objects' types.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from router.executor.compiled.places import Key, Kind, UncompilableError
from router.executor.interpret.representations import asks_typename_only
from router.executor.interpret.rewrites import FRAGMENT_PREFIX
from router.executor.interpret.typenames import Typenames
from router.operation.shape import TYPENAME
from router.query_plan.nodes import (
    EntitySelection,
    RequiredField,
    RequiredFragment,
    RequiredSelection,
    ValueSetter,
)


@dataclass(frozen=True, slots=True, eq=False)
class LayoutField:
    """One name of a representation.

    Attributes:
        key: where the value stands; None for a constant.
        constant: a typename.
        nested: what is taken of an object, by its kind; None for a leaf.
    """

    name: str
    key: Key | None = None
    constant: str | None = None
    nested: "dict[Kind, Layout | None] | None" = None


@dataclass(frozen=True, slots=True, eq=False)
class Layout:
    """The representation of the objects of one kind, or an object within one."""

    fields: tuple[LayoutField, ...]

    @property
    def identifying(self) -> tuple[LayoutField, ...]:
        """Which say which entity it is."""
        return tuple(field for field in self.fields if field.name != TYPENAME)


def find_layout(kind: Kind, selection: EntitySelection, typenames: Typenames) -> Layout | None:
    """The representation of an object of `kind`; None if it can have none."""
    requires = selection.requires
    if not kind.place.is_tagged:
        if kind.typename in typenames.abstract:
            msg = "an entity without a typename"
            raise UncompilableError(msg)
        if len(requires) > 1 or requires[0].type_condition != kind.typename:
            kind.is_typename_checked = True
    flat = [
        field
        for fragment in requires
        if typenames.is_a(kind.typename, fragment.type_condition)
        for field in _flatten(fragment.selections, kind.typename, typenames)
    ]
    layout = _build_layout(kind, flat, typenames)
    if layout is None or not layout.fields:
        return None
    if not layout.identifying and not asks_typename_only(requires):
        return None
    return _rewrite(layout, selection.input_rewrites, typenames)


def _flatten(
    selections: Iterable[RequiredSelection], typename: str | None, typenames: Typenames
) -> Iterator[RequiredField]:
    for selection in selections:
        if isinstance(selection, RequiredField):
            yield selection
        elif typename is None or typenames.is_a(typename, selection.type_condition):
            yield from _flatten(selection.selections, typename, typenames)


def _build_layout(kind: Kind, fields: Iterable[RequiredField], typenames: Typenames) -> Layout | None:
    found: dict[str, LayoutField] = {}
    for field in fields:
        if field.name == TYPENAME:
            found[TYPENAME] = LayoutField(TYPENAME, constant=kind.typename)
            continue
        key = kind.keys.get(field.response_key)
        if key is None:
            return None
        if (key.child is not None) != bool(field.selections) or (field.selections and field.name in found):
            msg = "an object that is required in parts"
            raise UncompilableError(msg)
        nested = None
        if key.child is not None:
            nested = {below: _nest(below, field.selections, typenames) for below in key.child.kinds.values()}
        found[field.name] = LayoutField(field.name, key, nested=nested)
    return Layout(tuple(found.values()))


def _nest(kind: Kind, selections: Sequence[RequiredSelection], typenames: Typenames) -> Layout | None:
    if kind.place.is_tagged:
        return _build_layout(kind, _flatten(selections, kind.typename, typenames), typenames)
    key = kind.keys.get(TYPENAME)
    is_named = key is not None and bool(key.sources) and kind.typename not in typenames.abstract
    depends = any(
        isinstance(selection, RequiredFragment) or selection.name == TYPENAME for selection in selections
    )
    if depends and is_named:
        assert key is not None
        if not kind.place.sources <= key.sources:
            msg = "a typename that comes later"
            raise UncompilableError(msg)
        kind.is_typename_checked = True
    if not is_named and any(
        isinstance(selection, RequiredField) and selection.name == TYPENAME for selection in selections
    ):
        return None
    typename = kind.typename if is_named else None
    return _build_layout(kind, _flatten(selections, typename, typenames), typenames)


def _rewrite(layout: Layout, setters: Iterable[ValueSetter], typenames: Typenames) -> Layout:
    typename = next((field.constant for field in layout.fields if field.name == TYPENAME), None)
    if typename is None:
        return layout
    for setter in setters:
        *conditions, last = setter.path
        if last != TYPENAME or not all(each.startswith(FRAGMENT_PREFIX) for each in conditions):
            msg = "a value other than the typename is set"
            raise UncompilableError(msg)
        if all(typenames.is_a(typename, each.removeprefix(FRAGMENT_PREFIX)) for each in conditions):
            typename = setter.value
    return Layout(
        tuple(
            LayoutField(TYPENAME, constant=typename) if field.name == TYPENAME else field
            for field in layout.fields
        )
    )
