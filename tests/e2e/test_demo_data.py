"""The demo story as a client sees it through the router, and as `verify` finds it in a marketplace that has been used."""

import subprocess
import sys
from pathlib import Path

from tests.e2e.test_journey import order_two_products, pay, register
from tests.support.marketplace import Marketplace, launcher_environment

_MINE = """{ me { fullName } myOrders(first: 100) { totalCount nodes { number status customer { fullName }
  lines { productName product { name } } payments { status method } licenses { status } } } }"""
_REVIEWED = """query($id: ID!) { product(id: $id) { unitsSold rating { count average }
  reviews(first: 5) { nodes { rating author { displayName } } } } }"""
_POPULAR = "{ orders(first: 100) { nodes { lines { product { id rating { count } } } } } }"


def test_the_demo_customer_has_bought_before(marketplace: Marketplace) -> None:
    token = marketplace.log_in("demo@marketplace.test", "demo-password-1")
    found = marketplace.ask(_MINE, token=token)
    orders = [node for node in found["myOrders"]["nodes"] if "-DEMO-" in node["number"]]
    assert len(orders) >= 10
    assert {"COMPLETED"} <= {node["status"] for node in orders}
    for node in orders:
        assert node["customer"] == {"fullName": found["me"]["fullName"]}
        assert all(line["product"]["name"] == line["productName"] for line in node["lines"])
        if node["status"] == "COMPLETED":
            assert [one["status"] for one in node["licenses"]] == ["ACTIVE"] * len(node["lines"])
            assert node["payments"][-1]["status"] in {"SUCCEEDED", "PARTIALLY_REFUNDED"}


def test_somebody_of_the_story_reviewed_what_was_sold(marketplace: Marketplace) -> None:
    admin = marketplace.log_in("admin@marketplace.test", "admin-password-1")
    nodes = marketplace.ask(_POPULAR, token=admin)["orders"]["nodes"]
    products = [line["product"] for node in nodes for line in node["lines"]]
    reviewed = max(products, key=lambda product: product["rating"]["count"])
    product = marketplace.ask(_REVIEWED, {"id": reviewed["id"]})["product"]
    assert product["unitsSold"] >= product["rating"]["count"] > 0
    assert 1 <= product["rating"]["average"] <= 5
    assert all(review["author"]["displayName"] for review in product["reviews"]["nodes"])


def test_everything_holds_in_a_marketplace_that_is_used(marketplace: Marketplace) -> None:
    customer = register(marketplace, "Vera Verifier")
    pay(marketplace, customer, order_two_products(marketplace, customer), "E_WALLET")
    done = subprocess.run(
        [sys.executable, "-m", "stack", "verify"],
        env=launcher_environment(marketplace.data, marketplace.ports),
        cwd=Path(__file__).resolve().parents[2],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.endswith("Everything holds.\n")
