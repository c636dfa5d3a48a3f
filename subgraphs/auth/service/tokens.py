"""Access tokens (signed claims, short-lived) and refresh tokens (random, stored as a hash, used once)."""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from subgraphs.auth.domain import Account, Session, scopes_of
from subgraphs.auth.service.signing import KeyRing

_REFRESH_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class IssuedTokens:
    """What a client gets at log-in and refresh; the times are in seconds from now."""

    access_token: str
    expires_in: int
    refresh_token: str
    refresh_expires_in: int


@dataclass(frozen=True, slots=True)
class TokenIssuer:
    """Signs the claims that all subgraphs and the router read."""

    keys: KeyRing
    issuer: str
    audience: str
    access_ttl_s: int

    def issue(self, account: Account, session: Session, refresh_token: str, now: datetime) -> IssuedTokens:
        """Sign an access token for a session and pair it with a refresh token.

        An access token never outlives its session. It cannot be called back: after a log-out it stays good
        until it expires, which is why it lives for minutes.
        """
        expires_at = min(now + timedelta(seconds=self.access_ttl_s), session.expires_at)
        claims: dict[str, object] = {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": str(account.id),
            "sid": str(session.id),
            "jti": secrets.token_urlsafe(16),
            "iat": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
            "auth_time": int(session.created_at.timestamp()),
            "role": account.role.value,
            "scope": " ".join(sorted(scopes_of(account.role))),
            "email": account.email,
            "email_verified": account.email_verified,
            "name": account.full_name,
        }
        if session.mfa_at is not None:
            claims["mfa_at"] = int(session.mfa_at.timestamp())
        return IssuedTokens(
            access_token=self.keys.sign(claims),
            expires_in=int((expires_at - now).total_seconds()),
            refresh_token=refresh_token,
            refresh_expires_in=int((session.expires_at - now).total_seconds()),
        )


def new_refresh_token() -> str:
    """Return a fresh refresh token: 256 random bits, so its hash needs no salt and no slowness."""
    return secrets.token_urlsafe(_REFRESH_TOKEN_BYTES)


def hash_refresh_token(token: str) -> bytes:
    """Return the form in which a refresh token is stored and found; any text has one."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()
