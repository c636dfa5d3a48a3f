"""The marketplace with its payment provider: pages for payers, messages that find their way, kill -9 in between."""

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.test_journey import order_two_products, pay, register
from tests.support.marketplace import Marketplace, choose_ports, running_marketplace
from tests.support.ports import free_ports

_ENOUGH_S = 60
_STATE = "query($id: ID!) { order(id: $id) { status licenses { key status } payments { status } library: customer { library { totalCount } } } }"
_CANCEL = "mutation($id: ID!) { cancelOrder(id: $id) { errors { __typename } } }"


@pytest.fixture
def ports(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Ports for a marketplace that runs the sandbox provider."""
    monkeypatch.setenv("PAYMENTS_GATEWAY", "sandbox")
    # Messages are as bad as they get: one in three is lost, the others come twice and newest first.
    monkeypatch.setenv("PROVIDER_LOSE_EVERY", "3")
    monkeypatch.setenv("PROVIDER_DOUBLE_EVERY", "1")
    monkeypatch.setenv("PROVIDER_REVERSED", "1")
    taken = choose_ports()
    (provider,) = [port for port in free_ports(len(taken) + 1) if port not in taken.values()][:1]
    return {**taken, "provider": provider}


def wait_for(marketplace: Marketplace, token: str, order: Any, is_so: Callable[[Any], bool]) -> Any:
    """The order as soon as it is so; nobody asks for anything but to see it."""
    deadline = time.monotonic() + _ENOUGH_S
    while True:
        found = marketplace.ask(_STATE, {"id": order["id"]}, token=token)["order"]
        if is_so(found) or time.monotonic() > deadline:
            return found
        time.sleep(0.2)


def test_killed_between_paying_and_hearing_of_it(open_path: Path, ports: dict[str, int]) -> None:
    with running_marketplace(open_path / "data", ports) as marketplace:
        customer = register(marketplace, "Ada Payer")
        bought, dropped = (order_two_products(marketplace, customer) for _ in range(2))
        urls = [
            pay(marketplace, customer, order, "E_WALLET")["nextAction"]["url"] for order in (bought, dropped)
        ]
        assert marketplace.client.get(urls[0]).status_code == 200
        assert (
            marketplace.ask(_CANCEL, {"id": dropped["id"]}, token=customer.token)["cancelOrder"]["errors"]
            == []
        )
        assert marketplace.client.post(f"{urls[0]}/approve").json()["status"] in {"PROCESSING", "SUCCEEDED"}
        os.kill(marketplace.launcher.pid, signal.SIGKILL)
        marketplace.launcher.wait(_ENOUGH_S)

    with running_marketplace(open_path / "data", ports) as marketplace:
        paid = wait_for(
            marketplace, customer.token, bought, lambda order: bool(order["status"] == "COMPLETED")
        )
        assert (paid["status"], [p["status"] for p in paid["payments"]]) == ("COMPLETED", ["SUCCEEDED"])
        assert [found["status"] for found in paid["licenses"]] == ["ACTIVE"] * 2
        assert paid["library"]["library"]["totalCount"] == 2

        def is_over(order: Any) -> bool:
            return bool(order["payments"][0]["status"] == "CANCELLED")

        gone = wait_for(marketplace, customer.token, dropped, is_over)
        assert (gone["status"], gone["payments"], gone["licenses"]) == (
            "CANCELLED",
            [{"status": "CANCELLED"}],
            [],
        )
