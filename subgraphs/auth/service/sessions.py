"""Sessions: staying logged in, logging out.

A session is a family of refresh tokens of which only the youngest is live. Refreshing uses it up and makes the
next. A used one that comes again has been copied: whether the thief or the owner shows it cannot be known, so
the whole family ends and the owner has to log in again (RFC 9700, 4.14.2).
"""

import logging
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement

from subgraphs.auth.domain import (
    USER_AGENT_LENGTH_MAX,
    Account,
    AccountStatus,
    AuditOutcome,
    Caller,
    Client,
    RevokeReason,
    Role,
    Session,
    parse_uuid,
)
from subgraphs.auth.repository import accounts, factors
from subgraphs.auth.repository import sessions as repository
from subgraphs.auth.service.audit import ACCOUNT, Audit
from subgraphs.auth.service.refusals import TokenRefusedError
from subgraphs.auth.service.secrets import hash_token, new_token
from subgraphs.auth.service.tokens import IssuedTokens, TokenIssuer
from subgraphs.common.database import Database, ReadSession, WriteSession
from subgraphs.common.errors import BadUserInputError, ObjectNotFoundError
from subgraphs.common.pagination import Page, PageRequest, build_page
from subgraphs.common.text import is_storable

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """An account with the tokens of the session that it just began."""

    account: Account
    tokens: IssuedTokens


@dataclass(frozen=True, slots=True)
class SessionOptions:
    """How long a session lasts, and whether an admin's log-in counts as a second factor (development only)."""

    ttl_s: int
    admin_login_is_mfa: bool


class Sessions:
    """All that begins, continues or ends a session."""

    def __init__(
        self,
        database: Database,
        issuer: TokenIssuer,
        options: SessionOptions,
        audit: Audit,
        clock: Callable[[], datetime],
    ) -> None:
        """Take what it works with; `clock` gives the aware UTC time."""
        self._database = database
        self._issuer = issuer
        self._options = options
        self._audit = audit
        self._clock = clock

    async def begin(
        self, session: WriteSession, account: Account, client: Client, *, mfa_at: datetime | None = None
    ) -> LoggedIn:
        """Begin a session of an account whose owner has been recognised, `mfa_at` also by a second factor."""
        now = self._clock()
        if mfa_at is None and self._options.admin_login_is_mfa and account.role is Role.ADMIN:
            mfa_at = now
        begun = await repository.insert_session(
            session,
            {
                "account_id": account.id,
                "created_at": now,
                "last_seen_at": now,
                "expires_at": now + timedelta(seconds=self._options.ttl_s),
                "mfa_at": mfa_at,
                "ip": client.ip,
                "user_agent": _presentable(client.user_agent),
            },
        )
        return LoggedIn(account, await self._issue(session, account, begun, now))

    async def renew(
        self, session: WriteSession, account: Account, caller: Caller, *, mfa_at: datetime
    ) -> LoggedIn | None:
        """Give the caller's session its next tokens and note a second factor; None if it has ended."""
        now = self._clock()
        if caller.session_id is None:
            return None
        found = await repository.touch_live_session(session, caller.session_id, now)
        if found is None or found.account_id != account.id:
            return None
        await factors.note_mfa(session, found.id, mfa_at)
        await repository.drop_live_refresh_token(session, found.id, now)
        return LoggedIn(account, await self._issue(session, account, replace(found, mfa_at=mfa_at), now))

    async def refresh(self, token: str) -> IssuedTokens:
        """Exchange a refresh token for new tokens.

        Raises:
            TokenRefusedError: unknown or used up, or the session or the account has ended.
        """
        # The refusal is raised outside the transaction: the end of a copied family must be committed.
        async with self._database.write() as session:
            issued = await self._rotate(session, hash_token(token))
        if issued is None:
            raise TokenRefusedError
        return issued

    async def _rotate(self, session: WriteSession, token_hash: bytes) -> IssuedTokens | None:
        now = self._clock()
        # The session before its tokens, as whoever steps up locks them.
        family = await repository.lock_session_of_token(session, token_hash)
        if family is None:
            return None
        if not await repository.use_refresh_token(session, token_hash, now):
            await self._end_copied_family(session, family, now)
            return None
        found = await repository.touch_live_session(session, family[0], now)
        if found is None:
            return None
        account = (await accounts.find_accounts(session, [found.account_id])).get(found.account_id)
        if account is None or account.status is not AccountStatus.ACTIVE:
            return None
        return await self._issue(session, account, found, now)

    async def _end_copied_family(
        self, session: WriteSession, family: tuple[UUID, UUID], now: datetime
    ) -> None:
        which = repository.is_session(*family)
        if await repository.revoke_sessions(session, which, RevokeReason.TOKEN_REUSED, now):
            await self._audit.note(
                session,
                Client(),
                "session.reuse",
                (ACCOUNT, family[1]),
                AuditOutcome.DENIED,
            )
            _log.warning("a used refresh token came again: session %s of account %s ended", *family)

    async def _issue(
        self,
        session: WriteSession,
        account: Account,
        found: Session,
        now: datetime,
    ) -> IssuedTokens:
        token = new_token()
        await repository.insert_refresh_token(session, hash_token(token), found.id, now)
        return self._issuer.issue(account, found, token, now)

    async def logout(self, caller: Caller, *, everywhere: bool) -> int:
        """End the caller's session, or all of the account; return how many ended."""
        if everywhere:
            which = repository.is_session_of(caller.account_id)
        elif caller.session_id is not None:
            which = repository.is_session(caller.session_id, caller.account_id)
        else:
            return 0
        return await self._revoke(caller, which, RevokeReason.LOGOUT, "logout")

    async def revoke(self, caller: Caller, session_id: UUID | None) -> int:
        """End one session of the caller's, on whatever device; 1 if it was live, else 0.

        Raises:
            ObjectNotFoundError: there is no such session, or it is another's.
        """
        async with self._database.read() as session:
            found = None if session_id is None else await repository.find_session(session, session_id)
        if found is None or found.account_id != caller.account_id:
            raise ObjectNotFoundError("There is no such session.", ("sessionId",))
        which = repository.is_session(found.id, caller.account_id)
        return await self._revoke(caller, which, RevokeReason.REVOKED, "session.revoke")

    async def _revoke(
        self, caller: Caller, which: list[ColumnElement[bool]], reason: RevokeReason, action: str
    ) -> int:
        async with self._database.write() as session:
            ended = await repository.revoke_sessions(session, which, reason, self._clock())
            if ended:
                await self._audit.note(session, caller, action, (ACCOUNT, caller.account_id))
            return ended

    async def end_all(
        self,
        session: WriteSession,
        account_id: UUID,
        reason: RevokeReason,
        *,
        but: UUID | None = None,
    ) -> int:
        """End every session of an account but one, within the caller's transaction."""
        which = repository.is_session_of(account_id, but=but)
        return await repository.revoke_sessions(session, which, reason, self._clock())

    async def find_live(self, session: ReadSession, session_id: UUID) -> Session | None:
        """Return a session that has not ended."""
        return await repository.find_live_session(session, session_id, self._clock())

    async def list_live(
        self, session: ReadSession, account_ids: Collection[UUID], request: PageRequest
    ) -> dict[UUID, Page[Session]]:
        """Return a page of the sessions of each account that have not ended, youngest first.

        Raises:
            BadUserInputError: the cursor is not one of this list.
        """
        before = None
        if request.after is not None:
            before = parse_uuid(request.after[0]) if len(request.after) == 1 else None
            if before is None:
                raise BadUserInputError("This cursor is none that this list gave out.")
        found = await repository.list_live_sessions(
            session,
            account_ids,
            self._clock(),
            before=before,
            limit=request.limit,
        )
        return {
            account_id: build_page(request, rows, lambda row: (str(row.id),))
            for account_id, rows in found.items()
        }

    async def count_live(self, session: ReadSession, account_ids: Collection[UUID]) -> dict[UUID, int]:
        """Count the sessions of each account that have not ended."""
        return await repository.count_live_sessions(session, account_ids, self._clock())


def _presentable(user_agent: str | None) -> str | None:
    if user_agent is None or not is_storable(user_agent):
        return None
    return user_agent[:USER_AGENT_LENGTH_MAX]
