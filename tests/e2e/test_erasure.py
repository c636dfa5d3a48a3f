"""kill -9 of auth, products, users and Postgres at every step of an erasure; orders and payments have theirs beside buying."""

import asyncio
from collections.abc import AsyncIterator, Callable
from uuid import UUID

import pytest
import pytest_asyncio

from tests.e2e.conftest import open_directory
from tests.subgraph.auth.conftest import PASSWORD, make_key
from tests.subgraph.orders.client import ADMIN, token_of
from tests.support.customer import PATIENCE_S, Customer
from tests.support.shop import Shop, open_shop

pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.xdist_group("erasure")]

SERVICES = ("auth", "products", "users")
_AUTH, _PRODUCTS = "subgraphs.auth.repository", "subgraphs.products.repository.people"
_USERS, _PEERS = "subgraphs.users.repository", "subgraphs.users.service"
POINTS = {
    "auth": [f"after {_AUTH}.api_keys:delete_api_keys", f"committed {_AUTH}.accounts:close_account"],
    "products": [f"after {_PRODUCTS}:drop_votes", f"committed {_PRODUCTS}:drop_votes"],
    "users": [
        f"committed {_USERS}.erasures:take_due_erasure?",
        f"committed {_USERS}.erasures:insert_erasure_steps",
        f"before {_PEERS}.auth_peer:AuthPeer.disable",
        f"after {_PEERS}.auth_peer:AuthPeer.disable",
        f"after {_PEERS}.keepers:Keepers.erase",
        f"after {_USERS}.erasures:finish_erasure_step",
        f"committed {_USERS}.erasures:finish_erasure_step",
        f"after {_USERS}.erasures:set_erasure_status",
        f"committed {_USERS}.erasures:set_erasure_status",
    ],
}
"""Where a service dies, before and after each of its commits: each process at the next one, and one erasure outlives them all."""
POSTGRES = {"auth": POINTS["auth"][1:], "products": POINTS["products"][1:], "users": POINTS["users"][5:6]}
"""At which points of the three Postgres dies, in one erasure."""
REGISTER = f"""mutation($email: String!) {{
  register(input: {{email: $email, password: "{PASSWORD}", fullName: "Ada Lovelace"}}) {{ user {{ id }} errors {{ __typename }} }} }}"""
CATEGORY = 'mutation { createCategory(name: "Shelf") { category { id } errors { __typename } } }'
PRODUCT = """mutation($category: ID!) { createProduct(input: {name: "Editor", categoryId: $category, status: PUBLISHED,
  price: {amount: "1.00", currency: "USD"}}) { product { id } errors { __typename } } }"""
WISH = "mutation($id: ID!) { addToWishlist(productId: $id) { product { id } errors { __typename } } }"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shop() -> AsyncIterator[Shop]:
    more = {
        "JWT_SIGNING_KEY": make_key(),
        "AUTH_MAIL_URL": "smtp://localhost:1",
        "AUTH_BCRYPT_COST": "4",
    }
    with open_directory() as path:
        async with open_shop(path, services=SERVICES, more=more) as shop:
            yield shop


async def make_person(shop: Shop) -> UUID:
    """Somebody with an account, a session, a profile and a wish."""
    nobody = Customer(shop)
    user = (await nobody.insist("auth", REGISTER, "", email=f"{nobody.id}@example.com"))["user"]
    person = Customer(shop, UUID(user["id"]))
    administrator = token_of(ADMIN, "catalog:write")
    if not await shop.rows("products", "SELECT 1 FROM products"):
        category = (await nobody.insist("products", CATEGORY, administrator))["category"]["id"]
        await nobody.insist("products", PRODUCT, administrator, category=category)
    ((product_id,),) = await shop.rows("products", "SELECT id::text FROM products")
    await person.insist("products", WISH, id=product_id)
    assert await person.insist("users", "{ me { id } }") == {"id": user["id"]}
    return person.id


async def erase(shop: Shop, user_id: UUID, is_over: Callable[[], bool]) -> None:
    """Begin an erasure, and let time pass quickly until it is done and everybody has died who was to."""
    begin = "INSERT INTO erasure_requests (user_id, requested_by, status) VALUES ($1, $1, 'SCHEDULED')"
    await shop.rows("users", begin, user_id)
    async with asyncio.timeout(PATIENCE_S):
        status = ""
        while status != "COMPLETED" or not is_over():
            await shop.revive()
            await shop.rows(
                "users", "UPDATE erasure_requests SET next_try_at = now() WHERE status <> 'COMPLETED'"
            )
            ((status,),) = await shop.rows(
                "users", "SELECT status FROM erasure_requests WHERE user_id = $1", user_id
            )
            await asyncio.sleep(0.05)


async def audit(shop: Shop, user_id: UUID) -> None:
    """Everything of the person is gone, each service has its proof, and each thing is noted once."""
    proofs = await shop.rows(
        "users",
        """SELECT service, done_at IS NOT NULL FROM erasure_steps JOIN erasure_requests ON request_id = erasure_requests.id
        WHERE user_id = $1 ORDER BY position""",
        user_id,
    )
    assert proofs == [(name, True) for name in ("auth", "orders", "payments", "products", "users")]
    profile = await shop.rows("users", "SELECT full_name, status FROM profiles WHERE id = $1", user_id)
    assert profile == [("Deleted user", "DELETED")]
    account = await shop.rows("auth", "SELECT status, email FROM accounts WHERE id = $1", user_id)
    assert account == [("DELETED", f"deleted-{user_id}@deleted.invalid")]
    closed = "SELECT count(*) FROM audit_log WHERE action = 'account.close' AND target_id = $1"
    assert await shop.rows("auth", closed, str(user_id)) == [(1,)]
    living = "SELECT count(*) FROM sessions WHERE account_id = $1 AND revoked_at IS NULL"
    assert await shop.rows("auth", living, user_id) == [(0,)]
    assert await shop.rows("products", "SELECT count(*) FROM wishes WHERE user_id = $1", user_id) == [(0,)]


async def test_an_erasure_outlives_kill_9_at_each_of_its_steps(shop: Shop) -> None:
    user_id = await make_person(shop)
    shop.plan = {service: [*points] for service, points in POINTS.items()}
    for service in SERVICES:
        await shop.start(service)
    await erase(shop, user_id, lambda: not any([*shop.plan.values(), *shop.aims.values()]))
    await audit(shop, user_id)


async def test_an_erasure_outlives_a_postgres_that_is_killed(shop: Shop) -> None:
    user_id = await make_person(shop)
    shop.plan = {service: [*points] for service, points in POSTGRES.items()}
    deaths = shop.postgres_deaths
    for service in SERVICES:
        await shop.start(service, kill_postgres=True)
    await erase(shop, user_id, lambda: shop.postgres_deaths == deaths + len(SERVICES))
    await audit(shop, user_id)
