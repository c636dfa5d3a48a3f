"""What an account's owner does by a mailed token: confirm an address, choose a new password."""

from collections.abc import Callable
from datetime import datetime

from subgraphs.auth.domain import (
    Account,
    AccountStatus,
    Caller,
    Client,
    MailKind,
    Purpose,
    RevokeReason,
    is_email,
    normalize_email,
)
from subgraphs.auth.repository import accounts as repository
from subgraphs.auth.repository import api_keys, factors, protection
from subgraphs.auth.service.accounts import drop_requests
from subgraphs.auth.service.audit import ACCOUNT, Audit
from subgraphs.auth.service.confirming import PasswordCheck
from subgraphs.auth.service.outbox import Outbox
from subgraphs.auth.service.passwords import PasswordHasher
from subgraphs.auth.service.refusals import ActionTokenRefusedError, LockedOutError
from subgraphs.auth.service.secrets import hash_token
from subgraphs.auth.service.sessions import Sessions
from subgraphs.auth.service.throttle import Throttle, address_keys, email_key, mail_key
from subgraphs.auth.service.wire import Announce
from subgraphs.common.database import Database, WriteSession
from subgraphs.common.errors import ErrorCode, InvalidInputError


class Recovery:
    """All that goes by mail."""

    def __init__(  # noqa: PLR0913  the parts that a mailed token touches
        self,
        database: Database,
        *,
        hasher: PasswordHasher,
        sessions: Sessions,
        passwords: PasswordCheck,
        outbox: Outbox,
        throttle: Throttle,
        audit: Audit,
        announce: Announce,
        clock: Callable[[], datetime],
    ) -> None:
        """Take what it works with."""
        self._database = database
        self._hasher = hasher
        self._sessions = sessions
        self._passwords = passwords
        self._outbox = outbox
        self._throttle = throttle
        self._audit = audit
        self._announce = announce
        self._clock = clock

    async def request_reset(self, email: str, client: Client) -> None:
        """Ask for a mail with a token for a new password.

        The work is the same whatever the address is: whether it has an account is looked up when the mail goes out.
        Too many requests are dropped in silence.
        """
        normalized = normalize_email(email)
        if not is_email(normalized):
            return
        try:
            await self._throttle.charge(*address_keys(client.ip), mail_key(normalized))
        except LockedOutError:
            return
        async with self._database.write() as session:
            await self._outbox.add(session, MailKind.RESET_PASSWORD, normalized)

    async def reset_password(self, token: str, password: str, client: Client) -> Account:
        """Choose a new password with a mailed token; every session ends, and the address counts as verified.

        So does what was begun with the old password, and of an account whose address nobody had verified all that opens it.

        Raises:
            ActionTokenRefusedError: the token is no good.
            PasswordRefusedError: the password is weak; the token stays good.
        """
        now, token_hash = self._clock(), hash_token(token)
        async with self._database.read() as session:
            found = await protection.find_action_token(session, token_hash, [Purpose.RESET_PASSWORD], now)
        if found is None:
            raise ActionTokenRefusedError
        await self._hasher.check_new(password, found.email, ("newPassword",))
        new_hash = await self._hasher.hash(password)
        async with self._database.write() as session:
            # The account before its tokens, as whoever makes them useless locks them.
            before = await repository.lock_account(session, found.account_id)
            if not await protection.use_action_token(session, token_hash, now):
                raise ActionTokenRefusedError
            account = await repository.reset_password(session, found.account_id, found.email, new_hash)
            if before is None or account is None:
                raise ActionTokenRefusedError
            await drop_requests(session, account.id)
            if not before.email_verified:
                # Whoever registered has never shown that the address is theirs: nothing of theirs opens it from now on.
                await factors.remove_totp(session, account.id)
                await api_keys.delete_api_keys(session, account.id)
            await self._sessions.end_all(session, account.id, RevokeReason.PASSWORD_CHANGED)
            await self._throttle.settle(session, email_key(account.email))
            await self._outbox.add(session, MailKind.PASSWORD_CHANGED, account.email, account.id)
            await self._audit.note(session, client, "password.reset", (ACCOUNT, account.id))
        await self._announce(account)
        return account

    async def resend_verification(self, caller: Caller) -> Account:
        """Ask for another mail to confirm the account's address; nothing is sent if it is confirmed.

        Raises:
            InvalidInputError: it was asked for too often.
        """
        await self._charge_mail(str(caller.account_id))
        async with self._database.write() as session:
            account = await self._find_active(session, caller)
            if not account.email_verified:
                await self._outbox.add(session, MailKind.VERIFY_EMAIL, account.email, account.id)
        return account

    async def request_email_change(self, caller: Caller, email: str, password: str) -> Account:
        """Ask for a mail to a new address, which the account has once its token has come back.

        Whether the address has another account is not told, and only found when the token comes back.

        Raises:
            CredentialsRefusedError: the password is wrong, or was tried too often.
            InvalidInputError: the address cannot be used, or mails were asked for too often.
        """
        normalized = normalize_email(email)
        if not is_email(normalized):
            raise InvalidInputError("This is not an e-mail address that we can write to.", ("newEmail",))
        path = ("password",)
        account, known_hash = await self._passwords.confirm_with_hash(caller.account_id, password, path)
        # Nobody's letter box is filled from many accounts, either.
        await self._charge_mail(str(account.id), normalized)
        async with self._database.write() as session:
            await self._passwords.hold(session, account.id, known_hash, path)
            await self._outbox.add(session, MailKind.CHANGE_EMAIL, normalized, account.id)
            await self._audit.note(session, caller, "email.change.request", (ACCOUNT, account.id))
        return account

    async def verify_email(self, token: str, client: Client) -> Account:
        """Confirm the address that a token was mailed to, the account's own or its new one.

        Raises:
            ActionTokenRefusedError: the token is no good, or the address has got another account meanwhile.
        """
        now, token_hash = self._clock(), hash_token(token)
        purposes = [Purpose.VERIFY_EMAIL, Purpose.CHANGE_EMAIL]
        async with self._database.write() as session:
            found = await protection.find_action_token(session, token_hash, purposes, now)
            if found is None:
                raise ActionTokenRefusedError
            before = await repository.lock_account(session, found.account_id)
            if not await protection.use_action_token(session, token_hash, now):
                raise ActionTokenRefusedError
            if found.purpose == Purpose.CHANGE_EMAIL:
                account = await repository.change_email(session, found.account_id, found.email)
                if before is not None and account is not None:
                    await self._outbox.add(session, MailKind.EMAIL_CHANGED, before.email, account.id)
                # What was mailed to the old address must not open the account any more.
                await protection.drop_action_tokens(
                    session, found.account_id, [Purpose.RESET_PASSWORD, Purpose.VERIFY_EMAIL]
                )
            else:
                account = await repository.verify_email(session, found.account_id, found.email)
            if account is None:
                raise ActionTokenRefusedError
            await self._audit.note(session, client, "email.verify", (ACCOUNT, account.id))
        await self._announce(account)
        return account

    async def _charge_mail(self, *names: str) -> None:
        try:
            await self._throttle.charge(*map(mail_key, names))
        except LockedOutError as error:
            raise InvalidInputError(error.message, (), ErrorCode.LOCKED) from error

    async def _find_active(self, session: WriteSession, caller: Caller) -> Account:
        found = await repository.lock_account(session, caller.account_id)
        if found is None or found.status is not AccountStatus.ACTIVE:
            raise InvalidInputError("The account is closed.", (), ErrorCode.INVALID_STATE)
        return found
