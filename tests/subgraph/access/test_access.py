"""Nobody reads or changes what is somebody else's, by whichever field, of any subgraph; and what may be read is read."""

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
import pytest_asyncio
from sqlalchemy import text

from subgraphs.auth.domain import Role
from subgraphs.auth.schema import schema as auth_schema
from subgraphs.auth.service import SeedPerson
from subgraphs.common.database import Database
from subgraphs.orders.schema import schema as orders_schema
from subgraphs.payments.schema import schema as payments_schema
from subgraphs.users.schema import schema as users_schema
from tests.subgraph.access.table import ENTITIES, PUBLIC_MUTATIONS, ROOTS
from tests.subgraph.auth.conftest import PASSWORD, Auth
from tests.subgraph.auth.conftest import auth as auth  # noqa: PLC0414 -- a fixture of the neighbours
from tests.subgraph.auth.conftest import auth_url as auth_url  # noqa: PLC0414 -- a fixture of the neighbours
from tests.subgraph.orders.client import ADA, ADMIN, BOB, token_of
from tests.subgraph.orders.conftest import Orders
from tests.subgraph.orders.conftest import orders as orders  # noqa: PLC0414 -- a fixture of the neighbours
from tests.subgraph.orders.conftest import orders_url as orders_url  # noqa: PLC0414 -- a fixture of the neighbours
from tests.subgraph.orders.test_after_payment import paid
from tests.subgraph.payments.conftest import Payments
from tests.subgraph.payments.conftest import payments as payments  # noqa: PLC0414 -- a fixture of the neighbours
from tests.subgraph.payments.conftest import payments_url as payments_url  # noqa: PLC0414 -- a fixture of the neighbours
from tests.subgraph.payments.test_durable import refund
from tests.subgraph.users import conftest as users_world
from tests.subgraph.users.conftest import Users
from tests.subgraph.users.conftest import users as users  # noqa: PLC0414 -- a fixture of the neighbours
from tests.subgraph.users.conftest import users_url as users_url  # noqa: PLC0414 -- a fixture of the neighbours
from tests.support import access
from tests.support.access import Walk

READ = ("orders:read", "payments:read", "users:read", "audit:read", "analytics:read")
NOT_YOURS = {"UNAUTHENTICATED", "FORBIDDEN"}
NOT_COMPARED = {"throttles", "audit_log", "alembic_version"}
"""Tables in which a refusal leaves its trace, and must."""


class World:
    """One subgraph with something of Ada's in it, and the keys of every entity of hers."""

    def __init__(
        self, name: str, walk: Walk, keys: Mapping[str, list[dict[str, Any]]], database: Database
    ) -> None:
        self.name, self.walk, self.keys, self.database = name, walk, keys, database

    async def fingerprint(self) -> dict[str, Any]:
        """What is in every table."""
        async with self.database.read() as session:
            tables = await session.scalars(
                text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
            )
            found = {}
            for table in sorted({*tables} - NOT_COMPARED):
                rows = f"SELECT md5(coalesce(string_agg(t::text, chr(10) ORDER BY t::text), '')) FROM \"{table}\" t"
                found[table] = await session.scalar(text(rows))
            return found


def tokens(make: Any = token_of) -> dict[str, str | None]:
    return {"anonymous": None, "other": make(BOB), "owner": make(ADA), "admin": make(ADMIN, *READ)}


async def make_orders_world(orders: Orders) -> World:
    order_id, _ = await paid(orders)
    ((license_id, key, product_id),) = await orders.rows(
        "SELECT id::text, key, product_id::text FROM licenses"
    )
    await orders.execute(
        "INSERT INTO license_activations (license_id, label) VALUES (:id, 'laptop')", id=license_id
    )
    ((activation_id,),) = await orders.rows("SELECT id::text FROM license_activations")

    async def ask(operation: str, token: str | None, variables: dict[str, Any]) -> dict[str, Any]:
        return dict((await orders.post(operation, token, **variables)).json())

    known = {
        "id": order_id,
        "key": key,
        "licenseId": license_id,
        "activationId": activation_id,
        "productId": product_id,
        "quantity": 1,
        "idempotencyKey": "a key",
    }
    keys = {
        "Order": [{"id": order_id}],
        "License": [{"id": license_id}],
        "Product": [{"id": product_id}],
        "User": [{"id": str(ADA)}],
    }
    walk = Walk(orders_schema._schema, ask, tokens(), known)
    return World("orders", walk, keys, orders.database)


async def make_payments_world(payments: Payments) -> World:
    payment = await payments.succeeded()
    refunded = (await refund(payments, payment["id"], "1.00"))["refund"]
    open_order = payments.orders.add(ADA, 700)
    await payments.execute(
        """INSERT INTO reconciliation_reports
            (gateway, from_time, to_time, matched, missing_here, missing_at_gateway, amount_mismatch)
            VALUES ('development', now(), now(), 1, 0, 0, 0)"""
    )

    async def ask(operation: str, token: str | None, variables: dict[str, Any]) -> dict[str, Any]:
        # Either key names a payment, and never both.
        if "reference" in variables and "id" in variables:
            operation = operation.replace("reference: $reference", "").replace(", $reference: String", "")
            operation = operation.replace("$reference: String", "")
            variables = {name: value for name, value in variables.items() if name != "reference"}
        return dict((await payments.post(operation, token, **variables)).json())

    known = {
        "id": payment["id"],
        "reference": payment["reference"],
        "paymentId": payment["id"],
        "orderId": open_order,
        "method": "CREDIT_CARD",
        "idempotencyKey": "a key",
    }
    paid_order = payment["order"]["id"]
    total = {"amount": "19.99", "currency": "USD"}
    keys = {
        "Payment": [{"id": payment["id"]}, {"reference": payment["reference"]}],
        "Refund": [{"id": refunded["id"]}],
        "Order": [{"id": paid_order, "number": "PAM-1", "total": total}],
        "User": [{"id": str(ADA)}],
    }
    walk = Walk(payments_schema._schema, ask, tokens(), known)
    return World("payments", walk, keys, payments.database)


async def make_users_world(users: Users) -> World:
    def make(user_id: UUID, *scopes: str) -> str:
        own = {ADA: users_world.ADA, BOB: users_world.BOB, ADMIN: users_world.ADMIN}[user_id]
        return users_world.token_of(own, " ".join(scopes), mfa_at=time.time())

    async def ask(operation: str, token: str | None, variables: dict[str, Any]) -> dict[str, Any]:
        return await users.ask(operation, token, **variables)

    for user_id in (ADA, BOB, ADMIN):
        await ask("{ me { id } }", make(user_id), {})
    address = '{line1: "1 Way", city: "London", postalCode: "N1", countryCode: "GB"}'
    change = f'mutation {{ updateProfile(input: {{phone: "+49 30 1234567", address: {address}}}) {{ user {{ id }} }} }}'
    await ask(change, make(ADA), {})
    known = {"id": str(users_world.ADA), "password": "wrong", "fullName": "Mallory"}
    walk = Walk(users_schema._schema, ask, tokens(make), known)
    return World("users", walk, {"User": [{"id": str(users_world.ADA)}]}, users.service.database)


async def make_auth_world(auth: Auth) -> World:
    ada = await auth.register("ada@example.com")
    bob = await auth.register("bob@example.com")
    given: dict[str, str | None] = {
        "anonymous": None,
        "other": bob["tokens"]["accessToken"],
        "owner": ada["tokens"]["accessToken"],
        "admin": await _make_reader(auth),
    }

    async def ask(operation: str, token: str | None, variables: dict[str, Any]) -> dict[str, Any]:
        return await auth.ask(operation, token, **variables)

    async with auth.service.database.read() as session:
        statement = "SELECT id::text FROM sessions WHERE account_id = :id"
        found = await session.execute(text(statement), {"id": ada["user"]["id"]})
        session_id = found.scalars().first()
    known = {
        "id": ada["user"]["id"],
        "userId": ada["user"]["id"],
        "sessionId": session_id,
        "email": "ada@example.com",
        "currentPassword": "wrong",
        "password": "wrong",
    }
    walk = Walk(auth_schema._schema, ask, given, known)
    return World("auth", walk, {"User": [{"id": ada["user"]["id"]}]}, auth.service.database)


async def _make_reader(auth: Auth) -> str:
    """The token of somebody who may read everything, and change nothing."""
    person = SeedPerson("support@example.com", PASSWORD, "Support", Role.SUPPORT, datetime.now(UTC))
    await auth.service.seed_accounts({UUID(int=0x0189_0000_0000_7000_8000_0000_0000_00AA): person})
    token: str = (await auth.login("support@example.com"))["tokens"]["accessToken"]
    return token


MAKERS = {
    "orders": make_orders_world,
    "payments": make_payments_world,
    "users": make_users_world,
    "auth": make_auth_world,
}


@pytest.fixture(params=[*MAKERS])
def started(request: pytest.FixtureRequest) -> tuple[str, Any]:
    """A subgraph's name, and the subgraph."""
    return request.param, request.getfixturevalue(request.param)


@pytest_asyncio.fixture
async def world(started: tuple[str, Any]) -> World:
    name, subgraph = started
    return await MAKERS[name](subgraph)


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
}


async def test_ids_that_exist_and_ids_that_do_not_are_answered_alike(world: World) -> None:
    if world.name == "users":
        # A user's name is everybody's to see, so who exists is no secret here.
        return
    for type_name, name, field in world.walk.list_entity_fields():
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
    text_, variables, definitions = world.walk._write_field(name, field)
    operation = f"""query($key: _Any!{definitions}) {{ _entities(representations: [$key]) {{
        ... on {type_name} {{ {text_} }} }} }}"""
    answer = await world.walk.ask(
        operation, world.walk.tokens[caller], {**variables, "key": {"__typename": type_name, **key}}
    )
    return answer.get("data"), answer.get("errors")


def test_the_walk_knows_every_sort_of_caller() -> None:
    assert {*access.CALLERS} == {*tokens()}
