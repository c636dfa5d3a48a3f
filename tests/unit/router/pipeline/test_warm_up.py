"""A new generation plans what the old one was asked last, before it serves."""

import pytest

from router.pipeline.request import Request
from router.pipeline.stages import answer
from router.pipeline.warm_up import warm_up
from tests.support.small_graph import SmallGraph

FIRST, SECOND = "{ products { name } }", "query Two { products { seller { name } } }"


@pytest.fixture
async def generations():
    """An old generation that was asked two operations, and a function that makes new ones."""
    apps = []

    def make(config=None):
        apps.append(SmallGraph().build_app(config))
        return apps[-1]._server._generation

    old = make()
    for query in (FIRST, SECOND):
        assert (await answer(Request(query), old)).status == 200
    yield old, make
    for app in apps:
        await app.close()


def planned(generation):
    return [text for ((text, _), _), _, _ in generation.caches.plans.list_recent(10)]


async def test_what_was_used_is_planned_again(generations):
    old, make = generations
    new = make()
    assert await warm_up(new, old) == 2
    assert sorted(planned(new)) == sorted([FIRST, SECOND])
    assert set(new.caches.plans.list_recent(10)) == set(old.caches.plans.list_recent(10))


@pytest.mark.parametrize(("most", "expected"), [(1, [SECOND]), (0, [])])
async def test_no_more_than_the_configuration_says(generations, most, expected):
    old, make = generations
    new = make({"supergraph": {"query_planning": {"warmed_up_queries": most}}})
    assert await warm_up(new, old) == len(expected)
    assert planned(new) == expected


async def test_what_the_new_one_refuses_is_left_out(generations):
    old, make = generations
    new = make({"limits": {"parser_max_tokens": 6}})
    assert await warm_up(new, old) == 1
    assert planned(new) == [FIRST]
