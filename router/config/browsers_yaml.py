"""What concerns browsers: `cors`, `csrf`."""

from router.config.section import Section
from router.kit.patterns import Pattern, PatternError
from router.server.options import CSRF_HEADERS, CorsOptions, CorsPolicy, CsrfOptions

METHODS = ("GET", "POST", "OPTIONS")


def read_csrf(section: Section) -> CsrfOptions:
    """`csrf`."""
    options = CsrfOptions(
        is_enabled=not section.boolean("unsafe_disabled", default=False),
        required_headers=tuple(name.lower() for name in section.texts("required_headers", CSRF_HEADERS)),
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
        allow_headers=section.texts("allow_headers"),
        expose_headers=section.texts("expose_headers"),
        methods=section.texts("methods", METHODS),
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
    policy = CorsPolicy(
        origins=tuple(origin.rstrip("/") for origin in origins),
        match_origins=tuple(patterns),
        allow_credentials=section.boolean("allow_credentials", default=common.allow_credentials),
        allow_headers=section.texts("allow_headers", common.allow_headers),
        expose_headers=section.texts("expose_headers", common.expose_headers),
        methods=section.texts("methods", common.methods),
        max_age_s=common.max_age_s if own_age_s is None else own_age_s,
    )
    section.accept_unsupported("private_network_access")
    section.finish()
    return policy


def _read_max_age(section: Section) -> int | None:
    age_s = section.optional_duration_s("max_age")
    return None if age_s is None else int(age_s)
