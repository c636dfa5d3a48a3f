"""Orders' own settings, beside those that all subgraphs have."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from subgraphs.common.settings import CommonSettings, SettingsError

PAYMENT_HOURS = 24
PAYMENT_HOURS_MAX = 24 * 30


@dataclass(frozen=True, slots=True)
class OrdersSettings:
    """How orders runs.

    Attributes:
        payment_window: how long a new order can be paid for.
        public_url: the web address of this service for the links of downloads, without a slash at its end.
    """

    common: CommonSettings
    payment_window: timedelta
    public_url: str


def read_orders_settings(common: CommonSettings, environ: Mapping[str, str] = os.environ) -> OrdersSettings:
    """Read orders' own settings beside `common`.

    Raises:
        SettingsError: a variable is unusable.
    """
    text = environ.get("ORDERS_PAYMENT_HOURS", str(PAYMENT_HOURS))
    hours = int(text) if text.isascii() and text.isdigit() and len(text) <= len(str(PAYMENT_HOURS_MAX)) else 0
    if not 1 <= hours <= PAYMENT_HOURS_MAX:
        raise SettingsError(
            f"ORDERS_PAYMENT_HOURS must be a number from 1 to {PAYMENT_HOURS_MAX}, not {text[:40]!r}"
        )
    public_url = environ.get("ORDERS_PUBLIC_URL") or f"http://localhost:{common.port}"
    return OrdersSettings(common, timedelta(hours=hours), public_url.rstrip("/"))
