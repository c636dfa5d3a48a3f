"""Rows of payments as records, and what stands in their JSON columns."""

from dataclasses import asdict
from datetime import datetime
from typing import Any

from subgraphs.common.money import Money
from subgraphs.payments.domain import (
    BankTransfer,
    Failure,
    NextAction,
    OrderOutcome,
    Payment,
    PaymentMethod,
    PaymentStatus,
    Redirect,
    Refund,
    RefundReason,
    RefundState,
    VirtualAccount,
)

_KINDS: dict[str, type[Redirect] | type[BankTransfer] | type[VirtualAccount]] = {
    "redirect": Redirect,
    "bank_transfer": BankTransfer,
    "virtual_account": VirtualAccount,
}
_NAMES = {kind: name for name, kind in _KINDS.items()}


def read_payment(row: Any) -> Payment:
    """The payment in a row, or in anything with its columns."""
    return Payment(
        id=row.id,
        reference=row.reference,
        order_id=row.order_id,
        order_number=row.order_number,
        payer_id=row.payer_id,
        amount=Money(row.amount_minor, row.currency),
        method=PaymentMethod(row.method),
        gateway=row.gateway,
        gateway_reference=row.gateway_reference,
        status=PaymentStatus(row.status),
        next_action=_read_action(row.next_action),
        failure=None if row.failure is None else Failure(**row.failure),
        order_outcome=None if row.order_outcome is None else OrderOutcome(row.order_outcome),
        return_url=row.return_url,
        payment_token=row.payment_token,
        verified_at=row.verified_at,
        expires_at=row.expires_at,
        created_at=row.created_at,
        updated_at=row.updated_at,
        is_cancel_requested=row.cancel_requested_at is not None,
        refunding_minor=row.refunding_minor,
        refunded_minor=row.refunded_minor,
    )


def read_refund(row: Any, currency: str) -> Refund:
    """The refund in a row, in the currency of its payment."""
    return Refund(
        id=row.id,
        payment_id=row.payment_id,
        amount=Money(row.amount_minor, currency),
        reason=RefundReason(row.reason),
        status=RefundState(row.status),
        created_at=row.created_at,
        completed_at=row.completed_at,
    )


def _read_action(stored: dict[str, Any] | None) -> NextAction | None:
    if stored is None:
        return None
    fields = {key: value for key, value in stored.items() if key != "kind"}
    if "deadline" in fields:
        fields["deadline"] = datetime.fromisoformat(fields["deadline"])
    return _KINDS[stored["kind"]](**fields)


def write_action(action: NextAction | None) -> dict[str, Any] | None:
    """What is stored of a next action."""
    if action is None:
        return None
    fields = {
        key: value.isoformat() if isinstance(value, datetime) else value
        for key, value in asdict(action).items()
    }
    return {"kind": _NAMES[type(action)], **fields}


def write_failure(failure: Failure | None) -> dict[str, Any] | None:
    """What is stored of a failure."""
    return None if failure is None else asdict(failure)
