"""What can be set about who may do what, and how much."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from router.kit.redis_options import RedisOptions

LEEWAY_S = 60.0
"""Apollo Router's, which cannot be changed there."""


class OnTokenError(StrEnum):
    """What a bad token means: no answer, or an anonymous caller."""

    ERROR = "Error"
    CONTINUE = "Continue"


class ErrorPlace(StrEnum):
    """Where the response says what was not permitted."""

    ERRORS = "errors"
    EXTENSIONS = "extensions"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class JwksSource:
    """One set of keys, and which tokens they are good for.

    Attributes:
        url: `http(s)://` or `file://`.
        issuers: accepted `iss`; empty for any.
        audiences: accepted `aud`; empty for any.
        algorithms: accepted algorithms; empty for every asymmetric one that fits the key, and HMAC
            only with keys of type `oct`.
        poll_interval_s: seconds after which the keys are fetched again.
        headers: sent with the fetch.
        allow_missing_exp: accept tokens that never end.
        leeway_s: how far the issuer's clock may be from ours.
    """

    url: str
    issuers: frozenset[str] = frozenset()
    audiences: frozenset[str] = frozenset()
    algorithms: frozenset[str] = frozenset()
    poll_interval_s: float = 60.0
    headers: tuple[tuple[str, str], ...] = ()
    allow_missing_exp: bool = False
    leeway_s: float = LEEWAY_S


@dataclass(frozen=True, slots=True)
class TokenSource:
    """Where a token may stand: a header with a prefix, or a cookie."""

    name: str
    value_prefix: str = "Bearer"
    is_cookie: bool = False


@dataclass(frozen=True, slots=True)
class JwtOptions:
    """Apollo's `authentication.router.jwt`; `sources` are asked in order, `header_name`'s first."""

    jwks: tuple[JwksSource, ...]
    sources: tuple[TokenSource, ...] = (TokenSource("authorization"),)
    ignore_other_prefixes: bool = False
    on_error: OnTokenError = OnTokenError.ERROR

    @property
    def header_names(self) -> frozenset[str]:
        """The headers in which tokens may stand, in lower case."""
        return frozenset(source.name.lower() for source in self.sources if not source.is_cookie)


@dataclass(frozen=True, slots=True)
class AuthorizationOptions:
    """Apollo's `authorization`, and the policies, which are ours.

    Attributes:
        scopes_claim: the claim that has the caller's scopes.
        is_introspection_filtered: whether introspection shows only what the caller may ask for.
        policies: for each policy the function that decides it, as `module:function`.
    """

    is_enabled: bool = True
    is_dry_run: bool = False
    is_unauthorized_rejected: bool = False
    is_logged: bool = True
    error_place: ErrorPlace = ErrorPlace.ERRORS
    require_authentication: bool = False
    scopes_claim: str = "scope"
    is_introspection_filtered: bool = False
    policies: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AutomaticQueryOptions:
    """Apollo's `apq`: how many texts are kept in memory, and where else."""

    memory_max: int = 512
    redis: RedisOptions | None = None


@dataclass(frozen=True, slots=True)
class PersistedOptions:
    """Apollo's `persisted_queries`.

    Attributes:
        manifests: the files that operations come from.
        is_safelist: whether no others are served.
        is_id_required: whether they must be asked for by their ids.
        is_unknown_logged: whether others are logged.
        is_hot_reloaded: whether the router reloads when a manifest changes.
        is_planned_at_start, is_planned_at_reload: whether plans are made before anybody asks for them.
    """

    is_enabled: bool = False
    manifests: tuple[Path, ...] = ()
    is_safelist: bool = False
    is_id_required: bool = False
    is_unknown_logged: bool = False
    is_hot_reloaded: bool = False
    is_planned_at_start: bool = False
    is_planned_at_reload: bool = True


@dataclass(frozen=True, slots=True)
class SubgraphDemand:
    """What one subgraph may be asked for at once.

    Attributes:
        list_size: how long lists are taken to be of which nothing is known.
        max: the highest estimated cost; None for any.
    """

    list_size: int
    max: float | None = None


@dataclass(frozen=True, slots=True)
class DemandOptions:
    """Apollo's `demand_control` with its strategy `static_estimated`.

    Attributes:
        is_enforced: whether operations that cost too much are refused; else they are only measured.
        max: the highest estimated cost.
        all: what holds for every subgraph that `subgraphs` does not have.
        is_counted_by_subgraph: whether the actual cost is counted in the subgraphs' answers, else in the response.
    """

    is_enforced: bool
    max: float
    all: SubgraphDemand
    subgraphs: Mapping[str, SubgraphDemand] = field(default_factory=dict)
    is_counted_by_subgraph: bool = True

    def of_subgraph(self, subgraph: str) -> SubgraphDemand:
        """What holds for `subgraph`."""
        return self.subgraphs.get(subgraph, self.all)


@dataclass(frozen=True, slots=True)
class LimitOptions:
    """Apollo's `limits`: bounds on one request; None for no bound.

    Attributes:
        max_depth: levels of fields.
        max_height: different fields, on all levels.
        max_repeats: ours; times that one place asks for the same field with the same arguments.
        is_introspection_depth_limited: whether `fields`, `interfaces`, `possibleTypes` and `inputFields` may stand in each
            other only twice.
        is_warning_only: log what exceeds one of the five limits on operations, and serve it.
    """

    http_max_request_bytes: int = 2_000_000
    parser_max_tokens: int = 15_000
    parser_max_recursion: int = 500
    max_depth: int | None = None
    max_height: int | None = None
    max_root_fields: int | None = None
    max_aliases: int | None = None
    max_repeats: int | None = 100
    is_introspection_depth_limited: bool = True
    is_warning_only: bool = False

    @property
    def measures_operations(self) -> bool:
        """Whether any of the limits on operations is set."""
        limits = (self.max_depth, self.max_height, self.max_root_fields, self.max_aliases, self.max_repeats)
        return any(limit is not None for limit in limits)
