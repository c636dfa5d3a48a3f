"""Operations that come again: what is kept of them changes no answer."""

import pytest

from router.kit.json import read_json, write_json
from router.pipeline.prepared import REMINDED_EVERY
from router.pipeline.request import Request, Taken
from router.pipeline.stages import answer
from tests.support.small_graph import SmallGraph

OPEN = {"authorization": {"directives": {"enabled": False}}}
SAME = "query ($n: Int) { products(first: $n) { name } }"


@pytest.fixture
async def start():
    """Builds a generation; all are closed in the end."""
    apps = []

    def build(config=None, policies=None):
        apps.append(SmallGraph().build_app(config, policies))
        return apps[-1]._server._generation

    yield build
    for app in apps:
        await app.close()


async def read(request, generation):
    """The data of the (first) answer."""
    return read_json(write_json((await answer(request, generation)).body))["data"]


async def test_an_operation_that_is_the_same_for_everybody_is_kept(start):
    generation = start()
    answers = [await read(Request(SAME, variables={"n": n}), generation) for n in (1, 2, 1, 2)]
    assert len(generation.caches.ready) == 1
    assert [len(each["products"]) for each in answers] == [1, 2, 1, 2]


async def test_a_wrong_variable_is_refused_each_time(start):
    generation = start()
    await answer(Request(SAME, variables={"n": 1}), generation)
    for _ in range(2):
        refused = await answer(Request(SAME, variables={"n": "x"}), generation)
        assert refused.body["errors"][0]["extensions"]["code"] == "VALIDATION_INVALID_TYPE_VARIABLE"


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("{ me { name email } }", {True: {"name", "email"}, False: {"name", "email"}}),
        (
            "query ($yes: Boolean!) { me { name @include(if: $yes) id } }",
            {True: {"name", "id"}, False: {"id"}},
        ),
        (
            "query ($yes: Boolean!) { me { id ... @defer(if: $yes) { name } } }",
            {True: {"id"}, False: {"name", "id"}},
        ),
    ],
)
async def test_what_depends_on_the_request_is_not_kept(start, query, fields):
    generation = start()
    for yes in (True, False, True, False):
        request = Request(query, variables={"yes": yes}, takes=Taken.PARTS)
        assert set((await read(request, generation))["me"]) == fields[yes]
    assert len(generation.caches.ready) == 0


async def test_a_short_document_of_which_fragments_make_a_long_one_is_kept_as_a_long_one_is(start):
    generation = start(OPEN)
    for length in (1, 14):
        fragments = [f"fragment F{i} on User {{ ...F{i + 1} ...F{i + 1} }}" for i in range(length)]
        text = f"{{ me {{ ...F0 }} }} {' '.join(fragments)} fragment F{length} on User {{ name }}"
        assert await read(Request(text), generation) == {"me": {"name": "Ann"}}
        caches = generation.caches
        assert [len(each) for each in (caches.plans, caches.plans.shared, caches.shapes, caches.ready)] == [
            1
        ] * 4


async def test_who_may_run_all_of_a_protected_operation_takes_nothing_from_those_who_may_not(
    start, monkeypatch
):
    claims = {"sub": "ann", "scope": "risk"}
    callers = iter([None, claims, claims, None, {"sub": "bob"}, claims])

    async def read(*_):
        return next(callers)

    monkeypatch.setattr("router.pipeline.authenticate._read_claims", read)
    generation, protected, seen = start(), Request("{ me { name risk } }"), []
    for _ in range(6):
        response = read_json(write_json((await answer(protected, generation)).body))
        seen.append((response["data"]["me"]["risk"] is not None, "errors" in response))
    assert seen == [(False, True), (True, False), (True, False), (False, True), (False, True), (True, False)]
    assert len(generation.caches.ready) == 1


async def test_a_policy_is_asked_with_every_request(start):
    answers = iter([True, True, False, True])

    async def verified(_claims):
        return next(answers)

    generation = start(policies={"verified": verified})
    mutation = Request('mutation { rename(id: "p1", name: "N") { id } }')
    refused = ["errors" in (await answer(mutation, generation)).body for _ in range(4)]
    assert refused == [False, False, True, False]


async def test_a_mutation_that_has_come_by_post_is_still_refused_by_get(start):
    generation, mutation = start(OPEN), 'mutation { rename(id: "p1", name: "N") { id } }'
    assert "data" in (await answer(Request(mutation), generation)).body
    assert len(generation.caches.ready) == 1
    refused = await answer(Request(mutation, is_read_only=True), generation)
    assert (refused.status, "data" in refused.body) == (405, False)


async def test_each_of_several_operations_is_itself(start):
    generation, text = start(), "query A { me { id } } query B { me { name } }"
    for _ in range(2):
        assert (await answer(Request(text, "A"), generation)).body == {"data": {"me": {"id": "u1"}}}
        assert (await answer(Request(text, "B"), generation)).body == {"data": {"me": {"name": "Ann"}}}
        assert "errors" in (await answer(Request(text), generation)).body


async def test_the_caches_on_the_way_hear_of_what_is_in_use(start):
    generation, other = start(), "{ me { id } }"
    await answer(Request(SAME), generation)
    await answer(Request(other), generation)
    assert generation.caches.plans.list_recent(1)[0][0][0][0] == other
    for _ in range(REMINDED_EVERY):
        await answer(Request(SAME), generation)
    assert generation.caches.plans.list_recent(1)[0][0][0][0] == SAME


async def test_limits_that_only_warn_go_on_warning(start, caplog):
    generation = start({"limits": {"max_depth": 1, "warn_only": True}})
    for count in (1, 2, 3):
        await answer(Request(SAME), generation)
        assert caplog.text.count("exceeds limits") == count
