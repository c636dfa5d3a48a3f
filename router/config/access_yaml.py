"""`authentication` and `authorization`."""

from router.config.section import Section
from router.config.signing_yaml import read_signing
from router.executor.options import SigningOptions
from router.kit.http_headers import is_name, is_value
from router.kit.json import JsonObject
from router.policy.authentication import ALGORITHMS_BY_KEY_TYPE
from router.policy.options import (
    LEEWAY_S,
    AuthorizationOptions,
    ErrorPlace,
    JwksSource,
    JwtOptions,
    OnTokenError,
    TokenSource,
)

POLL_INTERVAL_S = 60.0
FUNCTIONS: JsonObject = {
    "type": "object",
    "additionalProperties": {"type": "string", "pattern": "^[^:]+:[^:]+$"},
}
ALGORITHMS = sorted(set().union(*ALGORITHMS_BY_KEY_TYPE.values()))


def read_authentication(section: Section) -> tuple[JwtOptions | None, SigningOptions]:
    """`authentication`: how tokens of clients are checked, None if no keys are named; and what subgraphs are shown."""
    router = section.section("router")
    jwt = router.section("jwt")
    is_configured = "jwt" in router
    options = _read_jwt(jwt) if is_configured else None
    signing = read_signing(section.section("subgraph"))
    section.accept_unsupported("connector")
    for each in (jwt, router, section):
        each.finish()
    return options, signing


def _read_jwt(section: Section) -> JwtOptions:
    header_name = section.text("header_name", "authorization").lower()
    sources = [TokenSource(header_name, _read_prefix(section, "header_value_prefix"))]
    for each in section.section_list("sources"):
        kind = each.choice("type", "header", ("header", "cookie"))
        name = each.text("name")
        if not name:
            each.fail("name", "is missing")
        prefix = _read_prefix(each, "value_prefix")
        name = name if kind == "cookie" else name.lower()
        sources.append(TokenSource(name, prefix, is_cookie=kind == "cookie"))
        each.finish()
    jwks = tuple(_read_jwks(each) for each in section.section_list("jwks"))
    if not jwks:
        section.fail("jwks", "must name at least one source of keys")
    return JwtOptions(
        jwks,
        tuple(sources),
        section.boolean("ignore_other_prefixes", default=False),
        OnTokenError(section.choice("on_error", "Error", tuple(OnTokenError))),
    )


def _read_prefix(section: Section, key: str) -> str:
    prefix = section.text(key, "Bearer")
    if prefix.split() != [prefix] and prefix:
        section.fail(key, "must have no white space: a space comes after it anyway")
    return prefix


def _read_jwks(section: Section) -> JwksSource:
    url = section.text("url")
    if not url.startswith(("http://", "https://", "file://")):
        section.fail("url", "must begin with http://, https:// or file://")
    algorithms = section.texts("algorithms")
    for algorithm in algorithms:
        if algorithm not in ALGORITHMS:
            section.fail("algorithms", f"has {algorithm}, which is none of {', '.join(ALGORITHMS)}")
    headers = []
    for header in section.section_list("headers"):
        name, value = header.text("name").lower(), header.text("value")
        if not is_name(name) or not is_value(value):
            header.fail("name", "and value must be those of a header")
        headers.append((name, value))
        header.finish()
    source = JwksSource(
        url=url,
        issuers=frozenset(section.texts("issuers")),
        audiences=frozenset(section.texts("audiences")),
        algorithms=frozenset(algorithms),
        poll_interval_s=section.duration_s("poll_interval", POLL_INTERVAL_S),
        headers=tuple(headers),
        allow_missing_exp=section.boolean("allow_missing_exp", default=False),
        leeway_s=section.duration_s("leeway", LEEWAY_S),
    )
    section.finish()
    return source


def read_authorization(section: Section) -> AuthorizationOptions:
    """`authorization`, with our `policies`: the function that decides each, as `module:function`."""
    directives = section.section("directives")
    errors = directives.section("errors")
    policies = {}
    names = section.raw("policies", FUNCTIONS)
    if names is not None and not isinstance(names, dict):
        section.fail("policies", "must be a mapping of policies to functions")
        names = None
    for name, function in (names or {}).items():
        if isinstance(function, str) and function.count(":") == 1:
            policies[str(name)] = function
        else:
            section.fail(f"policies.{name}", "must name a function as module:function")
    options = AuthorizationOptions(
        is_enabled=directives.boolean("enabled", default=True),
        is_dry_run=directives.boolean("dry_run", default=False),
        is_unauthorized_rejected=directives.boolean("reject_unauthorized", default=False),
        is_logged=errors.boolean("log", default=True),
        error_place=ErrorPlace(errors.choice("response", "errors", tuple(ErrorPlace))),
        require_authentication=section.boolean("require_authentication", default=False),
        scopes_claim=section.text("scopes_claim", "scope"),
        is_introspection_filtered=section.boolean("filter_introspection", default=False),
        policies=policies,
    )
    for each in (errors, directives, section):
        each.finish()
    return options
