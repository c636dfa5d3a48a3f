"""The text of a subgraph operation, printed once at planning time, and the client's variables it uses."""

from collections.abc import Iterable, Mapping

from router.operation.need import TYPENAME, Conditions, NeedField
from router.operation.normalize import VariableDeclaration
from router.planner.selection import SelectedField, Selection, is_redundant

Variables = Mapping[str, VariableDeclaration]


def print_selection(selection: Selection, outer: Conditions, used: set[str]) -> str:
    """Print `{ ... }` without the conditions `outer`, which hold for the whole fetch; note variables in `used`."""
    parts = [
        _print_field(selected, outer, used)
        for selected in _in_order(selection)
        if not is_redundant(selection, selected)
    ]
    for name, fragment in selection.fragments.items():
        if not fragment.is_empty:
            parts.append(f"... on {name} {print_selection(fragment, outer, used)}")
    return "{ " + " ".join(parts or [TYPENAME]) + " }"


def print_header(kind: str, own: Iterable[str], used: Iterable[str], variables: Variables) -> str:
    """Print `query($a: Int = 1)`; `own` are declarations that the planner adds."""
    declared = [*own]
    for variable in used:
        declaration = variables[variable]
        declared.append(f"${declaration.name}: {declaration.type}{declaration.default}")
    return f"{kind}({', '.join(declared)})" if declared else kind


def _in_order(selection: Selection) -> list[SelectedField]:
    """List the fields, type name first (what tells types apart should not stand behind large fields)."""
    fields = list(selection.fields.values())
    names = [field for field in fields if field.item.name == TYPENAME and field.item.hidden]
    if not names and selection.node is not None and selection.node.is_abstract:
        return fields
    return [*names, *(field for field in fields if field not in names)]


def _print_field(selected: SelectedField, outer: Conditions, used: set[str]) -> str:
    item = selected.item
    if item.arguments:
        used.update(item.variables)
    conditions = item.conditions - outer
    used.update(variable for variable, _ in conditions)
    below = print_selection(selected.below, outer, used) if selected.below is not None else None
    return _print_item(item, selected.alias or item.key, conditions, below)


def print_client_field(item: NeedField, below: str | None) -> str:
    """Print a field as the client selects it, with `below` as its selections."""
    return _print_item(item, item.key, item.conditions, below)


def _print_item(item: NeedField, key: str, conditions: Conditions, below: str | None) -> str:
    text = item.name if key == item.name else f"{key}: {item.name}"
    if item.arguments:
        text += "(" + ", ".join(f"{name}: {value}" for name, value in item.arguments) + ")"
    directives = [
        f"@{'include' if wanted else 'skip'}(if: ${variable})" for variable, wanted in sorted(conditions)
    ]
    if directives:
        text += f" {directives.pop()}"
    if below is not None:
        text += f" {below}"
    # A directive may stand only once on one field: further conditions go around it.
    for directive in directives:
        text = f"... {directive} {{ {text} }}"
    return text
