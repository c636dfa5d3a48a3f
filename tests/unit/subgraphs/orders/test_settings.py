"""Orders' own settings."""

from datetime import timedelta

import pytest

from subgraphs.common.settings import SettingsError, read_settings
from subgraphs.orders.settings import read_orders_settings

COMMON = read_settings(
    "orders", {"ORDERS_DATABASE_URL": "postgresql://nowhere/orders", "INTERNAL_SECRET": "x" * 32}
)


@pytest.mark.parametrize(("given", "hours"), [(None, 24), ("1", 1), ("720", 720)])
def test_how_long_an_order_can_be_paid_for(given: str | None, hours: int) -> None:
    environ = {} if given is None else {"ORDERS_PAYMENT_HOURS": given}
    assert read_orders_settings(COMMON, environ).payment_window == timedelta(hours=hours)


@pytest.mark.parametrize("given", ["", "0", "721", "-1", "1.5", "many", "٣", "9" * 400])
def test_other_windows_are_refused_by_the_name_of_the_variable(given: str) -> None:
    with pytest.raises(SettingsError, match="ORDERS_PAYMENT_HOURS"):
        read_orders_settings(COMMON, {"ORDERS_PAYMENT_HOURS": given})
