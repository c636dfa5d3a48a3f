"""`headers`: what subgraphs are sent, under `request`, and what clients are, under `response`, which is ours."""

from collections.abc import Callable
from typing import TypeVar

from router.config.section import Section
from router.executor.headers import (
    RESERVED,
    HeaderOptions,
    HeaderRule,
    InsertFromBody,
    InsertFromContext,
    InsertHeader,
    PropagateMatching,
    PropagateNamed,
    RemoveHeader,
)
from router.executor.response_headers import (
    Algorithm,
    PropagateResponse,
    ResponseHeaderOptions,
    ResponseRule,
)
from router.kit.http_headers import FRAMING, REPEATED, is_name, is_value
from router.kit.json_path import read_json_path

Rule = TypeVar("Rule")
Read = Callable[[Section], Rule | None]


def read_headers(section: Section) -> tuple[HeaderOptions, ResponseHeaderOptions]:
    """`headers`."""
    all_subgraphs = section.section("all")
    requests, responses = _read_request(all_subgraphs), _read_response(all_subgraphs)
    all_subgraphs.finish()
    requests_of, responses_of = {}, {}
    for name, each in section.sections("subgraphs").items():
        requests_of[name] = _read_request(each)
        found = _read_response(each)
        if found:
            responses_of[name] = found
        each.finish()
    section.accept_unsupported("connector")
    section.finish()
    return HeaderOptions(requests, requests_of), ResponseHeaderOptions(responses, responses_of)


def _read_request(section: Section) -> tuple[HeaderRule, ...]:
    readers: dict[str, Read[HeaderRule]] = {
        "propagate": _read_propagate,
        "remove": _read_remove,
        "insert": _read_insert,
    }
    return _read_rules(section, "request", readers)


def _read_response(section: Section) -> tuple[ResponseRule, ...]:
    readers: dict[str, Read[ResponseRule]] = {
        "propagate": _read_propagate_response,
        "remove": _read_remove,
        "insert": _read_insert_value,
    }
    return _read_rules(section, "response", readers)


def _read_rules(section: Section, key: str, readers: dict[str, Read[Rule]]) -> tuple[Rule, ...]:
    rules: list[Rule] = []
    for each in section.section_list(key):
        kinds = [kind for kind in readers if kind in each]
        if len(kinds) != 1:
            section.fail(key, f"must have one of {', '.join(readers)} in each rule")
        for kind, read in readers.items():
            inner = each.section(kind)
            rule = read(inner) if kind in kinds else None
            if rule is not None:
                rules.append(rule)
            inner.finish()
        each.finish()
    return tuple(rules)


def _read_propagate(section: Section) -> HeaderRule | None:
    is_matching, matching = "matching" in section, section.pattern("matching")
    named = _read_optional_name(section, "named")
    rename, default = _read_optional_name(section, "rename"), _read_value(section, "default")
    if is_matching:
        if named or rename or default is not None:
            section.fail("matching", "takes whole names, so it cannot go with named, rename or default")
        return PropagateMatching(matching) if matching else None
    if (rename or named) in RESERVED:
        section.warn(
            "named", f"has no effect: {rename or named} is of one connection or one body, and never passed on"
        )
    return PropagateNamed(_require(section, "named", named), rename, default)


def _read_remove(section: Section) -> RemoveHeader | None:
    is_matching, matching = "matching" in section, section.pattern("matching")
    named = _read_optional_name(section, "named")
    if is_matching:
        return RemoveHeader(matching=matching) if matching else None
    return RemoveHeader(_require(section, "named", named))


def _read_insert(section: Section) -> HeaderRule | None:
    given = [key for key in ("value", "from_context", "path") if key in section]
    name, value, default = (
        _read_name(section, "name"),
        _read_value(section, "value"),
        _read_value(section, "default"),
    )
    context_key, path = section.text("from_context"), section.text("path")
    if len(given) != 1:
        section.fail("value", "or from_context or path must be given, and one of them alone")
        return None
    if given == ["from_context"]:
        return InsertFromContext(name, context_key)
    if given == ["value"]:
        return InsertHeader(name, value or "")
    try:
        return InsertFromBody(name, read_json_path(path), default)
    except ValueError as error:
        section.fail("path", f"is not understood: {error}")
        return None


def _read_insert_value(section: Section) -> ResponseRule | None:
    return InsertHeader(_read_name(section, "name"), _read_value(section, "value") or "")


def _read_propagate_response(section: Section) -> ResponseRule | None:
    is_matching, matching = "matching" in section, section.pattern("matching")
    given = _read_optional_name(section, "named")
    named = "" if is_matching else _require(section, "named", given)
    default = Algorithm.APPEND if named in REPEATED else Algorithm.LAST
    rule = PropagateResponse(
        algorithm=Algorithm(section.choice("algorithm", default, tuple(Algorithm))),
        named=named,
        matching=matching,
        rename=_read_optional_name(section, "rename"),
        default=_read_value(section, "default"),
    )
    if is_matching and (given or rule.rename or rule.default is not None):
        section.fail("matching", "takes whole names, so it cannot go with named, rename or default")
    return rule if named or matching else None


def _require(section: Section, key: str, name: str | None) -> str:
    if not name:
        section.fail(key, "is missing")
    return name or ""


def _read_name(section: Section, key: str) -> str:
    return _require(section, key, _read_optional_name(section, key))


def _read_optional_name(section: Section, key: str) -> str | None:
    name = section.text(key).lower()
    if not name:
        return None
    if not is_name(name):
        section.fail(key, "is no name of a header")
    elif key != "named" and name in FRAMING | {"content-type", "host"}:
        section.fail(key, f"cannot be {name}, which is the connection's own")
    return name


def _read_value(section: Section, key: str) -> str | None:
    value = section.text(key)
    if key not in section:
        return None
    if not is_value(value):
        section.fail(key, "is no value of a header")
    return value
