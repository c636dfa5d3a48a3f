"""Who asks: the access token of a request, verified by this service itself, and what its bearer may do.

The router has verified the token before. Each subgraph does it again, since a subgraph that trusts its network is one
mistake away from trusting everybody.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import jwt

from subgraphs.common.errors import ForbiddenError, UnauthenticatedError
from subgraphs.common.revocation import Revocations

ALGORITHM = "EdDSA"
LEEWAY_S = 30
"""How far the clock of auth may be from ours."""
TOKEN_CHARACTERS_MAX = 8_192
REFETCH_INTERVAL_S = 10.0
"""At most one look for new keys in this time, however many tokens name an unknown key."""
KEYS_AGE_S_MAX = 300.0
"""Older keys are looked up again, so that one that auth has withdrawn is not trusted for ever."""
RECENT_MFA_S = 600
CALLED_BACK = "The access token was called back: its session has ended, or its account has changed. Refresh it or sign in again."

KeySource = Callable[[], Awaitable[Mapping[str, Any]]]
"""Gives the JSON Web Key Set of auth, fresh at each call."""
_NOTHING_REVOKED = Revocations()


@dataclass(frozen=True, slots=True)
class Principal:
    """The user that a token speaks for."""

    user_id: UUID
    role: str
    scopes: frozenset[str]
    claims: Mapping[str, Any]
    revocations: Revocations = field(default=_NOTHING_REVOKED, compare=False, repr=False)

    @property
    def expires_at_s(self) -> float:
        """When the token ends, leeway and all, in Unix time."""
        return float(self.claims["exp"]) + LEEWAY_S

    def check(self) -> None:
        """Look again whether the token holds, for what outlives the request that it came with.

        Raises:
            UnauthenticatedError: it has expired, or was called back.
        """
        if time.time() >= self.expires_at_s:
            raise UnauthenticatedError("The access token has expired. Connect again with a new one.")
        if self.revocations.has(self.claims):
            raise UnauthenticatedError(CALLED_BACK)

    @property
    def has_verified_email(self) -> bool:
        """The policy `verified_email`."""
        return self.claims.get("email_verified") is True

    def has_recent_mfa(self, now_s: float) -> bool:
        """The policy `recent_mfa`: a second factor within the last ten minutes."""
        mfa_at = self.claims.get("mfa_at")
        return (
            isinstance(mfa_at, int | float)
            and not isinstance(mfa_at, bool)
            and -LEEWAY_S <= now_s - mfa_at <= RECENT_MFA_S
        )


class TokenVerifier:
    """Verifies access tokens against the keys that auth publishes, and what it has called back."""

    def __init__(
        self, keys: KeySource, issuer: str, audience: str, revocations: Revocations = _NOTHING_REVOKED
    ) -> None:
        self.revocations = revocations
        self._source = keys
        self._issuer = issuer
        self._audience = audience
        self._keys: dict[str, jwt.PyJWK] = {}
        self._fetched_at = float("-inf")
        self._lock = asyncio.Lock()

    async def verify(self, authorization: str | None) -> Principal | None:
        """The bearer of an `Authorization` header's token; None when there is no header.

        Raises:
            UnauthenticatedError: there is a token and it does not hold. The message never repeats it.
        """
        if not authorization:
            return None
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or not token or len(token) > TOKEN_CHARACTERS_MAX:
            raise UnauthenticatedError("The Authorization header must be: Bearer, a space, an access token.")
        try:
            key_id = jwt.get_unverified_header(token).get("kid")
            key = await self._find_key(key_id if isinstance(key_id, str) else "")
            if key is None:
                raise UnauthenticatedError("The access token was signed with an unknown key. Sign in again.")
            claims = jwt.decode(
                token,
                key,
                algorithms=[ALGORITHM],
                issuer=self._issuer,
                audience=self._audience,
                leeway=LEEWAY_S,
                options={"require": ["exp", "iat", "sub", "iss", "aud"]},
            )
            if self.revocations.has(claims):
                raise UnauthenticatedError(CALLED_BACK)
            return build_principal(claims, self.revocations)
        except jwt.ExpiredSignatureError:
            raise UnauthenticatedError("The access token has expired. Refresh it or sign in again.") from None
        except (jwt.PyJWTError, ValueError, TypeError):
            raise UnauthenticatedError("The access token is not valid. Sign in again.") from None

    async def _find_key(self, key_id: str) -> jwt.PyJWK | None:
        key = self._keys.get(key_id)
        if key is not None and time.monotonic() - self._fetched_at < KEYS_AGE_S_MAX:
            return key
        async with self._lock:
            age_s_min = KEYS_AGE_S_MAX if key_id in self._keys else REFETCH_INTERVAL_S
            if time.monotonic() - self._fetched_at >= age_s_min:
                key_set = await self._source()
                self._keys = {
                    item["kid"]: jwt.PyJWK.from_dict(dict(item), algorithm=ALGORITHM)
                    for item in key_set.get("keys", ())
                    if item.get("kty") == "OKP" and isinstance(item.get("kid"), str)
                }
                self._fetched_at = time.monotonic()
            return self._keys.get(key_id)


def build_principal(claims: Mapping[str, Any], revocations: Revocations = _NOTHING_REVOKED) -> Principal:
    """The principal of verified claims.

    Raises:
        ValueError: `sub` is no UUID, or `scope` no text.
    """
    scope = claims.get("scope", "")
    if not isinstance(scope, str):
        raise ValueError("scope must be text")  # noqa: TRY004 -- the caller treats every fault of a token alike
    user_id, role = UUID(str(claims["sub"])), str(claims.get("role", "USER"))
    return Principal(user_id, role, frozenset(scope.split()), claims, revocations)


def require_user(principal: Principal | None) -> Principal:
    """The caller, who must be signed in.

    Raises:
        UnauthenticatedError: the request is anonymous.
    """
    if principal is None:
        raise UnauthenticatedError
    return principal


def require_person(principal: Principal | None) -> Principal:
    """The caller, who must have logged in: an API key does not do what only a person may do with an account.

    Raises:
        UnauthenticatedError: the request is anonymous.
        ForbiddenError: the token was made for an API key.
    """
    principal = require_user(principal)
    if "akid" in principal.claims:
        raise ForbiddenError("An API key may not do this. Log in.")
    return principal


def require_scope(principal: Principal | None, scope: str) -> Principal:
    """The caller, who must hold `scope`.

    Raises:
        UnauthenticatedError: the request is anonymous.
        ForbiddenError: the scope is missing.
    """
    principal = require_user(principal)
    if scope not in principal.scopes:
        raise ForbiddenError(f"This needs the scope {scope}.")
    return principal


def require_verified_email(principal: Principal | None) -> Principal:
    """The caller, whose address must be verified (`@policy verified_email`).

    Raises:
        UnauthenticatedError: the request is anonymous.
        ForbiddenError: the address is not verified.
    """
    principal = require_user(principal)
    if not principal.has_verified_email:
        raise ForbiddenError("Verify your e-mail address first.")
    return principal


def require_recent_mfa(principal: Principal | None) -> Principal:
    """The caller, who must have shown a second factor lately (`@policy recent_mfa`).

    Raises:
        UnauthenticatedError: the request is anonymous.
        ForbiddenError: no second factor within ten minutes.
    """
    principal = require_user(principal)
    if not principal.has_recent_mfa(time.time()):
        raise ForbiddenError("Confirm your second factor first: this needs one within the last ten minutes.")
    return principal


def is_owner_or(principal: Principal | None, owner_id: UUID, scope: str) -> bool:
    """Whether the caller is the owner, or holds `scope`."""
    return principal is not None and (principal.user_id == owner_id or scope in principal.scopes)
