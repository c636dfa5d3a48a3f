"""The context's keys under the names that Apollo Router 1 had: what `context: true` and `deprecated` send."""

from router.coprocessor.options import ContextSelection
from router.kit.json import JsonObject

DEPRECATED = {
    "apollo::apq::cache_hit": "persisted_query_hit",
    "apollo::apq::registered": "persisted_query_register",
    "apollo::authentication::jwt_claims": "apollo_authentication::JWT::claims",
    "apollo::authorization::authentication_required": "apollo_authorization::authenticated::required",
    "apollo::authorization::required_policies": "apollo_authorization::policies::required",
    "apollo::authorization::required_scopes": "apollo_authorization::scopes::required",
    "apollo::demand_control::actual_cost": "cost.actual",
    "apollo::demand_control::estimated_cost": "cost.estimated",
    "apollo::demand_control::result": "cost.result",
    "apollo::demand_control::strategy": "cost.strategy",
    "apollo::expose_query_plan::enabled": "experimental::expose_query_plan.enabled",
    "apollo::progressive_override::labels_to_override": "apollo_override::labels_to_override",
    "apollo::progressive_override::unresolved_labels": "apollo_override::unresolved_labels",
    "apollo::supergraph::operation_kind": "operation_kind",
    "apollo::supergraph::operation_name": "operation_name",
    "apollo::telemetry::client_name": "apollo_telemetry::client_name",
    "apollo::telemetry::client_version": "apollo_telemetry::client_version",
}
_CURRENT = {old: new for new, old in DEPRECATED.items()}


def write_entries(entries: JsonObject, selection: ContextSelection) -> JsonObject:
    """The entries as they are sent."""
    chosen = {
        key: value
        for key, value in entries.items()
        if selection.selected is None or key in selection.selected
    }
    if not selection.is_deprecated:
        return chosen
    return {DEPRECATED.get(key, key): value for key, value in chosen.items()}


def read_entries(
    entries: JsonObject, sent: JsonObject, answered: JsonObject, selection: ContextSelection
) -> None:
    """Change `entries` as the coprocessor has answered: what it was `sent` and leaves out is deleted."""
    rename = _CURRENT if selection.is_deprecated else {}
    for key in sent:
        if key not in answered:
            entries.pop(rename.get(key, key), None)
    for key, value in answered.items():
        entries[rename.get(key, key)] = value
