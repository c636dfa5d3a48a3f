"""Any sequence of payers, customers and messages, lost, doubled and out of order: the books agree with the provider's."""

import asyncio
import time
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from stack.provider.messages import SIGNATURE_HEADER, Manners, sign
from tests.subgraph.payments.conftest import GATEWAY_SECRET, TABLES
from tests.subgraph.payments.test_durable import balances, cancel, check_books, refund
from tests.subgraph.payments.test_provider import WEBHOOK, Shop, shop_with

METHODS = ["CREDIT_CARD", "E_WALLET", "BANK_TRANSFER", "VIRTUAL_ACCOUNT"]
EXAMPLES, STEPS = 15, 20
_PLACES = st.integers(0, 50)


class Messages(RuleBasedStateMachine):
    """The world around payments. `shop` and `loop` are given by the test, one for all examples."""

    shop: Shop
    loop: asyncio.AbstractEventLoop

    begun = Bundle("begun")

    def __init__(self) -> None:
        super().__init__()
        self.shop.payments.orders.orders.clear()
        self.waiting.clear()
        self.wait(self.shop.payments.execute("TRUNCATE " + ", ".join(TABLES)))

    @property
    def waiting(self) -> list[bytes]:
        """The messages that the provider has for us."""
        return self.shop.provider.messages._waiting

    def wait(self, work: Any) -> Any:
        return self.loop.run_until_complete(work)

    @rule(target=begun, method=st.sampled_from(METHODS))
    def begin(self, method: str) -> Any:
        return self.wait(self.shop.payments.started(method))

    @rule(payment=begun, action=st.sampled_from(["approve", "decline"]))
    def decide(self, payment: Any, action: str) -> None:
        self.wait(self.shop.at_the_page(payment, action))

    @rule(payment=begun)
    def verify(self, payment: Any) -> None:
        self.wait(self.shop.payments.verify(payment["reference"]))

    @rule(payment=begun)
    def call_off(self, payment: Any) -> None:
        self.wait(cancel(self.shop.payments, payment["id"]))

    @rule(payment=begun)
    def close_the_order(self, payment: Any) -> None:
        """The order is cancelled, unless it was paid before."""
        order = self.shop.payments.orders.orders[payment["order"]["id"]]
        if order["status"] == "PENDING":
            order |= {"status": "CANCELLED", "isPayable": False}

    @rule(payment=begun, amount=st.sampled_from([None, "0.01", "5.00", "19.99"]))
    def pay_back(self, payment: Any, amount: str | None) -> None:
        self.wait(refund(self.shop.payments, payment["id"], amount))

    @rule(place=_PLACES)
    def deliver_one(self, place: int) -> None:
        if self.waiting:
            self._post(self.waiting.pop(place % len(self.waiting)))

    @rule(place=_PLACES)
    def deliver_one_that_will_come_again(self, place: int) -> None:
        if self.waiting:
            self._post(self.waiting[place % len(self.waiting)])

    @rule(place=_PLACES)
    def lose_one(self, place: int) -> None:
        if self.waiting:
            self.waiting.pop(place % len(self.waiting))

    @rule()
    def let_time_pass(self) -> None:
        self.wait(self.shop.payments.go_on())

    @invariant()
    def the_books_agree(self) -> None:
        self.wait(check_books(self.shop.payments))

    def teardown(self) -> None:
        """Whatever came or did not: asked often enough, payments knows what the provider knows."""
        for _ in range(3):
            self.wait(self.shop.payments.execute("UPDATE payments SET next_try_at = now()"))
            self.wait(self.shop.payments.go_on())
        held = 0
        for payment_id, status, refunded in self.wait(
            self.shop.payments.rows("SELECT id::text, status, refunded_minor FROM payments")
        ):
            charge = self.shop.provider.book.find(payment_id)
            assert charge is not None
            if charge["status"] == "SUCCEEDED":
                assert status in {"SUCCEEDED", "PARTIALLY_REFUNDED", "REFUNDED"}
                held += charge["minor"] - refunded
            else:
                assert status == charge["status"]
        assert self.wait(balances(self.shop.payments)).get("GATEWAY", 0) == held
        self._check_orders()

    def _check_orders(self) -> None:
        """The order of money that is kept is paid; what did not pay one has gone back."""
        for order_id, kept in self.wait(
            self.shop.payments.rows(
                """SELECT order_id::text, sum(amount_minor - refunded_minor)::bigint FROM payments
                WHERE verified_at IS NOT NULL GROUP BY 1"""
            )
        ):
            assert kept == 0 or self.shop.payments.orders.orders[order_id]["status"] == "PAID"

    def _post(self, body: bytes) -> None:
        headers = {SIGNATURE_HEADER: sign(GATEWAY_SECRET, body, int(time.time()))}
        response = self.wait(self.shop.payments.http.post(WEBHOOK, content=body, headers=headers))
        assert response.status_code == 200


def test_whatever_happens_and_however_it_is_told_the_books_agree(payments_url: str) -> None:
    with asyncio.Runner() as runner:

        async def enter() -> Any:
            shop = shop_with(payments_url, Manners())
            return shop, await shop.__aenter__()

        opened, shop = runner.run(enter())
        try:
            Messages.shop, Messages.loop = shop, runner.get_loop()
            run_state_machine_as_test(
                Messages,
                settings=settings(
                    max_examples=EXAMPLES,
                    stateful_step_count=STEPS,
                    deadline=None,
                    database=None,
                    derandomize=True,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(opened.__aexit__(None, None, None))
