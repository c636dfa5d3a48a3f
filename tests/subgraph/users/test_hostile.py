"""Hostile text everywhere, and what others see of a user."""

import json

import pytest
from graphql import GraphQLObjectType, build_schema, get_named_type, is_leaf_type

from subgraphs.users.schema import schema
from tests.subgraph.users.conftest import ADA, BOB, Users, admin_token, token_of
from tests.support.hostile import HOSTILE_TEXTS, operations

USER_TYPE = build_schema(schema.as_str(), assume_valid=True).type_map["User"]
assert isinstance(USER_TYPE, GraphQLObjectType)
PUBLIC = {"id", "displayName", "avatarUrl"}
FIELDS = {
    name: name if is_leaf_type(get_named_type(field.type)) else f"{name} {{ __typename }}"
    for name, field in USER_TYPE.fields.items()
    if name not in PUBLIC
}
SECRET_ADDRESS = '{line1: "1 Secret Street", city: "Berlin", postalCode: "10115", countryCode: "DE"}'


@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=lambda text: ascii(text)[:20])
async def test_hostile_text_is_answered_and_never_breaks_anything(users: Users, text: str) -> None:
    for token in (None, token_of(ADA), admin_token()):
        for name, document, variables in operations(schema.as_str(), text):
            if name == "users":
                variables |= {"last": None, "before": None}
            answer = await users.ask(document, token, **variables)
            assert "INTERNAL" not in json.dumps(answer), (name, answer)
            codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
            assert codes <= {"UNAUTHENTICATED", "FORBIDDEN", "BAD_USER_INPUT"}, (name, answer)


@pytest.mark.parametrize("field", FIELDS)
async def test_no_private_field_of_another_user_can_be_read_beside_the_router(
    users: Users, field: str
) -> None:
    change = f'mutation {{ updateProfile(input: {{phone: "+49 30 1234567", address: {SECRET_ADDRESS}}}) {{ user {{ id }} }} }}'
    await users.ask(change, token_of(ADA))
    query = f"""query($id: ID!) {{ _entities(representations: [{{__typename: "User", id: $id}}]) {{
      ... on User {{ {FIELDS[field]} }} }} }}"""
    own = await users.ask(query, token_of(ADA), id=str(ADA))
    assert own["data"]["_entities"][0][field] is not None
    for token in (token_of(BOB), None):
        answer = await users.ask(query, token, id=str(ADA))
        shown = ((answer.get("data") or {}).get("_entities") or [None])[0]
        assert shown is None or shown[field] is None
