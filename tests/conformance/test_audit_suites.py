"""The public gateway audit's classes: planned and answered right, whoever composed the subgraphs.

Its 46 suites are 42 of consistent subgraphs, here, and more that need subgraphs with faults (`test_audit_faults.py`).
"""

from functools import cache, lru_cache
from pathlib import Path

import pytest
from graphql import parse, validate

from router.planner.errors import PlanningError
from tests.support.federation_audit import SUITES, Asked, Planned, Refused, Suite
from tests.support.federation_plans import Federation, size
from tests.support.npm import ask_node, install_npm

ORACLES = Path(__file__).parent / "oracles"


@lru_cache
def compose_apollos() -> dict[str, str]:
    """The supergraphs that Apollo's composition makes, by suite."""
    verdicts = ask_node(ORACLES / "compose.mjs", [dict(suite.subgraphs) for suite in SUITES])
    return {suite.name: verdict["supergraphSdl"] for suite, verdict in zip(SUITES, verdicts, strict=True)}


@cache
def build_federation(suite_name: str, composer: str) -> Federation:
    suite = next(each for each in SUITES if each.name == suite_name)
    composed = compose_apollos()[suite.name] if composer == "Apollo" else None
    return Federation(suite.subgraphs, is_complete=True, composed_sdl=composed, never=suite.never)


@pytest.mark.parametrize("composer", ["ours", "Apollo"])
@pytest.mark.parametrize("suite", SUITES, ids=lambda suite: suite.name)
async def test_each_operation_is_answered_right_in_few_requests(suite: Suite, composer: str) -> None:
    reason = install_npm(ORACLES) if composer == "Apollo" else None
    if reason is not None:
        pytest.skip(f"Apollo's composition makes these supergraphs, and {reason}")
    federation = build_federation(suite.name, composer)
    for question in suite.questions:
        match question:
            case Refused(query=query):
                assert_refused(federation, query)
            case Planned(query=query, fetches=fetches):
                assert size(federation.plan(query))[0] == fetches, query
            case Asked(query=query, fetches=fetches, variables=variables):
                plan = federation.plan(query)
                assert fetches is None or size(plan)[0] <= fetches, plan
                await federation.check(query, variables)
                await federation.check(query, variables, has_nulls=True)


def assert_refused(federation: Federation, query: str) -> None:
    document = parse(query)
    if not validate(federation.supergraph.api_schema, document):
        with pytest.raises(PlanningError):
            federation.planner.plan(document)
