"""Settings: all faults at once, and what is not set."""

import pytest

from subgraphs.common.database import build_async_url
from subgraphs.common.settings import PORTS, Profile, SettingsError, read_settings

GOOD = {"PRODUCTS_DATABASE_URL": "postgresql://u:p@h/d", "INTERNAL_SECRET": "s" * 32}


def test_what_is_not_set_has_a_default() -> None:
    settings = read_settings("products", GOOD)
    assert (settings.host, settings.port, settings.profile) == ("127.0.0.1", 3002, Profile.PRODUCTION)
    assert settings.jwks_url == "http://127.0.0.1:3001/.well-known/jwks.json"
    assert settings.peers == {name: f"http://127.0.0.1:{port}" for name, port in PORTS.items()}
    moved = read_settings("products", GOOD | {"AUTH_URL": "http://auth:80/"})
    assert moved.jwks_url == "http://auth:80/.well-known/jwks.json"


def test_one_message_lists_every_fault() -> None:
    wrong = {"PRODUCTS_DATABASE_URL": "mysql://x", "PRODUCTS_PORT": "99999", "MARKETPLACE_PROFILE": "test"}
    with pytest.raises(SettingsError) as error:
        read_settings("products", wrong)
    for variable in ("PRODUCTS_DATABASE_URL", "PRODUCTS_PORT", "MARKETPLACE_PROFILE", "INTERNAL_SECRET"):
        assert variable in str(error.value)


@pytest.mark.parametrize("port", ["0", "65536", "-1", "x", "", "٣", "1e3", " 1"])
def test_a_port_is_a_port(port: str) -> None:
    with pytest.raises(SettingsError, match="PRODUCTS_PORT"):
        read_settings("products", GOOD | {"PRODUCTS_PORT": port})


def test_an_operators_url_becomes_the_drivers() -> None:
    url = build_async_url("postgresql://u:p%40ss@/db?host=/run/pg&port=5433")
    assert (url.drivername, url.password, url.database) == ("postgresql+asyncpg", "p@ss", "db")
    assert dict(url.query) == {"host": "/run/pg", "port": "5433"}
    assert build_async_url("postgres://u@h:1/d").render_as_string() == "postgresql+asyncpg://u@h:1/d"
