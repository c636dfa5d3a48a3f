"""Asking somebody who is logged in for the password again."""

from uuid import UUID

from subgraphs.auth.domain import Account, AccountStatus
from subgraphs.auth.repository import accounts as repository
from subgraphs.auth.service.passwords import PasswordHasher
from subgraphs.auth.service.refusals import CredentialsRefusedError, LockedOutError
from subgraphs.auth.service.throttle import Throttle, confirm_key
from subgraphs.common.database import Database, WriteSession
from subgraphs.common.errors import ErrorCode


class PasswordCheck:
    """Checks the current password of an account, counted with the log-ins of its address."""

    def __init__(self, database: Database, hasher: PasswordHasher, throttle: Throttle) -> None:
        """Take what it works with."""
        self._database = database
        self._hasher = hasher
        self._throttle = throttle

    async def confirm(self, account_id: UUID, password: str) -> Account:
        """Return the account if the password is its own.

        Raises:
            CredentialsRefusedError: it is wrong, or was tried too often (code LOCKED).
        """
        return (await self.confirm_with_hash(account_id, password, ("password",)))[0]

    async def confirm_with_hash(
        self, account_id: UUID, password: str, path: tuple[str, ...]
    ) -> tuple[Account, str]:
        """Return the account and the hash that was checked, as `confirm` does; `path` names the input."""
        async with self._database.read() as session:
            found = await repository.find_credentials_by_id(session, account_id)
        if found is None or found[0].status is not AccountStatus.ACTIVE:
            raise wrong_password(path)
        account, known_hash = found
        key = confirm_key(account.id)
        try:
            await self._throttle.charge(key)
        except LockedOutError as error:
            raise CredentialsRefusedError(error.message, path, ErrorCode.LOCKED) from error
        if not await self._hasher.matches(password, known_hash):
            raise wrong_password(path)
        async with self._database.write() as session:
            await self._throttle.settle(session, key)
        return account, known_hash

    async def hold(
        self, session: WriteSession, account_id: UUID, known_hash: str, path: tuple[str, ...]
    ) -> None:
        """Keep the password that was confirmed from being changed until the transaction ends.

        Raises:
            CredentialsRefusedError: it was changed meanwhile, or the account was closed.
        """
        found = await repository.lock_credentials(session, account_id)
        if found is None or found[1] != known_hash:
            raise wrong_password(path)


def wrong_password(path: tuple[str, ...]) -> CredentialsRefusedError:
    """Return the refusal of a current password."""
    return CredentialsRefusedError("The current password is wrong.", path)
