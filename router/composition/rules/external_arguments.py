"""EXTERNAL_ARGUMENT_MISSING, EXTERNAL_ARGUMENT_TYPE_MISMATCH, EXTERNAL_ARGUMENT_DEFAULT_MISMATCH: who refers to a field
that others resolve knows its arguments.
"""  # noqa: D205 -- a list of codes

from collections.abc import Sequence

from router.composition.context import Merge
from router.composition.merged import MergedInput
from router.composition.subgraph import Field, Subgraph
from router.composition.type_ref import is_subtype
from router.supergraph.write import write_value


def check_external_arguments(
    merge: Merge, where: str, subgraph: Subgraph, item: Field, merged: Sequence[MergedInput]
) -> None:
    """Check the arguments of an external field against the merged ones."""
    place = f'in subgraph "{subgraph.name}", where "{where}" is marked @external'
    for argument in merged:
        declared = item.arguments.get(argument.name)
        if declared is None:
            merge.report.error(
                "EXTERNAL_ARGUMENT_MISSING",
                f'Argument "{argument.where}" is missing {place}: add it there.',
                [(subgraph.name, item.node)],
            )
            continue
        site = [(subgraph.name, declared.node)]
        if not is_subtype(argument.type, declared.type, merge.is_subtype):
            merge.report.error(
                "EXTERNAL_ARGUMENT_TYPE_MISMATCH",
                f'Type of argument "{argument.where}" is "{argument.type}", but "{declared.type}" {place}: give it the '
                "same type there.",
                site,
            )
        default = None if declared.default is None else write_value(declared.default, is_canonical=True)
        if default != argument.canonical_default:
            merge.report.error(
                "EXTERNAL_ARGUMENT_DEFAULT_MISMATCH",
                f'Argument "{argument.where}" has {_describe(argument.canonical_default)}, but {_describe(default)} '
                f"{place}: give it the same there.",
                site,
            )


def _describe(default: str | None) -> str:
    return "no default value" if default is None else f"default value {default}"
