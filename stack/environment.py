"""The environment of each process: what it needs, and no secret that it does not."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass

from stack.keys import Keys, signing_key_file
from stack.settings import PROVIDER, ROUTER, SUBGRAPHS, StackSettings

_FOR_DEVELOPERS = {
    "ROUTER_INTROSPECTION": "true",
    "ROUTER_STUDIO": "true",
    "ROUTER_EXPOSE_PLAN": "true",
    "ROUTER_SUBGRAPH_ERRORS": "true",
    "ROUTER_REDACT_VALIDATION": "false",
}
"""What router.yaml shows to developers alone, unless something else is said."""

_GATEWAY_SECRETS = ("PAYMENTS_GATEWAY_KEY", "PAYMENTS_GATEWAY_SECRET")


@dataclass(frozen=True, slots=True)
class Environments:
    """Builds environments over `base`; `database_urls` by subgraph."""

    base: Mapping[str, str]
    settings: StackSettings
    keys: Keys
    database_urls: Mapping[str, str]

    @property
    def python(self) -> str:
        """The interpreter for our own programs."""
        return sys.executable

    def of_router(self) -> dict[str, str]:
        """Where everybody is; no secret at all."""
        settings = self.settings
        secret = {f"{name.upper()}_DATABASE_URL" for name in SUBGRAPHS} | {
            "AUTH_MAIL_URL",
            "INTERNAL_SECRET",
            "JWT_SIGNING_KEY",
            *_GATEWAY_SECRETS,
        }
        return {
            **(_FOR_DEVELOPERS if settings.profile == "development" else {}),
            **{name: value for name, value in self.base.items() if name not in secret},
            **{f"{name.upper()}_PORT": str(settings.ports[name]) for name in (ROUTER, *SUBGRAPHS)},
            **{f"{name.upper()}_URL": settings.url(name) for name in SUBGRAPHS},
            "HOST": settings.host,
            "JWKS_URL": f"{settings.url('auth')}/.well-known/jwks.json",
            "MARKETPLACE_PROFILE": settings.profile,
            "PYTHONUNBUFFERED": "1",
        }

    def of_subgraph(self, name: str) -> dict[str, str]:
        """Its own database and the secret that the subgraphs share; auth alone can sign tokens."""
        own = {
            f"{name.upper()}_DATABASE_URL": self.database_urls[name],
            "INTERNAL_SECRET": self.keys.internal_secret,
        }
        if name == "auth":
            own |= self._of_auth()
        if name == "payments":
            own |= self._of_payments()
        return self.of_router() | own

    def of_provider(self) -> dict[str, str]:
        """The sandbox provider's: where it is, its book, what it shares with payments; how it behaves is in `base`."""
        keys, url = self.keys, self.settings.url(PROVIDER)
        return self.of_router() | {
            "PROVIDER_URL": url,
            "PROVIDER_PORT": str(self.settings.ports[PROVIDER]),
            "PROVIDER_KEY": keys.provider_secret("key"),
            "PROVIDER_SECRET": keys.provider_secret("secret"),
            "PROVIDER_BOOK": str(self.settings.data / "provider.sqlite"),
            "PROVIDER_WEBHOOK_URL": f"{self.settings.url('payments')}/webhooks/gateway",
        }

    def _of_payments(self) -> dict[str, str]:
        if PROVIDER not in self.settings.ports:
            return {name: self.base[name] for name in _GATEWAY_SECRETS if name in self.base}
        return {
            "PAYMENTS_GATEWAY_URL": self.settings.url(PROVIDER),
            "PAYMENTS_GATEWAY_KEY": self.keys.provider_secret("key"),
            "PAYMENTS_GATEWAY_SECRET": self.keys.provider_secret("secret"),
        }

    def _of_auth(self) -> dict[str, str]:
        # Our own key is given as a file, which auth reads again when it changes.
        own = {"JWT_SIGNING_KEY_FILE": str(signing_key_file(self.settings.data / "secrets"))}
        if self.base.get("JWT_SIGNING_KEY"):
            own = {"JWT_SIGNING_KEY": self.keys.signing_key}
        mail_url = self.base.get("AUTH_MAIL_URL", "")
        if not mail_url and self.settings.profile == "development":
            mail_url = (self.settings.data / "outbox").as_uri()
        own["AUTH_MAIL_URL"] = mail_url
        return own
