"""Our supergraph in Apollo's gateway in place of our router: the same data for the same operations."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from router import compose
from router.config.supergraph_yaml import read_supergraph_config
from tests.support.apollo_gateway import FOLDER, running_gateway, subgraph_urls
from tests.support.deadline import eventually
from tests.support.marketplace import Marketplace
from tests.support.npm import install_npm

ROOT = Path(__file__).parents[2]

HISTORY = """
{
  myOrders(first: 5) {
    totalCount
    pageInfo { hasNextPage }
    nodes {
      number status total { amount currency } due: amountDue { amount }
      customer { id email fullName displayName orders(first: 2) { nodes { number } } }
      lines { quantity productName product { name slug category { name } unitsSold } }
      payments { reference status order { number status } payer { displayName email } attempts { outcome } }
      events { type from to }
    }
  }
}
"""
PUBLIC = (
    "{ products(first: 7, sort: [{field: PRICE, direction: DESC}]) { nodes { name price { amount } unitsSold } } }",
    (
        '{ product(slug: "slack") { __typename t: __typename id name unitsSold category { name products(first: 2) '
        "{ nodes { slug unitsSold } } } } }"
    ),
    (
        '{ a: product(slug: "slack") { ...F } b: product(slug: "nope") { ...F } categories { name productCount } } '
        "fragment F on Product { name ... on Node { id } unitsSold }"
    ),
    "{ __typename viewer { scopes } products(first: 0) { totalCount nodes { id } } }",
)
ADMIN = (
    "{ orders(first: 3) { nodes { number customer { email role } payments { status attempts { outcome } } } } }",
    (
        "{ users(first: 4, sort: [{field: EMAIL}]) { nodes { email role fullName orders { totalCount } "
        "payments { totalCount nodes { reference order { number total { amount } } } } } } }"
    ),
    "{ payments(first: 3) { nodes { reference order { number customer { displayName } lines { productName } } } } }",
)


@pytest.fixture(scope="session")
def gateway(marketplace: Marketplace, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    reason = install_npm(FOLDER)
    if reason is not None:
        pytest.skip(f"Apollo's gateway is the oracle of these tests, and {reason}")
    subgraphs = read_supergraph_config(
        ROOT / "supergraph.yaml", environment=subgraph_urls(marketplace)
    ).subgraphs
    composition = compose(subgraphs)
    assert composition.supergraph_sdl is not None
    path = tmp_path_factory.mktemp("gateway") / "supergraph.graphql"
    with running_gateway(composition.supergraph_sdl, path) as url:
        yield url


def answers(marketplace: Marketplace, url: str, document: str, token: str | None) -> Any:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return marketplace.client.post(url, json={"query": document}, headers=headers).json()


def assert_same(marketplace: Marketplace, gateway: str, document: str, token: str | None) -> None:
    theirs = answers(marketplace, gateway, document, token)
    ours = answers(marketplace, marketplace.url(), document, token)
    assert "errors" not in theirs, theirs["errors"]
    assert ours == theirs


@pytest.mark.parametrize("document", PUBLIC)
def test_anybody_gets_the_same(marketplace: Marketplace, gateway: str, document: str) -> None:
    assert_same(marketplace, gateway, document, None)


def test_a_customer_gets_the_same_history_of_orders(marketplace: Marketplace, gateway: str) -> None:
    token = marketplace.log_in("demo@marketplace.test", "demo-password-1")
    reference = buy_something(marketplace, token)
    document = 'mutation { verifyPayment(reference: "%s") { payment { status order { number } } } }'
    assert_same(marketplace, gateway, document % reference, token)
    # A paid order goes on by itself, which must not happen between two answers.
    newest = "{ myOrders(first: 1) { nodes { status } } }"
    eventually(lambda: marketplace.ask(newest, token=token)["myOrders"]["nodes"] == [{"status": "COMPLETED"}])
    history = HISTORY.replace(" attempts { outcome }", "")
    assert_same(marketplace, gateway, history, token)


@pytest.mark.parametrize("document", [*ADMIN, HISTORY])
def test_an_administrator_gets_the_same(marketplace: Marketplace, gateway: str, document: str) -> None:
    buy_something(marketplace, marketplace.log_in("other@marketplace.test", "other-password-1"))
    token = marketplace.log_in("admin@marketplace.test", "admin-password-1")
    assert_same(marketplace, gateway, document, token)


def buy_something(marketplace: Marketplace, token: str) -> str:
    """Order and begin to pay, through our router; gives the payment's reference."""
    product = marketplace.ask('{ product(slug: "slack") { id } }')["product"]["id"]
    order = marketplace.ask(
        "mutation($key: ID!, $id: ID!) { createOrder(idempotencyKey: $key, input: {items: [{productId: $id}]}) "
        "{ order { id } } }",
        {"key": uuid4().hex, "id": product},
        token=token,
    )["createOrder"]["order"]["id"]
    payment = marketplace.ask(
        "mutation($key: ID!, $id: ID!) { initiatePayment(idempotencyKey: $key, "
        "input: {orderId: $id, method: CREDIT_CARD}) { payment { reference } } }",
        {"key": uuid4().hex, "id": order},
        token=token,
    )["initiatePayment"]["payment"]
    return str(payment["reference"])
