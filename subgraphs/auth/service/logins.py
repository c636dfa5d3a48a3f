"""Recognising somebody: by password, by second factor, and once more by second factor (step-up)."""

import hashlib
from collections.abc import Callable
from datetime import datetime, timedelta

from subgraphs.auth.domain import (
    Account,
    AccountStatus,
    AuditOutcome,
    Caller,
    Client,
    MfaMethod,
    Purpose,
    is_email,
    normalize_email,
)
from subgraphs.auth.repository import accounts as repository
from subgraphs.auth.repository import protection
from subgraphs.auth.repository import sessions as session_rows
from subgraphs.auth.service.audit import ACCOUNT, ADDRESS, Audit
from subgraphs.auth.service.factors import Factors
from subgraphs.auth.service.passwords import PasswordHasher
from subgraphs.auth.service.refusals import (
    CredentialsRefusedError,
    FactorRefusedError,
    SecondFactorNeededError,
)
from subgraphs.auth.service.secrets import hash_token, new_token
from subgraphs.auth.service.sessions import LoggedIn, Sessions
from subgraphs.auth.service.throttle import Throttle, address_keys, factor_key, login_key
from subgraphs.common.database import Database
from subgraphs.common.errors import ErrorCode

KNOWN_SESSIONS = 50
"""How many of an account's last sessions tell from where it is logged in to."""
_MFA_LOGIN_TTL = timedelta(minutes=5)


class Logins:
    """All that lets somebody in."""

    def __init__(  # noqa: PLR0913  the parts of a log-in
        self,
        database: Database,
        *,
        hasher: PasswordHasher,
        sessions: Sessions,
        factors: Factors,
        throttle: Throttle,
        audit: Audit,
        clock: Callable[[], datetime],
    ) -> None:
        """Take what it works with."""
        self._database = database
        self._hasher = hasher
        self._sessions = sessions
        self._factors = factors
        self._throttle = throttle
        self._audit = audit
        self._clock = clock

    async def login(self, email: str, password: str, client: Client) -> LoggedIn:
        """Begin a session.

        Raises:
            CredentialsRefusedError: no such account, not ACTIVE, or another password: one answer, and the same work.
            LockedOutError: too many failures with this address or from this client; the password is not looked at.
            SecondFactorNeededError: the password is right, and the account has a second factor.
        """
        normalized = normalize_email(email)
        found, known = None, []
        if is_email(normalized):
            async with self._database.read() as session:
                found = await repository.find_credentials(session, normalized)
                known = await session_rows.list_addresses(session, normalized, KNOWN_SESSIONS)
        key = login_key(normalized, client.ip, known)
        await self._throttle.charge(*address_keys(client.ip), key)
        password_hash = None if found is None else found[1]
        is_right = await self._hasher.matches(password, password_hash)
        if not is_right or found is None or found[0].status is not AccountStatus.ACTIVE:
            target = (ADDRESS, _digest(normalized)) if found is None else (ACCOUNT, found[0].id)
            await self._note_refusal(client, "login", target)
            raise CredentialsRefusedError
        account, known_hash = found
        # Hashed before the transaction, which would otherwise hold a connection meanwhile.
        renewed = await self._hasher.hash(password) if self._hasher.is_outdated(known_hash) else None
        async with self._database.write() as session:
            # The account before the counters, as whoever resets its password locks them. What ended its sessions while
            # the password was looked at (another password, a suspension, an erasure) ends this one before it begins.
            current = await repository.lock_credentials(session, account.id)
            if current is None or not (
                current[1] == known_hash or await self._hasher.matches(password, current[1])
            ):
                raise CredentialsRefusedError
            account = current[0]
            if renewed is not None:
                await repository.replace_password(session, account.id, known_hash, renewed)
            await self._throttle.settle(session, key)
            for address in address_keys(client.ip):
                await self._throttle.refund(session, address)
            if not account.mfa_enabled:
                logged_in = await self._sessions.begin(session, account, client)
                await self._audit.note(session, Caller(account.id, None, client), "login", _of(account))
                return logged_in
            mfa_token = new_token()
            await protection.insert_action_token(
                session,
                hash_token(mfa_token),
                account.id,
                Purpose.MFA_LOGIN,
                email=account.email,
                expires_at=self._clock() + _MFA_LOGIN_TTL,
            )
        raise SecondFactorNeededError(mfa_token)

    async def complete(self, mfa_token: str, method: MfaMethod, code: str, client: Client) -> LoggedIn:
        """Begin the session of a log-in that needed a second factor.

        Raises:
            CredentialsRefusedError: the log-in is unknown, finished or too old, or the code is wrong.
            LockedOutError: too many wrong codes.
        """
        now, token_hash = self._clock(), hash_token(mfa_token)
        async with self._database.read() as session:
            found = await protection.find_action_token(session, token_hash, [Purpose.MFA_LOGIN], now)
        if found is None:
            raise _expired()
        await self._throttle.charge(*address_keys(client.ip), factor_key(found.account_id))
        try:
            async with self._database.write() as session:
                account = await repository.lock_account(session, found.account_id)
                if account is None or account.status is not AccountStatus.ACTIVE:
                    raise _expired()
                if not await protection.use_action_token(session, token_hash, now):
                    raise _expired()
                await self._factors.use(session, account.id, method, code)
                for address in address_keys(client.ip):
                    await self._throttle.refund(session, address)
                logged_in = await self._sessions.begin(session, account, client, mfa_at=now)
                await self._audit.note(session, Caller(account.id, None, client), "login.mfa", _of(account))
                return logged_in
        except FactorRefusedError:
            # Undone with the transaction: the same log-in may be tried with another code, as often as the lock lets.
            await self._note_refusal(client, "login.mfa", (ACCOUNT, found.account_id))
            raise

    async def step_up(self, caller: Caller, method: MfaMethod, code: str) -> LoggedIn:
        """Note a fresh second factor in the caller's session and return its next tokens.

        Raises:
            CredentialsRefusedError: the session has ended, or the code is wrong.
            LockedOutError: too many wrong codes.
        """
        await self._throttle.charge(factor_key(caller.account_id))
        try:
            async with self._database.write() as session:
                account = await repository.lock_account(session, caller.account_id)
                if account is None or account.status is not AccountStatus.ACTIVE:
                    raise _expired()
                await self._factors.use(session, account.id, method, code)
                logged_in = await self._sessions.renew(session, account, caller, mfa_at=self._clock())
                if logged_in is None:
                    raise _expired()
                await self._audit.note(session, caller, "step_up", _of(account))
                return logged_in
        except FactorRefusedError:
            await self._note_refusal(caller, "step_up", (ACCOUNT, caller.account_id))
            raise

    async def _note_refusal(self, caller: Caller | Client, action: str, target: tuple[str, object]) -> None:
        async with self._database.write() as session:
            await self._audit.note(session, caller, action, target, AuditOutcome.DENIED)


def _of(account: Account) -> tuple[str, object]:
    return (ACCOUNT, account.id)


def _digest(normalized: str) -> str:
    # What somebody typed may be a password in the wrong field: the log gets no part of it.
    return hashlib.sha256(normalized.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def _expired() -> CredentialsRefusedError:
    return CredentialsRefusedError("The log-in has expired. Begin again.", (), ErrorCode.EXPIRED)
