"""What concerns browsers: `cors`, `csrf`."""

import re

from router.config.section import Section
from router.kit.http_headers import is_name
from router.kit.patterns import Pattern, PatternError
from router.server.options import CSRF_HEADERS, CorsOptions, CorsPolicy, CsrfOptions

ACCESS_ID = re.compile(r"[0-9A-Fa-f]{2}(:[0-9A-Fa-f]{2}){5}")
ACCESS_NAME = re.compile(r"[a-z0-9_\-.]{1,248}")
METHODS = ("GET", "POST", "OPTIONS")
OPAQUE = "null"
"""The origin that any page can give a frame in it."""


def read_csrf(section: Section) -> CsrfOptions:
    """`csrf`."""
    options = CsrfOptions(
        is_enabled=not section.boolean("unsafe_disabled", default=False),
        required_headers=tuple(
            name.lower() for name in _read_names(section, "required_headers", CSRF_HEADERS)
        ),
    )
    section.finish()
    return options


def read_cors(section: Section) -> CorsOptions:
    """`cors`: settings of the whole hold for policies that do not say otherwise."""
    allow_credentials = section.boolean("allow_credentials", default=False)
    is_any_allowed = section.boolean("allow_any_origin", default=False)
    if is_any_allowed and allow_credentials:
        section.fail(
            "allow_any_origin", "cannot go with allow_credentials: any page could act for its visitor"
        )
    common = CorsPolicy(
        allow_credentials=allow_credentials,
        allow_headers=_read_names(section, "allow_headers"),
        expose_headers=_read_names(section, "expose_headers"),
        methods=_read_names(section, "methods", METHODS),
        max_age_s=_read_max_age(section),
    )
    has_policies = "policies" in section or section.raw("policies") == []
    policies = tuple(_read_policy(each, common) for each in section.section_list("policies"))
    section.finish()
    any_origin = common if is_any_allowed else None
    return CorsOptions(any_origin, policies) if has_policies or is_any_allowed else CorsOptions()


def _read_policy(section: Section, common: CorsPolicy) -> CorsPolicy:
    patterns = []
    for text in section.texts("match_origins"):
        try:
            patterns.append(Pattern(text))
        except PatternError as error:
            section.fail("match_origins", f"has no regular expression: {error}")
    origins = section.texts("origins")
    if "*" in origins:
        section.fail("origins", "cannot hold *; set cors.allow_any_origin instead")
    own_age_s = _read_max_age(section)
    allow_credentials = section.boolean("allow_credentials", default=common.allow_credentials)
    if allow_credentials and any(pattern.fullmatch(OPAQUE) for pattern in patterns):
        section.warn(
            "match_origins", "matches any page, which could act for its visitor with allow_credentials"
        )
    policy = CorsPolicy(
        origins=tuple(origin.rstrip("/") for origin in origins),
        match_origins=tuple(patterns),
        allow_credentials=allow_credentials,
        allow_headers=_read_names(section, "allow_headers", common.allow_headers),
        expose_headers=_read_names(section, "expose_headers", common.expose_headers),
        methods=_read_names(section, "methods", common.methods),
        max_age_s=common.max_age_s if own_age_s is None else own_age_s,
        private_network=_read_private_network(section),
    )
    section.finish()
    return policy


def _read_names(section: Section, key: str, default: tuple[str, ...] = ()) -> tuple[str, ...]:
    """Names of headers or methods, which are written alike. Spec: RFC 9110, 5.6.2 Tokens."""
    names = section.texts(key, default)
    for name in names:
        if not is_name(name):
            section.fail(key, f"has {name!r}, which is no name")
    return names


def _read_private_network(parent: Section) -> tuple[tuple[str, str], ...] | None:
    section = parent.section("private_network_access")
    given = {"private-network-access-id": section.text("access_id")}
    given["private-network-access-name"] = section.text("access_name")
    if given["private-network-access-id"] and not ACCESS_ID.fullmatch(given["private-network-access-id"]):
        section.fail("access_id", "must be six pairs of hexadecimal digits: 01:23:45:67:89:0A")
    if given["private-network-access-name"] and not ACCESS_NAME.fullmatch(
        given["private-network-access-name"]
    ):
        section.fail("access_name", "must be 1 to 248 of a-z, 0-9, _, -, .")
    section.finish()
    if "private_network_access" not in parent:
        return None
    return tuple((name, value) for name, value in given.items() if value)


def _read_max_age(section: Section) -> int | None:
    age_s = section.optional_duration_s("max_age")
    return None if age_s is None else int(age_s)
