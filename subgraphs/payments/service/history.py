"""Payments that were made elsewhere or before: stored with their past, by the rules that every payment has.

A past is replayed here, step by step, before a row of it is written; what the machine does not allow is refused, and so is
a payment that is not over: nobody would go on with it. Then the rows go through the tables' own triggers: each payment is
stored as pending, and moved as often as it was.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from subgraphs.common.bulk import loading
from subgraphs.common.database import Database, WriteSession
from subgraphs.common.errors import DomainError, ErrorCode
from subgraphs.common.money import Money
from subgraphs.payments.domain import (
    GIVEN_UP,
    OPEN,
    PAID,
    TRANSITIONS,
    Failure,
    OrderOutcome,
    PaymentMethod,
    PaymentStatus,
    RefundReason,
    RefundState,
)
from subgraphs.payments.repository import history as repository
from subgraphs.payments.repository.records import write_failure
from subgraphs.payments.service.ledger import Posting, build_capture, build_refund, build_sale
from subgraphs.payments.service.paying import OWED, tell_outcome
from subgraphs.payments.service.refunds import tell_refund

_Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PastRefund:
    """Money that went back."""

    id: UUID
    amount: Money
    reason: RefundReason
    requested_by: UUID | None
    created_at: datetime
    completed_at: datetime


@dataclass(frozen=True, slots=True)
class PastPayment:
    """A payment with its past: the states that the gateway told, what orders answered, what went back; oldest first."""

    id: UUID
    reference: str
    order_id: UUID
    order_number: str
    payer_id: UUID
    amount: Money
    method: PaymentMethod
    gateway: str
    gateway_reference: str
    created_at: datetime
    expires_at: datetime
    steps: tuple[tuple[datetime, PaymentStatus], ...]
    failure: Failure | None
    told: tuple[datetime, OrderOutcome] | None
    refunds: tuple[PastRefund, ...]


class ImpossiblePastError(DomainError):
    """A payment cannot have had such a past."""

    def __init__(self, reference: str, why: str) -> None:
        """Name the payment and the fault."""
        super().__init__(f"{reference} cannot have happened: {why}", ErrorCode.INVALID_STATE, ())


@dataclass(frozen=True, slots=True)
class State:
    """What the row of a payment holds at a time, and what the event says that brought it there."""

    at: datetime
    status: PaymentStatus
    message: str | None = None
    failure: Failure | None = None
    outcome: OrderOutcome | None = None
    verified_at: datetime | None = None
    is_late: bool = False
    refunded_minor: int = 0
    is_attempt: bool = False


async def import_payments(database: Database, past: Sequence[PastPayment]) -> int:
    """Store those of the payments that are not there yet, by reference, in one transaction; return how many.

    Raises:
        ImpossiblePastError: one of them could not have come about.
    """
    async with loading(database) as session:
        stored = await repository.find_references(session, [payment.reference for payment in past])
        new = [payment for payment in past if payment.reference not in stored]
        replayed = [(payment, replay_past(payment)) for payment in new]
        # An order has one running payment at a time, so its second one is stored when its first one is over.
        turns = defaultdict[int, list[tuple[PastPayment, list[State]]]](list)
        counts = defaultdict[UUID, int](int)
        for payment, states in sorted(replayed, key=lambda one: one[0].created_at):
            turns[counts[payment.order_id]].append((payment, states))
            counts[payment.order_id] += 1
        for turn in turns.values():
            await _store(session, turn)
    return len(new)


def replay_past(payment: PastPayment) -> list[State]:
    """The states of a payment, oldest first.

    Raises:
        ImpossiblePastError: it could not have come about.
    """
    states = [State(payment.created_at, PaymentStatus.PENDING)]
    for at, status in payment.steps:
        before = states[-1]
        if status not in TRANSITIONS[before.status] or status in PAID[1:]:
            raise ImpossiblePastError(payment.reference, f"{status.value} after {before.status.value}.")
        is_paid = status is PaymentStatus.SUCCEEDED
        states.append(
            State(
                at,
                status,
                failure=payment.failure if status is PaymentStatus.FAILED else None,
                verified_at=at if is_paid else None,
                is_late=is_paid and before.status in GIVEN_UP,
                is_attempt=True,
            )
        )
    last = states[-1]
    if last.status in OPEN or (last.status in PAID) != (payment.told is not None):
        raise ImpossiblePastError(payment.reference, "it is not over.")
    if payment.told is not None:
        at, outcome = payment.told
        owed = OWED if outcome is OrderOutcome.REJECTED else None
        states.append(
            replace(
                last, at=at, outcome=outcome, failure=owed, message=tell_outcome(outcome), is_attempt=False
            )
        )
    for refund in payment.refunds:
        states.append(_pay_back(payment, states[-1], refund))
    if [state.at for state in states] != sorted(state.at for state in states):
        raise ImpossiblePastError(payment.reference, "its steps are not in the order of time.")
    return states


def _pay_back(payment: PastPayment, before: State, refund: PastRefund) -> State:
    left = payment.amount.minor - before.refunded_minor
    fits = refund.amount.currency == payment.amount.currency and 0 < refund.amount.minor <= left
    if before.status not in PAID or before.outcome is None or not fits:
        raise ImpossiblePastError(payment.reference, "so much of it cannot go back.")
    is_all = refund.amount.minor == left
    return replace(
        before,
        at=refund.completed_at,
        status=PaymentStatus.REFUNDED if is_all else PaymentStatus.PARTIALLY_REFUNDED,
        refunded_minor=before.refunded_minor + refund.amount.minor,
        message=tell_refund(RefundState.SUCCEEDED),
    )


async def _store(session: WriteSession, past: Sequence[tuple[PastPayment, list[State]]]) -> None:
    await repository.insert_payments(session, [_build_payment(payment) for payment, _ in past])
    for step in range(1, max(len(states) for _, states in past)):
        moves = [_build_move(payment, states[step], step) for payment, states in past if len(states) > step]
        await repository.move_payments(session, moves)
    for table, build in (
        ("payment_events", _build_events),
        ("payment_attempts", _build_attempts),
        ("refunds", _build_refunds),
        ("ledger_entries", _build_entries),
    ):
        rows = [row for payment, states in past for row in build(payment, states)]
        await repository.insert_rest(session, table, rows)


def _build_payment(payment: PastPayment) -> _Row:
    return {
        "id": payment.id,
        "reference": payment.reference,
        "order_id": payment.order_id,
        "order_number": payment.order_number,
        "payer_id": payment.payer_id,
        "amount_minor": payment.amount.minor,
        "currency": payment.amount.currency,
        "method": payment.method,
        "gateway": payment.gateway,
        "gateway_reference": payment.gateway_reference,
        "expires_at": payment.expires_at,
        "created_at": payment.created_at,
        "updated_at": payment.created_at,
    }


def _build_move(payment: PastPayment, state: State, step: int) -> _Row:
    return {
        "id": payment.id,
        "status": state.status,
        "failure": write_failure(state.failure),
        "order_outcome": state.outcome,
        "verified_at": state.verified_at,
        "is_late": state.is_late,
        "refunding_minor": state.refunded_minor,
        "refunded_minor": state.refunded_minor,
        # Later than what was before, also where both happened at once.
        "updated_at": state.at + timedelta(microseconds=step),
    }


def _build_events(payment: PastPayment, states: Sequence[State]) -> Iterator[_Row]:
    before = None
    for state in states:
        yield {
            "payment_id": payment.id,
            "at": state.at,
            "from_status": before,
            "to_status": state.status,
            "message": state.message,
        }
        before = state.status


def _build_attempts(payment: PastPayment, states: Sequence[State]) -> Iterator[_Row]:
    for state in states:
        if state.is_attempt:
            yield {
                "payment_id": payment.id,
                "at": state.at,
                "gateway_reference": payment.gateway_reference,
                "outcome": state.status,
            }


def _build_refunds(payment: PastPayment, _states: Sequence[State]) -> Iterator[_Row]:
    for refund in payment.refunds:
        yield {
            "id": refund.id,
            "payment_id": payment.id,
            "amount_minor": refund.amount.minor,
            "reason": refund.reason,
            "requested_by": refund.requested_by,
            "status": RefundState.SUCCEEDED,
            "created_at": refund.created_at,
            "completed_at": refund.completed_at,
        }


def _build_entries(payment: PastPayment, states: Sequence[State]) -> Iterator[_Row]:
    minor, last = payment.amount.minor, states[-1]
    postings: list[tuple[datetime, Posting]] = []
    if last.verified_at is not None:
        postings.append((last.verified_at, build_capture(payment.id, minor)))
    if payment.told is not None and payment.told[1] is not OrderOutcome.REJECTED:
        postings.append((payment.told[0], build_sale(payment.id, minor)))
    postings += [
        (refund.completed_at, build_refund(refund.id, refund.amount.minor, last.outcome))
        for refund in payment.refunds
    ]
    for at, posting in postings:
        for account, amount in posting.sides.items():
            yield {
                "posting": posting.name,
                "account": account,
                "amount_minor": amount,
                "currency": payment.amount.currency,
                "payment_id": payment.id,
                "at": at,
            }
