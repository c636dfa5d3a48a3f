"""`_entities` straight to auth: nobody sees more than through the router, and a thousand cost one statement."""

from uuid import UUID

from tests.subgraph.auth.conftest import Auth

ENTITIES = """query($representations: [_Any!]!) { _entities(representations: $representations) {
  ... on User { id email role status } } }"""


def represent(*ids: object) -> list[dict[str, object]]:
    return [{"__typename": "User", "id": one} for one in ids]


async def test_the_owner_sees_its_own_identity(auth: Auth) -> None:
    ada = await auth.register("ada@example.com")
    answer = await auth.ask(
        ENTITIES, ada["tokens"]["accessToken"], representations=represent(ada["user"]["id"])
    )
    assert answer["data"]["_entities"] == [
        {"id": ada["user"]["id"], "email": "ada@example.com", "role": "USER", "status": "ACTIVE"},
    ]


async def test_an_administrator_sees_all_in_order_and_null_for_nobody(auth: Auth) -> None:
    admin = await auth.make_admin()
    ada = (await auth.register("ada@example.com"))["user"]["id"]
    bob = (await auth.register("bob@example.com"))["user"]["id"]
    answer = await auth.ask(ENTITIES, admin, representations=represent(bob, UUID(int=7).hex, "?", ada, bob))
    emails = [entity and entity["email"] for entity in answer["data"]["_entities"]]
    assert emails == ["bob@example.com", None, None, "ada@example.com", "bob@example.com"]
    assert "errors" not in answer


async def test_another_user_learns_nothing_not_even_whether_somebody_exists(auth: Auth) -> None:
    ada = (await auth.register("ada@example.com"))["user"]["id"]
    bob = (await auth.register("bob@example.com"))["tokens"]["accessToken"]
    answer = await auth.ask(ENTITIES, bob, representations=represent(ada, str(UUID(int=7))))
    assert answer["data"]["_entities"] == [None, None]
    known, unknown = answer["errors"]
    assert known["message"] == unknown["message"]
    assert known["extensions"] == unknown["extensions"] == {"code": "FORBIDDEN"}


async def test_nobody_is_shown_to_an_anonymous_request(auth: Auth) -> None:
    ada = (await auth.register("ada@example.com"))["user"]["id"]
    answer = await auth.ask(ENTITIES, representations=represent(ada))
    assert answer["data"]["_entities"] == [None]
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_a_thousand_representations_are_one_statement(auth: Auth) -> None:
    admin = await auth.make_admin()
    ids = [(await auth.register(f"user{number}@example.com"))["user"]["id"] for number in range(3)]
    wanted = [*ids, *(str(UUID(int=number)) for number in range(997))]
    with auth.service.database.record_statements() as statements:
        answer = await auth.ask(ENTITIES, admin, representations=represent(*wanted))
    assert len([one for one in statements if "accounts" in one]) == 1
    assert [entity is not None for entity in answer["data"]["_entities"]] == [True] * 3 + [False] * 997


async def test_a_token_of_another_key_or_no_token_at_all_is_refused(auth: Auth) -> None:
    from tests.subgraph.auth.conftest import make_key

    token = (await auth.register("ada@example.com"))["tokens"]["accessToken"]
    import jwt

    from tests.subgraph.auth.conftest import claims_of

    header = jwt.get_unverified_header(token)
    forged = jwt.encode(claims_of(token), make_key(), algorithm="EdDSA", headers={"kid": header["kid"]})
    unsigned = jwt.encode(claims_of(token), None, algorithm="none", headers={"kid": header["kid"]})
    for bad in (forged, unsigned, "garbage", "a.b.c", token[:-4] + "AAAA"):
        answer = await auth.ask("{ viewer { scopes } }", bad)
        assert answer["status"] == 401
        assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"
