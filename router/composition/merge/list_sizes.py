"""`@listSize` on a merged field: the arguments that merging drops give no size any more."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from graphql import ConstListValueNode, StringValueNode

from router.composition.context import Merge
from router.composition.list_sizes import read_names
from router.composition.merge.directives import Applications
from router.composition.rules.list_size_invalid_slicing_argument import report_dropped_slicing_arguments
from router.composition.subgraph import Applied

_SLICING = "slicingArguments"


def without_dropped(
    merge: Merge, where: str, sources: Sequence[Applications], dropped: Iterable[str]
) -> list[Applications]:
    """The directives of a field without the names of dropped arguments; an error if no slicing argument is left."""
    gone = frozenset(dropped)
    if not gone:
        return list(sources)
    slicing = [
        (subgraph, applied)
        for subgraph, directives in sources
        for applied in directives
        if applied.name == "listSize" and applied.arguments.get(_SLICING) is not None
    ]
    named = {name for _, applied in slicing for name in read_names(applied, _SLICING)}
    if named and named <= gone:
        report_dropped_slicing_arguments(merge.report, where, sorted(named), slicing)
    return [(subgraph, list(_keep(directives, gone))) for subgraph, directives in sources]


def _keep(directives: Sequence[Applied], dropped: frozenset[str]) -> Iterator[Applied]:
    for applied in directives:
        names = read_names(applied, _SLICING) if applied.name == "listSize" else []
        if dropped.isdisjoint(names):
            yield applied
            continue
        kept = tuple(StringValueNode(value=name) for name in names if name not in dropped)
        arguments = {key: value for key, value in applied.arguments.items() if key != _SLICING}
        if kept:
            arguments[_SLICING] = ConstListValueNode(values=kept)
        yield replace(applied, arguments=arguments)
