"""Hostile text everywhere, fields of others, fields that nobody may set."""

import json
from uuid import UUID

import pytest
from graphql import GraphQLObjectType, build_schema, get_named_type, is_leaf_type

from subgraphs.auth.schema import schema
from tests.subgraph.auth.conftest import PASSWORD, Auth
from tests.support.hostile import HOSTILE_TEXTS, operations

USER_TYPE = build_schema(schema.as_str(), assume_valid=True).type_map["User"]
assert isinstance(USER_TYPE, GraphQLObjectType)
FIELDS = {
    name: name if is_leaf_type(get_named_type(field.type)) else f"{name} {{ __typename }}"
    for name, field in USER_TYPE.fields.items()
    if name != "id"
}


@pytest.mark.parametrize("text", HOSTILE_TEXTS, ids=lambda text: ascii(text)[:20])
async def test_hostile_text_is_answered_and_never_breaks_anything(auth: Auth, text: str) -> None:
    ada = (await auth.register("ada@example.com"))["tokens"]["accessToken"]
    admin = await auth.make_admin()
    assert len([*operations(schema.as_str(), text)]) > 20
    for token in (None, ada, admin):
        for name, document, variables in operations(schema.as_str(), text):
            if name == "logout":
                continue
            headers = {"authorization": f"Bearer {token}"} if token else {}
            body = {"query": document, "variables": variables}
            answer = (await auth.client.post("/graphql", json=body, headers=headers)).json()
            assert "INTERNAL" not in json.dumps(answer), (name, answer)
            codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
            assert codes <= {"UNAUTHENTICATED", "FORBIDDEN", "BAD_USER_INPUT"}, (name, answer)
    assert (await auth.rows("SELECT count(*) AS n FROM accounts WHERE email = 'ada@example.com'"))[0].n == 1


@pytest.mark.parametrize("field", FIELDS)
async def test_no_field_of_another_user_can_be_read_beside_the_router(auth: Auth, field: str) -> None:
    ada = await auth.register("ada@example.com")
    bob = (await auth.register("bob@example.com"))["tokens"]["accessToken"]
    query = f"""query($id: ID!) {{ _entities(representations: [{{__typename: "User", id: $id}}]) {{
      ... on User {{ {FIELDS[field]} }} }} }}"""
    for token, code in ((bob, "FORBIDDEN"), (None, "UNAUTHENTICATED")):
        for user_id in (ada["user"]["id"], str(UUID(int=7))):
            answer = await auth.ask(query, token, id=user_id)
            assert not any((answer.get("data") or {}).get("_entities") or ())
            assert {error["extensions"]["code"] for error in answer["errors"]} == {code}


@pytest.mark.parametrize(
    "extra", ["role: ADMIN", "emailVerified: true", "status: ACTIVE", 'id: "x"', "version: 9"]
)
async def test_nobody_gives_themselves_what_is_not_asked_for(auth: Auth, extra: str) -> None:
    values = f'email: "ada@example.com", password: "{PASSWORD}", fullName: "Ada", {extra}'
    answer = await auth.ask(f"mutation {{ register(input: {{{values}}}) {{ user {{ id }} }} }}")
    assert answer["errors"][0]["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"
    assert await auth.count("accounts") == 0
