"""Making accounts and changing them. What others copy is announced once it is committed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from subgraphs.auth.domain import (
    DELETED_NAME,
    Account,
    AccountStatus,
    Caller,
    Client,
    MailKind,
    Purpose,
    RevokeReason,
    Role,
    deleted_email,
    is_email,
    is_full_name,
    normalize_email,
)
from subgraphs.auth.repository import accounts as repository
from subgraphs.auth.repository import api_keys, factors, protection
from subgraphs.auth.repository import sessions as session_rows
from subgraphs.auth.service.audit import ACCOUNT, Audit
from subgraphs.auth.service.confirming import PasswordCheck, wrong_password
from subgraphs.auth.service.outbox import Outbox
from subgraphs.auth.service.passwords import PasswordHasher
from subgraphs.auth.service.refusals import AddressTakenError, LockedOutError, PasswordRefusedError
from subgraphs.auth.service.sessions import LoggedIn, Sessions
from subgraphs.auth.service.throttle import Throttle, address_keys
from subgraphs.auth.service.wire import Announce
from subgraphs.common.database import Database, ReadSession, WriteSession
from subgraphs.common.errors import ErrorCode, InvalidInputError, ObjectNotFoundError
from subgraphs.common.text import is_storable, tidy_line

REASON_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True)
class Registration:
    """What a new user types."""

    email: str
    password: str
    full_name: str


@dataclass(frozen=True, slots=True)
class PasswordChange:
    """The old and the new password, and whether all sessions but the caller's shall end."""

    current: str
    new: str
    revoke_others: bool


@dataclass(frozen=True, slots=True)
class StatusChange:
    """The account, its new status, and why, for the audit log."""

    account_id: UUID
    status: AccountStatus
    reason: str | None


@dataclass(frozen=True, slots=True)
class AccountOptions:
    """Whether a new account counts as verified at once (development only)."""

    verified_at_registration: bool


class Accounts:
    """All that makes or changes an account."""

    def __init__(  # noqa: PLR0913  the parts that a change touches
        self,
        database: Database,
        *,
        hasher: PasswordHasher,
        sessions: Sessions,
        passwords: PasswordCheck,
        outbox: Outbox,
        throttle: Throttle,
        audit: Audit,
        options: AccountOptions,
        announce: Announce,
    ) -> None:
        """Take what it works with; `announce` tells `users` of a committed change and never raises."""
        self._database = database
        self._hasher = hasher
        self._sessions = sessions
        self._passwords = passwords
        self._outbox = outbox
        self._throttle = throttle
        self._audit = audit
        self._options = options
        self._announce = announce

    async def register(self, registration: Registration, client: Client) -> LoggedIn:
        """Make an account and begin its first session, in one transaction.

        Raises:
            InvalidInputError: the address or the name cannot be used.
            PasswordRefusedError: the password is weak.
            AddressTakenError: the address has an account, in any spelling of its case.
        """
        email = normalize_email(registration.email)
        full_name = tidy_line(registration.full_name)
        if not is_email(email):
            raise InvalidInputError("This is not an e-mail address that we can write to.", ("input", "email"))
        if not is_full_name(full_name):
            raise InvalidInputError("Give a name of 1 to 100 characters.", ("input", "fullName"))
        # Whoever asks for many addresses which have accounts is slowed down.
        await self._charge(client)
        await self._hasher.check_new(registration.password, email, ("input", "password"))
        password_hash = await self._hasher.hash(registration.password)
        values: dict[str, object] = {
            "email": email,
            "email_verified": self._options.verified_at_registration,
            "password_hash": password_hash,
            "full_name": full_name,
        }
        async with self._database.write() as session:
            account = await repository.insert_account(session, values)
            if account is None:
                raise AddressTakenError
            if not account.email_verified:
                await self._outbox.add(session, MailKind.VERIFY_EMAIL, account.email, account.id)
            for address in address_keys(client.ip):
                await self._throttle.refund(session, address)
            logged_in = await self._sessions.begin(session, account, client)
            await self._audit.note(session, Caller(account.id, None, client), "register", _of(account.id))
        await self._announce(account)
        return logged_in

    async def _charge(self, client: Client) -> None:
        try:
            await self._throttle.charge(*address_keys(client.ip))
        except LockedOutError as error:
            raise InvalidInputError(error.message, (), ErrorCode.LOCKED) from error

    async def change_password(self, caller: Caller, change: PasswordChange) -> Account:
        """Replace a password by a new one.

        Raises:
            CredentialsRefusedError: the current password is wrong, was tried too often, or was changed meanwhile.
            PasswordRefusedError: the new one is weak or the same.
        """
        current = ("input", "currentPassword")
        account, old_hash = await self._passwords.confirm_with_hash(
            caller.account_id, change.current, current
        )
        path = ("input", "newPassword")
        await self._hasher.check_new(change.new, account.email, path)
        if await self._hasher.matches(change.new, old_hash):
            raise PasswordRefusedError(["It must not be the current password."], path)
        new_hash = await self._hasher.hash(change.new)
        async with self._database.write() as session:
            if not await repository.replace_password(session, account.id, old_hash, new_hash):
                raise wrong_password(current)
            await drop_requests(session, account.id)
            if change.revoke_others:
                reason = RevokeReason.PASSWORD_CHANGED
                await self._sessions.end_all(session, account.id, reason, but=caller.session_id)
            await self._outbox.add(session, MailKind.PASSWORD_CHANGED, account.email, account.id)
            await self._audit.note(session, caller, "password.change", _of(account.id))
        return account

    async def set_role(self, caller: Caller, account_id: UUID, role: Role) -> Account:
        """Give an account a role; giving it the one that it has changes nothing.

        Raises:
            ObjectNotFoundError: no such account, or it is deleted.
            InvalidInputError: nobody would be left to administer.
        """
        async with self._database.write() as session:
            await _keep_an_admin(session, account_id, still_admin=role is Role.ADMIN)
            changed = await repository.set_role(session, account_id, role)
            if changed is not None:
                await self._audit.note(session, caller, f"role.set {role}", _of(account_id))
            account = await _read_changed(session, account_id, changed)
        if changed is not None:
            await self._announce(changed)
        return account

    async def set_status(self, caller: Caller, change: StatusChange) -> Account:
        """Suspend an account, which ends its sessions, or let it in again.

        Raises:
            ObjectNotFoundError: no such account, or it is deleted.
            InvalidInputError: DELETED, which needs an erasure, an unusable reason, or nobody would be left to
                administer.
        """
        account_id, status, reason = change.account_id, change.status, change.reason or ""
        if status is AccountStatus.DELETED:
            raise InvalidInputError("An account is deleted by deleteUser.", ("status",))
        if len(reason) > REASON_LENGTH_MAX or not is_storable(reason):
            raise InvalidInputError(f"Give a reason of at most {REASON_LENGTH_MAX} characters.", ("reason",))
        async with self._database.write() as session:
            await _keep_an_admin(session, account_id, still_admin=status is AccountStatus.ACTIVE)
            changed = await repository.set_status(session, account_id, status)
            if changed is not None:
                if status is not AccountStatus.ACTIVE:
                    await self._sessions.end_all(session, account_id, RevokeReason.ACCOUNT_SUSPENDED)
                action = f"status.set {status}: {reason}" if reason else f"status.set {status}"
                await self._audit.note(session, caller, action, _of(account_id))
            account = await _read_changed(session, account_id, changed)
        if changed is not None:
            await self._announce(changed)
        return account

    async def check_password(self, account_id: UUID, password: str) -> None:
        """Check that a password is an account's own, for another service that asks for it.

        Raises:
            CredentialsRefusedError: it is not, or was tried too often.
        """
        await self._passwords.confirm(account_id, password)

    async def rename(self, account_id: UUID, full_name: str, at: datetime) -> bool:
        """Take over the name that `users` owns, for the tokens to come; news that is late changes nothing.

        Raises:
            InvalidInputError: the name cannot be used.
        """
        normalized = tidy_line(full_name)
        if not is_full_name(normalized):
            raise InvalidInputError("Give a name of 1 to 100 characters.", ("fullName",))
        async with self._database.write() as session:
            return await repository.rename_account(session, account_id, normalized, at)

    async def close(self, account_id: UUID) -> Account:
        """Delete an account: nobody can log in to it again, and nothing in it names a person. Repeatable.

        Raises:
            ObjectNotFoundError: there never was such an account.
            InvalidInputError: nobody would be left to administer.
        """
        async with self._database.write() as session:
            await _keep_an_admin(session, account_id, still_admin=False)
            before = await repository.lock_account(session, account_id)
            if before is None:
                raise ObjectNotFoundError("There is no such user.", ("id",))
            account = await repository.close_account(
                session, account_id, deleted_email(account_id), DELETED_NAME
            )
            await self._sessions.end_all(session, account_id, RevokeReason.ACCOUNT_CLOSED)
            await session_rows.scrub_sessions(session, account_id)
            # A mail that is going out has made its token when it has gone.
            await protection.drop_mails(session, account_id, [*MailKind], before.email)
            await protection.drop_action_tokens(session, account_id, [*Purpose])
            await factors.remove_totp(session, account_id)
            await api_keys.delete_api_keys(session, account_id)
            if account is not None:
                await self._audit.note(session, Client(), "account.close", _of(account_id))
        return account or before

    async def find_many(self, session: ReadSession, ids: Iterable[UUID]) -> dict[UUID, Account]:
        """Return those of the accounts that exist, deleted ones too, by id."""
        return await repository.find_accounts(session, ids)


async def drop_requests(session: WriteSession, account_id: UUID) -> None:
    """Make useless what was begun with an account's old password: log-ins, and new addresses and passwords on their way.

    Whoever knew the old password may have asked for them.
    """
    await protection.drop_mails(session, account_id, [MailKind.CHANGE_EMAIL])
    await protection.drop_action_tokens(
        session, account_id, [Purpose.RESET_PASSWORD, Purpose.CHANGE_EMAIL, Purpose.MFA_LOGIN]
    )


async def _keep_an_admin(session: WriteSession, account_id: UUID, *, still_admin: bool) -> None:
    # The lock makes two administrators who demote each other at once take turns.
    admins = await repository.lock_active_admins(session)
    if not still_admin and admins == {account_id}:
        raise InvalidInputError("This is the last administrator.", (), ErrorCode.INVALID_STATE)


async def _read_changed(session: WriteSession, account_id: UUID, changed: Account | None) -> Account:
    account = changed or (await repository.find_accounts(session, [account_id])).get(account_id)
    if account is None or account.status is AccountStatus.DELETED:
        raise ObjectNotFoundError("There is no such user.", ("userId",))
    return account


def _of(account_id: UUID) -> tuple[str, object]:
    return (ACCOUNT, account_id)
