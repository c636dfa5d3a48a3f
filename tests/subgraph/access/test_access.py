"""Nobody reads or changes what is somebody else's, by whichever field, of any subgraph; and what may be read is read."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.subgraph.access.table import ENTITIES, PUBLIC_MUTATIONS, ROOTS, SUBSCRIPTIONS
from tests.subgraph.access.worlds import World, tokens
from tests.support import access

NOT_YOURS = {"UNAUTHENTICATED", "FORBIDDEN"}


async def test_every_field_of_every_entity_is_seen_by_whom_the_table_says(world: World) -> None:
    table, wrong = ENTITIES[world.name], []
    ruled = set()
    for type_name, name, field in world.walk.list_entity_fields():
        place = f"{type_name}.{name}"
        rule = place if place in table else f"{type_name}.*"
        assert rule in table, f"{place} has no rule: who may read it?"
        ruled.add(rule)
        for key in world.keys[type_name]:
            seen = await world.walk.who_sees_entity(type_name, name, field, key)
            # What is empty for everybody says nothing of who may see it.
            if seen and seen != table[rule]:
                wrong.append((place, sorted(seen), sorted(table[rule])))
    assert wrong == []
    assert {*table} == ruled, "the table has lines that are of no field"


async def test_every_root_field_is_seen_by_whom_the_table_says(world: World) -> None:
    query = world.walk.schema.query_type
    assert query is not None
    fields = {name: field for name, field in query.fields.items() if not name.startswith("_")}
    assert {*fields} == {*ROOTS[world.name]}
    seen = {name: await world.walk.who_sees_root(name, field) for name, field in fields.items()}
    assert {name: sorted(who) for name, who in seen.items()} == {
        name: sorted(who) for name, who in ROOTS[world.name].items()
    }


@pytest.mark.parametrize("caller", ["anonymous", "other", "admin"])
async def test_no_mutation_changes_what_is_somebody_elses(world: World, caller: str) -> None:
    """The administrator here may read everything, and change nothing."""
    mutation = world.walk.schema.mutation_type
    assert mutation is not None
    for name, field in mutation.fields.items():
        if name in PUBLIC_MUTATIONS or (caller != "anonymous" and name in OF_ONESELF):
            continue
        before = await world.fingerprint()
        answer = await world.walk.ask_root("mutation", name, field, caller)
        codes = {error["extensions"]["code"] for error in answer.get("errors") or ()}
        assert "GRAPHQL_VALIDATION_FAILED" not in codes, (name, answer)
        payload = (answer.get("data") or {}).get(name)
        if caller == "anonymous":
            assert codes == {"UNAUTHENTICATED"}, (name, answer)
            assert payload is None
        elif not codes:
            # Who may read a payment may have it looked up, too.
            assert payload["errors"] or (caller, name) == ("admin", "verifyPayment"), (name, payload)
        else:
            assert codes <= NOT_YOURS, (name, answer)
        assert await world.fingerprint() == before, name


OF_ONESELF = {
    # They name nobody: a caller does them to the own account.
    "logout",
    "updateProfile",
    "requestDataExport",
    "resendVerificationEmail",
    "createOrder",
    "voteReview",
    "addToWishlist",
    "removeFromWishlist",
}


KNOWN_TO_ALL = {"users": {"User"}, "products": {"Product", "Category", "Review"}}
"""A user's name and the catalogue are everybody's to see, so what exists is no secret."""


async def test_ids_that_exist_and_ids_that_do_not_are_answered_alike(world: World) -> None:
    for type_name, name, field in world.walk.list_entity_fields():
        if type_name in KNOWN_TO_ALL.get(world.name, ()):
            continue
        for key in world.keys[type_name]:
            unknown = {
                **key,
                **{
                    each: "00000000-0000-7000-8000-0000000000ff"
                    for each in ("id", "reference")
                    if each in key
                },
            }
            for caller in ("anonymous", "other"):
                answers = [
                    await _ask_entity(world, caller, type_name, name, field, representation)
                    for representation in (key, unknown)
                ]
                allowed = ENTITIES[world.name].get(
                    f"{type_name}.{name}", ENTITIES[world.name].get(f"{type_name}.*")
                )
                assert allowed is not None
                if caller not in allowed:
                    assert answers[0] == answers[1], (type_name, name, caller)


async def _ask_entity(
    world: World, caller: str, type_name: str, name: str, field: Any, key: Mapping[str, Any]
) -> Any:
    text_, variables, definitions = world.walk.write_field(name, field)
    operation = f"""query($key: _Any!{definitions}) {{ _entities(representations: [$key]) {{
        ... on {type_name} {{ {text_} }} }} }}"""
    answer = await world.walk.ask(
        operation, world.walk.tokens[caller], {**variables, "key": {"__typename": type_name, **key}}
    )
    return answer.get("data"), answer.get("errors")


def test_the_walk_knows_every_sort_of_caller() -> None:
    assert {*access.CALLERS} == {*tokens()}


async def test_every_subscription_tells_whom_the_table_says(world: World) -> None:
    """What happened in the last hour is told again to who asks for it."""
    subscription = world.walk.schema.subscription_type
    fields = subscription.fields if subscription else {}
    since = (datetime.now(UTC) - timedelta(hours=1)).isoformat()
    walk = replace(world.walk, known={**world.walk.known, **world.watched, "since": since})
    seen: dict[str, set[str]] = {name: set() for name in fields}
    for name, field in fields.items():
        operation, variables = walk.write_root("subscription", name, field)
        for caller in access.CALLERS:
            first = await world.take_first(operation, variables, walk.tokens[caller])
            if first.data is not None:
                assert first.data[name]
                assert not first.errors
                seen[name].add(caller)
            else:
                codes = {(error.extensions or {}).get("code") for error in first.errors or ()}
                assert codes <= {*NOT_YOURS, "NOT_FOUND"}, (name, caller, first)
    assert seen == {name: {*who} for name, who in SUBSCRIPTIONS[world.name].items()}
