"""Logging in, staying logged in, logging out.

A session is a family of refresh tokens of which only the youngest is live. Refreshing uses it up and makes the
next. A used one that comes again has been copied: whether the thief or the owner shows it cannot be known, so
the whole family ends and the owner has to log in again (RFC 9700, 4.14.2).
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from subgraphs.auth import repository
from subgraphs.auth.domain import (
    USER_AGENT_LENGTH_MAX,
    Account,
    AccountStatus,
    RevokeReason,
    Role,
    Session,
    is_email,
    is_storable,
    normalize_email,
    parse_uuid,
)
from subgraphs.auth.service.passwords import PasswordHasher
from subgraphs.auth.service.refusals import CredentialsRefusedError, TokenRefusedError
from subgraphs.auth.service.tokens import IssuedTokens, TokenIssuer, hash_refresh_token, new_refresh_token
from subgraphs.common.database import Database, ReadSession, WriteSession
from subgraphs.common.errors import BadUserInputError
from subgraphs.common.pagination import Page, PageRequest, build_page

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Client:
    """From where a request came, as far as it is known."""

    ip: str | None = None
    user_agent: str | None = None


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
        hasher: PasswordHasher,
        issuer: TokenIssuer,
        options: SessionOptions,
        clock: Callable[[], datetime],
    ) -> None:
        """Take what it works with; `clock` gives the aware UTC time."""
        self._database = database
        self._hasher = hasher
        self._issuer = issuer
        self._options = options
        self._clock = clock

    async def login(self, email: str, password: str, client: Client) -> LoggedIn:
        """Begin a session.

        Raises:
            CredentialsRefusedError: no such account, not ACTIVE, or another password: one answer, and the same work.
        """
        normalized = normalize_email(email)
        found = None
        if is_email(normalized):
            async with self._database.read() as session:
                found = await repository.find_credentials(session, normalized)
        password_hash = None if found is None else found[1]
        if not await self._hasher.matches(password, password_hash) or found is None:
            raise CredentialsRefusedError
        account, known_hash = found
        if account.status is not AccountStatus.ACTIVE:
            raise CredentialsRefusedError
        # Hashed before the transaction, which would otherwise hold a connection meanwhile.
        renewed = await self._hasher.hash(password) if self._hasher.is_outdated(known_hash) else None
        async with self._database.write() as session:
            if renewed is not None:
                await repository.replace_password(session, account.id, known_hash, renewed)
            return await self.begin(session, account, client)

    async def begin(self, session: WriteSession, account: Account, client: Client) -> LoggedIn:
        """Begin a session of an account whose owner has been recognised."""
        now = self._clock()
        is_mfa = self._options.admin_login_is_mfa and account.role is Role.ADMIN
        begun = await repository.insert_session(
            session,
            {
                "account_id": account.id,
                "created_at": now,
                "last_seen_at": now,
                "expires_at": now + timedelta(seconds=self._options.ttl_s),
                "mfa_at": now if is_mfa else None,
                "ip": client.ip,
                "user_agent": _presentable(client.user_agent),
            },
        )
        return LoggedIn(account, await self._issue(session, account, begun, now))

    async def refresh(self, token: str) -> IssuedTokens:
        """Exchange a refresh token for new tokens.

        Raises:
            TokenRefusedError: unknown or used up, or the session or the account has ended.
        """
        # The refusal is raised outside the transaction: the end of a copied family must be committed.
        async with self._database.write() as session:
            issued = await self._rotate(session, hash_refresh_token(token))
        if issued is None:
            raise TokenRefusedError
        return issued

    async def _rotate(self, session: WriteSession, token_hash: bytes) -> IssuedTokens | None:
        now = self._clock()
        session_id = await repository.use_refresh_token(session, token_hash, now)
        if session_id is None:
            await self._end_copied_family(session, token_hash, now)
            return None
        found = await repository.touch_live_session(session, session_id, now)
        if found is None:
            return None
        account = (await repository.find_accounts(session, [found.account_id])).get(found.account_id)
        if account is None or account.status is not AccountStatus.ACTIVE:
            return None
        return await self._issue(session, account, found, now)

    async def _end_copied_family(self, session: WriteSession, token_hash: bytes, now: datetime) -> None:
        family = await repository.find_session_of_token(session, token_hash)
        if family is None:
            return
        which = repository.is_session(*family)
        if await repository.revoke_sessions(session, which, RevokeReason.TOKEN_REUSED, now):
            _log.warning("a used refresh token came again: session %s of account %s ended", *family)

    async def _issue(
        self,
        session: WriteSession,
        account: Account,
        found: Session,
        now: datetime,
    ) -> IssuedTokens:
        token = new_refresh_token()
        await repository.insert_refresh_token(session, hash_refresh_token(token), found.id, now)
        return self._issuer.issue(account, found, token, now)

    async def logout(self, account_id: UUID, session_id: UUID | None, *, everywhere: bool) -> int:
        """End a session, or all of an account; return how many ended."""
        if everywhere:
            which = repository.is_session_of(account_id)
        elif session_id is not None:
            which = repository.is_session(session_id, account_id)
        else:
            return 0
        async with self._database.write() as session:
            return await repository.revoke_sessions(session, which, RevokeReason.LOGOUT, self._clock())

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

    async def list_live(self, session: ReadSession, account_id: UUID, request: PageRequest) -> Page[Session]:
        """Return a page of the sessions of an account that have not ended, youngest first.

        Raises:
            BadUserInputError: the cursor is not one of this list.
        """
        before = None
        if request.after is not None:
            before = parse_uuid(request.after[0]) if len(request.after) == 1 else None
            if before is None:
                raise BadUserInputError("This cursor is none that this list gave out.")
        rows = await repository.list_live_sessions(
            session,
            account_id,
            self._clock(),
            before=before,
            limit=request.limit,
        )
        return build_page(request, rows, lambda row: (str(row.id),))

    async def count_live(self, session: ReadSession, account_id: UUID) -> int:
        """Count the sessions of an account that have not ended."""
        return await repository.count_live_sessions(session, account_id, self._clock())


def _presentable(user_agent: str | None) -> str | None:
    if user_agent is None or not is_storable(user_agent):
        return None
    return user_agent[:USER_AGENT_LENGTH_MAX]
