"""What concerns the exchange with subgraphs: `headers`, `traffic_shaping`, `include_subgraph_errors`."""

import re

from router.config.section import Section
from router.executor.headers import (
    HeaderOptions,
    HeaderRule,
    InsertHeader,
    PropagateMatching,
    PropagateNamed,
    RemoveHeader,
)
from router.executor.options import (
    ErrorExposure,
    ErrorExposureOptions,
    Http2,
    SubgraphTraffic,
    TrafficOptions,
)
from router.kit.content_encoding import ENCODINGS
from router.kit.json import JsonObject
from router.pipeline.options import REQUEST_TIMEOUT_S
from router.server.options import DedupeOptions

IDENTITY = "identity"

DEDUPED_HEADERS: JsonObject = {
    "anyOf": [
        {"enum": ["all", "none"]},
        {
            "type": "object",
            "properties": {"include": {"type": "array", "items": {"type": "string"}}},
            "additionalProperties": False,
        },
    ]
}

UNSUPPORTED_SUBGRAPH_TRAFFIC = (
    "global_rate_limit",
    "experimental_http2_keep_alive_interval",
    "experimental_http2_keep_alive_timeout",
    "dns_resolution_strategy",
)


def read_headers(section: Section) -> HeaderOptions:
    """`headers`."""
    all_subgraphs = section.section("all")
    rules = _read_rules(all_subgraphs)
    by_subgraph = {}
    for name, each in section.sections("subgraphs").items():
        by_subgraph[name] = _read_rules(each)
        each.finish()
    section.accept_unsupported("connector")
    all_subgraphs.finish()
    section.finish()
    return HeaderOptions(rules, by_subgraph)


def _read_rules(section: Section) -> tuple[HeaderRule, ...]:
    readers = {"propagate": _read_propagate, "remove": _read_remove, "insert": _read_insert}
    rules: list[HeaderRule] = []
    for each in section.section_list("request"):
        kinds = [kind for kind in readers if kind in each]
        if len(kinds) != 1:
            section.fail("request", "must have one of propagate, remove, insert in each rule")
        for kind, read in readers.items():
            inner = each.section(kind)
            rule = read(inner) if kind in kinds else None
            if rule is not None:
                rules.append(rule)
            inner.finish()
        each.finish()
    return tuple(rules)


def _read_propagate(section: Section) -> HeaderRule | None:
    is_matching = "matching" in section
    matching = section.pattern("matching")
    named, rename = section.text("named").lower(), section.text("rename").lower() or None
    has_default, default = "default" in section, section.text("default")
    if is_matching:
        if named or rename or has_default:
            section.fail("matching", "takes whole names, so it cannot go with named, rename or default")
        return PropagateMatching(matching) if matching else None
    if not named:
        section.fail("named", "is missing")
    return PropagateNamed(named, rename, default if has_default else None)


def _read_remove(section: Section) -> HeaderRule | None:
    named, matching = section.text("named").lower(), section.pattern("matching")
    if named:
        matching = re.compile(re.escape(named))
    if matching is None:
        section.fail("named", "is missing")
        return None
    return RemoveHeader(matching)


def _read_insert(section: Section) -> HeaderRule | None:
    name = section.text("name").lower()
    if not name:
        section.fail("name", "is missing")
    is_computed = "from_context" in section or "path" in section
    section.accept_unsupported("from_context", "path", "default")
    value = section.text("value")
    return None if is_computed else InsertHeader(name, value)


def read_traffic(section: Section) -> tuple[float, DedupeOptions, TrafficOptions]:
    """`traffic_shaping`: the seconds for a whole request, whether such are shared, and what holds for single fetches."""
    router = section.section("router")
    timeout_s = router.duration_s("timeout", REQUEST_TIMEOUT_S)
    dedupe = _read_dedupe(router.section("dedupe"))
    router.accept_unsupported("global_rate_limit", "concurrency_limit")
    all_subgraphs = section.section("all")
    for_all = _read_subgraph_traffic(all_subgraphs, SubgraphTraffic())
    by_subgraph = {}
    for name, each in section.sections("subgraphs").items():
        by_subgraph[name] = _read_subgraph_traffic(each, for_all)
        each.finish()
    # It has no effect in Apollo Router either: representations are always sent once.
    section.accept_ignored("deduplicate_variables")
    section.accept_unsupported("connector")
    for part in (router, all_subgraphs, section):
        part.finish()
    return timeout_s, dedupe, TrafficOptions(for_all, by_subgraph)


def _read_dedupe(section: Section) -> DedupeOptions:
    """Hive Router's `traffic_shaping.router.dedupe`: `headers` is `all`, `none`, or a mapping `include: [...]`."""
    value = section.raw("headers", DEDUPED_HEADERS)
    headers: frozenset[str] | None = None
    if isinstance(value, dict):
        inner = section.section("headers")
        headers = frozenset(name.lower() for name in inner.texts("include"))
        inner.finish()
    elif section.choice("headers", "all", ("all", "none")) == "none":
        headers = frozenset()
    is_enabled = section.boolean("enabled", default=False)
    section.finish()
    return DedupeOptions(is_enabled, headers)


def _read_subgraph_traffic(section: Section, inherited: SubgraphTraffic) -> SubgraphTraffic:
    section.accept_unsupported(*UNSUPPORTED_SUBGRAPH_TRAFFIC)
    encoding = section.choice("compression", inherited.encoding or IDENTITY, (IDENTITY, *ENCODINGS))
    return SubgraphTraffic(
        timeout_s=section.duration_s("timeout", inherited.timeout_s),
        connection_idle_s=section.duration_s("pool_idle_timeout", inherited.connection_idle_s),
        http2=Http2(section.choice("experimental_http2", inherited.http2, list(Http2))),
        is_deduplicated=section.boolean("deduplicate_query", default=inherited.is_deduplicated),
        proxy=section.text("proxy") or inherited.proxy,
        encoding=None if encoding == IDENTITY else encoding,
    )


def read_error_exposure(section: Section) -> ErrorExposureOptions:
    """`include_subgraph_errors`."""
    has_error_id = section.boolean("error_id", default=False)
    for_all = _read_exposure(section, "all", ErrorExposure())
    by_subgraph = {}
    subgraphs = section.section("subgraphs")
    for name in section.names("subgraphs"):
        by_subgraph[name] = _read_exposure(subgraphs, name, for_all)
    subgraphs.finish()
    section.finish()
    return ErrorExposureOptions(for_all, by_subgraph, has_error_id)


def _read_exposure(section: Section, key: str, inherited: ErrorExposure) -> ErrorExposure:
    """What holds for all, or for one subgraph: then the lists go on from those for all, but for what it excludes."""
    inner = section.switch(key)
    if inner is None:
        return inherited
    if isinstance(inner, bool):
        return ErrorExposure(is_included=inner)
    has_allowed, has_denied = "allow_extensions_keys" in inner, "deny_extensions_keys" in inner
    allowed = frozenset(inner.texts("allow_extensions_keys"))
    denied = frozenset(inner.texts("deny_extensions_keys"))
    excluded = frozenset(inner.texts("exclude_global_keys"))
    is_redacted = inner.boolean("redact_message", default=inherited.is_message_redacted)
    if has_allowed and has_denied:
        inner.fail("allow_extensions_keys", "cannot go with deny_extensions_keys")
    inner.finish()
    all_allowed = None if inherited.allowed_keys is None else inherited.allowed_keys - excluded
    if has_allowed:
        all_allowed = (all_allowed or frozenset()) | allowed
    # What a subgraph allows by name is shown although it is denied for all.
    all_denied = (inherited.denied_keys - excluded - allowed) | denied
    return ErrorExposure(
        is_included=True, is_message_redacted=is_redacted, allowed_keys=all_allowed, denied_keys=all_denied
    )
