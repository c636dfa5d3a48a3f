"""Payments' own settings, beside those that all subgraphs have."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from subgraphs.common.settings import CommonSettings, Profile, SettingsError

DEVELOPMENT_GATEWAY = "development"
SANDBOX_GATEWAY = "sandbox"


@dataclass(frozen=True, slots=True)
class PaymentsSettings:
    """How payments runs.

    Attributes:
        gateway: which gateway takes the money: `development`, in this process, or `sandbox`, a provider over HTTP.
        gateway_url: where the provider is.
        gateway_key: our key there.
        gateway_secret: what it signs its messages with; without one no messages are taken.
    """

    common: CommonSettings
    gateway: str
    gateway_url: str = ""
    gateway_key: str = field(default="", repr=False)
    gateway_secret: str = field(default="", repr=False)


def read_payments_settings(
    common: CommonSettings, environ: Mapping[str, str] = os.environ
) -> PaymentsSettings:
    """Read payments' own settings beside `common`.

    Raises:
        SettingsError: a variable is unusable.
    """
    gateway = environ.get(
        "PAYMENTS_GATEWAY", DEVELOPMENT_GATEWAY if common.profile is Profile.DEVELOPMENT else ""
    )
    if gateway not in {DEVELOPMENT_GATEWAY, SANDBOX_GATEWAY}:
        raise SettingsError(
            f"PAYMENTS_GATEWAY must be {DEVELOPMENT_GATEWAY!r} or {SANDBOX_GATEWAY!r}; neither takes real money, so "
            "outside of the development profile it has to be asked for by name"
        )
    names = ("PAYMENTS_GATEWAY_URL", "PAYMENTS_GATEWAY_KEY", "PAYMENTS_GATEWAY_SECRET")
    url, key, secret = (environ.get(name, "") for name in names)
    if gateway == SANDBOX_GATEWAY and not (url.startswith(("http://", "https://")) and key and secret):
        raise SettingsError(f"PAYMENTS_GATEWAY={SANDBOX_GATEWAY} needs {', '.join(names)}")
    return PaymentsSettings(common, gateway, url.rstrip("/"), key, secret)
