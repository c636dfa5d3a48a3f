"""The law of federation over one large federation: whatever is asked, the answer is the monolith's."""

import asyncio
from random import Random

import pytest

from tests.support.federation_library import LIBRARY
from tests.support.federation_plans import Federation
from tests.support.federation_queries import draw_query

_LIBRARY = Federation(LIBRARY)


@pytest.mark.parametrize("seed", range(60))
def test_any_query_of_the_library_is_answered_as_by_the_monolith(seed: int) -> None:
    random = Random(seed)  # noqa: S311 -- a reproducible draw, no secret
    query = draw_query(_LIBRARY.supergraph.api_schema, random)
    asyncio.run(_LIBRARY.check(query.text, query.variables, has_nulls=random.random() < 0.5))
