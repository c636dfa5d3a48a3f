"""TYPE_KIND_MISMATCH: a type is of one kind everywhere."""

from router.composition.context import Merge, Sources
from router.composition.report import list_subgraphs
from router.composition.subgraph import Kind

_KIND_NAMES = {
    Kind.OBJECT: "Object Type",
    Kind.INTERFACE: "Interface Type",
    Kind.UNION: "Union Type",
    Kind.ENUM: "Enum Type",
    Kind.INPUT: "Input Object Type",
    Kind.SCALAR: "Scalar Type",
}


def report_type_kind_mismatch(merge: Merge, name: str, sources: Sources) -> None:
    """Report a type of several kinds; an interface object counts as an interface."""
    by_kind: dict[str, list[str]] = {}
    for subgraph, declared in sources:
        told = _KIND_NAMES[declared.kind]
        if declared.is_interface_object:
            told = "Interface Object Type (Object Type with @interfaceObject)"
        by_kind.setdefault(told, []).append(subgraph.name)
    told = " but ".join(f"{kind} in {list_subgraphs(names)}" for kind, names in by_kind.items())
    merge.report.error(
        "TYPE_KIND_MISMATCH",
        f'Type "{name}" has mismatched kind: it is defined as {told}. Rename one of them.',
        [(s.name, t.node) for s, t in sources],
    )
