"""Access requirements, merged: those that an element has itself, and those that others give it.

Whoever reads a field through an interface reads it on some implementation, so an interface and its fields ask for all
that the implementations ask for. What an `@interfaceObject` resolves stands in for the implementations' own fields,
which therefore ask for what it asks for, and so do the other interfaces of those types.
"""

from collections.abc import Iterable, Iterator, Sequence

from router.composition.context import Merge
from router.composition.merge.directives import Applications, merge_directives
from router.composition.subgraph import Applied, Kind
from router.spec.federation import ACCESS_DIRECTIVES


def merge_type_access(merge: Merge, name: str, kind: Kind) -> tuple[str, ...]:
    """The requirements of a type as text."""
    if not _is_used(merge):
        return ()
    names = [name, *(merge.implementations(name) if kind is Kind.INTERFACE else ())]
    return _merge(merge, name, [(s, t.directives) for other in names for s, t in merge.sources(other)])


def merge_field_access(merge: Merge, type_name: str, kind: Kind, name: str) -> tuple[str, ...]:
    """The requirements of a field as text; external declarations have no say."""
    if not _is_used(merge):
        return ()
    sources = list(_declared(merge, type_name, name))
    types = merge.implementations(type_name) if kind is Kind.INTERFACE else [type_name]
    for implementation in types:
        if implementation != type_name:
            sources += _declared(merge, implementation, name)
        for interface in merge.interfaces.get(implementation, ()):
            sources += _declared(merge, interface, name, is_interface_object=True)
    return _merge(merge, f"{type_name}.{name}", sources)


def without_access(directives: Iterable[Applied]) -> list[Applied]:
    """All but the requirements."""
    return [applied for applied in directives if applied.name not in ACCESS_DIRECTIVES]


def _merge(merge: Merge, where: str, sources: Sequence[Applications]) -> tuple[str, ...]:
    ordered = [
        (subgraph, [applied for applied in directives if applied.name == name])
        for name in ACCESS_DIRECTIVES
        for subgraph, directives in sources
    ]
    return merge_directives(merge, where, ordered)[1]


def _is_used(merge: Merge) -> bool:
    return any(name in merge.composed for name in ACCESS_DIRECTIVES)


def _declared(
    merge: Merge, type_name: str, name: str, *, is_interface_object: bool = False
) -> Iterator[Applications]:
    for subgraph, declared in merge.sources(type_name):
        item = declared.fields.get(name)
        if (
            item is not None
            and not item.is_external
            and (declared.is_interface_object or not is_interface_object)
        ):
            yield subgraph, item.directives
