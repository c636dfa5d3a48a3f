"""An account as the other services get it, and the call that tells `users` of a change."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

from subgraphs.auth.domain import Account, AccountExport
from subgraphs.common.internal import InternalPeer, JsonObject, PeerError

_ANNOUNCE_S_MAX = 1.0  # a registration waits so long at most for a peer that it can do without

Announce = Callable[[Account], Awaitable[None]]
"""Tells `users` of a committed change; never raises."""

_log = logging.getLogger(__name__)


def write_account(account: Account) -> JsonObject:
    """Spell an account in JSON; the time is ISO 8601 in UTC."""
    return {
        "id": str(account.id),
        "email": account.email,
        "emailVerified": account.email_verified,
        "role": account.role.value,
        "status": account.status.value,
        "fullName": account.full_name,
        "version": account.version,
        "createdAt": account.created_at.isoformat(),
    }


def write_export(export: AccountExport) -> JsonObject:
    """Spell all that is known of somebody in JSON; no hash and no secret."""
    return {
        **write_account(export.account),
        "mfaEnabled": export.account.mfa_enabled,
        "sessions": [
            {
                "createdAt": each.created_at.isoformat(),
                "lastSeenAt": each.last_seen_at.isoformat(),
                "expiresAt": each.expires_at.isoformat(),
                "ip": each.ip,
                "userAgent": each.user_agent,
            }
            for each in export.sessions
        ],
        "apiKeys": [
            {"name": each.name, "scopes": [*each.scopes], "createdAt": each.created_at.isoformat()}
            for each in export.api_keys
        ],
        "log": [
            {"at": each.at.isoformat(), "action": each.action, "ip": each.ip, "outcome": each.outcome.value}
            for each in export.audit
        ],
    }


class Announcer:
    """Tells `users` what has changed, as well as it can: `users` asks by itself for what it misses."""

    def __init__(self, users: InternalPeer) -> None:
        """Take the way to `users`."""
        self._users = users

    async def __call__(self, account: Account) -> None:
        """Tell of one committed change; a peer that does not answer is only logged."""
        try:
            async with asyncio.timeout(_ANNOUNCE_S_MAX):
                await self._users.post("/internal/users/changed", {"user": write_account(account)})
        except (PeerError, TimeoutError) as error:
            _log.warning("users was not told of a change of account %s: %r", account.id, error)
