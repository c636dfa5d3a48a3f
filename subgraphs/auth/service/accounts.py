"""Making accounts and changing them. What others copy is announced once it is committed."""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from subgraphs.auth import repository
from subgraphs.auth.domain import (
    DELETED_NAME,
    Account,
    AccountStatus,
    RevokeReason,
    Role,
    deleted_email,
    find_password_faults,
    is_email,
    is_full_name,
    normalize_email,
    normalize_full_name,
)
from subgraphs.auth.service.passwords import PasswordHasher
from subgraphs.auth.service.refusals import (
    AddressTakenError,
    CredentialsRefusedError,
    PasswordRefusedError,
)
from subgraphs.auth.service.sessions import Client, LoggedIn, Sessions
from subgraphs.common.database import Database, ReadSession, WriteSession
from subgraphs.common.errors import ErrorCode, InvalidInputError, ObjectNotFoundError

Announce = Callable[[Account], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Registration:
    """What a new user types."""

    email: str
    password: str
    full_name: str


@dataclass(frozen=True, slots=True)
class PasswordChange:
    """The old and the new password, and whether all sessions but `session_id` shall end."""

    current: str
    new: str
    revoke_others: bool
    session_id: UUID | None


@dataclass(frozen=True, slots=True)
class AccountOptions:
    """Whether a new account counts as verified at once (development only)."""

    verified_at_registration: bool


class Accounts:
    """All that makes or changes an account."""

    def __init__(
        self,
        database: Database,
        hasher: PasswordHasher,
        sessions: Sessions,
        options: AccountOptions,
        announce: Announce,
    ) -> None:
        """Take what it works with; `announce` tells `users` of a committed change and never raises."""
        self._database = database
        self._hasher = hasher
        self._sessions = sessions
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
        full_name = normalize_full_name(registration.full_name)
        if not is_email(email):
            raise InvalidInputError("This is not an e-mail address that we can write to.", ("input", "email"))
        if not is_full_name(full_name):
            raise InvalidInputError("Give a name of 1 to 100 characters.", ("input", "fullName"))
        check_new_password(registration.password, email, ("input", "password"))
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
            logged_in = await self._sessions.begin(session, account, client)
        await self._announce(account)
        return logged_in

    async def change_password(self, account_id: UUID, change: PasswordChange) -> Account:
        """Replace a password by a new one.

        Raises:
            CredentialsRefusedError: the current password is wrong, or was changed meanwhile.
            PasswordRefusedError: the new one is weak or the same.
        """
        async with self._database.read() as session:
            found = await repository.find_credentials_by_id(session, account_id)
        known_hash = None if found is None else found[1] or None
        if not await self._hasher.matches(change.current, known_hash) or found is None:
            raise _wrong_password()
        account, old_hash = found
        path = ("input", "newPassword")
        check_new_password(change.new, account.email, path)
        if await self._hasher.matches(change.new, old_hash):
            raise PasswordRefusedError(["It must not be the current password."], path)
        new_hash = await self._hasher.hash(change.new)
        async with self._database.write() as session:
            if not await repository.replace_password(session, account.id, old_hash, new_hash):
                raise _wrong_password()
            if change.revoke_others:
                await self._sessions.end_all(
                    session,
                    account.id,
                    RevokeReason.PASSWORD_CHANGED,
                    but=change.session_id,
                )
        return account

    async def set_role(self, account_id: UUID, role: Role) -> Account:
        """Give an account a role; giving it the one that it has changes nothing.

        Raises:
            ObjectNotFoundError: no such account, or it is deleted.
            InvalidInputError: nobody would be left to administer.
        """
        async with self._database.write() as session:
            await _keep_an_admin(session, account_id, still_admin=role is Role.ADMIN)
            changed = await repository.set_role(session, account_id, role)
            account = changed or (await repository.find_accounts(session, [account_id])).get(account_id)
        if account is None or account.status is AccountStatus.DELETED:
            raise ObjectNotFoundError("There is no such user.", ("userId",))
        if changed is not None:
            await self._announce(changed)
        return account

    async def rename(self, account_id: UUID, full_name: str, at: datetime) -> bool:
        """Take over the name that `users` owns, for the tokens to come; news that is late changes nothing.

        Raises:
            InvalidInputError: the name cannot be used.
        """
        normalized = normalize_full_name(full_name)
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
            email = deleted_email(account_id)
            account = await repository.close_account(session, account_id, email, DELETED_NAME)
            if account is None:
                account = (await repository.find_accounts(session, [account_id])).get(account_id)
            await self._sessions.end_all(session, account_id, RevokeReason.ACCOUNT_CLOSED)
        if account is None:
            raise ObjectNotFoundError("There is no such user.", ("id",))
        return account

    async def find_many(self, session: ReadSession, ids: Iterable[UUID]) -> dict[UUID, Account]:
        """Return those of the accounts that exist, deleted ones too, by id."""
        return await repository.find_accounts(session, ids)


def check_new_password(password: str, email: str, path: tuple[str, ...]) -> None:
    """Refuse a password that breaks a rule.

    Raises:
        PasswordRefusedError: with every rule that it breaks.
    """
    if faults := find_password_faults(password, email):
        raise PasswordRefusedError(faults, path)


async def _keep_an_admin(session: WriteSession, account_id: UUID, *, still_admin: bool) -> None:
    # The lock makes two administrators who demote each other at once take turns.
    admins = await repository.lock_active_admins(session)
    if not still_admin and admins == {account_id}:
        raise InvalidInputError("This is the last administrator.", (), ErrorCode.INVALID_STATE)


def _wrong_password() -> CredentialsRefusedError:
    return CredentialsRefusedError("The current password is wrong.", ("input", "currentPassword"))
