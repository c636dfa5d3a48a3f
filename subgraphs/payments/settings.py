"""Payments' own settings, beside those that all subgraphs have."""

import os
from collections.abc import Mapping
from dataclasses import dataclass

from subgraphs.common.settings import CommonSettings, Profile, SettingsError

DEVELOPMENT_GATEWAY = "development"


@dataclass(frozen=True, slots=True)
class PaymentsSettings:
    """How payments runs.

    Attributes:
        gateway: which gateway takes the money.
    """

    common: CommonSettings
    gateway: str


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
    if gateway != DEVELOPMENT_GATEWAY:
        raise SettingsError(
            f"PAYMENTS_GATEWAY must be {DEVELOPMENT_GATEWAY!r}, the only gateway there is; it takes no real money, so "
            "outside of the development profile it has to be asked for by name"
        )
    return PaymentsSettings(common, gateway)
