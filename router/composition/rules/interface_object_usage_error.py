"""INTERFACE_OBJECT_USAGE_ERROR: an interface object stands for an interface of other subgraphs, found by its key."""

from router.composition.context import Merge, Sources
from router.composition.report import Report, list_subgraphs
from router.composition.subgraph import Kind, Subgraph, Type


def check_interface_object_key(subgraph: Subgraph, report: Report) -> None:
    """Check that each interface object has a key."""
    for declared in subgraph.types.values():
        if declared.is_interface_object and not declared.keys:
            report.error(
                "INTERFACE_OBJECT_USAGE_ERROR",
                f'[{subgraph.name}] Type "{declared.name}" is an @interfaceObject but has no @key in this subgraph, so '
                "that nothing could be found by it: give it a key of the interface",
                [(subgraph.name, declared.node)],
            )


def report_interface_object_beside_federation_1(
    report: Report, subgraph: Subgraph, other: Subgraph, declared: Type
) -> None:
    """Report an interface with keys of a federation 1 subgraph, for which an object of `other` stands."""
    report.error(
        "INTERFACE_OBJECT_USAGE_ERROR",
        f'[{subgraph.name}] Interface "{declared.name}" has a @key here, which has no effect in a federation 1 schema, '
        f"but {list_subgraphs([other.name])} has an @interfaceObject for it: link federation v2.3 or later here",
        [(subgraph.name, declared.node), (other.name, other.types[declared.name].node)],
    )


def report_interface_object_without_interface(merge: Merge, name: str, sources: Sources) -> None:
    """Report a type that is an interface object in every subgraph."""
    merge.report.error(
        "INTERFACE_OBJECT_USAGE_ERROR",
        f'Type "{name}" is declared with @interfaceObject in all the subgraphs in which it is defined (it is defined in '
        f"{list_subgraphs(s.name for s, _ in sources)}): define it as an interface in one of them",
        [(s.name, t.node) for s, t in sources],
    )


def check_interface_object_beside_implementation(merge: Merge) -> None:
    """Check that no subgraph has an interface object and an object type that implements that interface."""
    for name in merge.type_names:
        for subgraph, declared in merge.sources(name):
            known = (subgraph.types.get(each) for each in merge.implementations(name))
            local = [t for t in known if t and t.kind is Kind.OBJECT and not t.is_interface_object]
            if declared.is_interface_object and local:
                merge.report.error(
                    "INTERFACE_OBJECT_USAGE_ERROR",
                    f'[{subgraph.name}] Interface type "{name}" is defined as an @interfaceObject in subgraph '
                    f'"{subgraph.name}" so that subgraph should not define any of the implementation types of that '
                    f'interface, but it defines type "{local[0].name}": remove one of them',
                    [(subgraph.name, declared.node), (subgraph.name, local[0].node)],
                )
