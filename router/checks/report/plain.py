"""The report for people at a terminal: a paragraph for each finding, in the form of a compiler's messages."""

from collections.abc import Callable, Iterable, Iterator

from router.checks.changes import Change
from router.checks.check import Check
from router.checks.operations import OperationCheck
from router.checks.report.words import count_changes, describe_stale, describe_use, list_reasons, summarize
from router.composition.report import CompositionError, Location

Paint = Callable[[str, str], str]
"""Gives a text in the colour of a kind of finding: `error`, `warning`, `info` or `debug`."""

_COLOURS = {"breaking": "error", "unused": "info", "dangerous": "warning", "safe": "debug"}


def write_plain(check: Check, paint: Paint = lambda text, _kind: text) -> str:
    """The report, which ends with the verdict."""
    paragraphs = [
        *(_write_error(error, paint) for error in check.errors),
        *(_write_change(change, paint) for change in check.changes),
        *_write_operations(check.operations or (), paint),
        *_write_stale(check, paint),
        *_write_subgraphs(check),
        summarize(check),
    ]
    return "\n".join(paragraphs) + "\n"


def _write_error(error: CompositionError, paint: Paint) -> str:
    return _join(f"{paint(f'error[{error.code}]', 'error')}: {error.message}", *_places(error.locations))


def _write_change(change: Change, paint: Paint) -> str:
    label = change.criticality.value
    if change.operations == () and label == "breaking":
        label = "unused"
    head = f"{paint(f'{label}[{change.kind.value}]', _COLOURS[label])}: {change.message}"
    use = describe_use(change)
    return _join(head, *_places(change.locations), *([f"  {use}"] if use else []))


def _write_operations(operations: Iterable[OperationCheck], paint: Paint) -> Iterator[str]:
    for operation in operations:
        if operation.is_broken:
            head = f"{paint('broken', 'error')}: operation {operation.name}"
        elif operation.errors:
            head = f"{paint('invalid', 'warning')}: operation {operation.name}, and it was not valid before"
        else:
            continue
        reasons = (f"  {reason}" for reason in list_reasons(operation))
        yield _join(head, f"  --> {operation.file}:{operation.line}", *reasons)


def _write_stale(check: Check, paint: Paint) -> Iterator[str]:
    for stale in check.stale:
        head = f"{paint('stale', 'error')}: {describe_stale(stale)}"
        yield _join(head, f"  --> {stale.file}:{stale.line}", *(f"  {line}" for line in stale.difference))


def _write_subgraphs(check: Check) -> Iterator[str]:
    for subgraph in check.subgraphs:
        changes = (
            f"  {change.criticality.value:<9} {change.kind.value} {change.coordinate}".rstrip()
            for change in subgraph.changes
        )
        yield _join(f"subgraph {subgraph.name}: {count_changes(subgraph.changes)}", *changes)


def _places(locations: Iterable[Location]) -> Iterator[str]:
    for place in locations:
        told = "" if place.file == place.subgraph else f" ({place.subgraph})"
        yield f"  --> {place.file}:{place.line}:{place.column}{told}"


def _join(*lines: str) -> str:
    return "\n".join(lines)
