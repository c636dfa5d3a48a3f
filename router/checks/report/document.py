"""The report for programs: one JSON document in Rover's form, with more in it."""

from router.checks.changes import Change
from router.checks.check import Check
from router.checks.exports import StaleSchema
from router.checks.operations import OperationCheck
from router.checks.report.words import list_reasons, summarize
from router.composition.report import CompositionError, Location
from router.kit.json import JsonObject

_JSON_VERSION = "1"
# Rover's codes: subgraphs that do not compose; changes that a check refuses.
_BUILD_FAILED = "E029"
_CHECK_FAILED = "E030"


def build_document(check: Check) -> JsonObject:
    """The report; `error` is null where it is safe to publish."""
    if check.errors:
        details: JsonObject = {"build_errors": [write_error(error) for error in check.errors]}
        data: JsonObject = {"success": False}
        return _wrap(data, {"message": summarize(check), "code": _BUILD_FAILED, "details": details})
    data = {
        "success": check.is_safe,
        "result": "PASS" if check.is_safe else "FAIL",
        "failure_count": len(check.harmful),
        "operation_check_count": len(check.operations or ()),
        "changes": [_write_change(change) for change in check.changes],
        "subgraphs": {
            each.name: [_write_change(change) for change in each.changes] for each in check.subgraphs
        },
        "operations": None
        if check.operations is None
        else [_write_operation(each) for each in check.operations],
        "stale": [_write_stale(stale) for stale in check.stale],
        "hints": [{"code": hint.code, "message": hint.message} for hint in check.hints],
    }
    error = None if check.is_safe else {"message": summarize(check), "code": _CHECK_FAILED, "details": {}}
    return _wrap(data, error)


def _wrap(data: JsonObject, error: JsonObject | None) -> JsonObject:
    return {"json_version": _JSON_VERSION, "data": data, "error": error}


def _write_change(change: Change) -> JsonObject:
    return {
        "severity": "FAIL" if change.is_harmful else "PASS",
        "criticality": change.criticality.value,
        "code": change.kind.value,
        "coordinate": change.coordinate,
        "description": change.message,
        "subgraphs": list(change.subgraphs),
        "operations": None if change.operations is None else list(change.operations),
        "nodes": [write_location(location) for location in change.locations],
    }


def _write_operation(operation: OperationCheck) -> JsonObject:
    return {
        "name": operation.name,
        "source": operation.file,
        "line": operation.line,
        "broken": operation.is_broken,
        "valid_before": operation.was_valid,
        "reasons": list(list_reasons(operation)),
    }


def _write_stale(stale: StaleSchema) -> JsonObject:
    return {
        "subgraph": stale.subgraph,
        "source": stale.file,
        "line": stale.line,
        "difference": list(stale.difference),
    }


def write_error(error: CompositionError) -> JsonObject:
    """What does not compose, in Rover's form."""
    nodes = [write_location(location) for location in error.locations]
    return {"message": error.message, "code": error.code, "type": "composition", "nodes": nodes}


def write_location(location: Location) -> JsonObject:
    """A place in a subgraph's schema, in Rover's form."""
    start = {"line": location.line, "column": location.column}
    return {"subgraph": location.subgraph, "source": location.file, "start": start}
