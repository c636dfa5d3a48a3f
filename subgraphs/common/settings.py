"""What a subgraph reads from its environment, read once and checked as a whole."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

PORTS = {"auth": 3001, "products": 3002, "orders": 3003, "payments": 3004, "users": 3005}


class Profile(StrEnum):
    """How strict the process is: development makes a first purchase work at once."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class SettingsError(Exception):
    """One or more variables are missing or unusable; the message lists them all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommonSettings:
    """The settings that every subgraph has.

    Attributes:
        database_url: `postgresql://...`, as operators write it; `database` turns it into a driver's form.
        internal_secret: the key that signs requests between services.
        peers: base URL of each subgraph by name, for internal requests.
        events_url: the NATS server that news goes over; empty for the internal HTTP.
    """

    name: str
    host: str
    port: int
    database_url: str
    jwks_url: str
    jwt_issuer: str
    jwt_audience: str
    internal_secret: str
    profile: Profile
    log_level: str
    peers: Mapping[str, str]
    events_url: str = field(default="", repr=False)


def read_settings(name: str, environ: Mapping[str, str]) -> CommonSettings:
    """Read the settings of the subgraph `name`.

    Raises:
        SettingsError: at least one variable is missing or unusable.
    """
    faults: list[str] = []
    prefix = name.upper()

    def required(variable: str, what: str) -> str:
        value = environ.get(variable, "")
        if not value:
            faults.append(f"{variable} is not set: {what}")
        return value

    database_url = required(f"{prefix}_DATABASE_URL", "the database, as postgresql://user:password@host/name")
    if database_url and not database_url.startswith(("postgresql://", "postgres://")):
        faults.append(f"{prefix}_DATABASE_URL must start with postgresql://")
    secret = required(
        "INTERNAL_SECRET", "the key that signs requests between services, 32 characters or more"
    )
    port_text = environ.get(f"{prefix}_PORT", str(PORTS[name]))
    port = int(port_text) if port_text.isascii() and port_text.isdigit() else 0
    if not 0 < port < 65536:  # noqa: PLR2004 -- the range of a TCP port
        faults.append(f"{prefix}_PORT must be a port number, not {port_text!r}")
    profile_text = environ.get("MARKETPLACE_PROFILE", Profile.PRODUCTION.value)
    if profile_text not in {profile.value for profile in Profile}:
        faults.append(f"MARKETPLACE_PROFILE must be development or production, not {profile_text!r}")
    events_url = environ.get("EVENTS_URL", "")
    if events_url and not events_url.startswith(("nats://", "tls://")):
        faults.append("EVENTS_URL must start with nats:// or tls://, or be empty")
    if faults:
        raise SettingsError(f"{name} cannot start:\n  " + "\n  ".join(faults))
    peers = {
        peer: environ.get(f"{peer.upper()}_URL", f"http://127.0.0.1:{PORTS[peer]}").rstrip("/")
        for peer in PORTS
    }
    return CommonSettings(
        name=name,
        host=environ.get("HOST", "127.0.0.1"),
        port=port,
        database_url=database_url,
        jwks_url=environ.get("JWKS_URL", f"{peers['auth']}/.well-known/jwks.json"),
        jwt_issuer=environ.get("JWT_ISSUER", "marketplace-auth"),
        jwt_audience=environ.get("JWT_AUDIENCE", "marketplace"),
        internal_secret=secret,
        profile=Profile(profile_text),
        log_level=environ.get("LOG_LEVEL", "info").lower(),
        peers=peers,
        events_url=events_url,
    )
