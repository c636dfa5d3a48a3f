"""What is said about elements of every kind: descriptions and deprecations. It never breaks anything."""

from collections.abc import Iterator
from typing import Protocol

from router.checks.changes import Change, ChangeKind, safe


class Deprecable(Protocol):
    """A field, an argument, an input field or a value of an enum."""

    deprecation_reason: str | None


class Described(Protocol):
    """Any element."""

    description: str | None


def diff_description(
    kind: ChangeKind, coordinate: str, label: str, old: Described, new: Described
) -> Iterator[Change]:
    """Tell of another description; `label` names the element in the sentence."""
    if (old.description or "") == (new.description or ""):
        return
    if not old.description:
        told = "got a description"
    elif not new.description:
        told = "lost its description"
    else:
        told = "has another description"
    yield safe(kind, coordinate, f"{label} {told}.")


def diff_deprecation(
    element: str, coordinate: str, label: str, old: Deprecable, new: Deprecable
) -> Iterator[Change]:
    """Tell of a deprecation; `element` is what the names of the kinds begin with."""
    before, after = old.deprecation_reason, new.deprecation_reason
    if before == after:
        return
    if before is None:
        kind, told = "ADDED", f"is deprecated: {after}"
    elif after is None:
        kind, told = "REMOVED", "is no longer deprecated"
    else:
        kind, told = "REASON_CHANGED", f"is deprecated for another reason: {after}"
    yield safe(ChangeKind(f"{element}_DEPRECATION_{kind}"), coordinate, f"{label} {told.rstrip('.')}.")
