"""Permissions in a request's life: scopes, policies, what the context tells, what introspection shows."""

import asyncio

import pytest

from router.pipeline.authorize import AUTHENTICATION_REQUIRED, REQUIRED_POLICIES, REQUIRED_SCOPES
from router.pipeline.request import Request
from router.pipeline.stages import answer
from tests.support.small_graph import SmallGraph

FIELDS = '{ __type(name: "%s") { fields { name } } }'


class Asker:
    """Asks one router as a caller with some claims; `entries` is the last request's context."""

    def __init__(self, monkeypatch, config=None, policies=None):
        self.claims = None
        self.entries = {}
        self.app = SmallGraph().build_app(config, policies)

        async def read(_request, _generation, entries):
            entries.update(self.given)
            self.entries = entries
            return self.claims

        self.given = {}
        monkeypatch.setattr("router.pipeline.authenticate._read_claims", read)

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        await self.app.close()

    async def ask(self, query, claims=None):
        self.claims = claims
        return (await answer(Request(query), self.app._server._generation)).body

    async def list_fields(self, name, claims=None):
        found = (await self.ask(FIELDS % name, claims))["data"]["__type"]
        return None if found is None else [field["name"] for field in found["fields"]]


@pytest.mark.parametrize(
    ("claims", "is_allowed"),
    [
        ({"scope": "c"}, True),
        ({"scope": ["c"]}, True),
        ({"scope": "a b"}, True),
        ({"scope": ["a", "b", 3]}, True),
        ({"scope": "a"}, False),
        ({"scope": "C"}, False),
        ({"scope": "ab"}, False),
        ({"scope": {"c": True}}, False),
        ({"roles": "c"}, False),
        ({}, False),
    ],
    ids=str,
)
async def test_scopes_come_from_text_or_list(monkeypatch, claims, is_allowed):
    async with Asker(monkeypatch) as asker:
        assert ("errors" not in await asker.ask("{ secret }", claims)) is is_allowed


async def test_scopes_may_have_another_claim(monkeypatch):
    async with Asker(monkeypatch, {"authorization": {"scopes_claim": "roles"}}) as asker:
        assert "errors" not in await asker.ask("{ secret }", {"roles": ["c"]})
        assert "errors" in await asker.ask("{ secret }", {"scope": "c"})


async def test_the_context_tells_what_was_required(monkeypatch):
    async def verified(_claims):
        return True

    async with Asker(monkeypatch, policies={"verified": verified}) as asker:
        await asker.ask("{ me { risk } secret }")
        assert asker.entries[AUTHENTICATION_REQUIRED] is True
        assert asker.entries[REQUIRED_SCOPES] == ["a", "b", "c", "risk"]
        await asker.ask('mutation { rename(id: "p1", name: "N") { id } }')
        assert asker.entries[REQUIRED_POLICIES] == {"verified": True}
        await asker.ask("{ me { id } }")
        assert asker.entries == {}


@pytest.mark.parametrize("fault", [RuntimeError(), asyncio.CancelledError()], ids=repr)
async def test_a_policy_that_fails_is_a_no(monkeypatch, fault):
    async def fail(_claims):
        # As where what it waits for fails, or is cancelled by others.
        raise fault

    async with Asker(monkeypatch, policies={"verified": fail}) as asker:
        answered = await asker.ask('mutation { rename(id: "p1", name: "N") { id } }')
    assert answered["errors"][0]["extensions"]["code"] == "UNAUTHORIZED_FIELD_OR_TYPE"


async def test_a_policy_that_was_decided_before_is_not_asked_again(monkeypatch):
    async def fail(_claims):
        raise AssertionError

    async with Asker(monkeypatch, policies={"verified": fail}) as asker:
        asker.given = {REQUIRED_POLICIES: {"verified": True}}
        assert "errors" not in await asker.ask('mutation { rename(id: "p1", name: "N") { id } }')


async def test_introspection_shows_what_the_caller_may_ask_for(monkeypatch):
    config = {"authorization": {"filter_introspection": True}}
    async with Asker(monkeypatch, config) as asker:
        assert await asker.list_fields("User") == ["id", "name"]
        assert await asker.list_fields("User", {}) == ["id", "name", "email"]
        assert await asker.list_fields("User", {"scope": "risk"}) == ["id", "name", "email", "risk"]
        assert await asker.list_fields("Draft") is None
        assert "secret" not in await asker.list_fields("Query")
        assert "secret" in await asker.list_fields("Query", {"scope": "c"})
        types = await asker.ask("{ __schema { types { name } mutationType { name } } me { name } }")
        assert types["data"]["me"] == {"name": "Ann"}
        assert "Draft" not in [each["name"] for each in types["data"]["__schema"]["types"]]


async def test_what_is_hidden_is_not_suggested_either(monkeypatch):
    for is_filtered in (True, False):
        async with Asker(monkeypatch, {"authorization": {"filter_introspection": is_filtered}}) as asker:
            [error] = (await asker.ask("{ me { emial } }"))["errors"]
            assert ("email" in error["message"]) is not is_filtered


async def test_introspection_shows_all_unless_it_is_filtered_or_rules_are_off(monkeypatch):
    for section in ({}, {"filter_introspection": True, "directives": {"enabled": False}}):
        async with Asker(monkeypatch, {"authorization": section}) as asker:
            assert await asker.list_fields("User") == ["id", "name", "email", "risk"]
