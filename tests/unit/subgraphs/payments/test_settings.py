"""Payments' own settings."""

import pytest

from subgraphs.common.settings import CommonSettings, SettingsError, read_settings
from subgraphs.payments.settings import read_payments_settings


def common(profile: str) -> CommonSettings:
    return read_settings(
        "payments",
        {
            "PAYMENTS_DATABASE_URL": "postgresql://nowhere/payments",
            "INTERNAL_SECRET": "x" * 32,
            "MARKETPLACE_PROFILE": profile,
        },
    )


def test_development_takes_no_real_money_by_itself() -> None:
    assert read_payments_settings(common("development"), {}).gateway == "development"


def test_elsewhere_nobody_gets_the_development_gateway_without_asking_for_it() -> None:
    with pytest.raises(SettingsError, match="PAYMENTS_GATEWAY"):
        read_payments_settings(common("production"), {})
    asked = read_payments_settings(common("production"), {"PAYMENTS_GATEWAY": "development"})
    assert asked.gateway == "development"


def test_an_unknown_gateway_is_refused() -> None:
    with pytest.raises(SettingsError, match="PAYMENTS_GATEWAY"):
        read_payments_settings(common("development"), {"PAYMENTS_GATEWAY": "stripe"})
