"""Attributes under `telemetry.instrumentation`, of spans, metrics and log lines: a selector, a plain value, or true and false."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from router.config.section import Section
from router.hooks.conditions import Condition, read_condition
from router.hooks.instrumentation import Attribute
from router.hooks.selectors import Known, Selector, read_selector
from router.kit.json import JsonObject, JsonValue

Result = TypeVar("Result")

OBJECT: JsonObject = {"type": "object", "additionalProperties": True}
"""Names are the user's, and what stands under them has several forms."""

_NAME: JsonObject = {"operation_name": "string"}
_KIND: JsonObject = {"operation_kind": "string"}
COSTS: Mapping[str, JsonObject] = {
    f"cost.{form}": {"cost": form} for form in ("estimated", "actual", "delta", "result")
}
"""Standard attributes of the stage `supergraph`, and but for the last one its standard metrics."""
FIELD: Mapping[str, JsonValue] = {
    "graphql.field.name": {"field_name": "string"},
    "graphql.field.type": {"field_type": "name"},
    "graphql.type.name": {"type_name": "string"},
}
STANDARD: Mapping[str, Mapping[str, JsonObject]] = {
    "router": {"trace_id": {"trace_id": "open_telemetry"}, "dd.trace_id": {"trace_id": "datadog"}},
    "supergraph": {
        "graphql.document": {"query": "string"},
        "graphql.operation.name": _NAME,
        "graphql.operation.type": _KIND,
        **COSTS,
    },
    "subgraph": {
        "http.response.status_code": {"subgraph_response_status": "code"},
        "http.request.resend_count": {"subgraph_resend_count": True},
    },
    "http_client": {},
    "graphql": {"graphql.list.length": {"list_length": "value"}, "graphql.operation.name": _NAME},
}
"""Standard attributes that spans have if they are to, or parts of a response."""

TOLD: Mapping[str, Mapping[str, JsonObject]] = {
    "supergraph": {"graphql.operation.name": _NAME, "graphql.operation.type": _KIND},
    "subgraph": {
        "subgraph.name": {"subgraph_name": True},
        "subgraph.graphql.operation.name": {"subgraph_operation_name": "string"},
        "http.response.status_code": {"subgraph_response_status": "code"},
    },
    "graphql": FIELD,
}
"""What the standard lines about a stage say, and the labels of its standard metrics."""


def open_section(parent: Section, key: str, value: JsonValue) -> Section:
    """The section of names of the user's choice under `key`."""
    return Section(value, parent.name(key), parent.findings)


def read_attributes(section: Section) -> tuple[Attribute, ...]:
    """Those under `attributes`."""
    given = section.raw("attributes", OBJECT)
    inner = open_section(section, "attributes", given)
    found: list[Attribute] = []
    for name, value in inner.items():
        standard = next((each[name] for each in (*STANDARD.values(), *TOLD.values()) if name in each), None)
        if isinstance(value, bool) and standard is not None:
            found += [Attribute(name, read_selector(standard))] if value else []
        else:
            found += read_attribute(inner, name, value)
    return tuple(found)


def read_attribute(section: Section, name: str, value: JsonValue) -> Iterator[Attribute]:
    """The attribute `name`; none if what stands under it is not understood, which is told."""
    form = dict(value) if isinstance(value, dict) else value
    given = form.pop("condition", None) if isinstance(form, dict) else None
    selector = read_part(section, name, lambda: read_selector(form))
    condition = read_part(section, f"{name}.condition", lambda: read_condition(given)) if given else None
    if selector is not None:
        yield Attribute(name, selector if condition is None else _under(condition, selector))


def _under(condition: Condition, selector: Selector) -> Selector:
    def find(known: Known) -> JsonValue:
        return selector(known) if condition(known) else None

    return find


def read_part(section: Section, key: str, read: Callable[[], Result]) -> Result | None:
    """What `read` gives; None, and a sentence for the user, if it raises ValueError."""
    try:
        return read()
    except ValueError as error:
        section.fail(key, f"is not understood: {error}")
    return None


def read_given_condition(section: Section) -> Condition | None:
    """The one under `condition`; None if there is none."""
    given = section.raw("condition")
    return None if given is None else read_part(section, "condition", lambda: read_condition(given))
