"""API keys: for programs, which exchange them for short-lived access tokens with fewer scopes."""

import re
from collections.abc import Callable, Collection
from datetime import datetime
from uuid import UUID

from subgraphs.auth.domain import (
    Account,
    AccountStatus,
    ApiKey,
    Caller,
    Client,
    scopes_of,
)
from subgraphs.auth.repository import accounts
from subgraphs.auth.repository import api_keys as repository
from subgraphs.auth.service.audit import ACCOUNT, API_KEY, Audit
from subgraphs.auth.service.refusals import ActionTokenRefusedError
from subgraphs.auth.service.secrets import hash_token, new_token
from subgraphs.auth.service.throttle import Throttle, address_keys
from subgraphs.auth.service.tokens import IssuedAccess, TokenIssuer
from subgraphs.common.database import Database, ReadSession
from subgraphs.common.errors import ErrorCode, InvalidInputError, ObjectNotFoundError
from subgraphs.common.text import check_line

KEYS_MAX = 20
NAME_LENGTH_MAX = 100
SCOPES_MAX = 20
_MARK = "mkt_"  # so that a key in a public repository is recognised as one
_PREFIX_LENGTH = 8
_SECRET = re.compile(r"mkt_[A-Za-z0-9_-]{20,100}")


class ApiKeys:
    """All that makes, uses or revokes an API key."""

    def __init__(
        self,
        database: Database,
        issuer: TokenIssuer,
        throttle: Throttle,
        audit: Audit,
        clock: Callable[[], datetime],
    ) -> None:
        """Take what it works with."""
        self._database = database
        self._issuer = issuer
        self._throttle = throttle
        self._audit = audit
        self._clock = clock

    async def create(
        self, caller: Caller, name: str, scopes: list[str], expires_at: datetime | None
    ) -> tuple[ApiKey, str]:
        """Make a key and return it with its secret, which nobody can read again.

        Raises:
            InvalidInputError: a value cannot be used, a scope is not the owner's, or there are too many keys.
        """
        clean = check_line(name, NAME_LENGTH_MAX, ("input", "name"))
        now = self._clock()
        if expires_at is not None and expires_at <= now:
            raise InvalidInputError("This time has passed.", ("input", "expiresAt"))
        secret = _MARK + new_token()
        async with self._database.write() as session:
            # Locked, so that many at once are not more than may be.
            account = await accounts.lock_account(session, caller.account_id)
            if account is None or account.status is not AccountStatus.ACTIVE:
                raise InvalidInputError("The account is closed.", (), ErrorCode.INVALID_STATE)
            if len(scopes) > SCOPES_MAX or not set(scopes) <= scopes_of(account.role):
                raise InvalidInputError("A key can only have scopes that you have.", ("input", "scopes"))
            if await repository.count_live_api_keys(session, account.id) >= KEYS_MAX:
                message = f"There can be at most {KEYS_MAX} keys. Revoke one first."
                raise InvalidInputError(message, (), ErrorCode.LIMIT_EXCEEDED)
            values: dict[str, object] = {
                "account_id": account.id,
                "name": clean,
                "prefix": secret[: len(_MARK) + _PREFIX_LENGTH],
                "secret_hash": hash_token(secret),
                "scopes": sorted(set(scopes)),
                "created_at": now,
                "expires_at": expires_at,
            }
            key = await repository.insert_api_key(session, values)
            await self._audit.note(session, caller, "api_key.create", (API_KEY, key.id))
        return key, secret

    async def revoke(self, caller: Caller, key_id: UUID | None) -> Account:
        """Revoke a key of the caller, whose account is returned; revoking it again changes nothing.

        Raises:
            ObjectNotFoundError: there is no such key, or it is another's.
        """
        async with self._database.write() as session:
            if key_id is None or not await repository.has_api_key(session, caller.account_id, key_id):
                raise ObjectNotFoundError("There is no such key.", ("id",))
            if await repository.revoke_api_key(session, caller.account_id, key_id, self._clock()):
                await self._audit.note(session, caller, "api_key.revoke", (API_KEY, key_id))
            return (await accounts.find_accounts(session, [caller.account_id]))[caller.account_id]

    async def exchange(self, secret: str, client: Client) -> IssuedAccess:
        """Return an access token for a key: its scopes, as far as its owner's role still has them.

        Raises:
            ActionTokenRefusedError: the key is unknown, revoked or expired, or its owner may not log in.
            LockedOutError: too many wrong ones from this address.
        """
        keys = address_keys(client.ip)
        await self._throttle.charge(*keys)
        if not _SECRET.fullmatch(secret):
            raise ActionTokenRefusedError("apiKey")
        now = self._clock()
        async with self._database.write() as session:
            key = await repository.use_api_key(session, hash_token(secret), now)
            found = {} if key is None else await accounts.find_accounts(session, [key.account_id])
            account = None if key is None else found.get(key.account_id)
            if key is None or account is None or account.status is not AccountStatus.ACTIVE:
                raise ActionTokenRefusedError("apiKey")
            for address in keys:
                await self._throttle.refund(session, address)
            await self._audit.note(
                session, Caller(account.id, None, client), "api_key.use", (ACCOUNT, account.id)
            )
        return self._issuer.issue_for_key(account, key, now)

    async def list_all(self, session: ReadSession, account_ids: Collection[UUID]) -> dict[UUID, list[ApiKey]]:
        """Return each account's youngest keys, revoked ones too."""
        return await repository.list_api_keys_of(session, account_ids, KEYS_MAX * 2)
