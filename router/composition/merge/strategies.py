"""How the arguments of directives that cannot be repeated are merged, for those that have a way to be.

The larger cost counts, the union of slicing arguments, and access requirements are joined by AND, so that no subgraph
can weaken what another demands.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

from graphql import BooleanValueNode, ConstValueNode, IntValueNode, ListValueNode, StringValueNode

from router.supergraph.write import write_string

ALTERNATIVES_MAX = 2_000
"""Joining requirements multiplies their alternatives; beyond this many nobody reads them, and time runs out."""

Arguments = Mapping[str, ConstValueNode]
Requirement = tuple[frozenset[str], ...]
"""An OR of ANDs, in the order first seen."""


@dataclass(frozen=True, slots=True)
class Strategy:
    """`merge` gives the written arguments of one application that stands for several; `told` says how."""

    told: str
    merge: Callable[[Sequence[Arguments]], dict[str, str]]


def write_requirement(node: ConstValueNode | None) -> str:
    """A requirement in its whole form, a list of lists, where a single item may stand for a list of one."""
    outer = _items(node)
    return _write_lists([_write_list(leaf.value for leaf in _strings(item)) for item in outer])


def read_requirement(node: ConstValueNode | None) -> Requirement:
    """The OR of ANDs in `[[...]]`; an empty list is no requirement, as is an empty AND."""
    sets = dict.fromkeys(frozenset(leaf.value for leaf in _strings(item)) for item in _items(node))
    return tuple(sets) or (frozenset(),)


def conjoin(requirements: Iterable[Requirement]) -> Requirement:
    """The AND of several: every combination, the shortest first, less those that another is part of.

    Where there are more than `ALTERNATIVES_MAX` combinations, it is the one that needs everything: it lets nobody in
    whom the others would not.
    """
    by_meaning: dict[frozenset[frozenset[str]], Requirement] = {}
    for requirement in requirements:
        by_meaning.setdefault(frozenset(requirement), requirement)
    distinct = list(by_meaning.values())
    if len(distinct) == 1:
        return distinct[0]
    combined: Requirement = (frozenset(),)
    for requirement in distinct:
        if len(combined) * len(requirement) > ALTERNATIVES_MAX:
            return (frozenset(name for one in distinct for item in one for name in item),)
        both = dict.fromkeys(one | other for one, other in product(combined, requirement))
        combined = tuple(item for item in both if not any(other < item for other in both))
    return tuple(sorted(combined, key=lambda item: (len(item), sorted(item))))


def _merge_requirements(argument: str) -> Strategy:
    def merge(given: Sequence[Arguments]) -> dict[str, str]:
        merged = conjoin(read_requirement(arguments.get(argument)) for arguments in given)
        return {argument: _write_lists([_write_list(sorted(item)) for item in merged])}

    return Strategy(f'"{argument}": all of them have to be met', merge)


def _merge_cost(given: Sequence[Arguments]) -> dict[str, str]:
    return {"weight": str(max(_integers(given, "weight"), default=0))}


def _merge_list_size(given: Sequence[Arguments]) -> dict[str, str]:
    merged = {}
    sizes = _integers(given, "assumedSize")
    if sizes:
        merged["assumedSize"] = str(max(sizes))
    for name in ("slicingArguments", "sizedFields"):
        lists = [arguments[name] for arguments in given if name in arguments]
        names = dict.fromkeys(leaf.value for node in lists for leaf in _strings(node))
        if any(isinstance(node, ListValueNode | StringValueNode) for node in lists):
            merged[name] = _write_list(names)
    flags = [arguments.get("requireOneSlicingArgument") for arguments in given]
    are_all = all(not isinstance(flag, BooleanValueNode) or flag.value for flag in flags)
    merged["requireOneSlicingArgument"] = "true" if are_all else "false"
    return merged


STRATEGIES: dict[str, Strategy] = {
    "cost": Strategy('"weight": the largest', _merge_cost),
    "listSize": Strategy(
        'sizes: the largest, names: all of them, "requireOneSlicingArgument": if all say so', _merge_list_size
    ),
    "requiresScopes": _merge_requirements("scopes"),
    "policy": _merge_requirements("policies"),
}
"""By directive."""


def _integers(given: Sequence[Arguments], name: str) -> list[int]:
    return [int(node.value) for a in given if isinstance(node := a.get(name), IntValueNode)]


def _items(node: ConstValueNode | None) -> Sequence[ConstValueNode]:
    if isinstance(node, ListValueNode):
        return node.values
    return [node] if node is not None else []


def _strings(node: ConstValueNode) -> list[StringValueNode]:
    return [leaf for leaf in _items(node) if isinstance(leaf, StringValueNode)]


def _write_list(names: Iterable[str]) -> str:
    return _write_lists([write_string(name) for name in names])


def _write_lists(items: Iterable[str]) -> str:
    return f"[{', '.join(items)}]"
