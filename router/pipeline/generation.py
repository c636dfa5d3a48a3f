"""Everything that is derived from one supergraph and one configuration.

A request uses one generation from its first stage to its last. A reload builds a new one beside the
old and swaps them as a whole; nothing of a generation is ever changed.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeAlias, TypeVar

from graphql import GraphQLSchema

from router.executor.execute import Executor
from router.executor.options import SubgraphSwitch
from router.executor.response_cache.layer import ResponseCache
from router.executor.response_headers import HeaderCollector
from router.executor.transport import SubgraphTransport
from router.hooks.chain import HookChain
from router.kit.json import JsonValue
from router.pipeline.automatic_queries import QueryStore
from router.pipeline.caches import OperationCaches
from router.pipeline.costs import DemandControl
from router.pipeline.deadline import Deadlines
from router.pipeline.options import PipelineOptions
from router.pipeline.request import RequestContext, Response
from router.planner.planner import Planner
from router.policy.authentication import VerificationKey
from router.policy.persisted_operations import PersistedOperations
from router.supergraph.access import AccessRules
from router.telemetry.operations import Counted, Flags
from router.telemetry.options import CustomInstrument

Claims: TypeAlias = Mapping[str, JsonValue]

PolicyFunction: TypeAlias = Callable[[Claims], Awaitable[bool]]
"""Decides one policy by the caller's claims; an anonymous caller has none."""


Result = TypeVar("Result")


def leave_uncounted(_metric: CustomInstrument, _flags: Flags) -> None:
    """No metrics."""


WhenOver: TypeAlias = Callable[[Result, Callable[[], None]], None]
"""Calls what it is given when all of a result has been given."""


class Traced(Protocol):
    """Notices one stage of a request."""

    def __call__(
        self, name: str, running: Awaitable[Result], when_over: WhenOver[Result] | None = None, /
    ) -> Awaitable[Result]:
        """What to wait for in place of `running`: it gives the same. Without `when_over` the stage ends with it."""
        ...


def leave_untraced(
    _name: str, running: Awaitable[Result], _when_over: WhenOver[Result] | None = None, /
) -> Awaitable[Result]:
    """No span around a stage."""
    return running


def never() -> bool:
    """No request is traced."""
    return False


Noted: TypeAlias = Callable[[RequestContext, Awaitable[Response]], Awaitable[Response]]
"""What to wait for in place of a response: it gives the same, and tells of it."""


class KeyStore(Protocol):
    """Where the keys come from that tokens are checked with."""

    async def get_keys(self) -> Sequence[VerificationKey]:
        """The keys as known now, fetched if they never were or are old; the same object until they are fetched again."""
        ...

    async def refresh(self) -> bool:
        """Fetch the keys again because a token names an unknown one; False if that was done just now."""
        ...

    def learn_from(self, other: "KeyStore") -> None:
        """Begin with what another one knows."""
        ...

    async def close(self) -> None:
        """Give up a fetch under way."""
        ...


@dataclass(frozen=True, slots=True)
class Generation:
    """The rooms of one supergraph and one configuration, put together.

    Attributes:
        queries: the texts that clients have registered by their hashes; None if they cannot.
        persisted: the operations of manifests; None if there are none.
        demand: None if costs are not reckoned.
        keys: None if tokens are not read.
        policies: the functions that decide `@policy`; a policy without one is a no.
        hooks: None if there are none.
        response_headers: chooses headers of subgraphs' answers for the client; None if there are no rules.
        response_cache: None if no answers of subgraphs are kept.
        batching: None if no subgraph is sent several requests together.
        needs_context: whether anything looks at the context of requests.
        traced: what is put around the stages of a request, by their names.
        is_traced: whether `traced` notices the stages of the request under way.
        noted: what tells of whole GraphQL requests, inside their span; None for nothing.
        is_foreseen: whether somebody wants to know of an operation before it is served.
        is_plain: whether nothing is ever put around the stages: no hooks, no traces.
        counted: counts single things that are done; does nothing where there are no metrics.
    """

    api_schema: GraphQLSchema
    access: AccessRules
    planner: Planner
    executor: Executor
    transport: SubgraphTransport
    options: PipelineOptions
    caches: OperationCaches
    deadlines: Deadlines
    demand: DemandControl | None = None
    queries: QueryStore | None = None
    persisted: PersistedOperations | None = None
    keys: KeyStore | None = None
    policies: Mapping[str, PolicyFunction] = field(default_factory=dict)
    hooks: HookChain | None = None
    response_headers: HeaderCollector | None = None
    response_cache: ResponseCache | None = None
    batching: SubgraphSwitch | None = None
    needs_context: bool = False
    traced: Traced = leave_untraced
    is_traced: Callable[[], bool] = never
    noted: Noted | None = None
    is_foreseen: bool = False
    counted: Counted = leave_uncounted
    is_plain: bool = field(init=False)

    def __post_init__(self) -> None:
        is_plain = self.hooks is None and self.noted is None and self.traced is leave_untraced
        object.__setattr__(self, "is_plain", is_plain)

    def is_direct(self) -> bool:
        """Whether nothing is put around the stages of the request under way."""
        return self.is_plain or (self.hooks is None and self.noted is None and not self.is_traced())

    @property
    def is_unwatched(self) -> bool:
        """Whether nobody notices a stage that a request leaves out, unless it is traced."""
        is_unnoticed = self.hooks is None and self.noted is None and self.persisted is None
        return is_unnoticed and not self.options.limits.is_warning_only

    async def close(self) -> None:
        """Let go of threads and connections, after the last request has been answered."""
        self.caches.plans.close()
        if self.keys is not None:
            await self.keys.close()
        if self.queries is not None:
            await self.queries.close()
        await self.transport.close()
        if self.response_cache is not None:
            await self.response_cache.close()
        if self.hooks is not None:
            await self.hooks.close()
