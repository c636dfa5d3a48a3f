"""A router in the test's process: ask it, look at its plans, and at what its subgraphs were asked."""

from collections.abc import Mapping
from dataclasses import dataclass

from router.api import compose, plan
from router.app import create_app
from router.executor.memory import MemoryTransport, mount_asgi
from router.executor.transport import SubgraphAnswer, SubgraphRequest
from router.hooks.plugin import Plugin
from router.kit.json import JsonObject, JsonValue, read_json, write_json
from router.pipeline.generation import PolicyFunction
from router.query_plan.nodes import QueryPlan
from router.server.asgi import RouterApp
from router.supergraph.model import Supergraph
from router.testing.mock_subgraph import MockSubgraph

TIMEOUT_S = 30.0

MOUNTED = "router"


@dataclass(frozen=True, slots=True)
class SentRequest:
    """What a subgraph was sent."""

    subgraph: str
    query: str
    variables: JsonObject
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answer:
    """What the router answered."""

    status: int
    data: JsonValue
    errors: list[JsonObject]
    extensions: JsonObject
    headers: Mapping[str, str]

    @property
    def codes(self) -> list[str | None]:
        """`extensions.code` of each error."""
        return [error.get("extensions", {}).get("code") for error in self.errors]


@dataclass
class RouterUnderTest:
    """A router with made-up subgraphs.

    Attributes:
        app: the ASGI application, for a client of your choice.
        subgraphs: as given; they may be changed between requests.
        requests: what subgraphs were sent so far, in order.
    """

    app: RouterApp
    supergraph: Supergraph
    subgraphs: Mapping[str, MockSubgraph]
    requests: list[SentRequest]

    async def ask(
        self,
        query: str,
        variables: JsonObject | None = None,
        *,
        operation_name: str | None = None,
        headers: Mapping[str, str] | None = None,
        path: str = "/",
    ) -> Answer:
        """Ask the router, as a client does over HTTP."""
        body: JsonObject = {"query": query}
        if variables is not None:
            body["variables"] = variables
        if operation_name is not None:
            body["operationName"] = operation_name
        sent = tuple((name.lower(), value) for name, value in (headers or {}).items())
        request = SubgraphRequest(MOUNTED, write_json(body), sent, TIMEOUT_S)
        router = MemoryTransport({MOUNTED: mount_asgi(self.app, path)})
        answer = await router.send(request)
        response = read_json(answer.body)
        return Answer(
            answer.status,
            response.get("data"),
            response.get("errors") or [],
            response.get("extensions") or {},
            answer.headers,
        )

    def plan(self, query: str, operation_name: str | None = None) -> QueryPlan:
        """How an operation is answered; `str` of it is the form to compare with.

        Raises:
            GraphQLError: the operation is not valid.
            PlanningError: there is no way to answer all of it.
        """
        return plan(self.supergraph, query, operation_name)

    def requests_to(self, subgraph: str) -> list[SentRequest]:
        """What one subgraph was sent so far."""
        return [each for each in self.requests if each.subgraph == subgraph]

    async def close(self) -> None:
        """End the router: its plugins are told."""
        await self.app.close()


def build_test_router(
    subgraphs: Mapping[str, MockSubgraph | str],
    *,
    config: Mapping[str, JsonValue] | None = None,
    plugins: Mapping[str, Plugin] | None = None,
    policies: Mapping[str, PolicyFunction] | None = None,
) -> RouterUnderTest:
    """A router for made-up subgraphs, which are composed now; SDL alone makes up everything.

    Errors of subgraphs are shown and introspection is on, unless `config`, which is what `router.yaml` would say, says
    otherwise.

    Raises:
        ValueError: the subgraphs do not compose; the message has every reason.
        ConfigurationError: something in `config` is not understood.
    """
    mocks = {
        name: MockSubgraph(given) if isinstance(given, str) else given for name, given in subgraphs.items()
    }
    composition = compose({name: mock.sdl for name, mock in mocks.items()})
    if composition.supergraph_sdl is None:
        reasons = "\n".join(f"{error.code}: {error.message}" for error in composition.errors)
        raise ValueError(f"the subgraphs do not compose:\n{reasons}")
    supergraph = Supergraph.read(composition.supergraph_sdl)
    requests: list[SentRequest] = []

    async def answer(request: SubgraphRequest) -> SubgraphAnswer:
        body = read_json(request.body)
        variables = body.get("variables") or {}
        requests.append(SentRequest(request.subgraph, body["query"], variables, dict(request.headers)))
        return SubgraphAnswer(200, write_json(mocks[request.subgraph].answer(body)))

    shown = {"include_subgraph_errors": {"all": True}, "supergraph": {"introspection": True}}
    app = create_app(
        supergraph,
        config={**shown, **(config or {})},
        transport=MemoryTransport(dict.fromkeys(mocks, answer)),
        plugins=plugins,
        policies=policies,
    )
    return RouterUnderTest(app, supergraph, mocks, requests)
