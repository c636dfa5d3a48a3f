"""What arguments and input fields have in common: their types, defaults, descriptions and deprecations."""

from collections.abc import Iterator

from router.checks.changes import Change, ChangeKind, breaking, safe
from router.checks.diff.defaults import Input, diff_default
from router.checks.diff.notes import diff_deprecation, diff_description
from router.checks.diff.type_references import is_safe_input

_DEFAULT_CHANGED = {
    "FIELD_ARGUMENT": ChangeKind.FIELD_ARGUMENT_DEFAULT_CHANGED,
    "INPUT_FIELD": ChangeKind.INPUT_FIELD_DEFAULT_VALUE_CHANGED,
    "DIRECTIVE_ARGUMENT": ChangeKind.DIRECTIVE_ARGUMENT_DEFAULT_VALUE_CHANGED,
}


def diff_input_value(
    element: str, coordinate: str, label: str, old: Input, new: Input, *, affects: str
) -> Iterator[Change]:
    """Compare one that both schemas have; `element` is what the names of the kinds begin with."""
    if str(old.type) != str(new.type):
        kind = ChangeKind(f"{element}_TYPE_CHANGED")
        told = f"{label} changed its type from {old.type} to {new.type}."
        is_safe = is_safe_input(old.type, new.type)
        yield safe(kind, coordinate, told) if is_safe else breaking(kind, coordinate, told, affects)
    change = diff_default(_DEFAULT_CHANGED[element], coordinate, label, old, new, affects=affects)
    if change is not None:
        yield change
    yield from diff_description(ChangeKind(f"{element}_DESCRIPTION_CHANGED"), coordinate, label, old, new)
    yield from diff_deprecation(element, coordinate, label, old, new)
