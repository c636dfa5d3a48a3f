"""Access tokens (signed claims, short-lived) and what they are paired with."""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from subgraphs.auth.domain import Account, ApiKey, Session, scopes_of
from subgraphs.auth.service.signing import KeyRing


@dataclass(frozen=True, slots=True)
class IssuedTokens:
    """What a client gets at log-in and refresh; the times are in seconds from now."""

    access_token: str
    expires_in: int
    refresh_token: str
    refresh_expires_in: int


@dataclass(frozen=True, slots=True)
class IssuedAccess:
    """What a program gets for an API key; the time is in seconds from now."""

    access_token: str
    expires_in: int
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class TokenIssuer:
    """Signs the claims that all subgraphs and the router read."""

    keys: KeyRing
    issuer: str
    audience: str
    access_ttl_s: int

    def issue(self, account: Account, session: Session, refresh_token: str, now: datetime) -> IssuedTokens:
        """Sign an access token for a session and pair it with a refresh token.

        An access token never outlives its session. What ends before is on the list of `common.revocation`.
        """
        expires_at = min(now + timedelta(seconds=self.access_ttl_s), session.expires_at)
        claims = self._claims(account, scopes_of(account.role), now, expires_at) | {
            "sid": str(session.id),
            "auth_time": int(session.created_at.timestamp()),
        }
        if session.mfa_at is not None:
            claims["mfa_at"] = int(session.mfa_at.timestamp())
        return IssuedTokens(
            access_token=self.keys.sign(claims),
            expires_in=int((expires_at - now).total_seconds()),
            refresh_token=refresh_token,
            refresh_expires_in=int((session.expires_at - now).total_seconds()),
        )

    def issue_for_key(self, account: Account, key: ApiKey, now: datetime) -> IssuedAccess:
        """Sign an access token for an API key: no session, no second factor, no scope that the role has lost."""
        expires_at = now + timedelta(seconds=self.access_ttl_s)
        if key.expires_at is not None:
            expires_at = min(expires_at, key.expires_at)
        scopes = scopes_of(account.role) & frozenset(key.scopes)
        claims = self._claims(account, scopes, now, expires_at) | {"akid": str(key.id)}
        return IssuedAccess(
            self.keys.sign(claims), int((expires_at - now).total_seconds()), tuple(sorted(scopes))
        )

    def _claims(
        self, account: Account, scopes: frozenset[str], now: datetime, expires_at: datetime
    ) -> dict[str, object]:
        return {
            "iss": self.issuer,
            "aud": self.audience,
            "sub": str(account.id),
            "jti": secrets.token_urlsafe(16),
            "iat": int(now.timestamp()),
            "exp": int(expires_at.timestamp()),
            "ver": account.version,
            "role": account.role.value,
            "scope": " ".join(sorted(scopes)),
            "email": account.email,
            "email_verified": account.email_verified,
            "name": account.full_name,
        }
