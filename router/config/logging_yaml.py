"""`telemetry.exporters.logging`: log lines, how they look and how many there may be."""

from collections.abc import Iterable

from router.config.attributes_yaml import open_section
from router.config.section import Section
from router.kit.json import JsonObject
from router.telemetry.options import LINE_PARTS, TRACE_ID_FORMATS, LineForm, LineLimit, LogOptions

FORM: JsonObject = {
    "anyOf": [
        {"enum": ["json", "text"]},
        {"type": "object", "additionalProperties": True, "minProperties": 1, "maxProperties": 1},
    ]
}
HIDDEN = ("filename", "line_number")
"""Parts of a line that are not there unless they are asked for."""

NOT_THERE = (
    "ansi_escape_codes",
    "display_current_span",
    "display_service_name",
    "display_service_namespace",
    "display_span_list",
    "display_thread_id",
    "display_thread_name",
)
"""What lines here do not have, whatever is said of it."""


def read_logging(section: Section) -> LogOptions:
    """All of it."""
    stdout, common = section.section("stdout"), section.section("common")
    resource, name = common.section("resource"), common.text("service_name")
    told = {
        **resource.strings(),
        **({"service.name": name} if name else {}),
        **({"service.namespace": space} if (space := common.text("service_namespace")) else {}),
    }
    options = LogOptions(
        is_enabled=stdout.boolean("enabled", default=True),
        form=_read_form(stdout, "format"),
        terminal_form=_read_form(stdout, "tty_format"),
        resource=tuple(told.items()),
        limit=_read_limit(stdout.section("rate_limit")),
    )
    for each in (resource, common, stdout, section):
        each.finish()
    return options


def _read_limit(section: Section) -> LineLimit | None:
    is_enabled = section.boolean("enabled", default=False)
    limit = LineLimit(section.positive("capacity", 1), section.duration_s("interval", 1.0))
    section.finish()
    return limit if is_enabled else None


def _read_form(section: Section, key: str) -> LineForm | None:
    """`json`, `text`, or a mapping of one of them to what its lines show."""
    form = section.raw(key, FORM)
    if form is None:
        return None
    name, given = next(iter(form.items()), ("", None)) if isinstance(form, dict) else (form, None)
    if name not in ("json", "text") or (isinstance(form, dict) and len(form) > 1):
        section.fail(key, "must be json or text")
        return None
    inner = open_section(open_section(section, key, form if isinstance(form, dict) else {}), name, given)
    shown = frozenset(_list_shown(inner, LINE_PARTS))
    trace_id = inner.raw("display_trace_id", default=True)
    id_form = trace_id if isinstance(trace_id, str) else TRACE_ID_FORMATS[0]
    if id_form not in TRACE_ID_FORMATS or not isinstance(trace_id, str | bool | None):
        inner.fail("display_trace_id", f"must be true, false or one of {', '.join(TRACE_ID_FORMATS)}")
    inner.accept_ignored(*NOT_THERE)
    if inner.raw("span_attributes"):
        without = "a line has its trace's id, and the span has its attributes"
        inner.warn("span_attributes", f"is not supported yet and has no effect: {without}")
    inner.finish()
    return LineForm(name == "json", shown if trace_id is False else shown | {"trace_id"}, id_form)


def _list_shown(section: Section, parts: Iterable[str]) -> Iterable[str]:
    for part in parts:
        if section.boolean(f"display_{part}", default=part not in HIDDEN):
            yield part
