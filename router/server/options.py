"""What can be set about the HTTP side."""

import re
from dataclasses import dataclass, field
from pathlib import Path

APOLLO_STUDIO = "https://studio.apollographql.com"

CSRF_HEADERS = ("x-apollo-operation-name", "apollo-require-preflight")
BODY_BYTES_MAX = 2_000_000


@dataclass(frozen=True, slots=True)
class CorsPolicy:
    """What browsers on some other origins may do.

    Attributes:
        origins: exact origins.
        match_origins: expressions that an origin must match whole.
        allow_headers: empty to allow whatever the browser asks for.
        max_age_s: seconds that a browser may remember; None to leave it to the browser.
    """

    origins: tuple[str, ...] = ()
    match_origins: tuple[re.Pattern[str], ...] = ()
    allow_credentials: bool = False
    allow_headers: tuple[str, ...] = ()
    expose_headers: tuple[str, ...] = ()
    methods: tuple[str, ...] = ("GET", "POST", "OPTIONS")
    max_age_s: int | None = None

    def is_for(self, origin: str) -> bool:
        """Whether the policy speaks of `origin`."""
        return origin in self.origins or any(each.fullmatch(origin) for each in self.match_origins)


@dataclass(frozen=True, slots=True)
class CorsOptions:
    """Apollo's `cors`: the first policy that names the origin holds.

    Attributes:
        any_origin: the policy for every origin, None if only those of `policies` are allowed.
    """

    any_origin: CorsPolicy | None = None
    policies: tuple[CorsPolicy, ...] = (CorsPolicy(origins=(APOLLO_STUDIO,)),)

    def find_policy(self, origin: str) -> CorsPolicy | None:
        """The policy for requests from pages of `origin`."""
        for policy in self.policies:
            if policy.is_for(origin):
                return policy
        return self.any_origin


@dataclass(frozen=True, slots=True)
class CsrfOptions:
    """Apollo's `csrf`."""

    is_enabled: bool = True
    required_headers: tuple[str, ...] = CSRF_HEADERS


@dataclass(frozen=True, slots=True)
class HealthOptions:
    """Apollo's `health_check`.

    Attributes:
        listen: a host and port of its own; None to answer beside GraphQL.
    """

    is_enabled: bool = True
    path: str = "/health"
    listen: str | None = None


@dataclass(frozen=True, slots=True)
class ServerOptions:
    """Everything about the HTTP side that can be set.

    Attributes:
        path: where GraphQL is served.
        studio: the folder of the built studio; None to show no page to browsers.
    """

    listen: str = "127.0.0.1:4000"
    path: str = "/"
    body_bytes_max: int = BODY_BYTES_MAX
    studio: Path | None = None
    cors: CorsOptions = field(default_factory=CorsOptions)
    csrf: CsrfOptions = field(default_factory=CsrfOptions)
    health: HealthOptions = field(default_factory=HealthOptions)
