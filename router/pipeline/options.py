"""What can be set about a request's life."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from router.hooks.context import CLIENT_HEADERS
from router.planner.planner import PlannerOptions
from router.policy.options import (
    AuthorizationOptions,
    AutomaticQueryOptions,
    DemandOptions,
    JwtOptions,
    LimitOptions,
    PersistedOptions,
)

REQUEST_TIMEOUT_S = 30.0
"""Apollo Router's default for `traffic_shaping.router.timeout`."""

PLAN_CACHE_SIZE = 512
"""Apollo Router's default for `supergraph.query_planning.cache.in_memory.limit`."""


@dataclass(frozen=True, slots=True)
class PipelineOptions:
    """Everything about a request's life that can be set.

    Attributes:
        is_introspection_enabled: whether `__schema` and `__type` are answered.
        is_defer_supported: whether clients may defer.
        are_validation_errors_redacted: whether an operation that does not validate gets one error that says no more.
        are_unknown_fields_dropped: whether fields that no input object of the API has are logged and left out of
            variables; the request is refused otherwise.
        client_headers: in which headers clients say who they are, as `CLIENT_HEADERS`.
        timeout_s: seconds from the last byte of the request to the whole answer.
        apq: None if clients must send their documents.
        demand: None if costs are not reckoned.
        jwt: None if tokens are not read.
        warmed_up_queries: how many of the plans used last are made for a new generation before it serves; None for a
            third of the cache.
        planner: how planning is bounded.
        is_plan_exposed: whether the header `Apollo-Expose-Query-Plan` shows the plan.
    """

    is_introspection_enabled: bool = False
    is_defer_supported: bool = True
    are_validation_errors_redacted: bool = False
    are_unknown_fields_dropped: bool = False
    is_plan_exposed: bool = False
    are_mutations_forbidden: bool = False
    client_headers: Mapping[str, str] = field(default_factory=lambda: CLIENT_HEADERS)
    timeout_s: float = REQUEST_TIMEOUT_S
    plan_cache_size: int = PLAN_CACHE_SIZE
    warmed_up_queries: int | None = None
    planner: PlannerOptions = field(default_factory=PlannerOptions)
    jwt: JwtOptions | None = None
    authorization: AuthorizationOptions = field(default_factory=AuthorizationOptions)
    apq: AutomaticQueryOptions | None = field(default_factory=AutomaticQueryOptions)
    persisted: PersistedOptions = field(default_factory=PersistedOptions)
    demand: DemandOptions | None = None
    limits: LimitOptions = field(default_factory=LimitOptions)

    @property
    def is_suggesting(self) -> bool:
        """Whether errors suggest names of fields: that is an introspection by guessing."""
        return self.is_introspection_enabled and not self.authorization.is_introspection_filtered
