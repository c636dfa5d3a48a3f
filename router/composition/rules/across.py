"""Rules that need all subgraphs: INTERFACE_FIELD_NO_IMPLEM, INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE,
INTERFACE_OBJECT_USAGE_ERROR beside an implementation.
"""  # noqa: D205 -- a list of codes

from router.composition.context import Merge
from router.composition.report import list_subgraphs
from router.composition.subgraph import Kind


def check_across(merge: Merge) -> None:
    """Check what only the merged types show."""
    names = sorted({name for subgraph in merge.subgraphs for name in subgraph.types})
    for name in names:
        kinds = {declared.kind for _, declared in merge.sources(name)}
        if Kind.INTERFACE in kinds:
            _check_interface_keys(merge, name)
        if Kind.OBJECT in kinds and not any(t.is_interface_object for _, t in merge.sources(name)):
            _check_implements(merge, name)


def _check_implements(merge: Merge, name: str) -> None:
    own = {field for _, declared in merge.sources(name) for field in declared.fields}
    for interface in merge.interfaces.get(name, ()):
        wanted: dict[str, list[str]] = {}
        given = set()
        for subgraph, declared in merge.sources(interface):
            for field in declared.fields:
                if declared.is_interface_object:
                    given.add(field)
                else:
                    wanted.setdefault(field, []).append(subgraph.name)
        for field, subgraphs in wanted.items():
            if field not in own and field not in given:
                merge.report.error(
                    "INTERFACE_FIELD_NO_IMPLEM",
                    f'Interface field "{interface}.{field}" is declared in {list_subgraphs(subgraphs)} but type "{name}", '
                    f'which implements "{interface}", does not have field "{field}" in any subgraph.',
                    [(s.name, t.node) for s, t in merge.sources(name)],
                )


def _check_interface_keys(merge: Merge, name: str) -> None:
    implementations = merge.implementations(name)
    for subgraph, declared in merge.sources(name):
        if declared.is_interface_object:
            local = [item for item in implementations if item in subgraph.types]
            if local:
                merge.report.error(
                    "INTERFACE_OBJECT_USAGE_ERROR",
                    f'[{subgraph.name}] Interface type "{name}" is defined as an @interfaceObject in subgraph '
                    f'"{subgraph.name}" so that subgraph should not define any of the implementation types of that '
                    f'interface, but it defines type "{local[0]}"',
                    [(subgraph.name, subgraph.types[local[0]].node)],
                )
        elif any(key.is_resolvable for key in declared.keys):
            missing = [item for item in implementations if item not in subgraph.types]
            if missing:
                merge.report.error(
                    "INTERFACE_KEY_MISSING_IMPLEMENTATION_TYPE",
                    f'[{subgraph.name}] Interface type "{name}" has a resolvable key in subgraph "{subgraph.name}" but '
                    f"that subgraph is missing some of the supergraph implementation types of it: {', '.join(missing)}. "
                    "Add them, or set `resolvable: false`.",
                    [(subgraph.name, declared.node)],
                )
