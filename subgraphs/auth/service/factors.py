"""Second factors: TOTP (RFC 6238) and recovery codes, each code good once."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import pyotp

from subgraphs.auth.domain import Account, AccountStatus, Caller, MfaMethod
from subgraphs.auth.repository import accounts, factors
from subgraphs.auth.service.audit import ACCOUNT, Audit
from subgraphs.auth.service.confirming import PasswordCheck
from subgraphs.auth.service.refusals import FactorRefusedError
from subgraphs.auth.service.secrets import SecretBox, hash_recovery_code, new_recovery_code
from subgraphs.auth.service.throttle import Throttle, factor_key
from subgraphs.common.database import Database, ReadSession, WriteSession
from subgraphs.common.errors import ErrorCode, InvalidInputError

RECOVERY_CODES = 10
_STEP_S = 30
_DRIFT_STEPS = 1  # a clock may be half a minute wrong (RFC 6238, 5.2)
_CODE_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Enrollment:
    """What its owner is shown once."""

    secret: str
    otpauth_uri: str
    recovery_codes: tuple[str, ...]


class Factors:
    """All that sets up, checks or removes a second factor."""

    def __init__(
        self,
        database: Database,
        box: SecretBox,
        passwords: PasswordCheck,
        throttle: Throttle,
        audit: Audit,
        clock: Callable[[], datetime],
    ) -> None:
        """Take what it works with; `box` keeps the TOTP secrets."""
        self._database = database
        self._box = box
        self._passwords = passwords
        self._throttle = throttle
        self._audit = audit
        self._clock = clock

    async def enroll(self, caller: Caller, password: str) -> Enrollment:
        """Begin to set up TOTP; it is on after `confirm`. Beginning again replaces what was begun.

        Raises:
            CredentialsRefusedError: the password is wrong, or was tried too often.
            InvalidInputError: it is on already.
        """
        path = ("password",)
        account, known_hash = await self._passwords.confirm_with_hash(caller.account_id, password, path)
        secret = pyotp.random_base32()
        codes = tuple(new_recovery_code() for _ in range(RECOVERY_CODES))
        async with self._database.write() as session:
            await self._passwords.hold(session, account.id, known_hash, path)
            if not await factors.enroll_totp(session, account.id, self._box.close(secret)):
                raise _wrong_state("The second factor is on already. Switch it off first.")
            await factors.replace_recovery_codes(session, account.id, [hash_recovery_code(c) for c in codes])
            await self._audit.note(session, caller, "totp.enroll", (ACCOUNT, account.id))
        uri = pyotp.TOTP(secret).provisioning_uri(name=account.email, issuer_name="Marketplace")
        return Enrollment(secret, uri, codes)

    async def confirm(self, caller: Caller, code: str) -> Account:
        """Switch TOTP on with a first code, which proves that the owner's app has the secret.

        Raises:
            FactorRefusedError: the code is wrong.
            InvalidInputError: nothing was begun, or it is on already.
            LockedOutError: too many wrong codes.
        """
        async with self._database.read() as session:
            await _get_begun(session, caller.account_id)
        await self._throttle.charge(factor_key(caller.account_id))
        async with self._database.write() as session:
            # Locked, so that what is switched on is the secret that the code is of.
            await accounts.lock_account(session, caller.account_id)
            closed = await _get_begun(session, caller.account_id)
            await self._use_totp(session, caller.account_id, code, closed)
            await self._throttle.settle(session, factor_key(caller.account_id))
            await factors.confirm_totp(session, caller.account_id, self._clock())
            await self._audit.note(session, caller, "totp.confirm", (ACCOUNT, caller.account_id))
            return await _read(session, caller.account_id)

    async def disable(self, caller: Caller, password: str, code: str) -> Account:
        """Switch TOTP off: with the password and a code.

        Raises:
            CredentialsRefusedError: the password or the code is wrong, or was tried too often.
            InvalidInputError: it is not on.
        """
        path = ("password",)
        account, known_hash = await self._passwords.confirm_with_hash(caller.account_id, password, path)
        if not account.mfa_enabled:
            raise _wrong_state("There is no second factor.")
        method = MfaMethod.TOTP if _looks_like_totp(code) else MfaMethod.RECOVERY_CODE
        await self._throttle.charge(factor_key(account.id))
        async with self._database.write() as session:
            await self._passwords.hold(session, account.id, known_hash, path)
            await self.use(session, account.id, method, code)
            await factors.remove_totp(session, account.id)
            await self._audit.note(session, caller, "totp.disable", (ACCOUNT, account.id))
            return await _read(session, account.id)

    async def use(self, session: WriteSession, account_id: UUID, method: MfaMethod, code: str) -> None:
        """Use a code up within the caller's transaction; the attempt has been charged to `factor_key`.

        Raises:
            FactorRefusedError: the code is wrong or used, or there is no second factor.
        """
        found = await factors.find_totp(session, account_id)
        if found is None or found.totp_confirmed_at is None:
            raise FactorRefusedError
        if method is MfaMethod.TOTP:
            await self._use_totp(session, account_id, code, found.totp_secret)
        elif not await factors.use_recovery_code(
            session, account_id, hash_recovery_code(code), self._clock()
        ):
            raise FactorRefusedError
        await self._throttle.settle(session, factor_key(account_id))

    async def _use_totp(self, session: WriteSession, account_id: UUID, code: str, closed: bytes) -> None:
        totp = pyotp.TOTP(self._box.open(closed))
        plain = code.replace(" ", "") if _looks_like_totp(code) else ""
        now_step = int(self._clock().timestamp()) // _STEP_S
        for step in range(now_step - _DRIFT_STEPS, now_step + _DRIFT_STEPS + 1):
            is_right = pyotp.utils.strings_equal(totp.generate_otp(step), plain)
            if is_right and await factors.use_totp_step(session, account_id, step):
                return
        raise FactorRefusedError


def _looks_like_totp(code: str) -> bool:
    plain = code[:20].replace(" ", "")
    return len(plain) == _CODE_DIGITS and plain.isascii() and plain.isdigit()


async def _get_begun(session: ReadSession | WriteSession, account_id: UUID) -> bytes:
    """The encrypted secret that is to be confirmed."""
    found = await factors.find_totp(session, account_id)
    if found is None or found.totp_secret is None or found.totp_confirmed_at is not None:
        raise _wrong_state("There is no second factor to confirm. Begin with enrollTotp.")
    closed: bytes = found.totp_secret
    return closed


async def _read(session: WriteSession, account_id: UUID) -> Account:
    account = (await accounts.find_accounts(session, [account_id])).get(account_id)
    if account is None or account.status is not AccountStatus.ACTIVE:
        raise _wrong_state("The account is closed.")
    return account


def _wrong_state(message: str) -> InvalidInputError:
    return InvalidInputError(message, (), ErrorCode.INVALID_STATE)
