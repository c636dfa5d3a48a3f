"""The report as commands of a GitHub workflow: findings stand beside the lines that they are about.

Spec: GitHub Actions, workflow commands, "Setting an error message".
"""

from collections.abc import Iterator

from router.checks.changes import Change, Criticality
from router.checks.check import Check
from router.checks.report.words import describe_stale, describe_use, list_reasons, summarize
from router.composition.report import Location


def write_github(check: Check) -> str:
    """The report; safe changes are only counted, in the last line."""
    return (
        "\n".join([*_write_errors(check), *_write_changes(check), *_write_others(check), summarize(check)])
        + "\n"
    )


def _write_errors(check: Check) -> Iterator[str]:
    for error in check.errors:
        place = error.locations[0] if error.locations else None
        yield _command("error", error.code, error.message, place)


def _write_changes(check: Check) -> Iterator[str]:
    for change in check.changes:
        if change.criticality is not Criticality.SAFE:
            use = describe_use(change)
            message = f"{change.message} ({use})" if use else change.message
            place = change.locations[0] if change.locations else None
            yield _command(_level(change), change.kind.value, message, place)


def _level(change: Change) -> str:
    if change.is_harmful:
        return "error"
    return "warning" if change.criticality is Criticality.DANGEROUS else "notice"


def _write_others(check: Check) -> Iterator[str]:
    for operation in check.broken:
        message = " ".join(list_reasons(operation))
        # What a manifest persists is one line there, of no use to anybody.
        place = Location("", operation.file.partition("#")[0], operation.line, 1)
        yield _command("error", f"Operation {operation.name} is broken", message, place)
    for stale in check.stale:
        place = Location(stale.subgraph, stale.file, stale.line, 1)
        yield _command("error", "Schema not as exported", describe_stale(stale), place)


def _command(level: str, title: str, message: str, place: Location | None) -> str:
    properties = {"title": title}
    # A place in a text without a file, or at a URL, is no place in the repository.
    if place is not None and place.file != place.subgraph and "://" not in place.file:
        properties = {"file": place.file, "line": str(place.line), "col": str(place.column), **properties}
    told = ",".join(f"{key}={_escape(value, ':,')}" for key, value in properties.items())
    return f"::{level} {told}::{_escape(message)}"


def _escape(text: str, more: str = "") -> str:
    return "".join(f"%{ord(each):02X}" if each in f"%\r\n{more}" else each for each in text)
