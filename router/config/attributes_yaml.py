"""Attributes under `telemetry.instrumentation`, of spans, metrics and log lines: a selector, a plain value, or true and false."""

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

from router.config.connection_attributes import CONNECTION
from router.config.section import Section
from router.hooks.conditions import Condition, read_condition
from router.hooks.context import CLIENT_NAME, CLIENT_VERSION
from router.hooks.instrumentation import Attribute
from router.hooks.known import Known, Selector
from router.hooks.selectors import read_selector
from router.kit.did_you_mean import suggest
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


def _find_host(known: Known) -> JsonValue:
    """The name in the Host header, and the port if it is one. Spec: OpenTelemetry, HTTP server semantic conventions."""
    return _split_host(known)[0] or None


def _find_port(known: Known) -> JsonValue:
    port = _split_host(known)[1]
    return int(port) if port.isascii() and port.isdigit() else None


def _split_host(known: Known) -> tuple[str, str]:
    host = (known.request_headers or {}).get("host", "")
    name, separator, port = (host if isinstance(host, str) else host[0]).rpartition(":")
    return (name, port) if separator and "]" not in port else (f"{name}{separator}{port}", "")


def _find_length(known: Known) -> JsonValue:
    length = (known.request_headers or {}).get("content-length", "")
    return int(length) if isinstance(length, str) and length.isascii() and length.isdigit() else None


_SUBGRAPH: Mapping[str, JsonObject | Selector] = {
    "http.request.resend_count": {"subgraph_resend_count": True},
    "http.response.status_code": {"subgraph_response_status": "code"},
    "subgraph.graphql.document": {"subgraph_query": "string"},
    "subgraph.graphql.operation.name": {"subgraph_operation_name": "string"},
    "subgraph.graphql.operation.type": {"subgraph_operation_kind": "string"},
    "subgraph.name": {"subgraph_name": True},
}
STANDARD: Mapping[str, Mapping[str, JsonObject | Selector]] = {
    "router": {
        "client.name": {"request_context": CLIENT_NAME},
        "client.version": {"request_context": CLIENT_VERSION},
        "dd.trace_id": {"trace_id": "datadog"},
        "error.type": {"error": "reason"},
        "graphql.operation.name": _NAME,
        "graphql.operation.type": _KIND,
        "http.request.body.size": _find_length,
        "http.request.method": {"request_method": True},
        "http.response.body.size": lambda known: known.response_size,
        "http.response.status_code": {"response_status": "code"},
        "http.route": lambda known: known.path,
        "server.address": _find_host,
        "server.port": _find_port,
        "trace_id": {"trace_id": "open_telemetry"},
        "url.path": lambda known: known.path,
        "url.query": lambda known: known.query_string or None,
        "user_agent.original": {"request_header": "user-agent"},
        **CONNECTION,
    },
    "supergraph": {
        "graphql.document": {"query": "string"},
        "graphql.operation.name": _NAME,
        "graphql.operation.type": _KIND,
        **COSTS,
    },
    "subgraph": _SUBGRAPH,
    "http_client": {
        "http.request.method": {"request_method": True},
        "http.response.status_code": {"response_status": "code"},
        "subgraph.name": {"subgraph_name": True},
    },
    "graphql": {
        **FIELD,
        "graphql.list.length": {"list_length": "value"},
        "graphql.operation.name": _NAME,
    },
    "cache": _SUBGRAPH,
}
"""Standard attributes by stages, with what chooses their values."""

TOLD: Mapping[str, tuple[str, ...]] = {
    "supergraph": ("graphql.operation.name", "graphql.operation.type"),
    "subgraph": ("subgraph.name", "subgraph.graphql.operation.name", "http.response.status_code"),
}
"""What the standard lines about a stage say."""


def open_section(parent: Section, key: str, value: JsonValue) -> Section:
    """The section of names of the user's choice under `key`."""
    return Section(value, parent.name(key), parent.findings)


def read_attributes(section: Section, stage: str) -> tuple[Attribute, ...]:
    """Those under `attributes`."""
    given = section.raw("attributes", OBJECT)
    inner = open_section(section, "attributes", given)
    return tuple(found for name, value in inner.items() for found in read_named(inner, stage, name, value))


def read_named(section: Section, stage: str, name: str, value: JsonValue) -> Iterator[Attribute]:
    """The attribute `name`: a standard one that is switched on, maybe under another name, or one of the user's choice."""
    alias = value.get("alias") if isinstance(value, dict) and set(value) == {"alias"} else None
    if not isinstance(value, bool) and alias is None:
        yield from read_attribute(section, name, value)
    elif name in STANDARD[stage]:
        if value is not False:
            yield Attribute(alias or name, find_standard(stage, name))
    elif value is not False:
        meant = suggest(name, STANDARD[stage])
        section.warn(
            name, f"is no standard attribute here and left out: a selector can say what it is.{meant}"
        )


def find_standard(stage: str, name: str) -> Selector:
    """What chooses the value of a standard attribute."""
    form = STANDARD[stage][name]
    return form if callable(form) else read_selector(form)


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
