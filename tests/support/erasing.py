"""Somebody who is forgotten by auth, products and users, and an auditor who looks whether nothing is left."""

import asyncio
from uuid import UUID

from tests.subgraph.auth.conftest import PASSWORD, make_key
from tests.subgraph.orders.client import ADMIN, token_of
from tests.support.boundaries import DRIVEN, Story, Striker
from tests.support.customer import PATIENCE_S, Customer
from tests.support.shop import Shop

SERVICES = ("auth", "products", "users")
MORE = {
    **DRIVEN,
    "JWT_SIGNING_KEY": make_key(),
    "AUTH_MAIL_URL": "smtp://localhost:1",
    "AUTH_BCRYPT_COST": "4",
}
"""What these services have in their environment."""
REGISTER = f"""mutation($email: String!) {{
  register(input: {{email: $email, password: "{PASSWORD}", fullName: "Ada Lovelace"}}) {{ user {{ id }} errors {{ __typename }} }} }}"""
CATEGORY = 'mutation { createCategory(name: "Shelf") { category { id } errors { __typename } } }'
PRODUCT = """mutation($category: ID!) { createProduct(input: {name: "Editor", categoryId: $category, status: PUBLISHED,
  price: {amount: "1.00", currency: "USD"}}) { product { id } errors { __typename } } }"""
WISH = "mutation($id: ID!) { addToWishlist(productId: $id) { product { id } errors { __typename } } }"


async def suffer_erasure(striker: Striker) -> Story:
    """Have somebody forgotten while things happen; everything of the person is gone afterwards."""
    shop = striker.shop
    user_id = await _make_person(shop)
    begin = "INSERT INTO erasure_requests (user_id, requested_by, status) VALUES ($1, $1, 'SCHEDULED')"
    await shop.rows("users", begin, user_id)
    shop.wires.arm(striker.judge)
    await _erase(shop, user_id)
    shop.wires.judge = None
    await _audit(shop, user_id)
    return []


async def _make_person(shop: Shop) -> UUID:
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


async def _erase(shop: Shop, user_id: UUID) -> None:
    """Let time pass quickly until it is done."""
    async with asyncio.timeout(PATIENCE_S):
        status = ""
        while status != "COMPLETED":
            await shop.drive()
            await shop.rows(
                "users", "UPDATE erasure_requests SET next_try_at = now() WHERE status <> 'COMPLETED'"
            )
            ((status,),) = await shop.rows(
                "users", "SELECT status FROM erasure_requests WHERE user_id = $1", user_id
            )


async def _audit(shop: Shop, user_id: UUID) -> None:
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
