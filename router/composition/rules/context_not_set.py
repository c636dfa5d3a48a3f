"""CONTEXT_NOT_SET: the context of a `@fromContext` is set by the same subgraph, and the argument can be left to it.

The router alone gives a contextual argument. So it is one that only this field has: none of an interface, nor of a
field that implements an interface's, nor of a directive; and it has no default that would stand in.
"""

from collections.abc import Iterator

from router.composition.contexts import ContextualArgument, find_contextual_arguments, find_setters
from router.composition.report import Report
from router.composition.subgraph import Applied, Kind, Subgraph


def check_context_not_set(subgraph: Subgraph, report: Report) -> None:
    """Check where each `@fromContext` stands, and that something sets its context."""
    setters = find_setters(subgraph)
    faults = [*_find_in_directives(subgraph), *_find_in_interfaces(subgraph)]
    for found in find_contextual_arguments(subgraph):
        is_set = found.use is None or found.use.context in setters
        faults += [(fault, found.applied) for fault in _find_faults(subgraph, found, is_set)]
    for fault, applied in faults:
        report.error("CONTEXT_NOT_SET", f"[{subgraph.name}] {fault}", [(subgraph.name, applied.node)])


def _find_in_directives(subgraph: Subgraph) -> Iterator[tuple[str, Applied]]:
    for name, arguments in subgraph.directive_arguments.items():
        for argument in arguments.values():
            applied = argument.find("fromContext")
            if applied is not None:
                where = f"@{name}({argument.name}:)"
                yield (
                    f'The argument "{where}" of a directive cannot come from a context: remove @fromContext.',
                    applied,
                )


def _find_in_interfaces(subgraph: Subgraph) -> Iterator[tuple[str, Applied]]:
    for found in find_contextual_arguments(subgraph, Kind.INTERFACE):
        fault = (
            f'The argument "{found.coordinate}" of an interface\'s field cannot come from a context: put its '
            "@fromContext on the fields of objects that implement no interface's field."
        )
        yield fault, found.applied


def _find_faults(subgraph: Subgraph, found: ContextualArgument, is_set: bool) -> Iterator[str]:
    for name in found.owner.interfaces:
        if subgraph.find_field(name, found.field.name) is not None:
            yield (
                f'The argument "{found.coordinate}" cannot come from a context, since its field implements '
                f'"{name}.{found.field.name}": remove the field from the interface, or use another one here.'
            )
    if found.argument.default is not None:
        yield f'The argument "{found.coordinate}" comes from a context and cannot have a default value: remove it.'
    if found.use is not None and not is_set:
        yield (
            f'Context "{found.use.context}" is used at "{found.coordinate}" but is never set: add '
            f'@context(name: "{found.use.context}") to a type of this subgraph above it.'
        )
