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
    ) -> None:
        """Take another message where there is only a password to be wrong."""
        super().__init__(message, ErrorCode.INVALID, path)


class TokenRefusedError(DomainError):
    """A refresh token is unknown or used, or its session has ended; which of these is not told."""

    def __init__(self) -> None:
        """Point at the token."""
        super().__init__("The session has ended. Log in again.", ErrorCode.EXPIRED, ("refreshToken",))
