"""The noes of auth: expected, returned as data in a payload's `errors`."""

from subgraphs.common.errors import DomainError, ErrorCode


class AddressTakenError(DomainError):
    """Another account has the e-mail address."""

    def __init__(self) -> None:
        """Point at the address."""
        super().__init__(
            "This e-mail address has an account already.", ErrorCode.NOT_UNIQUE, ("input", "email")
        )


class PasswordRefusedError(DomainError):
    """The new password breaks rules; `reasons` has a sentence for each."""

    def __init__(self, reasons: list[str], path: tuple[str, ...]) -> None:
        """Take the reasons and the place of the password in the input."""
        super().__init__(f"Choose another password. {' '.join(reasons)}", ErrorCode.INVALID, path)
        self.reasons = reasons


class CredentialsRefusedError(DomainError):
    """What was given does not prove who somebody is; which part of it is wrong is not told."""

    def __init__(
        self,
        message: str = "The e-mail address or the password is wrong.",
        path: tuple[str, ...] = (),
        code: ErrorCode = ErrorCode.INVALID,
    ) -> None:
        """Take another message where there is only a password to be wrong."""
        super().__init__(message, code, path)


class TokenRefusedError(DomainError):
    """A refresh token is unknown or used, or its session has ended; which of these is not told."""

    def __init__(self) -> None:
        """Point at the token."""
        super().__init__("The session has ended. Log in again.", ErrorCode.EXPIRED, ("refreshToken",))


class LockedOutError(DomainError):
    """Too many attempts have failed; `retry_after_s` is how long to wait."""

    def __init__(self, retry_after_s: int) -> None:
        """Take the seconds to wait."""
        super().__init__(f"Too many attempts. Try again in {retry_after_s} s.", ErrorCode.LOCKED)
        self.retry_after_s = retry_after_s


class SecondFactorNeededError(DomainError):
    """The password is right, and a second factor is needed; `mfa_token` carries the log-in on."""

    def __init__(self, mfa_token: str) -> None:
        """Take the token of the log-in that has begun."""
        super().__init__("Give your second factor.", ErrorCode.REQUIRED)
        self.mfa_token = mfa_token


class FactorRefusedError(CredentialsRefusedError):
    """The code is wrong, or was used before."""

    def __init__(self) -> None:
        """Point at the code."""
        super().__init__("The code is wrong or was used before.", ("code",))


class ActionTokenRefusedError(DomainError):
    """A single-use token is unknown, used or too old; which of these is not told."""

    def __init__(self, path: str = "token") -> None:
        """Point at the token."""
        super().__init__(
            "This link or token is no longer good. Ask for a new one.", ErrorCode.EXPIRED, (path,)
        )
