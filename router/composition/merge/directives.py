"""Applications of directives on one element, merged over the subgraphs.

A repeatable directive is the union of its applications. Of one that is not repeatable the most frequent application
wins, except where its arguments have a way to be merged: the larger cost, the union of slicing arguments, and access
requirements, which are joined by AND, so that no subgraph can weaken what another demands.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import product

from graphql import BooleanValueNode, ConstValueNode, IntValueNode, ListValueNode, StringValueNode, print_ast

from router.composition.context import Merge
from router.composition.subgraph import Applied, Subgraph
from router.spec.federation import COMPOSED_BY_DIRECTIVE

_REPEATABLE = frozenset({"tag"})
_BUILT_IN = frozenset({"deprecated", "specifiedBy", "oneOf"})
_ACCESS_ARGUMENTS = {"requiresScopes": "scopes", "policy": "policies"}

Applications = tuple[Subgraph, Sequence[Applied]]
"""A subgraph, and the directives that it applies on the element."""
Requirement = frozenset[frozenset[str]]
"""An OR of ANDs."""


def merge_directives(
    merge: Merge, where: str, sources: Iterable[Applications]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The merged applications as text: `@inaccessible` by itself, since it stands first, and all others.

    `where` is the coordinate of the element, for messages.
    """
    by_name: dict[str, list[Applied]] = {}
    for _, directives in sources:
        for applied in directives:
            if applied.name in COMPOSED_BY_DIRECTIVE or applied.name in _BUILT_IN:
                by_name.setdefault(applied.name, []).append(applied)
    first = tuple(text for text in _merge_one(merge, "inaccessible", by_name.pop("inaccessible", [])))
    return first, tuple(text for name, found in by_name.items() for text in _merge_one(merge, name, found))


def _merge_one(merge: Merge, name: str, found: list[Applied]) -> list[str]:
    if not found:
        return []
    local = merge.composed.get(name, name)
    if name in _REPEATABLE:
        return list(dict.fromkeys(_write(local, applied) for applied in found))
    if name in _ACCESS_ARGUMENTS:
        return [_merge_requirements(local, _ACCESS_ARGUMENTS[name], found)]
    if name == "cost":
        weights = [
            int(node.value) for a in found if isinstance(node := a.arguments.get("weight"), IntValueNode)
        ]
        return [f"@{local}(weight: {max(weights, default=0)})"]
    if name == "listSize" and len(found) > 1:
        return [_merge_list_size(local, found)]
    counts = Counter(_write(local, applied) for applied in found)
    if len(counts) > 1:
        merge.report.hint(
            "INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
            f"Non-repeatable directive @{name} is applied with different arguments; the most frequent is used",
        )
    return [max(counts, key=lambda text: counts[text])]


def _write(name: str, applied: Applied) -> str:
    arguments = ", ".join(f"{key}: {print_ast(value)}" for key, value in applied.arguments.items())
    return f"@{name}({arguments})" if arguments else f"@{name}"


def read_requirement(node: ConstValueNode | None) -> Requirement:
    """The OR of ANDs in `[[...]]`; single items count as lists of one, an empty list as no requirement."""
    outer = node.values if isinstance(node, ListValueNode) else [node]
    sets = []
    for item in outer:
        inner = item.values if isinstance(item, ListValueNode) else [item]
        sets.append(frozenset(leaf.value for leaf in inner if isinstance(leaf, StringValueNode)))
    return frozenset(sets) or frozenset({frozenset()})


def conjoin(requirements: Iterable[Requirement]) -> Requirement:
    """The AND of several: every combination, less those that another is part of."""
    combined = {frozenset().union(*choice) for choice in product(*requirements)}
    return frozenset(item for item in combined if not any(other < item for other in combined))


def _merge_requirements(local: str, argument: str, found: list[Applied]) -> str:
    given = [a.arguments[argument] for a in found if argument in a.arguments]
    distinct = list(dict.fromkeys(print_ast(node) for node in given))
    # A single item may stand for a list of one; readers of supergraphs get the whole form.
    if len(distinct) == 1 and _is_nested(given[0]):
        return f"@{local}({argument}: {distinct[0]})"
    merged = conjoin(dict.fromkeys(read_requirement(applied.arguments.get(argument)) for applied in found))
    lists = sorted(sorted(item) for item in merged)
    text = ", ".join("[" + ", ".join(f'"{name}"' for name in item) + "]" for item in lists)
    return f"@{local}({argument}: [{text}])"


def _is_nested(node: ConstValueNode) -> bool:
    return isinstance(node, ListValueNode) and all(isinstance(item, ListValueNode) for item in node.values)


def _merge_list_size(local: str, found: list[Applied]) -> str:
    sizes = [
        int(node.value) for a in found if isinstance(node := a.arguments.get("assumedSize"), IntValueNode)
    ]
    parts = [f"assumedSize: {max(sizes)}"] if sizes else []
    for name in ("slicingArguments", "sizedFields"):
        given = [a.arguments[name] for a in found if name in a.arguments]
        values = dict.fromkeys(
            leaf.value
            for node in given
            for leaf in (node.values if isinstance(node, ListValueNode) else [node])
            if isinstance(leaf, StringValueNode)
        )
        if given:
            parts.append(f"{name}: [" + ", ".join(f'"{value}"' for value in values) + "]")
    flags = [a.arguments.get("requireOneSlicingArgument") for a in found]
    if any(flag is not None for flag in flags):
        all_required = all(not isinstance(flag, BooleanValueNode) or flag.value for flag in flags)
        parts.append(f"requireOneSlicingArgument: {'true' if all_required else 'false'}")
    return f"@{local}({', '.join(parts)})"
