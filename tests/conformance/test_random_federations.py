"""The law of federation over random federations: what composes can be planned and answered as by a monolith."""

import asyncio

from graphql import parse, validate
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from tests.support.federation_plans import Federation
from tests.support.federation_queries import random_queries
from tests.support.federation_random import draw_federation

_DRAWN = [Federation(draw_federation(seed)) for seed in range(60)]
_FEDERATIONS = [federation for federation in _DRAWN if federation.composition.supergraph_sdl is not None]


def test_entities_that_no_key_connects_do_not_compose() -> None:
    assert {error.code for error in _DRAWN[38].composition.errors} == {"SATISFIABILITY_ERROR"}


# Without shrinking: a failing federation is small already, and shrinking by the seed shows nothing.
@settings(
    max_examples=180,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(st.data())
def test_any_query_of_any_federation_is_answered_as_by_the_monolith(data: st.DataObject) -> None:
    federation = data.draw(st.sampled_from(_FEDERATIONS))
    query = data.draw(random_queries(federation.supergraph.api_schema))
    assume(not validate(federation.supergraph.api_schema, parse(query.text)))
    asyncio.run(federation.check(query.text, query.variables, has_nulls=data.draw(st.booleans())))
