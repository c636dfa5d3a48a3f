"""What is kept of operations: once forgotten it is gone, without the collector having to look at all there is."""

import gc

import pytest

from router.kit.lru import LruCache
from router.pipeline.request import Request, Taken
from router.pipeline.stages import answer
from tests.support.small_graph import SmallGraph


@pytest.mark.parametrize(
    "query",
    [
        "query Once { products { ...Named } } fragment Named on Product { name }",
        "{ me { id ... @defer { name } } }",
    ],
)
async def test_what_is_forgotten_of_an_operation_does_not_wait_for_the_collector(query):
    app = SmallGraph().build_app()
    generation = app._server.generation
    response = await answer(Request(query, takes=Taken.PARTS), generation)
    if response.later is not None:
        assert len([body async for body in response.later]) == 1
        await response.later.aclose()
    caches = generation.caches
    kept = [each for each in (*vars(caches).values(), caches.plans._plans) if isinstance(each, LruCache)]
    assert sum(map(len, kept)) > len(kept) / 2
    del response
    # What validation leaves is young, and looked at soon.
    gc.collect()
    for each in (*kept, caches.plans.shared._variants):
        each._entries.clear()
    assert gc.collect() == 0
    await app.close()
