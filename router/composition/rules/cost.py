"""`@cost` and `@listSize`: COST_APPLIED_TO_INTERFACE_FIELD, LIST_SIZE_*."""

from graphql import IntValueNode, ListValueNode, StringValueNode

from router.composition.report import Report
from router.composition.subgraph import Applied, Field, Kind, Subgraph
from router.composition.type_ref import ListOf, NonNull, TypeRef, named_type


def check_cost(subgraph: Subgraph, report: Report) -> None:
    """Check every `@cost` and `@listSize`."""
    for declared, item in subgraph.fields():
        coordinate = f"{declared.name}.{item.name}"
        cost = item.find("cost")
        if cost is not None and declared.kind is Kind.INTERFACE:
            _error(
                subgraph,
                "COST_APPLIED_TO_INTERFACE_FIELD",
                cost,
                report,
                f'@cost cannot be applied to interface "{coordinate}"',
            )
        list_size = item.find("listSize")
        if list_size is not None:
            _check_list_size(subgraph, coordinate, item, list_size, report)


def _check_list_size(
    subgraph: Subgraph, coordinate: str, item: Field, applied: Applied, report: Report
) -> None:
    sized = _strings(applied, "sizedFields")
    if not sized and not is_list(item.type):
        _error(subgraph, "LIST_SIZE_APPLIED_TO_NON_LIST", applied, report, f'"{coordinate}" is not a list')
    assumed = applied.arguments.get("assumedSize")
    if isinstance(assumed, IntValueNode) and int(assumed.value) < 0:
        _error(
            subgraph,
            "LIST_SIZE_INVALID_ASSUMED_SIZE",
            applied,
            report,
            f'Assumed size of "{coordinate}" cannot be negative',
        )
    for name in _strings(applied, "slicingArguments"):
        argument = item.arguments.get(name)
        if argument is None or str(argument.type) not in {"Int", "Int!"}:
            _error(
                subgraph,
                "LIST_SIZE_INVALID_SLICING_ARGUMENT",
                applied,
                report,
                f'Slicing argument "{name}" of "{coordinate}" must be an argument of type Int',
            )
    target = subgraph.types.get(named_type(item.type))
    for name in sized:
        field = target.fields.get(name) if target is not None else None
        if field is None:
            _error(
                subgraph,
                "LIST_SIZE_INVALID_SIZED_FIELD",
                applied,
                report,
                f'Sized field "{name}" is not a field on type "{named_type(item.type)}"',
            )
        elif not is_list(field.type):
            _error(
                subgraph,
                "LIST_SIZE_APPLIED_TO_NON_LIST",
                applied,
                report,
                f'Sized field "{named_type(item.type)}.{name}" is not a list',
            )


def is_list(ref: TypeRef) -> bool:
    """Whether the type is a list, null or not."""
    return isinstance(ref.inner if isinstance(ref, NonNull) else ref, ListOf)


def _strings(applied: Applied, name: str) -> list[str]:
    node = applied.arguments.get(name)
    nodes = node.values if isinstance(node, ListValueNode) else [node]
    return [item.value for item in nodes if isinstance(item, StringValueNode)]


def _error(subgraph: Subgraph, code: str, applied: Applied, report: Report, message: str) -> None:
    report.error(code, f"[{subgraph.name}] {message}", [(subgraph.name, applied.node)])
