"""Whose token is this? Finding JSON Web Tokens in requests, and what may be wrong with them; `signatures` checks them.

    AuthenticationError     the token says nothing that can be trusted

Spec: RFC 7519 (JWT). Messages, codes and statuses are Apollo Router's, the 500 for a foreign issuer among them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from router.errors import ErrorCode, RefusedError, ResponseError
from router.kit.json import JsonValue
from router.policy.options import JwksSource, JwtOptions, TokenSource

if TYPE_CHECKING:
    from jwt import PyJWK

BAD_REQUEST, UNAUTHORIZED, INTERNAL = 400, 401, 500

ALGORITHMS_BY_KEY_TYPE: Mapping[str, frozenset[str]] = {
    "oct": frozenset({"HS256", "HS384", "HS512"}),
    "RSA": frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}),
    "EC": frozenset({"ES256", "ES384"}),
    "OKP": frozenset({"EdDSA"}),
}

Headers = Sequence[tuple[str, str]]


class TokenFault(StrEnum):
    """What is wrong with a token, in Apollo Router's words for `apollo::authentication::jwt_status`."""

    INVALID_PREFIX = "INVALID_PREFIX"
    MISSING_JWT = "MISSING_JWT"
    INVALID_HEADER = "INVALID_HEADER"
    CANNOT_DECODE_JWT = "CANNOT_DECODE_JWT"
    CANNOT_FIND_KID = "CANNOT_FIND_KID"
    CANNOT_FIND_SUITABLE_KEY = "CANNOT_FIND_SUITABLE_KEY"
    INVALID_ISSUER = "INVALID_ISSUER"
    INVALID_AUDIENCE = "INVALID_AUDIENCE"


class AuthenticationError(RefusedError):
    """The token says nothing that can be trusted.

    Attributes:
        kind: Apollo Router's code for the context; clients see AUTH_ERROR.
        reason: why it could not be decoded, as `EXPIRED_SIGNATURE`.
        source: where it stood, if it was in the way of reading it there.
    """

    def __init__(
        self, message: str, kind: TokenFault, status: int = UNAUTHORIZED, *, reason: str | None = None
    ) -> None:
        super().__init__([ResponseError(message, extensions={"code": ErrorCode.AUTH_ERROR})], status=status)
        self.kind = kind
        self.reason = reason
        self.source: TokenSource | None = None

    @property
    def is_key_unknown(self) -> bool:
        """Whether newer keys could make the token a good one."""
        return self.kind is TokenFault.CANNOT_FIND_KID


@dataclass(frozen=True, slots=True)
class VerificationKey:
    """A public (or shared) key, with the algorithms that it may be used with."""

    key: "PyJWK"
    kid: str | None
    algorithms: frozenset[str]
    source: JwksSource


def find_token(headers: Headers, options: JwtOptions) -> tuple[str, TokenSource] | None:
    """The token that the request carries and where it stands, None if it carries none; the first source decides.

    Raises:
        AuthenticationError: there is something where a token should be, but it is none.
    """
    for source in options.sources:
        try:
            token = (
                _find_cookie(headers, source) if source.is_cookie else _find_header(headers, source, options)
            )
        except AuthenticationError as error:
            error.source = source
            raise
        if token is not None:
            return token, source
    return None


def read_scopes(claims: Mapping[str, JsonValue] | None, claim: str = "scope") -> frozenset[str]:
    """The scopes that claims grant: a string with spaces or a list."""
    scope = (claims or {}).get(claim)
    if isinstance(scope, str):
        return frozenset(scope.split())
    return (
        frozenset(item for item in scope if isinstance(item, str)) if isinstance(scope, list) else frozenset()
    )


def _find_header(headers: Headers, source: TokenSource, options: JwtOptions) -> str | None:
    wanted = source.name.lower()
    values = [value for name, value in headers if name == wanted]
    if not values:
        return None
    if len(values) > 1:
        msg = f"The '{source.name}' header must not be repeated"
        raise AuthenticationError(msg, TokenFault.INVALID_HEADER, BAD_REQUEST)
    prefix = f"{source.value_prefix} " if source.value_prefix else ""
    value = values[0].strip()
    if f"{value} "[: len(prefix)].lower() != prefix.lower():
        if options.ignore_other_prefixes:
            return None
        msg = f"Value of '{source.name}' JWT header should be prefixed with '{source.value_prefix}'"
        raise AuthenticationError(msg, TokenFault.INVALID_PREFIX, BAD_REQUEST)
    token = value[len(prefix) :].strip()
    if not token:
        msg = f"Value of '{source.name}' JWT header has only '{source.value_prefix}' prefix but no JWT token"
        raise AuthenticationError(msg, TokenFault.MISSING_JWT, BAD_REQUEST)
    return token


def _find_cookie(headers: Headers, source: TokenSource) -> str | None:
    found = {
        token.strip('"')
        for name, value in headers
        if name == "cookie"
        for key, _, token in (pair.strip().partition("=") for pair in value.split(";"))
        if key == source.name and token
    }
    if len(found) > 1:
        # Another site of the same domain can add a cookie, and its order says nothing.
        msg = f"The '{source.name}' cookie must not be repeated"
        raise AuthenticationError(msg, TokenFault.INVALID_HEADER, BAD_REQUEST)
    return next(iter(found), None)
