"""Equal objects at a place that only one source has made become one object.

A subgraph repeats an entity, with all below it, wherever its answer has it, and whatever comes later comes to equal objects alike.
So one is left of them before representations are collected: a thousand reviews of five products are five products then, to
be completed, encoded and freed.
"""

from collections.abc import Sequence

from graphql import GraphQLEnumType, get_named_type

from router.executor.compiled.code import Code
from router.executor.compiled.places import Key, Kind
from router.executor.compiled.types import Structs
from router.executor.compiled.walk import Walk, write_walk

EXACT_SCALARS = frozenset({"ID", "String", "Int", "Boolean"})
"""Scalars of which equal values have equal texts, as the decoder lets them pass."""

DEPTH_MAX = 32
"""Levels of objects that are compared; Python's comparison goes down by calls."""


def is_made_once(walk: Walk) -> bool:
    """Whether one source has made what stands at each place on the way."""
    return all(
        key.child is not None and len(key.child.sources) == 1 for step in walk.steps for key in step.keys
    )


def is_exact(key: Key) -> bool:
    """Whether equal values under `key` have equal texts: so for leaves that are no floats and nobody's own scalars."""
    named = get_named_type(key.type) if key.type is not None and key.child is None else None
    return isinstance(named, GraphQLEnumType) or (named is not None and named.name in EXACT_SCALARS)


def can_join(walk: Walk, identity: Sequence[Key]) -> bool:
    """Whether equal objects at the end of `walk` are to become one; `identity` says which entity they are.

    Objects in lists mostly differ, and one alone has nothing to be equal to.
    """
    if not walk.steps or len(walk.among) != 1 or not walk.kinds:
        return False
    if not identity or not is_made_once(walk):
        return False
    (kind,) = walk.kinds
    (source,) = kind.place.sources
    *before, last = ({key.list_depth for key in step.keys} for step in walk.steps)
    return (
        last == {0}
        and any(map(any, before))
        and all(is_exact(key) and not key.list_depth for key in identity)
        and _is_comparable(kind, source, DEPTH_MAX)
    )


def _is_comparable(kind: Kind, source: int, depth: int) -> bool:
    """Whether equal objects have equal texts in all that `source` has brought to them and to those below."""
    keys = [kind.keys[name] for name in kind.brought.get(source, ())]
    return depth > 0 and all(
        key.is_typename or is_exact(key)
        if key.child is None
        else all(_is_comparable(below, source, depth - 1) for below in key.child.kinds.values())
        for key in keys
    )


def write_joining(name: str, walk: Walk, identity: Sequence[Key], structs: Structs, code: Code) -> list[str]:
    """Lines that make equal objects at the end of `walk` one, and give all that are left in the list `name`.

    What the source has brought below them stands at several places then, which the run is told.
    """
    (kind,) = walk.kinds
    (source,) = kind.place.sources
    last = walk.steps[-1]
    parents = write_walk(Walk(walk.steps[:-1], last.among, last.kinds), structs, code)
    place = f"p.{last.keys[0].attribute}"
    values = ", ".join(f"o.{key.attribute}" for key in identity)
    brought = [key for each in kind.brought[source] if not (key := kind.keys[each]).is_typename]
    has_objects = any(key.child is not None for key in brought)
    note = f"; run.more[{source}] = run.more.get({source}, 0) + 1" if has_objects else ""
    join = f"{place} = s; more += 1{note}"
    is_identity_all = all(key in identity for key in brought)
    return [
        f"{name} = []; alike = {{}}; have = alike.get",
        f"for p in {parents}:",
        f" o = {place}",
        " if not o: continue",
        f" k = {values if len(identity) == 1 else f'({values})'}; s = have(k)",
        f" if s is None: alike[k] = o; {name}.append(o)",
        " elif s is o: more += 1",
        *([f" else: {join}"] if is_identity_all else [f" elif s == o: {join}", f" else: {name}.append(o)"]),
    ]
