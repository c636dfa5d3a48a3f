"""Which interfaces an object or interface implements."""

from collections.abc import Iterator

from router.checks.changes import Change, ChangeKind, breaking, dangerous
from router.checks.diff.fields import Composite
from router.checks.diff.pairs import pair_names


def diff_interfaces(old: Composite, new: Composite) -> Iterator[Change]:
    """Compare what a type implements."""
    name = old.name
    pairs = pair_names((each.name for each in old.interfaces), (each.name for each in new.interfaces))
    for interface in pairs.removed:
        told = f"Type {name} no longer implements {interface}."
        yield breaking(ChangeKind.OBJECT_TYPE_INTERFACE_REMOVED, name, told, name, interface)
    for interface in pairs.added:
        told = f"Type {name} implements {interface}: clients of the interface may meet it."
        yield dangerous(ChangeKind.OBJECT_TYPE_INTERFACE_ADDED, name, told, interface)
