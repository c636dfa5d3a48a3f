"""The law of the two ways to run a plan: compiled or interpreted, every byte of the response is the same.

And so is what the subgraphs are asked: each request goes out once, whoever answers in the end.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from random import Random

import pytest
from graphql import parse

from router.executor.compiled.compile import compile_plan
from router.executor.compiled.places import UncompilableError
from router.executor.execute import ExecutionContext, ExecutionResult, Executor
from router.executor.interpret.typenames import Typenames, read_typenames
from router.executor.memory import MemoryTransport
from router.executor.options import ErrorExposure, ErrorExposureOptions, ExecutorOptions
from router.kit.json import JsonObject, write_json
from router.operation.normalize import find_operation
from router.operation.shape import ObjectShape, build_shape
from router.query_plan.nodes import QueryPlan
from tests.support.federation_damage import DamagedSubgraphs, FailingSubgraphs
from tests.support.federation_faults import FailingSubgraph
from tests.support.federation_library import LIBRARY
from tests.support.federation_plans import Federation
from tests.support.federation_queries import coerce_variables, draw_query
from tests.support.federation_situations import Situation
from tests.support.federation_situations_all import SITUATIONS
from tests.support.federation_world import World, world_transport
from tests.support.random_federation import draw_federation

_LIBRARY = Federation(LIBRARY)
_EXPOSURE = ErrorExposureOptions(all=ErrorExposure(is_included=True))


@dataclass(frozen=True)
class _Case:
    """One operation over one federation, and how its subgraphs behave.

    Attributes:
        rate: how many answers of a hundred are damaged.
        failing: if not 0, none is damaged, and of a hundred fields, entities and answers so many fail.
    """

    federation: Federation
    query: str
    variables: JsonObject
    labels: frozenset[str] = frozenset()
    has_nulls: bool = False
    seed: int = 0
    rate: int = 0
    failing: int = 0

    @cached_property
    def plan(self) -> QueryPlan:
        return self.federation.plan(self.query, labels=self.labels)

    @cached_property
    def shape(self) -> ObjectShape:
        document = parse(self.query)
        schema = self.federation.supergraph.api_schema
        return build_shape(schema, document, find_operation(document, None), self.variables)

    @cached_property
    def typenames(self) -> Typenames:
        return read_typenames(self.federation.supergraph.document)

    @property
    def is_compilable(self) -> bool:
        try:
            compile_plan(self.plan, self.shape, self.typenames)
        except UncompilableError:
            return False
        return True

    def check(self) -> ExecutionResult:
        """Assert that both ways agree; give the compiled one's result, which is text if it needed no interpreter."""
        interpreted, asked = self._run(None)
        compiled, asked_compiled = self._run(0)
        assert _write(compiled) == _write(interpreted)
        assert sorted(asked_compiled) == sorted(asked)
        return compiled

    def _run(self, compile_after: int | None) -> tuple[ExecutionResult, list[tuple[str, bytes]]]:
        transport = self._build_failing() if self.failing else self._build_damaged()
        options = ExecutorOptions(error_exposure=_EXPOSURE, compile_after=compile_after)
        executor = Executor(self.typenames, transport, options)
        context = ExecutionContext(self.variables)
        return asyncio.run(executor.execute(self.plan, self.shape, context)), list(transport.requests)

    def _build_damaged(self) -> DamagedSubgraphs:
        inner, _ = world_transport(self._world, self.federation.subgraphs)
        return DamagedSubgraphs(inner, self.seed, self.rate)

    def _build_failing(self) -> FailingSubgraphs:
        servers = {
            name: FailingSubgraph(self._world, name, sdl, seed=self.seed, rate=self.failing)
            for name, sdl in self.federation.subgraphs.items()
        }
        return FailingSubgraphs(MemoryTransport(servers), self.seed, self.failing)

    @property
    def _world(self) -> World:
        return World(self.federation.supergraph, has_nulls=self.has_nulls)


def _write(result: ExecutionResult) -> bytes:
    errors = [error.write() for error in result.errors]
    return write_json({"data": result.data, "errors": errors, "extensions": result.extensions})


def _draw_case(federation: Federation, random: Random) -> _Case:
    query = draw_query(federation.supergraph.api_schema, random)
    labels = frozenset(label for label in federation.planner.override_labels if random.random() < 0.5)
    coerced = coerce_variables(federation.supergraph.api_schema, query)
    return _Case(federation, query.text, coerced, labels, has_nulls=random.random() < 0.5)


def _check_damaged(case: _Case, seeds: Iterable[int]) -> None:
    for seed in seeds:
        replace(case, seed=seed, rate=(30, 70)[seed % 2], has_nulls=case.has_nulls or seed % 3 == 0).check()


@pytest.mark.parametrize("seed", range(25))
def test_answers_of_any_federation_give_the_same_bytes(seed: int) -> None:
    federation = Federation(draw_federation(seed))
    if federation.composition.supergraph_sdl is None:
        return
    random = Random(seed)  # noqa: S311 -- a reproducible draw, no secret
    for _ in range(5):
        case = _draw_case(federation, random)
        case.check()
        _check_damaged(case, range(3))


def test_healthy_and_failing_answers_hardly_ever_need_the_interpreter() -> None:
    counts: Counter[str] = Counter()
    for seed in range(20):
        federation = Federation(draw_federation(seed))
        if federation.composition.supergraph_sdl is None:
            continue
        random = Random(seed)  # noqa: S311 -- a reproducible draw, no secret
        for i in range(3):
            case = _draw_case(federation, random)
            if case.is_compilable:
                _count(case.check(), counts)
                _count(replace(case, seed=i, failing=(6, 15, 30)[i]).check(), counts)

    assert counts["healthy"] > 30, counts
    assert counts["errors"] > 20, counts
    assert counts["violations"] > 5, counts
    assert counts["interpreted"] < (counts["healthy"] + counts["errors"]) * 0.1, counts


def _count(result: ExecutionResult, counts: Counter[str]) -> None:
    """What has been answered without the interpreter, and how often it was needed."""
    if isinstance(result.data, dict):
        counts["interpreted"] += 1
        return
    counts["errors" if result.errors else "healthy"] += 1
    counts["violations"] += bool(result.extensions)


@pytest.mark.parametrize("seed", range(18))
def test_damaged_answers_of_the_library_give_the_same_bytes(seed: int) -> None:
    _check_damaged(_draw_case(_LIBRARY, Random(seed)), range(3))  # noqa: S311 -- a reproducible draw, no secret


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.name)
def test_damaged_answers_in_any_situation_give_the_same_bytes(situation: Situation) -> None:
    case = _Case(situation.federation, situation.query, situation.variables, situation.labels)
    case.check()
    _check_damaged(case, range(6))
