"""Auth's own settings, beside those that all subgraphs have."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from subgraphs.common.settings import CommonSettings, Profile, SettingsError

_ACCESS_TTL_S = (
    600  # the design's window of a recent second factor: a token never outlives the right it carries
)
_SESSION_TTL_S = 30 * 24 * 3600
_BCRYPT_COST = 12  # OWASP's floor is 10; 12 is about a quarter of a second here

_DEVELOPMENT_OUTBOX = Path(".data/outbox")


@dataclass(frozen=True, slots=True)
class AuthSettings:
    """How auth runs.

    Attributes:
        signing_key_pem: one or more Ed25519 private keys in PEM, if given in the environment itself.
        signing_key_file: where they are otherwise; in the development profile the file is made if missing.
        access_ttl_s: life of an access token.
        session_ttl_s: life of a session and so of its refresh tokens.
        bcrypt_cost: log2 of the rounds.
        mail_url: `smtp://`, `smtps://` or, for development, `file:///a/folder`.
        mail_from: the address that mails come from.
        link_base: the web address under which the links of mails are, without a slash at its end.
        trusted_proxies: addresses whose X-Forwarded-For is believed; `*` is everybody, since only the router
            reaches a subgraph.
    """

    common: CommonSettings
    signing_key_pem: str
    signing_key_file: str
    access_ttl_s: int
    session_ttl_s: int
    bcrypt_cost: int
    mail_url: str
    mail_from: str
    link_base: str
    trusted_proxies: frozenset[str]

    @property
    def is_development(self) -> bool:
        """Tell whether a first purchase, and the demo admin, must work at once."""
        return self.common.profile is Profile.DEVELOPMENT


def read_auth_settings(common: CommonSettings, environ: Mapping[str, str]) -> AuthSettings:
    """Read auth's own settings and put the common ones beside them.

    Raises:
        SettingsError: at least one variable is missing or unusable; the message lists all of them.
    """
    faults: list[str] = []
    pem, file = environ.get("JWT_SIGNING_KEY", ""), environ.get("JWT_SIGNING_KEY_FILE", "")
    if not pem and not file:
        faults.append("JWT_SIGNING_KEY_FILE is not set: the PEM file with the Ed25519 key that signs tokens")
    read = _number_reader(environ, faults)
    settings = AuthSettings(
        common=common,
        signing_key_pem=pem,
        signing_key_file=file,
        access_ttl_s=read("AUTH_ACCESS_TOKEN_TTL_S", _ACCESS_TTL_S, range(30, 3601)),
        session_ttl_s=read("AUTH_SESSION_TTL_S", _SESSION_TTL_S, range(60, 366 * 24 * 3600)),
        bcrypt_cost=read("AUTH_BCRYPT_COST", _BCRYPT_COST, range(4, 18)),
        mail_url=_read_mail_url(common, environ, faults),
        mail_from=environ.get("AUTH_MAIL_FROM") or "no-reply@marketplace.invalid",
        link_base=(environ.get("AUTH_LINK_BASE") or "http://localhost:3000").rstrip("/"),
        trusted_proxies=frozenset(environ.get("AUTH_TRUSTED_PROXIES", "*").replace(",", " ").split()),
    )
    if faults:
        raise SettingsError("auth cannot start:\n  " + "\n  ".join(faults))
    return settings


def _read_mail_url(common: CommonSettings, environ: Mapping[str, str], faults: list[str]) -> str:
    url = environ.get("AUTH_MAIL_URL", "")
    is_development = common.profile is Profile.DEVELOPMENT
    if not url and is_development:
        return _DEVELOPMENT_OUTBOX.resolve().as_uri()
    schemes = ("smtp://", "smtps://", "file:///") if is_development else ("smtp://", "smtps://")
    if not url.startswith(schemes):
        faults.append(f"AUTH_MAIL_URL must be the way out for mail, one of {', '.join(schemes)}")
    return url


def _number_reader(environ: Mapping[str, str], faults: list[str]) -> Callable[[str, int, range], int]:
    def read(variable: str, default: int, allowed: range) -> int:
        given = environ.get(variable, str(default))
        value = int(given) if given.isascii() and given.isdigit() and len(given) < len(str(2**63)) else -1
        if value not in allowed:
            faults.append(
                f"{variable} must be a number from {allowed[0]} to {allowed[-1]}, not {given[:40]!r}"
            )
        return value

    return read
