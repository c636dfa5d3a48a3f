"""`coprocessor`."""

from router.config.section import Section
from router.coprocessor.options import TIMEOUT_S, ContextSelection, CoprocessorOptions, StageOptions
from router.hooks.conditions import Condition, read_condition
from router.kit.json import JsonObject

_COMMON = ("headers", "body")
SCHEMES = ("http://", "https://", "unix:///")
WRONG_URL = "must begin with http://, https:// or unix:///"
SELECTIVE: JsonObject = {
    "type": "object",
    "properties": {"selective": {"type": "array", "items": {"type": "string"}}},
    "additionalProperties": False,
}
CONTEXT: JsonObject = {"anyOf": [{"type": "boolean"}, {"enum": ["all", "deprecated"]}, SELECTIVE]}
PARTS = {
    "router_request": (*_COMMON, "sdl", "path", "method"),
    "router_response": (*_COMMON, "sdl", "status_code"),
    "supergraph_request": (*_COMMON, "sdl", "method"),
    "supergraph_response": (*_COMMON, "sdl", "status_code"),
    "execution_request": (*_COMMON, "sdl", "method", "query_plan"),
    "execution_response": (*_COMMON, "sdl", "status_code"),
    "subgraph_request": (*_COMMON, "uri", "method", "service_name", "subgraph_request_id"),
    "subgraph_response": (*_COMMON, "status_code", "service_name", "subgraph_request_id"),
}


def read_coprocessor(root: Section) -> CoprocessorOptions | None:
    """`coprocessor`; None if there is none."""
    section = root.section("coprocessor")
    if "coprocessor" not in root:
        return None
    url = section.text("url")
    if not url.startswith(SCHEMES):
        section.fail("url", WRONG_URL)
    stages: dict[str, StageOptions] = {}
    subgraph = section.section("subgraph")
    sections = {name: section.section(name) for name in ("router", "supergraph", "execution")}
    sections["subgraph"] = subgraph.section("all")
    for name, each in sections.items():
        for kind in ("request", "response"):
            inner = each.section(kind)
            if kind in each:
                stages[f"{name}_{kind}"] = _read_stage(inner, PARTS[f"{name}_{kind}"])
        each.finish()
    subgraph.finish()
    section.accept_unsupported("client", "connector")
    options = CoprocessorOptions(
        url=url,
        timeout_s=section.duration_s("timeout", TIMEOUT_S),
        stages=stages,
        is_response_validated=section.boolean("response_validation", default=True),
    )
    section.finish()
    return options


def _read_stage(section: Section, parts: tuple[str, ...]) -> StageOptions:
    selected = frozenset(part for part in parts if section.boolean(part, default=False))
    url = section.text("url")
    if url and not url.startswith(SCHEMES):
        section.fail("url", WRONG_URL)
    options = StageOptions(selected, _read_context(section), _read_condition(section), url)
    section.finish()
    return options


def _read_context(section: Section) -> ContextSelection | None:
    value = section.raw("context", CONTEXT, default=False)
    if value is None or value is False:
        return None
    if value is True or value == "deprecated":
        return ContextSelection(is_deprecated=True)
    if value == "all":
        return ContextSelection()
    if isinstance(value, dict):
        inner = section.section("context")
        selected = inner.texts("selective")
        inner.finish()
        return ContextSelection(selected=frozenset(selected))
    section.fail("context", "must be true, false, all, deprecated or a mapping selective: [...]")
    return None


def _read_condition(section: Section) -> Condition | None:
    value = section.raw("condition")
    if value is None:
        return None
    try:
        return read_condition(value)
    except ValueError as error:
        section.fail("condition", f"is not understood: {error}")
        return None
