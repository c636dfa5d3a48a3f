"""The law of federation: whatever is asked, the answer is the monolith's."""

import asyncio

from graphql import parse, validate
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from tests.support.federation_library import LIBRARY
from tests.support.federation_plans import Federation
from tests.support.federation_queries import random_queries

_LIBRARY = Federation(LIBRARY)


# Without shrinking, which takes minutes; the printed plan and the differences show the fault.
@settings(
    max_examples=100,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
@given(st.data())
def test_any_query_of_the_library_is_answered_as_by_the_monolith(data: st.DataObject) -> None:
    query = data.draw(random_queries(_LIBRARY.supergraph.api_schema))
    assume(not validate(_LIBRARY.supergraph.api_schema, parse(query.text)))
    asyncio.run(_LIBRARY.check(query.text, query.variables, has_nulls=data.draw(st.booleans())))
