"""INTERFACE_FIELD_NO_IMPLEM: who implements an interface has all fields of the merged one."""

from router.composition.context import Merge
from router.composition.report import list_subgraphs
from router.composition.subgraph import Kind


def check_interface_field_no_implem(merge: Merge) -> None:
    """Check every object type (and interface) against the merged interfaces that it implements."""
    for name in merge.type_names:
        sources = list(merge.sources(name))
        kind = sources[0][1].kind
        if kind in {Kind.OBJECT, Kind.INTERFACE} and not any(t.is_interface_object for _, t in sources):
            _check(merge, name, is_object=kind is Kind.OBJECT)


def _check(merge: Merge, name: str, *, is_object: bool) -> None:
    own = {field for _, declared in merge.sources(name) for field in declared.fields}
    for interface in merge.interfaces.get(name, ()):
        wanted: dict[str, list[str]] = {}
        given = set()
        for subgraph, declared in merge.sources(interface):
            for field in declared.fields:
                # Interface objects give their fields to object types only.
                if declared.is_interface_object and is_object:
                    given.add(field)
                else:
                    wanted.setdefault(field, []).append(subgraph.name)
        for field, subgraphs in wanted.items():
            if field not in own and field not in given:
                merge.report.error(
                    "INTERFACE_FIELD_NO_IMPLEM",
                    f'Interface field "{interface}.{field}" is declared in {list_subgraphs(subgraphs)} but type "{name}", '
                    f'which implements "{interface}", does not have field "{field}" in any subgraph. Add it to the type '
                    "in one of them.",
                    [(s.name, t.node) for s, t in merge.sources(name)],
                )
