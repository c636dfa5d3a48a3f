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


def test_the_sandbox_needs_to_know_where_its_provider_is() -> None:
    given = {
        "PAYMENTS_GATEWAY": "sandbox",
        "PAYMENTS_GATEWAY_URL": "http://provider:1/",
        "PAYMENTS_GATEWAY_KEY": "k",
        "PAYMENTS_GATEWAY_SECRET": "s",
    }
    settings = read_payments_settings(common("development"), given)
    assert (settings.gateway_url, "k" in repr(settings.gateway_key)) == ("http://provider:1", True)
    for name in given:
        if name != "PAYMENTS_GATEWAY":
            with pytest.raises(SettingsError, match=name):
                read_payments_settings(common("development"), {**given, name: ""})
