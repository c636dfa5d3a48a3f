"""The gateway of the development profile keeps the promises of the port."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from subgraphs.common.money import Money
from subgraphs.payments.domain import (
    TRANSITIONS,
    BankTransfer,
    Payment,
    PaymentMethod,
    PaymentStatus,
    Redirect,
    VirtualAccount,
)
from subgraphs.payments.service.gateway import DECLINED_TOKEN, DevelopmentGateway

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
ACTIONS: dict[PaymentMethod, type | None] = {
    PaymentMethod.CREDIT_CARD: None,
    PaymentMethod.BANK_TRANSFER: BankTransfer,
    PaymentMethod.E_WALLET: Redirect,
    PaymentMethod.VIRTUAL_ACCOUNT: VirtualAccount,
}


def build_payment(
    method: PaymentMethod, token: str | None = None, return_url: str | None = None, number: int = 7
) -> Payment:
    return Payment(
        id=UUID(int=number),
        reference=f"PAY-{number}",
        order_id=UUID(int=2),
        order_number="PAM-2026-000001",
        payer_id=UUID(int=3),
        amount=Money(100, "USD"),
        method=method,
        gateway="development",
        gateway_reference=None,
        status=PaymentStatus.PENDING,
        next_action=None,
        failure=None,
        order_outcome=None,
        return_url=return_url,
        payment_token=token,
        verified_at=None,
        expires_at=NOON,
        created_at=NOON,
        updated_at=NOON,
    )


@pytest.mark.parametrize("method", [*PaymentMethod])
async def test_each_method_begins_with_its_own_action_and_succeeds_when_looked_up(
    method: PaymentMethod,
) -> None:
    gateway, payment = DevelopmentGateway(), build_payment(method)
    begun = await gateway.create(payment)
    action = ACTIONS[method]
    assert begun.status in TRANSITIONS[PaymentStatus.PENDING]
    assert begun.next_action is None if action is None else isinstance(begun.next_action, action)
    assert await gateway.create(payment) == begun
    ended = await gateway.look_up(payment)
    assert ended.status is PaymentStatus.SUCCEEDED
    assert ended.gateway_reference == begun.gateway_reference


async def test_two_payments_never_share_an_account_or_a_reference() -> None:
    gateway = DevelopmentGateway()
    method = PaymentMethod.VIRTUAL_ACCOUNT
    charges = [await gateway.create(build_payment(method, number=n)) for n in (1, 2)]
    assert charges[0].gateway_reference != charges[1].gateway_reference
    assert charges[0].next_action != charges[1].next_action


async def test_the_transfer_note_is_what_the_bank_statement_is_searched_for() -> None:
    payment = build_payment(PaymentMethod.BANK_TRANSFER)
    charge = await DevelopmentGateway().create(payment)
    assert isinstance(charge.next_action, BankTransfer)
    assert (charge.next_action.transfer_note, charge.next_action.deadline) == (payment.reference, NOON)


async def test_a_wallet_comes_back_to_the_shop() -> None:
    payment = build_payment(PaymentMethod.E_WALLET, return_url="https://shop.example/back")
    charge = await DevelopmentGateway().create(payment)
    assert charge.next_action == Redirect("https://shop.example/back")


async def test_the_declined_token_is_declined() -> None:
    payment = build_payment(PaymentMethod.CREDIT_CARD, DECLINED_TOKEN)
    charge = await DevelopmentGateway().create(payment)
    assert charge.status is PaymentStatus.FAILED
    assert charge.failure is not None
    assert charge.failure.is_retryable
