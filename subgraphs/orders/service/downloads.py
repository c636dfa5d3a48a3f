"""Downloads: a link for a few minutes, and only while the licence may be used.

What is downloaded is the licence file that unlocks an app; the apps of the demo are not really sold, so there is nothing
else to hand out.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from subgraphs.common.database import Database
from subgraphs.common.internal import JsonObject
from subgraphs.common.links import is_link_signed, sign_link
from subgraphs.orders.domain import License
from subgraphs.orders.repository import licenses

LIFE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class DownloadOptions:
    """Under which web address this service is reached, and the key that signs links."""

    public_url: str
    secret: str


def utc_now() -> datetime:
    """The time: what tests replace."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Downloads:
    """Hands out what licences are for."""

    database: Database
    options: DownloadOptions
    clock: Callable[[], datetime] = utc_now

    def link(self, license_: License) -> str | None:
        """Where the holder of a licence gets the file in the next minutes; None if it may not be used now."""
        now = self.clock()
        if not license_.is_usable(now):
            return None
        expires = int((now + LIFE).timestamp())
        signature = sign_link(self.options.secret, _name(license_.id, expires))
        return f"{self.options.public_url}/downloads/{license_.id}?expires={expires}&signature={signature}"

    async def read(self, license_id: UUID, expires: int, signature: str) -> JsonObject | None:
        """The licence file; None if the link is wrong or too old, or the licence may not be used any more."""
        now = self.clock()
        if not is_link_signed(signature, self.options.secret, _name(license_id, expires)):
            return None
        async with self.database.read() as session:
            found = await licenses.find_licenses(session, [license_id])
        if now.timestamp() >= expires or not found or not found[0].is_usable(now):
            return None
        license_ = found[0]
        return {
            "licenseId": str(license_.id),
            "productId": str(license_.product_id),
            "key": license_.key,
            "activationLimit": license_.activation_limit,
            "issuedAt": license_.created_at.isoformat(),
        }


def _name(license_id: UUID, expires: int) -> str:
    return f"download {license_id} until {expires}"
