"""A new generation plans what the old one was asked last, before it serves."""

import json

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
    return [key.text for (key, _), _, _ in generation.caches.plans.list_recent(10)]


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


@pytest.mark.parametrize(
    ("prewarm", "at_start", "at_reload"),
    [
        ({}, [], ["one", "two"]),
        ({"on_startup": True, "on_reload": False}, ["one", "two"], []),
        ({"on_startup": False, "on_reload": True}, [], ["one", "two"]),
    ],
)
async def test_operations_of_manifests_are_planned_before_anybody_asks(
    prewarm, at_start, at_reload, generations, tmp_path
):
    _, make = generations
    texts = {"one": FIRST, "two": "query Two { me { name } }", "bad": "{ nope }", "none": "{"}
    (tmp_path / "m.json").write_text(json.dumps(texts))
    persisted = {"enabled": True, "local_manifests": [str(tmp_path / "m.json")]}
    config = {"persisted_queries": {**persisted, "experimental_prewarm_query_plan_cache": prewarm}}
    for old, expected in ((None, at_start), (make(), at_reload)):
        new = make(config)
        assert await warm_up(new, old) == len(expected)
        assert sorted(planned(new)) == sorted(texts[name] for name in expected)
        for name in expected:
            request = Request(None, extensions={"persistedQuery": {"version": 1, "sha256Hash": name}})
            assert (await answer(request, new)).status == 200
        # They were found.
        assert len(planned(new)) == len(expected)


async def test_a_server_that_starts_plans_before_it_says_that_it_has_started(generations, tmp_path):
    (tmp_path / "m.json").write_text(json.dumps({"one": FIRST}))
    persisted = {"enabled": True, "local_manifests": [str(tmp_path / "m.json")]}
    persisted["experimental_prewarm_query_plan_cache"] = {"on_startup": True}
    app = SmallGraph().build_app({"persisted_queries": persisted})
    messages, told = iter(["lifespan.startup", "lifespan.shutdown"]), []

    async def receive():
        return {"type": next(messages)}

    async def send(message):
        told.append((message["type"], planned(app._server.generation)))

    await app({"type": "lifespan"}, receive, send)
    assert told[0] == ("lifespan.startup.complete", [FIRST])
