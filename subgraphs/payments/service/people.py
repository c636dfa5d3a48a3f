"""What payments knows of one person, told and forgotten. Amounts, dates and the ledger stay: they are the books."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from subgraphs.common.database import Database
from subgraphs.common.internal import JsonObject
from subgraphs.common.personal_data import EXPORT_ROWS_MAX, write_money
from subgraphs.payments.domain import Payment, Refund
from subgraphs.payments.repository import people, refunds


@dataclass(frozen=True, slots=True)
class People:
    """What one database knows of people."""

    database: Database

    async def erase(self, user_id: UUID) -> None:
        """Forget a payer, whose id names nobody once auth and users have forgotten too."""
        async with self.database.write() as session:
            # First, so that who still holds a token begins nothing while this goes on.
            await people.ERASED.note(session, user_id)
            await people.scrub_payments(session, user_id)
            await people.drop_notes(session, user_id)
            await people.drop_keys(session, user_id)

    async def export(self, user_id: UUID) -> JsonObject:
        """A payer's payments and refunds, for the payer."""
        async with self.database.read() as session:
            made = await people.list_newest(session, user_id, EXPORT_ROWS_MAX)
            ids = [payment.id for payment in made]
            of_payments = await refunds.list_refunds(session, ids)
            notes = await people.list_notes(session, ids)
        back: dict[UUID, list[Refund]] = {payment.id: [] for payment in made}
        for refund in of_payments:
            back[refund.payment_id].append(refund)
        return {"payments": [_write(payment, back[payment.id], notes) for payment in made]}


def _write(payment: Payment, back: list[Refund], notes: dict[UUID, str]) -> dict[str, Any]:
    return {
        "reference": payment.reference,
        "orderNumber": payment.order_number,
        "amount": write_money(payment.amount),
        "method": payment.method,
        "status": payment.status,
        "createdAt": payment.created_at.isoformat(),
        "refunds": [
            {
                "amount": write_money(refund.amount),
                "reason": refund.reason,
                "note": notes.get(refund.id),
                "status": refund.status,
                "createdAt": refund.created_at.isoformat(),
            }
            for refund in back
        ],
    }
