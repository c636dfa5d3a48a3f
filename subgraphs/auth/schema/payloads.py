"""What auth's mutations answer: payloads, and the errors in them."""

from typing import Annotated, Self

import strawberry

from subgraphs.auth import domain
from subgraphs.auth.schema.types import ApiKey, User
from subgraphs.auth.service import refusals
from subgraphs.auth.service.tokens import IssuedTokens
from subgraphs.common.graphql_types import NotFoundError, UserError, ValidationError, build_user_error

_TOKEN_TYPE = "Bearer"  # noqa: S105  the name of a scheme (RFC 6750)


@strawberry.type
class AuthTokens:
    """The tokens of a session; the times are in seconds from now."""

    access_token: str
    token_type: str
    expires_in: int
    refresh_token: str
    refresh_expires_in: int

    @classmethod
    def of(cls, tokens: IssuedTokens) -> Self:
        """Present the tokens of a session."""
        return cls(
            access_token=tokens.access_token,
            token_type=_TOKEN_TYPE,
            expires_in=tokens.expires_in,
            refresh_token=tokens.refresh_token,
            refresh_expires_in=tokens.refresh_expires_in,
        )


@strawberry.type
class InvalidCredentialsError(UserError):
    """The address or the password is wrong."""


@strawberry.type
class EmailTakenError(UserError):
    """The address has an account."""


@strawberry.type
class WeakPasswordError(UserError):
    """The password breaks the rules in `reasons`."""

    reasons: list[str]


@strawberry.type
class TokenError(UserError):
    """The token is unknown, used or expired."""


@strawberry.type
class AccountLockedError(UserError):
    """Too many attempts have failed."""

    retry_after_seconds: int


@strawberry.type(description="Password accepted, second factor needed.")
class MfaRequiredError(UserError):
    """The password is right, and a second factor is needed."""

    mfa_token: str
    methods: list[domain.MfaMethod]


@build_user_error.register
def _(refusal: refusals.CredentialsRefusedError) -> UserError:
    return InvalidCredentialsError.of(refusal)


@build_user_error.register
def _(refusal: refusals.AddressTakenError) -> UserError:
    return EmailTakenError.of(refusal)


@build_user_error.register
def _(refusal: refusals.PasswordRefusedError) -> UserError:
    return WeakPasswordError.of(refusal, reasons=refusal.reasons)


@build_user_error.register
def _(refusal: refusals.TokenRefusedError) -> UserError:
    return TokenError.of(refusal)


@build_user_error.register
def _(refusal: refusals.ActionTokenRefusedError) -> UserError:
    return TokenError.of(refusal)


@build_user_error.register
def _(refusal: refusals.LockedOutError) -> UserError:
    return AccountLockedError.of(refusal, retry_after_seconds=refusal.retry_after_s)


@build_user_error.register
def _(refusal: refusals.SecondFactorNeededError) -> UserError:
    return MfaRequiredError.of(refusal, mfa_token=refusal.mfa_token, methods=[*domain.MfaMethod])


RegisterError = Annotated[
    ValidationError | EmailTakenError | WeakPasswordError,
    strawberry.union("RegisterError"),
]
LoginError = Annotated[
    ValidationError | InvalidCredentialsError | AccountLockedError | MfaRequiredError,
    strawberry.union("LoginError"),
]
TokenUseError = Annotated[TokenError | ValidationError | WeakPasswordError, strawberry.union("TokenUseError")]
AccountChangeError = Annotated[
    ValidationError
    | InvalidCredentialsError
    | WeakPasswordError
    | EmailTakenError
    | NotFoundError
    | TokenError,
    strawberry.union("AccountChangeError"),
]
ApiKeyUseError = Annotated[TokenError | AccountLockedError, strawberry.union("ApiKeyUseError")]


@strawberry.type
class RegisterPayload:
    """The new account, logged in."""

    user: User | None
    tokens: AuthTokens | None
    errors: list[RegisterError]


@strawberry.type
class LoginPayload:
    """The account and the tokens of its new session."""

    user: User | None
    tokens: AuthTokens | None
    errors: list[LoginError]


@strawberry.type
class RefreshTokenPayload:
    """The next tokens of a session."""

    tokens: AuthTokens | None
    errors: list[TokenUseError]


@strawberry.type
class VerifyEmailPayload:
    """The account whose address is confirmed; the mailed token alone shows nobody its other fields."""

    user: User | None
    errors: list[TokenUseError]


@strawberry.type
class ResetPasswordPayload:
    """The account with the new password."""

    user: User | None
    errors: list[TokenUseError]


@strawberry.type(description="Always succeeds: never tells whether the address exists.")
class RequestPasswordResetPayload:
    """That the request was taken."""

    accepted: bool


@strawberry.type
class EnrollTotpPayload:
    """What its owner is shown once."""

    secret: str | None
    otpauth_uri: str | None
    recovery_codes: list[str] | None
    errors: list[AccountChangeError]


@strawberry.type
class CreateApiKeyPayload:
    """The new key and its secret."""

    api_key: ApiKey | None
    secret: str | None = strawberry.field(description="Shown once.")
    errors: list[AccountChangeError]


@strawberry.type
class ExchangeApiKeyPayload:
    """A short-lived access token with the key's scopes; the time is in seconds from now."""

    access_token: str | None
    expires_in: int | None
    scopes: list[str]
    errors: list[ApiKeyUseError]


@strawberry.type
class AccountPayload:
    """A changed account."""

    user: User | None
    errors: list[AccountChangeError]


@strawberry.type
class RevokeSessionsPayload:
    """How many sessions were ended."""

    revoked_count: int
    errors: list[AccountChangeError]
