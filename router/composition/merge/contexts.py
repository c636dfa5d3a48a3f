"""Arguments that come from contexts: clients do not see them, and the router learns where their values come from."""

from collections.abc import Mapping, Sequence

from router.composition.context import Merge
from router.composition.contexts import read_context_use
from router.composition.rules.contextual_argument_not_contextual_in_all_subgraphs import (
    report_contextual_argument,
)
from router.composition.subgraph import Argument, Field, Subgraph
from router.supergraph.write import write_string

Arguments = Mapping[str, Argument]


def without_contextual(
    merge: Merge, where: str, sources: Sequence[tuple[Subgraph, Arguments]]
) -> list[tuple[Subgraph, Arguments]]:
    """The arguments of a field that clients give: none that comes from a context in any subgraph."""
    contextual = dict.fromkeys(
        name
        for _, arguments in sources
        for name, argument in arguments.items()
        if argument.find("fromContext") is not None
    )
    if not contextual:
        return list(sources)
    for name in contextual:
        ordinary = [
            (subgraph, arguments[name])
            for subgraph, arguments in sources
            if name in arguments and arguments[name].find("fromContext") is None
        ]
        report_contextual_argument(merge.report, f"{where}({name}:)", ordinary)
    return [
        (subgraph, {name: argument for name, argument in arguments.items() if name not in contextual})
        for subgraph, arguments in sources
    ]


def write_context_arguments(subgraph: Subgraph, field: Field) -> str | None:
    """What `@join__field` says of a subgraph's arguments from contexts; None if there are none."""
    items = []
    for argument in field.arguments.values():
        use = read_context_use(argument)
        if use is not None:
            context, selection = write_string(f"{subgraph.name}__{use.context}"), write_string(use.selection)
            items.append(
                f'{{context: {context}, name: "{argument.name}", type: "{argument.type}", selection: {selection}}}'
            )
    return f"contextArguments: [{', '.join(items)}]" if items else None
