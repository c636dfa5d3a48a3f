"""What the stack reads from the environment and from `.env`."""

from pathlib import Path

import pytest

from stack.errors import StackError
from stack.settings import SUBGRAPHS, read_environment, read_settings

_URLS = {f"{name.upper()}_DATABASE_URL": f"postgresql://{name}@db/{name}" for name in SUBGRAPHS}


def test_the_defaults_are_the_published_ports_and_no_database_of_somebody_else() -> None:
    settings = read_settings({})

    assert dict(settings.ports) == {
        "router": 3000, "auth": 3001, "products": 3002, "orders": 3003, "payments": 3004, "users": 3005,
    }  # fmt: skip
    assert settings.database_urls == {}
    assert settings.profile == "development"


def test_a_port_can_be_chosen_for_each() -> None:
    settings = read_settings({"ORDERS_PORT": "4003"})

    assert settings.ports["orders"] == 4003
    assert settings.url("orders") == "http://127.0.0.1:4003"


@pytest.mark.parametrize("text", ["0", "65536", "-1", "http", "3001.5"])
def test_what_is_no_port_is_refused_by_its_variable_name(text: str) -> None:
    with pytest.raises(StackError, match="AUTH_PORT"):
        read_settings({"AUTH_PORT": text})


def test_one_port_for_two_is_refused() -> None:
    with pytest.raises(StackError, match="auth and router"):
        read_settings({"AUTH_PORT": "3000"})


def test_five_database_urls_are_taken() -> None:
    assert read_settings(_URLS).database_urls["users"] == "postgresql://users@db/users"


def test_some_of_the_five_database_urls_are_refused_naming_the_missing() -> None:
    given = {name: url for name, url in _URLS.items() if name != "ORDERS_DATABASE_URL"}

    with pytest.raises(StackError, match="ORDERS_DATABASE_URL"):
        read_settings(given)


def test_the_environment_wins_over_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROUTER_PORT", "4000")
    file = tmp_path / ".env"
    file.write_text("# ROUTER_PORT=1\nROUTER_PORT=5000\nAUTH_PORT = '5001'  \nEMPTY=\n")

    environment = read_environment(file)

    assert environment["ROUTER_PORT"] == "4000"
    assert environment["AUTH_PORT"] == "5001"
    assert environment["EMPTY"] == ""


def test_a_quoted_value_may_span_lines(tmp_path: Path) -> None:
    file = tmp_path / ".env"
    file.write_text('JWT_SIGNING_KEY="-----BEGIN\nabc=\n-----END"\nLOG_LEVEL=info\n')

    environment = read_environment(file)

    assert environment["JWT_SIGNING_KEY"] == "-----BEGIN\nabc=\n-----END"
    assert environment["LOG_LEVEL"] == "info"


def test_the_sandbox_provider_has_a_port_only_where_it_is_ours_to_start() -> None:
    assert read_settings({"PAYMENTS_GATEWAY": "sandbox"}).ports["provider"] == 3010
    assert read_settings({"PAYMENTS_GATEWAY": "sandbox", "PROVIDER_PORT": "5000"}).ports["provider"] == 5000
    for elsewhere in ({}, {"PAYMENTS_GATEWAY": "sandbox", "PAYMENTS_GATEWAY_URL": "https://pay.example"}):
        assert "provider" not in read_settings(elsewhere).ports
