"""Locks against guessing: by account and by network address, longer with each failure.

An attempt is counted before it is made and taken back if it was good: so many attempts at once are not one attempt.
The key of an account is the address that was typed, whether or not it has an account, so a lock tells nothing. Where the
account was logged in to before has a key of its own, so that strangers lock nobody out there.
"""

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from uuid import UUID

from subgraphs.auth.repository import protection
from subgraphs.auth.service.refusals import LockedOutError
from subgraphs.common.database import Database, ReadSession, WriteSession

IPV6 = 6
FORGET_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """How many failures are free, and how long a lock is at most; the first is a second, each next one twice as long."""

    free: int
    lock_s_max: int


ACCOUNT = Limit(free=5, lock_s_max=3600)
# Many people can share one address, and an office should not be locked out by one of them.
ADDRESS = Limit(free=50, lock_s_max=900)


@dataclass(frozen=True, slots=True)
class ThrottleKey:
    """What is counted together."""

    text: str
    limit: Limit


def email_key(normalized: str) -> ThrottleKey:
    """Name the log-ins with an address; any text is one."""
    digest = hashlib.sha256(normalized.encode("utf-8", "surrogatepass")).hexdigest()
    return ThrottleKey(f"email:{digest}", ACCOUNT)


def login_key(normalized: str, ip: str | None, known: Collection[str]) -> ThrottleKey:
    """Name the log-ins with an address: from a network with one of the `known` network addresses, or from all others."""
    key, networks = email_key(normalized), address_keys(ip)
    if networks and any(address_keys(each) == networks for each in known):
        return ThrottleKey(f"{key.text}@{networks[0].text}", ACCOUNT)
    return key


def confirm_key(account_id: UUID) -> ThrottleKey:
    """Name the passwords given for an account by who is logged in to it."""
    return ThrottleKey(f"confirm:{account_id}", ACCOUNT)


def factor_key(account_id: UUID) -> ThrottleKey:
    """Name the second factors given for an account."""
    return ThrottleKey(f"factor:{account_id}", ACCOUNT)


def mail_key(normalized: str) -> ThrottleKey:
    """Name the mails that were asked for with an address."""
    return ThrottleKey(email_key(normalized).text.replace("email:", "mail:", 1), ACCOUNT)


def address_keys(ip: str | None) -> list[ThrottleKey]:
    """Name all that comes from a network address, if it is known.

    Who has one address of IPv6 has all of its /64 network, so they are one.
    """
    if ip is None:
        return []
    network = ip_network((ip, 64 if ip_address(ip).version == IPV6 else 32), strict=False)
    return [ThrottleKey(f"ip:{network}", ADDRESS)]


class Throttle:
    """Counts failures and keeps locks."""

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        """Take the database, and the clock that gives the aware UTC time."""
        self._database = database
        self._clock = clock

    async def charge(self, *keys: ThrottleKey) -> None:
        """Count an attempt under each key.

        Raises:
            LockedOutError: one of them is locked; it tells for how long.
        """
        now = self._clock()
        for key in keys:
            async with self._database.write() as session:
                is_free = await protection.charge_throttle(
                    session,
                    key.text,
                    now,
                    free=key.limit.free,
                    lock_s_max=key.limit.lock_s_max,
                    forget_after=FORGET_AFTER,
                )
            if not is_free:
                await self._refuse(key, now)

    async def _refuse(self, key: ThrottleKey, now: datetime) -> None:
        async with self._database.read() as session:
            locks = await protection.find_locks(session, [key.text], now)
        raise LockedOutError(max(1, round((locks.get(key.text, now) - now).total_seconds())))

    async def settle(self, session: WriteSession, key: ThrottleKey) -> None:
        """Forget the failures of a key after a good attempt."""
        await protection.clear_throttle(session, key.text)

    async def refund(self, session: WriteSession, key: ThrottleKey) -> None:
        """Take one attempt back, which was good; the failures before it stay."""
        await protection.refund_throttle(session, key.text, self._clock())

    async def find_locks(self, session: ReadSession, emails: Collection[str]) -> dict[str, datetime]:
        """Return until when log-ins with each address are locked; one that is not locked is not there."""
        keys = {email_key(email).text: email for email in emails}
        found = await protection.find_locks(session, [*keys], self._clock())
        return {keys[key]: until for key, until in found.items()}
