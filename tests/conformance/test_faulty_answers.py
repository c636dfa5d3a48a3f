"""Apollo's gateway as an oracle of execution: subgraphs that fail, are slow or lie cost the same fields and the same errors.

Both run the gateway's plan, and hear the same of whatever they ask. Where Apollo Router documents another behaviour than
the gateway's, ours is the Router's: those differences are `KNOWN`, and what is compared is what is left without them.
"""

import asyncio
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random

import pytest
from graphql import parse

from router.errors import ErrorCode
from router.executor.execute import ExecutionContext, Executor
from router.executor.interpret.locate import ErrorLocator
from router.executor.interpret.typenames import read_typenames
from router.executor.memory import MemoryTransport
from router.executor.options import ErrorExposure, ErrorExposureOptions, ExecutorOptions
from router.executor.transport import SubgraphAnswer, SubgraphRequest, TransportError
from router.kit.json import JsonObject, JsonValue, read_json, write_json
from router.operation.normalize import find_operation
from router.operation.shape import ObjectShape, build_shape
from router.query_plan.nodes import OperationKind, QueryPlan
from tests.support.apollo_executor import ApolloGateway, running_executor
from tests.support.apollo_plans import read_plan
from tests.support.federation_faults import FaultySubgraphs
from tests.support.federation_library import LIBRARY
from tests.support.federation_plans import Federation
from tests.support.federation_queries import RandomQuery, coerce_variables, draw_query
from tests.support.federation_world import World
from tests.support.npm import install_npm
from tests.support.random_federation import draw_federation

ORACLES = Path(__file__).parent / "oracles"
FEDERATIONS = 16
QUERIES = 3

ALIASES = ("x", "y", "z")
"""Others collide with keys, and the gateway's plans then ask for the wrong entities."""

KNOWN = {
    "codes of failures": "a failed exchange has Router's code, message and path, the gateway's error has none of them",
    "answers under a failing status": "Router takes a GraphQL response whatever its status, the gateway does not",
    "no data and no error": "Router calls it malformed, the gateway says nothing; so for data that is no object",
    "errors without a path": "Router gives them the path of the fetch",
    "paths to what the planner added": "ours end at the nearest place that the client knows",
    "indexes of entities": "the gateway counts objects that it has not asked for, and names the wrong item of a list",
    "the same error twice": "an entity asked for once and found at several places has the same errors at each",
    "null keys": "the gateway asks for entities whose key is null; ours does not, as nobody has that key",
    "parts of what is required": "where a part of a required object is missing, the gateway says that the object is null; "
    "ours does not ask, as that would be a lie",
    "contradictions": "of two answers for one place the gateway takes the later, a null too; Router keeps the value",
    "valueCompletion beside errors": "the gateway leaves it out, Router does not",
    "valueCompletion of nulled parents": "of an object or list that becomes null Router reports the first wrong field or "
    "item, the gateway every item, and fields in another order",
    "types in valueCompletion": "Router names the type of the object, the gateway that of the fragment around the field",
    "answers of another shape": "no list for a list, no object for an object, or a typename that is none: the gateway gives "
    "up the whole operation, Router nulls the place",
    "IDs as numbers": "the gateway passes them on, ours are strings as the specification says",
    "large integers": "the gateway lets an Int be larger than 32 bits; not drawn here",
}

FAILURES = {
    ErrorCode.SUBREQUEST_HTTP_ERROR,
    ErrorCode.SUBREQUEST_MALFORMED_RESPONSE,
    ErrorCode.GATEWAY_TIMEOUT,
}


@dataclass(frozen=True)
class Mode:
    """What goes wrong, see `FaultySubgraphs`."""

    resolvers: int = 0
    exchanges: int = 0
    values: int = 0
    kinds: tuple[str, ...] = ()


MODES = {
    "resolvers": Mode(resolvers=8),
    "exchanges": Mode(exchanges=40),
    "nulls": Mode(values=35, kinds=("null", "null with error", "missing")),
    "leaves": Mode(values=35, kinds=("leaf", "more")),
    "errors": Mode(values=35, kinds=("error of all", "error anywhere", "error nowhere")),
    "shapes": Mode(values=15, kinds=("tree", "typename")),
    "everything": Mode(
        4, 8, 15, ("null", "null with error", "missing", "leaf", "more", "tree", "typename", "error anywhere")
    ),
}


@dataclass(frozen=True)
class Case:
    """An operation that the gateway answers right when all is well; `plan` is the gateway's."""

    number: int
    federation: Federation
    query: RandomQuery
    variables: JsonObject
    plan: QueryPlan

    @property
    def world(self) -> World:
        """What there is to tell."""
        return World(self.federation.supergraph, has_nulls=self.number % 2 == 1)

    @property
    def sdl(self) -> str:
        """The supergraph."""
        sdl = self.federation.composition.supergraph_sdl
        assert sdl is not None
        return sdl

    def build_subgraphs(self, mode: Mode) -> FaultySubgraphs:
        """Subgraphs with all the faults of `mode`."""
        return FaultySubgraphs(
            self.world,
            self.federation.subgraphs,
            self.number,
            mode.resolvers,
            mode.exchanges,
            mode.values,
            mode.kinds,
        )

    def build_shape(self) -> ObjectShape:
        """The shape of the response."""
        document = parse(self.query.text)
        operation = find_operation(document, None)
        return build_shape(self.federation.supergraph.api_schema, document, operation, self.variables)


@dataclass
class Verdict:
    """What a comparison found."""

    counts: Counter[str] = field(default_factory=Counter)
    differences: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def gateway() -> Iterator[ApolloGateway]:
    reason = install_npm(ORACLES)
    if reason is not None:
        pytest.skip(f"Apollo's gateway is the oracle of this test, and {reason}")
    with running_executor() as running:
        yield running


@pytest.fixture(scope="module")
def cases(gateway: ApolloGateway) -> list[Case]:
    drawn: list[Case] = []
    tried = 0
    federations = [Federation(LIBRARY), *(Federation(draw_federation(seed)) for seed in range(FEDERATIONS))]
    for number, federation in enumerate(federations):
        if federation.composition.supergraph_sdl is None:
            continue
        for i in range(QUERIES if number else 4 * QUERIES):
            tried += 1
            random = Random(f"{number}:{i}")  # noqa: S311 -- a reproducible draw, no secret
            schema = federation.supergraph.api_schema
            query = draw_query(schema, random, aliases=ALIASES)
            kind = OperationKind(find_operation(parse(query.text), None).operation.value)
            variables = coerce_variables(schema, query)
            case = Case(100 * number + i, federation, query, variables, QueryPlan(kind, None))
            healthy = case.build_subgraphs(Mode())
            told = gateway.run(case.sdl, query.text, variables, healthy.answer)
            if told.get("response") == {"data": case.world.answer(parse(query.text), query.variables)}:
                drawn.append(replace(case, plan=read_plan(told["plan"], kind)))
    # Of what it gets wrong when all is well nothing can be learnt.
    assert len(drawn) > tried * 0.7, (len(drawn), tried)
    return drawn


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES)
def test_faults_cost_the_same_data_and_the_same_errors(
    gateway: ApolloGateway, cases: list[Case], mode: Mode
) -> None:
    verdict = Verdict()
    for case in cases:
        asked_by_them, asked_by_us = case.build_subgraphs(mode), case.build_subgraphs(mode)
        theirs = gateway.run(case.sdl, case.query.text, case.variables, asked_by_them.answer_gateway)
        ours = run_both(case, asked_by_us)
        is_same = asked_by_us.asked == asked_by_them.asked
        found = compare(ours, theirs, case.build_shape(), verdict, has_asked_the_same=is_same)
        verdict.differences += [
            f"{difference}\n{case.query.text}\n{sorted(asked_by_us.happened)}\n{ours}\n{theirs}"
            for difference in found
        ]

    counts = verdict.counts
    assert verdict.differences == [], counts
    assert counts["compared"] > 2 * counts["given up"], counts
    assert counts["asked otherwise"] + counts["contradictions"] < counts["compared"] / 4, counts
    assert counts["indexes of entities"] < counts["compared"] / 8, counts


def run_both(case: Case, faulty: FaultySubgraphs) -> JsonObject:
    """The response of the interpreter, which is the compiled plan's too."""

    async def answer(request: SubgraphRequest) -> SubgraphAnswer:
        answered = faulty.answer(request.subgraph, request.body)
        if isinstance(answered, TransportError):
            raise answered
        return answered

    federation = case.federation
    transport = MemoryTransport(dict.fromkeys(federation.subgraphs, answer))
    exposure = ErrorExposureOptions(all=ErrorExposure(is_included=True))
    responses = []
    for compile_after in (None, 0):
        options = ExecutorOptions(error_exposure=exposure, compile_after=compile_after)
        executor = Executor(read_typenames(federation.supergraph.document), transport, options)
        context = ExecutionContext(case.variables)
        result = asyncio.run(executor.execute(case.plan, case.build_shape(), context))
        errors = [error.write() for error in result.errors]
        responses.append(write_json({"data": result.data, "errors": errors, "extensions": result.extensions}))
    assert responses[0] == responses[1]
    response: JsonObject = read_json(responses[0])
    return response


def compare(
    ours: JsonObject, told: JsonObject, shape: ObjectShape, verdict: Verdict, *, has_asked_the_same: bool
) -> Iterator[str]:
    """What differs and is not known."""
    theirs = told.get("response", {})
    if "data" not in theirs:
        verdict.counts["given up"] += 1
        return
    verdict.counts["compared"] += 1
    if not is_equal(ours["data"], theirs["data"]):
        verdict.counts["contradictions"] += 1
        if not is_more(ours["data"], theirs["data"]):
            yield "data"
    elif not has_asked_the_same:
        verdict.counts["asked otherwise"] += 1
    else:
        yield from compare_errors(ours["errors"], theirs.get("errors", []), shape, verdict)
        if "errors" not in theirs:
            yield from compare_completion(ours, theirs)


def compare_errors(
    ours: list[JsonObject], theirs: list[JsonObject], shape: ObjectShape, verdict: Verdict
) -> Iterator[str]:
    """Failures of exchanges by their number, all others by path, code and message."""
    failures = [error for error in ours if error["extensions"]["code"] in FAILURES]
    # Here the gateway has been told that all is well.
    failures = [
        error for error in failures if error["extensions"].get("reason") != "500: Internal Server Error"
    ]
    others = [error for error in ours if error["extensions"]["code"] not in FAILURES]
    their_failures = [error for error in theirs if "code" not in error.get("extensions", {})]
    their_others = [error for error in theirs if "code" in error.get("extensions", {})]
    if len(failures) != len(their_failures):
        yield f"{len(failures)} failures, not {len(their_failures)}"
    locator = ErrorLocator(shape)
    placed = [error for error in their_others if error.get("path")]
    our_texts = Counter(write_error(error["path"], error) for error in others if error.get("path"))
    their_texts = Counter(write_error(locator.clip(tuple(error["path"])), error) for error in placed)
    missing, more = their_texts - our_texts, our_texts - their_texts
    # An entity's own is told once for each time that it is asked for, and ours asks once.
    nowhere = {write_error((), error) for error in their_others if not error.get("path")}
    more = Counter({text: n for text, n in more.items() if re.sub(r"^\[.*?\] ", "[] ", text) not in nowhere})
    if strip(more) != strip(missing):
        yield f"errors {dict(more)}, not {dict(missing)} and {nowhere}"
    elif missing:
        verdict.counts["indexes of entities"] += 1


def write_error(path: JsonValue, error: JsonObject) -> str:
    """What is compared of an error."""
    return f"{list(path)} {error['extensions'].get('code')} {error['message']}"


def strip(texts: Counter[str]) -> Counter[str]:
    """The same errors at no item of a list in particular."""
    return Counter(re.sub(r"\b\d+(?=[,\]])", "@", text) for text in texts.elements())


def compare_completion(ours: JsonObject, theirs: JsonObject) -> Iterator[str]:
    """What was wrong with values."""
    data = ours["data"]
    wrong, their_wrong = (
        list(response.get("extensions", {}).get("valueCompletion", ())) for response in (ours, theirs)
    )
    # Of what has become null as a whole, each reports what it has met first.
    kept, their_kept = (
        {write_violation(each) for each in some if is_there(data, each["path"])}
        for some in (wrong, their_wrong)
    )
    if kept != their_kept or bool(wrong) != bool(their_wrong):
        yield f"valueCompletion {wrong}, not {their_wrong}"


def is_there(data: JsonValue, path: list[str | int]) -> bool:
    """Whether a path leads to an entry of the response."""
    for step in path:
        if data is None:
            return False
        data = data[step]
    return True


def write_violation(violation: JsonObject) -> str:
    """What is compared of it."""
    return f"{violation['path']} {re.sub(r'field [A-Za-z0-9_]+[.]', 'field ', violation['message'])}"


def is_equal(ours: JsonValue, theirs: JsonValue) -> bool:
    """Whether two answers are the same but for IDs that are numbers."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(is_equal(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(is_equal, ours, theirs))
    is_number = isinstance(theirs, int) and not isinstance(theirs, bool)
    return ours == str(theirs) if isinstance(ours, str) and is_number else ours == theirs


def is_more(ours: JsonValue, theirs: JsonValue) -> bool:
    """Whether ours is theirs with values for some nulls."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        return ours.keys() == theirs.keys() and all(is_more(ours[key], theirs[key]) for key in ours)
    if isinstance(ours, list) and isinstance(theirs, list):
        return len(ours) == len(theirs) and all(map(is_more, ours, theirs))
    return theirs is None or is_equal(ours, theirs)
