"""The command line of a subgraph, where what it needs is not there."""

import sys
from pathlib import Path

import pytest

from subgraphs.common.command import Subgraph, run
from subgraphs.orders.app import create_app, seed_demo
from subgraphs.orders.schema import schema
from tests.support.ports import free_ports


@pytest.mark.parametrize("command", ["migrate", "seed"])
def test_a_database_that_is_not_there_is_said_in_one_line(
    command: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (port,) = free_ports(1)
    monkeypatch.setattr(sys, "argv", ["orders", command])
    monkeypatch.setenv("ORDERS_DATABASE_URL", f"postgresql://who:what@127.0.0.1:{port}/orders")
    monkeypatch.setenv("INTERNAL_SECRET", "a secret of the tests, long enough")
    monkeypatch.setenv("MARKETPLACE_PROFILE", "development")
    migrations = Path("subgraphs/orders/migrations")
    assert run(Subgraph("orders", migrations, schema, create_app, seed_demo)) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("orders: the database of ORDERS_DATABASE_URL cannot be used: ")
    assert "who:what" not in line
