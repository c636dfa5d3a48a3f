"""Services on databases of a test, with nobody else there."""

from pathlib import Path

from subgraphs.auth.service import AuthService, build_service
from subgraphs.auth.settings import read_auth_settings
from subgraphs.common.database import Database
from subgraphs.common.delivery import HttpCourier
from subgraphs.common.internal import InternalClient
from subgraphs.common.settings import read_settings
from subgraphs.orders.settings import read_orders_settings
from subgraphs.users.settings import read_users_settings

NOBODY_THERE = InternalClient("http://127.0.0.1:9", "s" * 40)
COURIER = HttpCourier({})
_ENVIRON = {
    **{f"{name}_DATABASE_URL": "postgresql://nobody@nowhere/x" for name in ("AUTH", "ORDERS", "USERS")},
    "INTERNAL_SECRET": "s" * 40,
}
ORDERS_SETTINGS = read_orders_settings(read_settings("orders", _ENVIRON), _ENVIRON)
USERS_SETTINGS = read_users_settings(read_settings("users", _ENVIRON), _ENVIRON)


def build_auth_service(database: Database, keys: Path) -> AuthService:
    """Auth, with its key in the directory `keys`."""
    environ = {
        **_ENVIRON,
        "MARKETPLACE_PROFILE": "development",
        "JWT_SIGNING_KEY_FILE": str(keys / "key.pem"),
    }

    async def tell_nobody(_account: object) -> None:
        return None

    return build_service(read_auth_settings(read_settings("auth", environ), environ), database, tell_nobody)
