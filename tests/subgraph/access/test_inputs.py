"""Whatever value stands in whichever place of a request: it is used, or refused with words that say what to mend."""

from collections.abc import Mapping, Sequence
from typing import Any

from graphql import GraphQLInputObjectType, get_named_type

from tests.subgraph.access.table import MAY_BE_SET, PRIVILEGED
from tests.subgraph.access.worlds import World
from tests.support.hostile import CLEAR, HUGE, Place, list_places, write_body, write_request

ENDS_THE_SESSION = {"logout"}


async def post(world: World, body: bytes) -> Mapping[str, Any]:
    headers = {"content-type": "application/json", "authorization": f"Bearer {world.root}"}
    response = await world.http.post("/graphql", content=body, headers=headers)
    assert response.status_code < 500, (response.text, body[:1000])
    if response.status_code == 400 and response.headers["content-type"].startswith("text/plain"):
        # What is no JSON, half a surrogate pair too, is no request.
        return {"errors": []}
    answer: Mapping[str, Any] = response.json()
    return answer


async def test_no_value_in_any_place_is_a_fault_of_ours(world: World) -> None:
    wrong: list[Any] = []

    async def ask(place: Place, values: Sequence[Any], key: Mapping[str, Any] | None) -> int:
        """How many of the values reached the field."""
        answer = await post(world, write_request(world.walk, place, values, key))
        if answer.get("data") is None and len(values) > 1:
            # One of them spoils the request for the others.
            middle = len(values) // 2
            return await ask(place, values[:middle], key) + await ask(place, values[middle:], key)
        unclear = (
            {error["extensions"]["code"] for error in answer["errors"]} - CLEAR
            if "errors" in answer
            else None
        )
        if unclear:
            wrong.append((str(place), [ascii(value)[:60] for value in values], answer["errors"][:2]))
        return len(values) if answer.get("data") else 0

    for place in list_places(world.walk):
        values = place.list_values()
        if not values or place.name in ENDS_THE_SESSION:
            continue
        key = None if place.owner in {"query", "mutation"} else world.keys[place.owner][0]
        reached = await ask(place, values, key)
        assert reached, f"nothing comes through to {place}"
        if place.is_text:
            await ask(place, [HUGE], key)
    assert wrong == []


def list_privileged(world: World) -> set[str]:
    """Every place of a mutation that has the name of something that not everybody may set."""
    found = set()
    for place in list_places(world.walk):
        path = [each for each in place.path if isinstance(each, str)]
        if place.owner == "mutation" and path[-1] in PRIVILEGED:
            found.add(".".join([place.name, *path]))
    return found


async def test_what_may_be_set_is_what_the_table_says(world: World) -> None:
    assert list_privileged(world) == MAY_BE_SET[world.name]


async def test_nobody_sets_what_is_not_asked_for(world: World) -> None:
    mutation = world.walk.schema.mutation_type
    assert mutation is not None
    before = await world.fingerprint()
    for name, field in mutation.fields.items():
        for argument, definition in field.args.items():
            kind = get_named_type(definition.type)
            if isinstance(kind, GraphQLInputObjectType):
                extra = dict.fromkeys(PRIVILEGED - {*kind.fields}, "1")
                place = Place("mutation", name, field, (argument,), kind)
                given = [world.walk.value(argument, definition.type) | extra]
                answer = await post(world, write_request(world.walk, place, given, None))
                assert answer.get("data") is None, (name, answer)
                assert {error["extensions"]["code"] for error in answer["errors"]} == {"BAD_USER_INPUT"}
        extra_arguments = " ".join(f'{each}: "1"' for each in PRIVILEGED - {*field.args})
        answer = await post(
            world, write_body(f"mutation {{ {name}({extra_arguments}) {{ __typename }} }}", {})
        )
        assert {error["extensions"]["code"] for error in answer["errors"]} == {"GRAPHQL_VALIDATION_FAILED"}
    assert await world.fingerprint() == before
