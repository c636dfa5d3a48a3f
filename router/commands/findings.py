"""What composition found, for people on standard error and for programs as one JSON document in Rover's form."""

import sys
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from router.checks.report.document import write_error, write_location
from router.commands.colours import paint
from router.composition import Composition, CompositionError, CompositionHint
from router.composition.contract import Contract
from router.kit.json import JsonObject, write_json

_JSON_VERSION = "1"
# Rover's code for subgraphs that do not compose.
_BUILD_FAILED = "E029"
Result: TypeAlias = Composition | Contract
"""What both give: schemas and hints, or errors."""


def print_findings(result: Result) -> None:
    """Print hints, then errors, each with its places in the subgraphs' schemas."""
    for hint in result.hints:
        _print(hint.level.value.lower(), hint)
    for error in result.errors:
        _print("error", error)


def print_warnings(warnings: Iterable[str]) -> None:
    """Print what the configuration says to no effect."""
    for warning in warnings:
        print(f"{_paint('warning')}: {warning}", file=sys.stderr)


def write_result(result: Result, schemas: Mapping[str, str]) -> str:
    """One JSON document: `schemas` are the texts that go with success, by their keys."""
    if result.errors:
        count = len(result.errors)
        message = f"Encountered {count} build error{'s'[: count > 1]} while trying to build a supergraph."
        details: JsonObject = {"build_errors": [write_error(error) for error in result.errors]}
        return write_failure(message, code=_BUILD_FAILED, details=details)
    data = {"success": True, **schemas, "hints": [_write_hint(hint) for hint in result.hints]}
    return _write({"json_version": _JSON_VERSION, "data": data, "error": None})


def write_failure(message: str, *, code: str | None = None, details: JsonObject | None = None) -> str:
    """One JSON document for what could not be done."""
    error = {"message": message, "code": code, "details": details or {}}
    return _write({"json_version": _JSON_VERSION, "data": {"success": False}, "error": error})


def _write(document: JsonObject) -> str:
    return write_json(document).decode() + "\n"


def _write_hint(hint: CompositionHint) -> JsonObject:
    return {
        "message": hint.message,
        "code": hint.code,
        "level": hint.level.value,
        "nodes": [write_location(location) for location in hint.locations],
        "omittedNodesCount": 0,
    }


def _print(kind: str, finding: CompositionError | CompositionHint) -> None:
    print(f"{_paint(f'{kind}[{finding.code}]', kind)}: {finding.message}", file=sys.stderr)
    for place in finding.locations:
        told = f"{place.file}:{place.line}:{place.column}"
        print(
            f"  --> {told}{'' if place.file == place.subgraph else f' ({place.subgraph})'}", file=sys.stderr
        )


def _paint(text: str, kind: str | None = None) -> str:
    return paint(text, kind or text, sys.stderr)
