"""Response keys that are fine for the client and not for one subgraph.

Two fragments of one selection may use the same response key only if the fields fit together in that
subgraph's own schema (GraphQL, October 2021, 5.3.2 Field Selection Merging). A valid client operation can
break this: subgraphs may declare a field with different nullability, and going type by type puts fields of
different types side by side. The later one is asked under another key and renamed back in the answer.
"""

from router.planner.selection import SelectedField, Selection
from router.query_plan.nodes import KeyRenamer


def resolve_conflicts(selection: Selection) -> tuple[KeyRenamer, ...]:
    """Give conflicting fields an alias, at every depth; the renamings start where `selection` starts."""
    renames: list[KeyRenamer] = []
    _resolve([((), selection)], renames)
    return tuple(renames)


_Path = tuple[str, ...]


def _resolve(sets: list[tuple[_Path, Selection]], renames: list[KeyRenamer]) -> None:
    """Check all selections that can apply to one object; `sets` holds them with their paths."""
    flat: list[tuple[_Path, Selection]] = []
    for path, selection in sets:
        flat += _flatten(path, selection)
    taken: dict[str, list[tuple[_Path, SelectedField]]] = {}
    names = {field.item.key for _, selection in flat for field in selection.fields.values()}
    for path, selection in flat:
        for field in selection.fields.values():
            key = field.item.key
            group = taken.setdefault(key, [])
            if group and not _fits(group[0][1], field):
                key = _free_key(names)
                field.alias = key
                renames.append(KeyRenamer((*path, key), field.item.key))
                group = taken.setdefault(key, [])
            group.append((path, field))
    for key, group in taken.items():
        below = [((*path, key), field.below) for path, field in group if field.below is not None]
        if below:
            _resolve(below, renames)


def _flatten(path: _Path, selection: Selection) -> list[tuple[_Path, Selection]]:
    found = [(path, selection)]
    for name, fragment in selection.fragments.items():
        found += _flatten((*path, f"... on {name}"), fragment)
    return found


def _fits(one: SelectedField, other: SelectedField) -> bool:
    if one.edge is None or other.edge is None:
        return one.item.name == other.item.name
    if (one.item.name, one.item.arguments) != (other.item.name, other.item.arguments):
        return False
    if one.below is not None and other.below is not None:
        return _shape(one.edge.type.text) == _shape(other.edge.type.text)
    return one.edge.type.text == other.edge.type.text


def _shape(reference: str) -> str:
    return "".join(character for character in reference if character in "[]!")


def _free_key(names: set[str]) -> str:
    number = 0
    while f"_r{number}" in names:
        number += 1
    names.add(f"_r{number}")
    return f"_r{number}"
