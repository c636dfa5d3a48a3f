"""INTERFACE_KEY_NOT_ON_IMPLEMENTATION: by an interface's key each of its objects can be identified."""

from router.composition.report import Report
from router.composition.subgraph import FieldSet, Kind, Subgraph
from router.supergraph.field_set import read_field_set, write_field_set


def check_interface_key_not_on_implementation(subgraph: Subgraph, report: Report) -> None:
    """Check that the implementations of an interface here have its keys too, and resolve them if it does."""
    keys: dict[str, list[FieldSet]] = {}
    unreadable = set()
    for found in subgraph.field_sets:
        if found.applied.name == "key":
            keys.setdefault(found.type_name, []).append(found)
            if found.text is None or found.faults:
                unreadable.add(found.type_name)
    for declared in subgraph.types.values():
        if declared.kind is not Kind.OBJECT or not unreadable.isdisjoint(
            (declared.name, *declared.interfaces)
        ):
            continue
        for key in (key for name in declared.interfaces for key in keys.get(name, ())):
            twins = [own for own in keys.get(declared.name, ()) if _normalise(own) == _normalise(key)]
            must_resolve = key.applied.is_resolvable
            if must_resolve and not any(twin.applied.is_resolvable for twin in twins):
                lack = "has it only with `resolvable: false`" if twins else "lacks it"
            elif not twins:
                lack = "lacks it"
            else:
                continue
            report.error(
                "INTERFACE_KEY_NOT_ON_IMPLEMENTATION",
                f'[{subgraph.name}] The implementations of "{key.type_name}" need its key, {key}, but "{declared.name}" '
                f"{lack}: add the key there",
                [(subgraph.name, key.applied.node), (subgraph.name, declared.node)],
            )


def _normalise(key: FieldSet) -> str:
    return write_field_set(read_field_set(key.text or ""))
