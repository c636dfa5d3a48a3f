"""The five seeds, as the command line runs them, on databases of a test."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from stack.settings import SUBGRAPHS
from subgraphs.auth.app import seed_demo as seed_auth
from subgraphs.common.demo.scope import Scope
from subgraphs.common.migrate import migrate
from subgraphs.common.settings import CommonSettings, read_settings
from subgraphs.orders.app import seed_demo as seed_orders
from subgraphs.payments.app import seed_demo as seed_payments
from subgraphs.products.app import seed_demo as seed_products
from subgraphs.users.app import seed_demo as seed_users

Seed = Callable[[CommonSettings, Mapping[str, str], Scope], Awaitable[None]]
SEEDS: dict[str, Seed] = {
    "auth": seed_auth,
    "products": seed_products,
    "orders": seed_orders,
    "payments": seed_payments,
    "users": seed_users,
}
_SUBGRAPHS = Path(__file__).parents[2] / "subgraphs"


def run(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine to its end, whatever loop the caller may run in."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, work).result()


async def migrate_all(urls: Mapping[str, str]) -> None:
    """Make the tables, one database after the other: alembic knows one migration a process."""
    for name, url in urls.items():
        await migrate(url, _SUBGRAPHS / name / "migrations")


async def seed(
    urls: Mapping[str, str], scope: Scope, keys: Path, *names: str, profile: str = "development"
) -> None:
    """Load a story into the databases, or into those named; `keys` is a directory for auth's key."""
    environ = {
        **{f"{name.upper()}_DATABASE_URL": url for name, url in urls.items()},
        "INTERNAL_SECRET": "s" * 40,
        "MARKETPLACE_PROFILE": profile,
        "AUTH_BCRYPT_COST": "4",
        "JWT_SIGNING_KEY_FILE": str(keys / "key.pem"),
    }
    for name in names or SUBGRAPHS:
        await SEEDS[name](read_settings(name, environ), environ, scope)
