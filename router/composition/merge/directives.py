"""Applications of directives on one element, merged over the subgraphs.

A repeatable directive is the union of its applications. Of one that is not repeatable the most frequent application
wins, except where its arguments have a way to be merged. What is meant for one subgraph's resolvers only goes into
`@join__directive`, with the subgraphs that say it.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from router.composition.context import Merge
from router.composition.merge.strategies import STRATEGIES, write_requirement
from router.composition.merged import MergedInput
from router.composition.names import joined_name
from router.composition.report import list_subgraphs
from router.composition.subgraph import Applied, Subgraph, argument_text
from router.spec.federation import COMPOSED_BY_DIRECTIVE
from router.supergraph.write import WrittenElement, write_application, write_string, write_value

_REPEATABLE = frozenset({"tag", "context"})
_BUILT_IN = frozenset({"deprecated", "specifiedBy", "oneOf"})
_DEFAULTS: Mapping[str, Mapping[str, str]] = {
    "deprecated": {"reason": '"No longer supported"'},
    "listSize": {"requireOneSlicingArgument": "true"},
}
_REQUIREMENTS = frozenset({"requiresScopes", "policy"})

Applications = tuple[Subgraph, Sequence[Applied]]
"""A subgraph, and the directives that it applies on the element."""


@dataclass(frozen=True, slots=True)
class _Use:
    """One application: `text` is how it is written, `meaning` is the same for all that mean the same."""

    subgraph: Subgraph
    applied: Applied
    text: str
    meaning: frozenset[tuple[str, str]]


def merge_directives(
    merge: Merge, where: str, sources: Iterable[Applications]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The merged applications as text: `@inaccessible` by itself, since it stands first, and all others.

    `where` is the coordinate of the element, for messages.
    """
    by_name: dict[str, list[_Use]] = {}
    joined: dict[tuple[str, str], dict[str, None]] = {}
    for subgraph, directives in sources:
        for applied in directives:
            if _is_composed(merge, subgraph, applied):
                by_name.setdefault(applied.name, []).append(_read_use(merge, subgraph, applied))
            elif (own := joined_name(subgraph, applied)) is not None:
                arguments = (f"{key}: {write_value(value)}" for key, value in applied.arguments.items())
                graphs = joined.setdefault((own, ", ".join(arguments)), {})
                graphs[merge.graphs[subgraph.name]] = None
    first = _merge_one(merge, where, by_name.pop("inaccessible", []))
    joins = [
        f"@join__directive(graphs: [{', '.join(graphs)}], name: {write_string(own)}, args: {{{arguments}}})"
        for (own, arguments), graphs in joined.items()
    ]
    rest = [text for uses in by_name.values() for text in _merge_one(merge, where, uses)]
    return tuple(first), (*joins, *rest)


def write_input(merge: Merge, item: MergedInput, joins: Sequence[str] = ()) -> WrittenElement:
    """A merged argument or input field."""
    first, rest = merge_directives(merge, item.where, ((s, a.directives) for s, a in item.sources))
    return WrittenElement(item.text, item.description, (*first, *joins, *rest))


def _is_composed(merge: Merge, subgraph: Subgraph, applied: Applied) -> bool:
    if applied.name in COMPOSED_BY_DIRECTIVE or applied.name in _BUILT_IN:
        return True
    custom = merge.custom.get(applied.name)
    return custom is not None and subgraph.name in custom.subgraphs


def _read_use(merge: Merge, subgraph: Subgraph, applied: Applied) -> _Use:
    custom = merge.custom.get(applied.name)
    defaults = custom.defaults if custom is not None else _DEFAULTS.get(applied.name, {})
    values = {key: write_value(value) for key, value in applied.arguments.items()}
    meaning = {
        key: text
        for key, value in applied.arguments.items()
        # A null where there is no default says no more than nothing.
        if (text := write_value(value, is_canonical=True)) != "null" or key in defaults
    }
    if applied.name == "context":
        # Two subgraphs may use one name for contexts of their own.
        name = write_string(f"{subgraph.name}__{argument_text(applied, 'name')}")
        values = meaning = {"name": name}
    elif applied.name in _REQUIREMENTS:
        values = {key: write_requirement(value) for key, value in applied.arguments.items()}
    local = custom.name if custom is not None else merge.composed.get(applied.name, applied.name)
    return _Use(
        subgraph, applied, write_application(local, values), frozenset({**defaults, **meaning}.items())
    )


def _merge_one(merge: Merge, where: str, uses: Sequence[_Use]) -> list[str]:
    distinct: dict[frozenset[tuple[str, str]], _Use] = {}
    for use in uses:
        distinct.setdefault(use.meaning, use)
    if not distinct:
        return []
    name = uses[0].applied.name
    custom = merge.custom.get(name)
    is_repeatable = custom.is_repeatable if custom is not None else name in _REPEATABLE
    if is_repeatable or len(distinct) == 1:
        return [use.text for use in distinct.values()]
    sites = [(use.subgraph.name, use.applied.node) for use in uses]
    strategy = STRATEGIES.get(name)
    if strategy is not None:
        merge.report.hint(
            "MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
            f'Directive @{name} is applied to "{where}" in multiple subgraphs with different arguments. They are '
            f"merged: {strategy.told}",
            sites,
        )
        merged = strategy.merge([use.applied.arguments for use in distinct.values()])
        return [write_application(merge.composed.get(name, name), merged)]
    counts = Counter(use.meaning for use in uses)
    chosen = distinct[max(counts, key=lambda meaning: counts[meaning])]
    told = " and ".join(
        f"{use.text} in {list_subgraphs(u.subgraph.name for u in uses if u.meaning == meaning)}"
        for meaning, use in distinct.items()
    )
    merge.report.hint(
        "INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS",
        f'Non-repeatable directive {name if name.startswith("@") else f"@{name}"} is applied to "{where}" in multiple '
        f"subgraphs but with incompatible arguments: {told}. The supergraph will use {chosen.text}.",
        sites,
    )
    return [chosen.text]
